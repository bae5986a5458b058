"""5,000 candidate strategies of four legs priced and scored: premium, bounds, breakevens, chances, mean."""

from __future__ import annotations

import math

import numpy as np

from scripts.bench.figures import Figure
from scripts.bench.market.references import Chain
from scripts.bench.risk.references import beside, spread
from scripts.bench.timing import alternating, at_most
from sumppump.domain.candidates import Candidates, expected, scored
from sumppump.domain.distribution import Distribution
from sumppump.domain.pricing import european_prices
from sumppump.domain.pricing.normal import Array
from sumppump.domain.probability import Outlook
from sumppump.domain.smile import Smile, VolPoint

COUNT, SPOT, RATE = 5_000, 600.0, 0.04
EXPIRIES = np.array([7, 14, 21, 30, 45, 60]) / 365
CALLS, RATIO = np.array([False, False, True, True]), np.array([1.0, -1.0, -1.0, 1.0])
MOST_MS, PASSES = 25.0, 3


async def measure() -> list[Figure]:
    """Scoring beside its prices, and both together beside a loop that only prices."""
    legs, expiry = _legs()
    smiles = [_smile(float(years)) for years in EXPIRIES]
    vols = np.empty_like(legs.strike)
    for place, smile in enumerate(smiles):
        rows = expiry == place
        vols[rows] = smile.curve(np.log(legs.strike[rows]))[0]
    years = np.broadcast_to(EXPIRIES[expiry][:, None], legs.strike.shape)
    chain = Chain(spot=SPOT, strike=legs.strike, years=years, rate=RATE, carry=0.0, vol=vols, call=legs.call)
    outlooks = [
        Outlook(spot=SPOT, forward=SPOT * math.exp(RATE * t), years=float(t), smile=smile)
        for t, smile in zip(EXPIRIES, smiles, strict=True)
    ]

    def priced() -> Array:
        return european_prices(*chain.inputs)

    def score(prices: Array) -> Array:
        candidates = Candidates(strike=legs.strike, call=legs.call, ratio=legs.ratio, price=prices)
        outcomes = [Distribution.of(each) for each in outlooks]
        found = scored(candidates, outcomes, expiry)
        return found.chance_of_profit + expected(candidates, outcomes, expiry)

    prices = priced()
    # Jobs of like length take turns: on a busy machine a short one is seldom interrupted.
    ours, passes = alternating(lambda: score(prices), lambda: [priced() for _ in range(PASSES)], runs=51)
    price_pass = passes / PASSES
    name = "5,000 four-legged candidates"
    beyond = Figure(name=f"{name} scored, beyond their prices", value=1e3 * ours, target=MOST_MS, unit="ms")
    return [
        at_most(f"{name} scored", 5.0, ours, price_pass, "their 20,000 European prices"),
        beyond,
        *beside(f"{name} priced and scored", lambda: score(priced()), spread(chain), times=None, runs=21),
    ]


def _smile(years: float) -> Smile:
    points = (VolPoint(k, 0.18 - 0.3 * math.log(k / SPOT), 1e-4) for k in np.linspace(480.0, 700.0, 23))
    found = Smile.of(points, years)
    assert found is not None
    return found


def _legs() -> tuple[Candidates, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Iron condors of all widths about the price."""
    random = np.random.default_rng(5)
    below = np.sort(random.integers(500, 598, (COUNT, 2)), axis=1)
    above = np.sort(random.integers(602, 700, (COUNT, 2)), axis=1)
    strike = np.concatenate([below, above], axis=1).astype(np.float64)
    shape = strike.shape
    legs = Candidates(
        strike=strike,
        call=np.broadcast_to(CALLS, shape),
        ratio=np.broadcast_to(RATIO, shape),
        price=np.zeros(shape),
    )
    return legs, random.integers(0, len(EXPIRIES), COUNT)
