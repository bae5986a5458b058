"""Where an underlying may end: a distribution function on a grid, of which many strategies ask at once.

Between two levels the function is straight, so its integral, which is what an option pays on average, is
exact for it: the mean of a put is the integral of P(S < x) up to its strike (D. Breeden, R. Litzenberger,
1978).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.pricing.normal import Array
from sumppump.domain.probability import TINY_DEVIATION, Outlook

_DEVIATIONS, _LEVELS = 6.5, 1041
_CERTAIN = 1e-9
_EVEN = 1e-6
# The part of all outcomes that an expected shortfall is the mean loss of.
WORST = 0.05


@dataclass(frozen=True, slots=True)
class Distribution:
    """One expiry's distribution.

    Attributes:
        mean: currency per share; under the market's own measure the forward.
        levels: prices, rising, > 0. chances: P(S < level), rising from 0 to 1.
    """

    mean: float
    levels: Array
    chances: Array
    _areas: Array = field(init=False, compare=False, repr=False)
    _bends: Array = field(init=False, compare=False, repr=False)
    _step: float = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        widths = np.diff(self.levels)
        areas = np.cumsum(0.5 * widths * (self.chances[1:] + self.chances[:-1]))
        object.__setattr__(self, "_areas", np.concatenate([[0.0], areas]))
        object.__setattr__(self, "_bends", 0.5 * np.diff(self.chances) / widths)
        object.__setattr__(self, "_step", _even_step(self.levels))

    @classmethod
    def of(cls, outlook: Outlook) -> Distribution:
        """The distribution that a curve of volatilities tells, on a grid of 6.5 deviations each way."""
        deviation = outlook.smile.highest * math.sqrt(max(0.0, outlook.years))
        if deviation <= TINY_DEVIATION:
            certain = outlook.forward * np.array([1.0 - _CERTAIN, 1.0 + _CERTAIN])
            return cls(outlook.forward, certain, np.array([0.0, 1.0]))
        places = np.linspace(-_DEVIATIONS * deviation, _DEVIATIONS * deviation, _LEVELS)
        chances = outlook.rising_below(places)
        chances[0], chances[-1] = 0.0, 1.0
        return cls(outlook.forward, outlook.forward * np.exp(places), chances)

    def stretched(self, factor: float) -> Distribution:
        """The same odds with every move, in logarithms, `factor` times as large; the mean stays."""
        moved = self.mean * (self.levels / self.mean) ** factor
        # Means of both as the grid has them, so that a factor of 1 changes nothing.
        scale = _mean_on_grid(self.levels, self.chances) / _mean_on_grid(moved, self.chances)
        return Distribution(self.mean, moved * scale, self.chances)

    def trimmed(self, tail: float) -> Distribution:
        """The same, but what lies among the outermost `tail` of either side ends where that begins."""
        chances = np.where(self.chances < tail, 0.0, np.where(self.chances > 1.0 - tail, 1.0, self.chances))
        change = _mean_on_grid(self.levels, chances) - _mean_on_grid(self.levels, self.chances)
        return Distribution(self.mean + change, self.levels, chances)

    @property
    def prices(self) -> Array:
        """The middle of each cell between two levels."""
        return 0.5 * (self.levels[1:] + self.levels[:-1])

    def average(self, pnl: Array) -> float:
        """Mean of a figure that is given at each of `prices`."""
        return float(np.diff(self.chances) @ pnl)

    def shortfall(self, pnl: Array, worst: float = WORST) -> float:
        """Mean loss in the worst part of all outcomes, of P&L given at each of `prices`.

        A loss is positive, a gain negative.
        """
        order = np.argsort(pnl)
        upto = np.minimum(np.cumsum(np.diff(self.chances)[order]), worst)
        return -float(np.diff(upto, prepend=0.0) @ pnl[order]) / worst

    def below(self, prices: Array) -> Array:
        """P(S < price)."""
        left, past = self._places(prices)
        chances: Array = self.chances[left] + 2.0 * past * self._bends[left]
        return chances

    def put(self, strikes: Array) -> Array:
        """What puts pay at expiry on average, per share, not discounted."""
        # Between two levels the area is a parabola; beyond the last it goes on with slope 1.
        left, past = self._places(strikes)
        paid: Array = self._areas[left] + past * (self.chances[left] + past * self._bends[left])
        paid += np.maximum(strikes - self.levels[-1], 0.0)
        return paid

    def call(self, strikes: Array) -> Array:
        """What calls pay at expiry on average; with strike 0, what a share is worth."""
        return self.put(strikes) + self.mean - strikes

    def _places(self, prices: Array) -> tuple[NDArray[np.intp], Array]:
        """The level before each price, and how far past it the price lies; none lies outside the levels."""
        inside = np.clip(prices, self.levels[0], self.levels[-1])
        if self._step:
            left = (np.log(inside / self.levels[0]) / self._step).astype(np.intp)
        else:
            left = np.searchsorted(self.levels[1:], inside)
        left = np.minimum(left, len(self.levels) - 2)
        return left, inside - self.levels[left]


def _mean_on_grid(levels: Array, chances: Array) -> float:
    """The integral of P(S >= x)."""
    return float(levels[-1] - 0.5 * (np.diff(levels) @ (chances[1:] + chances[:-1])))


def _even_step(levels: Array) -> float:
    """The step of levels that lie evenly in their logarithms, where places are computed; else 0."""
    steps = np.diff(np.log(levels))
    return float(steps[0]) if np.ptp(steps) <= _EVEN * steps[0] else 0.0
