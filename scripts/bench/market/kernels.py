"""What prices, Greeks and implied volatilities cost, each against an independent library in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from unittest.mock import patch

import numpy as np

from scripts.bench.figures import Figure, micros
from scripts.bench.market.quantlib_american import qdfp_prices
from scripts.bench.market.references import (
    Chain,
    chain,
    flat_figures,
    pyfeng_model,
    scattered,
    vollib_figures,
    vollib_prices,
    vollib_vols,
)
from scripts.bench.market.wing_fuzz import wrong_vols
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
from sumppump.domain.pricing.book import Book
from sumppump.domain.pricing.normal import Array

RUNS, SLOW_RUNS = 101, 5
DIVIDENDS = [((15 + 91 * quarter) / 365, 1.80) for quarter in range(10)]
SPOT_MOVES = np.linspace(0.8, 1.2, 10)
VOL_MOVES = np.linspace(-0.05, 0.10, 5)

Job = Callable[[], object]


def seconds(job: Job, runs: int = RUNS) -> float:
    """Median of several runs."""
    return alternating(job, runs=runs)[0]


def alternating(*jobs: Job, runs: int = RUNS) -> list[float]:
    """Medians of jobs that take turns, so that what else the machine does hits all of them alike.

    An answer is kept until the next, as a caller keeps what it asked for.
    """
    taken: list[list[float]] = [[] for _ in jobs]
    kept = [job() for job in jobs]
    for _ in range(runs):
        for place, job in enumerate(jobs):
            start = time.perf_counter()
            kept[place] = job()
            taken[place].append(time.perf_counter() - start)
    return [statistics.median(each) for each in taken]


def at_least(name: str, times: float, ours: float, theirs: float, whose: str) -> Figure:
    """A target "so many times as fast", as the share of the time that it allows."""
    note = f"{micros(ours)} against {micros(theirs)} of {whose}: {theirs / ours:,.0f}×, at least {times:g}×"
    return Figure(
        name=f"{name}, of what {times:g}× allows", value=ours * times / theirs, target=1.0, note=note
    )


def at_most(name: str, times: float | None, ours: float, theirs: float, whose: str) -> Figure:
    """A target "at most so many times as long"."""
    return Figure(
        name=name,
        value=ours / theirs,
        target=times,
        note=f"{micros(ours)} against {micros(theirs)} of {whose}",
    )


async def measure() -> list[Figure]:
    """European, then American figures."""
    return [*european(), *scenarios(), *american(), *american_vols()]


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


def scenarios() -> list[Figure]:
    """A book under 50 scenarios, and the profit and loss of four legs over prices and days."""
    book = scattered(1_000)
    spots, vols = 100.0 * SPOT_MOVES[:, None, None], np.maximum(book.vol + VOL_MOVES[:, None], 0.01)
    _, k, t, r, q, _, call = book.inputs
    flat = _spread(Chain(spot=spots, strike=k, years=t, rate=r, carry=q, vol=vols, call=call))
    full, kernel = alternating(
        lambda: european_prices(spots, k, t, r, q, vols, call), lambda: european_prices(*flat.inputs)
    )
    loop = seconds(lambda: vollib_prices(flat), SLOW_RUNS)
    american_book = seconds(lambda: american_prices(spots, k, t, r, q, vols, call, steps=50), SLOW_RUNS)
    tenth = scattered(5_000)
    qdfp = 10.0 * seconds(lambda: qdfp_prices(tenth.rows, accurate=False), SLOW_RUNS)
    return [
        at_least("1,000 positions × 50 scenarios", 40, full, loop, "a vollib loop"),
        at_most("1,000 positions × 50 scenarios", 2.0, full, kernel, "50,000 prices in a row"),
        at_most("the same, American", 3.0, american_book, qdfp, "QuantLib's QdFp-fast for 50,000"),
        surface(),
    ]


def surface() -> Figure:
    """Iron condor: 201 prices × 10 days × 4 legs."""
    legs = np.array([550.0, 560, 640, 650])[:, None, None]
    spots, years = np.linspace(480, 720, 201), np.linspace(1, 30, 10)[:, None] / 365
    vols, calls = np.array([0.20, 0.19, 0.15, 0.15])[:, None, None], legs > 600
    ours = seconds(lambda: european_prices(spots, legs, years, 0.04, 0.012, vols, calls))
    flat = _spread(Chain(spot=spots, strike=legs, years=years, rate=0.04, carry=0.012, vol=vols, call=calls))
    theirs = seconds(lambda: vollib_prices(flat), SLOW_RUNS)
    return at_least("four legs over 201 prices × 10 days", 100, ours, theirs, "a vollib loop")


def _spread(contracts: Chain) -> Chain:
    """Parts that broadcast together as columns of one length."""
    parts = [part.reshape(-1) for part in np.broadcast_arrays(*contracts.inputs)]
    s, k, t, r, q, vol, call = parts
    return Chain(spot=s, strike=k, years=t, rate=r, carry=q, vol=vol, call=call)


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

    def counted(book: Book, steps: int) -> Array:
        priced.append(len(book))
        return prices_of(book, steps)

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
