"""How likely the underlying ends in a region or touches a level: risk-neutral, from the smile's own density.

The price of a call is the market's mean of what it pays, so its derivative by the strike is the probability
to end above (D. Breeden, R. Litzenberger, "Prices of state-contingent claims implicit in option prices",
1978). With a volatility that changes with the strike K that is
P(S_T < K) = N(-d2) + vega * d(vol)/dK, vega undiscounted; N(-d2) alone leaves the skew out.
Time is in fractions of a year, so a contract with minutes to live has a probability too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import NormalDist

import numpy as np

from sumppump.domain.pricing.normal import Array, normal_cdf, normal_density
from sumppump.domain.smile import Curve, Smile

Region = tuple[Decimal, Decimal | None]

# Less than this to happen until the date is nothing at all; its square would leave double precision.
TINY_DEVIATION = 1e-12
_FAR, _STEPS = 8.0, 641
# The part of all outcomes that an expected shortfall is the mean loss of.
WORST = 0.05
_SMALLEST = 1e-15
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the underlying may end, in cells.

    Attributes:
        prices: the middle of each cell, currency per share, rising. chances: probabilities, sum 1.
    """

    prices: Array
    chances: Array

    def mean(self, pnl: Array) -> float:
        """Mean of a figure given at each of `prices`."""
        return float(self.chances @ pnl)

    def chance(self, pnl: Array) -> float:
        """Probability that it is above 0."""
        return float(np.sum(self.chances[pnl > 0]))

    def shortfall(self, pnl: Array, worst: float = WORST) -> float:
        """Mean loss in the worst `worst` of all outcomes; a loss is positive, a gain negative."""
        order = np.argsort(pnl)
        upto = np.minimum(np.cumsum(self.chances[order]), worst)
        return -float(np.diff(upto, prepend=0.0) @ pnl[order]) / worst


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The underlying's distribution at a moment in the future.

    Attributes:
        spot: currency per share, > 0.
        forward: the distribution's mean, currency per share, > 0.
        years: from now to that moment, ACT/365; at 0 the forward is certain.
        smile: volatilities by strike.
    """

    spot: float
    forward: float
    years: float
    smile: Curve

    def below(self, level: float) -> float:
        """Probability of ending below `level`; whatever the quotes, it does not fall as the level rises."""
        return float(self.many_below(np.array([level]))[0])

    def many_below(self, levels: Array) -> Array:
        """`below` of each level, any shape."""
        if self._deviation(self.forward) <= TINY_DEVIATION:
            return (self.forward < levels).astype(np.float64)
        reach = _FAR * self.smile.highest * math.sqrt(self.years)
        grid = np.linspace(-reach, reach, _STEPS)
        with np.errstate(divide="ignore", invalid="ignore"):
            there = np.log(np.maximum(levels, 0.0) / self.forward)
        places = np.clip(there, -reach, reach).ravel()
        raw = np.clip(self._slope_of_puts(np.concatenate([grid, places])), 0.0, 1.0)
        rising = np.maximum.accumulate(raw[:_STEPS])
        # Quotes that allow arbitrage make it fall somewhere; there it holds the highest value so far and goes
        # from step to step in a straight line, because it may fall within one as well.
        found = np.interp(places, grid, rising)
        if np.array_equal(rising, raw[:_STEPS]):
            cell = np.clip(np.searchsorted(grid, places), 1, _STEPS - 1)
            found = np.clip(raw[_STEPS:], rising[cell - 1], rising[cell])
        inside = np.where(there >= reach, 1.0, found.reshape(there.shape))
        return np.where(there <= -reach, 0.0, inside)

    @property
    def lognormal(self) -> Outlook:
        """The same forward with one volatility for all strikes, the smile's at the forward."""
        return replace(self, smile=Smile.flat(self.smile.at(self.forward)))

    def ends(self, corners: Iterable[float] = ()) -> Ends:
        """The distribution cut into cells, with an edge at each of `corners`."""
        if self._deviation(self.forward) <= TINY_DEVIATION:
            return Ends(np.array([self.forward]), np.ones(1))
        reach = _FAR * self.smile.highest * math.sqrt(self.years)
        grid = self.forward * np.exp(np.linspace(-reach, reach, 2 * _STEPS - 1))
        inside = [each for each in corners if grid[0] < each < grid[-1]]
        edges = np.unique(np.concatenate([grid, inside]))
        upto = np.concatenate([[0.0], self.many_below(edges[1:-1]), [1.0]])
        return Ends(0.5 * (edges[:-1] + edges[1:]), np.diff(upto))

    def inside(self, regions: Iterable[Region]) -> float:
        """Probability of ending in any of several disjoint regions, within 0 and 1."""
        total = 0.0
        for low, high in regions:
            upto = 1.0 if high is None else self.below(float(high))
            total += max(0.0, upto - self.below(float(low)))
        return min(1.0, total)

    def touch(self, level: float) -> float:
        """Probability of trading at `level` at any time until then.

        An approximation, exact where all volatilities are equal: the path is taken as a Brownian motion
        with drift, seen through the curve that gives it the smile's own distribution at the end; then the
        reflection principle holds for it. Quotes of one expiry cannot tell more about the path; a local
        volatility with the skew of an index touches about as often, within 4 points.
        """
        if level <= 0:
            return 0.0
        if level == self.spot:
            return 1.0
        if self._deviation(level) <= TINY_DEVIATION:
            ends = sorted((self.spot, self.forward))
            return 1.0 if ends[0] <= level <= ends[1] else 0.0
        start, there = self._normal_place(self.spot), self._normal_place(level)
        side = 1.0 if level > self.spot else -1.0
        drift, distance = -side * start, max(0.0, side * (there - start))
        ends_beyond = _NORMAL.cdf(drift - distance)
        returns = _NORMAL.cdf(-drift - distance)
        return min(1.0, ends_beyond + math.exp(min(2.0 * drift * distance, 700.0)) * returns)

    def _slope_of_puts(self, log_moneyness: Array) -> Array:
        """P(S_T < K) at ln(K / forward), the undiscounted put's slope; beyond [0, 1] for unsound quotes."""
        vols, slopes = self.smile.curve(log_moneyness + math.log(self.forward))
        root = math.sqrt(self.years)
        d2 = -log_moneyness / (vols * root) - 0.5 * vols * root
        return normal_cdf(-d2) + normal_density(d2) * root * slopes

    def _normal_place(self, level: float) -> float:
        """Where a standard normal number has the same probability below it."""
        return _NORMAL.inv_cdf(min(max(self.below(level), _SMALLEST), 1.0 - _SMALLEST))

    def _deviation(self, level: float) -> float:
        return self.smile.at(level) * math.sqrt(max(0.0, self.years))
