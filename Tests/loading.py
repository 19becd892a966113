"""What it costs to load a model: time and peak memory against the file's size, one fresh process a row.

Usage, in the package's folder, after `swift build -c release --product mnistinfer` (NumPy):
    python3 Tests/loading.py
"""
import ctypes
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
LIBRARY = ROOT / ".build" / "release" / "libmnistinfer.so"
SIZES = [10_000, 100_000, 1_000_000, 10_000_000, 64_000_000, 256_000_000]    # bytes, about


def write_model(path, size):
    """Dense layers of 784 x n and n x 10, with n such that the file has about `size` bytes."""
    sys.path.insert(0, str(ROOT / "Examples" / "python"))
    import dnnfile
    from convert import Builder
    hidden = max(1, (size - 3000) // (4 * (784 + 10 + 1)))
    random = np.random.default_rng(1)
    weights = [random.uniform(-.01, .01, shape).astype(np.float32) for shape in ((784, hidden), (hidden, 10))]
    biases = [np.zeros(hidden, np.float32), np.zeros(10, np.float32)]
    model = Builder((28, 28, 1)).flatten().dense(weights[0], biases[0], "relu").dense(weights[1], biases[1]).softmax()
    dnnfile.write(model.model(), path)


def peak_memory():
    """Of this process, in bytes. Not ru_maxrss, which a process inherits from the one that started it."""
    status = pathlib.Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def load(path):
    """In this process: open the model five times. Prints the fastest open, and the peak memory of the first one above the start."""
    library = ctypes.CDLL(str(LIBRARY))
    before = peak_memory()
    times, peak = [], None
    for _ in range(5):
        model = ctypes.c_void_p()
        start = time.perf_counter()
        if library.dnn_model_open(path.encode(), ctypes.byref(model), None) != 0:
            sys.exit("cannot open " + path)
        times.append(time.perf_counter() - start)
        library.dnn_model_close(model)
        # The first open's: later ones also measure how the allocator reuses what was freed.
        peak = peak or peak_memory()
    print(min(times), peak - before)


def main():
    print(f"{'file, bytes':>12} {'load, ms':>9} {'GB/s':>6} {'peak above start, bytes':>24} {'times the file':>15}")
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = str(pathlib.Path(folder) / "model.dnn")
            write_model(path, size)
            bytes_ = pathlib.Path(path).stat().st_size
            output = subprocess.run([sys.executable, __file__, path], capture_output=True, text=True, check=True).stdout
            seconds, peak = (float(word) for word in output.split())
            print(f"{bytes_:12d} {1000 * seconds:9.3f} {bytes_ / seconds / 1e9:6.2f} {int(peak):24d} {peak / bytes_:15.2f}")


if __name__ == "__main__":
    load(sys.argv[1]) if len(sys.argv) > 1 else main()
