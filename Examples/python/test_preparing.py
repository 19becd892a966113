"""The C library prepares pictures exactly as the specification says. Run: MNISTINFER_LIBRARY=… python3 -m unittest"""
import pathlib
import sys
import unittest
from dataclasses import replace

import numpy as np

from dnnfile import Preparation, decode, encode
from dnnfile.model import STEPS
from library import LIBRARY, skip
from preparing import Nothing, prepare

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "digits"))
from draw import STROKES, draw    # noqa: E402

MODEL = pathlib.Path(__file__).resolve().parents[2] / "Sources/CDefaultModel/digits.dnn"
NOTHING_TO_SEE = 21


def opaque(colours):
    return np.concatenate([colours, np.full((*colours.shape[:2], 1), 255)], axis=2).clip(0, 255).astype(np.uint8)


def grey(values):
    return opaque(np.repeat(np.asarray(values)[..., None], 3, axis=2))


def card(values, radius, random):
    """Coloured paper, round or with clear corners."""
    y, x = (np.linspace(-1, 1, side) for side in values.shape)
    picture = opaque(values[..., None] * random.uniform(.5, 1, 3))
    picture[np.hypot(y[:, None], x) > radius] = random.integers(0, 256, 4)
    return picture


def pictures(random):
    """Digits on all kinds of paper, and what is none."""
    for digit, strokes in STROKES.items():
        drawn = draw(strokes).astype(int)
        small = drawn[::random.integers(1, 5), ::random.integers(1, 5)]
        yield grey(small)
        yield grey(255 - small)
        ink = (250 - drawn[::2, ::2, None]) / 215
        paper, pen = random.integers(0, 256, (2, 3))
        light = np.linspace(1, random.uniform(.4, 1), 64)[:, None, None]
        yield opaque((paper + (pen - paper) * ink) * light + random.normal(0, random.uniform(0, 6), ink.shape))
        yield np.concatenate([np.full((*ink.shape[:2], 3), pen), ink * 255], axis=2).astype(np.uint8)
        ruled = drawn[::2, ::2].copy()
        ruled[5 + digit::14] = np.minimum(ruled[5 + digit::14], 120)
        ruled[:, 3::20] = np.minimum(ruled[:, 3::20], 140)
        yield grey(ruled)
        framed = np.full((70, 90), 40)
        framed[3:67, 9:73] = drawn[::2, ::2]
        framed[random.random(framed.shape) < .01] = 0
        yield grey(framed)
        yield grey(np.pad(drawn[::6, ::6], 3, constant_values=250))
        boxed = np.pad(drawn[::3, ::3], random.integers(1, 6), constant_values=250)
        boxed = np.pad(np.pad(boxed, random.integers(1, 9), constant_values=30), random.integers(1, 12), constant_values=250)
        yield grey(boxed)
        yield card(boxed if digit % 2 else 255 - boxed, random.uniform(.8, 1.4), random)
        page = np.full(random.integers(160, 240, 2), 240)
        page[50:66, 70:86] = drawn[::8, ::8]
        yield grey(page)
    for height, width in ((1, 1), (1, 9), (5, 5), (7, 6), (9, 9), (12, 12), (28, 28), (40, 3), (17, 23), (5, 600)):
        yield random.integers(0, 256, (height, width, 4), dtype=np.uint8)
        yield grey(random.integers(0, 256, (height, width)))
        yield grey(np.full((height, width), 200))
    blob = np.zeros((28, 28), int)
    blob[4:24, 6:20] = random.integers(100, 256, (20, 14))
    yield grey(blob)
    yield grey(255 - blob)


class Preparing(unittest.TestCase):
    def test_library(self):
        if LIBRARY is None:
            skip("comparing the library with the specification: MNISTINFER_LIBRARY is not set")
        import mnistinfer
        random = np.random.default_rng(1)
        counts = {True: 0, False: 0}
        model = decode(MODEL.read_bytes())
        preparations = [Preparation("lightOnDark", "centreOfMass", (20, 20), frozenset(STEPS))]
        preparations += [replace(preparations[0], steps=frozenset(STEPS) - {step}) for step in STEPS]
        preparations += [Preparation("lightOnDark", "fit", (28, 28), frozenset({"fitted", "contrast", "specks", "nothing"})),
                         Preparation("keep", "centreOfMass", (9, 13), frozenset({"contrast", "strokes"}))]
        drawn = list(pictures(random))
        for start, preparation in enumerate(preparations):
            prepares = mnistinfer.Model(encode(replace(model, preparation=preparation))).prepare
            # All pictures with all steps, a third of them with each other preparation.
            for number in range(start % 3, len(drawn), 3 if start else 1):
                name = f"picture {number}, {preparation}"
                try:
                    expected = prepare(drawn[number], preparation, (28, 28, 1)).tolist()
                except Nothing:
                    expected = None
                try:
                    image = prepares(drawn[number])[..., 0].tolist()
                except mnistinfer.Error as error:
                    self.assertEqual(error.status, NOTHING_TO_SEE, name)
                    image = None
                self.assertEqual(image, expected, name)
                counts[expected is None] += 1
        self.assertGreater(min(counts.values()), 50, counts)


if __name__ == "__main__":
    unittest.main()
