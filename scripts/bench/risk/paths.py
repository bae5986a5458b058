"""Value at risk of 100 positions over 10,000 paths: European in full, American by grids of early exercise."""

from __future__ import annotations

import numpy as np

from scripts.bench.figures import Figure
from scripts.bench.market.references import Chain, scattered
from scripts.bench.risk.references import beside, book_of, spread
from scripts.bench.timing import SLOW_RUNS, alternating, at_most
from sumppump.domain.book import Book, Shocks, path_pnl
from sumppump.domain.missing import Missing
from sumppump.domain.pricing import european_prices
from sumppump.domain.tail_risk import TailRisk, var_and_es

POSITIONS, PATHS, DAYS = 100, 10_000, 1.0
NAME = "VaR, 10,000 paths × 100 positions"


async def measure() -> list[Figure]:
    """Against a loop, and against the kernel in a row."""
    chain = scattered(POSITIONS)
    moves = 0.012 * np.random.default_rng(6).standard_t(4, (PATHS, 1))
    shocks, prices = Shocks.of_returns(moves, days=DAYS), _prices(chain, moves)
    european, american = book_of(chain), book_of(chain, american=True)

    def var_of(book: Book) -> TailRisk | Missing:
        return var_and_es(path_pnl(book, shocks).pnl.sum(axis=1), 0.99)

    grids, full, kernel = alternating(
        lambda: var_of(american),
        lambda: var_of(european),
        lambda: european_prices(*prices.inputs),
        runs=SLOW_RUNS,
    )
    found = path_pnl(american, shocks)
    return [
        *beside(NAME, lambda: var_of(european), prices, times=None),
        at_most(NAME, None, full, kernel, "the European kernel, 1,000,000 prices in a row"),
        at_most(f"{NAME}, American", None, grids, kernel, "the European kernel, 1,000,000 prices in a row"),
        Figure(
            name="what its grids miss at most",
            value=100.0 * found.error,
            target=1.0,
            unit="cents",
            note=f"a share, between nodes; {found.grids} positions read from grids",
        ),
    ]


def _prices(chain: Chain, moves: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Chain:
    """The million contracts that the paths ask for."""
    _, strike, years, rate, carry, vol, call = chain.inputs
    spots, left = 100.0 * np.exp(moves), np.maximum(years - DAYS / 365, 1e-9)
    return spread(Chain(spot=spots, strike=strike, years=left, rate=rate, carry=carry, vol=vol, call=call))
