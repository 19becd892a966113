"""Tests of the golden files in this repository: which are read, and what they compute. Run: python3 -m unittest"""
import pathlib
import unittest

import numpy as np

from dnnfile import decode, encode
from evaluate import probabilities
from testing import probability_error, verdict

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "MNISTInferTests" / "Golden"
VERDICTS = {"notAModel": 10, "damaged": 11, "unsupported": 12}

# Valid files that a writer does not make: see the specification's chapter on the canonical form.
NOT_CANONICAL = {"empty-history.dnn", "empty-optional-sections.dnn", "newer-minor-version.dnn", "unknown-sections.dnn"}


def valid_models():
    """(name, bytes, Model) of all valid golden files."""
    for path in sorted((GOLDEN / "valid").glob("*.dnn")):
        data = path.read_bytes()
        yield path.name, data, decode(data)


class Golden(unittest.TestCase):
    def test_rejected(self):
        lines = (GOLDEN / "rejected" / "expected.tsv").read_text().splitlines()
        expected = {name: VERDICTS[error] for name, error, _ in (line.split("\t") for line in lines)}
        files = {path.name: verdict(path.read_bytes()) for path in (GOLDEN / "rejected").glob("*.dnn")}
        self.assertEqual(files, expected)

    def test_written_again(self):
        changed = {name for name, data, model in valid_models() if encode(model) != data}
        self.assertEqual(changed, NOT_CANONICAL)

    def test_self_tests(self):
        """Integer models give the probabilities in the file bit for bit, the others nearly."""
        integer = 0
        for name, _, model in valid_models():
            test = model.self_test
            if model.quantization is not None:
                integer += 1
                self.assertEqual(probabilities(model, test.pictures).tobytes(), test.probabilities.tobytes(), name)
                self.assertEqual(test.tolerance, 0, name)
            elif test is not None:
                difference = np.abs(probabilities(model, test.pictures) - test.probabilities).max(axis=1)
                self.assertTrue((difference <= probability_error(model, test.pictures)).all(), name)
        self.assertGreater(integer, 10)


if __name__ == "__main__":
    unittest.main()
