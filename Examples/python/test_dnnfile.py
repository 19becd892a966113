"""Tests of reading and writing. Run in this folder: python3 -m unittest"""
import struct
import unittest
from dataclasses import replace

import numpy as np

import dnnfile
from dnnfile import Damaged, NotAModel, UnknownSection, Unsupported, crc32c, decode, encode
from testing import altered, full_model, random_model, repaired, verdict

# The complete file at the end of the specification: (offset, bytes in hexadecimal); all else is zero.
EXAMPLE = """
0000 89444e4e0d0a1a0a 0100 0000 06000000 0804000000000000 7fafc751
0020 4c415952 00000000 0001000000000000 1001000000000000 8fcd577f
0040 544e5352 00000000 4002000000000000 c000000000000000 7e0bac4a
0060 4c41424c 00000000 0003000000000000 1700000000000000 05ae775d
0080 50524550 00000000 4003000000000000 2000000000000000 aa36918a
00a0 4e4f524d 00000000 8003000000000000 2000000000000000 39d5971f
00c0 44415441 00000000 c003000000000000 4800000000000000 41d79120
0100 01000000 02000000 01000000 02000000
0110 44454e53 64656e7365
0144 01000000 01000000 02000000
017c 01000000
0190 534f4654 736f66746d6178
01bc 01000000 00000000 01000000 01000000 02000000
01f8 ffffffff ffffffff
0240 77656967687473
0268 01000000 02000000 02000000 02000000
0288 1000000000000000 ffffffff
02a0 62696173
02c8 01000000 01000000 02000000
02e0 4000000000000000 0800000000000000 ffffffff
0300 02000000 04000000 6c65667400 05000000 726967687400
0380 8180803b
03c0 0000803f 000080bf 000000c0 00000040
0404 0000003f
"""


def example():
    data = bytearray(1032)
    for line in EXAMPLE.split("\n")[1:-1]:
        offset, content = int(line[:4], 16), bytes.fromhex(line[4:])
        data[offset:offset + len(content)] = content
    return bytes(data)


def with_sections(data, change):
    """The file with its sections, a list of [tag, flags, bytes], after `change` did something to the list."""
    count, = struct.unpack_from("<I", data, 12)
    entries = [struct.unpack_from("<4sI2Q", data, 32 + 32 * number) for number in range(count)]
    sections = [[tag, flags, data[offset:offset + length]] for tag, flags, offset, length in entries]
    change(sections)
    table, body = b"", b""
    for tag, flags, content in sections:
        start = 32 + 32 * len(sections)
        body += bytes(-(start + len(body)) % 64)
        table += struct.pack("<4sI2QII", tag, flags, start + len(body), len(content), 0, 0)
        body += content
    size = 32 + len(table) + len(body)
    return repaired(data[:12] + struct.pack("<IQII", len(sections), size, 0, 0) + table + body)


class Checksum(unittest.TestCase):
    def test_values(self):
        self.assertEqual(crc32c(b"123456789"), 0xE3069283)
        self.assertEqual(crc32c(b""), 0)

    def test_lengths_against_the_definition(self):
        data = np.random.default_rng(1).integers(0, 256, 70001, np.uint8).tobytes()
        for length in [*range(300), 4095, 4096, 4097, 70001]:
            register = 0xFFFFFFFF
            for bit in np.unpackbits(np.frombuffer(data[:length], np.uint8), bitorder="little").tolist():
                register = register >> 1 ^ (0x82F63B78 if (register ^ bit) & 1 else 0)
            self.assertEqual(crc32c(data[:length]), register ^ 0xFFFFFFFF)


class RoundTrip(unittest.TestCase):
    def test_example_of_the_specification(self):
        model = decode(example())
        self.assertEqual((model.input, model.labels), ((1, 2, 1), ["left", "right"]))
        self.assertEqual(model.tensors[0].elements.tolist(), [[1, -1], [-2, 2]])
        self.assertEqual(encode(model), example())

    def test_full_model(self):
        model = full_model()
        data = encode(model)
        read = decode(data)
        self.assertEqual(encode(read), data)
        for field in ("input", "labels", "preparation", "provenance", "metadata", "history", "training"):
            self.assertEqual(getattr(read, field), getattr(model, field))
        for tensor, original in zip(read.tensors, model.tensors, strict=True):
            np.testing.assert_array_equal(tensor.elements, original.elements)
        np.testing.assert_array_equal(read.self_test.pictures, model.self_test.pictures)

    def test_random_models(self):
        for seed in range(30):
            data = encode(random_model(seed))
            self.assertEqual(encode(decode(data)), data)

    def test_unknown_sections(self):
        unknown = [UnknownSection(b"mine", b"abc"), UnknownSection(b"mine", b"")]
        data = encode(replace(full_model(), unknown=unknown), keep_unknown=True)
        self.assertEqual(decode(data).unknown, unknown)
        self.assertEqual(encode(decode(data)), encode(full_model()))
        self.assertEqual(encode(decode(data), keep_unknown=True), data)
        for place in range(11):
            moved = with_sections(encode(full_model()), lambda sections: sections.insert(place, [b"mine", 1, b"abc"]))
            self.assertEqual(decode(moved).unknown, unknown[:1])

    def test_model_that_breaks_the_rules_is_not_written(self):
        for change in ({"labels": ["a"]}, {"provenance": {"a": "\0"}}, {"layers": []}, {"input": (3, 4, 5)},
                       {"metadata": {"\ud800": ""}}, {"tensors": []}):
            with self.assertRaises(ValueError):
                encode(replace(full_model(), **change))


class BadFiles(unittest.TestCase):
    def assert_rejected(self, error, data, words=""):
        with self.assertRaisesRegex(error, words):
            decode(data)

    def test_other_files(self):
        for data in (b"", b"\x88", b"GIF89a", b"\x89PNG\r\n\x1a\n" + bytes(100), b"DNN", bytes(64)):
            self.assert_rejected(NotAModel, data)

    def test_every_truncation(self):
        data = encode(full_model())
        for length in range(1, len(data)):
            self.assert_rejected(Damaged, data[:length])
        self.assert_rejected(Damaged, data + b"\0")

    def test_every_flipped_bit_of_a_byte(self):
        data = encode(full_model())
        for place in range(len(data)):
            flipped = bytearray(data)
            flipped[place] ^= 1 << place % 8
            expected = NotAModel if place < 4 else Unsupported if place == 9 else Damaged
            self.assert_rejected(expected, flipped)

    def test_line_ends(self):
        self.assert_rejected(Damaged, encode(full_model()).replace(b"\r\n", b"\n"), "line ends")

    def test_altered_with_repaired_checksums(self):
        """Whatever is accepted is written again as it was; `verdict` lets other exceptions pass."""
        accepted = 0
        for model in (full_model(), random_model(3), random_model(4)):
            for data in altered(encode(model), 2000, seed=1):
                if verdict(data) == 0:
                    accepted += 1
                    read = decode(data)
                    if read.minor_version == 0 and not read.unknown:
                        self.assertEqual(encode(read), data)
        self.assertGreater(accepted, 100)

    def test_versions(self):
        data = bytearray(encode(full_model()))
        data[8] = 2
        self.assert_rejected(Unsupported, data, "version 2")
        data[8:11] = 1, 0, 7
        self.assertEqual(decode(repaired(data)).minor_version, 7)

        def add_byte(sections):
            sections[4][2] += b"\0"
        self.assert_rejected(Damaged, with_sections(encode(full_model()), add_byte), "NORM")
        self.assert_rejected(Unsupported, with_sections(data, add_byte), "NORM")

    def test_sections(self):
        data = encode(full_model())
        sections = [tag for tag in dnnfile.model.SECTIONS if tag != b"QUAN"]
        skippable = [section for section in sections if not dnnfile.model.SECTIONS[section][1]]
        for number, tag in enumerate(sections):
            without = with_sections(data, lambda sections: sections.pop(number))
            self.assertEqual(verdict(without), 0 if tag in skippable else 11, tag)
            twice = with_sections(data, lambda sections: sections.insert(number, sections[number]))
            self.assert_rejected(Damaged, twice, "2 sections")

            def flip_flag(sections):
                sections[number][1] ^= 1
            self.assert_rejected(Damaged, with_sections(data, flip_flag), "flags")
        self.assert_rejected(Damaged, with_sections(data, lambda sections: sections.reverse()), "order")
        for section, error in (([b"NEWS", 0, b""], Unsupported), ([b"news", 3, b""], Unsupported)):
            self.assert_rejected(error, with_sections(data, lambda sections: sections.append(section)))
        for count, expected in ((53, 0), (54, 11)):
            many = with_sections(data, lambda sections: sections.extend([[b"mine", 1, b""]] * count))
            self.assertEqual(verdict(many), expected)


if __name__ == "__main__":
    unittest.main()
