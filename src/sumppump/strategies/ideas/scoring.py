"""What candidates are worth by a stated measure, what they tie up, what stands against them. Pure.

score = (prudent value - cost to enter - cost to leave - early exercise) / margin. Under the market's own
odds every fair trade expects nothing, so a rank by them is noise. The measure keeps these odds, skew and all,
and scales their moves half-way (in variance) from the volatility that is implied to the one that the past
month realised. A month is a small sample without the rarest days: the prudent value is the least of the means
with that figure one standard error to either side, with and without the outermost outcomes. It forecasts
nothing: it compares prices with the near past.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.candidates import Candidates, scored
from sumppump.domain.distribution import Distribution
from sumppump.domain.pricing.normal import Array
from sumppump.domain.profiles import cells_of
from sumppump.strategies.ideas.generating import MOST_LEGS, SHARE, Contracts, Pool
from sumppump.strategies.ideas.margin import Covers, cover_of, margin_of
from sumppump.strategies.ideas.slices import Slice

# A realised volatility is of whole sessions and says nothing of what is left of one.
LEAST_YEARS = 1.0 / 365.0
# Of the variance by the measure so much is the past's; the rest is implied.
OF_THE_PAST = 0.5
# Of all outcomes so many at either end are left out for who gains by them: thirty sessions tell none of them.
RARE = 0.025


# The measure's own, with an error less and more, and the last two trimmed.
Views = tuple[Distribution, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How far the measure's moves differ from those that prices imply.

    Attributes:
        realised: volatility of the past, per year; None leaves the market's own odds as they are.
        error: its standard error. words: what it is.
    """

    realised: float | None
    error: float
    words: str

    def factors(self, near: Slice) -> tuple[float, float, float]:
        """By how much moves are scaled at an expiry: the figure itself, then an error less and more."""
        if self.realised is None or near.carry.years < LEAST_YEARS:
            return (1.0, 1.0, 1.0)
        implied = near.smile.at(near.carry.forward)
        pasts = (self.realised, max(0.0, self.realised - self.error), self.realised + self.error)
        middle, less, more = (_factor(past / implied) for past in pasts)
        return middle, less, more


def _factor(ratio: float) -> float:
    """Half-way in variance from 1; a past that did not move at all tells nothing."""
    return math.sqrt(OF_THE_PAST * ratio**2 + 1.0 - OF_THE_PAST) if ratio else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """A pool with its figures, (candidates,) each, per share of one combo.

    Attributes:
        gain: mean P&L at the model's prices by the measure, in today's money, where nobody exercises a sold
            option before the (first) expiry. prudent: the least of them.
        of_an_error: what the mean is more where the past's volatility is a standard error higher.
        premium: net mid of the model's prices. loss, profit: bounds, infinite where unlimited.
        chance: of a profit, by the smile. at_spot: P&L at the (first) expiry where the price stays.
        views: the measure's distributions of each nearer slice. worst: number of the one that is prudent.
        crossing: lost by paying the far side of every quote once.
        early: worth of the right to exercise early that goes with the options sold.
        uncovered: the highest strike that is sold and perhaps uncovered, 0 where none is. margin: Reg T's.
    """

    pool: Pool
    gain: Array
    prudent: Array
    of_an_error: Array
    premium: Array
    loss: Array
    profit: Array
    chance: Array
    at_spot: Array
    views: tuple[Views, ...]
    worst: NDArray[np.intp]
    crossing: Array
    early: Array
    uncovered: Array
    margin: Array

    @property
    def score(self) -> Array:
        """By the formula of this page, leaving at what entering costs; -inf where it ties nothing up."""
        gain = self.prudent - 2.0 * self.crossing - self.early
        return np.divide(gain, self.margin, out=np.full_like(gain, -np.inf), where=self.margin > 0)


@dataclass(frozen=True, slots=True)
class _Outcomes:
    """Of one expiry.

    Attributes:
        own: the market's own distribution.
        views: moves scaled by the figure, by an error less and more; the last two again, trimmed.
    """

    own: Distribution
    views: Views
    discount: float

    @classmethod
    def of(cls, near: Slice, measure: Measure) -> _Outcomes:
        own = Distribution.of(near.outlook)
        middle, less, more = (own.stretched(factor) for factor in measure.factors(near))
        views = (middle, less, more, less.trimmed(RARE), more.trimmed(RARE))
        return cls(own, views, math.exp(-near.carry.rate * near.carry.years))


def rated(pool: Pool, measure: Measure, *, part: float) -> Rated:
    """All figures of all candidates in one pass over arrays.

    Args:
        pool: the candidates.
        measure: see this page.
        part: of the underlying's price that an uncovered option needs.
    """
    outcomes = [_Outcomes.of(near, measure) for near in pool.nears]
    premium, legs = pool.net(pool.contracts.price), pool.legs
    every = _joined([_at_expiry(pool, legs, outcomes), *_at_first(pool, premium, outcomes)])
    # What is paid for early exercise is not earned where nobody exercises.
    early = pool.sold(pool.contracts.early)
    covers = Covers.of([cover_of(batch.shape.type) for batch in pool.batches], pool.batch, MOST_LEGS)
    return Rated(
        pool=pool,
        gain=every.gains[0] + early,
        prudent=every.gains.min(axis=0) + early,
        of_an_error=every.gains[2] - every.gains[0],
        premium=premium,
        loss=every.loss,
        profit=every.profit,
        chance=every.chance,
        at_spot=every.at_spot,
        views=tuple(ends.views for ends in outcomes),
        worst=every.gains.argmin(axis=0),
        crossing=pool.crossing,
        early=early,
        uncovered=np.where(covers.bare, legs.strike, 0.0).max(axis=0),
        margin=margin_of(legs, covers, every.lowest, premium, spot=pool.spot, part=part),
    )


@dataclass(frozen=True, slots=True)
class _Figures:
    """Of some candidates; `gains` is (views, candidates), see `_Outcomes`; `lowest` and `at_spot` are P&L."""

    lowest: Array
    loss: Array
    profit: Array
    chance: Array
    at_spot: Array
    gains: Array


def _joined(parts: Sequence[_Figures]) -> _Figures:
    return _Figures(
        lowest=np.concatenate([part.lowest for part in parts]),
        loss=np.concatenate([part.loss for part in parts]),
        profit=np.concatenate([part.profit for part in parts]),
        chance=np.concatenate([part.chance for part in parts]),
        at_spot=np.concatenate([part.at_spot for part in parts]),
        gains=np.concatenate([part.gains for part in parts], axis=1),
    )


def _at_expiry(pool: Pool, legs: Candidates, outcomes: Sequence[_Outcomes]) -> _Figures:
    """Of one expiry, at that."""
    single = pool.of_one_expiry
    first = Candidates(
        strike=legs.strike[:, :single].T,
        call=legs.call[:, :single].T,
        ratio=legs.ratio[:, :single].T,
        price=legs.price[:, :single].T,
    )
    found = scored(first, [each.own for each in outcomes], pool.end[:single])
    return _Figures(
        lowest=found.lowest,
        loss=found.max_loss,
        profit=found.max_profit,
        chance=found.chance_of_profit,
        at_spot=(pool.net(_inside(pool.contracts)) - pool.net(pool.contracts.price))[:single],
        gains=_gains(pool, outcomes)[:, :single],
    )


def _inside(of: Contracts) -> Array:
    """What each contract is worth at expiry where the price stays; a share is worth it."""
    sign = np.where(of.call, 1.0, -1.0)
    found: Array = np.maximum(0.0, sign * (of.price[SHARE] - of.strike))
    return found


def _at_first(pool: Pool, premium: Array, outcomes: Sequence[_Outcomes]) -> Iterator[_Figures]:
    """Of two expiries, at the first, batch by batch."""
    cells: dict[int, Array] = {}
    for batch, start in zip(pool.batches, pool.start, strict=True):
        if batch.later is None:
            continue
        ends, profiles = outcomes[batch.number], batch.profiles(premium[start : start + len(batch)])
        if batch.number not in cells:
            every = (ends.own, *ends.views)
            cells[batch.number] = np.stack([cells_of(profiles.prices, each) for each in every])
        mine = cells[batch.number]
        means = profiles.averages(mine)
        gains = (means[1:] - means[0]) * ends.discount
        yield _Figures(
            lowest=profiles.pnl.min(axis=1),
            loss=profiles.max_loss,
            profit=profiles.max_profit,
            chance=profiles.chance(mine[0]),
            at_spot=profiles.pnl[:, len(profiles.prices) // 2],
            gains=gains,
        )


def _gains(pool: Pool, outcomes: Sequence[_Outcomes]) -> Array:
    """(views, candidates): what the legs pay on average beyond what they pay by the market's own odds.

    What is paid for them is fair by these odds, so this is the mean P&L at the model's prices; early exercise
    is paid for in both. A contract's figure is found once and looked up by every candidate that has it.
    """
    of, shares = pool.contracts, pool.shares
    views = len(outcomes[0].views)
    each, moved = np.zeros((views, len(of.strike))), np.zeros((views, len(outcomes)))
    for number, ends in enumerate(outcomes):
        strikes, first = pool.nears[number].strikes, of.first[number]
        base = ends.own.put(strikes)
        means = np.array([[found.mean - ends.own.mean] for found in ends.views])
        puts = np.stack([found.put(strikes) - base for found in ends.views])
        # By parity a call's is its put's and what the mean moves by; a share's is that.
        both = np.concatenate([puts + means, puts], axis=1) * ends.discount
        each[:, first : first + both.shape[1]] = both
        moved[:, number] = means[:, 0] * ends.discount
    return np.stack([pool.net(column) for column in each]) + shares * moved[:, pool.end]
