"""A book at the market's prices: each option's volatility is the one that gives it its mark. Pure.

Then the model is worth what the market pays, and a P&L between two moments is the model's. Some marks have no
volatility: at or below what exercising brings, or nothing left for time. Such a row stays at the least
volatility, and what its mark differs by is its `gap`, with the reason: no fitted number hides it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from sumppump.domain.book.building import Holding, UnderlyingMarket, book_of_holdings, label_of
from sumppump.domain.book.repricing import LEAST_VOL, STEPS, Cells, cells_of, kinds, worths
from sumppump.domain.book.rows import Book, LeftOut, RowLabel
from sumppump.domain.book.scenarios import Shocks
from sumppump.domain.missing import Missing
from sumppump.domain.pricing import ImpliedVols, VolStatus, american_implied_vols, implied_vols
from sumppump.domain.pricing.normal import Array

NO_MARK = Missing("no_mark", "nobody values it")
_WHY = {
    VolStatus.NO_TIME_VALUE: "its mark holds no time value",
    VolStatus.AT_INTRINSIC: "its mark is not above what exercising brings",
    VolStatus.ABOVE_MAX: "its mark is above anything that a volatility gives",
    VolStatus.BAD_INPUT: "its mark is not a price",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A book whose options carry the volatilities of their marks.

    Attributes:
        gap: mark less the model's worth, one a row, currency per share; rounding where a volatility fits.
        why: the rows without a fitting volatility, and why.
    """

    book: Book
    gap: Array
    why: Mapping[RowLabel, Missing]


def book_at_marks(
    holdings: Iterable[Holding],
    marks: Mapping[int, float],
    markets: Mapping[str, UnderlyingMarket],
    *,
    now: datetime,
    currency: str = "USD",
    steps: int = STEPS,
) -> Marked:
    """The book of these positions at their marks; a position without one is left out.

    Args:
        holdings: in any order; their Greeks do not count.
        marks: by con_id, currency per share.
        markets: by the underlying's symbol.
        now: the moment of the marks.
        currency: positions in another are left out.
        steps: of the American trees.
    """
    held = list(holdings)
    has_mark = [each for each in held if each.instrument.con_id in marks]
    book = book_of_holdings(has_mark, markets, now=now, currency=currency, needs_vols=False)
    rest = (LeftOut(label_of(each), NO_MARK) for each in held if each.instrument.con_id not in marks)
    book = replace(book, left_out=(*book.left_out, *rest))
    return marked(book, np.array([marks[label.con_id] for label in book.labels]), steps=steps)


def marked(book: Book, marks: Array, *, steps: int = STEPS) -> Marked:
    """The book at these marks.

    Args:
        book: what is held; the volatilities of its rows are replaced.
        marks: one a row, currency per share, as the broker values positions.
        steps: of the American trees, those that the book will be repriced with.
    """
    found = _implied(book, marks[: len(book.options)], steps)
    vols = np.where(found.status == VolStatus.OK, found.vol, LEAST_VOL)
    now = replace(book, options=replace(book.options, vol=vols))
    return Marked(book=now, gap=marks - worths(now, _still(book), steps=steps)[0], why=_reasons(book, found))


def _still(book: Book) -> Shocks:
    return Shocks(factors=np.ones((1, len(book.symbols))))


def _implied(book: Book, marks: Array, steps: int) -> ImpliedVols:
    """Of every option row."""
    vols, status = np.empty(len(marks)), np.empty(len(marks), dtype=np.int8)
    for places, is_american in kinds(book.options):
        cells = cells_of(book, _still(book), book.options.vol[None, :], places)
        wanted = marks[places][None, :]
        found = _american(wanted, cells, steps) if is_american else _european(wanted, cells)
        vols[places], status[places] = found.vol[0], found.status[0]
    return ImpliedVols(vols, status)


def _reasons(book: Book, found: ImpliedVols) -> dict[RowLabel, Missing]:
    """Why rows have no fitting volatility; what is over needs none."""
    odd = np.flatnonzero((found.status != VolStatus.OK) & (book.options.years > 0)).tolist()
    return {
        book.labels[row]: Missing("no_volatility", _WHY[VolStatus(int(found.status[row]))]) for row in odd
    }


def _european(marks: Array, cells: Cells) -> ImpliedVols:
    rows = cells.rows
    return implied_vols(marks, cells.left, rows.strike, cells.years, rows.rate, rows.carry, rows.call)


def _american(marks: Array, cells: Cells, steps: int) -> ImpliedVols:
    rows = cells.rows
    inputs = (cells.spot, rows.strike, cells.years, rows.rate, rows.carry, rows.call)
    return american_implied_vols(marks, *inputs, dividends=cells.dividends, steps=steps)
