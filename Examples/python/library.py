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


class Prediction(ctypes.Structure):
    _fields_ = [("class_index", ctypes.c_uint32), ("probability", ctypes.c_float), ("label", ctypes.c_char_p)]


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


class Classifier:
    """A model with a session, for PNGs."""

    def __init__(self, path, data):
        self.library = Library(path)
        self.c = self.library.c
        status, message, self.model = self.library.open(data)
        self.session = ctypes.c_void_p()
        if status or self.c.dnn_session_open(self.model, None, ctypes.byref(self.session), None):
            raise RuntimeError(message)
        shape = [ctypes.c_uint32() for _ in range(3)]
        self.c.dnn_model_input_shape(self.model, *map(ctypes.byref, shape))
        self.shape = tuple(number.value for number in shape)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.c.dnn_session_close(self.session)
        self.c.dnn_model_close(self.model)

    def classify_file(self, path):
        """(status, label, probability) of the likeliest class of a PNG file."""
        best = Prediction()
        status = self.c.dnn_classify_png_file(self.session, os.fsencode(path), ctypes.byref(best), ctypes.c_size_t(1),
                                              None, None)
        return status, best.label.decode() if status == 0 else None, best.probability

    def classify(self, data):
        """The same for a PNG in memory."""
        best = Prediction()
        status = self.c.dnn_classify_png_memory(self.session, data, ctypes.c_size_t(len(data)), ctypes.byref(best),
                                                ctypes.c_size_t(1), None, None)
        return status, best.label.decode() if status == 0 else None, best.probability

    def prepare(self, data):
        """(status, image) of a PNG in memory."""
        image = np.zeros(self.shape, np.uint8)
        status = self.c.dnn_prepare_png_memory(self.model, data, ctypes.c_size_t(len(data)),
                                               ctypes.c_void_p(image.ctypes.data), None)
        return status, image


def skip(reason):
    print(f"\n*** SKIPPED: {reason} ***", file=sys.stderr)
    raise unittest.SkipTest(reason)
