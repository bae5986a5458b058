"""Profit and loss of an iron condor over 201 prices on 10 dates."""

from __future__ import annotations

import numpy as np

from scripts.bench.figures import Figure
from scripts.bench.market.references import Chain
from scripts.bench.risk.references import beside, book_of, spread
from scripts.bench.timing import RUNS
from sumppump.domain.book import Shocks, pnl_of
from sumppump.domain.pricing import european_prices

LEGS = np.array([550.0, 560, 640, 650])
VOLS, CALLS = np.array([0.20, 0.19, 0.15, 0.15]), LEGS > 600
SPOTS, DAYS = np.linspace(480, 720, 201), np.linspace(0, 29, 10)
TERMS = (0.04, 0.012)


async def measure() -> list[Figure]:
    """By the kernel on a grid of arguments, and as a book under 2,010 scenarios."""
    legs, vols, calls = (part[:, None, None] for part in (LEGS, VOLS, CALLS))
    years = (30.0 - DAYS[:, None]) / 365
    grid = Chain(spot=SPOTS, strike=legs, years=years, rate=TERMS[0], carry=TERMS[1], vol=vols, call=calls)
    alone = Chain(
        spot=600.0, strike=LEGS, years=30 / 365, rate=TERMS[0], carry=TERMS[1], vol=VOLS, call=CALLS
    )
    book = book_of(alone)
    shocks = Shocks(factors=np.tile(SPOTS, 10)[:, None] / 600.0, days=np.repeat(DAYS, 201)[:, None])
    prices = spread(grid)
    name = "four legs over 201 prices × 10 dates"
    return [
        *beside(name, lambda: european_prices(*grid.inputs), prices, times=100, runs=RUNS),
        beside(f"{name}, as a book", lambda: pnl_of(book, shocks), prices, times=None, runs=RUNS)[0],
    ]
