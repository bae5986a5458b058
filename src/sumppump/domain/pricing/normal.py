"""The normal distribution on arrays, with numpy alone: to import scipy costs more than all our prices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROOT_2PI = float(np.sqrt(2.0 * np.pi))

# J. F. Hart, "Computer Approximations" (1968), algorithm 5666, as used by G. West, "Better approximations
# to cumulative normal functions" (2005): N(-x) exp(x^2/2) = P(x) / Q(x) for 0 <= x < 7, highest power first.
_P = (
    3.52624965998911e-02,
    0.700383064443688,
    6.37396220353165,
    33.912866078383,
    112.079291497871,
    221.213596169931,
    220.206867912376,
)
_Q = (
    8.83883476483184e-02,
    1.75566716318264,
    16.064177579207,
    86.7807322029461,
    296.564248779674,
    637.333633378831,
    793.826512519948,
    440.413735824752,
)
_TAIL_FROM = 5.0
_TAIL_DEPTH = 40


def normal_density(x: Array) -> Array:
    """Density of the standard normal distribution."""
    return np.exp(-0.5 * x * x) / ROOT_2PI


def normal_cdf(x: Array) -> Array:
    """Probability that a standard normal number is below `x`.

    Relative error below 1e-10 everywhere, down to -37 where the value leaves double precision.
    """
    # Beyond 38 the tail is 0 in double precision; the bound keeps infinities out of the quotients.
    size = np.minimum(np.abs(x), 40.0)
    lower = _horner(_P, size) / _horner(_Q, size)
    far = size > _TAIL_FROM
    if far.any():
        lower = np.where(far, _tail(np.where(far, size, _TAIL_FROM)), lower)
    with np.errstate(under="ignore"):
        lower = np.exp(-0.5 * size * size) * lower
    return np.where(x > 0, 1.0 - lower, lower)


def _horner(coefficients: tuple[float, ...], x: Array) -> Array:
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= x
        total += coefficient
    return total


def _tail(x: Array) -> Array:
    # Laplace's continued fraction, evaluated from the inside: x + 1/(x + 2/(x + 3/(x + ...))).
    total = x.copy()
    for level in range(_TAIL_DEPTH, 0, -1):
        total = x + level / total
    return 1.0 / (total * ROOT_2PI)
