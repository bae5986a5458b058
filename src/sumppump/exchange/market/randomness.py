"""Randomness without a state: every number is a function of the seed and of what it is for.

Nothing is drawn from a shared stream, so asking for more data can never change what others see. The
hashes work in place: a new array for each operation would cost more than the operation.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.uint64]
Indices = NDArray[np.int64] | int
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)
_TO_MANTISSA = np.uint64(11)
_MASK = (1 << 64) - 1


def key_of(seed: int, *labels: str | int) -> int:
    """64 bits that stand for a seed and labels, the same on every machine and in every process."""
    text = "\x1f".join((str(seed), *(str(label) for label in labels)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def generator(seed: int, *labels: str | int) -> np.random.Generator:
    """A fresh generator for one purpose."""
    return np.random.Generator(np.random.PCG64(key_of(seed, *labels)))


def mixed(values: Longs) -> Longs:
    """SplitMix64's finaliser: a bijection that scatters neighbours (Steele, Lea, Flood 2014)."""
    z = values + _GOLDEN
    high = z >> _SHIFT_1
    z ^= high
    z *= _MIX_1
    np.right_shift(z, _SHIFT_2, out=high)
    z ^= high
    z *= _MIX_2
    np.right_shift(z, _SHIFT_3, out=high)
    z ^= high
    return z


def scattered(key: int, first: Indices, second: Indices) -> Longs:
    """One 64-bit hash for each pair of two broadcast arrays of non-negative integers."""
    a, b = (np.atleast_1d(np.asarray(one, dtype=np.int64)).view(np.uint64) for one in (first, second))
    return mixed(mixed(mixed(a) ^ np.uint64(key)) + b)


def uniforms(key: int, first: Indices, second: Indices) -> NDArray[np.float64]:
    """As `scattered`, as numbers in [0, 1)."""
    hashes = scattered(key, first, second)
    hashes >>= _TO_MANTISSA
    drawn: NDArray[np.float64] = hashes.astype(np.float64)
    drawn *= 2.0**-53
    return drawn


def _mixed_int(value: int) -> int:
    z = (value + 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def bits(key: int, first: int, second: int) -> int:
    """The scalar of `scattered`: 64 random bits."""
    return _mixed_int((_mixed_int(_mixed_int(first) ^ key) + second) & _MASK)


def uniform(key: int, first: int, second: int) -> float:
    """The scalar of `uniforms`: the same number."""
    return (bits(key, first, second) >> 11) * 2.0**-53


def normals(key: int, first: Indices, second: int) -> NDArray[np.float64]:
    """Standard normal numbers, one for each element of `first` (Box and Muller, 1958)."""
    radius = np.sqrt(-2.0 * np.log1p(-uniforms(key, first, 2 * second)))
    drawn: NDArray[np.float64] = radius * np.cos(2.0 * np.pi * uniforms(key, first, 2 * second + 1))
    return drawn
