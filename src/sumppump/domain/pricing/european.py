"""European prices and Greeks by Black, Scholes and Merton, for one contract or for arrays of them.

Units everywhere: prices, strikes and cash per share; years ACT/365; rates and volatility per year as
fractions; theta per calendar day, vega per volatility point, rho per 1 % of rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sumppump.domain.instruments import Right
from sumppump.domain.pricing.normal import Array, normal_cdf, normal_density

DAYS_PER_YEAR = 365.0
TINY_DEVIATION = 1e-12


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
    """What every formula needs, computed once: arrays of one shape."""

    sign: Array
    d1: Array
    d2: Array
    deviation: Array
    share: Array
    cash: Array


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
    """`european` on arrays that broadcast together; `call` is True for calls. NaN in, NaN out."""
    s, k, t, rate, carry, vol, calls = _columns(S, K, T, r, q, sigma, call)
    terms = _terms(s, k, t, rate, carry, vol, calls)
    below_d1, below_d2 = normal_cdf(terms.sign * terms.d1), normal_cdf(terms.sign * terms.d2)
    density = np.where(terms.deviation > TINY_DEVIATION, normal_density(terms.d1), 0.0)
    deviation = np.maximum(terms.deviation, TINY_DEVIATION)
    lives = t > 0
    shares, cash = terms.sign * terms.share * below_d1, terms.sign * terms.cash * below_d2
    decay = -0.5 * terms.share * density * vol * vol / np.where(lives, deviation, 1.0)
    return OptionValues(
        price=np.maximum(shares - cash, 0.0),
        delta=shares / s,
        gamma=terms.share * density / (s * s * deviation),
        theta=np.where(lives, decay + carry * shares - rate * cash, 0.0) / DAYS_PER_YEAR,
        vega=terms.share * density * np.sqrt(np.maximum(t, 0.0)) / 100.0,
        rho=cash * np.maximum(t, 0.0) / 100.0,
    )


def european_prices(
    S: ArrayLike, K: ArrayLike, T: ArrayLike, r: ArrayLike, q: ArrayLike, sigma: ArrayLike, call: ArrayLike
) -> Array:
    """Prices alone, at a third of the cost."""
    terms = _terms(*_columns(S, K, T, r, q, sigma, call))
    shares = terms.share * normal_cdf(terms.sign * terms.d1)
    return np.maximum(terms.sign * (shares - terms.cash * normal_cdf(terms.sign * terms.d2)), 0.0)


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


def _columns(
    S: ArrayLike, K: ArrayLike, T: ArrayLike, r: ArrayLike, q: ArrayLike, sigma: ArrayLike, call: ArrayLike
) -> tuple[Array, Array, Array, Array, Array, Array, NDArray[np.bool_]]:
    numbers = (np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (S, K, T, r, q, sigma))
    s, k, t, rate, carry, vol, calls = np.broadcast_arrays(*numbers, np.asarray(call, dtype=np.bool_))
    return s, k, t, rate, carry, vol, calls


def _terms(
    s: Array, k: Array, t: Array, rate: Array, carry: Array, vol: Array, calls: NDArray[np.bool_]
) -> _Terms:
    years = np.maximum(t, 0.0)
    share, cash = s * np.exp(-carry * years), k * np.exp(-rate * years)
    deviation = vol * np.sqrt(years)
    moneyness = np.log(share / cash)
    # Without time or volatility the outcome is certain: d is minus or plus infinity, 0 exactly at the money.
    certain = np.where(moneyness == 0, 0.0, np.copysign(np.inf, moneyness))
    is_certain = deviation <= TINY_DEVIATION
    middle = moneyness / np.where(is_certain, 1.0, deviation)
    return _Terms(
        sign=np.where(calls, 1.0, -1.0),
        d1=np.where(is_certain, certain, middle + 0.5 * deviation),
        d2=np.where(is_certain, certain, middle - 0.5 * deviation),
        deviation=deviation,
        share=share,
        cash=cash,
    )
