"""Thousands of candidate strategies at once: what each costs, can lose and win, and how likely.

Every candidate is a row of legs of one expiry, per share of one combo. A share is a call with strike 0; a leg
that a candidate does not have has ratio 0. The arithmetic is that of `payoff`, which is exact and one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.distribution import Distribution
from sumppump.domain.pricing.contracts import Bools
from sumppump.domain.pricing.normal import Array

# A profit or loss of less than this, currency per share, is none: prices are sums of cents in binary.
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Legs as columns of (candidates, legs).

    Attributes:
        strike: currency per share, 0 for a share. call: True for calls and shares.
        ratio: contracts of one combo, plus is bought, 0 for none; shares divided by a contract's multiplier.
        price: of one share's worth of the leg; NaN where it has none, and then the candidate has no figures.
    """

    strike: Array
    call: Bools
    ratio: Array
    price: Array

    def __len__(self) -> int:
        return len(self.strike)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Figures of each candidate, per share of one combo, without fees; all NaN where a leg has no price.

    Attributes:
        net_premium: debit positive.
        max_loss, max_profit: >= 0, infinite where there is no bound.
        breakevens: (candidates, legs + 1), rising, NaN beyond the last one.
        chance_of_profit: 0 to 1. expected: mean P&L at expiry; of the market's own measure it is the carry of
            the premium, and what the premium differs from the smile.
    """

    net_premium: Array
    max_loss: Array
    max_profit: Array
    breakevens: Array
    chance_of_profit: Array
    expected: Array


def scored(
    candidates: Candidates, outcomes: Sequence[Distribution], expiry: NDArray[np.intp] | None = None
) -> Scored:
    """Score all candidates.

    Args:
        candidates: legs.
        outcomes: distributions of the underlying, one an expiry.
        expiry: which of them each candidate lives until; all until the first where it is not given.
    """
    # Legs as rows: every operation then runs along the candidates.
    legs = Candidates(
        strike=np.ascontiguousarray(candidates.strike.T),
        call=np.ascontiguousarray(candidates.call.T),
        ratio=np.ascontiguousarray(candidates.ratio.T),
        price=np.ascontiguousarray(candidates.price.T),
    )
    payoff = _Payoff.of(legs)
    ends = np.zeros(len(candidates), np.intp) if expiry is None else expiry
    chance, mean = _chances(legs, payoff, outcomes, ends)
    lowest, highest = payoff.at_corners.min(axis=0), payoff.at_corners.max(axis=0)
    known = np.where(np.isnan(payoff.net_premium), np.nan, 0.0)
    return Scored(
        net_premium=payoff.net_premium,
        max_loss=np.where(payoff.slope < 0, np.inf, np.maximum(-lowest, 0.0)) + known,
        max_profit=np.where(payoff.slope > 0, np.inf, np.maximum(highest, 0.0)) + known,
        breakevens=np.sort(payoff.zeros.T, axis=1),
        chance_of_profit=chance + known,
        expected=mean - payoff.net_premium,
    )


@dataclass(frozen=True, slots=True)
class _Payoff:
    """P&L at expiry: straight between corners, which are 0 and the strikes; candidates are columns.

    Attributes:
        at_corners: (legs + 1, candidates), P&L per share, corners rising. slope: beyond the last.
        zeros: (legs + 1, candidates), NaN where a piece has none. turns: 1 where profit begins there, -1
            where it ends, 0 without a zero.
    """

    net_premium: Array
    at_corners: Array
    slope: Array
    zeros: Array
    turns: Array

    @classmethod
    def of(cls, legs: Candidates) -> _Payoff:
        net = np.sum(legs.ratio * legs.price, axis=0)
        corners = np.sort(np.concatenate([np.zeros((1, len(net))), legs.strike]), axis=0)
        pnl = _worth(legs, corners) - net
        slope = np.sum(legs.ratio * legs.call, axis=0)
        return cls(net, pnl, slope, *_zeros(corners, pnl, slope))


def _worth(legs: Candidates, prices: Array) -> Array:
    """Intrinsic value of each candidate at its own prices, (prices, candidates)."""
    signs = np.where(legs.call, 1.0, -1.0)
    worth = np.zeros_like(prices)
    for strike, sign, ratio in zip(legs.strike, signs, legs.ratio, strict=True):
        worth += ratio * np.maximum(sign * (prices - strike), 0.0)
    return worth


def _zeros(corners: Array, pnl: Array, slope: Array) -> tuple[Array, Array]:
    """Where the P&L changes between profit and the rest, one a piece; the last piece has no end."""
    profit = pnl > _NOTHING
    at_end = np.where(slope == 0, profit[-1], slope > 0)
    turns = np.diff(np.concatenate([profit, at_end[None]]).astype(np.float64), axis=0)
    width = np.concatenate([np.diff(corners, axis=0), np.ones((1, len(slope)))])
    rise = np.concatenate([np.diff(pnl, axis=0), slope[None]])
    with np.errstate(divide="ignore", invalid="ignore"):
        zeros = corners - pnl * width / rise
    return np.where(turns != 0, zeros, np.nan), turns


def _chances(
    legs: Candidates, payoff: _Payoff, outcomes: Sequence[Distribution], ends: NDArray[np.intp]
) -> tuple[Array, Array]:
    """Probability of a profit, and what all legs pay on average."""
    chance = (payoff.at_corners[0] > _NOTHING).astype(np.float64)
    mean = np.zeros(len(chance))
    for place, outcome in enumerate(outcomes):
        mine = np.flatnonzero(ends == place)
        turns, strike = payoff.turns[:, mine], legs.strike[:, mine]
        above = np.zeros_like(turns)
        above[turns != 0] = 1.0 - outcome.below(payoff.zeros[:, mine][turns != 0])
        chance[mine] += np.sum(turns * above, axis=0)
        pays = outcome.put(strike) + np.where(legs.call[:, mine], outcome.mean - strike, 0.0)
        mean[mine] = np.sum(legs.ratio[:, mine] * pays, axis=0)
    return np.clip(chance, 0.0, 1.0), mean
