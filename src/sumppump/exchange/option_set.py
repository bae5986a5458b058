"""A row of options as arrays: what does not change while they are listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.character import CHARACTERS
from sumppump.exchange.factors import MARKET, trading_index
from sumppump.exchange.instruments import Listing
from sumppump.exchange.option_classes import BY_CLASS, RULE_NICKEL_FROM_3
from sumppump.exchange.symbols import INDEX_OF
from sumppump.exchange.trading_days import to_ms

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class OptionSet:
    """A fixed row of options as arrays.

    Attributes:
        end_days: trading days, counted from the year 2000, at whose end the last price is made; a fraction
            for what the open settles.
        last_ms: the last moment of trading.
    """

    con_ids: Ints
    symbols: Ints
    strike: Floats
    sign: Floats
    last_ms: Ints
    end_days: Floats
    dividend_yield: Floats
    cost: Floats
    lot: Floats
    under_half: Floats
    nickels: Mask
    european: Mask

    @classmethod
    def of(cls, listings: Sequence[Listing]) -> OptionSet:
        """The arrays of these options, in this order."""
        characters = [CHARACTERS[one.underlying] for one in listings]
        return cls(
            con_ids=np.array([one.con_id for one in listings], dtype=np.int64),
            symbols=np.array([INDEX_OF[one.underlying] for one in listings], dtype=np.int64),
            strike=np.array([float(one.strike or 0) for one in listings]),
            sign=np.array([1.0 if one.right == "C" else -1.0 for one in listings]),
            last_ms=np.array([to_ms(one.last_trade) for one in listings if one.last_trade], dtype=np.int64),
            end_days=np.array([_end_day(one) for one in listings]),
            dividend_yield=np.array([one.model_yield for one in characters]),
            cost=np.array([one.option_cost for one in characters]),
            lot=np.array([float(one.option_lot) for one in characters]),
            under_half=np.array([one.half_width / 100.0 for one in characters]),
            nickels=np.array([one.market_rule_ids[0] == RULE_NICKEL_FROM_3 for one in listings], dtype=bool),
            european=np.array([not BY_CLASS[one.trading_class].is_american for one in listings], dtype=bool),
        )

    @cached_property
    def symbol_indices(self) -> tuple[int, ...]:
        """The underlyings that occur."""
        return tuple(sorted({int(index) for index in self.symbols}))

    @cached_property
    def has_european(self) -> bool:
        """Whether any of them cannot be exercised early."""
        return bool(self.european.any())


def _end_day(listing: Listing) -> float:
    """The trading day at whose close an option ends; a day's session less where the open settles it."""
    if listing.expiry is None:
        raise ValueError(f"{listing.local_symbol} never expires")
    session = 1.0 - MARKET.overnight if BY_CLASS[listing.trading_class].settles_at_open else 0.0
    return trading_index(listing.expiry) - session
