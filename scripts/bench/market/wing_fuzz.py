"""Random prices far into the wings, and how many implied volatilities of them are wrong."""

from __future__ import annotations

import numpy as np
from scipy.special import erfcx

from scripts.bench.figures import Figure
from sumppump.domain.pricing import VolStatus, implied_vols
from sumppump.domain.pricing.normal import Array


def wrong_vols(count: int = 800_000) -> Figure:
    """Right to 1e-6, or to twenty times what the rounding of the price allows, or a status; never wrong.

    Calls and puts, out of the money and in it, |ln K / F| to 16 and sigma sqrt(T) from 1e-4 to 12. Prices by
    scipy's scaled complementary error function.
    """
    x, s, b = _normalised_prices(count)
    random = np.random.default_rng(7)
    call, outside = random.random(len(x)) < 0.5, random.random(len(x)) < 0.5
    strike = np.exp(np.where(call == outside, -x, x))
    inside = np.where(outside, 0.0, np.abs(1.0 - strike))
    price = b * np.sqrt(strike) + inside
    found = implied_vols(price, 1.0, strike, 1.0, 0.0, 0.0, call)
    answered = found.status == VolStatus.OK
    vega = np.sqrt(strike) * np.exp(-0.5 * ((x / s) ** 2 + 0.25 * s * s)) / np.sqrt(2.0 * np.pi)
    with np.errstate(divide="ignore"):
        allowed = np.maximum(1e-6, 20.0 * np.finfo(float).eps * np.maximum(price, inside) / vega)
    wrong = int(np.sum(answered & ~(np.abs(found.vol - s) <= allowed)))
    note = f"{len(x):,} random prices, {int(answered.sum()):,} answered, the others with a reason"
    return Figure(name="implied volatilities that are wrong", value=wrong, target=0.0, unit="", note=note)


def _normalised_prices(count: int) -> tuple[Array, Array, Array]:
    """Moneyness x < 0, deviation s, and the normalised price b, where a double holds it."""
    random = np.random.default_rng(5)
    x = -np.exp(random.uniform(np.log(1e-6), np.log(16.0), 2 * count))
    s = np.exp(random.uniform(np.log(1e-4), np.log(12.0), 2 * count))
    d1, d2 = (x / s + 0.5 * s) / np.sqrt(2.0), (x / s - 0.5 * s) / np.sqrt(2.0)
    with np.errstate(under="ignore", over="ignore", invalid="ignore"):
        size = 0.5 * np.exp(-0.5 * ((x / s) ** 2 + 0.25 * s * s))
        most = np.exp(0.5 * x)
        b = np.where(d1 < 0, size * (erfcx(-d1) - erfcx(-d2)), most - size * (erfcx(np.abs(d1)) + erfcx(-d2)))
    sound = np.flatnonzero((b > 1e-290) & (b < most * (1.0 - 1e-12)))[:count]
    return x[sound], s[sound], b[sound]
