"""Tests of models at the limits of the format and one step past them. Run in this folder: python3 -m unittest"""
import struct
import unittest
from dataclasses import replace

import numpy as np

from convert import Builder, int8_weights
from dnnfile import Epoch, Layer, Model, Normalisation, Preparation, Quantization, SelfTest, Tensor
from dnnfile.writer import _assemble, _sections
from testing import repaired, verdict

GOOD, DAMAGED, UNSUPPORTED = 0, 11, 12


def unchecked(model):
    """The bytes of a file with the model, whatever rules it breaks."""
    return _assemble(_sections(model))


def small():
    return Builder((1, 2, 1)).dense([[1, -1], [-2, 2]], [0, 0.5]).softmax().model()


def plain(shape, *steps):
    """A model without tensors: the steps are called with a builder, then everything is averaged to classes."""
    builder = Builder(shape)
    for step in steps:
        step(builder)
    return builder.global_average_pool().softmax().model()


def texts():
    """(expected verdict, text) for texts of a label."""
    yield from ((GOOD, text) for text in ("", "\t\n", "é", "\u00a0", "\ud7ff\ue000", "\ufffe\uffff", "\U0010ffff", "~"))
    yield from ((DAMAGED, text) for text in ("\0", "\x01", "\r", "\x1f", "\x7f", "\x80", "\x9f"))
    yield from ((GOOD, "a" * 65535), (DAMAGED, "a" * 65536))


def cases():
    """(expected verdict, what, bytes)"""
    model = small()
    for expected, text in texts():
        yield expected, f"label {text[:9]!r}", unchecked(replace(model, labels=["a", text]))
        if len(text) < 40:
            layers = [replace(model.layers[0], name=text), model.layers[1]]
            # A zero ends a name, and zeros after it are what there has to be.
            yield GOOD if text == "\0" else expected, f"name {text!r}", unchecked(replace(model, layers=layers))
    for name, expected in (("é" * 19 + "a", GOOD), ("é" * 20, DAMAGED)):
        layers = [replace(model.layers[0], name=name), model.layers[1]]
        yield expected, f"name of {len(name.encode())} bytes", unchecked(replace(model, layers=layers))
    for name, expected in (("same", DAMAGED), ("", GOOD)):
        layers, tensors = ([replace(part, name=name) for part in parts] for parts in (model.layers, model.tensors))
        yield expected, f"two layers {name!r}", unchecked(replace(model, layers=layers))
        yield expected, f"two tensors {name!r}", unchecked(replace(model, tensors=tensors))
    for bad in (b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3", b"\x80", b"\xe2\x82"):
        place = b"Q" * len(bad)
        data = unchecked(replace(model, labels=["a", place.decode()]))
        yield DAMAGED, f"label {bad}", repaired(data.replace(place, bad))
    yield from activations()
    yield from numbers(model)
    yield from shapes()
    yield from histories(model)
    yield from preparations()
    yield from versions(model)
    yield from integers()


def activations():
    for activation, parameter, expected in (
            ("leakyRelu", -0.0, GOOD), ("leakyRelu", 1 - 2**-24, GOOD), ("leakyRelu", 1.0, DAMAGED),
            ("leakyRelu", -1.0, DAMAGED), ("leakyRelu", np.nan, DAMAGED),
            ("clippedRelu", 0.0, DAMAGED), ("clippedRelu", 1e-45, GOOD),
            ("clippedRelu", np.inf, DAMAGED), ("clippedRelu", np.nan, DAMAGED), ("clippedRelu", -1.0, DAMAGED),
            ("relu", -0.0, DAMAGED), ("none", -0.0, DAMAGED), ("tanh", 1.0, DAMAGED), ("none", 0.0, GOOD)):
        model = plain((2, 2, 1), lambda builder: builder.activation("relu"))
        model.layers[0].activation, model.layers[0].parameter = activation, parameter
        yield expected, f"{activation} {parameter}", unchecked(model)


def numbers(model):
    """Values of tensors, scales, normalisation and the self-test."""
    for value, expected in ((-0.0, GOOD), (1e-45, GOOD), (3e38, GOOD), (np.inf, DAMAGED), (np.nan, DAMAGED)):
        tensors = [model.tensors[0], Tensor(np.float32([value, 0]), "bias")]
        yield expected, f"bias {value}", unchecked(replace(model, tensors=tensors))
        offsets = Normalisation(np.float32([1]), np.float32([value]))
        yield expected, f"offset {value}", unchecked(replace(model, normalisation=offsets))
    for value, expected in (
            (0.0, DAMAGED), (-0.0, DAMAGED), (1e-45, GOOD), (-3e38, GOOD), (np.inf, DAMAGED), (np.nan, DAMAGED)):
        scales = Normalisation(np.float32([value]), np.float32([0]))
        yield expected, f"scale {value}", unchecked(replace(model, normalisation=scales))
    rounded = int8_weights(model)
    largest = np.float32(np.finfo(np.float32).max / 127)
    tiny, zero, infinity = np.finfo(np.float32).tiny, np.float32(0), np.float32(np.inf)
    for scale, expected in (
            (tiny, GOOD), (np.nextafter(tiny, zero), DAMAGED), (0, DAMAGED), (-1, DAMAGED), (np.nan, DAMAGED),
            (np.nextafter(largest, zero), GOOD), (np.nextafter(largest, infinity), DAMAGED)):
        tensors = [*rounded.tensors[:2], replace(rounded.tensors[2], elements=np.float32([1, scale]))]
        yield expected, f"int8 scale {scale}", unchecked(replace(rounded, tensors=tensors))
    for tolerance, probability, expected in (
            (0, 0, GOOD), (1, 1, GOOD), (-0.0, -0.0, GOOD),
            (1.1, 0, DAMAGED), (-1e-45, 0, DAMAGED), (np.nan, 0, DAMAGED),
            (0, 1.1, DAMAGED), (0, -1e-45, DAMAGED), (0, np.nan, DAMAGED)):
        test = SelfTest(np.zeros((1, 1, 2, 1), np.uint8), np.float32([[0.5, probability]]), tolerance)
        yield expected, f"tolerance {tolerance}, probability {probability}", unchecked(replace(model, self_test=test))
    for count, expected in ((1024, GOOD), (1025, DAMAGED), (0, DAMAGED)):
        test = SelfTest(np.zeros((count, 1, 2, 1), np.uint8), np.zeros((count, 2), np.float32), 0)
        yield expected, f"{count} self-tests", unchecked(replace(model, self_test=test))
    for count, expected in ((4096, GOOD), (4097, DAMAGED)):
        metadata = {str(number): "" for number in range(count)}
        yield expected, f"{count} pairs", unchecked(replace(model, metadata=metadata))


def shapes():
    """Sizes of values, windows and work."""
    yield GOOD, "2^24 elements", unchecked(plain((4096, 4096, 1)))
    for shape in ((4096, 4097, 1), (2**24 + 1, 1, 1), (1, 2**24, 2), (0, 1, 1), (1, 1, 5), (2**31, 2**31, 4),
                  (2**32 - 1, 2**32 - 1, 4)):
        yield DAMAGED, f"input {shape}", unchecked(plain(shape))
    for count, expected in ((4094, GOOD), (4095, DAMAGED)):
        builder = Builder((1, 1, 2))
        for _ in range(count):
            builder.activation("none")
        model = builder.flatten().softmax().model()
        layers = [replace(layer, name="") for layer in model.layers]
        yield expected, f"{len(layers)} layers", unchecked(replace(model, layers=layers))
    for size, stride, padding, expected in (
            (4096, 4096, 4095, GOOD), (4097, 1, 4096, DAMAGED), (4, 4097, 3, DAMAGED), (4, 1, 4, DAMAGED),
            (4, 1, 3, GOOD), (1, 1, 0, GOOD)):
        model = plain((1, 1, 1), lambda builder: builder.average_pool((size, 1), (stride, 1), (padding, 0)))
        yield expected, f"pool {size} {stride} {padding}", unchecked(model)
    # 2^28 operations for each element of the window, as many for the average, and 16 for the softmax.
    for window, expected in (((2, 31), GOOD), ((7, 9), DAMAGED)):
        model = plain((4096, 4096, 1), lambda builder: builder.max_pool(window, 1, _keeping(window)))
        yield expected, f"operations of a window {window}", unchecked(model)


def _keeping(window):
    """The padding (above, left, below, right) with which a window of stride 1 keeps the size."""
    return (window[0] - 1, window[1] - 1, 0, 0)


def histories(model):
    good = Epoch(1, 0.5, 1, 0.5, 0.001)
    largest, above_1 = np.finfo(np.float32).max, np.nextafter(np.float32(1), np.float32(2))
    for count, expected in ((65536, GOOD), (65537, DAMAGED)):
        yield expected, f"{count} epochs", unchecked(replace(model, history=[good] * count))
    for name in Epoch._fields:
        values = [(0.0, GOOD), (-0.0, GOOD), (-1e-45, DAMAGED), (np.nan, DAMAGED), (np.inf, DAMAGED)]
        values += [(1, GOOD), (above_1, DAMAGED)] if name.endswith("accuracy") else [(largest, GOOD)]
        for value, expected in values:
            epoch = good._replace(**{name: value})
            yield expected, f"{name} {value}", unchecked(replace(model, history=[good, epoch]))


def preparations():
    for channels, placement, box, expected in (
            (1, "centreOfMass", (3, 4), GOOD), (1, "centreOfMass", (4, 3), DAMAGED),
            (1, "centreOfMass", (0, 1), DAMAGED), (2, "centreOfMass", (1, 1), DAMAGED),
            (1, "stretch", (1, 0), DAMAGED), (2, "stretch", (0, 0), GOOD),
            (4, "stretch", (0, 0), GOOD)):
        preparation = Preparation("lightOnDark", placement, box)
        yield expected, f"{placement} {box}", unchecked(replace(plain((3, 4, channels)), preparation=preparation))


def versions(model):
    data = bytearray(unchecked(model))
    for major, minor, expected in ((1, 1, GOOD), (1, 65535, GOOD), (0, 0, DAMAGED), (2, 0, UNSUPPORTED)):
        data[8:12] = struct.pack("<HH", major, minor)
        yield expected, f"version {major}.{minor}", repaired(data)
    broken = bytearray(unchecked(replace(model, labels=["a"])))
    broken[10] = 1
    yield UNSUPPORTED, "damage in a newer minor version", repaired(broken)
    broken[28] = 1
    yield DAMAGED, "damage of the header of a newer minor version", repaired(broken)


def integer_model(weights, bias, scales=(0.01, 0.5), zero_point=0, factor=0.01, activation=("relu", 0.0)):
    """Two pixels, a dense layer to two numbers and another to logits. `scales` are of the pixels and the first layer.

    The factor of the first layer's sums is `factor`, if it can be made from float32.
    """
    layers = [Layer("dense", (0,), (1, 1, 2), "", None, *activation, 0, 2), Layer("dense", (1,), (1, 1, 2), weights=3),
              Layer("softmax", (2,), (1, 1, 2))]
    channel = np.float32([factor * scales[1] / scales[0]] * 2)
    tensors = [Tensor(np.int8(weights), "weights", 1), Tensor(channel, "scales"), Tensor(np.int32(bias), "bias"),
               Tensor(np.int8([[1, -1], [2, 1]]), "last weights", 4), Tensor(np.float32([0.01, 0.02]), "last scales")]
    records = [Quantization(*pair) for pair in ((scales[0], zero_point), (scales[1], 3), (0.01, 0), (1, 0))]
    offset = np.float32(-(zero_point * np.float64(np.float32(scales[0]))))
    normalisation = Normalisation(np.float32([scales[0]]), np.array([offset]))
    return Model((1, 2, 1), layers, tensors, ["a", "b"], Preparation(), normalisation, quantization=records)


def integers():
    """Integer models: sums that fill 32 bits, shifts at the ends of their ranges, normalisation and scales."""
    ones = [[1, 1], [1, 1]]
    for zero_point in (0, 100, 255):
        for column in ([127, 127], [127, -127], [-1, -126]):
            largest = 255 * sum(map(abs, column)) + zero_point * abs(sum(column))
            for sign in (1, -1):
                for bias, expected in ((2**31 - 1 - largest, GOOD), (2**31 - largest, DAMAGED)):
                    if sign * bias < 2**31:
                        model = integer_model([[1, column[0]], [1, column[1]]], [0, sign * bias], zero_point=zero_point)
                        yield expected, f"sums of {column}, zero point {zero_point}, bias {bias}", unchecked(model)
    yield DAMAGED, "bias -2^31", unchecked(integer_model(ones, [-2**31, 0]))
    below_half, least = np.nextafter(np.float32(0.5), np.float32(0)), np.float32(2.0**-32)
    for factor, expected in ((0.5, DAMAGED), (below_half, GOOD), (least, GOOD),
                             (np.nextafter(least, np.float32(0)), DAMAGED)):
        yield expected, f"factor {factor}", unchecked(integer_model(ones, [0, 0], (1.0, 1.0), factor=factor))
    carried = integer_model(ones, [0, 0], (float(np.float32(1 + 2**-23)), 2.0))
    carried.tensors[1] = Tensor(np.float32([1 - 2**-23] * 2), "scales")    # the factor (1 - 2^-46) / 2 becomes 1 / 2
    yield DAMAGED, "a factor that is rounded to 1/2", unchecked(carried)
    for offset, expected in ((0.0, GOOD), (-0.0, GOOD), (1e-45, DAMAGED)):
        model = integer_model(ones, [0, 0])
        model.normalisation.offsets = np.float32([offset])
        yield expected, f"offset {offset} with the zero point 0", unchecked(model)
    for parameter, expected in ((1e-45, GOOD), (3e38, GOOD), (0.0, DAMAGED)):
        model = integer_model(ones, [0, 0], activation=("clippedRelu", parameter))
        yield expected, f"clipped at {parameter}", unchecked(model)
    least, largest = np.finfo(np.float32).tiny, np.finfo(np.float32).max    # a table takes any scale to any other
    for scale, zero_point, expected in (
            (least, 255, GOOD), (np.nextafter(least, np.float32(0)), 0, DAMAGED), (largest, 0, GOOD),
            (largest, 1, GOOD), (largest, 2, DAMAGED)):    # an offset is finite
        model = plain((1, 1, 2), lambda builder: builder.activation("tanh"))
        layers = [replace(model.layers[0], weights=0), *model.layers[1:]]
        records = [Quantization(float(scale), zero_point), *[Quantization(1, 0)] * 3]
        with np.errstate(over="ignore"):
            normalisation = Normalisation(np.full(2, scale), np.full(2, -(zero_point * scale)))
        yield expected, f"scale {scale} and zero point {zero_point} of pixels", unchecked(
            replace(model, layers=layers, tensors=[Tensor(np.zeros(256, np.uint8))], normalisation=normalisation,
                    quantization=records))
    for width, expected in ((3133, GOOD), (3134, DAMAGED)):    # 2688 × 3133 is the limit of averaged elements
        model = plain((2688, width, 1))
        same = [Quantization(float(np.float32(1 / 255)), 0)] * 2
        yield expected, f"a mean of 2688 × {width}", unchecked(replace(model, quantization=[*same, Quantization(1, 0)]))


class Limits(unittest.TestCase):
    def test_verdicts(self):
        for expected, what, data in cases():
            self.assertEqual(verdict(data), expected, what)


if __name__ == "__main__":
    unittest.main()
