"""The C library through ctypes, for tests that compare with it."""
import ctypes
import os
import sys
import unittest

import numpy as np

LIBRARY = os.environ.get("MNISTINFER_LIBRARY")


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int32), ("message", ctypes.c_char * 252)]


class Options(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("threads", ctypes.c_uint32)]


class Verification(ctypes.Structure):
    _fields_ = [("pictures", ctypes.c_uint32), ("largest_difference", ctypes.c_float), ("tolerance", ctypes.c_float)]


class Library:
    """The functions of mnistinfer.h that the tests need."""

    def __init__(self, path):
        self.c = ctypes.CDLL(path)
        self.c.dnn_model_label.restype = self.c.dnn_instruction_set.restype = ctypes.c_char_p
        for name in ("dnn_model_close", "dnn_session_close"):
            getattr(self.c, name).restype = None

    def open(self, data):
        """(status, message, handle) of the model in `data`."""
        model, error = ctypes.c_void_p(), Error()
        size = ctypes.c_size_t(len(data))
        status = self.c.dnn_model_open_memory(data, size, ctypes.byref(model), ctypes.byref(error))
        return status, error.message, model

    def verdict(self, data):
        status, message, model = self.open(data)
        self.c.dnn_model_close(model)
        return status, message

    def labels(self, data):
        _, _, model = self.open(data)
        count = self.c.dnn_model_class_count(model)
        labels = [self.c.dnn_model_label(model, number).decode() for number in range(count)]
        self.c.dnn_model_close(model)
        return labels

    def run(self, data, pictures, classes, threads=0, batch=None):
        """(probabilities (n, classes), Verification) of the model in `data`, for `batch` pictures at a time or all."""
        status, message, model = self.open(data)
        session, error, verification = ctypes.c_void_p(), Error(), Verification()
        result = np.full((len(pictures), classes), np.nan, np.float32)
        pictures = np.ascontiguousarray(pictures)
        options = Options(ctypes.sizeof(Options), threads)

        def predict(start):
            part, target = pictures[start:start + batch], result[start:start + batch]
            return self.c.dnn_predict_u8(session, ctypes.c_void_p(part.ctypes.data), ctypes.c_size_t(len(part)),
                                         ctypes.c_void_p(target.ctypes.data), ctypes.byref(error))

        batch = batch or len(pictures)
        for call in (lambda: status,
                     lambda: self.c.dnn_session_open(model, ctypes.byref(options), ctypes.byref(session),
                                                     ctypes.byref(error)),
                     lambda: any(map(predict, range(0, len(pictures), batch))),
                     lambda: self.c.dnn_session_verify(session, ctypes.byref(verification), ctypes.byref(error))):
            if call() != 0:
                raise RuntimeError(message or error.message)
        self.c.dnn_session_close(session)
        self.c.dnn_model_close(model)
        return result, verification


def skip(reason):
    print(f"\n*** SKIPPED: {reason} ***", file=sys.stderr)
    raise unittest.SkipTest(reason)
