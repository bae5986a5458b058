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
_SMALLEST = 1e-15
_NORMAL = NormalDist()


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
        if level <= 0:
            return 0.0
        deviation = self._deviation(level)
        if deviation <= TINY_DEVIATION:
            return 1.0 if self.forward < level else 0.0
        here = math.log(level / self.forward)
        reach = _FAR * self.smile.highest * math.sqrt(self.years)
        grid = np.linspace(-reach, reach, _STEPS)
        if not -reach < here < reach:
            return 1.0 if here > 0 else 0.0
        raw = np.clip(self._slope_of_puts(np.append(grid, here)), 0.0, 1.0)
        rising = np.maximum.accumulate(raw[:-1])
        if np.array_equal(rising, raw[:-1]):
            place = int(np.searchsorted(grid, here))
            return float(np.clip(raw[-1], rising[place - 1], rising[place]))
        # Quotes that allow arbitrage make it fall somewhere; there it holds the highest value so far and goes
        # from step to step in a straight line, because it may fall within one as well.
        return float(np.interp(here, grid, rising))

    @property
    def lognormal(self) -> Outlook:
        """The same forward with one volatility for all strikes, the smile's at the forward."""
        return replace(self, smile=Smile.flat(self.smile.at(self.forward)))

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

    def rising_below(self, log_moneyness: Array) -> Array:
        """Probabilities of ending below rising levels, at ln(level / forward); they do not fall either.

        Only for `years` above 0 and a smile above 0.
        """
        return np.maximum.accumulate(np.clip(self._slope_of_puts(log_moneyness), 0.0, 1.0))

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
