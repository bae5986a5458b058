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
    payoff = _Payoff.of(candidates)
    ends = np.zeros(len(candidates), np.intp) if expiry is None else expiry
    chance, mean = _chances(candidates, payoff, outcomes, ends)
    lowest, highest = payoff.at_corners.min(axis=1), payoff.at_corners.max(axis=1)
    known = np.where(np.isnan(payoff.net_premium), np.nan, 0.0)
    return Scored(
        net_premium=payoff.net_premium,
        max_loss=np.where(payoff.slope < 0, np.inf, np.maximum(-lowest, 0.0)) + known,
        max_profit=np.where(payoff.slope > 0, np.inf, np.maximum(highest, 0.0)) + known,
        breakevens=np.sort(payoff.zeros, axis=1),
        chance_of_profit=chance + known,
        expected=mean - payoff.net_premium,
    )


@dataclass(frozen=True, slots=True)
class _Payoff:
    """P&L at expiry: straight between corners, which are 0 and the strikes.

    Attributes:
        at_corners: (candidates, legs + 1) P&L per share, corners rising. slope: beyond the last.
        zeros: (candidates, legs + 1), NaN where a piece has none. turns: 1 where profit begins there, -1
            where it ends, 0 without a zero.
    """

    net_premium: Array
    at_corners: Array
    slope: Array
    zeros: Array
    turns: Array

    @classmethod
    def of(cls, candidates: Candidates) -> _Payoff:
        net = np.sum(candidates.ratio * candidates.price, axis=1)
        corners = np.sort(np.pad(candidates.strike, ((0, 0), (1, 0))), axis=1)
        pnl = _worth(candidates, corners) - net[:, None]
        slope = np.sum(candidates.ratio * candidates.call, axis=1)
        zeros, turns = _zeros(corners, pnl, slope)
        return cls(net, pnl, slope, zeros, turns)


def _worth(candidates: Candidates, prices: Array) -> Array:
    """Intrinsic value of each candidate at its own prices, (candidates, prices)."""
    sign = np.where(candidates.call, 1.0, -1.0)
    worth = np.zeros_like(prices)
    for leg in range(candidates.strike.shape[1]):
        gain = sign[:, leg, None] * (prices - candidates.strike[:, leg, None])
        worth += candidates.ratio[:, leg, None] * np.maximum(gain, 0.0)
    return worth


def _zeros(corners: Array, pnl: Array, slope: Array) -> tuple[Array, Array]:
    """Where the P&L changes between profit and the rest, one a piece; the last piece has no end."""
    profit = pnl > _NOTHING
    later = np.concatenate([profit[:, 1:], np.where(slope == 0, profit[:, -1], slope > 0)[:, None]], axis=1)
    turns = later.astype(np.float64) - profit
    width = np.concatenate([np.diff(corners, axis=1), np.ones((len(corners), 1))], axis=1)
    rise = np.concatenate([np.diff(pnl, axis=1), slope[:, None]], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        zeros = corners - pnl * width / rise
    return np.where(turns != 0, zeros, np.nan), turns


def _chances(
    candidates: Candidates, payoff: _Payoff, outcomes: Sequence[Distribution], ends: NDArray[np.intp]
) -> tuple[Array, Array]:
    """Probability of a profit, and what all legs pay on average."""
    chance = (payoff.at_corners[:, 0] > _NOTHING).astype(np.float64)
    mean = np.zeros(len(candidates))
    for place, outcome in enumerate(outcomes):
        rows = np.flatnonzero(ends == place)
        turns = payoff.turns[rows]
        above = 1.0 - outcome.below(np.where(turns != 0, payoff.zeros[rows], 0.0))
        chance[rows] += np.sum(turns * above, axis=1)
        strike, is_call = candidates.strike[rows], candidates.call[rows]
        pays = outcome.put(strike) + np.where(is_call, outcome.mean - strike, 0.0)
        mean[rows] = np.sum(candidates.ratio[rows] * pays, axis=1)
    return np.clip(chance, 0.0, 1.0), mean
