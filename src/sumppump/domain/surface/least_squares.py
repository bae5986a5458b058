"""Many small non-linear least squares problems at once, by Levenberg and Marquardt, in numpy alone.

All problems have the same number of parameters and are padded to the same number of observations; a padded
one has a residual and slopes of 0. Steps are damped by the curvature of each parameter (D. Marquardt, 1963).
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
_START, _EASIEST, _HARDEST = 1e-3, 1.0 / 3.0, 1e10
_LEAST_CURVATURE, _TINY = 1e-12, 1e-200
# A round that lowers no sum, or promises to, by more than this part of it and this in all is the last one.
_SETTLED = 1e-5


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


@dataclass(frozen=True, slots=True)
class _Damping:
    """How much every step is held back (`size`), and how much more after the next refusal."""

    size: Array
    harder: Array

    @classmethod
    def at_start(cls, problems: int) -> _Damping:
        return cls(np.full(problems, _START), np.full(problems, 2.0))

    def after(self, gained: Array, promised: Array) -> _Damping:
        """The nearer the gain to what was promised, the less; refused twice, much more (H. Nielsen)."""
        better = gained > 0
        ratio = np.clip(gained / np.maximum(promised, _TINY), -1.0, 2.0)
        eased = np.maximum(_EASIEST, 1.0 - (2.0 * ratio - 1.0) ** 3)
        size = np.minimum(self.size * np.where(better, eased, self.harder), _HARDEST)
        return _Damping(size, np.where(better, 2.0, 2.0 * self.harder))


def minimise(residuals: Residuals, start: Array, bounds: Bounds) -> Minimum:
    """The nearest minimum of each problem, from `start` (problems, p) and inside the bounds."""
    place, damping = _place(residuals, bounds(start)), _Damping.at_start(len(start))
    for _ in range(_ROUNDS):
        step, promised = _step(place, damping.size)
        tried = _place(residuals, bounds(place.at + step))
        gained = place.cost - tried.cost
        least = np.where(gained > 0, np.minimum(gained, promised), promised)
        is_done = bool(np.all(least <= _SETTLED * (place.cost + _SETTLED)))
        place.take(tried, gained > 0)
        damping = damping.after(gained, promised)
        if is_done:
            break
    return Minimum(place.at, place.cost)


def _step(place: _Place, damping: Array) -> tuple[Array, Array]:
    """The damped step of each problem, and by how much the cost would fall if residuals were straight."""
    diagonal = np.arange(place.at.shape[1])
    weight = damping[:, None] * place.curvature[:, diagonal, diagonal] + _LEAST_CURVATURE
    system = place.curvature.copy()
    system[:, diagonal, diagonal] += weight
    step = np.asarray(np.linalg.solve(system, -place.gradient[..., None])[..., 0], dtype=np.float64)
    promised: Array = 0.5 * np.sum(step * (weight * step - place.gradient), axis=1)
    return step, promised


def _place(residuals: Residuals, at: Array) -> _Place:
    missed, slopes = residuals(at)
    turned = np.swapaxes(slopes, 1, 2)
    return _Place(
        at=at.copy(),
        cost=0.5 * np.einsum("ij,ij->i", missed, missed),
        gradient=(turned @ missed[..., None])[..., 0],
        curvature=turned @ slopes,
    )
