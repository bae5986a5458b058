"""1,000 positions under 50 scenarios, every one priced in full, European and American."""

from __future__ import annotations

import numpy as np

from scripts.bench.figures import Figure
from scripts.bench.market.quantlib_american import qdfp_prices
from scripts.bench.market.references import Chain, scattered
from scripts.bench.risk.references import beside, book_of, spread
from scripts.bench.timing import SLOW_RUNS, alternating, at_most, seconds
from sumppump.domain.book import Scenario, reprice
from sumppump.domain.pricing import european_prices

MOVES, POINTS = np.linspace(-20.0, 20.0, 10), np.linspace(-5.0, 10.0, 5)
SCENARIOS = [Scenario(move_pct=float(move), vol_points=float(points)) for move in MOVES for points in POINTS]
NAME = "1,000 positions × 50 scenarios"


async def measure() -> list[Figure]:
    """Against a loop, against the kernel in a row, and American against QuantLib's quickest engine."""
    chain = scattered(1_000)
    prices = _prices(chain)
    book, american = book_of(chain), book_of(chain, american=True)
    full, kernel = alternating(
        lambda: reprice(book, SCENARIOS), lambda: european_prices(*prices.inputs), runs=21
    )
    trees = seconds(lambda: reprice(american, SCENARIOS), SLOW_RUNS)
    tenth = scattered(5_000)
    qdfp = 10.0 * seconds(lambda: qdfp_prices(tenth.rows, accurate=False), SLOW_RUNS)
    return [
        *beside(NAME, lambda: reprice(book, SCENARIOS), prices, times=40, runs=21),
        at_most(NAME, 2.0, full, kernel, "the European kernel, 50,000 prices in a row"),
        at_most(f"{NAME}, American", 3.0, trees, qdfp, "QuantLib's QdFp-fast for 50,000"),
    ]


def _prices(chain: Chain) -> Chain:
    """The 50,000 contracts that the scenarios ask for."""
    moves, points = (
        np.array([getattr(each, name) for each in SCENARIOS]) for name in ("move_pct", "vol_points")
    )
    _, strike, years, rate, carry, vol, call = chain.inputs
    spots = 100.0 * (1.0 + moves[:, None] / 100.0)
    vols = np.maximum(vol + points[:, None] / 100.0, 0.01)
    return spread(Chain(spot=spots, strike=strike, years=years, rate=rate, carry=carry, vol=vols, call=call))
