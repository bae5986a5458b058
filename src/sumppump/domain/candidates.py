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

    def columns(self, chosen: NDArray[np.intp]) -> Candidates:
        """Some of the columns, wherever the legs are rows."""
        picked = [np.take(each, chosen, axis=1) for each in (self.strike, self.ratio, self.price)]
        strike, ratio, price = picked
        return Candidates(strike=strike, call=np.take(self.call, chosen, axis=1), ratio=ratio, price=price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Figures of each candidate, per share of one combo, without fees; all NaN where a leg has no price.

    Attributes:
        net_premium: debit positive.
        max_loss, max_profit: >= 0, infinite where there is no bound.
        lowest: the least P&L at 0 and the strikes, whatever its sign.
        zeros: (legs + 1, candidates), prices where a profit begins or ends, NaN where a piece has none.
        chance_of_profit: 0 to 1.
    """

    net_premium: Array
    max_loss: Array
    max_profit: Array
    lowest: Array
    zeros: Array
    chance_of_profit: Array

    @property
    def breakevens(self) -> Array:
        """(candidates, legs + 1), rising, NaN beyond the last one."""
        return np.sort(self.zeros.T, axis=1)


def scored(
    candidates: Candidates, outcomes: Sequence[Distribution], expiry: NDArray[np.intp] | None = None
) -> Scored:
    """Score all candidates.

    Args:
        candidates: legs.
        outcomes: distributions of the underlying, one an expiry.
        expiry: which of them each candidate lives until; all until the first where it is not given.
    """
    payoff = _Payoff.of(_rows(candidates))
    ends = np.zeros(len(candidates), np.intp) if expiry is None else expiry
    chance = _chance(payoff, outcomes, ends)
    lowest, highest = payoff.at_corners.min(axis=0), payoff.at_corners.max(axis=0)
    known = np.where(np.isnan(payoff.net_premium), np.nan, 0.0)
    return Scored(
        net_premium=payoff.net_premium,
        max_loss=np.where(payoff.slope < 0, np.inf, np.maximum(-lowest, 0.0)) + known,
        max_profit=np.where(payoff.slope > 0, np.inf, np.maximum(highest, 0.0)) + known,
        lowest=lowest,
        zeros=payoff.zeros,
        chance_of_profit=chance + known,
    )


def owed(legs: Candidates) -> Array:
    """The most that legs can owe at expiry, >= 0, whatever was paid for them; none is sold uncovered.

    Args:
        legs: as rows, (legs, candidates).
    """
    lowest: Array = np.maximum(0.0, -_worth(legs, _corners(legs)).min(axis=0))
    return lowest


def expected(
    candidates: Candidates, outcomes: Sequence[Distribution], expiry: NDArray[np.intp] | None = None
) -> Array:
    """Mean P&L of each at expiry, arguments as for `scored`.

    By the market's own measure it is the carry of the premium, and what the premium differs from the smile.
    """
    legs = _rows(candidates)
    mean = np.zeros(len(candidates))
    ends = np.zeros(len(candidates), np.intp) if expiry is None else expiry
    for place, outcome in enumerate(outcomes):
        mine = np.flatnonzero(ends == place)
        strike = legs.strike[:, mine]
        pays = outcome.put(strike) + np.where(legs.call[:, mine], outcome.mean - strike, 0.0)
        mean[mine] = np.sum(legs.ratio[:, mine] * (pays - legs.price[:, mine]), axis=0)
    return mean


def _rows(candidates: Candidates) -> Candidates:
    """Legs as rows: every operation then runs along the candidates."""
    return Candidates(
        strike=np.ascontiguousarray(candidates.strike.T),
        call=np.ascontiguousarray(candidates.call.T),
        ratio=np.ascontiguousarray(candidates.ratio.T),
        price=np.ascontiguousarray(candidates.price.T),
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
        corners = _corners(legs)
        pnl = _worth(legs, corners) - net
        slope = np.sum(legs.ratio * legs.call, axis=0)
        return cls(net, pnl, slope, *_zeros(corners, pnl, slope))


def _corners(legs: Candidates) -> Array:
    """0 and the strikes, rising, (legs + 1, candidates)."""
    rows = list(legs.strike)
    # Of a few long rows, neighbours that trade places are quicker than a sort along the short axis.
    for last in range(len(rows) - 1, 0, -1):
        for row in range(last):
            rows[row : row + 2] = np.minimum(*rows[row : row + 2]), np.maximum(*rows[row : row + 2])
    return np.stack([np.zeros(legs.strike.shape[1]), *rows])


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


def _chance(payoff: _Payoff, outcomes: Sequence[Distribution], ends: NDArray[np.intp]) -> Array:
    """Probability of a profit."""
    chance = (payoff.at_corners[0] > _NOTHING).astype(np.float64)
    # Few of the places hold a zero, and only there the distribution is asked.
    piece, row = np.nonzero(payoff.turns)
    turns, zeros = payoff.turns[piece, row], payoff.zeros[piece, row]
    for place, outcome in enumerate(outcomes):
        mine = ends[row] == place
        above = turns[mine] * (1.0 - outcome.below(zeros[mine]))
        chance += np.bincount(row[mine], weights=above, minlength=len(chance))
    found: Array = np.clip(chance, 0.0, 1.0)
    return found
