"""The real factors of an integer model's layers, as an integer multiplier and a shift: m × 2^-s."""
import math

import numpy as np

LOG2_E = 1.4426950408889634


def as_integers(factors, bits):
    """(multipliers (n,) int64, shift) of positive binary64 factors (n,); the largest multiplier has `bits` bits."""
    factors = np.asarray(factors, np.float64)
    _, exponent = math.frexp(factors.max())
    shift = bits - exponent
    multipliers = np.rint(np.ldexp(factors, shift))
    if multipliers.max() == 2.0**bits:
        shift -= 1
        multipliers = np.rint(np.ldexp(factors, shift))
    return multipliers.astype(np.int64), shift


def rescaling(model, number, averaged=None):
    """(multipliers, shift) of layer `number`: multipliers of output channels, of an addition's inputs, or one alone.

    `averaged` is how many elements a pool averages. The order of the operations is the format's: each is rounded.
    """
    layer, records = model.layers[number], model.quantization
    sources = [np.float64(records[value].scale) for value in layer.inputs]
    target = np.float64(records[number + 1].scale)
    match layer.kind:
        case "convolution" | "dense":
            scales = model.tensors[model.tensors[layer.weights].scales].elements.astype(np.float64)
            return as_integers(sources[0] * scales / target, 31)
        case "averagePool" | "globalAveragePool":
            return as_integers([sources[0] / (target * averaged)], 31)
        case "add":
            return as_integers([source / target for source in sources], 20)
        case "softmax":
            return as_integers([sources[0] * LOG2_E], 31)


def writes_logits(model, number):
    """Whether the output of layer `number` is 32-bit logits.

    The softmax is the last layer and every value is read, so only the softmax can read what the layer before it writes.
    """
    return number == len(model.layers) - 2 and model.layers[number].kind in ("convolution", "dense")


def averaged_counts(layer, source):
    """How many elements of an input of the shape `source` lie under each window of an averagePool: (H', W') int64."""
    rows, columns = (_covered(axis, length) for axis, length in zip((layer.window.rows, layer.window.columns), source))
    return rows[:, None] * columns


def _covered(axis, length):
    starts = np.arange(axis.outputs(length)) * axis.stride - axis.before
    return np.minimum(starts + axis.size, length) - np.maximum(starts, 0)
