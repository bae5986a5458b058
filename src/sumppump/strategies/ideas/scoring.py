"""What candidates are worth by a stated measure, what they tie up, what stands against them. Pure.

score = (expected value - crossing - lost dividends) / capital. The expected value is the mean P&L under a
lognormal with the market's forward and the volatility of the last thirty sessions: under the market's own
distribution it is zero by construction and would rank by nothing. It forecasts nothing: it says which prices
would have been favourable if the near future moved as the near past did.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sumppump.domain.candidates import Candidates
from sumppump.domain.candidates import scored as figures_of
from sumppump.domain.distribution import Distribution
from sumppump.domain.pricing.normal import Array
from sumppump.strategies.ideas.generating import Batch
from sumppump.strategies.ideas.slices import Slice

# FINRA 4210(f)(2): of the underlying (15 % of a broad index) less what it is out of the money, at least 10 %.
_SHARE, _INDEX, _FLOOR = 0.20, 0.15, 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """The named alternative to the market's own distribution.

    Attributes:
        vol: per year; None takes each expiry's own volatility at the money. words: what it is.
    """

    vol: float | None
    words: str

    def outcomes(self, near: Slice) -> Distribution:
        """The distribution at an expiry."""
        own = near.smile.at(near.carry.forward)
        return Distribution.of(near.lognormal(own if self.vol is None else self.vol))


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """The next dividend, cash per share."""

    ex_date: date
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one measure or the other says of candidates, each (candidates,), per share of one combo.

    Attributes:
        worth: mean of what it pays by the named measure, in today's money.
        loss, profit: bounds, infinite where unlimited. chance: of a profit, by the smile.
    """

    worth: Array
    loss: Array
    profit: Array
    chance: Array

    def part(self, rows: slice) -> Figures:
        """Those of some candidates."""
        return Figures(
            worth=self.worth[rows], loss=self.loss[rows], profit=self.profit[rows], chance=self.chance[rows]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A batch with its figures.

    Attributes:
        premium: net mid of the model's prices; crossing: lost by paying the far side of every quote.
        lost_dividends: paid to who exercises short calls before the ex-date. capital: what it ties up.
    """

    batch: Batch
    figures: Figures
    premium: Array
    crossing: Array
    lost_dividends: Array
    capital: Array

    @property
    def score(self) -> Array:
        """By the formula of this page; -inf where it ties nothing up."""
        gain = self.figures.worth - self.premium - self.crossing - self.lost_dividends
        return np.divide(gain, self.capital, out=np.full_like(gain, -np.inf), where=self.capital > 0)


def scored(
    batches: Sequence[Batch], measure: Measure, payout: Payout | None, *, is_index: bool
) -> tuple[Scored, ...]:
    """All figures of all batches; those of one expiry in one pass over arrays."""
    single = [batch for batch in batches if batch.far is None]
    several = [batch for batch in batches if batch.far is not None]
    legs = [batch.legs for batch in single]
    found = [*_at_expiry(single, legs, measure), *(_at_first(batch, measure) for batch in several)]
    legs += [batch.legs for batch in several]
    rows = zip([*single, *several], legs, found, strict=True)
    return tuple(_with_costs(*row, payout, is_index=is_index) for row in rows)


def _at_expiry(
    batches: Sequence[Batch], each_legs: Sequence[Candidates], measure: Measure
) -> Iterator[Figures]:
    if not batches:
        return
    slices = list({batch.near.expiry: batch.near for batch in batches}.values())
    number = {each.expiry: place for place, each in enumerate(slices)}
    ends = np.concatenate([np.full(len(batch), number[batch.near.expiry]) for batch in batches])
    legs = _stacked(each_legs)
    own = figures_of(legs, [Distribution.of(each.outlook) for each in slices], ends)
    named = figures_of(legs, [measure.outcomes(each) for each in slices], ends)
    discounts = np.array([_discount(each) for each in slices])
    # Shares get the dividends by which the forward lies below their price with interest.
    dividends = np.array([each.carry.spot for each in slices])
    dividends -= np.array([each.carry.forward for each in slices]) * discounts
    shares = np.sum(legs.ratio * (legs.call & (legs.strike == 0.0)), axis=1)
    every = Figures(
        worth=(named.expected + named.net_premium) * discounts[ends] + shares * dividends[ends],
        loss=own.max_loss,
        profit=own.max_profit,
        chance=own.chance_of_profit,
    )
    stops = np.cumsum([len(batch) for batch in batches])
    yield from (
        every.part(slice(stop - len(batch), stop)) for batch, stop in zip(batches, stops, strict=True)
    )


def _discount(near: Slice) -> float:
    return math.exp(-near.carry.rate * near.carry.years)


def _stacked(each: Sequence[Candidates]) -> Candidates:
    return Candidates(
        strike=np.concatenate([legs.strike for legs in each]),
        call=np.concatenate([legs.call for legs in each]),
        ratio=np.concatenate([legs.ratio for legs in each]),
        price=np.concatenate([legs.price for legs in each]),
    )


def _at_first(batch: Batch, measure: Measure) -> Figures:
    """Of several expiries, at the first."""
    near, profiles = batch.near, batch.profiles()
    return Figures(
        worth=(profiles.average(measure.outcomes(near)) + batch.premium) * _discount(near),
        loss=profiles.max_loss,
        profit=profiles.max_profit,
        chance=profiles.chance(Distribution.of(near.outlook)),
    )


def _with_costs(
    batch: Batch, legs: Candidates, figures: Figures, payout: Payout | None, *, is_index: bool
) -> Scored:
    premium = batch.premium
    capital = np.maximum(figures.loss, premium)
    has_bound = np.isfinite(figures.loss)
    if not has_bound.all():
        uncovered = _uncovered(legs, premium, batch.near.carry.spot, is_index=is_index)
        capital = np.where(has_bound, capital, uncovered)
    return Scored(
        batch=batch,
        figures=figures,
        premium=premium,
        crossing=batch.crossing,
        lost_dividends=_lost(batch, legs, payout),
        capital=capital,
    )


def _uncovered(legs: Candidates, premium: Array, spot: float, *, is_index: bool) -> Array:
    """Reg T where the loss has no bound: the greater side's requirement and the credit received."""
    share = _INDEX if is_index else _SHARE
    sides = []
    for is_call in (True, False):
        mine = legs.call == is_call
        outside = np.maximum(0.0, (legs.strike - spot) * (1.0 if is_call else -1.0))
        least = _FLOOR * (spot if is_call else legs.strike)
        each = np.where(mine & (legs.ratio < 0), np.maximum(share * spot - outside, least), 0.0)
        bare = np.maximum(0.0, -np.sum(np.where(mine, legs.ratio, 0.0), axis=1))
        sides.append(bare * each.max(axis=1))
    found: Array = np.maximum(*sides) + np.maximum(0.0, -premium)
    return found


def _lost(batch: Batch, legs: Candidates, payout: Payout | None) -> Array:
    """Dividends that short calls lose: those in the money whose time value is below what is paid."""
    if payout is None or payout.ex_date > batch.near.expiry:
        return np.zeros(len(batch))
    inside = batch.near.carry.spot - legs.strike
    exercised = legs.call & (legs.ratio < 0) & (inside > 0) & (legs.price - inside < payout.amount)
    total: Array = np.sum(np.where(exercised, -legs.ratio, 0.0), axis=1) * payout.amount
    return total
