"""Tests of the package mnistinfer, with the library that $MNISTINFER_LIBRARY names or the one that was installed with it.

Run in this folder: MNISTINFER_LIBRARY=…/libmnistinfer.so python3 -m unittest test_mnistinfer
"""
import os
import pathlib
import pickle
import struct
import unittest
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from library import skip

try:
    import mnistinfer
except OSError:
    mnistinfer = None
DIGITS = pathlib.Path(os.environ.get("DIGITS") or pathlib.Path(__file__).resolve().parents[1] / "digits")


def pixels(path):
    """The grey levels of a PNG as draw.py writes them: 8 bits, one channel, no filters."""
    data = path.read_bytes()
    width, height = struct.unpack_from(">II", data, 16)
    start = data.index(b"IDAT")
    size = struct.unpack_from(">I", data, start - 4)[0]
    rows = np.frombuffer(zlib.decompress(data[start + 4:start + 4 + size]), np.uint8).reshape(height, width + 1)
    return rows[:, 1:]


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if mnistinfer is None:
            skip("no test of the package mnistinfer: MNISTINFER_LIBRARY does not name the library")
        cls.model = mnistinfer.Model()
        cls.session = cls.model.session(threads=1)

    def test_a_picture_in_each_form(self):
        for digit in range(10):
            path = DIGITS / f"{digit}.png"
            expected = mnistinfer.classify(path)
            self.assertEqual((expected.label, expected.class_index), (str(digit), digit))
            self.assertGreater(expected.probability, .5)
            grey = pixels(path)
            colours = np.repeat(grey[..., None], 3, axis=2)
            opaque = np.concatenate([colours, np.full_like(colours[..., :1], 255)], axis=2)
            forms = {"text": str(path), "bytes": path.read_bytes(), "grey": grey, "RGB": colours, "RGBA": opaque,
                     "a channel": grey[..., None], "every second column": np.repeat(grey, 2, axis=1)[:, ::2],
                     "PIL": Image.open(path), "a palette of PIL": Image.open(path).convert("P")}
            for name, picture in forms.items():
                self.assertEqual(self.session.classify(picture), expected, name)
                image = self.model.prepare(picture)
                self.assertEqual(image.shape, (28, 28, 1))
                self.assertEqual(self.session.predict(image[None]).max(), np.float32(expected.probability), name)

    def test_ranks(self):
        ranks = self.session.classify(DIGITS / "3.png", top=20)
        self.assertEqual(sorted(one.class_index for one in ranks), list(range(10)))
        self.assertEqual(ranks, sorted(ranks, key=lambda one: -one.probability))
        self.assertAlmostEqual(sum(one.probability for one in ranks), 1, places=5)
        self.assertEqual(self.session.classify(DIGITS / "3.png", top=2), ranks[:2])

        for top in (0, -1):
            with self.assertRaisesRegex(ValueError, f"top={top}: from 1"):
                self.session.classify(DIGITS / "3.png", top=top)

    def test_nothing_to_see(self):
        blank = np.full((60, 60), 255, np.uint8)
        for name, call in (("classify", self.session.classify), ("prepare", self.model.prepare)):
            with self.assertRaises(mnistinfer.NothingToSee, msg=name) as caught:
                call(blank)
            copy = pickle.loads(pickle.dumps(caught.exception))
            self.assertEqual((type(copy), copy.status), (mnistinfer.NothingToSee, 21))

    def test_closing(self):
        with mnistinfer.Model() as model:
            session = model.session(threads=2)
            self.assertEqual(repr(model), "<mnistinfer.Model: 28×28×1, 10 classes>")
        self.assertEqual(session.classify(DIGITS / "7.png").label, "7", "a session outlives its model")
        with session:
            self.assertEqual(repr(session), "<mnistinfer.Session: 28×28×1, 10 classes>")
        for closed, uses in (
                (model, (lambda: model.labels, lambda: model.input_shape, lambda: model.property("recipe"), model.session,
                         lambda: model.prepare(DIGITS / "7.png"), model.__enter__)),
                (session, (session.verify, lambda: session.classify(DIGITS / "7.png"), session.__enter__,
                           lambda: session.predict(np.zeros((1, 28, 28), np.uint8))))):
            closed.close()
            self.assertEqual(repr(closed), f"<mnistinfer.{type(closed).__name__}: closed>")
            for use in uses:
                self.assertRaisesRegex(ValueError, f"this {type(closed).__name__} is closed", use)

    def test_closing_while_others_classify(self):
        session = self.model.session(threads=1)

        def classify(_):
            try:
                return session.classify(DIGITS / "7.png").label
            except ValueError:
                return "closed"

        with ThreadPoolExecutor(4) as pool:
            answers = pool.map(classify, range(1000))
            first = next(answers)
            session.close()
            self.assertLessEqual({first, *answers}, {"7", "closed"})

    def test_batches(self):
        images = np.random.default_rng(1).integers(0, 256, (50, 28, 28), np.uint8)
        together = self.session.predict(images)
        self.assertEqual((together.shape, together.dtype), ((50, 10), np.float32))
        for number in (0, 7, 49):
            np.testing.assert_array_equal(self.session.predict(images[number:number + 1, ..., None])[0], together[number])
        np.testing.assert_array_equal(self.model.session(threads=2).predict(images), together)
        self.assertEqual(self.session.predict(images[:0]).shape, (0, 10))

    def test_threads_share_a_session(self):
        paths = [DIGITS / f"{number % 10}.png" for number in range(100)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(self.session.classify, paths))
        self.assertEqual([one.label for one in answers], [path.stem for path in paths])

    def test_model(self):
        self.assertEqual(self.model.labels, list("0123456789"))
        self.assertEqual(self.model.input_shape, (28, 28, 1))
        self.assertIsNone(self.model.property("no such key"))
        self.assertIsNotNone(self.model.property("recipe"))
        verification = self.session.verify()
        self.assertGreater(verification.pictures, 0)
        self.assertLessEqual(verification.largest_difference, verification.tolerance)
        # A session keeps what it needs of a model that is gone.
        self.assertEqual(mnistinfer.Model().session().classify(DIGITS / "7.png").label, "7")

    def test_limits(self):
        png = (DIGITS / "7.png").read_bytes()
        size = struct.unpack_from(">II", png, 16)
        count = size[0] * size[1]
        self.assertEqual(mnistinfer.Model(largest_picture=count).session().classify(png).label, "7")
        for status, call in (
                (20, lambda: mnistinfer.Model(largest_picture=count - 1).session().classify(png)),
                (2, lambda: mnistinfer.Model(largest_file=100)), (2, lambda: mnistinfer.Model(b"x\0" * 51, largest_file=100)),
                (10, lambda: mnistinfer.Model(b"x" * 100, largest_file=100)), (10, lambda: mnistinfer.Model(b"")),
                (2, lambda: mnistinfer.Model(largest_memory=1000).session())):
            with self.assertRaises(mnistinfer.Error) as caught:
                call()
            copy = pickle.loads(pickle.dumps(caught.exception))
            self.assertEqual((copy.status, str(copy)), (status, str(caught.exception)))

    def test_errors(self):
        for status, call in (
                (3, lambda: mnistinfer.Model("no such file.dnn")), (10, lambda: mnistinfer.Model(b"text")),
                (10, lambda: mnistinfer.Model(DIGITS / "7.png")), (3, lambda: mnistinfer.classify("no such file.png")),
                (20, lambda: mnistinfer.classify(b"")), (20, lambda: self.model.prepare(np.zeros((0, 5), np.uint8))),
                (21, lambda: mnistinfer.classify(np.full((60, 60), 255, np.uint8)))):
            with self.assertRaises(mnistinfer.Error) as caught:
                call()
            self.assertEqual(caught.exception.status, status)
            self.assertTrue(str(caught.exception))
        for kind, message, call in (
                (TypeError, "float32, not uint8: give pixels from 0 to 255",
                 lambda: self.session.predict(np.zeros((1, 28, 28), np.float32))),
                (TypeError, "float64, not uint8", lambda: mnistinfer.classify(np.zeros((9, 9)))),
                (TypeError, "", lambda: self.model.session(threads=1.5)),
                (ValueError, r"of shape \(28, 28\)", lambda: self.session.predict(np.zeros((28, 28), np.uint8))),
                (ValueError, r"of shape \(9, 9, 2\)", lambda: mnistinfer.classify(np.zeros((9, 9, 2), np.uint8))),
                (ValueError, "mode I;16", lambda: mnistinfer.classify(Image.fromarray(np.zeros((9, 9), np.uint16)))),
                (ValueError, "zero byte", lambda: mnistinfer.classify("a\0b.png")),
                (ValueError, "zero byte", lambda: mnistinfer.Model("a\0b.dnn")),
                (ValueError, "threads=-1: from 0 to 256", lambda: self.model.session(threads=-1)),
                (ValueError, "threads=257: from 0 to 256", lambda: self.model.session(threads=257)),
                (ValueError, "largest_file=-1: from 0", lambda: mnistinfer.Model(largest_file=-1)),
                (ValueError, "largest_memory=-1: from 0", lambda: mnistinfer.Model(largest_memory=-1)),
                (ValueError, "largest_picture=-1: from 0", lambda: mnistinfer.Model(largest_picture=-1))):
            self.assertRaisesRegex(kind, message, call)


if __name__ == "__main__":
    unittest.main()
