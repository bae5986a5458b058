"""European implied volatilities: the right number or a reason, never a wrong number.

The search works on the out-of-the-money side of put-call parity, on the normalised price
b = undiscounted price / sqrt(forward * strike) as a function of the total deviation s = sigma * sqrt(T), with
x = -|ln(forward / strike)| (P. Jaeckel, "Let's Be Rational", 2013, for these variables and for the idea of an
objective that is nearly straight). Below the inflection at s = sqrt(2 |x|) that objective is (-ln b)^(-1/2),
above it ln(b_max - b); each step is Householder's of third order, from closed derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sumppump.domain.instruments import Right
from sumppump.domain.pricing.contracts import Contracts, contracts, portions
from sumppump.domain.pricing.european import check_numbers, is_call
from sumppump.domain.pricing.normal import ROOT_2PI, Array, scaled_tail

# A price in the money holds its time value only up to rounding; below this part of the forward it has none.
LEAST_TIME_VALUE = 1e-9
_PORTION = 2048
_ROUNDS = 12
# The last step was this small: the next would be its fourth power.
_STRAIGHT = 1e-3
# Our own fit, to 0.2 %: z / v over v = sqrt(ln(1 + x^2 / (2 pi b^2))), where b / |x| is Bachelier's price
# at z deviations out of the money; highest power first.
_Z_ABOVE = (0.3117760310553454, -0.3307941056390453, 0.9127136971576769, 1.0015950065364922)
_Z_BELOW = (0.3114557158386230, -0.2467563157347879, 2.2286194857934150, 1.0)
_LOG_ROOT_2PI = float(np.log(ROOT_2PI))


_Step = Callable[[Array, Array, Array], Array]


class VolStatus(IntEnum):
    """Why there is, or is not, a volatility."""

    OK = 0
    NO_TIME_VALUE = 1
    ABOVE_MAX = 2
    BAD_INPUT = 3
    AT_INTRINSIC = 4


@dataclass(frozen=True, slots=True)
class ImpliedVols:
    """Volatilities per year, NaN where there is none, and for each row a VolStatus that says why."""

    vol: Array
    status: NDArray[np.int8]

    def at(self, index: int) -> float | None:
        """One row's volatility, or None."""
        return float(self.vol.flat[index]) if self.status.flat[index] == VolStatus.OK else None


def implied_vol(
    price: float, S: float, K: float, T: float, r: float, q: float, right: Right | str
) -> float | None:
    """Volatility at which a European option has this price.

    Args:
        price: per share, as S (underlying) and K (strike).
        S: underlying's price, > 0.
        K: strike, > 0.
        T: years to expiry.
        r: interest rate per year, continuous.
        q: dividend yield per year, continuous.
        right: call or put (`C`, `P`).

    Returns:
        Per year, 0.23 is 23 %. None where no volatility gives this price; `implied_vols` says why.

    Raises:
        ValueError: another number is NaN or infinite, or S or K is not above 0.

    Example:
        >>> round(implied_vol(4.759422392871536, 42, 40, 0.5, 0.10, 0.0, "C"), 9)  # Hull
        0.2
    """
    check_numbers(S, K, T, r, q, 0.0)
    return implied_vols(price, S, K, T, r, q, is_call(right)).at(0)


def implied_vols(
    price: ArrayLike,
    S: ArrayLike,
    K: ArrayLike,
    T: ArrayLike,
    r: ArrayLike,
    q: ArrayLike,
    call: ArrayLike,
) -> ImpliedVols:
    """`implied_vol` on arrays that broadcast together; `call` is True for calls.

    Returns:
        Arrays of the arguments' shape. The status of a row is OK; NO_TIME_VALUE: the price is at or below
        the intrinsic value of the forward, or so deep in the money that its time value is lost in rounding
        (ask the other side of the same strike); ABOVE_MAX: at or above what any option can cost;
        BAD_INPUT: a number is missing or infinite, or S, K or T is not above 0.
    """
    # The column of volatilities is free here: the prices travel in it.
    columns, shape = contracts(S, K, T, r, q, price, call)
    vol, status = np.full(len(columns), np.nan), np.empty(len(columns), dtype=np.int8)
    for rows in portions(len(columns), _PORTION):
        vol[rows], status[rows] = _solved(columns.rows(rows))
    return ImpliedVols(vol.reshape(shape), status.reshape(shape))


def _solved(part: Contracts) -> tuple[Array, NDArray[np.int8]]:
    with np.errstate(all="ignore"):
        prepaid = part.spot * np.exp(-part.carry * part.years)
        owed = part.strike * np.exp(-part.rate * part.years)
        x = -np.abs(np.log(part.spot / part.strike) + (part.rate - part.carry) * part.years)
        scale, inside = np.sqrt(prepaid * owed), part.sign * (prepaid - owed)
        outside = part.vol - np.maximum(inside, 0.0)
        least = np.where(inside > 0, LEAST_TIME_VALUE * np.maximum(prepaid, owed), 0.0)
        b, most = outside / scale, np.exp(0.5 * x)
        status = np.where(outside > least, VolStatus.OK, VolStatus.NO_TIME_VALUE).astype(np.int8)
        status[(part.vol >= np.where(part.call, prepaid, owed)) | (b >= most)] = VolStatus.ABOVE_MAX
        is_sound = (part.spot > 0) & (part.strike > 0) & (part.years > 0)
        status[~(is_sound & np.isfinite(x) & np.isfinite(part.vol) & (scale > 0))] = VolStatus.BAD_INPUT
    is_open = status == VolStatus.OK
    if not is_open.any():
        return np.full(len(part), np.nan), status
    if is_open.all():
        return _deviations(x, b, most) / np.sqrt(part.years), status
    vol = np.full(len(part), np.nan)
    vol[is_open] = _deviations(x[is_open], b[is_open], most[is_open]) / np.sqrt(part.years[is_open])
    return vol, status


def _deviations(x: Array, b: Array, most: Array) -> Array:
    """The s at which the normalised price is b, where 0 < b < most = exp(x / 2)."""
    inflection = np.sqrt(-2.0 * x)
    at_inflection = most * (0.5 - scaled_tail(inflection))
    is_low = b < at_inflection
    s = np.empty_like(x)
    for rows, guess, step in ((is_low, _low_guess, _low_step), (~is_low, _high_guess, _high_step)):
        if rows.any():
            s[rows] = _refined(step, x[rows], b[rows], guess(x[rows], b[rows], at_inflection[rows]))
    return s


def _refined(step: _Step, x: Array, b: Array, s: Array) -> Array:
    """`s` stepped until every row stands; rows that stand are left alone."""
    open_rows = np.arange(len(s))
    for _ in range(_ROUNDS):
        here = s[open_rows]
        change = step(x[open_rows], b[open_rows], here)
        # A step never leaves the positive axis, nor overshoots by more than a doubling.
        there = here + np.clip(change, -0.75 * here, here)
        s[open_rows] = there
        open_rows = open_rows[np.abs(change) > _STRAIGHT * there]
        if not len(open_rows):
            break
    return s


def _low_guess(x: Array, b: Array, _: Array) -> Array:
    """Within 14 %: Bachelier's formula inverted, z = |x| / s, then the bend that Black's brings to it."""
    log_ratio = 2.0 * (np.log(b / -x) + _LOG_ROOT_2PI)
    v = np.sqrt(np.maximum(-log_ratio, 0.0) + np.log1p(np.exp(-np.abs(log_ratio))))
    z = v * _polynomial(_Z_ABOVE, v) / _polynomial(_Z_BELOW, v)
    square = z * z
    root = square * square - x * x * square / (3.0 + square)
    guess: Array = -x / np.sqrt(0.5 * (square + np.sqrt(np.maximum(root, 0.0))))
    return guess


def _low_step(x: Array, b: Array, s: Array) -> Array:
    """Step on g = (-ln b)^(-1/2)."""
    h, t = x / s, 0.5 * s
    tails = scaled_tail(np.stack((-h - t, t - h)))
    difference = tails[0] - tails[1]
    size = 0.5 * (h * h + t * t) - np.log(difference)
    slope = 1.0 / (ROOT_2PI * difference)
    newton = 2.0 * size * (np.sqrt(size / -np.log(b)) - 1.0) / slope
    bend, turn = h * h / s - 0.5 * t, -3.0 * (h / s) ** 2 - 0.25
    second = slope * (1.5 / size - 1.0) + bend
    third = slope * (bend - slope) * (1.5 / size - 1.0) + 1.5 * (slope / size) ** 2 + turn + second * second
    return _householder(newton, second, third)


def _high_guess(x: Array, b: Array, at_inflection: Array) -> Array:
    """From the normal quantile, exact at x = 0 (M. Abramowitz, I. Stegun, 26.2.23 for the quantile)."""
    most = np.exp(0.5 * x)
    share = (most - at_inflection) / most
    t = np.sqrt(-2.0 * np.log(0.5 * (1.0 - b / most) / share))
    fall = (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    return np.sqrt(-2.0 * x) + 2.0 * share * (t - fall)


def _high_step(x: Array, b: Array, s: Array) -> Array:
    """Step on g = ln(b_max - b)."""
    h, t = x / s, 0.5 * s
    tails = scaled_tail(np.abs(np.stack((h + t, h - t))))
    total = tails[0] + tails[1]
    slope = 1.0 / (ROOT_2PI * total)
    lacking = np.log(total) - 0.5 * (h * h + t * t)
    newton = (lacking - np.log(np.exp(0.5 * x) - b)) / slope
    second = h * h / s - 0.5 * t + slope
    third = -3.0 * (h / s) ** 2 - 0.25 + slope * second + second * second
    return _householder(newton, second, third)


def _householder(newton: Array, second: Array, third: Array) -> Array:
    """Third-order step from Newton's and the quotients g''/g', g'''/g'."""
    return newton * (1.0 + 0.5 * newton * second) / (1.0 + newton * (second + newton * third / 6.0))


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    total: Array = coefficients[0] * x + coefficients[1]
    for coefficient in coefficients[2:]:
        total = total * x + coefficient
    return total
