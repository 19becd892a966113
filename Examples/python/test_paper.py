"""MNIST's digits as people scan, frame and cut them are read by the model inside of the library.

Run: MNISTINFER_LIBRARY=… python3 -m unittest. MNIST: in $DNN_DATA/mnist, or beside the package.
"""
import functools
import gzip
import os
import pathlib
import unittest

import numpy as np

from library import LIBRARY, skip

ROOT = pathlib.Path(__file__).resolve().parents[2]
MNIST = pathlib.Path(os.environ.get("DNN_DATA", ROOT.parent / "shared/data")) / "mnist"
NOTHING_TO_SEE = 21
PAPER, COUNT = 255, 30


@functools.cache
def mnist_digits(count):
    """The first of MNIST's test images, dark on paper, and their labels."""
    def values(name, start):
        return np.frombuffer(gzip.decompress((MNIST / f"t10k-{name}-ubyte.gz").read_bytes()), np.uint8, offset=start)
    images, labels = values("images-idx3", 16).reshape(-1, 28, 28), values("labels-idx1", 8)
    return list(zip(255 - images[:count].astype(int), map(str, labels[:count])))


def magnified(image, factor=5):
    """Each pixel between the four of the original around it."""
    places = (np.arange(factor * 28) + .5) / factor - .5
    weights = np.stack([np.interp(places, range(28), row) for row in np.eye(28)], axis=1)
    return (weights @ image @ weights.T).round().astype(int)


def padded(image, margin, value=PAPER):
    return np.pad(image, margin, constant_values=value)


def on_page(image, height, width):
    page = np.full((height, width), PAPER)
    page[200:200 + len(image), 300:300 + len(image)] = image
    return page


def distances(image):
    """From the middle."""
    y, x = (np.arange(size) + .5 - size / 2 for size in image.shape)
    return np.hypot(y[:, None], x)


def framed(image, pen):
    return padded(padded(image, 30), pen, 0)


def circled(image, pen):
    image = padded(image, 60)
    return np.where(abs(distances(image) - 118) <= pen / 2, 0, image)


def rounded(image, radius):
    """With transparent corners."""
    y, x = (np.maximum(0, radius - np.minimum(np.arange(size), size - 1 - np.arange(size))) for size in image.shape)
    alpha = np.where(np.hypot(y[:, None], x) > radius, 0, 255)
    return np.dstack([np.minimum(image, alpha)] * 3 + [alpha])


def on_nothing(image, ink):
    return np.dstack([np.full_like(image, ink)] * 3 + [255 - image])


class Paper(unittest.TestCase):
    def setUp(self):
        if LIBRARY is None:
            skip("reading digits on paper: MNISTINFER_LIBRARY is not set")
        import mnistinfer
        self.error, self.session = mnistinfer.Error, mnistinfer.Model().session(threads=1)

    def answer(self, picture):
        try:
            return self.session.classify(np.ascontiguousarray(picture, np.uint8)).label
        except self.error as error:
            self.assertEqual(error.status, NOTHING_TO_SEE)
            return None

    def expect_read(self, changes, share=.96):
        if not MNIST.is_dir():
            skip(f"reading digits on paper: {MNIST} is not there")
        for name, change in changes.items():
            with self.subTest(name):
                wrong = [number for number, (image, label) in enumerate(mnist_digits(COUNT))
                         if self.answer(change(image)) != label]
                self.assertLessEqual(len(wrong), (1 - share) * COUNT, wrong)

    def test_large_pages(self):
        self.expect_read({"1 cm on A4 at 150 dpi": lambda image: on_page(magnified(image, 3), 1754, 1240)})
        # Ten pixels high on the canvas, half of what they are on the page.
        self.expect_read({"28 pixels of 1000": lambda image: on_page(image, 1000, 1000)}, share=.8)

    def test_frames(self):
        for pen in (2, 12):
            self.expect_read({f"at the edge, {pen}": lambda image: framed(magnified(image), pen),
                              f"paper around it, {pen}": lambda image: padded(framed(magnified(image), pen), 10),
                              f"circle, {pen}": lambda image: circled(magnified(image), pen)})

    def test_clear_corners(self):
        for radius in (25, 90):
            self.expect_read({f"radius {radius}": lambda image: rounded(padded(magnified(image), 20), radius),
                              f"light, radius {radius}": lambda image: rounded(255 - padded(magnified(image), 20), radius)})

    def test_holes_in_paper(self):
        self.expect_read({"holes": lambda image: np.where(magnified(image)[..., None] < 128, 0, [255] * 4)})

    def test_ink_on_nothing(self):
        for ink in (0, 150, 255):
            self.expect_read({f"ink {ink}": lambda image: on_nothing(magnified(image), ink)})


if __name__ == "__main__":
    unittest.main()
