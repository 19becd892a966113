"""CRC-32C (Castagnoli), computed by NumPy in many lanes at once."""
from functools import lru_cache

import numpy as np

_POLYNOMIAL = np.uint32(0x82F63B78)    # bits reflected

# The four bytes that take the register from 0 to 0xffffffff, the value the checksum starts with. Put before the data
# they let every lane start with 0, which the zeros that fill up the first lane leave as it is.
_START = np.array([0x54, 0x64, 0x1F, 0x64], np.uint8)


def _make_table():
    """What each value of the register's low byte becomes after eight steps: (256,) uint32."""
    register = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        register = (register >> 1) ^ (register & 1) * _POLYNOMIAL
    return register


_TABLE = _make_table()
_BITS = np.arange(32, dtype=np.uint32)


def _apply(matrix, registers):
    """Multiplies registers (n,) by a matrix over bits, given as what each single bit becomes (32,)."""
    return np.bitwise_xor.reduce((registers[:, None] >> _BITS & 1) * matrix, axis=1)


@lru_cache(maxsize=None)
def _zeros(exponent):
    """The matrix that feeds a register 2^exponent zero bytes: (32,) uint32."""
    if exponent == 0:
        single = np.uint32(1) << _BITS
        return _TABLE[single & 0xFF] ^ single >> 8
    half = _zeros(exponent - 1)
    return _apply(half, half)


def crc32c(data):
    """The checksum of `data`, any bytes, as an int.

    The data are cut into lanes of 2^k bytes. All lanes take one byte per step; then neighbours are joined in pairs: the
    register of the left one is fed as many zero bytes as the right one is long, and the two are added.
    """
    data = np.concatenate([_START, np.frombuffer(data, np.uint8)])
    exponent = min(8, (data.size.bit_length() + 1) // 2)
    data = np.concatenate([np.zeros(-data.size % 2**exponent, np.uint8), data])
    registers = np.zeros(data.size >> exponent, np.uint32)
    for column in np.ascontiguousarray(data.reshape(-1, 2**exponent).T):
        registers = _TABLE[(registers ^ column) & 0xFF] ^ registers >> 8
    while registers.size > 1:
        if registers.size % 2:
            registers = np.concatenate([np.zeros(1, np.uint32), registers])
        registers = _apply(_zeros(exponent), registers[0::2]) ^ registers[1::2]
        exponent += 1
    return int(registers[0]) ^ 0xFFFFFFFF
