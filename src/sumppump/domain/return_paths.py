"""Where underlyings may go together over a horizon: paths from their history, and from a model fitted to it.

A path is one logarithmic return per underlying and day of the horizon. Over several days historical paths are
compounded from single days drawn with replacement, the same day for all underlyings: what moves together on a
day stays together, but that bad days follow bad days is lost. A model's days are independent, too. The model
has no drift: a year tells the mean of a return far too badly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.pricing.normal import Array

Places = NDArray[np.intp]

# Degrees of freedom that are tried; beyond the last a Student-t is a normal distribution for our purposes.
FREEDOMS = (2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0, math.inf)


@dataclass(frozen=True, slots=True)
class Paths:
    """Days that follow each other, of all underlyings at once.

    Attributes:
        steps: (days, paths, underlyings) of logarithmic returns.
        picks: (paths, days): which day of a history each step was; None for a model's.
    """

    steps: Array
    picks: Places | None = None

    def after(self, days: int) -> Array:
        """Returns since the start when so many days have gone, (paths, underlyings)."""
        total: Array = self.steps[:days].sum(axis=0)
        return total


def historical_paths(
    daily: Array, *, days: int = 1, count: int = 10_000, generator: np.random.Generator | None = None
) -> Paths:
    """Paths of days that were.

    Args:
        daily: (days, underlyings) of logarithmic returns.
        days: of the horizon; over 1 day the history itself is the answer, each day once.
        count: how many paths, over several days.
        generator: needed over several days.

    Raises:
        ValueError: several days without a generator, or no day of history.
    """
    if days == 1:
        return Paths(daily[None], np.arange(len(daily))[:, None])
    if generator is None or not len(daily):
        raise ValueError("compounded paths need a history and a generator")
    picks = generator.integers(0, len(daily), (count, days))
    return Paths(daily[picks.T], picks)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnModel:
    """A multivariate Student-t distribution of daily returns, or a normal one, with mean 0.

    Attributes:
        covariance: (underlyings, underlyings) of daily returns.
        freedom: degrees of freedom, above 2; infinite is normal.
        shrinkage: 0 to 1: how far the sample's correlations were drawn to their mean.
        samples: days that it rests on.
    """

    covariance: Array
    freedom: float
    shrinkage: float
    samples: int

    @property
    def name(self) -> str:
        """`normal`, or `student_t`."""
        return "normal" if math.isinf(self.freedom) else "student_t"

    def paths(self, count: int, *, days: int, generator: np.random.Generator) -> Paths:
        """Paths of independent days."""
        root = _root(self.covariance)
        steps = (
            self._lengths(count, generator) * generator.standard_normal((count, len(root)))
            for _ in range(days)
        )
        return Paths(np.array([each @ root.T for each in steps]))

    def _lengths(self, count: int, generator: np.random.Generator) -> Array:
        """What makes normal numbers a Student-t of variance 1: one length for all underlyings of a path."""
        if math.isinf(self.freedom):
            return np.ones((count, 1))
        squares = generator.chisquare(self.freedom, (count, 1))
        return np.sqrt((self.freedom - 2.0) / squares)


def fitted_model(daily: Array, *, freedoms: Sequence[float] = FREEDOMS) -> ReturnModel:
    """The model of this history: shrunk covariance, and the tail under which the history is likeliest.

    Args:
        daily: (days, underlyings) of logarithmic returns, at least two days; what never moves may be in it.
        freedoms: degrees of freedom to choose from; (inf,) asks for a normal distribution.
    """
    covariance, shrinkage = shrunk_covariance(daily)
    likeliest = max(freedoms, key=lambda freedom: _likelihood(daily, covariance, freedom))
    return ReturnModel(covariance=covariance, freedom=likeliest, shrinkage=shrinkage, samples=len(daily))


def shrunk_covariance(daily: Array) -> tuple[Array, float]:
    """Covariance with correlations drawn to their mean, and how far, 0 to 1; variances stay the sample's.

    The intensity is O. Ledoit's and M. Wolf's, "Honey, I shrunk the sample covariance matrix" (2004): the
    one that is expected to be nearest to the truth. Mean of returns as the sample's.
    """
    x = daily - daily.mean(axis=0)
    count, width = x.shape
    sample = x.T @ x / count
    deviation = np.sqrt(np.diag(sample))
    if width < 2 or not (deviation > 0).all():
        return sample, 0.0
    scale = np.outer(deviation, deviation)
    mean = float(((sample / scale).sum() - width) / (width * (width - 1)))
    target = mean * scale
    np.fill_diagonal(target, np.diag(sample))
    distance = float(np.sum((sample - target) ** 2))
    if not distance > 0:
        return sample, 0.0
    doubt = (x**2).T @ x**2 / count - sample**2
    shared = ((x**3).T @ x) / count - np.diag(sample)[:, None] * sample
    ratio = deviation[None, :] / deviation[:, None]
    off = ~np.eye(width, dtype=np.bool_)
    rho = float(np.trace(doubt) + mean * np.sum((ratio * shared)[off]))
    intensity = min(1.0, max(0.0, (float(doubt.sum()) - rho) / distance / count))
    return intensity * target + (1.0 - intensity) * sample, intensity


def _likelihood(daily: Array, covariance: Array, freedom: float) -> float:
    """Logarithm of it, less what does not depend on the freedom; of those underlyings that move."""
    moving = np.flatnonzero(np.diag(covariance) > 0)
    count, width = len(daily), len(moving)
    inverse = np.linalg.pinv(covariance[np.ix_(moving, moving)], hermitian=True)
    x = daily[:, moving]
    distance = np.einsum("ij,jk,ik->i", x, inverse, x)
    if math.isinf(freedom):
        return -0.5 * float(distance.sum()) - 0.5 * count * width * math.log(2.0 * math.pi)
    scale = freedom - 2.0
    peak = math.lgamma(0.5 * (freedom + width)) - math.lgamma(0.5 * freedom)
    peak -= 0.5 * width * math.log(scale * math.pi)
    return count * peak - 0.5 * (freedom + width) * float(np.log1p(distance / scale).sum())


def _root(covariance: Array) -> Array:
    """A matrix whose square is the covariance, also of one without full rank."""
    sizes, axes = np.linalg.eigh(covariance)
    root: Array = axes * np.sqrt(np.maximum(sizes, 0.0))
    return root
