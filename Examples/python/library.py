"""The library as tests want it: verdicts on files, and runs over batches. $MNISTINFER_LIBRARY names it."""
import os
import sys
import unittest

import numpy as np

LIBRARY = os.environ.get("MNISTINFER_LIBRARY")
if LIBRARY:
    import mnistinfer


def verdict(data):
    """(status, message) of opening the model in `data`."""
    try:
        mnistinfer.Model(data)
        return 0, ""
    except mnistinfer.Error as error:
        return error.status, str(error)


def run(data, pictures, threads=0, batch=None):
    """(probabilities (n, classes), verification) of the model in `data`, for `batch` pictures at a time or all."""
    session = mnistinfer.Model(data).session(threads)
    batch = batch or len(pictures)
    parts = [session.predict(pictures[start:start + batch]) for start in range(0, len(pictures), batch)]
    return np.concatenate(parts), session.verify()


def skip(reason):
    print(f"\n*** SKIPPED: {reason} ***", file=sys.stderr)
    raise unittest.SkipTest(reason)
