"""What a model must be, whatever file it is in. The reader checks it after decoding, the writer before encoding."""
import math

import numpy as np

from .errors import Damaged, require, require_in, require_known
from .integer_rules import check_integer_model
from .model import ACTIVATIONS, KINDS, PLACEMENTS, POLARITIES, STEPS, Limit

_TYPES = (np.float32, np.int8, np.int32, np.uint8)
_SMALLEST_NORMAL = np.float32(2.0**-126)


def check_text(text, limit, what):
    """Raises Damaged unless `text` is a text of at most `limit` bytes of UTF-8."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Damaged(f"{what} holds a surrogate") from None
    require(size <= limit, f"{what} has {size} bytes, more than {limit}")
    for character in text:
        code = ord(character)
        control = code < 0x20 and character not in "\t\n" or 0x7F <= code <= 0x9F
        require(not control, f"{what} holds the control character U+{code:04X}")


def check_tensor_shape(shape, where):
    """Raises Damaged unless a tensor may have the shape."""
    require_in(len(shape), 1, 4, f"{where}: rank")
    for axis, size in enumerate(shape):
        require_in(size, 1, Limit.DIMENSION, f"{where}: dimension {axis}")
    require_in(math.prod(shape), 1, Limit.TENSOR_ELEMENTS, f"{where}: number of elements")


def check(model):
    """Raises Damaged or Unsupported unless the model follows every rule of the format."""
    check_network(model)
    _check_tensors(model)
    _check_labels(model)
    _check_preparation(model)
    _check_normalisation(model)
    if model.quantization is not None:
        check_integer_model(model)
    _check_pairs(model.provenance, "PROV")
    _check_pairs(model.metadata, "META")
    _check_history(model.history)
    check_self_test(model)


def check_network(model):
    """Checks the layers and their shapes without the tensors."""
    require_in(len(model.layers), 1, Limit.LAYERS, "LAYR: layer count")
    shapes = [tuple(model.input)]
    _check_value(shapes[0], "LAYR: input")
    require_in(shapes[0][2], 1, Limit.INPUT_CHANNELS, "LAYR: channels of the input")
    names, used, operations = set(), set(), 0
    for number, layer in enumerate(model.layers):
        where = f"layer {number} ({layer.name or layer.kind})"
        _check_name(layer.name, names, where)
        _check_fields(layer, where, model.quantization is not None)
        for value in layer.inputs:
            require_in(value, 0, number, f"{where}: input")
        is_last = number == len(model.layers) - 1
        require((layer.kind == "softmax") == is_last, f"{where}: the last layer, and no other, must be a softmax")
        inputs = [shapes[value] for value in layer.inputs]
        shapes.append(tuple(layer.output))
        _check_value(shapes[-1], f"{where}: output")
        expected = output_shape(layer, inputs, where)
        require(shapes[-1] == expected, f"{where}: output {shapes[-1]}, but its input makes it {expected}")
        used.update(layer.inputs)
        operations += _operations(layer, inputs[0])
    for value in range(len(model.layers)):
        require(value in used, f"LAYR: value {value} is read by no layer")
    require(operations <= Limit.OPERATIONS, f"LAYR: {operations} operations, more than {Limit.OPERATIONS}")


def output_shape(layer, inputs, where="layer"):
    """The shape of a layer's output from those of its inputs.

    The channels of a convolution or dense layer are the layer's own. Raises Damaged if the inputs do not suit it.
    """
    height, width, channels = inputs[0]
    window = layer.window
    if window:
        for axis, length in ((window.rows, height), (window.columns, width)):
            require(axis.slack(length) >= 0, f"{where}: window of extent {axis.extent} on a padded input of "
                                             f"{length + axis.before + axis.after}")
        size = (window.rows.outputs(height), window.columns.outputs(width))
    match layer.kind:
        case "convolution":
            for count in (channels, layer.output[2]):
                require(count % window.groups == 0, f"{where}: {window.groups} groups do not divide {count} channels")
            return (*size, layer.output[2])
        case "dense":
            return (1, 1, layer.output[2])
        case "maxPool" | "averagePool":
            return (*size, channels)
        case "globalAveragePool":
            return (1, 1, channels)
        case "flatten":
            return (1, 1, height * width * channels)
        case "add":
            require(inputs[0] == inputs[1], f"{where}: adds {inputs[0]} and {inputs[1]}")
        case "softmax":
            require(height == width == 1, f"{where}: the input {inputs[0]} is not a vector")
            require_in(channels, 1, Limit.CLASSES, f"{where}: classes")
    return inputs[0]


def weights_shape(layer, source):
    """The shape that the weights of a layer with an input of the shape `source` must have; a table has 256 elements."""
    if layer.kind == "activation":
        return (256,)
    if layer.kind == "dense":
        return (math.prod(source), layer.output[2])
    window = layer.window
    return (window.height, window.width, source[2] // window.groups, layer.output[2])


def _check_value(shape, where):
    for size, what in zip(shape, ("height", "width", "channels")):
        require_in(size, 1, Limit.DIMENSION, f"{where}: {what}")
    require_in(math.prod(shape), 1, Limit.ELEMENTS, f"{where}: number of elements")


def _check_name(name, names, where):
    check_text(name, Limit.NAME, f"{where}: name")
    require(not name or name not in names, f"{where}: another one has this name")
    names.add(name)


def _check_fields(layer, where, is_integer):
    require_known(layer.kind, KINDS, f"{where}: kind")
    require_known(layer.activation, ACTIVATIONS, f"{where}: activation")
    kind = KINDS[layer.kind]
    require(len(layer.inputs) == kind.inputs, f"{where}: {len(layer.inputs)} inputs instead of {kind.inputs}")
    require(kind.activation or layer.activation == "none", f"{where}: this kind of layer has no activation")
    _check_parameter(layer, where)
    require((layer.window is not None) == kind.window, f"{where}: window")
    if kind.window:
        _check_window(layer, where)
    has_weights = kind.tensors or is_integer and layer.kind == "activation"    # a table then
    require((layer.weights is not None) == has_weights, f"{where}: weights")
    require(layer.bias is None or kind.tensors, f"{where}: this kind of layer has no bias")


def _check_parameter(layer, where):
    with np.errstate(over="ignore"):
        parameter = np.float32(layer.parameter)
    match layer.activation:
        case "leakyRelu":
            valid = -1 < parameter < 1
        case "clippedRelu":
            valid = 0 < parameter < np.inf
        case _:
            valid = parameter.tobytes() == bytes(4)
    require(valid, f"{where}: activation parameter {parameter} of {layer.activation}")


def _check_window(layer, where):
    for axis, what in ((layer.window.rows, "vertical"), (layer.window.columns, "horizontal")):
        require_in(axis.size, 1, Limit.WINDOW, f"{where}: {what} window size")
        require_in(axis.stride, 1, Limit.WINDOW, f"{where}: {what} stride")
        require_in(axis.dilation, 1, Limit.WINDOW, f"{where}: {what} dilation")
        for padding in (axis.before, axis.after):
            require_in(padding, 0, min(axis.extent - 1, 0xFFFF), f"{where}: {what} padding")
    if layer.kind == "convolution":
        require_in(layer.window.groups, 1, Limit.DIMENSION, f"{where}: groups")
    else:
        require(layer.window.groups == 0, f"{where}: a pool has no groups")
        require(layer.window.rows.dilation == layer.window.columns.dilation == 1, f"{where}: a pool has no dilation")


def _operations(layer, source):
    if layer.kind == "dense":
        return math.prod(source) * _whole_vectors(layer.output)
    if layer.window is None:
        return len(layer.inputs) * _whole_vectors(source)
    terms = layer.window.height * layer.window.width
    if layer.kind != "convolution":
        return _whole_vectors(layer.output) * terms
    groups = layer.window.groups
    height, width, channels = layer.output
    return groups * _whole_vectors((height, width, channels // groups)) * terms * (source[2] // groups)


def _whole_vectors(shape):
    """The elements of a value whose pixels fill whole vectors."""
    height, width, channels = shape
    return height * width * -(-channels // Limit.VECTOR) * Limit.VECTOR


def _check_tensors(model):
    require_in(len(model.tensors), 0, Limit.TENSORS, "TNSR: tensors")
    names = set()
    for number, tensor in enumerate(model.tensors):
        where = f"tensor {number} ({tensor.name})"
        _check_name(tensor.name, names, where)
        check_tensor_shape(tensor.elements.shape, where)
        _check_elements(model, tensor, where)
    used = _check_roles(model)
    for number in range(len(model.tensors)):
        require(number in used, f"tensor {number}: no layer uses it")


def _check_elements(model, tensor, where):
    if tensor.elements.dtype == np.float32:
        require(np.isfinite(tensor.elements).all(), f"{where}: an element is infinite or not a number")
    if tensor.elements.dtype != np.int8:
        require(tensor.elements.dtype in _TYPES, f"{where}: elements of {tensor.elements.dtype}")
        require(tensor.scales is None, f"{where}: a tensor of {tensor.elements.dtype} has no scales")
        return
    require((tensor.elements != -128).all(), f"{where}: an element is -128")
    require(tensor.scales is not None, f"{where}: no scales")
    scales = _tensor(model, tensor.scales, tensor.elements.shape[-1:], (np.float32,), f"{where}: scales").elements
    with np.errstate(all="ignore"):
        valid = (scales >= _SMALLEST_NORMAL) & np.isfinite(np.float32(127) * scales)
    require(valid.all(), f"{where}: a scale is below 2^-126 or too large")


def _check_roles(model):
    """Checks the tensors that layers use; returns their numbers and those of their scales."""
    shapes = [tuple(model.input), *(tuple(layer.output) for layer in model.layers)]
    is_integer = model.quantization is not None
    used = set()
    for number, layer in enumerate(model.layers):
        if layer.weights is None:
            continue
        where = f"layer {number} ({layer.name or layer.kind})"
        shape = weights_shape(layer, shapes[layer.inputs[0]])
        types = (np.uint8,) if layer.kind == "activation" else (np.int8,) if is_integer else (np.float32, np.int8)
        weights = _tensor(model, layer.weights, shape, types, f"{where}: weights")
        used.update((layer.weights, weights.scales))
        if layer.bias is not None:
            _tensor(model, layer.bias, (layer.output[2],), (np.int32 if is_integer else np.float32,), f"{where}: bias")
            used.add(layer.bias)
    return used


def _tensor(model, number, shape, types, where):
    require(0 <= number < len(model.tensors), f"{where}: there is no tensor {number}")
    tensor = model.tensors[number]
    require(tensor.elements.shape == shape, f"{where}: tensor {number} is {tensor.elements.shape}, not {shape}")
    require(tensor.elements.dtype in types, f"{where}: tensor {number} is of {tensor.elements.dtype}")
    return tensor


def _check_labels(model):
    require(len(model.labels) == model.classes, f"LABL: {len(model.labels)} labels for {model.classes} classes")
    for number, label in enumerate(model.labels):
        check_text(label, Limit.STRING, f"LABL: label {number}")


def _check_preparation(model):
    preparation = model.preparation
    require_known(preparation.polarity, POLARITIES, "PREP: polarity")
    require_known(preparation.placement, PLACEMENTS, "PREP: placement")
    boxed = preparation.placement != "stretch"
    require(not boxed or model.input[2] == 1, f"PREP: {preparation.placement} is for inputs of one channel")
    for size, limit, what in zip(preparation.box, model.input, ("height", "width")):
        require_in(size, *((1, limit) if boxed else (0, 0)), f"PREP: box {what}")
    for step in preparation.steps:
        require_known(step, STEPS, "PREP: step")
        require(boxed, f"PREP: {step} with a placement of stretch")
    require("colour" not in preparation.steps or preparation.polarity == "lightOnDark",
            "PREP: colour without lightOnDark")
    require("strokes" not in preparation.steps or preparation.placement == "centreOfMass", "PREP: strokes of fit")


def _check_normalisation(model):
    for values, what in ((model.normalisation.scales, "scale"), (model.normalisation.offsets, "offset")):
        values = np.asarray(values)
        require(values.shape == (model.input[2],), f"NORM: {values.shape} {what}s")
        require(np.isfinite(values.astype(np.float32)).all(), f"NORM: a {what} is not finite")
    require(np.asarray(model.normalisation.scales, np.float32).all(), "NORM: a scale is zero")


def _check_pairs(pairs, where):
    require_in(len(pairs), 0, Limit.PAIRS, f"{where}: pairs")
    for key, value in pairs.items():
        check_text(key, Limit.STRING, f"{where}: a key")
        check_text(value, Limit.STRING, f"{where}: the value of {key!r}")


def _check_history(history):
    require_in(len(history), 0, Limit.EPOCHS, "HIST: epochs")
    for number, epoch in enumerate(history):
        for name, value in epoch._asdict().items():
            highest = 1 if name.endswith("accuracy") else np.finfo(np.float32).max
            require(0 <= value <= highest, f"HIST: {name} {value} of epoch {number}")


def check_self_test(model):
    """Checks the self-test, if there is one."""
    test = model.self_test
    if test is None:
        return
    count = len(test.pictures)
    require_in(count, 1, Limit.SELF_TESTS, "TEST: pictures")
    require(test.pictures.shape == (count, *model.input) and test.pictures.dtype == np.uint8,
            f"TEST: pictures of {test.pictures.dtype} {test.pictures.shape}")
    require(test.probabilities.shape == (count, model.classes), f"TEST: probabilities {test.probabilities.shape}")
    require(0 <= test.tolerance <= 1, f"TEST: tolerance {test.tolerance}")
    require(((test.probabilities >= 0) & (test.probabilities <= 1)).all(), "TEST: a probability is not 0 to 1")
