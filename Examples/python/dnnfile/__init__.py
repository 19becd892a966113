"""The .dnn model format: `read` a file or `decode` its bytes to a Model, `write` or `encode` a Model."""
from .checksum import crc32c
from .errors import Damaged, FormatError, NotAModel, Unsupported
from .model import (Axis, Epoch, Layer, Limit, Model, Normalisation, Preparation, Quantization, SelfTest, Tensor,
                    UnknownSection, Window)
from .reader import decode, read
from .writer import encode, write

__all__ = ["Axis", "Damaged", "Epoch", "FormatError", "Layer", "Limit", "Model", "Normalisation", "NotAModel",
           "Preparation", "Quantization", "SelfTest", "Tensor", "UnknownSection", "Unsupported", "Window", "crc32c",
           "decode", "encode", "read", "write"]
