"""Levels that follow from others: the volatility index, its futures, and futures on what has a carry.

The volatility index is 100 times the square root of the fair rate of a 30-day variance swap on the surface of
the index that it is about, as the Cboe's strip of options measures it. On an SSVI slice that rate is the
at-the-money variance times a ratio that depends on it and on the slice's skew and wing; the ratio is the
integral of implied variance over d2 (M. Fukasawa, "The normalizing transformation of the implied volatility
smile", 2012). Its futures are the same of the forward variance between their expiry and 30 days later, less
what the spread of volatility itself costs, plus a small premium: in a usual mood they rise with time, in
stress they fall. Futures on an index, a coin or a currency are the spot with carry.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.listing.symbols import INDEX_OF, RISK_FREE_RATE
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.smile import MONTH_YEARS, money_variance, steepness

Floats = NDArray[np.float64]

_PREMIUM, _PREMIUM_YEARS = 0.045, 0.25  # of the level, and how soon it is all there
_SPREAD_COST, _SPREAD_YEARS = 0.030, 0.40
_RATIOS = np.geomspace(1e-5, 1.0, 48)  # total variances for which the ratio is known
_GRID = np.linspace(-14.0, 10.0, 4001)  # log-moneyness in at-the-money deviations


def _swap_ratio(theta: float, skew: float, phi: float) -> float:
    """Fair variance of a swap over the variance at the money, of one SSVI slice."""
    k = _GRID * theta**0.5
    scaled = phi * k
    w = 0.5 * theta * (1.0 + skew * scaled + np.sqrt((scaled + skew) ** 2 + 1.0 - skew * skew))
    d2 = -k / np.sqrt(w) - 0.5 * np.sqrt(w)
    density = np.exp(-0.5 * d2 * d2) / (2.0 * np.pi) ** 0.5
    middles = 0.5 * (w * density)[1:] + 0.5 * (w * density)[:-1]
    return float(np.sum(middles * -np.diff(d2)) / theta)


@lru_cache(maxsize=16)
def _ratios(symbol: str) -> Floats:
    skew, phis = CHARACTERS[symbol].skew, steepness(INDEX_OF[symbol], _RATIOS)
    return np.array(
        [_swap_ratio(float(theta), skew, float(phi)) for theta, phi in zip(_RATIOS, phis, strict=True)]
    )


def swap_variance(symbol: str, theta: Floats) -> Floats:
    """Fair total variance of a swap where the total variance at the money is `theta`."""
    ratio = np.interp(np.log(theta), np.log(_RATIOS), _ratios(symbol))
    fair: Floats = theta * ratio
    return fair


def _forward_variance(symbol: str, years: float, vol_level: Floats, lasting: Floats | None) -> Floats:
    """At-the-money variance of the 30 days that begin in `years`, as the surface has it now."""
    index = np.array([INDEX_OF[symbol]])
    near, far = (
        money_variance(index, np.array([end]), vol_level, lasting=lasting)
        for end in (years, years + MONTH_YEARS)
    )
    forward: Floats = far - near
    return forward


def volatility_index(symbol: str, vol_level: Floats, lasting: Floats | None = None) -> Floats:
    """The volatility index of a symbol's surface, in points, for each level of its volatility."""
    return volatility_future(symbol, 0.0, vol_level, lasting)


def volatility_future(symbol: str, years: float, vol_level: Floats, lasting: Floats | None = None) -> Floats:
    """A future on the volatility index of `symbol`, in points; at its expiry the index itself."""
    forward = _forward_variance(symbol, max(years, 0.0), vol_level, lasting)
    fair = swap_variance(symbol, forward) / MONTH_YEARS
    ahead = max(years, 0.0)
    premium = _PREMIUM * -np.expm1(-ahead / _PREMIUM_YEARS) - _SPREAD_COST * -np.expm1(-ahead / _SPREAD_YEARS)
    level: Floats = 100.0 * np.sqrt(fair) * (1.0 + premium)
    return level


def carried(symbol: str, years: Floats, spot: Floats) -> Floats:
    """A future on something that pays its yield: spot e^((rate - yield) years)."""
    ahead: Floats = spot * np.exp(
        (RISK_FREE_RATE - CHARACTERS[symbol].dividend_yield) * np.maximum(years, 0.0)
    )
    return ahead
