"""Value at risk of 100 positions over 10,000 paths: European in full, American by grids of early exercise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scripts.bench.figures import Figure
from scripts.bench.market.references import Chain, scattered
from scripts.bench.risk.references import beside, book_of, spread
from scripts.bench.timing import SLOW_RUNS, alternating, at_most
from sumppump.domain.book import Book, Shocks, path_pnl, pnl_of
from sumppump.domain.missing import Missing
from sumppump.domain.pricing import european_prices
from sumppump.domain.pricing.normal import Array
from sumppump.domain.tail_risk import TailRisk, var_and_es
from sumppump.risk.path_outcomes import HALF_GRID_MISS

POSITIONS, PATHS, DAYS, SAMPLE = 100, 10_000, 1.0, 200
# Of volatility for each unit of logarithmic return.
POINTS = -80.0
NAME = "VaR, 10,000 paths × 100 positions"


async def measure() -> list[Figure]:
    """Against a loop, and against the kernel in a row."""
    chain = scattered(POSITIONS)
    moves = 0.012 * np.random.default_rng(6).standard_t(4, (PATHS, 1))
    shocks = Shocks(factors=np.exp(moves), days=np.array([[DAYS]]))
    prices = _prices(chain, moves)
    european, american = book_of(chain), book_of(chain, american=True)
    moving = replace(shocks, points=POINTS * moves)

    def var_of(book: Book) -> TailRisk | Missing:
        return var_and_es(path_pnl(book, shocks, tolerance=HALF_GRID_MISS).pnl.sum(axis=1), 0.99)

    grids, full, kernel = alternating(
        lambda: var_of(american),
        lambda: var_of(european),
        lambda: european_prices(*prices.inputs),
        runs=SLOW_RUNS,
    )
    found = path_pnl(american, moving, tolerance=HALF_GRID_MISS)
    return [
        *beside(NAME, lambda: var_of(european), prices, times=None),
        at_most(NAME, None, full, kernel, "the European kernel, 1,000,000 prices in a row"),
        at_most(f"{NAME}, American", None, grids, kernel, "the European kernel, 1,000,000 prices in a row"),
        Figure(
            name="what its grids miss at most, volatility moving along",
            value=100.0 * _missed(american, moving, found.pnl),
            target=1.0,
            unit="cents",
            note=f"a share, against full trees on {SAMPLE} paths; {found.grids} positions read from grids",
        ),
    ]


def _missed(book: Book, shocks: Shocks, read: Array) -> float:
    """The most by which a position's price is off, currency per share."""
    places = slice(0, PATHS, PATHS // SAMPLE)
    off = np.abs(read[places] - pnl_of(book, shocks.rows(places))) / np.maximum(np.abs(book.units), 1.0)
    return float(off.max())


def _prices(chain: Chain, moves: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Chain:
    """The million contracts that the paths ask for."""
    _, strike, years, rate, carry, vol, call = chain.inputs
    spots, left = 100.0 * np.exp(moves), np.maximum(years - DAYS / 365, 1e-9)
    return spread(Chain(spot=spots, strike=strike, years=left, rate=rate, carry=carry, vol=vol, call=call))
