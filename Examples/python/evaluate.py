"""Evaluates .dnn models with NumPy: probabilities of pictures, and the accuracy on the test images of an IDX data set.

Usage: python3 evaluate.py model.dnn --data FOLDER [--limit N]

The folder holds t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, as they are or compressed (.gz).
"""
import argparse
import gzip
import pathlib
import sys
import time

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import dnnfile


def probabilities(model, pictures, dtype=np.float32, batch=250):
    """The probabilities (n, classes) of pictures; arguments and errors are those of `logits`."""
    return softmax(logits(model, pictures, dtype, batch))


def logits(model, pictures, dtype=np.float32, batch=250):
    """What the last layer, a softmax, reads: (n, classes) of `dtype`, float32 or float64.

    Pictures are uint8 (n, height, width, channels) of the model's input shape; one channel may be left out as
    (n, height, width). Raises ValueError for others. `batch` pictures are computed at a time.
    """
    pictures = np.asarray(pictures)
    if pictures.ndim == 3 and model.input[2] == 1:
        pictures = pictures[..., None]
    if pictures.dtype != np.uint8 or pictures.shape[1:] != tuple(model.input):
        raise ValueError(f"the model takes uint8 pictures of {model.input}, not {pictures.dtype} {pictures.shape[1:]}")
    tensors = [(model.weights(layer.weights, dtype), model.weights(layer.bias, dtype)) for layer in model.layers]
    result = np.empty((len(pictures), model.classes), dtype)
    with np.errstate(all="ignore"):    # numbers that overflow make useless probabilities, nothing worse
        for start in range(0, len(pictures), batch):
            result[start:start + batch] = _run(model, tensors, pictures[start:start + batch], dtype)
    return result


def _run(model, tensors, pictures, dtype):
    last_use = {value: number for number, layer in enumerate(model.layers) for value in layer.inputs}
    values = {0: normalise(model, pictures, dtype)}
    for number, (layer, (weights, bias)) in enumerate(zip(model.layers[:-1], tensors)):
        values[number + 1] = apply_layer(layer, [values[value] for value in layer.inputs], weights, bias)
        for value in layer.inputs:
            if last_use[value] == number:
                values.pop(value, None)    # an addition may read one value twice
    return values[model.layers[-1].inputs[0]].reshape(len(pictures), -1)


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
            result = _pool(source, layer.window, np.maximum, -np.inf)
        case "averagePool":
            ones = np.ones((1, *source.shape[1:3], 1), source.dtype)
            result = _pool(source, layer.window, np.add, 0) / _pool(ones, layer.window, np.add, 0)
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


def softmax(x):
    """exp(x) over its sum, along the last axis; the largest x is subtracted first, so that nothing overflows."""
    most = np.finfo(x.dtype).max
    with np.errstate(all="ignore"):
        x = np.nan_to_num(x, nan=-most, posinf=most, neginf=-most)
        powers = np.exp(x - x.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)


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


def _pool(x, window, combine, padding):
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


def read_idx(path):
    """The array of uint8 in an IDX file, which may be compressed as `path`.gz. Raises OSError and ValueError."""
    path = pathlib.Path(path)
    compressed = path.with_name(path.name + ".gz")
    data = path.read_bytes() if path.exists() else gzip.decompress(compressed.read_bytes())
    if len(data) < 4 or data[:3] != b"\0\0\x08":
        raise ValueError(f"{path}: not an IDX file of bytes")
    shape = np.frombuffer(data, ">u4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + shape.nbytes).reshape(shape)


def read_test_images(folder):
    """The test images (n, height, width) and labels (n,) of an IDX data set, both uint8."""
    folder = pathlib.Path(folder)
    return read_idx(folder / "t10k-images-idx3-ubyte"), read_idx(folder / "t10k-labels-idx1-ubyte")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", help="a .dnn file")
    parser.add_argument("--data", required=True, metavar="FOLDER", help="folder with the test images in IDX files")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N images")
    options = parser.parse_args()
    try:
        model = dnnfile.read(options.model)
        images, labels = (array[:options.limit] for array in read_test_images(options.data))
        start = time.perf_counter()
        right = np.count_nonzero(logits(model, images).argmax(axis=1) == labels)
    except (OSError, ValueError, dnnfile.FormatError) as error:
        sys.exit(f"error: {error}")
    seconds = time.perf_counter() - start
    print(f"{right} of {len(labels)} right: {right / len(labels):.2%} ({seconds:.1f} s)")


if __name__ == "__main__":
    main()
