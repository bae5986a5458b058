"""Implied volatility by strike and expiry: one surface per underlying, free of static arbitrage.

The surface is SSVI (J. Gatheral, A. Jacquier, "Arbitrage-free SVI volatility surfaces", 2014): total
variance w(k) = theta / 2 * (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)) of log-forward-moneyness k,
with phi = eta / sqrt(theta (1 + theta)). With eta (1 + |rho|) <= 2 there is neither a butterfly nor a
calendar arbitrage as long as theta, the variance at the money, grows with time to expiry, which it does.
Both conditions are on theta alone, so reports may add lumps to it and the market's mood may bend its term
structure. The skew of short expiries is the steeper one, for phi grows as theta falls. Because k is measured
from the forward, the smile moves with the spot.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.listing.symbols import INDEX_OF, UNDERLYINGS
from sumppump.exchange.market.character import CHARACTERS, Character

Floats = NDArray[np.float64]

_REVERSION = 4.0  # per year: how fast the term structure goes from the short to the long level
_FAR_RESPONSE = 0.8  # of the long variance to the level; 2 is the short one's
_MAX_WING = 2.0
MONTH_YEARS = 30.0 / 365.0


def _checked(symbol: str) -> Character:
    one = CHARACTERS[symbol]
    if one.wing * (1 + abs(one.skew)) > _MAX_WING:
        raise ValueError(f"the smile of {symbol} would allow arbitrage")
    return one


_TABLE = tuple(_checked(under.symbol) for under in UNDERLYINGS)
_SHORT = np.array([one.short_vol**2 for one in _TABLE])
_LONG = np.array([one.long_vol**2 for one in _TABLE])
_SKEW = np.array([one.skew for one in _TABLE])
_WING = np.array([one.wing for one in _TABLE])


def money_variance(
    symbol_index: NDArray[np.int64], years: Floats, vol_level: Floats, lump: Floats | float = 0.0
) -> Floats:
    """Total variance at the money: the integral of a forward variance that is always positive, and lumps.

    Args:
        symbol_index: place of the underlying in the table.
        years: until expiry, 252 trading days each.
        vol_level: 1 in a usual mood; the near end follows it fully, the far end by a fraction of it, so
            that the term structure falls with time in stress and rises in calm.
        lump: variance of reports before expiry; must not fall with `years`.
    """
    fading = -np.expm1(-_REVERSION * years) / _REVERSION
    short = _SHORT[symbol_index] * vol_level**2
    long = _LONG[symbol_index] * vol_level**_FAR_RESPONSE
    total: Floats = long * (years - fading) + short * fading + lump
    return total


def total_variance(
    symbol_index: NDArray[np.int64],
    log_moneyness: Floats,
    years: Floats,
    vol_level: Floats,
    lump: Floats | float = 0.0,
) -> Floats:
    """Implied variance times years to expiry, for `log_moneyness` = ln(strike / forward)."""
    theta = money_variance(symbol_index, years, vol_level, lump)
    rho = _SKEW[symbol_index]
    scaled = _WING[symbol_index] * log_moneyness / np.sqrt(theta * (1.0 + theta))
    variance: Floats = 0.5 * theta * (1.0 + rho * scaled + np.sqrt((scaled + rho) ** 2 + 1.0 - rho * rho))
    return variance


def implied_vol(
    symbol_index: NDArray[np.int64], log_moneyness: Floats, years: Floats, vol_level: Floats
) -> Floats:
    """Implied volatility per year; `years` > 0."""
    vol: Floats = np.sqrt(total_variance(symbol_index, log_moneyness, years, vol_level) / years)
    return vol


def month_vol(symbol: str, vol_level: Floats) -> Floats:
    """Implied volatility at the money for 30 days without reports, for each level."""
    index = np.full(vol_level.shape, INDEX_OF[symbol])
    years = np.full(vol_level.shape, MONTH_YEARS)
    vol: Floats = np.sqrt(money_variance(index, years, vol_level) / MONTH_YEARS)
    return vol
