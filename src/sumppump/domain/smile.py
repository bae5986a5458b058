"""Volatility by strike as one smooth curve through what the market says, and the curve's slope.

A natural cubic spline in ln(strike), smoothed by as much as the quotes are vague: it minimises
sum(((vol - curve) / error)^2) + integral(bend^2) / usual bend^2 (C. Reinsch, "Smoothing by spline
functions", 1967). Where quotes are narrow it goes through them, where they are wide it stays smooth. Two
strikes give a straight line, one a flat one. Beyond the outermost strikes the slope fades away.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from sumppump.domain.pricing.normal import Array

# How much a smile bends over one standard deviation, as a part of its level; an index's bends most.
USUAL_BEND = 0.3
_LEAST_ERROR, _MOST_ERROR = 1e-7, 1.0
_LEAST_SCALE = 1e-6
# Even a bent curve through bad quotes keeps this part of the lowest volatility seen.
_FLOOR = 0.2


class VolPoint(NamedTuple):
    """What one quote says: `error` is the standard error of its volatility; both per year."""

    strike: float
    vol: float
    error: float


class Curve(Protocol):
    """Volatility by strike with a tail on each side."""

    @property
    def highest(self) -> float:
        """The highest volatility among the quoted strikes, per year."""
        ...

    def at(self, strike: float) -> float:
        """Volatility at a strike."""
        ...

    def curve(self, log_strikes: Array) -> tuple[Array, Array]:
        """Volatilities, and their slopes by ln(strike)."""
        ...


@dataclass(frozen=True, slots=True)
class Smile:
    """The curve.

    Attributes:
        scale: unit of all places: one standard deviation of the underlying's logarithm.
        places: ln(strike) / scale of its nodes, rising, at least one.
        vols: at the nodes, per year.
        bends: second derivative by place, 0 at both ends.
    """

    scale: float
    places: tuple[float, ...]
    vols: tuple[float, ...]
    bends: tuple[float, ...]

    @classmethod
    def flat(cls, vol: float) -> Smile:
        """One volatility for all strikes."""
        return cls(1.0, (0.0,), (vol,), (0.0,))

    @classmethod
    def of(cls, points: Iterable[VolPoint], years: float) -> Smile | None:
        """The curve through points in any order; several at one strike are weighed; nothing gives None."""
        found = merged(points)
        if not found:
            return None
        level = float(sum(point.vol for point in found)) / len(found)
        scale = max(_LEAST_SCALE, level * math.sqrt(max(0.0, years)))
        places = np.array([math.log(point.strike) / scale for point in found])
        vols = np.array([point.vol for point in found])
        errors = np.array([point.error for point in found])
        curve, bends = _smoothed(places, vols, errors / (USUAL_BEND * level))
        curve = np.maximum(curve, _FLOOR * vols.min())
        return cls(scale, tuple(places.tolist()), tuple(curve.tolist()), tuple(bends.tolist()))

    @property
    def highest(self) -> float:
        """The highest volatility of a node."""
        return max(self.vols)

    def at(self, strike: float) -> float:
        """Volatility at a strike."""
        return float(self.curve(np.array([math.log(strike)]))[0][0])

    def curve(self, log_strikes: Array) -> tuple[Array, Array]:
        """Volatilities, and their slopes by ln(strike)."""
        places = log_strikes / self.scale
        within = np.clip(places, self.places[0], self.places[-1])
        vols, slopes = self._within(within)
        beyond = log_strikes - within * self.scale
        vols, slopes = faded(vols, slopes / self.scale, beyond, self.scale)
        return np.maximum(vols, _FLOOR * min(self.vols)), slopes

    def _within(self, places: Array) -> tuple[Array, Array]:
        if len(self.places) == 1:
            return np.full_like(places, self.vols[0]), np.zeros_like(places)
        nodes, vols, bends = np.array(self.places), np.array(self.vols), np.array(self.bends)
        right = np.clip(np.searchsorted(nodes, places), 1, len(nodes) - 1)
        left = right - 1
        width = nodes[right] - nodes[left]
        low, high = (nodes[right] - places) / width, (places - nodes[left]) / width
        values = low * vols[left] + high * vols[right]
        values += ((low**3 - low) * bends[left] + (high**3 - high) * bends[right]) * width**2 / 6.0
        slopes = (vols[right] - vols[left]) / width
        slopes += ((3 * high**2 - 1) * bends[right] - (3 * low**2 - 1) * bends[left]) * width / 6.0
        return values, slopes


def faded(vols: Array, slopes: Array, beyond: Array, scale: float) -> tuple[Array, Array]:
    """Volatilities and slopes past the last node: the slope fades over one deviation, its integral is added.

    Args:
        vols: at the last node on that side.
        slopes: there, by ln(strike).
        beyond: ln(strike) less that of the node, 0 where the strike lies inside.
        scale: one standard deviation of ln(strike).
    """
    far = np.abs(beyond) / scale
    return vols + slopes * scale * np.sign(beyond) * -np.expm1(-far), slopes * np.exp(-far)


def merged(points: Iterable[VolPoint]) -> Sequence[VolPoint]:
    """One point for each strike, rising; the narrower quote counts more."""
    by_strike: dict[float, list[VolPoint]] = {}
    for point in points:
        by_strike.setdefault(point.strike, []).append(_bounded(point))
    return [same[0] if len(same) == 1 else _weighed(same) for _, same in sorted(by_strike.items())]


def _bounded(point: VolPoint) -> VolPoint:
    if _LEAST_ERROR <= point.error <= _MOST_ERROR:
        return point
    return point._replace(error=min(max(point.error, _LEAST_ERROR), _MOST_ERROR))


def _weighed(same: Sequence[VolPoint]) -> VolPoint:
    weights = [point.error**-2 for point in same]
    vol = sum(weight * point.vol for weight, point in zip(weights, same, strict=True)) / sum(weights)
    return VolPoint(same[0].strike, vol, sum(weights) ** -0.5)


def _smoothed(places: Array, vols: Array, errors: Array) -> tuple[Array, Array]:
    """Values and second derivatives of the smoothing spline; `errors` in units of the usual bend."""
    count = len(places)
    bends = np.zeros(count)
    if count < 3:
        return vols, bends
    width = np.diff(places)
    inner = np.arange(count - 2)
    # `turns` takes second differences of the values; `stiff` is the bends' inner product.
    turns = np.zeros((count, count - 2))
    turns[inner, inner] = 1.0 / width[:-1]
    turns[inner + 1, inner] = -1.0 / width[:-1] - 1.0 / width[1:]
    turns[inner + 2, inner] = 1.0 / width[1:]
    stiff = np.diag((width[:-1] + width[1:]) / 3.0)
    stiff += np.diag(width[1:-1] / 6.0, 1) + np.diag(width[1:-1] / 6.0, -1)
    give = (errors**2)[:, None] * turns
    bends[1:-1] = np.linalg.solve(stiff + turns.T @ give, turns.T @ vols)
    return vols - give @ bends[1:-1], bends
