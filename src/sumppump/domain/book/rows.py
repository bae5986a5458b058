"""A book of positions as arrays: what every scenario, value at risk and stress reprices.

Options come first, shares after them, one row a position; every array of rows has this order. What cannot be
valued is not a row: it stands in `left_out` with the reason, and no total counts it as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.missing import Missing
from sumppump.domain.pricing.contracts import Bools, Rows
from sumppump.domain.pricing.normal import Array
from sumppump.domain.smile import Curve

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLabel:
    """Whose row it is.

    Attributes:
        con_id: of the contract. symbol: of its underlying. words: `SPY 2026-12-18 500C`.
        strategy: name or key of the strategy that it belongs to, "" for none.
    """

    con_id: int
    symbol: str
    words: str
    strategy: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A position that no total holds. `scenario` names the only one it is missing in, "" for all."""

    label: RowLabel
    why: Missing
    scenario: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionRows:
    """Options as columns, one row a position.

    Attributes:
        underlying: place in the book's underlyings.
        strike: currency per share. years: to the last trading moment, ACT/365, 0 after it.
        call: True for calls. american: True where it may be exercised early.
        units: quantity times multiplier, signed.
        vol: per year. rate: interest, carry: dividend yield beside the cash dividends; per year, continuous.
        when, cash: dividends by row, (dividends, options): years from now, cash per share, 0 for none.
    """

    underlying: Places
    strike: Array
    years: Array
    call: Bools
    american: Bools
    units: Array
    vol: Array
    rate: Array
    carry: Array
    when: Array
    cash: Array

    def __len__(self) -> int:
        return len(self.strike)

    def rows(self, rows: Rows) -> OptionRows:
        """Some of the rows, in the order asked for."""
        return OptionRows(**{column.name: getattr(self, column.name)[..., rows] for column in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRows:
    """Shares as columns.

    Attributes:
        underlying: place in the book's underlyings. units: shares, signed.
        when, cash: dividends by row, (dividends, positions), as of options.
    """

    underlying: Places
    units: Array
    when: Array
    cash: Array

    def __len__(self) -> int:
        return len(self.units)

    def rows(self, rows: Rows) -> ShareRows:
        """Some of the rows, in the order asked for."""
        return ShareRows(**{column.name: getattr(self, column.name)[..., rows] for column in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Positions of many underlyings in one currency.

    Attributes:
        symbols: underlyings, each once. spots: their prices, currency per share.
        options, shares: the rows.
        labels: one a row, options first.
        smiles: one an option row; None where its volatility is all that is known.
        left_out: positions that could not become rows.
        currency: of every amount.
    """

    symbols: tuple[str, ...]
    spots: Array
    options: OptionRows
    shares: ShareRows
    labels: tuple[RowLabel, ...]
    smiles: tuple[Curve | None, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    currency: str = "USD"
    smile_groups: tuple[tuple[Curve, Places], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "smile_groups", _grouped(self.smiles))

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def underlying(self) -> Places:
        """Place of each row's underlying."""
        return np.concatenate([self.options.underlying, self.shares.underlying])

    @property
    def units(self) -> Array:
        """Shares that each row stands for, signed."""
        return np.concatenate([self.options.units, self.shares.units])

    @property
    def strategies(self) -> tuple[str, ...]:
        """Strategies that own rows, in the order of their first row."""
        return tuple(dict.fromkeys(label.strategy for label in self.labels))

    def rows(self, rows: Sequence[int] | Places) -> Book:
        """Some of the rows; what was left out stays left out."""
        places = np.sort(np.asarray(rows, dtype=np.intp))
        count = len(self.options)
        options, shares = places[places < count], places[places >= count] - count
        return replace(
            self,
            options=self.options.rows(options),
            shares=self.shares.rows(shares),
            labels=tuple(self.labels[place] for place in places),
            smiles=tuple(self.smiles[place] for place in options) if self.smiles else (),
        )

    def scaled(self, by_strategy: Mapping[str, float]) -> Book:
        """The book with the units of some strategies multiplied; 0 takes a strategy out, 0.5 halves it."""
        factor = np.array([by_strategy.get(label.strategy, 1.0) for label in self.labels])
        count = len(self.options)
        return replace(
            self,
            options=replace(self.options, units=self.options.units * factor[:count]),
            shares=replace(self.shares, units=self.shares.units * factor[count:]),
        )


def _grouped(smiles: tuple[Curve | None, ...]) -> tuple[tuple[Curve, Places], ...]:
    """Option rows that share a smile, so that it is asked once."""
    places: dict[int, list[int]] = {}
    for place, smile in enumerate(smiles):
        if smile is not None:
            places.setdefault(id(smile), []).append(place)
    found = {id(smile): smile for smile in smiles if smile is not None}
    return tuple((found[key], np.array(rows, dtype=np.intp)) for key, rows in places.items())
