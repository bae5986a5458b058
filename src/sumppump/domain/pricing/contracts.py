"""Option contracts as columns of one length, or as a grid of arguments that are not yet spread out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sumppump.domain.pricing.normal import Array

Bools = NDArray[np.bool_]
Rows = slice | NDArray[np.intp] | NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Contracts:
    """What an option's price depends on, one row a contract, or a grid.

    Attributes:
        spot: underlying's price. strike: likewise, per share.
        years: to expiry, ACT/365. rate: interest per year, continuous. carry: dividend yield likewise.
        vol: per year. call: True for calls.
    """

    spot: Array
    strike: Array
    years: Array
    rate: Array
    carry: Array
    vol: Array
    call: Bools

    def __len__(self) -> int:
        return len(self.spot)

    @property
    def sign(self) -> Array:
        """1 for calls, -1 for puts."""
        return np.where(self.call, 1.0, -1.0)

    def changed(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Contracts:
        """The same contracts with `change` applied to every column."""
        return Contracts(*(change(getattr(self, column.name)) for column in fields(self)))

    def block(self, index: tuple[slice, ...]) -> Contracts:
        """Part of a grid; what has one value for an axis keeps it."""

        def cut(part: NDArray[Any]) -> NDArray[Any]:
            axes = zip(index, part.shape, strict=True)
            return part[tuple(rows if size > 1 else slice(None) for rows, size in axes)]

        return self.changed(cut)

    def rows(self, rows: Rows) -> Contracts:
        """Some of the contracts."""
        return self.changed(lambda column: column[rows])


def contracts(
    S: ArrayLike, K: ArrayLike, T: ArrayLike, r: ArrayLike, q: ArrayLike, sigma: ArrayLike, call: ArrayLike
) -> tuple[Contracts, tuple[int, ...]]:
    """Arguments as columns of one length, and the shape that answers must have; a scalar is one row."""
    compact, shape = grid(S, K, T, r, q, sigma, call)
    return compact.changed(lambda part: np.broadcast_to(part, shape).reshape(-1)), shape


def grid(
    S: ArrayLike, K: ArrayLike, T: ArrayLike, r: ArrayLike, q: ArrayLike, sigma: ArrayLike, call: ArrayLike
) -> tuple[Contracts, tuple[int, ...]]:
    """Arguments as arrays with the same number of axes, not yet spread over each other, and their shape.

    What depends on one argument alone, such as a discount, is then computed once for all the others.
    """
    numbers = [np.asarray(part, dtype=np.float64) for part in (S, K, T, r, q, sigma)]
    spot, strike, years, rate, carry, vol = numbers
    compact = Contracts(spot, strike, years, rate, carry, vol, np.asarray(call, dtype=np.bool_))
    shape = np.broadcast_shapes((1,), np.shape(call), *(part.shape for part in numbers))
    return compact.changed(lambda part: part.reshape((1,) * (len(shape) - part.ndim) + part.shape)), shape


def blocks(shape: tuple[int, ...], size: int) -> Iterator[tuple[slice, ...]]:
    """Indices that cut a shape into blocks of about `size` elements, which fit the cache."""
    rest = math.prod(shape[1:])
    if len(shape) > 1 and rest > 1.5 * size:
        for place in range(shape[0]):
            yield from ((slice(place, place + 1), *inner) for inner in blocks(shape[1:], size))
        return
    thick = max(1, size // max(1, rest))
    for start in range(0, shape[0], thick):
        yield (slice(start, start + thick), *(slice(None) for _ in shape[1:]))


def portions(count: int, size: int) -> Iterator[slice]:
    """Consecutive rows in portions that fit the cache."""
    return (slice(start, start + size) for start in range(0, count, size))
