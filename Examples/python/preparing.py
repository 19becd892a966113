"""Preparing a picture in steps, from the specification's chapter of that name alone; slow, for comparing with."""
import math

import numpy as np


class Nothing(Exception):
    """The picture shows nothing."""


def prepare(rgba, preparation, shape):
    """The image (height, width) that a picture (rows, columns, 4) of 8-bit values becomes."""
    return _Preparing(preparation, shape).image(rgba.astype(np.int64))


def _median(values):
    """The smallest value that at least half do not exceed."""
    return int(np.sort(values, axis=None)[(values.size - 1) // 2])


def _border(grey):
    rows = [grey[0]] + ([grey[-1]] if len(grey) > 1 else [])
    columns = [grey[1:-1, 0]] + ([grey[1:-1, -1]] if grey.shape[1] > 1 else [])
    return np.concatenate(rows + columns)


def _luminance(colour):
    return (77 * colour[..., 0] + 150 * colour[..., 1] + 29 * colour[..., 2] + 128) // 256


def _towards_zero(a, b):
    return abs(a) // b * (1 if a >= 0 else -1)


def _scale(source, height, width):
    """Step 6 of "Preparing a picture"."""
    def overlap(a, p):
        target, pixel = np.arange(p)[:, None], np.arange(a)[None, :]
        return np.maximum(0, np.minimum((target + 1) * a, (pixel + 1) * p) - np.maximum(target * a, pixel * p))
    area = source.size
    return (overlap(source.shape[0], height) @ source @ overlap(source.shape[1], width).T + area // 2) // area


def _enlarge(source, height, width):
    b, a = source.shape
    padded = np.pad(source, 1)

    def places(a, p):
        place = (2 * np.arange(p) + 1) * a - p
        return place // (2 * p) + 1, place % (2 * p)
    (i, alpha), (j, beta) = places(a, width), places(b, height)
    j, beta = j[:, None], beta[:, None]
    total = ((2 * height - beta) * ((2 * width - alpha) * padded[j, i] + alpha * padded[j, i + 1])
             + beta * ((2 * width - alpha) * padded[j + 1, i] + alpha * padded[j + 1, i + 1]))
    return (total + 2 * width * height) // (4 * width * height)


def _fitting(height, width, box_height, box_width):
    """Step 4c: (rows, columns)."""
    if width * box_height >= height * box_width:
        return max(1, (height * box_width + width // 2) // width), box_width
    return box_height, max(1, (width * box_height + height // 2) // height)


def _bounds(mask):
    """(top, bottom, left, right), ends excluded, or None."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1) if len(rows) else None


def _window(values, radius, best):
    """The best of those at most a radius away, in rows and columns."""
    for axis in (0, 1):
        size = values.shape[axis]
        values = np.stack([best.reduce(np.take(values, range(max(0, k - radius), min(size, k + radius + 1)), axis), axis)
                           for k in range(size)], axis)
    return values


def _centre(values):
    """Step 4e: (row, column) in 1/256."""
    mass = int(values.sum())
    if mass == 0:
        return tuple((size - 1) * 128 for size in values.shape)
    sums = (values.sum(axis=1) @ np.arange(values.shape[0]), values.sum(axis=0) @ np.arange(values.shape[1]))
    return tuple((256 * int(total) + mass // 2) // mass for total in sums)


class _Part:
    def __init__(self, values, pixels):
        rows, columns = np.array(pixels).T
        self.rows, self.columns = rows, columns
        self.mass, self.peak = int(values[rows, columns].sum()), int(values[rows, columns].max())
        self.top, self.bottom, self.left, self.right = rows.min(), rows.max(), columns.min(), columns.max()
        self.side = max(self.bottom - self.top, self.right - self.left) + 1
        height, width = values.shape
        self.goes_around = (self.left == 0 and self.right == width - 1) or (self.top == 0 and self.bottom == height - 1)
        away = max(1, min(height, width) // 32)
        self.sharp = any(0 <= y + dy < height and 0 <= x + dx < width and abs(values[y + dy, x + dx] - values[y, x]) >= 128
                         for y, x in pixels for dy, dx in ((0, -away), (0, away), (-away, 0), (away, 0)))
        self.kept = True


def _parts(values, threshold):
    ink, result = values >= threshold, []
    seen = np.zeros(ink.shape, bool)
    for start in zip(*np.nonzero(ink)):
        if seen[start]:
            continue
        seen[start] = True
        pixels, waiting = [], [start]
        while waiting:
            y, x = waiting.pop()
            pixels.append((y, x))
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    place = y + dy, x + dx
                    if 0 <= place[0] < ink.shape[0] and 0 <= place[1] < ink.shape[1] and ink[place] and not seen[place]:
                        seen[place] = True
                        waiting.append(place)
        result.append(_Part(values, pixels))
    return result


def _connected(values, is_whole):
    """Chapter 9."""
    n = values.size
    d = values - (int(values.sum()) + n // 2) // n
    variance = int((d * d).sum())
    if variance == 0:
        return True
    root = math.isqrt(n)
    least = max(2 * root + 5, 30 if is_whole else 0)
    for a, b in ((d[:, :-1], d[:, 1:]), (d[:-1], d[1:]), (d[:-1, :-1], d[1:, 1:]), (d[:-1, 1:], d[1:, :-1])):
        if a.size and 10 * root * _towards_zero(int((a * b).sum()) * n, a.size) >= least * variance:
            return True
    return False


def _edge(mask):
    padded = np.pad(mask, 1).astype(int)
    return int(mask.sum()), int(abs(np.diff(padded, axis=0)).sum() + abs(np.diff(padded, axis=1)).sum())


class _Lines:
    """Chapter 6, for rows; values may be a transposed view."""

    def __init__(self, values, threshold):
        self.ink = values >= threshold
        self.height, self.width = values.shape
        self.thickness, self.margin = max(1, min(values.shape) // 48), self.width // 16

    def run(self, x, y):
        if not (0 <= y < self.height and self.ink[y, x]):
            return None
        first = last = y
        while first > 0 and self.ink[first - 1, x]:
            first -= 1
        while last < self.height - 1 and self.ink[last + 1, x]:
            last += 1
        return first, last

    def follow(self, start, run, chord=None):
        """(last y, pixels) or None."""
        y, gap, counted, pixels = (run[0] + run[1]) // 2, 0, 0, []
        for x in range(start, self.width):
            if chord:
                straight = chord[0] + _towards_zero((chord[1] - chord[0]) * (x - start), max(1, self.width - 1 - start))
                if abs(y - straight) > self.thickness + self.width // 128:
                    return None
            rows = [y + sign * k for k in range(self.thickness // 2 + 2) for sign in (-1, 1)]
            found = next((found for found in (self.run(x, row) for row in rows) if found), None)
            if not found:
                gap += 1
                if gap > self.margin:
                    return None
                continue
            gap = 0
            if found[1] - found[0] < self.thickness:
                counted += 1
                y = (found[0] + found[1]) // 2
                pixels += [(row, x) for row in range(found[0], found[1] + 1)]
        return (y, pixels) if 4 * counted >= 3 * self.width else None

    def find(self):
        """(mask of lines, how many)."""
        marks, count = np.zeros(self.ink.shape, bool), 0
        for x in range(min(self.margin, self.width - 1) + 1):
            y = 0
            while y < self.height:
                run = self.run(x, y)
                if not run:
                    y += 1
                    continue
                y = run[1] + 1
                if run[1] - run[0] >= self.thickness or marks[run[0], x]:
                    continue
                once = self.follow(x, run)
                again = once and self.follow(x, run, ((run[0] + run[1]) // 2, once[0]))
                if again:
                    marks[tuple(np.array(again[1]).T)] = True
                    count += 1
        return marks, count


class _Preparing:
    def __init__(self, preparation, shape):
        self.steps, self.placement = preparation.steps, preparation.placement
        self.light_on_dark = preparation.polarity == "lightOnDark"
        self.box, self.shape = preparation.box, shape[:2]
        self.threshold = 13 if self.placement == "fit" else 64

    def nothing_if(self, condition):
        if condition and "nothing" in self.steps:
            raise Nothing

    def image(self, rgba):
        if rgba.shape[:2] == self.shape and (rgba == rgba[..., [0, 0, 0, 3]]).all() and (rgba[..., 3] == 255).all():
            passed = self.passing(rgba[..., 0])
            if passed is not None:
                self.nothing_if(passed.max() - passed.min() < 20 or not _connected(passed, True))
                return passed
        values = self.contrast(self.ink(self.canvas(rgba)))
        if "lines" in self.steps:
            for view in (values, values.T):
                self.remove_lines(view)
        return self.place(values)

    def passing(self, grey):
        if "fitted" not in self.steps:
            return 255 - grey if self.light_on_dark and _median(_border(grey)) > 127 else grey
        for values in (grey, 255 - grey) if self.light_on_dark else (grey,):
            if self.is_fitted(values):
                return values
        return None

    def is_fitted(self, grey):
        bounds = _bounds(grey > 0)
        if bounds is None:
            return False
        top, bottom, left, right = bounds
        (height, width), (box_height, box_width), border = (bottom - top, right - left), self.box, _border(grey)
        if not (grey.max() >= 254 and width <= box_width and height <= box_height
                and (width >= box_width - 2 or height >= box_height - 2) and 8 * (border < 13).sum() >= len(border)):
            return False
        if self.placement == "fit":
            return abs(2 * left + width - grey.shape[1]) <= 3 and abs(2 * top + height - grey.shape[0]) <= 3
        return all(abs(place - 128 * size) <= 192 for place, size in zip(_centre(grey), grey.shape))

    def canvas(self, rgba):
        f = (max(rgba.shape[:2]) + 511) // 512
        alpha = rgba[..., 3:]

        def sums(values):
            for axis in (0, 1):
                values = np.add.reduceat(values, range(0, values.shape[axis], f), axis)
            return values
        colours, visible, whole = sums(rgba[..., :3] * alpha), sums(alpha), sums(np.full_like(alpha, 255))

        is_bright = (alpha[..., 0] * _luminance(rgba)).sum() > 127 * alpha.sum()
        is_paper = 4 * visible.sum() >= 3 * whole.sum() and alpha[[0, 0, -1, -1], [0, -1, 0, -1]].sum() < 2 * 255
        background = 255 if is_bright == is_paper else 0
        return (colours + background * (whole - visible) + whole // 2) // whole

    def ink(self, canvas):
        if "colour" in self.steps:
            d = canvas - [_median(canvas[..., channel]) for channel in range(3)]
            s = [int(total) for total in (d * (d * d).sum(axis=2, keepdims=True)).sum(axis=(0, 1))]
            while max(map(abs, s)) >= 1 << 30:
                s = [_towards_zero(value, 2) for value in s]
            length = math.isqrt(sum(value * value for value in s))
            u = [(2 * 148 * value + length) // (2 * length) if length else 0 for value in s]
            v = (d @ u + 128) // 256
        else:
            grey = _luminance(canvas)
            m = _median(_border(grey))
            v = m - grey if self.light_on_dark and m > 127 else grey - m
        if "lighting" in self.steps:
            radius = max(1, min(v.shape) // 4)
            v = v - _window(_window(v, radius, np.minimum), radius, np.maximum)
        return v

    def contrast(self, v):
        v = np.maximum(v, 0)
        n, ordered = v.size, np.sort(v, axis=None)[::-1]
        number = min(n // 1024 + 2, 24) if "contrast" in self.steps else 0
        t = int(ordered[number]) if number < n else 0
        self.nothing_if(t < 20 or (self.placement == "centreOfMass" and 5 * int(ordered[n * 3 // 5]) > t))
        if t == 0:
            return np.zeros_like(v)
        k = t * 56 // 256 if "contrast" in self.steps and self.placement == "centreOfMass" else 0
        return np.minimum(np.maximum(v - k, 0) * 255 // (t - k), 255)

    def remove_lines(self, values):
        lines = _Lines(values, self.threshold)
        marks, count = lines.find()
        if count == 0:
            return
        parts = _parts(np.where(marks, 0, values), self.threshold)
        if parts:
            heaviest = max(parts, key=lambda part: part.mass)
            removes = heaviest.left >= 2 * lines.margin and heaviest.right < lines.width - 2 * lines.margin
        else:
            removes = count >= 2
        if removes:
            values[marks] = 0

    def clean(self, values):
        parts, side = _parts(values, self.threshold), min(values.shape)
        height, width = values.shape
        for part in parts:
            part.kept = part.sharp and part.peak >= 160
        if any(part.kept and part.left > 0 and part.top > 0 and part.right < width - 1 and part.bottom < height - 1
               and 8 * part.side >= side for part in parts):
            for part in parts:
                part.kept = part.kept and not part.goes_around
        self.remove_frame([part for part in parts if part.kept])
        heaviest = max((part.mass for part in parts if part.kept), default=0)
        result = np.zeros_like(values)
        for part in parts:
            part.kept = part.kept and 16 * part.mass >= heaviest
            if part.kept:
                result[part.rows, part.columns] = values[part.rows, part.columns]
        kept = [part for part in parts if part.kept]
        if kept:
            specks = sum(part.mass for part in parts if part.sharp and not part.goes_around and not part.kept)
            self.nothing_if(3 * specks > sum(part.mass for part in kept))
            top, bottom, left, right = _bounds(result > 0)
            self.nothing_if(not _connected(values[top:bottom, left:right], result[top:bottom, left:right].shape == values.shape))
            self.nothing_if(max(part.side for part in kept) < 5)
        return result

    @staticmethod
    def remove_frame(kept):
        """Step 7c."""
        if not kept:
            return
        frame = max(kept, key=lambda part: part.side)
        reach = (min(frame.bottom - frame.top, frame.right - frame.left) + 1) // 5
        inner = ((frame.rows > frame.top + reach) & (frame.rows < frame.bottom - reach)
                 & (frame.columns > frame.left + reach) & (frame.columns < frame.right - reach))
        if not inner.any() and any(
                part.top > frame.top and part.bottom < frame.bottom and part.left > frame.left and part.right < frame.right
                and 4 * part.side >= frame.side for part in kept):
            frame.kept, frame.goes_around = False, True

    def place(self, values):
        if "specks" in self.steps:
            values = self.clean(values)
        bounds = _bounds(values >= self.threshold)
        self.nothing_if(bounds is None)
        result = np.zeros(self.shape, np.int64)
        if bounds is None:
            return result
        top, bottom, left, right = bounds
        ink = values[top:bottom, left:right]
        if "specks" not in self.steps:
            self.nothing_if(max(ink.shape) < 5 or not _connected(ink, ink.shape == values.shape))
        scaled = self.scaled(ink)
        largest = int(scaled.max())
        scaled = (scaled * 255 + largest // 2) // largest if largest else scaled
        corner = [(size - part) // 2 for size, part in zip(self.shape, scaled.shape)]
        if self.placement == "centreOfMass":
            corner = [min(max(((size - 1) * 128 - centre + 128) // 256, 0), size - part)
                      for size, centre, part in zip(self.shape, _centre(scaled), scaled.shape)]
        result[corner[0]:corner[0] + scaled.shape[0], corner[1]:corner[1] + scaled.shape[1]] = scaled
        return result

    def field(self, ink, q):
        size = _fitting(*ink.shape, *(4 * side - 2 * q for side in self.box))
        whole = [(side + 2 * q + 3) // 4 * 4 for side in size]
        y, x = ((a - b) // 2 for a, b in zip(whole, size))
        result = np.zeros(whole, np.int64)
        result[y:y + size[0], x:x + size[1]] = (_scale if max(size) <= max(ink.shape) else _enlarge)(ink, *size)
        return result

    def scaled(self, ink):
        if self.placement == "centreOfMass":
            area, perimeter = _edge(self.field(ink, 0) >= 128)
            self.nothing_if(perimeter > 48 * max(self.box))
            if "strokes" in self.steps:
                z = area * 652 // perimeter if perimeter else 0
                q = min(max(0, (2688 - z + 511) // 512), 8, (4 * min(self.box) - 1) // 2)
                field = self.grown(self.field(ink, q), q)
                return _scale(field, *(side // 4 for side in field.shape))
        return _scale(ink, *_fitting(*ink.shape, *self.box))

    def grown(self, field, q):
        mask = field >= 128
        area, perimeter = _edge(mask)
        z = area * 652 // perimeter if perimeter else 0
        radius = min(max(_towards_zero(min(max(z, 2688), 3584) - z, 2), -2048), 256 * q)
        if radius == 0:
            return field
        reach, (height, width) = abs(radius) // 256, field.shape
        growing = np.pad(mask if radius > 0 else ~mask, reach, constant_values=radius < 0)
        reached = np.zeros(field.shape, bool)
        for b in range(-reach, reach + 1):
            for a in range(-reach, reach + 1):
                if 65536 * (a * a + b * b) <= radius * radius:
                    reached |= growing[reach + b:reach + b + height, reach + a:reach + a + width]
        return np.where(reached == (radius > 0), 255, 0)
