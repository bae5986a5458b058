"""What risk figures are measured by: the same prices in a vollib loop, and the least that numpy can do."""

from __future__ import annotations

import numpy as np

from scripts.bench.figures import Figure
from scripts.bench.market.references import Chain, vollib_prices
from scripts.bench.timing import SLOW_RUNS, Job, alternating, at_least, at_most, seconds
from sumppump.domain.book import Book, OptionRows, RowLabel, ShareRows
from sumppump.domain.pricing.normal import Array

# A loop over more prices is measured on so many and scaled: it is the same for each.
_LOOPED = 50_000


def book_of(chain: Chain, *, american: bool = False) -> Book:
    """One contract of each, bought, on an underlying at the chain's price."""
    count = len(chain)
    _, strike, years, rate, carry, vol, call = (np.broadcast_to(part, count).copy() for part in chain.inputs)
    options = OptionRows(
        underlying=np.zeros(count, np.intp),
        strike=strike,
        years=years,
        call=call,
        american=np.full(count, american),
        units=np.full(count, 100.0),
        vol=vol,
        rate=rate,
        carry=carry,
        when=np.zeros((0, count)),
        cash=np.zeros((0, count)),
    )
    nothing = np.zeros((0, 0))
    return Book(
        symbols=("SPY",),
        spots=np.array([chain.spot], dtype=np.float64).reshape(1),
        options=options,
        shares=ShareRows(underlying=np.zeros(0, np.intp), units=np.zeros(0), when=nothing, cash=nothing),
        labels=tuple(RowLabel(con_id=row, symbol="SPY", words=f"row {row}") for row in range(count)),
    )


def spread(chain: Chain) -> Chain:
    """Parts that broadcast together as columns of one length."""
    parts = [part.reshape(-1) for part in np.broadcast_arrays(*chain.inputs)]
    s, k, t, r, q, vol, call = parts
    return Chain(spot=s, strike=k, years=t, rate=r, carry=q, vol=vol, call=call)


def beside(
    name: str, ours: Job, prices: Chain, *, times: float | None, runs: int = SLOW_RUNS
) -> list[Figure]:
    """A job against a loop of vollib over the same prices, and against numpy's floor for as many.

    Args:
        name: of the figure.
        ours: the job.
        prices: every price that it needs, as columns of one length.
        times: how many times as fast as the loop it must be, None where nothing is asked.
        runs: of the job and the floor.
    """
    count = len(prices)
    taken, least = alternating(ours, floor(count), runs=runs)
    looped = min(count, _LOOPED)
    some = Chain(**{name: part[:looped] for name, part in _columns(prices).items()})
    loop = seconds(lambda: vollib_prices(some), 3) * count / looped
    whose = "a vollib loop" if looped == count else f"a vollib loop, scaled from {looped:,} prices"
    against = at_least(name, times, taken, loop, whose) if times else at_most(name, None, taken, loop, whose)
    return [against, at_most(name, None, taken, least, f"numpy's exp over {count:,} numbers in memory")]


def floor(count: int) -> Job:
    """Read numbers, take their exponentials, write them: no price can be had for less."""
    numbers: Array = np.linspace(-1.0, 1.0, count)
    return lambda: np.exp(numbers)


def _columns(chain: Chain) -> dict[str, Array]:
    names = ("spot", "strike", "years", "rate", "carry", "vol", "call")
    return dict(zip(names, chain.inputs, strict=True))
