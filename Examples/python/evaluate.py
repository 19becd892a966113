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

import dnnfile
from integer import apply_integer_layer, integer_softmax
from layers import apply_layer, normalise


def probabilities(model, pictures, dtype=np.float32, batch=250):
    """The probabilities (n, classes) of pictures; arguments and errors are those of `logits`.

    Those of an integer model are float32 and the format's to the last bit.
    """
    numbers = logits(model, pictures, dtype, batch)
    return softmax(numbers) if model.quantization is None else integer_softmax(model, numbers)


def logits(model, pictures, dtype=np.float32, batch=250):
    """What the last layer, a softmax, reads: (n, classes) of `dtype`, float32 or float64; int64 for an integer model.

    Pictures are uint8 (n, height, width, channels) of the model's input shape; one channel may be left out as
    (n, height, width). Raises ValueError for others. `batch` pictures are computed at a time.
    """
    pictures = np.asarray(pictures)
    if pictures.ndim == 3 and model.input[2] == 1:
        pictures = pictures[..., None]
    if pictures.dtype != np.uint8 or pictures.shape[1:] != tuple(model.input):
        raise ValueError(f"the model takes uint8 pictures of {model.input}, not {pictures.dtype} {pictures.shape[1:]}")
    if model.quantization is None:
        first, apply = _float_network(model, dtype)
    else:
        dtype = np.int64
        first, apply = lambda pictures: pictures.astype(dtype), lambda *layer: apply_integer_layer(model, *layer)
    result = np.empty((len(pictures), model.classes), dtype)
    with np.errstate(all="ignore"):    # numbers that overflow make useless probabilities, nothing worse
        for start in range(0, len(pictures), batch):
            result[start:start + batch] = _run(model, first(pictures[start:start + batch]), apply)
    return result


def _float_network(model, dtype):
    """A function that makes value 0 of pictures, and one that applies layer `number` to its inputs."""
    tensors = [(model.weights(layer.weights, dtype), model.weights(layer.bias, dtype)) for layer in model.layers]
    return (lambda pictures: normalise(model, pictures, dtype),
            lambda number, inputs: apply_layer(model.layers[number], inputs, *tensors[number]))


def _run(model, first, apply):
    last_use = {value: number for number, layer in enumerate(model.layers) for value in layer.inputs}
    values = {0: first}
    for number, layer in enumerate(model.layers[:-1]):
        values[number + 1] = apply(number, [values[value] for value in layer.inputs])
        for value in layer.inputs:
            if last_use[value] == number:
                values.pop(value, None)    # an addition may read one value twice
    return values[model.layers[-1].inputs[0]].reshape(len(first), -1)


def softmax(x):
    """exp(x) over its sum, along the last axis; the largest x is subtracted first, so that nothing overflows."""
    most = np.finfo(x.dtype).max
    with np.errstate(all="ignore"):
        x = np.nan_to_num(x, nan=-most, posinf=most, neginf=-most)
        powers = np.exp(x - x.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)


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
