"""Many small non-linear least squares problems at once, by Levenberg and Marquardt, in numpy alone.

All problems have the same number of parameters and are padded to the same number of observations; a padded
one has a residual and slopes of 0. Steps are scaled by the curvature of each parameter (D. Marquardt, 1963).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.pricing.normal import Array

Residuals = Callable[[Array], tuple[Array, Array]]
"""Parameters (problems, p) to residuals (problems, n) and their slopes (problems, n, p)."""
Bounds = Callable[[Array], Array]
"""Parameters to the nearest ones that are allowed."""

_ROUNDS = 40
_START, _EASIER, _HARDER, _HARDEST = 1e-3, 0.2, 5.0, 1e8
_LEAST_CURVATURE = 1e-12
# A round that lowers no sum by more than this part of it, and by more than this in all, is the last one.
_SETTLED = 1e-7


@dataclass(frozen=True, slots=True)
class Minimum:
    """Where the searches ended.

    Attributes:
        at: parameters, (problems, p). cost: half the sum of squares, (problems,).
    """

    at: Array
    cost: Array


@dataclass(slots=True)
class _Place:
    """Where every search stands: parameters, cost, gradient and curvature (J'J)."""

    at: Array
    cost: Array
    gradient: Array
    curvature: Array

    def take(self, other: _Place, better: NDArray[np.bool_]) -> None:
        """Move those searches for which the other place is better."""
        rows = np.flatnonzero(better)
        for mine, theirs in (
            (self.at, other.at),
            (self.cost, other.cost),
            (self.gradient, other.gradient),
            (self.curvature, other.curvature),
        ):
            mine[rows] = theirs[rows]


def minimise(residuals: Residuals, start: Array, bounds: Bounds) -> Minimum:
    """The nearest minimum of each problem, from `start` (problems, p) and inside the bounds."""
    place = _place(residuals, bounds(start))
    damping = np.full(len(start), _START)
    diagonal = np.arange(start.shape[1])
    for _ in range(_ROUNDS):
        system = place.curvature.copy()
        system[:, diagonal, diagonal] *= 1.0 + damping[:, None]
        system[:, diagonal, diagonal] += _LEAST_CURVATURE
        step = np.linalg.solve(system, -place.gradient[..., None])[..., 0]
        tried = _place(residuals, bounds(place.at + step))
        better = tried.cost < place.cost
        gained = np.where(better, place.cost - tried.cost, 0.0)
        settled = gained <= _SETTLED * (place.cost + _SETTLED)
        place.take(tried, better)
        damping = np.clip(damping * np.where(better, _EASIER, _HARDER), 1e-12, _HARDEST)
        # A step that gained nothing may have been too long; only a short one proves a minimum.
        if np.all(settled & (better | (damping > 1.0))):
            break
    return Minimum(place.at, place.cost)


def _place(residuals: Residuals, at: Array) -> _Place:
    missed, slopes = residuals(at)
    turned = np.swapaxes(slopes, 1, 2)
    return _Place(
        at=at.copy(),
        cost=0.5 * np.einsum("ij,ij->i", missed, missed),
        gradient=(turned @ missed[..., None])[..., 0],
        curvature=turned @ slopes,
    )
