"""Compares files and probabilities with the C library. Run in this folder:

    MNISTINFER_LIBRARY=…/libmnistinfer.so python3 -m unittest test_library

Skipped without the variable. The images of MNIST are looked for in $DNN_DATA/mnist, or ../shared/data/mnist from the
root of the repository. MNISTINFER_MODEL may name a .dnn file to compare instead of a network made here; integer models
are compared by test_integer_library.
"""
import os
import pathlib
import time
import unittest

import numpy as np

import dnnfile
import library
import test_limits
from convert import Builder, int8_weights
from dnnfile import encode
from evaluate import logits, probabilities, read_idx, read_test_images
from layers import apply_layer, normalise
from library import LIBRARY, skip
from testing import altered, full_model, probability_error, random_model, repaired, verdict
from testing_integer import random_integer_model

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("DNN_DATA") or REPOSITORY.parent / "shared" / "data") / "mnist"


class Comparison(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not LIBRARY:
            skip("no comparison with the library: MNISTINFER_LIBRARY does not name it")

    def test_small_models(self):
        for seed in range(200):
            model = random_model(seed)
            pictures = np.random.default_rng(seed).integers(0, 256, (5, *model.input), np.uint8)
            found, _ = library.run(encode(model), pictures)
            error = np.abs(found - probabilities(model, pictures, np.float64)).max(axis=1)
            self.assertTrue((error <= probability_error(model, pictures)).all(), (seed, error))

    def test_labels(self):
        self.assertEqual(library.mnistinfer.Model(encode(full_model())).labels, ["zero", "", "dreißig"])

    def test_verdicts_at_limits(self):
        for expected, what, data in test_limits.cases():
            with self.subTest(what):
                status, message = library.verdict(data)
                self.assertEqual(status, expected, message)

    def test_messages_are_utf8(self):
        data = encode(full_model())
        for text in (b"LAYR", b"CONV"):
            # A message that is not raises UnicodeDecodeError.
            status, _ = library.verdict(repaired(data.replace(text, b"\xff\x80\n\0")))
            self.assertNotEqual(status, 0)

    def test_verdicts_on_altered_files(self):
        """Both readers take the same files. What is wrong first may be told differently where several things are."""
        same = different = 0
        for model in (full_model(), *map(random_model, range(2, 8)), random_integer_model(20)):
            data = encode(model)
            for bad in [*altered(data, 2000, seed=2), *(data[:length] for length in range(len(data)))]:
                status, message = library.verdict(bad)
                expected = verdict(bad)
                self.assertEqual(status == 0, expected == 0, f"library {status} {message}, Python {expected}")
                same, different = same + (status == expected), different + (status != expected)
        print(f"\naltered files: {same} verdicts equal, {different} rejected with another error")
        self.assertLess(different, same / 100)


class MNIST(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not LIBRARY:
            skip("no comparison on MNIST: MNISTINFER_LIBRARY does not name the library")
        if not DATA.is_dir():
            skip(f"no comparison on MNIST: there is no {DATA}")
        cls.images, cls.labels = read_test_images(DATA)
        path = os.environ.get("MNISTINFER_MODEL")
        cls.model = dnnfile.read(path) if path else fitted_model()
        if cls.model.quantization is not None:
            skip("MNISTINFER_MODEL is an integer model, which test_integer_library compares")

    def test_float32(self):
        self.compare("float32", self.model)

    def test_int8_weights(self):
        self.compare("int8 weights", int8_weights(self.model))

    def compare(self, name, model):
        start = time.perf_counter()
        expected = logits(model, self.images)
        seconds = time.perf_counter() - start
        mine = probabilities(model, self.images)
        found, verification = library.run(encode(model), self.images[..., None])
        difference = np.abs(found - mine).max(axis=1)
        parts = np.array_split(self.images[..., None], 40)
        tolerance = 2 * np.concatenate([probability_error(model, part) for part in parts])
        mismatches = np.count_nonzero(found.argmax(axis=1) != expected.argmax(axis=1))
        right = np.mean(found.argmax(axis=1) == self.labels)
        print(f"\n{name}, {len(found)} images, {library.mnistinfer.instruction_set()}: accuracy {right:.2%}, "
              f"class mismatches {mismatches}, largest difference of a probability {difference.max():.3g} "
              f"(tolerances {tolerance.min():.2g} to {tolerance.max():.2g}), NumPy {seconds:.1f} s")
        self.assertEqual(mismatches, 0)
        self.assertTrue((difference <= tolerance).all())
        self.assertLessEqual(verification.largest_difference, verification.tolerance)


def fitted_model():
    """Two convolutions with random weights and a dense layer fitted to training images by least squares."""
    random = np.random.default_rng(1)
    images = read_idx(DATA / "train-images-idx3-ubyte")[:8000]
    labels = read_idx(DATA / "train-labels-idx1-ubyte")[:8000]
    builder = Builder((28, 28, 1))
    for inputs, outputs in ((1, 8), (8, 32)):
        weights = random.normal(size=(3, 3, inputs, outputs)) / np.sqrt(9 * inputs)
        builder.conv(weights, random.normal(size=outputs) / 10, "relu").max_pool(2)
    builder.flatten()
    features = 32 * 5 * 5
    front = builder.model(labels=[])
    values = normalise(front, images[..., None])
    for layer in front.layers:
        values = apply_layer(layer, [values], front.weights(layer.weights), front.weights(layer.bias))
    values = values.reshape(-1, features).astype(float)
    targets = 20 * np.eye(10)[labels]
    solution = np.linalg.solve(values.T @ values + np.eye(features), values.T @ targets)
    return builder.dense(solution).softmax().model()


if __name__ == "__main__":
    unittest.main()
