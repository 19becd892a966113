"""What the tests of integer models share: random ones, and a slow evaluator with Python's integers and fractions."""
import itertools
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np

from convert import Builder, int8_weights
from dnnfile import Layer, Model, Normalisation, Preparation, Quantization, Tensor
from dnnfile.factors import LOG2_E, writes_logits
from layers import activate, apply_layer, normalise
from testing import random_model, slow_element, slow_under_window


def random_integer_model(seed):
    """A small integer model with layers of random kinds; the softmax of every third reads 8-bit numbers."""
    random = np.random.default_rng(seed)
    model = random_model(seed)
    if seed % 3 == 0:
        model = _with_table_before_softmax(model)
    return _quantized_at_random(model, random)


def wide_integer_model(seed):
    """Convolutions and dense layers of up to some hundred channels, as many as vectors hold and a few more or less."""
    random = np.random.default_rng(seed)
    builder = Builder(tuple(int(size) for size in (*random.integers(8, 21, 2), random.integers(1, 5))))
    for _ in range(3):
        channels, outputs = builder.shapes[-1][2], int(random.integers(1, 100))
        groups = channels if random.random() < 0.3 else int(np.gcd(channels, outputs)) if random.random() < 0.3 else 1
        outputs = groups * -(-outputs // groups)
        size, stride = (int(random.choice(choices)) for choices in ((1, 2, 3, 5), (1, 1, 2)))
        weights = random.normal(size=(size, size, channels // groups, outputs)) / np.sqrt(size**2 * channels / groups)
        builder.conv(weights, random.normal(size=outputs), "relu", stride, padding=size // 2, groups=groups)
    if random.random() < 0.5:
        builder.average_pool(2)
    for outputs, activation in ((random.integers(1, 300), "relu"), (random.integers(2, 50), "none")):
        inputs = math.prod(builder.shapes[-1])
        builder.dense(random.normal(size=(inputs, outputs)) / np.sqrt(inputs), random.normal(size=outputs), activation)
    return _quantized_at_random(builder.softmax().model(), random)


def large_logit_models():
    """Models of one pixel whose logits are the multipliers times the pixel, clamped from the pixel 2 on.

    The scales are such that (s_in × s_w) / s_out becomes another multiplier in another order: s_in / s_out × s_w in the
    first model, s_in × (s_w / s_out) in the second.
    """
    for pixel, channel, logit in (("0x1.413784p+12", "0x1.ff4562p+10", "0x1.1885cep-6"),
                                  ("0x1.4fe984p+12", "0x1.603e06p+12", "0x1.d5322ep-6")):
        pixel, channel, logit = map(float.fromhex, (pixel, channel, logit))
        channels = np.array([channel, np.nextafter(np.float32(channel), np.float32(0))], np.float32)
        layers = [Layer("dense", (0,), (1, 1, 2), weights=0), Layer("softmax", (1,), (1, 1, 2))]
        tensors = [Tensor(np.int8([[2, 2]]), scales=1), Tensor(channels)]
        normalisation = Normalisation(np.float32([pixel]), np.float32([0]))
        yield Model((1, 1, 1), layers, tensors, ["a", "b"], Preparation(), normalisation,
                    quantization=[Quantization(pixel, 0), Quantization(logit, 0), Quantization(1, 0)])


def _quantized_at_random(model, random):
    pictures = random.integers(0, 256, (4, *model.input), np.uint8)
    first = Quantization(float(np.float32(random.uniform(0.003, 0.03))), int(random.integers(256)))
    return quantized(model, pictures, first, lambda: random.uniform(0.5, 1.2))


def _with_table_before_softmax(model):
    last = len(model.layers)
    *layers, softmax = model.layers
    table = Layer("activation", softmax.inputs, softmax.output, f"activation {last}", activation="tanh")
    return replace(model, layers=[*layers, table, replace(softmax, inputs=(last,))])


def quantized(model, pictures, first, stretch=lambda: 1):
    """An integer model after one in floating point, by the ranges of its values on the pictures, times stretch().

    `first` is the Quantization of pixels. An activation that integer models do not have in place becomes another.
    """
    channels = model.input[2]
    offset = np.float32(-(first.zero_point * first.scale))
    normalisation = Normalisation(np.full(channels, first.scale, np.float32), np.full(channels, offset))
    layers = [_with_bounds_alone(model, number) for number in range(len(model.layers))]
    model = int8_weights(replace(model, layers=layers, normalisation=normalisation))
    values, records, tensors = [normalise(model, pictures)], [first], model.tensors[:]
    for number, layer in enumerate(layers[:-1]):
        inputs = [values[value] for value in layer.inputs]
        values.append(apply_layer(layer, inputs, model.weights(layer.weights), model.weights(layer.bias)))
        records.append(_record(model, number, values[-1], records, stretch))
        layers[number] = _with_integers(model, layer, [records[value] for value in layer.inputs], records[-1], tensors)
    return replace(model, layers=layers, tensors=tensors, quantization=[*records, Quantization(1, 0)])


def _with_bounds_alone(model, number):
    layer = model.layers[number]
    if writes_logits(model, number):
        return replace(layer, activation="none", parameter=0.0)
    if layer.kind == "activation" or layer.activation in ("none", "relu", "clippedRelu"):
        return layer
    return replace(layer, activation="clippedRelu", parameter=2.5)


def _record(model, number, value, records, stretch):
    layer = model.layers[number]
    inputs = [records[value] for value in layer.inputs]
    if layer.kind in ("maxPool", "flatten"):
        return inputs[0]
    largest = max(record.scale for record in inputs)
    if layer.kind in ("convolution", "dense"):
        largest *= float(model.tensors[model.tensors[layer.weights].scales].elements.max())
    if writes_logits(model, number):
        return Quantization(float(np.float32(largest * stretch())), 0)
    low, high = min(value.min(), 0) * stretch(), max(value.max(), 0) * stretch()
    # A factor of a convolution is below 1/2. Where nothing passes the activation the range is no guide to the scale.
    scale = np.float32(max((high - low) / 255, 2.1 * largest if layer.weights is not None else 0, 0.001))
    return Quantization(float(scale), int(np.clip(np.rint(-low / scale), 0, 255)))


def _with_integers(model, layer, inputs, output, tensors):
    """The layer with its table, or with its bias as integers; new tensors are put at the end of `tensors`."""
    source = inputs[0]
    if layer.kind == "activation":
        numbers = np.float32(source.scale) * (np.arange(256) - source.zero_point)
        table = np.rint(activate(numbers, layer.activation, layer.parameter) / output.scale) + output.zero_point
        tensors.append(Tensor(np.clip(table, 0, 255).astype(np.uint8), f"{layer.name} table"))
        return replace(layer, weights=len(tensors) - 1)
    if layer.bias is not None:
        scales = tensors[tensors[layer.weights].scales].elements.astype(float)
        bias = np.rint(model.tensors[layer.bias].elements / (source.scale * scales))
        tensors[layer.bias] = Tensor(np.clip(bias, -2**28, 2**28).astype(np.int32), tensors[layer.bias].name)
    return layer


def slow_integers(model, picture):
    """(the numbers that the softmax reads, the probabilities float32) of one picture (H, W, C)."""
    values = [picture.astype(object)]
    for number, layer in enumerate(model.layers[:-1]):
        output = np.empty(layer.output, object)
        inputs = [values[value] for value in layer.inputs]
        for place in itertools.product(*map(range, layer.output)):
            output[place] = _slow_element(model, number, inputs, *place)
        values.append(output)
    logits = values[model.layers[-1].inputs[0]][0, 0].tolist()
    (multiplier,), shift = slow_factors([model.quantization[-2].scale * LOG2_E], 31)
    powers = [slow_power(max(logits) - number, multiplier, shift) for number in logits]
    return logits, np.float32([power / sum(powers) for power in powers])


def _slow_element(model, number, inputs, y, x, n):
    layer, output = model.layers[number], model.quantization[number + 1]
    records = [model.quantization[value] for value in layer.inputs]
    weights, bias = (None if tensor is None else model.tensors[tensor].elements.astype(object)
                     for tensor in (layer.weights, layer.bias))
    centred = [values - record.zero_point for values, record in zip(inputs, records)]
    match layer.kind:
        case "maxPool" | "flatten":
            return slow_element(layer, None, None, inputs, y, x, n)
        case "activation":
            return weights[inputs[0][y, x, n]]
        case "convolution" | "dense":
            scales = model.tensors[model.tensors[layer.weights].scales].elements.tolist()
            factors, shift = slow_factors([records[0].scale * scale / output.scale for scale in scales], 31)
            scaled = _rounded(slow_element(layer, weights, bias, centred, y, x, n) * factors[n], shift)
            if writes_logits(model, number):
                return min(max(scaled, -2**31), 2**31 - 1)
        case "averagePool" | "globalAveragePool":
            pooled = layer.kind == "averagePool"
            under = slow_under_window(layer, centred[0], y, x, n) if pooled else centred[0][:, :, n].ravel().tolist()
            (factor,), shift = slow_factors([records[0].scale / (output.scale * len(under))], 31)
            scaled = _rounded(sum(under) * factor, shift)
        case "add":
            factors, shift = slow_factors([record.scale / output.scale for record in records], 20)
            scaled = _rounded(sum(values[y, x, n] * factor for values, factor in zip(centred, factors)), shift)
    low = 0 if layer.activation == "none" else output.zero_point
    high = 255
    if layer.activation == "clippedRelu":
        high = min(255, output.zero_point + round(float(np.float32(layer.parameter)) / output.scale))
    return min(max(output.zero_point + scaled, low), high)


def slow_factors(factors, bits):
    """(multipliers, shift) of factors, all of them Python's numbers."""
    factors, exponent = [Fraction(factor) for factor in factors], 0
    while max(factors) >= Fraction(2)**exponent:
        exponent += 1
    while max(factors) < Fraction(2)**(exponent - 1):
        exponent -= 1
    shift = bits - exponent
    if round(max(factors) * Fraction(2)**shift) == 2**bits:
        shift -= 1
    return [round(factor * Fraction(2)**shift) for factor in factors], shift


def slow_power(difference, multiplier, shift):
    """e of the softmax, from the distance to the largest number that it reads."""
    halvings = (difference * multiplier) >> (shift - 24)
    whole = halvings >> 24
    if difference >= 2**31 - 1 or whole > 30:
        return 0
    result = 0
    for coefficient in (-1024387, 9908897, -59395848, 257898519, -744258157, 1073741824):
        result = coefficient + ((result * (halvings - (whole << 24))) >> 24)
    return result >> whole


def _rounded(number, shift):
    return (number + 2**(shift - 1)) >> shift
