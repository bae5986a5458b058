"""American prices and Greeks, with cash dividends as IBKR treats them (escrowed).

Where nobody exercises early the closed form answers. Everywhere else two trees of different sizes are
extrapolated (Richardson), portion by portion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sumppump.domain.instruments import Right
from sumppump.domain.pricing.american_contracts import AmericanContracts, american_contracts
from sumppump.domain.pricing.contracts import Contracts, Rows, portions
from sumppump.domain.pricing.dividends import Dividends
from sumppump.domain.pricing.european import (
    DAYS_PER_YEAR,
    OptionValue,
    OptionValues,
    check_numbers,
    european_many,
    european_prices,
    is_call,
)
from sumppump.domain.pricing.normal import Array
from sumppump.domain.pricing.tree import roll_back

STEPS = 100
_PORTION = 384
_VOL_BUMP = 0.01
_RATE_BUMP = 0.0025
_ROUNDING = 1e-12


def american(
    S: float,
    K: float,
    T: float,
    r: float,
    q: float,
    sigma: float,
    right: Right | str,
    dividends: Dividends = (),
) -> OptionValue:
    """Price and Greeks of an American option.

    Args:
        S: underlying's price, > 0.
        K: strike, > 0.
        T: years to expiry; at or below 0 the intrinsic value is returned.
        r: interest rate per year, continuous.
        q: dividend yield per year, continuous.
        sigma: volatility per year, >= 0.
        right: call or put (`C`, `P`).
        dividends: (years from now, cash per share); those after T do not count.

    Raises:
        ValueError: an argument is not a usable number.

    Example:
        >>> round(american(50, 50, 5 / 12, 0.10, 0.0, 0.40, "P").price, 2)  # Hull
        4.28
    """
    check_numbers(S, K, T, r, q, sigma)
    return american_many(S, K, T, r, q, sigma, is_call(right), dividends=dividends).at(0)


def american_many(
    S: ArrayLike,
    K: ArrayLike,
    T: ArrayLike,
    r: ArrayLike,
    q: ArrayLike,
    sigma: ArrayLike,
    call: ArrayLike,
    *,
    dividends: Dividends = (),
    steps: int = STEPS,
) -> OptionValues:
    """`american` on arrays that broadcast together; `call` is True for calls.

    `dividends` are pairs of years from now and cash per share, each a number for all contracts or an array
    with one for each (no cash where a contract has none). `steps` are those of the larger tree; 50 suffice
    for a screen.
    """
    options, shape = american_contracts(S, K, T, r, q, sigma, call, dividends)
    each, escrow, exercised = options.contracts, options.escrow, options.exercised
    value = european_many(escrow, each.strike, each.years, each.rate, each.carry, each.vol, each.call)
    price = np.maximum(value.price, exercised)
    value.rho[:] += value.delta * options.dividends.rate_slope(each.rate) / 100.0
    early = _tree_rows(options)
    if len(early):
        found = _extrapolated(options.rows(early), steps)
        price[early] = np.maximum(price[early], found[0])
        value.delta[early], value.gamma[early] = found[1:]
        value.theta[early] = _theta(each.rows(early), escrow[early], price[early], *found[1:])
        value.vega[early], value.rho[early] = _bumped(options.rows(early), 2 * steps // 5)
    stop = (exercised > 0) & (price <= exercised + _ROUNDING * each.strike)
    for greek in (value.gamma, value.theta, value.vega, value.rho):
        greek[stop] = 0.0
    value.delta[stop] = each.sign[stop]
    columns = (price, value.delta, value.gamma, value.theta, value.vega, value.rho)
    return OptionValues(*(column.reshape(shape) for column in columns))


def american_prices(
    S: ArrayLike,
    K: ArrayLike,
    T: ArrayLike,
    r: ArrayLike,
    q: ArrayLike,
    sigma: ArrayLike,
    call: ArrayLike,
    *,
    dividends: Dividends = (),
    steps: int = STEPS,
) -> Array:
    """Prices alone, at half of the cost."""
    options, shape = american_contracts(S, K, T, r, q, sigma, call, dividends)
    return prices_of(options, steps).reshape(shape)


def prices_of(options: AmericanContracts, steps: int) -> Array:
    """Prices of such options: closed form where nobody exercises early, else by trees."""
    each = options.contracts
    price = european_prices(
        options.escrow, each.strike, each.years, each.rate, each.carry, each.vol, each.call
    )
    price = np.maximum(price, options.exercised)
    early = _tree_rows(options)
    price[early] = np.maximum(price[early], _extrapolated(options.rows(early), steps)[0])
    return price


def _tree_rows(options: AmericanContracts) -> NDArray[np.intp]:
    return np.flatnonzero(options.may_be_early & (options.contracts.vol >= 0))


def _extrapolated(options: AmericanContracts, steps: int) -> Array:
    """Price, delta and gamma as rows: the larger tree's, and its lead over one half as large once more."""
    options = options.clamped()
    figures = np.empty((3, len(options)))
    escrow = options.escrow
    for rows in _portions(options):
        part, dividends = options.contracts.rows(rows), options.dividends.rows(rows)
        coarse = roll_back(part, escrow[rows], dividends, steps // 2)
        figures[:, rows] = 2.0 * roll_back(part, escrow[rows], dividends, steps) - coarse
    return figures


def _portions(options: AmericanContracts) -> Iterator[Rows]:
    """Contracts of like expiry together, so that a dividend falls on few levels of a portion."""
    count = len(options)
    if not options.dividends:
        return portions(count, _PORTION)
    order = np.argsort(options.contracts.years, kind="stable")
    return (order[rows] for rows in portions(count, _PORTION))


def _theta(each: Contracts, escrow: Array, price: Array, delta: Array, gamma: Array) -> Array:
    """Per calendar day, by the equation that price, delta and gamma obey; no drift of dividends, as IBKR."""
    drift = each.rate * price - (each.rate - each.carry) * escrow * delta
    return (drift - 0.5 * (each.vol * escrow) ** 2 * gamma) / DAYS_PER_YEAR


def _bumped(options: AmericanContracts, steps: int) -> tuple[Array, Array]:
    """Vega and rho from prices beside these; a smaller tree is as far off on both sides."""
    count, vol = len(options), options.contracts.vol
    low = np.minimum(_VOL_BUMP, 0.5 * vol)
    beside = options.repeated(4)
    still = np.zeros(count)
    vols = beside.contracts.vol + np.concatenate([still + _VOL_BUMP, -low, still, still])
    rates = beside.contracts.rate + _RATE_BUMP * np.repeat([0.0, 0.0, 1.0, -1.0], count)
    moved = replace(beside, contracts=replace(beside.contracts, vol=vols, rate=rates))
    up, down, dear, cheap = _extrapolated(moved, steps)[0].reshape(4, count)
    vega = np.maximum(up - down, 0.0) / (_VOL_BUMP + low)
    return vega / 100.0, (dear - cheap) / (2.0 * _RATE_BUMP) / 100.0
