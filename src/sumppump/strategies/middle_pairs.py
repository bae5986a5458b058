"""How fast shares grow by a call and a put at the money of each expiry, all priced in one go. Pure.

At one volatility a model's call and put differ as the market's do, but for what the spot less its dividends
is off by: at one strike their deltas differ by 1 and their vegas by nothing. What early exercise is worth
changes with the growth itself, so what is off is looked at once more where it matters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.parity import DOUBT
from sumppump.domain.pricing import american_prices, implied_vols
from sumppump.domain.pricing.normal import Array
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.surface.sighted import is_sound

STEPS, ROUNDS = 50, 2
# Of the spot; what is off by more is a broken quote.
_MOST_OFF = 0.9
# ln(strike / spot) by what call and put cost together: this is three quarters of a deviation.
_NEAR = 0.75
_CALL_AND_PUT = np.array([[True, False]])

Pair = tuple[tuple[OptionContract, Quote], tuple[OptionContract, Quote]]
"""Call and put of one strike and expiry with their quotes."""


@dataclass(frozen=True, slots=True)
class MiddleTold:
    """What one pair says.

    Attributes:
        growth: rate less dividend yield beside the cash dividends, per year, continuous.
        off: what the spot less its dividends was off by under the assumptions, currency per share.
        doubt: standard error of `off` by the width of the quotes.
    """

    growth: float
    off: float
    doubt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MiddlePairs:
    """Pairs as columns, one row an expiry; calls first.

    Attributes:
        mids: (expiries, 2), currency per share. strikes, years, known: (expiries, 1); `known` is the spot
            less the present value of its cash dividends. doubts: (expiries, 1), standard errors of C - P.
    """

    base: Assumptions
    spot: float
    cash: tuple[tuple[float, float], ...]
    mids: Array
    strikes: Array
    years: Array
    known: Array
    doubts: Array

    @classmethod
    def of(
        cls, pairs: Mapping[datetime, Pair], *, base: Assumptions, spot: float, now: datetime
    ) -> MiddlePairs:
        """Of at least one expiry, by its moment of settlement."""
        both = pairs.values()
        return cls(
            base=base,
            spot=spot,
            cash=base.cash(max(pairs), now),
            mids=np.array([[float(quote.mid or 0) for _, quote in pair] for pair in both]),
            strikes=_column([float(call[0].strike) for call, _ in both]),
            years=_column([call[0].years(now) for call, _ in both]),
            known=_column([base.prepaid(spot, moment, now) for moment in pairs]),
            doubts=DOUBT * _column([math.hypot(*map(_width, pair)) for pair in both]),
        )

    def told(self, heard: float) -> list[MiddleTold | None]:
        """One a pair, None where its prices hold no volatility.

        Args:
            heard: below so many standard errors what is off is not looked at again.
        """
        growth = np.full_like(self.years, self.base.rate - self.base.dividend_yield)
        first = off = self._off(growth)
        for number in range(ROUNDS):
            if number:
                off = self._off(growth)
            growth = growth + np.log1p(np.maximum(off / self.known, -_MOST_OFF)) / self.years
            if not (np.abs(first) > heard * self.doubts).any():
                break
        columns = zip(*(each[:, 0].tolist() for each in (growth, first, self.doubts)), strict=True)
        return [MiddleTold(*row) if np.isfinite(row[0]) else None for row in columns]

    def _off(self, growth: Array) -> Array:
        """What the market's C - P exceeds the model's by at this growth, (expiries, 1)."""
        rate, carry = np.maximum(self.base.rate, growth), np.maximum(self.base.rate - growth, 0.0)
        grown = self.known * np.exp(-carry * self.years)
        vols = implied_vols(self.mids, grown, self.strikes, self.years, rate, 0.0, _CALL_AND_PUT).vol
        has_any = np.isfinite(vols).any(axis=1, keepdims=True)
        vol = np.nanmean(np.where(has_any, vols, 0.0), axis=1, keepdims=True)
        inputs = (self.spot, self.strikes, self.years, rate, carry, vol, _CALL_AND_PUT)
        gaps = self.mids - american_prices(*inputs, dividends=self.cash, steps=STEPS)
        return np.where(has_any, gaps[:, :1] - gaps[:, 1:], np.nan)


def _column(values: Sequence[float]) -> Array:
    return np.array(values, dtype=np.float64)[:, None]


def _width(side: tuple[OptionContract, Quote]) -> float:
    return float(side[1].quote_width or 0)


def pair_at_the_money(quotes: Sequence[Quote], spot: float) -> Pair | None:
    """Call and put of the quoted strike nearest the spot that has both; None where none is near it.

    Away from the money one side is worth its exercise, and says nothing of the forward.
    """
    sides: dict[Right, dict[Decimal, tuple[OptionContract, Quote]]] = {right: {} for right in Right}
    for quote in quotes:
        option = quote.instrument
        if isinstance(option, OptionContract) and is_sound(quote):
            sides[option.right][option.strike] = option, quote
    both = sides[Right.CALL].keys() & sides[Right.PUT].keys()
    if not both:
        return None
    strike = min(both, key=lambda each: (abs(float(each) - spot), each))
    call, put = sides[Right.CALL][strike], sides[Right.PUT][strike]
    together = sum(float(quote.mid or 0) for _, quote in (call, put))
    return (call, put) if abs(math.log(float(strike) / spot)) <= _NEAR * together / spot else None
