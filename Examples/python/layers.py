"""The layers of a network in NumPy, over pictures in floating point."""
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def normalise(model, pictures, dtype=np.float32):
    """Value 0 of the network: (n, height, width, channels) of `dtype` from the same of uint8."""
    normalisation = model.normalisation
    scales, offsets = np.asarray(normalisation.scales, dtype), np.asarray(normalisation.offsets, dtype)
    return pictures.astype(dtype) * scales + offsets


def apply_layer(layer, inputs, weights=None, bias=None):
    """The output (n, H', W', C') of any layer but softmax from its inputs, arrays (n, H, W, C)."""
    source = inputs[0]
    match layer.kind:
        case "convolution":
            result = _convolution(source, layer.window, weights)
        case "dense":
            result = (source.reshape(len(source), -1) @ weights)[:, None, None, :]
        case "maxPool":
            result = pool(source, layer.window, np.maximum, -np.inf)
        case "averagePool":
            ones = np.ones((1, *source.shape[1:3], 1), source.dtype)
            result = pool(source, layer.window, np.add, 0) / pool(ones, layer.window, np.add, 0)
        case "globalAveragePool":
            result = source.mean(axis=(1, 2), keepdims=True)
        case "add":
            result = source + inputs[1]
        case "flatten":
            result = source.reshape(len(source), 1, 1, -1)
        case "activation":
            result = source
    if bias is not None:
        result = result + bias
    return activate(result, layer.activation, layer.parameter)


def activate(x, activation, parameter=0.0):
    """The activation of every element of x."""
    parameter = x.dtype.type(parameter)
    match activation:
        case "none":
            return x
        case "relu":
            return np.maximum(x, 0)
        case "leakyRelu":
            return np.where(x > 0, x, parameter * x)
        case "clippedRelu":
            return np.clip(x, 0, parameter)
        case "sigmoid":
            return 1 / (1 + np.exp(-x))
        case "tanh":
            return np.tanh(x)


def _pad(x, window, value):
    rows, columns = window.rows, window.columns
    edges = ((0, 0), (rows.before, rows.after), (columns.before, columns.after), (0, 0))
    return np.pad(x, edges, constant_values=value) if np.any(edges) else x


def _convolution(x, window, weights):
    """(n, H', W', C') from x (n, H, W, C) and weights (kh, kw, C / groups, C'): one product of matrices per group."""
    rows, columns = window.rows, window.columns
    patches = sliding_window_view(_pad(x, window, 0), (rows.extent, columns.extent), axis=(1, 2))
    patches = patches[:, ::rows.stride, ::columns.stride, :, ::rows.dilation, ::columns.dilation]
    patches = np.moveaxis(patches, 3, -1)    # (n, H', W', kh, kw, C)
    sources, targets = np.split(patches, window.groups, axis=-1), np.split(weights, window.groups, axis=-1)
    results = [source.reshape(*source.shape[:3], -1) @ target.reshape(-1, target.shape[-1])
               for source, target in zip(sources, targets)]
    return np.concatenate(results, axis=-1)


def pool(x, window, combine, padding):
    """Combines the elements under each window, along the rows and then along the columns."""
    x = _pad(x, window, padding)
    for number, axis in ((1, window.rows), (2, window.columns)):
        count = axis._replace(before=0, after=0).outputs(x.shape[number])
        x = np.moveaxis(x, number, 0)
        slices = [x[start:start + (count - 1) * axis.stride + 1:axis.stride] for start in range(axis.size)]
        result = slices[0]
        for part in slices[1:]:
            result = combine(result, part)
        x = np.moveaxis(result, 0, number)
    return x
