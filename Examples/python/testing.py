"""What the tests share: random models, a slow evaluator, rounding errors, and damaged files."""
import itertools
import math
import struct
from dataclasses import replace

import numpy as np

from convert import Builder, int8_weights
from dnnfile import Damaged, Epoch, NotAModel, Preparation, SelfTest, Unsupported, crc32c, decode
from layers import apply_layer, normalise

ACTIVATIONS = ("none", "relu", ("leakyRelu", -0.25), ("clippedRelu", 0.75), "sigmoid", "tanh")


def random_model(seed):
    """A small model with layers of random kinds; every second one has int8 weights."""
    random = np.random.default_rng(seed)
    channels = random.integers(1, 5)
    builder = Builder(tuple(int(size) for size in (*random.integers(3, 9, 2), channels)))
    for _ in range(7):
        step = random.choice([_add_convolution, _add_pool, _add_branch, _add_activation])
        try:
            step(builder, random)
        except ValueError:    # a window larger than what is left of the picture
            pass
    finish = random.choice([Builder.flatten, Builder.global_average_pool, lambda same: same])
    finish(builder)
    inputs, classes = math.prod(builder.shapes[-1]), random.integers(2, 6)
    builder.dense(random.normal(size=(inputs, classes)), random.normal(size=classes), _any(random, ACTIVATIONS))
    builder.softmax()
    model = builder.model(scale=random.uniform(-0.02, 0.02, channels), offset=random.normal(size=channels))
    return int8_weights(model) if seed % 2 else model


def _any(random, choices):
    return choices[random.integers(len(choices))]


def _add_convolution(builder, random):
    size, stride, dilation = (tuple(int(n) for n in random.integers(1, high, 2)) for high in (4, 3, 3))
    padding = _padding(random, [(n - 1) * d + 1 for n, d in zip(size, dilation)])
    channels = builder.shapes[builder.value][2]
    groups = int(_any(random, [n for n in range(1, channels + 1) if channels % n == 0]))
    outputs = groups * int(random.integers(1, 4))
    weights = random.normal(size=(*size, channels // groups, outputs))
    bias = random.normal(size=outputs) if random.random() < 0.7 else None
    builder.conv(weights, bias, _any(random, ACTIVATIONS), stride, padding, dilation, groups)


def _add_pool(builder, random):
    size, stride = (tuple(int(n) for n in random.integers(1, 4, 2)) for _ in range(2))
    _any(random, [builder.max_pool, builder.average_pool])(size, stride, _padding(random, size))


def _padding(random, extents):
    return tuple(int(random.integers(extent)) for extent in (*extents, *extents))    # above, left, below, right


def _add_branch(builder, random):
    start = builder.value
    side = builder.activation(_any(random, ACTIVATIONS)).value
    builder.at(start).activation(_any(random, ACTIVATIONS)).add(side, _any(random, ACTIVATIONS))


def _add_activation(builder, random):
    builder.activation(_any(random, ACTIVATIONS)).add(builder.value)


def full_model():
    """A model of a few hundred bytes with every section, two types of tensors and texts beyond ASCII."""
    random = np.random.default_rng(5)
    builder = Builder((3, 4, 1))
    builder.conv(random.normal(size=(2, 2, 1, 2)), random.normal(size=2), ("leakyRelu", 0.1), padding=1)
    builder.max_pool(2).dense(random.normal(size=(8, 3))).softmax()
    preparation = Preparation("lightOnDark", "centreOfMass", (2, 3))
    model = int8_weights(builder.model(["zero", "", "dreißig"], preparation=preparation,
                                       provenance={"seed": "1", "tool": "unittest"},
                                       metadata={"": "empty", "π": "3\n"}))
    pictures = random.integers(0, 256, (1, 3, 4, 1), np.uint8)
    return replace(model, history=[Epoch(1.5, 0.25, 1.25, 0.5, 0.125), Epoch(0, 1, 0.5, 0, 0)],
                   self_test=SelfTest(pictures, np.float32([[0.5, 0.25, 0.25]]), 1.0), training=b"state")


def slow_logits(model, picture):
    """The logits of one picture (H, W, C), by loops over the formulas of the format in double precision."""
    scales, offsets = (np.asarray(a, float) for a in (model.normalisation.scales, model.normalisation.offsets))
    values = [picture.astype(float) * scales + offsets]
    for layer in model.layers[:-1]:
        inputs = [values[number] for number in layer.inputs]
        weights, bias = (model.weights(number, float) for number in (layer.weights, layer.bias))
        output = np.empty(layer.output)
        for y, x, c in itertools.product(*map(range, layer.output)):
            output[y, x, c] = _slow_activation(layer, slow_element(layer, weights, bias, inputs, y, x, c))
        values.append(output)
    return values[model.layers[-1].inputs[0]][0, 0]


def slow_element(layer, weights, bias, inputs, y, x, n):
    """An element of a layer's output before its activation, by loops over arrays of any numbers."""
    source, window = inputs[0], layer.window
    height, width, channels = source.shape
    total = 0 if bias is None else bias[n]
    match layer.kind:
        case "convolution":
            first = n // (layer.output[2] // window.groups) * (channels // window.groups)
            for i, j, row, column in _inside(window, y, x, height, width):
                for c in range(channels // window.groups):
                    total += weights[i, j, c, n] * source[row, column, first + c]
            return total
        case "dense":
            for row, column, c in itertools.product(range(height), range(width), range(channels)):
                total += weights[(row * width + column) * channels + c, n] * source[row, column, c]
            return total
        case "maxPool":
            return max(slow_under_window(layer, source, y, x, n))
        case "averagePool":
            under = slow_under_window(layer, source, y, x, n)
            return sum(under) / len(under)
        case "globalAveragePool":
            return sum(source[:, :, n].flat) / (height * width)
        case "add":
            return source[y, x, n] + inputs[1][y, x, n]
        case "flatten":
            return source[n // channels // width, n // channels % width, n % channels]
        case "activation":
            return source[y, x, n]


def slow_under_window(layer, source, y, x, n):
    """The elements of channel n of the source that are under a pool's window."""
    return [source[row, column, n] for _, _, row, column in _inside(layer.window, y, x, *source.shape[:2])]


def _inside(window, y, x, height, width):
    """(row and column of the window, row and column of the input) of all elements that are inside of the input."""
    for i, j in itertools.product(range(window.height), range(window.width)):
        row = y * window.vertical_stride - window.above + i * window.vertical_dilation
        column = x * window.horizontal_stride - window.left + j * window.horizontal_dilation
        if 0 <= row < height and 0 <= column < width:
            yield i, j, row, column


def _slow_activation(layer, x):
    p = float(np.float32(layer.parameter))
    match layer.activation:
        case "none":
            return x
        case "relu":
            return max(x, 0)
        case "leakyRelu":
            return x if x > 0 else p * x
        case "clippedRelu":
            return min(max(x, 0), p)
        case "sigmoid":
            return 1 / (1 + math.exp(-x))
        case "tanh":
            return math.tanh(x)


def logit_error(model, pictures):
    """How far float32 logits may be from the exact ones, for sums in any order: the largest of each picture (n,).

    It is 8 standard deviations, with rounding errors taken as independent of each other: a sum of k products makes k
    roundings, each of at most u = 2^-24 of the sum of magnitudes, and passes on the variance of its operands times
    their squared weights. No activation enlarges an error. (The strict bound, which adds magnitudes instead of variances,
    grows beyond 1 within a few layers and says nothing.)
    """
    unit = 2.0**-24
    exact = [normalise(model, pictures, np.float64)]
    offset = np.abs(np.float64(model.normalisation.offsets))
    variances = [2 * (unit * (np.abs(exact[0]) + 2 * offset)) ** 2]
    for layer in model.layers[:-1]:
        inputs, variance = [exact[number] for number in layer.inputs], [variances[number] for number in layer.inputs]
        weights, bias = (model.weights(number, np.float64) for number in (layer.weights, layer.bias))
        linear, squares, magnitudes = replace(layer, activation="none"), None, None
        if weights is not None:
            squares, magnitudes = weights**2, np.abs(weights)
        passed_on = apply_layer(linear, variance, squares)
        roundings = 0
        if layer.kind not in ("maxPool", "flatten", "activation"):
            terms = math.prod(inputs[0].shape[1:3] if weights is None else weights.shape[:-1])
            total = apply_layer(linear, [np.abs(x) for x in inputs], magnitudes, None if bias is None else np.abs(bias))
            roundings = (terms + 2) * (unit * total) ** 2    # 2: the bias and the scale
        exact.append(apply_layer(layer, inputs, weights, bias))
        function = 0 if layer.activation in ("none", "relu") else (4 * unit * exact[-1]) ** 2
        # What an addition adds may have the same errors, so that twice the variance is not enough.
        variances.append((2 if layer.kind == "add" else 1) * passed_on + roundings + function)
    return 8 * np.sqrt(variances[model.layers[-1].inputs[0]].max(axis=(1, 2, 3)))


def probability_error(model, pictures):
    """The same for probabilities (n,): at most half the error of the logits, and softmax's own rounding."""
    return logit_error(model, pictures) / 2 + (model.classes + 16) * 2.0**-24


def verdict(data):
    """0 if the reader takes the bytes, otherwise its error's number in the C interface; all else passes through."""
    try:
        decode(data)
        return 0
    except NotAModel:
        return 10
    except Damaged:
        return 11
    except Unsupported:
        return 12


def repaired(data):
    """The file with checksums that fit its bytes, as far as its section table can be followed."""
    data = bytearray(data)
    count = min(struct.unpack_from("<I", data, 12)[0], (len(data) - 32) // 32)
    for entry in range(32, 32 + 32 * count, 32):
        offset, length = struct.unpack_from("<QQ", data, entry + 8)
        struct.pack_into("<I", data, entry + 24, crc32c(data[offset:offset + length]))
    struct.pack_into("<I", data, 24, 0)
    struct.pack_into("<I", data, 24, crc32c(data[:32 + 32 * count]))
    return bytes(data)


def altered(data, count, seed):
    """`count` copies of a file, each with a number of 1 to 4 bytes altered, and with checksums repaired."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        size = int(random.choice([1, 2, 4]))
        place = int(random.integers(len(data) - size))
        number = int.from_bytes(data[place:place + size], "little")
        interesting = [number ^ 1 << int(random.integers(8 * size)), number + 1, number - 1, 0, 1, 2, 127, 128, -1,
                       1 << 8 * size - 1, int(random.integers(256**size))]
        number = _any(random, interesting) % 256**size
        yield repaired(data[:place] + number.to_bytes(size, "little") + data[place + size:])
