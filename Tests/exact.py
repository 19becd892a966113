#!/usr/bin/env python3
"""Models give the same bytes for every number of threads and every batch, integer models on every instruction set, too.

    python3 Tests/exact.py libmnistinfer.so MODEL [PICTURES] [--float32]

Runs the model on the first PICTURES pictures of MNIST (training, then test; all 70,000 without a number, which takes minutes),
or on noise where there is no MNIST or where its pictures do not fit, and compares the bytes of the probabilities. --float32 is for
other models, which are compared on one instruction set after another.
"""
import ctypes
import gzip
import hashlib
import os
import pathlib
import subprocess
import sys

THREADS = (1, 2, 3, 8)
BATCHES = (1, 7, 64, 256)
SETS = ("portable", "avx2", "avxvnni", "avx512")
ALL = 70000
SHARED = pathlib.Path(__file__).resolve().parents[2] / "shared" / "data"
DATA = pathlib.Path(os.environ.get("DNN_DATA") or SHARED) / "mnist"


class Options(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("threads", ctypes.c_uint32)]


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int32), ("message", ctypes.c_char * 252)]


def pictures(size, count):
    """`count` pictures of `size` bytes, one after another."""
    parts = [DATA / f"{part}-images-idx3-ubyte.gz" for part in ("train", "t10k")]
    if size == 784 and all(part.exists() for part in parts):
        return b"".join(gzip.open(part).read()[16:] for part in parts)[: count * size]
    return hashlib.shake_128(b"noise").digest(count * size)


def digests(library_path, model_path, count):
    """Prints the digest of all probabilities for each number of threads and batch."""
    library, error = ctypes.CDLL(library_path), Error()
    library.dnn_model_class_count.restype = ctypes.c_uint32
    model = ctypes.c_void_p()
    check(library.dnn_model_open(model_path.encode(), ctypes.byref(model), ctypes.byref(error)), error)
    shape = [ctypes.c_uint32() for _ in range(3)]
    library.dnn_model_input_shape(model, *map(ctypes.byref, shape))
    size = shape[0].value * shape[1].value * shape[2].value
    data = pictures(size, count)
    classes = library.dnn_model_class_count(model)
    for threads in THREADS:
        session = ctypes.c_void_p()
        options = Options(ctypes.sizeof(Options), threads)
        check(library.dnn_session_open(model, ctypes.byref(options), ctypes.byref(session), ctypes.byref(error)), error)
        for batch in BATCHES:
            result = (ctypes.c_float * (count * classes))()
            for first in range(0, count, batch):
                number = min(batch, count - first)
                status = library.dnn_predict_u8(
                    session, ctypes.c_char_p(data[first * size:(first + number) * size]), ctypes.c_size_t(number),
                    ctypes.byref(result, first * classes * 4), ctypes.byref(error))
                check(status, error)
            print(threads, batch, hashlib.sha256(bytes(result)).hexdigest())
        library.dnn_session_close(session)
    library.dnn_model_close(model)


def check(status, error):
    if status != 0:
        sys.exit(f"status {status}: {error.message.decode()}")


def main(library_path, model_path, count, is_float):
    results = {}
    for name in SETS:
        run = subprocess.run(
            [sys.executable, __file__, "--digests", library_path, model_path, str(count)], text=True,
            env={**os.environ, "DNN_INSTRUCTION_SET": name}, stdout=subprocess.PIPE, check=True)
        for line in run.stdout.splitlines():
            threads, batch, digest = line.split()
            results[name, threads, batch] = digest
    wrong = [case for case, digest in results.items() if digest != results[case[0] if is_float else SETS[0], "1", "1"]]
    for name, threads, batch in wrong:
        first = name if is_float else SETS[0]
        print(f"{name}, {threads} threads, batches of {batch}: other bytes than {first}, one thread, one picture")
    print(f"{model_path}: {len(results)} runs over {count} pictures, {len(wrong)} differ")
    expected = len(SETS) * len(THREADS) * len(BATCHES)
    return 0 if not wrong and len(results) == expected else 1


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    if sys.argv[1] == "--digests":
        digests(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        numbers = [word for word in sys.argv[3:] if word != "--float32"]
        sys.exit(main(sys.argv[1], sys.argv[2], int(numbers[0]) if numbers else ALL, "--float32" in sys.argv))
