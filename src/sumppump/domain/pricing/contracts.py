"""Option contracts as columns: any arguments that broadcast together become arrays of one length."""

from __future__ import annotations

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
    """What an option's price depends on, one row a contract.

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

    def rows(self, rows: Rows) -> Contracts:
        """Some of the contracts."""
        return self.changed(lambda column: column[rows])


def contracts(
    S: ArrayLike, K: ArrayLike, T: ArrayLike, r: ArrayLike, q: ArrayLike, sigma: ArrayLike, call: ArrayLike
) -> tuple[Contracts, tuple[int, ...]]:
    """Arguments as columns, and the shape that answers must have; a scalar counts as one row."""
    numbers = (np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (S, K, T, r, q, sigma))
    columns = np.broadcast_arrays(*numbers, np.asarray(call, dtype=np.bool_))
    return Contracts(*(column.reshape(-1) for column in columns)), columns[0].shape


def portions(count: int, size: int) -> Iterator[slice]:
    """Consecutive rows in portions that fit the cache."""
    return (slice(start, start + size) for start in range(0, count, size))
