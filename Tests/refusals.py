"""How much of what is no digit is refused: letters and shapes, drawn with a pen by this script, at --min-confidence 0.9.

Usage: python3 Tests/refusals.py LIBRARY MODEL

LIBRARY is libmnistinfer.so, MODEL a .dnn file of digits. Needs NumPy. The letters are those that no digit looks like: no I, O, Z
and their kind. Each is drawn 20 times, stretched, slanted and turned a little, with pens of several widths.
"""
import os
import pathlib
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Examples/python"))

SIDE, COPIES, CONFIDENCE = 96, 20, 0.9

# Strokes as points in a unit square, x to the right, y down; straight lines go through them.
LETTERS = {
    "A": [[(.2, .9), (.5, .1), (.8, .9)], [(.32, .6), (.68, .6)]],
    "E": [[(.75, .1), (.25, .1), (.25, .9), (.75, .9)], [(.25, .5), (.65, .5)]],
    "F": [[(.75, .1), (.25, .1), (.25, .9)], [(.25, .5), (.65, .5)]],
    "H": [[(.2, .1), (.2, .9)], [(.8, .1), (.8, .9)], [(.2, .5), (.8, .5)]],
    "K": [[(.25, .1), (.25, .9)], [(.75, .1), (.25, .5), (.75, .9)]],
    "M": [[(.15, .9), (.2, .1), (.5, .6), (.8, .1), (.85, .9)]],
    "N": [[(.2, .9), (.2, .1), (.8, .9), (.8, .1)]],
    "R": [[(.25, .9), (.25, .1), (.7, .15), (.7, .45), (.25, .5), (.75, .9)]],
    "T": [[(.15, .1), (.85, .1)], [(.5, .1), (.5, .9)]],
    "V": [[(.2, .1), (.5, .9), (.8, .1)]],
    "W": [[(.1, .1), (.3, .9), (.5, .3), (.7, .9), (.9, .1)]],
    "X": [[(.2, .1), (.8, .9)], [(.8, .1), (.2, .9)]],
    "m": [[(.1, .3), (.1, .9)], [(.1, .5), (.3, .3), (.5, .5), (.5, .9)], [(.5, .5), (.7, .3), (.9, .5), (.9, .9)]],
    "k": [[(.3, .05), (.3, .95)], [(.7, .4), (.3, .7), (.7, .95)]],
}
SHAPES = {
    "square": [[(.2, .2), (.8, .2), (.8, .8), (.2, .8), (.2, .2)]],
    "triangle": [[(.5, .15), (.85, .8), (.15, .8), (.5, .15)]],
    "star": [[(.5, .1), (.7, .9), (.1, .4), (.9, .4), (.3, .9), (.5, .1)]],
    "plus": [[(.5, .1), (.5, .9)], [(.1, .5), (.9, .5)]],
    "arrow": [[(.1, .5), (.9, .5)], [(.6, .2), (.9, .5), (.6, .8)]],
    "zigzag": [[(.1, .3), (.25, .7), (.4, .3), (.55, .7), (.7, .3), (.85, .7)]],
    "house": [[(.2, .9), (.2, .45), (.5, .1), (.8, .45), (.8, .9), (.2, .9)]],
    "grid": [[(.1, .37), (.9, .37)], [(.1, .63), (.9, .63)], [(.37, .1), (.37, .9)], [(.63, .1), (.63, .9)]],
    "smile": [[(.3, .25), (.3, .35)], [(.7, .25), (.7, .35)], [(.15, .6), (.35, .82), (.65, .82), (.85, .6)]],
    "cross in a box": [[(.15, .15), (.85, .15), (.85, .85), (.15, .85), (.15, .15)], [(.15, .15), (.85, .85)],
                       [(.85, .15), (.15, .85)]],
}


def draw(strokes, random):
    """Grey levels of strokes with a random pen and a random linear map of their points."""
    angle, slant = random.uniform(-.15, .15), random.uniform(-.2, .2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[random.uniform(.5, .8), slant], [0, random.uniform(.6, .85)]])
    pen = random.uniform(1.5, 5)
    y, x = np.mgrid[0:SIDE, 0:SIDE] + .5
    distance = np.full((SIDE, SIDE), np.inf)
    for stroke in strokes:
        points = ((np.array(stroke) - .5) @ matrix.T + .5) * SIDE
        for (ax, ay), (bx, by) in zip(points, points[1:]):
            dx, dy = bx - ax, by - ay
            along = np.clip(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0, 1)
            distance = np.minimum(distance, np.hypot(x - ax - along * dx, y - ay - along * dy))
    return np.round(250 - 220 * np.clip(pen + .5 - distance, 0, 1)).astype(np.uint8)


def is_refused(mnistinfer, session, picture):
    try:
        return session.classify(picture).probability < CONFIDENCE
    except mnistinfer.NothingToSee:
        return True


def refused(mnistinfer, session, figures, seed):
    """{name: how many of the copies are refused}."""
    random = np.random.default_rng(seed)
    return {name: sum(is_refused(mnistinfer, session, draw(strokes, random)) for _ in range(COPIES))
            for name, strokes in figures.items()}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    os.environ["MNISTINFER_LIBRARY"] = sys.argv[1]
    import mnistinfer
    session = mnistinfer.Model(sys.argv[2]).session()
    for title, figures in (("letters", LETTERS), ("shapes", SHAPES)):
        counts = refused(mnistinfer, session, figures, seed=1)
        total = COPIES * len(figures)
        print(f"{title}: {sum(counts.values())} of {total} refused ({100 * sum(counts.values()) / total:.1f} %): "
              + ", ".join(f"{name} {count}" for name, count in counts.items()))


if __name__ == "__main__":
    main()
