"""Tests of integer models, against loops over Python's integers. Run in this folder: python3 -m unittest"""
import unittest

import numpy as np

import dnnfile
from convert import Builder
from dnnfile import Quantization, decode, encode
from dnnfile.factors import as_integers, rescaling
from evaluate import logits, probabilities
from integer import integer_powers
from test_dnnfile import with_sections
from testing import altered, verdict
from testing_integer import large_logit_models, random_integer_model, slow_factors, slow_integers, slow_power


class Factors(unittest.TestCase):
    def test_values_of_the_specification(self):
        for factor, multiplier, shift in ((1 / 3, 1431655765, 32), (1 / 2, 2**30, 31), (1 - 2**-40, 2**30, 30)):
            multipliers, found = as_integers([factor], 31)
            self.assertEqual((multipliers.tolist(), found), ([multiplier], shift), factor)

    def test_against_fractions(self):
        random = np.random.default_rng(1)
        for bits in (20, 31):
            for _ in range(2000):
                factors = np.exp(random.uniform(-60, 60)) * random.uniform(0, 1, 3)
                if random.random() < 0.3:    # near a power of 2, where rounding may carry
                    factors[0] = 2.0**random.integers(-60, 60) * (1 - 2.0**-random.integers(15, 45))
                multipliers, shift = as_integers(factors, bits)
                self.assertEqual((multipliers.tolist(), shift), slow_factors(factors.tolist(), bits), factors)


    def test_order_of_operations_of_a_mean(self):
        """With these scales, s_in / s_out / N becomes another multiplier than s_in / (s_out × N)."""
        source, target, count = float.fromhex("0x1.68516cp+0"), float.fromhex("0x1.4b88d2p+0"), 12
        model = Builder((3, 4, 1)).global_average_pool().softmax().model()
        model.quantization = [Quantization(source, 0), Quantization(target, 0), Quantization(1, 0)]
        multipliers, shift = rescaling(model, 0, count)
        self.assertEqual((multipliers.tolist(), shift), slow_factors([source / (target * count)], 31))


class Softmax(unittest.TestCase):
    def test_values_of_the_specification(self):
        differences = 40 - np.array([0, 16, -48, 40])
        (multiplier,), shift = as_integers([1 / 16 * 1.4426950408889634], 31)
        powers = integer_powers(differences, multiplier, shift)
        self.assertEqual(powers.tolist(), [88138100, 239584181, 4388138, 1073741824])
        found = np.float32(powers / powers.sum())
        self.assertEqual(found.view(np.uint32).tolist(), [0x3D806590, 0x3E2E825D, 0x3B4C8F56, 0x3F438627])

    def test_powers_against_loops(self):
        random = np.random.default_rng(2)
        edges = [0, 1, 2, 2**31 - 2, 2**31 - 1, 2**31, 2**32 - 1]
        for shift in range(25, 63):
            multiplier = int(random.integers(2**30, 2**31))
            once = (1 << shift) // multiplier    # what halves once; 30 halvings leave 1, 31 nothing
            near = [once * 30, once * 31 - 1, once * 31, once * 31 + 1, once * 32]
            differences = np.array([*edges, *(n for n in near if 0 <= n < 2**32), *random.integers(0, 2**32, 20),
                                    *random.integers(0, min(once * 32 + 1, 2**32), 50)], np.int64)
            expected = [slow_power(difference, multiplier, shift) for difference in differences.tolist()]
            self.assertEqual(integer_powers(differences, multiplier, shift).tolist(), expected, shift)


class IntegerModels(unittest.TestCase):
    def test_random_models_against_loops(self):
        kinds, eight_bits = set(), 0
        for seed in range(60):
            model = random_integer_model(seed)
            pictures = np.random.default_rng(seed).integers(0, 256, (3, *model.input), np.uint8)
            read, found = logits(model, pictures, batch=2), probabilities(model, pictures)
            for picture, numbers, result in zip(pictures, read, found):
                expected, expected_result = slow_integers(model, picture)
                self.assertEqual(numbers.tolist(), expected, seed)
                self.assertEqual(result.tobytes(), expected_result.tobytes(), seed)
            kinds.update(layer.kind for layer in model.layers)
            eight_bits += model.layers[-2].kind == "activation"
        self.assertEqual(kinds, set(dnnfile.model.KINDS))
        self.assertGreater(eight_bits, 5)

    def test_large_logits(self):
        for number, model in enumerate(large_logit_models()):
            for pixel in (0, 1, 2, 3, 4, 255):
                picture = np.full((1, 1, 1), pixel, np.uint8)
                read, result = slow_integers(model, picture)
                self.assertEqual(logits(model, picture[None])[0].tolist(), read, (number, pixel))
                self.assertEqual(probabilities(model, picture[None])[0].tobytes(), result.tobytes(), (number, pixel))

    def test_sections(self):
        """The section of the scales is needed, and its place and flags are those of the specification."""
        data = encode(random_integer_model(1))

        def flip_flag(sections):
            sections[5][1] ^= 1
        for what, change in (("missing", lambda sections: sections.pop(5)), ("flags", flip_flag),
                             ("twice", lambda sections: sections.insert(5, sections[5])),
                             ("order", lambda sections: sections.insert(4, sections.pop(5)))):
            self.assertEqual(verdict(with_sections(data, change)), 11, what)
        self.assertEqual(verdict(with_sections(data, lambda sections: sections.append([b"mine", 1, b""]))), 0)

    def test_round_trip(self):
        for seed in range(30):
            data = encode(random_integer_model(seed))
            self.assertEqual(encode(decode(data)), data)

    def test_altered_with_repaired_checksums(self):
        """Whatever is accepted is written again as it was; `verdict` lets other exceptions pass."""
        accepted = 0
        for data in altered(encode(random_integer_model(1)), 2000, seed=1):
            if verdict(data) == 0:
                accepted += 1
                read = decode(data)
                if read.minor_version == 0 and not read.unknown:
                    self.assertEqual(encode(read), data)
        self.assertGreater(accepted, 50)


if __name__ == "__main__":
    unittest.main()
