"""What an integer model must be besides: its scales, and that no sum or shift leaves the range of the arithmetic."""
import math

import numpy as np

from .errors import require
from .factors import averaged_counts, rescaling, writes_logits
from .model import Limit, Quantization

_ACTIVATIONS = ("none", "relu", "clippedRelu")    # those that a layer can have by bounds alone
_SHIFTS = {"convolution": (32, 62), "dense": (32, 62), "averagePool": (1, 62), "globalAveragePool": (1, 62),
           "add": (1, 30), "softmax": (25, 62)}
_SHIFTS_OF_LOGITS = (1, 62)


def check_integer_model(model):
    """Raises Damaged unless a model with scales follows the rules for them; everything else has been checked."""
    _check_records(model)
    _check_pictures(model)
    shapes = [tuple(model.input), *(tuple(layer.output) for layer in model.layers)]
    for number, layer in enumerate(model.layers):
        where = f"layer {number} ({layer.name or layer.kind})"
        match layer.kind:
            case "convolution" | "dense":
                _check_bounds(layer, where)
                _check_logits(model, number, where)
                _check_sums(model, layer, where)
                _check_shift(model, number, where)
            case "add":
                _check_bounds(layer, where)
                _check_shift(model, number, where)
            case "averagePool" | "globalAveragePool":
                _check_average(model, number, shapes[layer.inputs[0]], where)
            case "maxPool" | "flatten":
                same = model.quantization[layer.inputs[0]] == model.quantization[number + 1]
                require(same, f"{where}: scale and zero point of the output are not those of the input")
            case "softmax":
                _check_shift(model, number, where)


def _check_records(model):
    values = len(model.layers) + 1
    require(len(model.quantization) == values, f"QUAN: {len(model.quantization)} records for {values} values")
    for number, (scale, zero_point) in enumerate(model.quantization):
        require(2.0**-126 <= scale < math.inf, f"QUAN: the scale of value {number} is {scale}")
        require(0 <= zero_point <= 255, f"QUAN: the zero point of value {number} is {zero_point}, not 0 to 255")
    require(model.quantization[-1] == Quantization(1, 0), f"QUAN: the probabilities have {model.quantization[-1]}")


def _check_pictures(model):
    scale, zero_point = model.quantization[0]
    with np.errstate(over="ignore"):
        offset = np.float32(-(zero_point * np.float64(scale)))
    require((model.normalisation.scales == np.float32(scale)).all(), "NORM: a scale is not that of value 0 in QUAN")
    require((model.normalisation.offsets == offset).all(), f"NORM: an offset is not the {offset} of value 0 in QUAN")


def _check_bounds(layer, where):
    require(layer.activation in _ACTIVATIONS, f"{where}: {layer.activation} takes a table in an integer model")


def _check_logits(model, number, where):
    if writes_logits(model, number):
        require(model.quantization[number + 1].zero_point == 0, f"{where}: it writes logits with a zero point")
        require(model.layers[number].activation == "none", f"{where}: it writes logits with an activation")


def _check_sums(model, layer, where):
    weights = model.tensors[layer.weights].elements
    weights = weights.reshape(-1, weights.shape[-1])
    largest = 255 * np.abs(weights).sum(axis=0, dtype=np.int64)    # no weight is -128, whose magnitude is no int8
    largest += model.quantization[layer.inputs[0]].zero_point * np.abs(weights.sum(axis=0, dtype=np.int64))
    if layer.bias is not None:
        largest += np.abs(model.tensors[layer.bias].elements.astype(np.int64))
    require(largest.max() < 2**31, f"{where}: sums of channel {largest.argmax()} may reach {largest.max()}")


def _check_average(model, number, source, where):
    layer = model.layers[number]
    counts = averaged_counts(layer, source) if layer.window else np.array([source[0] * source[1]])
    for count in np.unique(counts).tolist():
        require(count <= Limit.AVERAGED_ELEMENTS, f"{where}: averages {count} elements")
        _check_shift(model, number, where, count)


def _check_shift(model, number, where, averaged=None):
    low, high = _SHIFTS_OF_LOGITS if writes_logits(model, number) else _SHIFTS[model.layers[number].kind]
    _, shift = rescaling(model, number, averaged)
    require(low <= shift <= high, f"{where}: shift {shift}, not {low} to {high}: the scales are too far apart")
