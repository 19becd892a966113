"""Writes .dnn files in canonical form."""
import pathlib
import struct

import numpy as np

from .checksum import crc32c
from .errors import FormatError, require
from .model import (ACTIVATIONS, ELEMENT_TYPES, ENTRY, EPOCH, HEADER, KINDS, LAYER, NETWORK, NONE, PLACEMENTS,
                    POLARITIES, PREPARATION, QUANTIZATION, SECTIONS, SELF_TEST, SIGNATURE, SKIPPABLE, STEPS, TENSOR,
                    WINDOW, align)
from .rules import check

_CODE_OF_TYPE = {dtype.newbyteorder("="): code for code, dtype in ELEMENT_TYPES.items()}


def write(model, path, keep_unknown=False):
    """Writes the model to the file at `path`; see `encode`. Also raises OSError."""
    pathlib.Path(path).write_bytes(encode(model, keep_unknown))


def encode(model, keep_unknown=False):
    """The bytes of a file with the model. Raises ValueError if the model breaks a rule of the format.

    Unknown sections are left out unless asked for: they may describe what a program has changed. They come last.
    """
    try:
        check(model)
        return _assemble(_sections(model) + (_unknown(model) if keep_unknown else []))
    except FormatError as error:
        raise ValueError(f"cannot be written: {error}") from error


def _sections(model):
    """The known sections, a list of (tag, flags, bytes) in the order of the file."""
    records, data = _tensors(model.tensors)
    contents = {
        b"LAYR": NETWORK.pack(*model.input, len(model.layers)) + b"".join(map(_layer, model.layers)),
        b"TNSR": records,
        b"LABL": _strings(len(model.labels), model.labels),
        b"PREP": _preparation(model.preparation),
        b"NORM": _channels(model.normalisation.scales) + _channels(model.normalisation.offsets),
        b"QUAN": b"".join(QUANTIZATION.pack(*record) for record in model.quantization or ()),
        b"PROV": _pairs(model.provenance),
        b"META": _pairs(model.metadata),
        b"HIST": b"".join(EPOCH.pack(*epoch, bytes(12)) for epoch in model.history),
        b"TEST": _self_test(model.self_test),
        b"TRNG": bytes(model.training),
        b"DATA": data,
    }
    return [(tag, flags, contents[tag]) for tag, (flags, required) in SECTIONS.items() if contents[tag] or required]


def _unknown(model):
    for section in model.unknown:
        require(section.tag not in SECTIONS and len(section.tag) == 4, f"{section.tag} is no tag of an unknown section")
    return [(section.tag, SKIPPABLE, section.data) for section in model.unknown]


def _assemble(sections):
    body_start = HEADER.size + len(sections) * ENTRY.size
    body, entries = bytearray(), b""
    for tag, flags, content in sections:
        offset = _pad(body, body_start)
        body += content
        entries += ENTRY.pack(tag, flags, offset, len(content), crc32c(content), bytes(4))

    def header(checksum):
        return HEADER.pack(SIGNATURE, 1, 0, len(sections), body_start + len(body), checksum, bytes(4))

    return header(crc32c(header(0) + entries)) + entries + bytes(body)


def _pad(body, start=0):
    """Adds zeros until start + len(body) is a multiple of 64, and returns that."""
    offset = align(start + len(body))
    body += bytes(offset - start - len(body))
    return offset


def _layer(layer):
    window = WINDOW.pack(*layer.window) if layer.window else bytes(WINDOW.size)
    inputs = (*layer.inputs, 0)[:2]
    return LAYER.pack(KINDS[layer.kind].code, layer.name.encode(), *inputs, *layer.output, window,
                      ACTIVATIONS.index(layer.activation), layer.parameter,
                      _number(layer.weights), _number(layer.bias), bytes(16))


def _number(tensor):
    return NONE if tensor is None else tensor


def _tensors(tensors):
    """The contents of TNSR and DATA."""
    records, data = b"", bytearray()
    for tensor in tensors:
        elements = tensor.elements
        code = _CODE_OF_TYPE[elements.dtype]
        stored = elements.astype(ELEMENT_TYPES[code])
        offset = _pad(data)
        data += stored.tobytes()
        dimensions = (*elements.shape, 0, 0, 0)[:4]
        records += TENSOR.pack(tensor.name.encode(), code, elements.ndim, *dimensions, offset, stored.nbytes,
                               _number(tensor.scales), bytes(12))
    return records, bytes(data)


def _strings(count, texts):
    encoded = [text.encode() for text in texts]
    return struct.pack("<I", count) + b"".join(struct.pack("<I", len(text)) + text + b"\0" for text in encoded)


def _pairs(pairs):
    if not pairs:
        return b""
    ordered = sorted(pairs.items(), key=lambda pair: pair[0].encode())
    return _strings(len(pairs), [text for pair in ordered for text in pair])


def _preparation(preparation):
    return PREPARATION.pack(POLARITIES.index(preparation.polarity), PLACEMENTS.index(preparation.placement),
                            *preparation.box, sum(1 << STEPS.index(name) for name in preparation.steps), bytes(12))


def _channels(values):
    return np.asarray(values, "<f4").tobytes().ljust(16, b"\0")


def _self_test(test):
    if test is None:
        return b""
    head = SELF_TEST.pack(len(test.pictures), test.tolerance) + test.pictures.tobytes()
    return head + bytes(-len(head) % 4) + test.probabilities.astype("<f4").tobytes()
