"""Ideas of every strategy on four expiries, thousands at once, rated beside their own prices in a row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from scripts.bench.figures import Figure
from scripts.bench.timing import alternating, at_most
from sumppump.domain.instruments import OptionContract, Right, SecType, Underlying
from sumppump.domain.pricing import european, european_prices
from sumppump.domain.pricing.normal import Array
from sumppump.domain.quotes import Quote
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.surface import surface_of
from sumppump.kernel.money import Premium
from sumppump.strategies.catalogue import CATALOGUE
from sumppump.strategies.ideas.generating import Batch, Pool, batch_of
from sumppump.strategies.ideas.scoring import Measure, Rated, rated
from sumppump.strategies.ideas.sifting import sift
from sumppump.strategies.ideas.slices import Slice
from sumppump.strategies.ideas.wish import Wish
from sumppump.strategies.listing import Chain

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
DAYS, SPOT, RATE = (14, 21, 30, 45), 600.0, 0.04
INDEX = Underlying(con_id=1, symbol="XYZ", sec_type=SecType.IND, exchange="CBOE")
MOST = 30
# Jobs of like length take turns: on a busy machine a short one is seldom interrupted.
PASSES = 6
PAST = Measure(realised=0.22, error=0.03, words="half-way to 22 %")
WISH = Wish(symbol="XYZ", level=4)


async def measure() -> list[Figure]:
    """Strategies of one expiry: those of two are repriced at the first, which is pricing again.

    This is more than scoring, which `candidates` measures: Reg T, early exercise, five views of one expiry.
    """
    nears = _slices()
    pool = Pool.of(list(_batches(nears)), nears)
    strikes = pool.contracts.strike.take(pool.leg)[pool.ratio != 0.0]
    calls = pool.contracts.call.take(pool.leg)[pool.ratio != 0.0]

    def priced() -> Array:
        return european_prices(SPOT, strikes, 0.1, RATE, 0.0, 0.2, calls)

    def score() -> Rated:
        return rated(pool, PAST, part=0.15)

    def passes() -> list[Array]:
        return [priced() for _ in range(PASSES)]

    ours, beside = alternating(score, passes, runs=51)
    found, price_pass = score(), beside / PASSES
    sifting, _ = alternating(lambda: sift(found, WISH, 8), priced, runs=51)
    name = f"{len(pool):,} ideas of {len(pool.batches)} strategies and expiries"
    whose = f"their {len(strikes):,} European prices in a row"
    return [
        at_most(f"{name} rated: margin, odds, five means", 5.0, ours, price_pass, whose),
        at_most(f"{name} sifted", 2.0, sifting, price_pass, whose),
    ]


def _batches(nears: list[Slice]) -> Iterator[Batch]:
    for number, near in enumerate(nears):
        for shape in CATALOGUE:
            holds_shares = any(leg.right is None for leg in shape.legs)
            if shape.has_far or holds_shares:
                continue
            batch = batch_of(shape, near, numbers=(number, None), most=MOST)
            if batch is not None:
                yield batch


def _slices() -> list[Slice]:
    """Chains of a market with a skew, every option quoted a cent around its price."""
    options = [option for days in DAYS for option in _listed(days)]
    quotes = [_quote(option) for option in options]
    sighted = surface_of(quotes, spot=SPOT, now=NOW, assume=Assumptions(rate=RATE, is_american=False))
    expiries = sorted({option.expiry for option in options})
    chains = [Chain.of(INDEX, day, (each for each in options if each.expiry == day)) for day in expiries]
    return [near for chain in chains if (near := Slice.of(chain, quotes, sighted)) is not None]


def _listed(days: int) -> Iterator[OptionContract]:
    last = NOW.replace(hour=21) + timedelta(days=days)
    for number, strike in enumerate(np.arange(520, 681, 2).tolist()):
        for right in Right:
            yield OptionContract(
                con_id=10_000 * days + 2 * number + (right is Right.PUT),
                symbol="XYZ",
                right=right,
                strike=Decimal(strike),
                expiry=last.date(),
                last_trade=last,
                multiplier=100,
                trading_class="XYZ",
            )


def _quote(option: OptionContract) -> Quote:
    strike = float(option.strike)
    vol = 0.18 - 0.25 * (strike / SPOT - 1.0)
    fair = european(SPOT, strike, option.years(NOW), RATE, 0.0, vol, option.right).price
    sides = (Premium(Decimal(f"{max(0.01, fair + side):.4f}")) for side in (-0.01, 0.01))
    bid, ask = sides
    return Quote(instrument=option, as_of=NOW, taken=0.0, bid=bid, ask=ask)
