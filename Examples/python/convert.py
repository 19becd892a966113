"""Makes .dnn models from NumPy arrays: those of a PyTorch state dict, of Keras weights, or any others.

Usage: python3 convert.py weights.npz out.dnn [--network TEXT] [--input 28x28x1] [--layout torch|keras] [--int8] …

The network is a text with a step for each layer, `;` between them:

    conv relu; max-pool 2; conv relu stride=2 padding=same; flatten; dense relu; dense; softmax

Neither PyTorch nor Keras is needed. Save the weights with `numpy.savez("weights.npz", **{name: tensor.numpy() for name,
tensor in model.state_dict().items()})` or `numpy.savez("weights.npz", *model.get_weights())`.
"""
import argparse
import math
import sys
import zipfile
from dataclasses import replace

import numpy as np

import dnnfile
from dnnfile import Layer, Model, Normalisation, Preparation, Tensor, Window
from dnnfile.rules import output_shape

NETWORK = "conv relu; max-pool 2; conv relu; max-pool 2; flatten; dense relu; dense; softmax"
ACTIVATIONS = ("relu", "leakyRelu", "clippedRelu", "sigmoid", "tanh")


class Builder:
    """Builds a network layer by layer. Every method that adds a layer returns the builder.

        Builder((28, 28, 1)).conv(w1, b1, "relu").max_pool(2).flatten().dense(w2, b2).softmax().model()

    `layout` says how the weights are laid out:
      "keras": convolutions (kh, kw, in / groups, out), dense layers (in, out); flatten counts channels fastest. This is
               the format's own layout.
      "torch": convolutions (out, in / groups, kh, kw), dense layers (out, in); flatten counts columns fastest, then
               rows, then channels.

    Activations that have a parameter are given as a pair, ("leakyRelu", 0.01). Sizes, strides and dilations are an int
    or (vertical, horizontal); paddings also (above, left, below, right) or "same". Average pools leave the padding out
    of the mean, which PyTorch does with count_include_pad=False only.

    ValueError says what does not fit: at once for shapes that a layer cannot take, otherwise when the model is written.
    """

    def __init__(self, input, layout="keras"):
        if layout not in ("keras", "torch"):
            raise ValueError(f"layout {layout!r}")
        self.layout = layout
        self.layers, self.tensors = [], []
        self.shapes = [tuple(input)]
        self._pictures = [tuple(input)]    # the shape of each value before it was flattened
        self.value = 0                     # what the next layer reads

    def at(self, value):
        """Lets the next layer read a value made before, as the attribute `value` said then."""
        self.value = value
        return self

    def conv(self, weights, bias=None, activation="none", stride=1, padding=0, dilation=1, groups=1):
        weights = np.asarray(weights, np.float32)
        if weights.ndim != 4:
            raise ValueError(f"weights of a convolution have 4 dimensions, not {weights.shape}")
        if self.layout == "torch":
            weights = weights.transpose(2, 3, 1, 0)
        window = self._window(weights.shape[:2], stride, padding, dilation, groups)
        return self._add("convolution", weights, bias, activation, window=window)

    def dense(self, weights, bias=None, activation="none"):
        weights = np.asarray(weights, np.float32)
        height, width, channels = self._pictures[self.value]
        inputs = weights.shape[1 if self.layout == "torch" else 0] if weights.ndim == 2 else None
        if inputs != height * width * channels:
            raise ValueError(f"weights {weights.shape} of a dense layer with {height * width * channels} inputs")
        if self.layout == "torch":
            planes = weights.reshape(-1, channels, height, width)
            weights = planes.transpose(2, 3, 1, 0).reshape(inputs, -1)
        return self._add("dense", weights, bias, activation)

    def max_pool(self, size, stride=None, padding=0):
        return self._add("maxPool", window=self._window(_pair(size), stride or size, padding))

    def average_pool(self, size, stride=None, padding=0):
        return self._add("averagePool", window=self._window(_pair(size), stride or size, padding))

    def global_average_pool(self):
        return self._add("globalAveragePool")

    def add(self, other, activation="none"):
        """Adds the value `other` to the present one."""
        if self.layout == "torch" and self._pictures[self.value] != self._pictures[other]:
            raise ValueError("the addition of two flattened pictures depends on the layout")
        return self._add("add", activation=activation, inputs=(self.value, other))

    def flatten(self):
        return self._add("flatten")

    def activation(self, activation):
        return self._add("activation", activation=activation)

    def softmax(self):
        return self._add("softmax")

    def model(self, labels=None, scale=1 / 255, offset=0.0, preparation=None, provenance=None, metadata=None):
        """The Model. Labels are "0", "1" and so on by default; scale and offset are numbers or one for each channel."""
        channels = self.shapes[0][2]
        scales, offsets = (np.broadcast_to(np.float32(values), channels) for values in (scale, offset))
        labels = [str(number) for number in range(self.shapes[-1][2])] if labels is None else list(labels)
        return Model(self.shapes[0], self.layers, self.tensors, labels, preparation or Preparation(),
                     Normalisation(scales, offsets), provenance or {}, metadata or {})

    def _add(self, kind, weights=None, bias=None, activation="none", window=None, inputs=None):
        activation, parameter = (activation, 0.0) if isinstance(activation, str) else activation
        inputs = inputs or (self.value,)
        height, width, channels = picture = self._pictures[inputs[0]]
        reordered = self.layout == "torch" and channels > 1 < height * width and picture != self.shapes[inputs[0]]
        if reordered and kind not in ("dense", "flatten", "activation", "add"):
            raise ValueError(f"{kind} of a flattened picture, whose order depends on the layout")
        name = f"{kind} {len(self.layers)}"
        outputs = 0 if weights is None else weights.shape[-1]
        layer = Layer(kind, inputs, (0, 0, outputs), name, window, activation, parameter)
        try:
            layer.output = output_shape(layer, [self.shapes[value] for value in inputs], name)
        except dnnfile.FormatError as error:
            raise ValueError(str(error)) from error
        layer.weights = self._tensor(weights, f"{name} weights")
        layer.bias = self._tensor(bias, f"{name} bias")
        self.layers.append(layer)
        self.shapes.append(layer.output)
        self._pictures.append(picture if kind in ("flatten", "activation", "add") else layer.output)
        self.value = len(self.layers)
        return self

    def _tensor(self, elements, name):
        if elements is None:
            return None
        self.tensors.append(Tensor(np.ascontiguousarray(elements, np.float32), name))
        return len(self.tensors) - 1

    def _window(self, size, stride, padding, dilation=1, groups=0):
        (rows, columns), strides, dilations = size, _pair(stride), _pair(dilation)
        if padding == "same":
            edges = [_same(length, *axis) for length, *axis in zip(self.shapes[self.value], size, strides, dilations)]
            padding = (edges[0][0], edges[1][0], edges[0][1], edges[1][1])
        elif isinstance(padding, int) or len(padding) == 2:
            padding = _pair(padding) * 2
        return Window(rows, columns, *strides, *padding, *dilations, groups)


def _pair(size):
    return (size, size) if isinstance(size, int) else tuple(size)


def _same(length, size, stride, dilation):
    """The padding (before, after) that makes ⌈length / stride⌉ outputs; the odd one is after."""
    outputs = -(-length // stride)
    total = max((outputs - 1) * stride + (size - 1) * dilation + 1 - length, 0)
    return total // 2, total - total // 2


def sequential(network, weights, input, layout="torch"):
    """A Builder of a sequential network after its last layer.

    `network` is a text as the module describes it. `weights` is a mapping of names to arrays, such as a state dict with
    `….weight` and maybe `….bias`, or a list of arrays in order, such as Keras's get_weights(), where a bias follows its
    weights. Layers take them in order. Raises ValueError if they do not fit.
    """
    builder, pairs = Builder(input, layout), _weight_pairs(weights)
    for step in filter(None, map(str.strip, network.split(";"))):
        _add_step(builder, step, pairs)
    if pairs:
        raise ValueError(f"{len(pairs)} arrays of weights are left over after the last layer")
    return builder


def _weight_pairs(weights):
    """A list of (weights, bias or None)."""
    if hasattr(weights, "keys") and any(name.endswith(".weight") for name in weights):
        names = [name.removesuffix("weight") for name in weights if name.endswith(".weight")]
        return [(weights[name + "weight"], weights.get(name + "bias")) for name in names]
    pairs = []
    for array in weights.values() if hasattr(weights, "keys") else weights:
        if array.ndim > 1:
            pairs.append((array, None))
        elif pairs and pairs[-1][1] is None:
            pairs[-1] = (pairs[-1][0], array)
        else:
            raise ValueError(f"an array {array.shape} that is the bias of nothing")
    return pairs


def _add_step(builder, step, pairs):
    kind, *words = step.split()
    options = dict(word.split("=", 1) for word in words if "=" in word)
    options = {name: value if value == "same" else int(value) for name, value in options.items()}
    plain = [word for word in words if "=" not in word]
    try:
        if kind in ("conv", "dense"):
            if not pairs:
                raise ValueError("no weights are left for it")
            getattr(builder, kind)(*pairs.pop(0), *plain, **options)
        elif kind in ("max-pool", "average-pool"):
            getattr(builder, kind.replace("-", "_"))(*map(int, plain), **options)
        elif kind in ("global-average-pool", "flatten", "softmax"):
            getattr(builder, kind.replace("-", "_"))(*plain, **options)
        elif kind in ACTIVATIONS:
            builder.activation(kind)
        else:
            raise ValueError("unknown kind of layer")
    except (TypeError, ValueError) as error:
        raise ValueError(f"step {step!r}: {error}") from error


def int8_weights(model):
    """The same model with weights rounded to int8, one scale per output channel: its largest weight becomes 127."""
    weights = {layer.weights for layer in model.layers}
    tensors, scales = [], []
    for number, tensor in enumerate(model.tensors):
        if number in weights and tensor.scales is None:
            elements = tensor.elements
            largest = np.abs(elements).max(axis=tuple(range(elements.ndim - 1)))
            scale = np.maximum(largest / np.float32(127), np.finfo(np.float32).tiny)    # all weights may be zero
            scales.append(Tensor(scale, f"{tensor.name[:31]} scales"))
            rounded = np.clip(np.rint(elements / scale), -127, 127).astype(np.int8)
            tensor = Tensor(rounded, tensor.name, len(model.tensors) + len(scales) - 1)
        tensors.append(tensor)
    return replace(model, tensors=tensors + scales, self_test=None, training=b"", unknown=[])


def read_arrays(path):
    """The arrays of a .npz file by name. Raises OSError, or ValueError if it is anything else."""
    try:
        with np.load(path) as arrays:
            return dict(arrays)
    except (TypeError, ValueError, EOFError, zipfile.BadZipFile) as error:    # TypeError: a single array, .npy
        raise ValueError(f"{path}: not a .npz file of plain arrays") from error


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("weights", help="a .npz file")
    parser.add_argument("output", help="the .dnn file to write")
    parser.add_argument("--network", default=NETWORK, metavar="TEXT", help=f"the layers; default: {NETWORK}")
    parser.add_argument("--input", default="28x28x1", help="height x width x channels; default: 28x28x1")
    parser.add_argument("--layout", choices=("torch", "keras"), default="torch", help="of the weights; default: torch")
    parser.add_argument("--labels", help="names of the classes with commas between them; default: 0,1,2 and so on")
    parser.add_argument("--scale", type=float, default=1 / 255, help="of pixels, before the offset; default: 1/255")
    parser.add_argument("--offset", type=float, default=0.0, help="added to scaled pixels; default: 0")
    parser.add_argument("--int8", action="store_true", help="round the weights to 8 bits")
    options = parser.parse_args()
    try:
        shape = tuple(int(size) for size in options.input.split("x"))
        if len(shape) != 3:
            raise ValueError(f"--input {options.input} is not height x width x channels")
        builder = sequential(options.network, read_arrays(options.weights), shape, options.layout)
        labels = options.labels.split(",") if options.labels else None
        model = builder.model(labels, options.scale, options.offset)
        dnnfile.write(int8_weights(model) if options.int8 else model, options.output)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    print(f"{len(model.layers)} layers, {sum(math.prod(tensor.elements.shape) for tensor in model.tensors)} parameters")


if __name__ == "__main__":
    main()
