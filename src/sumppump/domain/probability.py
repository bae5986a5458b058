"""How likely the underlying ends in a region or touches a level: risk-neutral and lognormal.

P(S_T > K) = N(d2) with the volatility that the market pays for strikes near K, interpolated between
the strikes whose volatility is known and held flat beyond them. Time is in fractions of a year, so a
contract with minutes to live has a probability too.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

Region = tuple[Decimal, Decimal | None]

# Less than this to happen until the date is nothing at all; its square would leave double precision.
TINY_DEVIATION = 1e-12


@dataclass(frozen=True, slots=True)
class Smile:
    """Volatility by strike.

    Attributes:
        points: (strike, volatility per year), strikes rising, at least one.
    """

    points: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, quotes: Iterable[tuple[float, float]]) -> Smile | None:
        """A smile from (strike, volatility) pairs in any order; doubles are averaged, nothing gives None."""
        by_strike: dict[float, list[float]] = {}
        for strike, vol in quotes:
            by_strike.setdefault(strike, []).append(vol)
        points = tuple((strike, sum(vols) / len(vols)) for strike, vols in sorted(by_strike.items()))
        return cls(points) if points else None

    def at(self, strike: float) -> float:
        """Volatility at a strike."""
        strikes = [point[0] for point in self.points]
        place = bisect_left(strikes, strike)
        if place == 0:
            return self.points[0][1]
        if place == len(strikes):
            return self.points[-1][1]
        (low, at_low), (high, at_high) = self.points[place - 1], self.points[place]
        return at_low + (at_high - at_low) * (strike - low) / (high - low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The underlying's distribution at a moment in the future.

    Attributes:
        spot: currency per share, > 0.
        years: from now to that moment, ACT/365; at 0 the spot is certain.
        smile: volatilities by strike.
        rate, dividend_yield: per year, continuous.
    """

    spot: float
    years: float
    smile: Smile
    rate: float = 0.0
    dividend_yield: float = 0.0

    @property
    def forward(self) -> float:
        """Mean of the distribution."""
        return self.spot * math.exp((self.rate - self.dividend_yield) * self.years)

    def below(self, level: float) -> float:
        """Probability of ending below `level`."""
        deviation = self._deviation(level)
        if level <= 0:
            return 0.0
        if deviation <= TINY_DEVIATION:
            return 1.0 if self.forward < level else 0.0
        return _normal((math.log(level / self.forward) + 0.5 * deviation**2) / deviation)

    def inside(self, regions: Iterable[Region]) -> float:
        """Probability of ending in any of several disjoint regions, within 0 and 1."""
        total = 0.0
        for low, high in regions:
            upto = 1.0 if high is None else self.below(float(high))
            # Where volatilities of two strikes are far apart the difference could fall below 0.
            total += max(0.0, upto - self.below(float(low)))
        return min(1.0, total)

    def touch(self, level: float) -> float:
        """Probability of trading at `level` at any time until then (reflection of a drifting path)."""
        if level <= 0:
            return 0.0
        deviation = self._deviation(level)
        distance = math.log(level / self.spot)
        if distance == 0:
            return 1.0
        if deviation <= TINY_DEVIATION:
            ends = sorted((self.spot, self.forward))
            return 1.0 if ends[0] <= level <= ends[1] else 0.0
        drift = math.log(self.forward / self.spot) - 0.5 * deviation**2
        side = 1.0 if distance > 0 else -1.0
        ends_beyond = _normal(side * (drift - distance) / deviation)
        returns = _normal(side * (-drift - distance) / deviation)
        weight = 2.0 * drift * distance / deviation**2
        return min(1.0, ends_beyond + (math.exp(min(weight, 700.0)) * returns if returns > 0 else 0.0))

    def _deviation(self, level: float) -> float:
        return self.smile.at(level) * math.sqrt(max(0.0, self.years))


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))
