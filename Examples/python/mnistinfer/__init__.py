"""Classifies pictures with a .dnn model.

    import mnistinfer
    mnistinfer.classify("digit.png")    # Prediction(label='7', probability=0.99…, class_index=7)

    model = mnistinfer.Model("model.dnn")
    session = model.session(threads=2)
    session.classify(array, top=3)      # pixels in a NumPy array, or a PIL image
    session.predict(images)             # uint8 (n, height, width, channels) -> float32 (n, classes)

What cannot be done raises Error, whose `status` is the dnn_status of mnistinfer.h; a picture with nothing on it, NothingToSee.
Models and sessions give their memory and threads back when nothing refers to them, with `close`, or at the end of a `with`.
"""
import ctypes
import functools
import operator
import os
import threading
from typing import NamedTuple

import numpy as np

from . import _library
from ._library import byref, c

__version__ = c.dnn_version().decode()
__all__ = ["Error", "Model", "NothingToSee", "Prediction", "Session", "Verification", "classify", "instruction_set"]


class Error(Exception):
    """Why a call failed: `status` is a dnn_status of mnistinfer.h."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status

    def __reduce__(self):
        # By default an exception is made anew, as in another process, from what it passes to its base.
        return type(self), (self.status, str(self))


class NothingToSee(Error):
    """A good picture with nothing on it, blank, even, or noise: an answer rather than a failure."""


class Prediction(NamedTuple):
    """One class of a picture."""
    label: str
    probability: float
    class_index: int


class Verification(NamedTuple):
    """What a model's self-test found: it runs right here if `largest_difference` is at most `tolerance`."""
    pictures: int
    largest_difference: float
    tolerance: float


class _Owner:
    """Has something of the library until it is closed. A call that another thread has begun ends as if it were not."""

    def __init__(self, handle):
        self._owned = handle

    @property
    def _handle(self):
        # Whoever asks has a reference to it, which keeps it open while a call goes on.
        handle = self._owned
        if handle is None:
            raise ValueError(f"this {type(self).__name__} is closed")
        return handle

    def close(self):
        """Gives up memory and threads. Closing twice is allowed; any other use raises ValueError."""
        self._owned = None

    def __enter__(self):
        self._handle    # raises if it is closed
        return self

    def __exit__(self, *_):
        self.close()

    def __repr__(self):
        what = "closed" if self._owned is None else f"{'×'.join(map(str, self.input_shape))}, {self._classes} classes"
        return f"<mnistinfer.{type(self).__name__}: {what}>"


class Model(_Owner):
    """A network with its weights, labels and preparation of pictures. Any number of threads may use one."""

    def __init__(self, source=None, *, largest_file=0, largest_memory=0, largest_picture=0):
        """The model in a file (a path), in memory (bytes), or without a source the one of digits in the library.

        What a file of strangers may take: bytes of the file, bytes of a session, pixels of a picture; 0 for the defaults, which
        mnistinfer.h names.
        """
        options = _library.ModelOptions(
            ctypes.sizeof(_library.ModelOptions),
            largest_file=_within("largest_file", largest_file, 0, 2 ** 64 - 1),
            largest_memory=_within("largest_memory", largest_memory, 0, 2 ** 64 - 1),
            largest_picture=_within("largest_picture", largest_picture, 0, 2 ** 26))
        if isinstance(source, (bytes, bytearray, memoryview)):
            # Not None even where there are none: that would be the model in the library.
            data = bytes(source)
            options.bytes, options.size = data, len(data)
        elif source is not None:
            options.path = _path(source)
        super().__init__(_library.open_handle(
            lambda handle: _call(c.dnn_model_open_with, byref(options), handle), c.dnn_model_close))

    @property
    def labels(self):
        """The names of the classes, by index."""
        return [c.dnn_model_label(self._handle, index).decode() for index in range(self._classes)]

    @property
    def input_shape(self):
        """(height, width, channels) of what the network sees."""
        shape = [ctypes.c_uint32() for _ in range(3)]
        c.dnn_model_input_shape(self._handle, *map(byref, shape))
        return tuple(number.value for number in shape)

    def prepare(self, picture):
        """What the network sees of a picture: uint8 of input_shape. See `Session.classify` for what a picture is."""
        image = np.empty(self.input_shape, np.uint8)
        kind, arguments = _arguments(picture)
        _call(getattr(c, f"dnn_prepare_{kind}"), self._handle, *arguments, image.ctypes.data)
        return image

    def session(self, threads=0):
        """What predicting needs, with its own memory and threads; 0 threads: as many as this process may use."""
        return Session(self, threads)

    @property
    def _classes(self):
        return c.dnn_model_class_count(self._handle)

    def property(self, key):
        """What the file says under a key such as "recipe", or None."""
        value = c.dnn_model_property(self._handle, key.encode())
        return None if value is None else value.decode()


class Session(_Owner):
    """Classifies pictures with a model. Threads that share one wait for each other; give each its own instead.

    A session stays usable when its model is closed.
    """

    def __init__(self, model, threads=0):
        self.model = model
        self.input_shape, self._classes = model.input_shape, model._classes
        self._lock = threading.Lock()
        options = _library.Options(ctypes.sizeof(_library.Options), _within("threads", threads, 0, 256))
        super().__init__(_library.open_handle(
            lambda handle: _call(c.dnn_session_open, model._handle, byref(options), handle), c.dnn_session_close))

    def classify(self, picture, top=None):
        """The likeliest class of a picture, or with `top` a list of the likeliest classes, best first.

        A picture is the path of a PNG file, the bytes of one, a PIL image, or pixels: a uint8 array of (height, width) or
        (height, width, 1) for grey, (height, width, 3) for RGB, (height, width, 4) for RGBA. One with nothing on it raises
        NothingToSee.
        """
        kind, arguments = _arguments(picture)
        best = (_library.Prediction * (1 if top is None else min(_within("top", top, 1), self._classes)))()
        count = ctypes.c_size_t()
        with self._lock:
            _call(getattr(c, f"dnn_classify_{kind}"), self._handle, *arguments, best, len(best), byref(count))
        found = [Prediction(one.label.decode(), one.probability, one.class_index) for one in best[:count.value]]
        return found[0] if top is None else found

    def predict(self, images):
        """The probabilities of all classes: float32 (n, classes), for uint8 images of (n, *input_shape).

        Only the model's normalisation is applied. The axis of the channels may be left out where there is one channel.
        """
        shape = self.input_shape
        images = np.asarray(images)
        if images.dtype != np.uint8:
            raise TypeError(f"images are of {images.dtype}, not uint8: give pixels from 0 to 255, the model scales them itself")
        if images.shape[1:] not in (shape, *([shape[:2]] if shape[2] == 1 else [])):
            raise ValueError(f"images are of shape {images.shape}, not (n, {', '.join(map(str, shape))})")
        images = np.ascontiguousarray(images)
        probabilities = np.empty((len(images), self._classes), np.float32)
        with self._lock:
            _call(c.dnn_predict_u8, self._handle, images.ctypes.data, len(images), probabilities.ctypes.data)
        return probabilities

    def verify(self):
        """Runs the model's self-test."""
        result = _library.Verification()
        with self._lock:
            _call(c.dnn_session_verify, self._handle, byref(result))
        return Verification(result.pictures, result.largest_difference, result.tolerance)


@functools.cache
def _default_session():
    return Model().session()


def classify(picture, top=None):
    """The digit on a picture, read by the model inside of the library. See `Session.classify`."""
    return _default_session().classify(picture, top)


def instruction_set():
    """The instruction set in use for float models: "portable", "avx2" or "avx512"."""
    return c.dnn_instruction_set().decode()


def _call(function, *arguments):
    error = _library.Error()
    if function(*arguments, byref(error)) != 0:
        raise (NothingToSee if error.status == _library.NOTHING_TO_SEE else Error)(error.status, error.message.decode())


def _within(name, value, least, most=None):
    """An integer argument, checked because a number that does not fit its C type would become another one."""
    value = operator.index(value)
    if value < least or most is not None and value > most:
        raise ValueError(f"{name}={value}: from {least}" + ("" if most is None else f" to {most}"))
    return value


def _path(path):
    path = os.fsencode(path)
    if b"\0" in path:
        raise ValueError(f"{path!r}: a path has no zero byte")
    return path


def _rgba(pixels):
    """Grey, RGB or RGBA as contiguous RGBA."""
    pixels = np.asarray(pixels)
    if pixels.dtype != np.uint8:
        raise TypeError(f"pixels are of {pixels.dtype}, not uint8: give pixels from 0 to 255")
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3, 4):
        raise ValueError(f"pixels are of shape {pixels.shape}, not (height, width) or (height, width, 1, 3 or 4)")
    if pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    if pixels.shape[2] == 3:
        pixels = np.concatenate([pixels, np.full((*pixels.shape[:2], 1), 255, np.uint8)], axis=2)
    return np.ascontiguousarray(pixels)


def _pixels(image):
    """The pixels of a PIL image."""
    if image.mode[0] in "IF":    # PIL would make everything above 255 white.
        raise ValueError(f"an image of mode {image.mode} has more than 8 bits: give its file, or pixels from 0 to 255")
    return np.asarray(image.convert("RGBA"))


def _arguments(picture):
    """What a picture is called in names of functions, and the arguments that stand for it."""
    if hasattr(picture, "convert"):
        picture = _pixels(picture)
    if isinstance(picture, np.ndarray):
        rgba = _rgba(picture)
        height, width, _ = rgba.shape
        return "rgba", (rgba.ctypes.data_as(ctypes.c_void_p), width, height, 4 * width)
    if isinstance(picture, (bytes, bytearray, memoryview)):
        data = bytes(picture)
        return "png_memory", (data, len(data))
    return "png_file", (_path(picture),)
