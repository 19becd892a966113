"""What a .dnn file holds, as data classes; the codes, records and limits of the format."""
import struct
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


class Limit:
    """The format's limits."""
    SECTIONS = 64
    LAYERS = 4096
    TENSORS = 8192
    DIMENSION = 2**24
    WINDOW = 4096
    ELEMENTS = 2**24
    TENSOR_ELEMENTS = 2**32
    OPERATIONS = 2**34
    VECTOR = 16    # channels that count as one in operations
    AVERAGED_ELEMENTS = 8421504
    CLASSES = 65536
    INPUT_CHANNELS = 4
    STRING = 65535
    PAIRS = 4096
    EPOCHS = 65536
    SELF_TESTS = 1024
    NAME = 39    # bytes of the name of a layer or tensor


class Kind(NamedTuple):
    """What the record of a kind of layer holds."""
    code: bytes
    inputs: int = 1
    window: bool = False
    tensors: bool = False
    activation: bool = False


KINDS = {
    "convolution": Kind(b"CONV", window=True, tensors=True, activation=True),
    "dense": Kind(b"DENS", tensors=True, activation=True),
    "maxPool": Kind(b"MAXP", window=True),
    "averagePool": Kind(b"AVGP", window=True),
    "globalAveragePool": Kind(b"GAVG"),
    "add": Kind(b"ADD ", inputs=2, activation=True),
    "flatten": Kind(b"FLAT"),
    "activation": Kind(b"ACTV", activation=True),
    "softmax": Kind(b"SOFT"),
}
ACTIVATIONS = ("none", "relu", "leakyRelu", "clippedRelu", "sigmoid", "tanh")
ELEMENT_TYPES = {1: np.dtype("<f4"), 2: np.dtype("i1"), 3: np.dtype("<i4"), 4: np.dtype("u1")}
POLARITIES = ("keep", "lightOnDark")
PLACEMENTS = ("stretch", "centreOfMass", "fit")
STEPS = ("fitted", "colour", "lighting", "contrast", "lines", "specks", "strokes", "nothing")    # from bit 0

# The records of a file, in the order of their fields.
SIGNATURE = b"\x89DNN\r\n\x1a\n"
HEADER = struct.Struct("<8s2HIQI4s")
ENTRY = struct.Struct("<4sI2QI4s")
NETWORK = struct.Struct("<4I")
LAYER = struct.Struct("<4s40s5I32sIf2I16s")
WINDOW = struct.Struct("<4I6HI")
TENSOR = struct.Struct("<40s6I2QI12s")
PREPARATION = struct.Struct("<5I12s")
QUANTIZATION = struct.Struct("<fI")
EPOCH = struct.Struct("<5f12s")
SELF_TEST = struct.Struct("<If")
ALIGNMENT = 64
NONE = 0xFFFFFFFF    # for the number of a tensor

SKIPPABLE = 1    # flag of a section that a reader may skip

# Tags of the known sections, in the order of the file: (flags, whether the section must be there).
SECTIONS = {
    b"LAYR": (0, True), b"TNSR": (0, True), b"LABL": (0, True), b"PREP": (0, True), b"NORM": (0, True),
    b"QUAN": (0, False), b"PROV": (SKIPPABLE, False), b"META": (SKIPPABLE, False), b"HIST": (SKIPPABLE, False),
    b"TEST": (SKIPPABLE, False), b"TRNG": (SKIPPABLE, False), b"DATA": (0, True),
}


def align(offset):
    """The first multiple of 64 at or after `offset`."""
    return -(-offset // ALIGNMENT) * ALIGNMENT


class Axis(NamedTuple):
    """A window in one direction."""
    size: int
    stride: int
    before: int
    after: int
    dilation: int

    @property
    def extent(self):
        """Elements from the window's first to its last, both included."""
        return (self.size - 1) * self.dilation + 1

    def slack(self, length):
        """How far the window can move along a padded input of `length`; negative if it does not fit."""
        return length + self.before + self.after - self.extent

    def outputs(self, length):
        """How many windows an input of `length` has."""
        return self.slack(length) // self.stride + 1


class Window(NamedTuple):
    """The window of a convolution or pool. Pools have no groups (0); a convolution has at least 1."""
    height: int
    width: int
    vertical_stride: int = 1
    horizontal_stride: int = 1
    above: int = 0
    left: int = 0
    below: int = 0
    right: int = 0
    vertical_dilation: int = 1
    horizontal_dilation: int = 1
    groups: int = 0

    @property
    def rows(self):
        return Axis(self.height, self.vertical_stride, self.above, self.below, self.vertical_dilation)

    @property
    def columns(self):
        return Axis(self.width, self.horizontal_stride, self.left, self.right, self.horizontal_dilation)


@dataclass
class Layer:
    """One layer. Value 0 is the model's input, value i + 1 the output of layer i."""
    kind: str                      # a key of KINDS
    inputs: tuple                  # numbers of the values it reads, two for an addition
    output: tuple                  # height, width, channels
    name: str = ""
    window: Window | None = None
    activation: str = "none"       # one of ACTIVATIONS
    parameter: float = 0.0         # of the activation
    weights: int | None = None     # number of a tensor; for an activation of an integer model that of its table
    bias: int | None = None


@dataclass
class Tensor:
    """Elements of float32, int32 or uint8, or of int8 with the tensor `scales`, which has one for each last index."""
    elements: np.ndarray
    name: str = ""
    scales: int | None = None


@dataclass
class Preparation:
    """How a picture of any size becomes an input."""
    polarity: str = "keep"
    placement: str = "stretch"
    box: tuple = (0, 0)    # height and width; zeros if placement is stretch
    steps: frozenset = frozenset()


@dataclass
class Normalisation:
    """Channel c of the input is byte × scales[c] + offsets[c]; both float32 of shape (channels,)."""
    scales: np.ndarray
    offsets: np.ndarray


class Quantization(NamedTuple):
    """An 8-bit number q of a value stands for scale × (q - zero_point)."""
    scale: float    # a float32
    zero_point: int


class Epoch(NamedTuple):
    """What an epoch of training measured, and the learning rate of its last step; all float32."""
    training_loss: float
    training_accuracy: float
    held_out_loss: float
    held_out_accuracy: float
    learning_rate: float


@dataclass
class SelfTest:
    """Pictures (n, height, width, channels) uint8 and the probabilities (n, classes) float32 they must give."""
    pictures: np.ndarray
    probabilities: np.ndarray
    tolerance: float


class UnknownSection(NamedTuple):
    """A section of another format version or program that may be skipped."""
    tag: bytes
    data: bytes


@dataclass
class Model:
    """Everything in a file. Texts are str; provenance and metadata map keys to values.

    In an integer model, `quantization` is a list with a Quantization for each value; in others it is None.
    """
    input: tuple                   # height, width, channels
    layers: list
    tensors: list
    labels: list
    preparation: Preparation
    normalisation: Normalisation
    provenance: dict = field(default_factory=dict)
    metadata: dict = field(default_factory=dict)
    history: list = field(default_factory=list)    # an Epoch for each epoch of training
    self_test: SelfTest | None = None
    training: bytes = b""
    unknown: list = field(default_factory=list)
    minor_version: int = 0
    quantization: list | None = None

    @property
    def classes(self):
        """How many classes the model tells apart."""
        return self.layers[-1].output[2]

    def weights(self, number, dtype=np.float32):
        """Tensor `number` as numbers of `dtype`, int8 multiplied by its scales; None for None."""
        if number is None:
            return None
        tensor = self.tensors[number]
        elements = tensor.elements.astype(dtype)
        return elements if tensor.scales is None else elements * self.tensors[tensor.scales].elements.astype(dtype)
