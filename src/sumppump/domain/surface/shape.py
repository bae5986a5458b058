"""Where a smile has a delta, and what the two wings say against each other."""

from __future__ import annotations

import math

import numpy as np

from sumppump.domain.instruments import Right
from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array, normal_cdf
from sumppump.domain.surface.smile_fit import SmileFit

WING = 0.25
_GRID = 401


def vol_at_delta(
    fit: SmileFit, right: Right, delta: float, *, carry_discount: float = 1.0
) -> float | Missing:
    """Volatility per year where an option has this absolute delta, between 0 and 1.

    Args:
        fit: the smile.
        right: call or put.
        delta: absolute, of the option by the spot.
        carry_discount: e^(-dividend yield * years), by which a delta by the spot is less than one by N(d1).
    """
    strikes = np.geomspace(fit.low, fit.high, _GRID)
    vols, _ = fit.curve(np.log(strikes))
    deltas = carry_discount * _above(fit, strikes, vols)
    if right is Right.PUT:
        deltas = carry_discount - deltas
    rising = deltas if right is Right.PUT else deltas[::-1]
    if not rising[0] <= delta <= rising[-1]:
        which = f"the {100 * delta:.0f}-delta {right.word}"
        return Missing("outside_quoted_strikes", f"{which} lies outside the quoted strikes")
    return float(np.interp(delta, rising, vols if right is Right.PUT else vols[::-1]))


def skew(fit: SmileFit, *, carry_discount: float = 1.0) -> float | Missing:
    """Volatility points by which the 25-delta put is dearer than the 25-delta call."""
    put, call = (
        vol_at_delta(fit, right, WING, carry_discount=carry_discount) for right in (Right.PUT, Right.CALL)
    )
    if isinstance(put, Missing):
        return put
    return call if isinstance(call, Missing) else 100.0 * (put - call)


def _above(fit: SmileFit, strikes: Array, vols: Array) -> Array:
    """N(d1)."""
    deviation = vols * math.sqrt(fit.years)
    return normal_cdf(np.log(fit.forward / strikes) / deviation + 0.5 * deviation)
