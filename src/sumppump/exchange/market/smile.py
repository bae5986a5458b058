"""Implied volatility by strike and expiry: one surface per underlying, free of static arbitrage.

The surface is SSVI (J. Gatheral, A. Jacquier, "Arbitrage-free SVI volatility surfaces", 2014): total
variance w(k) = theta / 2 * (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)) of log-forward-moneyness k,
with phi = eta / sqrt((theta + soft) (1 + theta)). With eta (1 + |rho|) <= 2 there is neither a butterfly nor
a calendar arbitrage as long as theta, the variance at the money, grows with time to expiry, which it does:
theta phi rises with theta, and its slope is below phi. Both conditions are on theta alone, so reports may add
lumps to it and the market's mood may bend its term structure. The skew of short expiries is the steeper one,
for phi grows as theta falls, but `soft`, the usual variance of some days, bounds it: in deviations, the smile
of the last hours is flat. Because k is measured from the forward, the smile moves with the spot.

The market's mood moves the forward variance that begins in t years by a weight of t: most of it is gone after
some months, a part stays for years, and what an ordered shock adds for hours or days is hardly in it at all.
So near expiries react more than far ones. The futures on the volatility index follow it by about 0.65 a month
ahead, 0.35 at three months and 0.2 at nine (plausible, unverified).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.listing.symbols import INDEX_OF, UNDERLYINGS
from sumppump.exchange.market.character import CHARACTERS, Character

Floats = NDArray[np.float64]

_REVERSION = 4.0  # per year: how fast the term structure goes from the short to the long level
_MOODS = ((0.8, 8.0), (0.2, 0.3))  # parts of a mood's variance, and how fast each is gone, per year
_FLEETING = 40.0  # per year: the same of what will not last
_SOFT_YEARS = 3.0 / 252.0  # of usual variance: shorter expiries have less skew than SSVI's power law
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
    symbol_index: NDArray[np.int64],
    years: Floats,
    vol_level: Floats,
    lump: Floats | float = 0.0,
    lasting: Floats | None = None,
) -> Floats:
    """Total variance at the money: the integral of a forward variance that is always positive, and lumps.

    Args:
        symbol_index: place of the underlying in the table.
        years: until expiry, 252 trading days each.
        vol_level: 1 in a usual mood; the near end follows it fully, the far end by a fraction of it, so
            that the term structure falls with time in stress and rises in calm.
        lump: variance of reports before expiry; must not fall with `years`.
        lasting: the level without what ordered shocks add for a short time only; None where it is the same.
    """
    short, long = _SHORT[symbol_index], _LONG[symbol_index]
    total: Floats = long * years + (short - long) * _faded(_REVERSION, years) + lump
    steady = (vol_level if lasting is None else lasting) ** 2
    for share, speed in _MOODS:
        total = total + short * share * (steady - 1.0) * _faded(speed, years)
    if lasting is not None:
        total = total + short * (vol_level**2 - steady) * _faded(_FLEETING, years)
    return total


def _faded(speed: float, years: Floats) -> Floats:
    """The integral of e^(-speed t) until then."""
    integral: Floats = -np.expm1(-speed * years) / speed
    return integral


def steepness(symbol_index: NDArray[np.int64] | int, theta: Floats) -> Floats:
    """SSVI's phi where the total variance at the money is `theta`."""
    soft = _SHORT[symbol_index] * _SOFT_YEARS
    phi: Floats = _WING[symbol_index] / np.sqrt((theta + soft) * (1.0 + theta))
    return phi


def total_variance(
    symbol_index: NDArray[np.int64],
    log_moneyness: Floats,
    years: Floats,
    vol_level: Floats,
    lump: Floats | float = 0.0,
    lasting: Floats | None = None,
) -> Floats:
    """Implied variance times years to expiry, for `log_moneyness` = ln(strike / forward)."""
    theta = money_variance(symbol_index, years, vol_level, lump, lasting)
    rho = _SKEW[symbol_index]
    scaled = steepness(symbol_index, theta) * log_moneyness
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
    index, years = np.array([INDEX_OF[symbol]]), np.array([MONTH_YEARS])
    vol: Floats = np.sqrt(money_variance(index, years, vol_level) / MONTH_YEARS)
    return vol
