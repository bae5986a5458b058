"""A whole book under many scenarios, every position priced anew in each; nothing is expanded in Greeks.

P&L is the model's worth in the scenario less the model's worth now, so that it is 0 where nothing happens.
The price of a scenario is that of its date: shares that were held over an ex-date have their dividend beside
it, and a short seller owes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sumppump.domain.book.rows import Book, LeftOut, OptionRows, Places
from sumppump.domain.book.scenarios import Scenario, Shocks, SmileRule
from sumppump.domain.missing import Missing
from sumppump.domain.pricing import american_prices, european_prices
from sumppump.domain.pricing.contracts import Rows, portions
from sumppump.domain.pricing.dividends import INSTANT, cash_dividends
from sumppump.domain.pricing.european import DAYS_PER_YEAR
from sumppump.domain.pricing.normal import Array

# No shift takes a volatility below this; one that is lower already stays.
LEAST_VOL = 0.01
# Steps of the trees of American options: 0.03 points at the 99th percentile (spec: American options).
STEPS = 50
_CELLS = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Repriced:
    """P&L of a book under scenarios.

    Attributes:
        pnl: (scenarios, rows), cash in the book's currency; NaN where a scenario does not say a move.
        left_out: what the totals do not hold: positions, and rows of single scenarios.
        smile_from: by row, `smile` where sticky delta read a fitted smile, else `flat`.
    """

    book: Book
    scenarios: tuple[Scenario, ...]
    pnl: Array
    left_out: tuple[LeftOut, ...]
    smile_from: tuple[str, ...]

    @property
    def total(self) -> Array:
        """Of everything that is known, one a scenario."""
        total: Array = np.nansum(self.pnl, axis=1)
        return total

    @property
    def by_underlying(self) -> Mapping[str, Array]:
        """By symbol, one number a scenario."""
        return self._sums(label.symbol for label in self.book.labels)

    @property
    def by_strategy(self) -> Mapping[str, Array]:
        """By strategy, one number a scenario."""
        return self._sums(label.strategy for label in self.book.labels)

    def _sums(self, names: Iterable[str]) -> Mapping[str, Array]:
        places: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            places.setdefault(name, []).append(place)
        return {name: np.nansum(self.pnl[:, rows], axis=1) for name, rows in places.items()}


def reprice(book: Book, scenarios: Sequence[Scenario], *, steps: int = STEPS) -> Repriced:
    """P&L of every position under every scenario, in full.

    Args:
        book: what is held.
        scenarios: in any order and of any smile rule.
        steps: of the American trees.
    """
    pnl = np.empty((len(scenarios), len(book)))
    for rule in SmileRule:
        places = [place for place, each in enumerate(scenarios) if each.smile is rule]
        if places:
            # What is now is priced along with the rest: trees cost by the call, too.
            asked = [Scenario(smile=rule), *(scenarios[place] for place in places)]
            found = worths(book, Shocks.of(asked, book.symbols), steps=steps)
            pnl[places] = (found[1:] - found[0]) * book.units
    return Repriced(
        book=book,
        scenarios=tuple(scenarios),
        pnl=pnl,
        left_out=(*book.left_out, *_unsaid(book, scenarios)),
        smile_from=_smile_sources(book),
    )


def pnl_of(book: Book, shocks: Shocks, *, steps: int = STEPS) -> Array:
    """P&L of every row under shocks, (scenarios, rows), cash; NaN where no move is said."""
    still = Shocks(factors=np.ones((1, len(book.symbols))), smile=shocks.smile)
    change = worths(book, shocks, steps=steps)
    change -= worths(book, still, steps=steps)
    change *= book.units
    return change


def worths(book: Book, shocks: Shocks, *, steps: int = STEPS) -> Array:
    """What one share's worth of every row is worth under shocks, (scenarios, rows), currency per share."""
    count = len(book.options)
    found = np.empty((len(shocks), len(book)))
    found[:, count:] = _share_worths(book, shocks)
    for part in portions(len(shocks), max(1, _CELLS // max(1, count))):
        some = shocks.rows(part)
        vols = shifted_vols(book, some)
        for places, is_american in kinds(book.options):
            cells = cells_of(book, some, vols, places)
            found[part, places] = _american(cells, steps) if is_american else _european(cells)
    return found


def kinds(options: OptionRows) -> Iterator[tuple[Rows, bool]]:
    """European rows and American ones (True); all of one kind are a slice, which copies nothing."""
    for is_american in (False, True):
        is_kind = options.american == is_american
        if len(options) and is_kind.all():
            yield slice(0, len(options)), is_american
        elif is_kind.any():
            yield np.flatnonzero(is_kind), is_american


def shifted_vols(book: Book, shocks: Shocks) -> Array:
    """Volatility of each option row under shocks, (scenarios or 1, options), never below the least."""
    options = book.options
    vols = options.vol + _by_row(shocks.points, options.underlying) / 100.0
    if shocks.smile is SmileRule.STICKY_DELTA and book.smile_groups:
        vols = vols + _slides(book, shocks)
    return np.maximum(vols, np.minimum(options.vol, LEAST_VOL))


def _slides(book: Book, shocks: Shocks) -> Array:
    """What an option's volatility gains because its smile moves along with the underlying."""
    options = book.options
    gained = np.zeros((len(shocks), len(options)))
    for smile, places in book.smile_groups:
        here = np.log(options.strike[places])
        there = here - np.log(shocks.factors[:, options.underlying[places]])
        gained[:, places] = smile.curve(there)[0] - smile.curve(here)[0]
    return gained


def _by_row(by_underlying: Array, underlying: Places) -> Array:
    return by_underlying if by_underlying.shape[1] == 1 else by_underlying.take(underlying, axis=1)


def _share_worths(book: Book, shocks: Shocks) -> Array:
    """Price of the scenario, and dividends whose ex-date has come by then."""
    shares = book.shares
    price = (shocks.factors * book.spots).take(shares.underlying, axis=1)
    for when, cash in zip(shares.when, shares.cash, strict=True):
        price = price + np.where(when <= shocks.days / DAYS_PER_YEAR, cash, 0.0)
    return price


@dataclass(frozen=True, slots=True)
class Cells:
    """Arguments of the kernels, (scenarios or 1, rows) each, and the dividends still to come."""

    rows: OptionRows
    spot: Array
    years: Array
    vol: Array
    when: Array

    @property
    def left(self) -> Array:
        """The price without the dividends of each option's life: what a European option stands on."""
        if not self.rows.cash.any():
            return self.spot
        return np.maximum(self.spot - _worth_of_dividends(self), INSTANT)

    @property
    def dividends(self) -> list[tuple[Array, Array]]:
        """Pairs of years to come and cash per share, for the kernels of American options."""
        pays = self.rows.cash.any(axis=1)
        return list(zip(self.when[pays], self.rows.cash[pays], strict=True))


def cells_of(book: Book, shocks: Shocks, vols: Array, places: Rows) -> Cells:
    """What the kernels price some rows by, under shocks; `vols` are of all option rows."""
    rows = book.options.rows(places)
    passed = shocks.days / DAYS_PER_YEAR
    return Cells(
        rows=rows,
        # `take` gives rows in a row, as the kernels read them; an index would not.
        spot=(shocks.factors * book.spots).take(rows.underlying, axis=1),
        years=np.maximum(rows.years - passed, 0.0),
        vol=vols[:, places] if isinstance(places, slice) else vols.take(places, axis=1),
        when=rows.when[:, None, :] - passed,
    )


def _european(cells: Cells) -> Array:
    rows = cells.rows
    return european_prices(cells.left, rows.strike, cells.years, rows.rate, rows.carry, cells.vol, rows.call)


def _worth_of_dividends(cells: Cells) -> Array:
    """Present value of the dividends of each option's life, (scenarios or 1, rows)."""
    shape = cells.years.shape
    years, rate = cells.years.reshape(-1), np.broadcast_to(cells.rows.rate, shape).reshape(-1)
    pairs = list(zip(cells.when, cells.rows.cash, strict=True))
    return cash_dividends(pairs, years, shape).worth(rate, 0.0).reshape(shape)


def _american(cells: Cells, steps: int) -> Array:
    rows = cells.rows
    inputs = (cells.spot, rows.strike, cells.years, rows.rate, rows.carry, cells.vol, rows.call)
    return american_prices(*inputs, dividends=cells.dividends, steps=steps)


def _unsaid(book: Book, scenarios: Sequence[Scenario]) -> Iterable[LeftOut]:
    """Rows whose underlying a scenario says nothing about."""
    for scenario in scenarios:
        if scenario.moves_pct is not None:
            for label in book.labels:
                if label.symbol not in scenario.moves_pct:
                    why = Missing("no_move", f"the move of {label.symbol} in this scenario is not known")
                    yield LeftOut(label, why, scenario.name)


def _smile_sources(book: Book) -> tuple[str, ...]:
    has = [smile is not None for smile in book.smiles] or [False] * len(book.options)
    return tuple("smile" if each else "flat" for each in (*has, *[False] * len(book.shares)))
