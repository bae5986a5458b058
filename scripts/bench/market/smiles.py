"""Smiles of thirty expiries at once, beside scipy's least squares one after the other at the same error.

Quotes: 25 strikes of each of 30 expiries, 2 to 900 days, of J. Bates's kind (jumps beside a volatility that
moves, here as a mixture of two lognormals with a skew), with 0.15 to 0.35 volatility points of noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, timedelta
from time import perf_counter

import numpy as np
from scipy.optimize import least_squares

from scripts.bench.figures import Figure
from sumppump.domain.pricing import european_prices, implied_vol
from sumppump.domain.pricing.normal import Array
from sumppump.domain.smile import VolPoint
from sumppump.domain.surface.fitting import ExpiryQuotes, fit_svi
from sumppump.domain.surface.svi import RawSvi

EXPIRIES, STRIKES, ROUNDS = 30, 25, 5
TARGET, SAME_ERROR = 1 / 30, 1.02
_FORWARD = 100.0
# Scenarios: weight, drift as a part of a deviation, volatility.
_CALM, _FALL = (0.85, 0.10, 0.15), (0.15, -0.55, 0.27)


def quoted(number: int) -> ExpiryQuotes:
    """One expiry's quotes."""
    years = float(np.geomspace(2 / 365, 900 / 365, EXPIRIES)[number])
    random = np.random.default_rng(number)
    strikes = _FORWARD * np.exp(np.linspace(-2.5, 1.8, STRIKES) * 0.17 * math.sqrt(years))
    vols = _mixed(strikes, years) + random.uniform(0.0015, 0.0035) * random.standard_normal(STRIKES)
    return ExpiryQuotes(
        expiry=date(2026, 1, 2) + timedelta(round(365 * years)),
        trading_class="SPX",
        years=years,
        forward=_FORWARD,
        points=tuple(VolPoint(float(k), float(v), 0.0025) for k, v in zip(strikes, vols, strict=True)),
    )


def _mixed(strikes: Array, years: float) -> Array:
    """Volatilities of a mixture of a calm and a falling market whose mean is the forward."""
    means = [math.exp(shift * vol * math.sqrt(years)) for _, shift, vol in (_CALM, _FALL)]
    mean = _CALM[0] * means[0] + _FALL[0] * means[1]
    prices = sum(
        weight * european_prices(_FORWARD * level / mean, strikes, years, 0.0, 0.0, vol, True)
        for (weight, _, vol), level in zip((_CALM, _FALL), means, strict=True)
    )
    found = [
        implied_vol(float(p), _FORWARD, float(k), years, 0.0, 0.0, "C")
        for p, k in zip(prices, strikes, strict=True)
    ]
    return np.array(found, dtype=np.float64)


def rmse(quotes: list[ExpiryQuotes], fits: list[RawSvi]) -> float:
    """Root of the mean square over all quotes, volatility points."""
    missed = []
    for each, fit in zip(quotes, fits, strict=True):
        strikes, vols = (np.array([point[column] for point in each.points]) for column in (0, 1))
        missed.append(
            np.sqrt(np.maximum(fit.variance(np.log(strikes / each.forward)), 0.0) / each.years) - vols
        )
    return 100.0 * float(np.sqrt(np.mean(np.concatenate(missed) ** 2)))


def by_scipy(quotes: ExpiryQuotes) -> RawSvi:
    """The same sum of squares by `scipy.optimize.least_squares`, one start, differences for slopes."""
    strikes, vols, errors = (np.array(column) for column in zip(*quotes.points, strict=True))
    k, level = np.log(strikes / quotes.forward), float(np.median(vols))
    unit = level * math.sqrt(quotes.years)

    def missed(x: Array) -> Array:
        variance = RawSvi(*map(float, x)).variance(k)
        return np.asarray((np.sqrt(np.maximum(variance, 1e-12) / quotes.years) - vols) / errors)

    start = [0.5 * unit**2, 0.4 * unit, -0.4, 0.0, unit]
    bounds = (
        [-4 * unit**2, 1e-6, -0.999, -5 * unit, 1e-3 * unit],
        [9 * unit**2, 2.0, 0.999, 5 * unit, 20 * unit],
    )
    return RawSvi(
        *map(float, least_squares(missed, start, bounds=bounds, x_scale=np.maximum(np.abs(start), unit)).x)
    )


async def measure() -> list[Figure]:
    """Time and error of both, in one run."""
    quotes = [quoted(number) for number in range(EXPIRIES)]
    ours, fits = _best(lambda: list(fit_svi(quotes)))
    theirs, reference = _best(lambda: [by_scipy(each) for each in quotes], rounds=2)
    own, other = rmse(quotes, fits), rmse(quotes, reference)
    note = f"{EXPIRIES} expiries of {STRIKES}: {ours * 1e3:.1f} ms against {theirs * 1e3:,.0f} ms"
    return [
        Figure(name="smile fit, time by scipy's", value=ours / theirs, target=TARGET, note=note),
        Figure(
            name="smile fit, error by scipy's",
            value=own / other,
            target=SAME_ERROR,
            note=f"{own:.3f} against {other:.3f} volatility points",
        ),
    ]


def _best(work: Callable[[], list[RawSvi]], rounds: int = ROUNDS) -> tuple[float, list[RawSvi]]:
    """The shortest of some runs, and its result."""
    times, found = [], list[RawSvi]()
    for _ in range(rounds):
        begun = perf_counter()
        found = work()
        times.append(perf_counter() - begun)
    return min(times), found
