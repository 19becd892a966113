"""Writes a PNG of a stroke with 16 bits a channel, in the seven passes of Adam7: python3 interlaced.py OUT

Such pictures take a way of their own through the decoder, and programs that write them are rare.
"""
import struct
import sys
import zlib

SIZE = 40
# Of each pass: first column and row, and the steps between them (PNG specification, third edition, section 8.2).
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def pixel(x, y):
    is_ink = 17 <= x < 22 and 6 <= y < 34
    return struct.pack(">3H", *((5000, 4000, 6000) if is_ink else (65000, 64000, 63000)))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


rows = b"".join(
    b"\0" + b"".join(pixel(x, y) for x in range(left, SIZE, across))
    for left, top, across, down in PASSES for y in range(top, SIZE, down))
header = struct.pack(">2I5B", SIZE, SIZE, 16, 2, 0, 0, 1)
with open(sys.argv[1], "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
