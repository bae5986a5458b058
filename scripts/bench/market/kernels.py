"""What prices, Greeks and implied volatilities cost, each against an independent library in the same run."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import numpy as np

from scripts.bench.figures import Figure
from scripts.bench.market.quantlib_american import qdfp_prices
from scripts.bench.market.references import (
    chain,
    flat_figures,
    pyfeng_model,
    scattered,
    vollib_figures,
    vollib_prices,
    vollib_vols,
)
from scripts.bench.market.wing_fuzz import wrong_vols
from scripts.bench.timing import SLOW_RUNS, alternating, at_least, at_most, seconds
from sumppump.domain.pricing import (
    VolStatus,
    american_implied,
    american_implied_vols,
    american_many,
    american_prices,
    european_many,
    european_prices,
    implied_vols,
)
from sumppump.domain.pricing.american import prices_of
from sumppump.domain.pricing.american_contracts import AmericanContracts
from sumppump.domain.pricing.normal import Array

DIVIDENDS = [((15 + 91 * quarter) / 365, 1.80) for quarter in range(10)]


async def measure() -> list[Figure]:
    """European, then American figures."""
    return [*european(), *american(), *american_vols()]


def european() -> list[Figure]:
    """9,000 prices with five Greeks, and 9,000 implied volatilities."""
    contracts = chain(7.0)
    figures, flat = alternating(lambda: european_many(*contracts.inputs), flat_figures(contracts))
    loop = seconds(lambda: vollib_figures(contracts), SLOW_RUNS)
    prices = european_prices(*contracts.inputs)
    s, k, t, r, q, _, call = contracts.inputs
    vols = seconds(lambda: implied_vols(prices, s, k, t, r, q, call))
    listed = vollib_prices(contracts)
    vols_loop = seconds(lambda: vollib_vols(contracts, listed), SLOW_RUNS)
    ready, side = pyfeng_model(contracts), np.where(call, 1, -1)
    ready_vols = seconds(lambda: ready.impvol(prices, k, s, t, side), SLOW_RUNS)
    return [
        at_least("9,000 prices and five Greeks", 250, figures, loop, "a vollib loop"),
        at_most("9,000 prices and five Greeks", 1.6, figures, flat, "flat numpy with d1 and d2 at hand"),
        at_least("9,000 implied volatilities", 60, vols, vols_loop, "a vollib loop"),
        at_most("9,000 implied volatilities", None, vols, ready_vols, "pyfeng, the quickest ready-made"),
        wrong_vols(),
    ]


def american() -> list[Figure]:
    """9,000 prices with Greeks and escrowed dividends, and how far off they are without."""
    contracts, sample = chain(3.0), scattered(2_000)
    paying = replace(contracts, carry=0.0)
    figures, qdfp = alternating(
        lambda: american_many(*paying.inputs, dividends=DIVIDENDS),
        lambda: qdfp_prices(contracts.rows, accurate=False),
        runs=SLOW_RUNS,
    )
    error = np.abs(american_prices(*sample.inputs) - qdfp_prices(sample.rows, accurate=True))
    vega = european_many(*sample.inputs).vega
    points = (error / np.maximum(vega, 1e-9))[vega > 0.005]
    worst, share = float(np.max(points)), float(np.percentile(points, 99))
    return [
        at_most("9,000 American prices with five Greeks", 1.5, figures, qdfp, "QdFp-fast, prices alone"),
        Figure(
            name="their error, 99 in 100",
            value=share,
            target=0.03,
            unit="vol points",
            note=f"2,000 random contracts against QdFp accurate; largest {worst:.3f} points",
        ),
    ]


def american_vols() -> list[Figure]:
    """Implied volatilities of an American chain, from QuantLib's prices of it."""
    contracts = chain(3.0)
    s, k, t, r, q, vol, call = contracts.inputs
    intrinsic = np.maximum(np.where(call, s - k, k - s), 0.0)
    prices = np.maximum(qdfp_prices(contracts.rows, accurate=False), intrinsic)
    priced: list[int] = []

    def counted(options: AmericanContracts, steps: int) -> Array:
        priced.append(len(options))
        return prices_of(options, steps)

    with patch.object(american_implied, "prices_of", counted):
        found = american_implied_vols(prices, s, k, t, r, q, call)
    taken, one_pass = alternating(
        lambda: american_implied_vols(prices, s, k, t, r, q, call),
        lambda: american_prices(*contracts.inputs),
        runs=SLOW_RUNS,
    )
    rounds = sum(priced) / len(contracts)
    off = 100.0 * np.abs(found.vol - vol)
    # What a cent of price is worth in points of volatility, and half a point besides.
    allowed = 0.5 + 0.01 / np.maximum(european_many(*contracts.inputs).vega, 1e-9)
    answered = found.status == VolStatus.OK
    wrong = int(np.sum(answered & (off > allowed)))
    share = float(np.percentile(off[answered], 99))
    said = int(np.sum(found.status == VolStatus.AT_INTRINSIC))
    return [
        at_most(
            f"American volatilities of a chain, per iteration ({rounds:.1f} prices each)",
            2.0,
            taken / rounds,
            one_pass,
            "one pass of prices",
        ),
        Figure(
            name="American volatilities that are wrong",
            value=wrong,
            target=0.0,
            unit="",
            note=f"{int(answered.sum()):,} answered, 99 in 100 to {share:.3f} points; {said:,} at intrinsic",
        ),
    ]
