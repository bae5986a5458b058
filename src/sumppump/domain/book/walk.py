"""The way of a book from one market to another, stop by stop. Pure.

The second market lends prices, volatilities, rates and coming dividends; what is held is what the first book
holds. Both are put in the same rows first; a row that one of them cannot value has no way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sumppump.domain.book.marking import Marked
from sumppump.domain.book.repricing import worths
from sumppump.domain.book.rows import Book, LeftOut, Places
from sumppump.domain.book.scenarios import Shocks
from sumppump.domain.missing import Missing
from sumppump.domain.pricing.european import DAYS_PER_YEAR
from sumppump.domain.pricing.normal import Array

NO_MARKET = Missing("no_market", "the second market does not value it")
# A dividend that is kept from going ex does so this much after the end, in years.
_STILL_TO_COME = 1e-6

Stop = tuple[Book, Shocks]


@dataclass(frozen=True, slots=True)
class Walk:
    """Two markets for the same rows.

    Attributes:
        before: what is held, in the first market. after: the same rows in the second.
        days: calendar days between them.
        gap: what the marks gained beside the model, one a row, currency per share.
        left_out: rows of the first book that the second cannot value, and what neither could.
    """

    before: Book
    after: Book
    days: float
    gap: Array
    left_out: tuple[LeftOut, ...] = ()

    @property
    def begin(self) -> Stop:
        """The first market."""
        return self.before, Shocks(factors=np.ones((1, len(self.before.symbols))))

    @property
    def aged(self) -> Stop:
        """The date has passed, and no share has gone ex."""
        book, still = self.begin
        options, shares = book.options, book.shares
        options = replace(options, when=_delayed(options.when, self.days))
        shares = replace(shares, when=_delayed(shares.when, self.days))
        return replace(book, options=options, shares=shares), replace(still, days=np.array([[self.days]]))

    @property
    def gone_ex(self) -> Stop:
        """What was due has gone ex."""
        return self.before, self.aged[1]

    @property
    def moved(self) -> Stop:
        """Prices are the second market's."""
        spots = dict(zip(self.after.symbols, self.after.spots.tolist(), strict=True))
        factors = [spots.get(symbol, np.nan) for symbol in self.before.symbols] / self.before.spots
        return self.before, replace(self.aged[1], factors=factors[None, :])

    @property
    def other_vols(self) -> Stop:
        """Volatilities are."""
        book, there = self.moved
        return replace(book, options=replace(book.options, vol=self.after.options.vol)), there

    @property
    def stops(self) -> tuple[Stop, ...]:
        """All but the end, in order."""
        return self.begin, self.aged, self.gone_ex, self.moved, self.other_vols

    def worths(self, *, steps: int) -> Array:
        """The model's worth at each stop and at the end, (stops + 1, rows), currency per share.

        With it the dividends that have come to shares on the way.
        """
        found = [worths(book, shocks, steps=steps)[0] for book, shocks in self.stops]
        end = worths(self.after, Shocks(factors=np.ones((1, len(self.after.symbols)))), steps=steps)[0]
        end[len(self.before.options) :] += self._came()
        return np.array([*found, end])

    def _came(self) -> Array:
        shares = self.before.shares
        has_come = (shares.when > 0) & (shares.when <= self.days / DAYS_PER_YEAR)
        came: Array = np.where(has_come, shares.cash, 0.0).sum(axis=0)
        return came


def walk(before: Marked, after: Marked, *, days: float) -> Walk:
    """The way between two markets.

    Args:
        before: what is held, at its marks then.
        after: whatever the second market values; its quantities do not count.
        days: calendar days from one to the other, in fractions too.
    """
    there = {label.con_id: place for place, label in reversed([*enumerate(after.book.labels)])}
    rows = [place for place, label in enumerate(before.book.labels) if label.con_id in there]
    book = before.book.rows(rows)
    places = np.array([there[label.con_id] for label in book.labels], dtype=np.intp)
    return Walk(
        before=book,
        after=_same_rows(after.book, book, places),
        days=days,
        gap=after.gap[places] - before.gap[rows],
        left_out=(*before.book.left_out, *_lost(before.book, set(rows))),
    )


def _same_rows(after: Book, before: Book, places: Places) -> Book:
    count = len(after.options)
    return replace(
        after,
        options=after.options.rows(places[places < count]),
        shares=after.shares.rows(places[places >= count] - count),
        labels=before.labels,
        smiles=(),
    )


def _lost(book: Book, kept: set[int]) -> Iterator[LeftOut]:
    for place, label in enumerate(book.labels):
        if place not in kept:
            yield LeftOut(label, NO_MARKET)


def _delayed(when: Array, days: float) -> Array:
    end = days / DAYS_PER_YEAR
    return np.where((when > 0) & (when <= end), end + _STILL_TO_COME, when)
