"""The layers of integer models in NumPy: every number is the one that the format defines.

Sums of products are below 2^31 in such models, so that floating point of 64 bits, which has the faster matrix product,
adds them exactly in any order.
"""
from dataclasses import replace

import numpy as np

from dnnfile.factors import averaged_counts, rescaling, writes_logits
from layers import apply_layer, pool

# P(f) = 2^(30 - f / 2^24) as the polynomial of the format, the highest power first.
_POLYNOMIAL = (-1024387, 9908897, -59395848, 257898519, -744258157, 1073741824)


def apply_integer_layer(model, number, inputs):
    """The output (n, H', W', C') int64 of layer `number`, any but softmax, from its inputs, arrays (n, H, W, C)."""
    layer, target = model.layers[number], model.quantization[number + 1]
    centred = [q - model.quantization[value].zero_point for q, value in zip(inputs, layer.inputs)]
    match layer.kind:
        case "maxPool" | "flatten":
            return apply_layer(layer, [inputs[0].astype(float)]).astype(np.int64)
        case "activation":
            return model.tensors[layer.weights].elements.astype(np.int64)[inputs[0]]
        case "convolution" | "dense":
            scaled = shift_rounded(_sums(model, layer, centred[0]), *rescaling(model, number))
            if writes_logits(model, number):
                return np.clip(scaled, -2**31, 2**31 - 1)
        case "averagePool" | "globalAveragePool":
            scaled = _average(model, number, centred[0])
        case "add":
            multipliers, shift = rescaling(model, number)
            scaled = shift_rounded(centred[0] * multipliers[0] + centred[1] * multipliers[1], 1, shift)
    return np.clip(target.zero_point + scaled, *_bounds(layer, target))


def shift_rounded(numbers, multipliers, shift):
    """numbers × multipliers × 2^-shift, halves rounded up; all int64."""
    return numbers * multipliers + (1 << shift - 1) >> shift


def _bounds(layer, target):
    """The least and largest output, which the activation sets."""
    if layer.activation == "none":
        return 0, 255
    if layer.activation == "relu":
        return target.zero_point, 255
    steps = np.rint(np.float64(np.float32(layer.parameter)) / np.float64(target.scale))
    return target.zero_point, int(min(255, target.zero_point + steps))


def _sums(model, layer, centred):
    weights, bias = (None if number is None else model.tensors[number].elements.astype(float)
                     for number in (layer.weights, layer.bias))
    linear = replace(layer, activation="none", parameter=0.0)
    return apply_layer(linear, [centred.astype(float)], weights, bias).astype(np.int64)


def _average(model, number, centred):
    """The means in units of the output, (n, H', W', C). Windows at the edges hold fewer elements."""
    layer, shape = model.layers[number], centred.shape[1:]
    if layer.window is None:
        return shift_rounded(centred.sum(axis=(1, 2), keepdims=True), *rescaling(model, number, shape[0] * shape[1]))
    sums, counts = pool(centred, layer.window, np.add, 0), averaged_counts(layer, shape)
    for count in np.unique(counts).tolist():
        alike = counts == count
        sums[:, alike] = shift_rounded(sums[:, alike], *rescaling(model, number, count))
    return sums


def integer_softmax(model, logits):
    """The probabilities (n, classes) float32 of what the softmax of an integer model reads, int64."""
    (multiplier,), shift = rescaling(model, len(model.layers) - 1)
    powers = integer_powers(logits.max(axis=-1, keepdims=True) - logits, multiplier, shift).astype(float)
    return (powers / powers.sum(axis=-1, keepdims=True)).astype(np.float32)


def integer_powers(differences, multiplier, shift):
    """2^30 halved differences × multiplier × 2^-shift times, as int64; 0 once nothing is left."""
    halvings = differences * multiplier >> shift - 24    # in units of 2^-24
    whole, fraction = halvings >> 24, halvings & 2**24 - 1
    result = _POLYNOMIAL[0]
    for coefficient in _POLYNOMIAL[1:]:
        result = coefficient + (result * fraction >> 24)
    return np.where((differences >= 2**31 - 1) | (whole > 30), 0, result >> np.minimum(whole, 30))
