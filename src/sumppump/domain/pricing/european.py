"""European prices and Greeks by Black, Scholes and Merton, for one contract or for arrays of them.

Units everywhere: prices, strikes and cash per share; years ACT/365; rates and volatility per year as
fractions; theta per calendar day, vega per volatility point, rho per 1 % of rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sumppump.domain.instruments import Right
from sumppump.domain.pricing.contracts import Contracts, blocks, grid
from sumppump.domain.pricing.normal import ROOT_2PI, Array, mirrored, scaled_tail

DAYS_PER_YEAR = 365.0
TINY_DEVIATION = 1e-12
# Contracts at a time: their dozen intermediate columns stay in the second cache.
_BLOCK = 4608


@dataclass(frozen=True, slots=True)
class OptionValue:
    """Price and Greeks of one option, per share.

    Attributes:
        price: currency. delta: per 1 of the underlying. gamma: change of delta per 1.
        theta: currency per calendar day. vega: per volatility point. rho: per 1 % of rate.
    """

    price: float
    delta: float
    gamma: float
    theta: float
    vega: float
    rho: float


@dataclass(frozen=True, slots=True)
class OptionValues:
    """Arrays of prices and Greeks, in the units of OptionValue."""

    price: Array
    delta: Array
    gamma: Array
    theta: Array
    vega: Array
    rho: Array

    def at(self, index: int) -> OptionValue:
        """One contract of the arrays."""
        columns = (self.price, self.delta, self.gamma, self.theta, self.vega, self.rho)
        return OptionValue(*(float(column.flat[index]) for column in columns))


@dataclass(frozen=True, slots=True)
class _Terms:
    """What price and Greeks share: discounted sides of the exercise, signed, and the density at d1."""

    shares: Array
    cash: Array
    prepaid: Array
    bell: Array
    deviation: Array
    root: Array


def european(
    S: float,
    K: float,
    T: float,
    r: float,
    q: float,
    sigma: float,
    right: Right | str,
) -> OptionValue:
    """Price and Greeks of a European option.

    Args:
        S: underlying's price, > 0.
        K: strike, > 0.
        T: years to expiry; at or below 0 the intrinsic value is returned.
        r: interest rate per year, continuous.
        q: dividend yield per year, continuous.
        sigma: volatility per year, >= 0.
        right: call or put (`C`, `P`).

    Raises:
        ValueError: an argument is not a usable number.

    References:
        F. Black, M. Scholes (1973); R. C. Merton (1973).

    Example:
        >>> round(european(42, 40, 0.5, 0.10, 0.0, 0.20, "C").price, 4)  # Hull
        4.7594
    """
    check_numbers(S, K, T, r, q, sigma)
    return european_many(S, K, T, r, q, sigma, is_call(right)).at(0)


def european_many(
    S: ArrayLike, K: ArrayLike, T: ArrayLike, r: ArrayLike, q: ArrayLike, sigma: ArrayLike, call: ArrayLike
) -> OptionValues:
    """`european` on arrays that broadcast together; `call` is True for calls.

    NaN in, NaN out of its row alone. Without time, volatility or strike the outcome is certain: its
    discounted value, and half a delta at the money.
    """
    whole, shape = grid(S, K, T, r, q, sigma, call)
    figures = np.empty((6, *shape))
    for index in blocks(shape, _BLOCK):
        _guarded(whole.block(index), figures[:, *index], _fill_figures)
    return OptionValues(*figures)


def european_prices(
    S: ArrayLike, K: ArrayLike, T: ArrayLike, r: ArrayLike, q: ArrayLike, sigma: ArrayLike, call: ArrayLike
) -> Array:
    """Prices alone, at three quarters of the cost."""
    whole, shape = grid(S, K, T, r, q, sigma, call)
    prices: Array = np.empty((1, *shape))
    for index in blocks(shape, _BLOCK):
        _guarded(whole.block(index), prices[:, *index], _fill_price)
    return prices.reshape(shape)


def is_call(right: Right | str) -> bool:
    """Whether a right is a call; it may be written `C`, `call`, `P` or `put` in any case.

    Raises:
        ValueError: it is neither.
    """
    word = str(right).strip().upper()
    if word not in ("C", "CALL", "P", "PUT"):
        raise ValueError(f"a right is C or P, not {right!r}")
    return word in ("C", "CALL")


def check_numbers(S: float, K: float, T: float, r: float, q: float, sigma: float) -> None:
    """Refuse what no formula can answer.

    Raises:
        ValueError: NaN or infinite, a price or strike not above 0, a volatility below 0.
    """
    if not all(math.isfinite(number) for number in (S, K, T, r, q, sigma)):
        raise ValueError(f"finite numbers are needed, not {(S, K, T, r, q, sigma)}")
    if S <= 0 or K <= 0 or sigma < 0:
        raise ValueError(f"price and strike are above 0, volatility not below: {(S, K, sigma)}")


def _guarded(part: Contracts, out: Array, fill: Callable[[Contracts, Array], None]) -> None:
    """Fill `out` by the formula, and with the certain outcome where the formula has no answer."""
    with np.errstate(all="ignore"):
        ratio = part.spot / part.strike
        is_open = (part.spot > 0) & (ratio > 0) & (ratio < np.inf) & (part.vol > 0)
        is_open = is_open & (part.vol * part.vol * part.years > TINY_DEVIATION * TINY_DEVIATION)
        if is_open.all():
            fill(part, out)
            return
        is_open = np.broadcast_to(is_open, out.shape[1:])
        fill(part.changed(lambda each: np.where(is_open, each, 1)), out)
        rest = part.changed(lambda each: np.broadcast_to(each, is_open.shape)[~is_open])
        out[:, ~is_open] = _certain(rest)[: len(out)]


def _fill_price(part: Contracts, out: Array) -> None:
    terms = _terms(part, out.shape[1:])
    np.maximum(terms.shares - terms.cash, 0.0, out=out[0])


def _fill_figures(part: Contracts, out: Array) -> None:
    terms = _terms(part, out.shape[1:])
    price, delta, gamma, theta, vega, rho = out
    np.maximum(terms.shares - terms.cash, 0.0, out=price)
    np.divide(terms.shares, part.spot, out=delta)
    slope = terms.prepaid * terms.bell
    slope /= ROOT_2PI
    np.divide(slope, part.spot * part.spot * terms.deviation, out=gamma)
    np.multiply(slope, terms.root, out=vega)
    np.multiply(terms.cash, part.years, out=rho)
    np.multiply(part.carry, terms.shares, out=theta)
    theta -= part.rate * terms.cash
    theta -= 0.5 * part.vol * slope / terms.root
    theta /= DAYS_PER_YEAR
    out[4:] /= 100.0


def _terms(part: Contracts, shape: tuple[int, ...]) -> _Terms:
    sign, root = part.sign, np.sqrt(part.years)
    deviation = part.vol * root
    signed = sign * deviation
    # Both d with the sign of the right; what belongs to one argument alone is computed before it is spread.
    d = np.empty((2, *shape))
    np.add(np.log(part.spot / part.strike), (part.rate - part.carry) * part.years, out=d[0])
    d[0] /= signed
    d[0] += 0.5 * signed
    np.subtract(d[0], signed, out=d[1])
    bell = np.exp(-0.5 * d * d)
    below = scaled_tail(np.abs(d))
    below *= bell
    below = mirrored(below, d > 0)
    prepaid = part.spot * np.exp(-part.carry * part.years)
    return _Terms(
        shares=sign * prepaid * below[0],
        cash=sign * part.strike * np.exp(-part.rate * part.years) * below[1],
        prepaid=prepaid,
        bell=bell[0],
        deviation=deviation,
        root=root,
    )


def _certain(part: Contracts) -> Array:
    """All six figures where nothing is left to chance."""
    years, sign, nothing = np.maximum(part.years, 0.0), part.sign, 0.0 * part.vol
    prepaid, owed = part.spot * np.exp(-part.carry * years), part.strike * np.exp(-part.rate * years)
    gain = sign * (prepaid - owed)
    is_exercised = np.where(gain == 0, 0.5, np.where(gain > 0, 1.0, nothing))
    shares, cash = sign * prepaid * is_exercised, sign * owed * is_exercised
    theta = np.where(part.years > 0, part.carry * shares - part.rate * cash, nothing) / DAYS_PER_YEAR
    delta = sign * np.exp(-part.carry * years) * is_exercised
    price = np.maximum(shares - cash, 0.0) + nothing
    return np.stack([price, delta, nothing, theta, nothing, cash * years / 100.0])
