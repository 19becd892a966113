"""The functions of mnistinfer.h through ctypes."""
import ctypes
import os
import pathlib
import weakref
from ctypes import POINTER, byref, c_char, c_char_p, c_float, c_int32, c_size_t, c_uint32, c_uint64, c_void_p

NOTHING_TO_SEE = 21    # DNN_NOTHING_TO_SEE


class Error(ctypes.Structure):
    _fields_ = [("status", c_int32), ("message", c_char * 252)]


class ModelOptions(ctypes.Structure):
    _fields_ = [("struct_size", c_size_t), ("path", c_char_p), ("bytes", c_char_p), ("size", c_size_t),
                ("borrows", c_uint32), ("largest_picture", c_uint32), ("largest_file", c_uint64), ("largest_memory", c_uint64)]


class Options(ctypes.Structure):
    _fields_ = [("struct_size", c_size_t), ("threads", c_uint32)]


class Prediction(ctypes.Structure):
    _fields_ = [("class_index", c_uint32), ("probability", c_float), ("label", c_char_p)]


class Verification(ctypes.Structure):
    _fields_ = [("pictures", c_uint32), ("largest_difference", c_float), ("tolerance", c_float)]


_out = POINTER(c_void_p)
_error = POINTER(Error)
_best = [POINTER(Prediction), c_size_t, POINTER(c_size_t), _error]
_pixels = [c_void_p, c_uint32, c_uint32, c_size_t]

# Name: (type of the result, types of the arguments).
FUNCTIONS = {
    "dnn_model_open_with": (c_int32, [POINTER(ModelOptions), _out, _error]),
    "dnn_model_close": (None, [c_void_p]),
    "dnn_model_class_count": (c_uint32, [c_void_p]),
    "dnn_model_label": (c_char_p, [c_void_p, c_uint32]),
    "dnn_model_input_shape": (None, [c_void_p] + 3 * [POINTER(c_uint32)]),
    "dnn_model_property": (c_char_p, [c_void_p, c_char_p]),
    "dnn_session_open": (c_int32, [c_void_p, POINTER(Options), _out, _error]),
    "dnn_session_close": (None, [c_void_p]),
    "dnn_session_verify": (c_int32, [c_void_p, POINTER(Verification), _error]),
    "dnn_classify_png_file": (c_int32, [c_void_p, c_char_p, *_best]),
    "dnn_classify_png_memory": (c_int32, [c_void_p, c_char_p, c_size_t, *_best]),
    "dnn_classify_rgba": (c_int32, [c_void_p, *_pixels, *_best]),
    "dnn_prepare_png_file": (c_int32, [c_void_p, c_char_p, c_void_p, _error]),
    "dnn_prepare_png_memory": (c_int32, [c_void_p, c_char_p, c_size_t, c_void_p, _error]),
    "dnn_prepare_rgba": (c_int32, [c_void_p, *_pixels, c_void_p, _error]),
    "dnn_predict_u8": (c_int32, [c_void_p, c_void_p, c_size_t, c_void_p, _error]),
    "dnn_version": (c_char_p, []),
    "dnn_instruction_set": (c_char_p, []),
}


def load():
    """The library that $MNISTINFER_LIBRARY names, the one inside of this package, or the system's."""
    own = pathlib.Path(__file__).with_name("libmnistinfer.so")
    path = os.environ.get("MNISTINFER_LIBRARY") or (str(own) if own.exists() else "libmnistinfer.so.1")
    library = ctypes.CDLL(path)
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class Handle(c_void_p):
    """A model or a session, which is closed when nothing refers to this any more."""


def open_handle(open_it, close):
    """The Handle that `open_it` fills, given a pointer to it."""
    handle = Handle()
    open_it(byref(handle))
    # Its address: a reference to the handle would keep it.
    weakref.finalize(handle, close, handle.value)
    return handle


c = load()
__all__ = ["NOTHING_TO_SEE", "Error", "ModelOptions", "Options", "Prediction", "Verification", "byref", "c", "open_handle"]
