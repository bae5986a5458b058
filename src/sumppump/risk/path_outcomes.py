"""What thousands of paths do to a book: its worth at the end of the horizon, or what expires before, settled.

What expires on the way is settled at the price of that day and then gone: shares that come of it are not
followed, and what expires today has a whole day's move. American prices are read from grids; the few paths
that lie far out are priced in full.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sumppump.domain.book import Book, Shocks, path_pnl, pnl_of, worths
from sumppump.domain.book.rows import Places
from sumppump.domain.pricing.contracts import Bools
from sumppump.domain.pricing.european import DAYS_PER_YEAR
from sumppump.domain.pricing.normal import Array

# Of the paths, those that are priced in full because they lie too far out for a grid.
FAR_SHARE = 0.03
# Currency per share that an interpolated price may be off (a test holds real paths against full prices).
GRID_ERROR = 0.01
# Twice the nodes halve the error at least, also where early exercise leaves a kink; so half a grid may miss
# the whole one, which is used, by twice the bound.
HALF_GRID_MISS = 2.0 * GRID_ERROR


@dataclass(frozen=True, slots=True)
class Journey:
    """Where paths lead, day after day.

    Attributes:
        symbols: of the first columns. has_vix: whether the VIX follows them, in hundredths.
        after: (paths, columns) of logarithmic returns after so many trading days, by their number.
        passed: calendar days that have gone after 1, 2, ... trading days; the last is the horizon.
    """

    symbols: Sequence[str]
    has_vix: bool
    after: Callable[[int], Array]
    passed: Sequence[float]

    def shocks(self, book: Book, day: int, calendar_days: float) -> Shocks:
        """What has happened to the book's underlyings by that trading day."""
        drawn = self.after(day)
        places = [self.symbols.index(each) if each in self.symbols else None for each in book.symbols]
        nothing = np.full(len(drawn), np.nan)
        return Shocks(
            factors=np.column_stack([nothing if at is None else np.exp(drawn[:, at]) for at in places]),
            points=drawn[:, len(self.symbols) :] * 100.0 if self.has_vix else np.zeros((1, 1)),
            days=np.array([[calendar_days]]),
        )


def outcomes(book: Book, journey: Journey) -> tuple[Array, float]:
    """P&L of each path, cash, and what an interpolated price may be off, per share."""
    last = expiry_days(book, journey.passed)
    living = np.flatnonzero(last == 0)
    total, error = _at_the_end(book.rows(living), journey)
    for day in np.unique(last[last > 0]).tolist():
        total += _settled(book.rows(np.flatnonzero(last == day)), journey, day)
    return total, error


def expiry_days(book: Book, passed: Sequence[float]) -> Places:
    """By row the trading day nearest to its expiry, 1, 2, ...; 0 for what lives beyond the last of them."""
    left = book.options.years * DAYS_PER_YEAR
    nearest = 1 + np.abs(left[:, None] - np.asarray(passed)).argmin(axis=1)
    shares = np.zeros(len(book.shares), dtype=np.intp)
    return np.concatenate([np.where(left <= passed[-1], nearest, 0), shares])


def _settled(book: Book, journey: Journey, day: int) -> Array:
    """P&L of what expires about that day, at its intrinsic value then."""
    european = replace(book.options, american=np.zeros(len(book.options), dtype=np.bool_))
    after = max(journey.passed[day - 1], float(book.options.years.max()) * DAYS_PER_YEAR)
    change = worths(replace(book, options=european), journey.shocks(book, day, after))
    change -= worths(book, Shocks(factors=np.ones((1, len(book.symbols)))))
    total: Array = change @ book.units
    return total


def _at_the_end(book: Book, journey: Journey) -> tuple[Array, float]:
    days = len(journey.passed)
    drawn = journey.after(days)
    shocks = journey.shocks(book, days, journey.passed[-1])
    total, error = np.zeros(len(drawn)), 0.0
    far = _far(drawn)
    for paths, price in ((~far, _read), (far, _in_full)):
        points = shocks.points[paths] if len(shocks.points) > 1 else shocks.points
        total[paths], missed = price(book, replace(shocks, factors=shocks.factors[paths], points=points))
        error = max(error, missed)
    return total, error


def _far(drawn: Array) -> Bools:
    """The few paths that lie far out: they would stretch the grids that the others are read from."""
    spread = drawn.std(axis=0)
    distance = np.abs(drawn / np.where(spread > 0, spread, 1.0)).max(axis=1)
    far: Bools = distance > np.quantile(distance, 1.0 - FAR_SHARE)
    return far


def _read(book: Book, shocks: Shocks) -> tuple[Array, float]:
    found = path_pnl(book, shocks, tolerance=HALF_GRID_MISS)
    total: Array = found.pnl.sum(axis=1)
    return total, found.error / 2.0


def _in_full(book: Book, shocks: Shocks) -> tuple[Array, float]:
    total: Array = pnl_of(book, shocks).sum(axis=1)
    return total, 0.0
