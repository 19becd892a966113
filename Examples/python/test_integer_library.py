"""Compares integer models with the C library, bit for bit, on each instruction set. Run in this folder:

    MNISTINFER_LIBRARY=…/libmnistinfer.so python3 -m unittest test_integer_library

Skipped without the variable. The images of MNIST, and a model to compare on them, are found as test_library says.
"""
import math
import os
import pathlib
import unittest
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

import dnnfile
import library
import test_golden
from dnnfile import Quantization, decode, encode
from evaluate import probabilities, read_idx, read_test_images
from library import LIBRARY, skip
from test_library import DATA, fitted_model
from testing import altered, verdict
from testing_integer import large_logit_models, quantized, random_integer_model, wide_integer_model

# What the library takes in DNN_INSTRUCTION_SET, and the processor's flag that the integer kernels need for it.
INSTRUCTION_SETS = {"portable": None, "avx2": "avx2", "avxvnni": "avx_vnni", "avx512": "avx512_vnni"}
THREADS_AND_BATCHES = [(threads, batch) for threads in (1, 2, 3, 8) for batch in (1, 7, 64)]


def keep_to(instructions):
    """Makes the library of this process use no better instruction set: it reads the variable once."""
    os.environ["DNN_INSTRUCTION_SET"] = instructions


def differing_pictures(cases, threads_and_batches):
    """The instruction set's name, and a list of (case, threads, batch, how many pictures have other probabilities).

    A case is (name, bytes of the file, pictures, probabilities). Runs in a process of its own: see `compare`.
    """
    found = []
    for name, data, pictures, expected in cases:
        for threads, batch in threads_and_batches:
            result, _ = library.run(data, pictures, threads, batch)
            different = np.any(result.view(np.uint32) != expected.view(np.uint32), axis=1)
            found.append((name, threads, batch, np.count_nonzero(different)))
    return library.mnistinfer.instruction_set(), found


def available():
    """The instruction sets of this processor; says which are left out."""
    flags = pathlib.Path("/proc/cpuinfo").read_text().split()
    sets = [name for name, flag in INSTRUCTION_SETS.items() if flag is None or flag in flags]
    for name in INSTRUCTION_SETS.keys() - sets:
        print(f"\n*** NOT COMPARED: this processor lacks what {name} needs ***")
    return sets


class Comparison(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not LIBRARY:
            skip("no comparison of integer models: MNISTINFER_LIBRARY does not name the library")

    def compare(self, what, cases, threads_and_batches=THREADS_AND_BATCHES):
        """Asserts equal probabilities on each instruction set, in a process for each."""
        pictures = sum(len(case[2]) for case in cases) * len(threads_and_batches)
        for instructions in available():
            with ProcessPoolExecutor(1, get_context("spawn"), keep_to, (instructions,)) as process:
                used, found = process.submit(differing_pictures, cases, threads_and_batches).result()
            print(f"\n{what}: {len(cases)} models, {pictures} pictures with {instructions}")
            self.assertEqual(used, "avx2" if instructions == "avxvnni" else instructions)
            self.assertEqual([line for line in found if line[-1]], [], instructions)

    def test_golden_files(self):
        cases = []
        for name, data, model in test_golden.valid_models():
            if model.quantization is not None:
                cases.append(_case(name, model, 130, data))
        self.assertGreater(len(cases), 10)
        self.compare("golden files", cases)

    def test_random_models(self):
        self.compare("random models", [_case(seed, random_integer_model(seed), 17) for seed in range(200)])

    def test_large_logits(self):
        pixels = np.arange(256, dtype=np.uint8).reshape(-1, 1, 1, 1)
        self.compare("large logits", [(number, encode(model), pixels, probabilities(model, pixels))
                                      for number, model in enumerate(large_logit_models())])

    def test_wide_models(self):
        self.compare("wide models", [_case(seed, wide_integer_model(seed), 9) for seed in range(40)])

    def test_altered_files(self):
        """Files that were altered and are models still: many have a number at the end of its range."""
        accepted = []
        for seed in range(6):
            model = random_integer_model(seed)
            for number, data in enumerate(altered(encode(model), 1000, seed)):
                expected = verdict(data)
                status, message = library.verdict(data)
                self.assertEqual(status == 0, expected == 0, f"library {status} {message}, Python {expected}")
                if expected == 0 and _is_small(changed := decode(data)):
                    accepted.append(_case(f"{seed}, {number}", changed, 3, data))
        self.assertGreater(len(accepted), 500)
        self.compare("altered files", accepted, [(2, 3)])

    def test_mnist(self):
        if not DATA.is_dir():
            skip(f"no comparison of integer models on MNIST: there is no {DATA}")
        images, labels = read_test_images(DATA)
        path = os.environ.get("MNISTINFER_MODEL")
        model = dnnfile.read(path) if path else fitted_model()
        if model.quantization is None:
            calibration = read_idx(DATA / "train-images-idx3-ubyte")[:500, ..., None]
            model = quantized(model, calibration, Quantization(float(np.float32(1 / 255)), 0))
        expected = probabilities(model, images)
        print(f"\naccuracy of the integer model {np.mean(expected.argmax(axis=1) == labels):.2%}")
        case = ("MNIST", encode(model), images[..., None], expected)
        self.compare("MNIST", [case], [(1, 1), (1, 7), (2, 64), (1, 256), (2, 256), (3, 256), (8, 256)])


def _case(name, model, count, data=None):
    """A case of `count` random pictures, and among them a black and a white one."""
    pictures = np.random.default_rng(1).integers(0, 256, (count, *model.input), np.uint8)
    pictures[0], pictures[1] = 0, 255
    return name, data or encode(model), pictures, probabilities(model, pictures)


def _is_small(model):
    return sum(math.prod(layer.output) for layer in model.layers) < 100_000


if __name__ == "__main__":
    unittest.main()
