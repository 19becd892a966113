"""Reads .dnn files. Every function raises NotAModel, Damaged or Unsupported for a file that breaks the rules."""
import math
import pathlib

import numpy as np

from .checksum import crc32c
from .errors import Damaged, NotAModel, Unsupported, require, require_in
from .model import (ACTIVATIONS, ELEMENT_TYPES, ENTRY, EPOCH, HEADER, KINDS, LAYER, NETWORK, NONE, PLACEMENTS,
                    POLARITIES, PREPARATION, QUANTIZATION, SECTIONS, SELF_TEST, SIGNATURE, SKIPPABLE, STEPS, TENSOR,
                    WINDOW, Epoch, Layer, Limit, Model, Normalisation, Preparation, Quantization, SelfTest, Tensor,
                    UnknownSection, Window, align)
from .rules import check, check_network, check_tensor_shape

_KIND_OF_CODE = {kind.code: name for name, kind in KINDS.items()}

_COMMON_FORMATS = {
    b"\x89PNG": "a PNG picture", b"\xff\xd8\xff": "a JPEG picture", b"\x1f\x8b": "gzip-compressed",
    b"PK\x03\x04": "a ZIP archive (as NumPy, PyTorch and Keras write)", b"\x89HDF": "an HDF5 file (as Keras writes)",
    b"\x93NUMPY": "a NumPy array",
}


def read(path):
    """The Model in the file at `path`. Also raises OSError."""
    return decode(pathlib.Path(path).read_bytes())


def decode(data):
    """The Model in `data`, the bytes of a whole file. The arrays of the model refer to them and are read-only."""
    data = bytes(data)
    minor_version, entries = _read_outer(data)
    try:
        return _read_content(entries, minor_version)
    except Damaged as error:
        if minor_version == 0:
            raise
        raise Unsupported(f"version 1.{minor_version}: {error}") from error


def _read_outer(data):
    """The minor version and the sections, a list of (tag, bytes)."""
    _check_signature(data)
    require(len(data) >= HEADER.size, f"header: the file has only {len(data)} bytes")
    _, major, minor, count, size, checksum, reserved = HEADER.unpack_from(data)
    if major == 0:
        raise Damaged(f"header: version {major}.{minor} never was")
    if major != 1:
        raise Unsupported(f"header: version {major}.{minor}")
    require_in(count, 0, Limit.SECTIONS, "header: section count")
    require(size == len(data), f"header: the file should have {size} bytes and has {len(data)}")
    end = HEADER.size + count * ENTRY.size
    require(end <= len(data), "header: the section table is cut short")
    _check_sum(data[:24] + bytes(4) + data[28:end], checksum, "header")
    _check_zero(reserved, "header")

    sections = []
    for number in range(count):
        section, end = _read_section(data, number, end)
        sections.append(section)
    require(end == len(data), f"{len(data) - end} bytes after the last section")
    _check_tags([tag for tag, _ in sections])
    return minor, sections


def _check_signature(data):
    if data.startswith(SIGNATURE) or data and SIGNATURE.startswith(data):
        require(len(data) >= len(SIGNATURE), "signature: the file is cut short")
        return
    require(not data.startswith(SIGNATURE[:4]), "signature: altered, likely by a transfer that converted line ends")
    for start, what in _COMMON_FORMATS.items():
        if data.startswith(start):
            raise NotAModel(f"this is {what}")
    raise NotAModel("not a .dnn file" if data else "the file is empty")


def _read_section(data, number, end):
    """((tag, bytes), end) of a section; `end` is where what stands before it ends."""
    tag, flags, offset, length, checksum, reserved = ENTRY.unpack_from(data, HEADER.size + number * ENTRY.size)
    where = f"section {number} ({_printable(tag)})"
    _check_zero(reserved, where)
    if flags & ~SKIPPABLE or tag not in SECTIONS and not flags & SKIPPABLE:
        raise Unsupported(f"{where}: unknown section or flags {flags:#x}")
    require(tag not in SECTIONS or flags == SECTIONS[tag][0], f"{where}: flags {flags:#x}")
    require(offset == align(end), f"{where}: offset {offset} instead of {align(end)}")
    require(offset + length <= len(data), f"{where}: {length} bytes at {offset} reach beyond the file")
    _check_zero(data[end:offset], f"{where}: padding before it")
    content = data[offset:offset + length]
    _check_sum(content, checksum, where)
    return (tag, content), offset + length


def _check_tags(tags):
    known = [tag for tag in tags if tag in SECTIONS]
    for tag, (_, required) in SECTIONS.items():
        require(known.count(tag) <= 1, f"there are {known.count(tag)} sections {_printable(tag)}")
        require(tag in known or not required, f"there is no section {_printable(tag)}")
    require(known == [tag for tag in SECTIONS if tag in known], "the sections are not in order")


def _read_content(entries, minor_version):
    sections = dict(entries)
    shape, layers = _read_layers(sections[b"LAYR"])
    quantization = _read_quantization(sections.get(b"QUAN"))
    model = Model(shape, layers, [], [], None, None, minor_version=minor_version, quantization=quantization)
    check_network(model)    # the sections below are read by the shapes of the network

    model.tensors = _read_tensors(sections[b"TNSR"], sections[b"DATA"])
    model.labels = _read_labels(sections[b"LABL"])
    model.preparation = _read_preparation(sections[b"PREP"])
    model.normalisation = _read_normalisation(sections[b"NORM"], shape[2])
    model.provenance = _read_pairs(sections.get(b"PROV"), "PROV")
    model.metadata = _read_pairs(sections.get(b"META"), "META")
    model.history = _read_history(sections.get(b"HIST", b""))
    model.self_test = _read_self_test(sections.get(b"TEST"), shape, model.classes)
    model.training = sections.get(b"TRNG", b"")
    model.unknown = [UnknownSection(tag, content) for tag, content in entries if tag not in SECTIONS]
    check(model)
    return model


def _read_layers(section):
    """The shape of the input and the list of Layer."""
    require(len(section) >= NETWORK.size, f"LAYR: {len(section)} bytes")
    *shape, count = NETWORK.unpack_from(section)
    require_in(count, 1, Limit.LAYERS, "LAYR: layer count")
    expected = NETWORK.size + count * LAYER.size
    require(len(section) == expected, f"LAYR: {len(section)} bytes instead of {expected}")
    records = LAYER.iter_unpack(section[NETWORK.size:])
    return tuple(shape), [_read_layer(record, f"layer {number}") for number, record in enumerate(records)]


def _read_layer(record, where):
    code, name, first, second, *output, window, activation, parameter, weights, bias, reserved = record
    if code not in _KIND_OF_CODE:
        raise Unsupported(f"{where}: kind {_printable(code)}")
    kind = _KIND_OF_CODE[code]
    _check_zero(reserved, where)
    if not KINDS[kind].window:
        _check_zero(window, f"{where}: window")
    if KINDS[kind].inputs == 1:
        require(second == 0, f"{where}: second input {second}")
    return Layer(
        kind=kind, name=_read_name(name, where),
        inputs=(first, second)[:KINDS[kind].inputs], output=tuple(output),
        window=Window(*WINDOW.unpack(window)) if KINDS[kind].window else None,
        activation=_lookup(ACTIVATIONS, activation, f"{where}: activation"),
        parameter=parameter,
        weights=None if weights == NONE else weights, bias=None if bias == NONE else bias)


def _read_tensors(section, data):
    require(len(section) % TENSOR.size == 0, f"TNSR: {len(section)} bytes are not a multiple of {TENSOR.size}")
    require_in(len(section) // TENSOR.size, 0, Limit.TENSORS, "TNSR: tensors")
    tensors, end = [], 0
    for number, record in enumerate(TENSOR.iter_unpack(section)):
        tensor, end = _read_tensor(record, data, end, f"tensor {number}")
        tensors.append(tensor)
    require(end == len(data), f"DATA: {len(data) - end} bytes after the last tensor")
    return tensors


def _read_tensor(record, data, end, where):
    """(Tensor, end) for a record; `end` is where the tensor before ends in DATA."""
    name, code, rank, *dimensions, offset, length, scales, reserved = record
    _check_zero(reserved, where)
    if code not in ELEMENT_TYPES:
        raise Unsupported(f"{where}: type {code}")
    require_in(rank, 1, 4, f"{where}: rank")
    require(not any(dimensions[rank:]), f"{where}: rank {rank}, but dimensions {dimensions}")
    shape = tuple(dimensions[:rank])
    check_tensor_shape(shape, where)
    size = math.prod(shape) * ELEMENT_TYPES[code].itemsize
    require(length == size, f"{where}: {length} bytes instead of {size}")
    require(offset == align(end), f"{where}: offset {offset} instead of {align(end)}")
    require(offset + length <= len(data), f"{where}: {length} bytes at {offset} reach beyond DATA")
    _check_zero(data[end:offset], f"{where}: padding before it")
    elements = np.frombuffer(data, ELEMENT_TYPES[code], math.prod(shape), offset).reshape(shape)
    elements = elements.astype(elements.dtype.newbyteorder("="), copy=False)
    return Tensor(elements, _read_name(name, where), None if scales == NONE else scales), offset + length


def _read_labels(section):
    texts = _Texts(section, "LABL")
    labels = [texts.string() for _ in range(texts.count(Limit.CLASSES))]
    texts.check_end()
    return labels


def _read_preparation(section):
    require(len(section) == PREPARATION.size, f"PREP: {len(section)} bytes")
    polarity, placement, height, width, steps, reserved = PREPARATION.unpack(section)
    _check_zero(reserved, "PREP")
    return Preparation(_lookup(POLARITIES, polarity, "PREP: polarity"),
                       _lookup(PLACEMENTS, placement, "PREP: placement"), (height, width), _read_steps(steps))


def _read_steps(bits):
    if bits >> len(STEPS):
        raise Unsupported(f"PREP: steps {bits}")
    return frozenset(name for bit, name in enumerate(STEPS) if bits >> bit & 1)


def _read_normalisation(section, channels):
    require(len(section) == 32, f"NORM: {len(section)} bytes")
    for half in (section[:16], section[16:]):
        _check_zero(half[4 * channels:], "NORM: channels that the input does not have")
    scales, offsets = np.frombuffer(section, "<f4").astype(np.float32).reshape(2, 4)[:, :channels]
    return Normalisation(scales, offsets)


def _read_quantization(section):
    if section is None:
        return None
    require(len(section) % QUANTIZATION.size == 0, f"QUAN: {len(section)} bytes are no whole records")
    return [Quantization(*record) for record in QUANTIZATION.iter_unpack(section)]


def _read_pairs(section, where):
    if section is None:
        return {}
    texts, pairs, last = _Texts(section, where), {}, None
    for _ in range(texts.count(Limit.PAIRS)):
        key, value = texts.string(), texts.string()
        require(last is None or last < key.encode(), f"{where}: the key {key!r} is not in order")
        pairs[key], last = value, key.encode()
    texts.check_end()
    return pairs


def _read_history(section):
    require(len(section) % EPOCH.size == 0, f"HIST: {len(section)} bytes are no whole records")
    require_in(len(section) // EPOCH.size, 0, Limit.EPOCHS, "HIST: epochs")
    epochs = []
    for number, (*measured, reserved) in enumerate(EPOCH.iter_unpack(section)):
        _check_zero(reserved, f"HIST: epoch {number}")
        epochs.append(Epoch(*measured))
    return epochs


def _read_self_test(section, shape, classes):
    if section is None:
        return None
    require(len(section) >= SELF_TEST.size, f"TEST: {len(section)} bytes")
    count, tolerance = SELF_TEST.unpack_from(section)
    require_in(count, 1, Limit.SELF_TESTS, "TEST: count")
    end = SELF_TEST.size + count * math.prod(shape)
    start = end + -end % 4
    expected = start + count * classes * 4
    require(len(section) == expected, f"TEST: {len(section)} bytes instead of {expected}")
    _check_zero(section[end:start], "TEST: bytes after the pictures")
    pictures = np.frombuffer(section[SELF_TEST.size:end], np.uint8).reshape(count, *shape)
    probabilities = np.frombuffer(section, "<f4", offset=start).astype(np.float32).reshape(count, classes)
    return SelfTest(pictures, probabilities, tolerance)


class _Texts:
    """Reads the strings of a section one after the other."""

    def __init__(self, data, where):
        self.data, self.offset, self.where = data, 0, where

    def count(self, limit):
        number = self._u32()
        require_in(number, 0, limit, f"{self.where}: count")
        return number

    def string(self):
        where = f"{self.where}: string at {self.offset}"
        size = self._u32()
        require_in(size, 0, Limit.STRING, f"{where}: length")
        content = self._take(size + 1)
        require(content[-1] == 0, f"{where}: does not end with a zero byte")
        return _read_text(content[:-1], where)

    def check_end(self):
        require(self.offset == len(self.data), f"{self.where}: {len(self.data) - self.offset} bytes too many")

    def _u32(self):
        return int.from_bytes(self._take(4), "little")

    def _take(self, size):
        taken = self.data[self.offset:self.offset + size]
        require(len(taken) == size, f"{self.where}: cut short at {self.offset}")
        self.offset += size
        return taken


def _read_name(field, where):
    name, _, rest = field.partition(b"\0")
    require(len(name) < len(field), f"{where}: the name does not end with a zero byte")
    _check_zero(rest, f"{where}: name")
    return _read_text(name, f"{where}: name")


def _read_text(data, where):
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Damaged(f"{where}: not UTF-8 at byte {error.start}") from None


def _lookup(names, code, what):
    if code >= len(names):
        raise Unsupported(f"{what} {code} is unknown")
    return names[code]


def _check_sum(data, expected, where):
    found = crc32c(data)
    require(found == expected, f"{where}: checksum {found:08x} instead of {expected:08x}")


def _check_zero(data, where):
    require(not data.strip(b"\0"), f"{where}: reserved bytes are not zero")


def _printable(tag):
    return ascii(tag.decode("latin-1"))
