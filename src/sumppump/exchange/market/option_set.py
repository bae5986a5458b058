"""A row of options as arrays: what does not change while they are listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.listing.market_rules import MARKET_RULES
from sumppump.exchange.listing.option_classes import BY_CLASS
from sumppump.exchange.listing.symbols import BY_SYMBOL, INDEX_OF
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.factors import MARKET, trading_index

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class OptionSet:
    """A fixed row of options as arrays.

    Attributes:
        end_days: trading days, counted from the year 2000, at whose end the last price is made; a fraction
            for what the open settles.
        symbols: whose smile, by place in the table of underlyings.
        series: trading class and expiry of each.
        sources, source: what has the level that they are priced on, and which of these each one is.
        end_ms: the moment whose level settles them.
        low_tick, high_tick: increments below and from 3.00 on, cents.
    """

    con_ids: Ints
    symbols: Ints
    series: tuple[tuple[str, date], ...]
    sources: tuple[str, ...]
    source: Ints
    strike: Floats
    sign: Floats
    end_ms: Ints
    end_days: Floats
    dividend_yield: Floats
    cost: Floats
    lot: Floats
    under_half: Floats
    low_tick: Ints
    high_tick: Ints
    european: Mask

    @classmethod
    def of(cls, listings: Sequence[Listing]) -> OptionSet:
        """The arrays of these options, in this order."""
        characters = [CHARACTERS[one.underlying] for one in listings]
        classes = [BY_CLASS[one.trading_class] for one in listings]
        sources = tuple(dict.fromkeys(one.underlying for one in listings))
        rules = [MARKET_RULES[one.rule] for one in classes]
        return cls(
            con_ids=np.array([one.con_id for one in listings], dtype=np.int64),
            symbols=np.array([INDEX_OF[one.underlying] for one in classes], dtype=np.int64),
            series=tuple((one.trading_class, one.real_expiry) for one in listings if one.real_expiry),
            sources=sources,
            source=np.array([sources.index(one.underlying) for one in listings], dtype=np.int64),
            strike=np.array([float(one.strike or 0) for one in listings]),
            sign=np.array([1.0 if one.right == "C" else -1.0 for one in listings]),
            end_ms=np.array([to_ms(one.settles_at) for one in listings if one.settles_at], dtype=np.int64),
            end_days=np.array([_end_day(one) for one in listings]),
            dividend_yield=np.array([one.model_yield for one in characters]),
            cost=np.array([one.option_cost for one in characters]),
            lot=np.array([float(one.option_lot) for one in characters]),
            under_half=np.array([_half_width(one.underlying) for one in listings]),
            low_tick=np.array([int(100 * rule[0][1]) for rule in rules], dtype=np.int64),
            high_tick=np.array([int(100 * rule[-1][1]) for rule in rules], dtype=np.int64),
            european=np.array([not one.is_american for one in classes], dtype=bool),
        )

    @cached_property
    def symbol_indices(self) -> tuple[int, ...]:
        """The underlyings that occur."""
        return tuple(sorted({int(index) for index in self.symbols}))

    @cached_property
    def has_european(self) -> bool:
        """Whether any of them cannot be exercised early."""
        return bool(self.european.any())


def _half_width(symbol: str) -> float:
    """Half the usual width of what options are priced on, currency."""
    return CHARACTERS[symbol].half_width / BY_SYMBOL[symbol].price_units


def _end_day(listing: Listing) -> float:
    """The trading day at whose close an option ends; a day's session less where the open settles it."""
    if listing.real_expiry is None:
        raise ValueError(f"{listing.local_symbol} never expires")
    session = 1.0 - MARKET.overnight if BY_CLASS[listing.trading_class].settles_at_open else 0.0
    return trading_index(listing.real_expiry) - session
