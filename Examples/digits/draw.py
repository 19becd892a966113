"""Draws the ten example digits: pen strokes as curves, dark on white paper, 128 x 128 pixels; and a line of a form, with
digits of several sizes on greyish paper with some noise, as a scanner sees it.

Usage: python3 draw.py        (NumPy; writes 0.png to 9.png and form.png beside itself)
"""
import pathlib
import struct
import zlib

import numpy as np

SIZE, PEN = 128, 5.0    # pixels; radius of the pen

# Strokes as control points in a unit square, x to the right, y down; a smooth curve goes through them.
STROKES = {
    0: [[(.52, .16), (.36, .24), (.28, .48), (.33, .74), (.50, .85), (.66, .74), (.72, .48), (.66, .24), (.50, .16)]],
    1: [[(.42, .28), (.53, .16)], [(.53, .16), (.52, .50), (.50, .84)]],
    2: [[(.31, .33), (.38, .19), (.55, .15), (.67, .26), (.63, .44), (.46, .64), (.29, .82)],
        [(.29, .82), (.50, .80), (.73, .82)]],
    3: [[(.33, .22), (.50, .15), (.65, .24), (.61, .40), (.46, .47)],
        [(.46, .47), (.64, .53), (.69, .68), (.56, .83), (.40, .83), (.29, .75)]],
    4: [[(.44, .16), (.37, .35), (.29, .55)], [(.29, .55), (.50, .56), (.74, .53)], [(.61, .32), (.59, .58), (.57, .86)]],
    5: [[(.68, .17), (.52, .18), (.38, .18)], [(.38, .18), (.36, .32), (.34, .45)],
        [(.34, .45), (.52, .41), (.67, .52), (.66, .72), (.50, .84), (.30, .78)]],
    6: [[(.60, .15), (.43, .30), (.32, .54), (.35, .75), (.50, .85), (.65, .76), (.66, .60), (.52, .51), (.37, .62)]],
    7: [[(.29, .20), (.48, .20), (.70, .19)], [(.70, .19), (.60, .42), (.50, .64), (.44, .86)]],
    8: [[(.50, .48), (.36, .37), (.36, .24), (.50, .15), (.64, .23), (.63, .37), (.50, .48), (.34, .60), (.33, .76),
         (.50, .86), (.67, .76), (.66, .60), (.50, .48)]],
    9: [[(.65, .36), (.53, .49), (.37, .44), (.34, .28), (.46, .16), (.61, .19), (.66, .36), (.64, .60), (.57, .86)]],
}


def curve(points, steps=24):
    """A Catmull-Rom spline through the points (Catmull and Rom, 1974), as a polyline."""
    p = np.array([points[0], *points, points[-1]], float) * SIZE
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = [
        .5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t ** 2 + (3 * b - a - 3 * c + d) * t ** 3)
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:])
    ]
    return np.concatenate([*parts, p[-1:]])


def draw(strokes):
    """Grey levels, row by row: the pen's edge falls off over one pixel."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] + .5
    distance = np.full((SIZE, SIZE), np.inf)
    for stroke in strokes:
        for point in curve(stroke):
            distance = np.minimum(distance, np.hypot(x - point[0], y - point[1]))
    ink = np.clip(PEN + .5 - distance, 0, 1)
    return np.round(250 - 215 * ink).astype(np.uint8)


def form(digits="4071926583"):
    """The digits side by side, each smaller than the line and not quite on it."""
    random = np.random.default_rng(1)
    line = np.full((SIZE, SIZE * len(digits) * 3 // 4), 1.0)
    for place, digit in enumerate(digits):
        size = random.integers(72, 104)
        picture = draw(STROKES[int(digit)]) / 250
        picture = picture[np.arange(size) * SIZE // size][:, np.arange(size) * SIZE // size]
        # What is left of the paper between the strokes' box and the picture's edge may overlap with the neighbour's.
        top, left = random.integers(8, SIZE - size - 7), place * SIZE * 3 // 4 + (SIZE * 3 // 4 - size) // 2
        left = max(left, 0)
        part = line[top:top + size, left:left + size]
        np.minimum(part, picture[:, :part.shape[1]], out=part)
    return np.clip(np.round(225 * line + random.integers(-1, 2, line.shape) * 4), 0, 255).astype(np.uint8)


def png(grey):
    """A grey PNG of 8 bits (PNG specification, third edition, sections 5 and 11)."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in grey)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    for digit, strokes in STROKES.items():
        (pathlib.Path(__file__).parent / f"{digit}.png").write_bytes(png(draw(strokes)))
    (pathlib.Path(__file__).parent / "form.png").write_bytes(png(form()))
