"""Thousands of small combos at once: price, bounds, probability of a profit and mean, all in arrays.

Every array is (candidates, legs); a row with fewer legs is padded with ratio 0. Figures are per share of one
combo, debit positive, as everywhere. With one expiry they are exact: the payoff is straight between strikes.
With several the later legs are repriced on a grid of prices at the first one (`Profiles`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.pricing.normal import Array

PUT, SHARE, CALL = -1, 0, 1
Whole = NDArray[np.int64]
Below = Callable[[Array], Array]
_ALIKE = 1e-9


class Limits(NamedTuple):
    """The most that can be lost and gained, each (candidates,), >= 0; infinite is unlimited."""

    loss: Array
    profit: Array


@dataclass(frozen=True, slots=True)
class Candidates:
    """Combos with their prices.

    Attributes:
        ratio: contracts per combo, plus is bought; shares count in contracts' worth of them; 0 pads.
        kind: PUT, SHARE or CALL.
        strike: currency per share; 0 for shares and padding.
        mid, half_width: of each contract's market, per share.
    """

    ratio: Array
    kind: Whole
    strike: Array
    mid: Array
    half_width: Array

    def __len__(self) -> int:
        return len(self.ratio)

    @property
    def net_mid(self) -> Array:
        """What a combo costs at the mid."""
        return _summed(self.ratio, self.mid)

    @property
    def crossing(self) -> Array:
        """What is lost against the mid where every quote's far side is paid, >= 0."""
        return _summed(np.abs(self.ratio), self.half_width)

    @property
    def end_slope(self) -> Array:
        """Change of the payoff per 1 of the underlying beyond the last strike."""
        return _summed(self.kind != PUT, self.ratio)

    @property
    def corners(self) -> Array:
        """0 and the strikes, rising, (candidates, legs + 1)."""
        return np.sort(np.concatenate([np.zeros((len(self), 1)), self.strike], axis=1), axis=1)

    def payoff(self, prices: Array, premium: Array) -> Array:
        """P&L at expiry where the underlying ends at `prices`, (candidates, any number)."""
        total = np.repeat(-premium[:, None], prices.shape[1], axis=1)
        for leg in range(self.ratio.shape[1]):
            # A share is a call with strike 0.
            sign = np.where(self.kind[:, leg, None] == PUT, -1.0, 1.0)
            total += self.ratio[:, leg, None] * np.maximum(sign * (prices - self.strike[:, leg, None]), 0.0)
        # A stretch that breaks even must not gain by rounding.
        return np.where(np.abs(total) < _ALIKE, 0.0, total)

    def limits(self, premium: Array) -> Limits:
        """Bounds at expiry of combos bought at `premium`."""
        at_corners, slope = self.payoff(self.corners, premium), self.end_slope
        loss = np.where(slope < -_ALIKE, np.inf, np.maximum(0.0, -at_corners.min(axis=1)))
        return Limits(loss, np.where(slope > _ALIKE, np.inf, np.maximum(0.0, at_corners.max(axis=1))))

    def breakevens(self, premium: Array) -> Array:
        """Prices at which the P&L crosses zero, one place a stretch; NaN where a stretch has none."""
        corners = self.corners
        return _crossings(corners, self.payoff(corners, premium), self.end_slope)

    def chance(self, below: Below, premium: Array) -> Array:
        """Probability of a profit at expiry; `below` gives that of ending below each level."""
        corners, slope = self.corners, self.end_slope
        pnl = self.payoff(corners, premium)
        zeros = _crossings(corners, pnl, slope)
        upto = np.concatenate([below(corners), np.ones((len(self), 1))], axis=1)
        last = np.where(np.abs(slope) > _ALIKE, slope, pnl[:, -1])
        after = np.concatenate([pnl[:, 1:], last[:, None]], axis=1)
        rises, falls = (pnl <= 0) & (after > 0), (pnl > 0) & (after <= 0)
        edge = np.where(falls, upto[:, 1:], upto[:, :-1])
        middle = np.where(np.isnan(zeros), edge, below(np.nan_to_num(zeros)))
        start = np.where(rises, middle, upto[:, :-1])
        end = np.where(falls, middle, upto[:, 1:])
        return _summed((pnl > 0) | rises, end - start)

    def mean(self, worth: Array, premium: Array) -> Array:
        """Mean P&L, from what each contract is worth on average in today's money, (candidates, legs)."""
        return _summed(self.ratio, worth) - premium


@dataclass(frozen=True, slots=True)
class Profiles:
    """P&L of combos of several expiries at the first one.

    Attributes:
        prices: of the underlying, currency per share, rising, (prices,).
        pnl: (candidates, prices), per share; straight between the prices.
        end_slope: (candidates,), of the legs' payoffs beyond all prices.
    """

    prices: Array
    pnl: Array
    end_slope: Array

    @property
    def limits(self) -> Limits:
        """Bounds on the grid; unlimited where the legs' payoffs are."""
        loss = np.where(self.end_slope < -_ALIKE, np.inf, np.maximum(0.0, -self.pnl.min(axis=1)))
        return Limits(loss, np.where(self.end_slope > _ALIKE, np.inf, np.maximum(0.0, self.pnl.max(axis=1))))

    def chance(self, below: Below) -> Array:
        """Probability of a profit then."""
        low, high = self.pnl[:, :-1], self.pnl[:, 1:]
        gains = np.maximum(low, 0.0) + np.maximum(high, 0.0)
        total = np.abs(low) + np.abs(high)
        share = np.divide(gains, total, out=np.zeros_like(total), where=total > 0)
        found: Array = share @ np.diff(_closed(below(self.prices)))
        return found

    def mean(self, below: Below) -> Array:
        """Mean P&L then, in that day's money."""
        found: Array = 0.5 * (self.pnl[:, :-1] + self.pnl[:, 1:]) @ np.diff(_closed(below(self.prices)))
        return found


def _closed(upto: Array) -> Array:
    """The grid's ends stand for all that lies beyond them."""
    return np.concatenate([[0.0], upto[1:-1], [1.0]])


def _summed(factor: Array | NDArray[np.bool_], each: Array) -> Array:
    total: Array = np.einsum("ij,ij->i", factor, each)
    return total


def _crossings(corners: Array, pnl: Array, slope: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        part = pnl[:, :-1] / (pnl[:, :-1] - pnl[:, 1:])
        inner = np.where(
            pnl[:, :-1] * pnl[:, 1:] < 0, corners[:, :-1] + part * np.diff(corners, axis=1), np.nan
        )
        outer = np.where(pnl[:, -1] * slope < 0, corners[:, -1] - pnl[:, -1] / slope, np.nan)
    return np.concatenate([inner, outer[:, None]], axis=1)
