"""How long the loop that sends orders waits for its turn while strategies are analysed beside it.

The loop asks for a turn every millisecond, as an order that has just been approved would. Analyses of
American legs run meanwhile, two at a time, as fast as they come; the same on the loop itself stands beside.
Threads of one interpreter share a core, so some waiting is left.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from itertools import count

from scripts.bench.figures import Figure, micros, percentile
from scripts.bench.market.chains import exchange, gateway
from sumppump.kernel.money import Premium
from sumppump.strategies.analysis import Scene, analyse
from sumppump.strategies.drafts import Draft, DraftBook
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.service import StrategyService

AT_ONCE = 2
WATCH_S = 4.0
TURN_S = 0.001
TARGET = 0.1

Look = Callable[[Draft, Premium], Awaitable[object]]


async def waits(draft: Draft, look: Look) -> tuple[list[float], int]:
    """Seconds that the loop came late to each of its turns, and how many analyses were made meanwhile."""
    late: list[float] = []
    cents, until = count(1), time.perf_counter() + WATCH_S

    async def analyses() -> int:
        made = 0
        while time.perf_counter() < until:
            await look(draft, draft.net_premium + Premium(Decimal(next(cents)) / 100))
            made += 1
        return made

    async def turns() -> None:
        while (asked := time.perf_counter()) < until:
            await asyncio.sleep(TURN_S)
            late.append(max(0.0, time.perf_counter() - asked - TURN_S))

    _, *made = await asyncio.gather(turns(), *(analyses() for _ in range(AT_ONCE)))
    return late, sum(made)


async def on_the_loop(draft: Draft, premium: Premium) -> object:
    """The same analysis where it would keep everybody waiting."""
    scene = Scene(
        underlying=draft.underlying,
        spot=draft.spot,
        quotes=draft.quotes,
        now=draft.as_of,
        assumptions=draft.assumptions,
        neighbours=draft.neighbours,
    )
    found = analyse(draft.combo, quantity=draft.quantity, premium=premium, scene=scene)
    await asyncio.sleep(0)
    return found


async def measure() -> list[Figure]:
    """The loop's waits with the analyses beside it and on it."""
    async with exchange() as port, gateway(port, 1) as found:
        strategies = StrategyService(
            directory=found.directory,
            market=found.market,
            clock=found.clock,
            drafts=DraftBook(found.clock.monotonic),
        )
        draft = await strategies.build(
            StrategyRequest.read(strategy_type="iron_condor", symbol="SPY", dte=30)
        )
        beside, made = await waits(draft, strategies.at_premium)
        inline, _ = await waits(draft, on_the_loop)
    usual, worst = percentile(inline, 0.5), percentile(beside, 0.99)
    return [
        Figure(
            name="the loop's wait with analyses beside it, p99 / with the analyses on it, p50",
            value=worst / usual,
            target=TARGET,
            note=f"p50 {micros(percentile(beside, 0.5))}, p99 {micros(worst)}, longest {micros(max(beside))};"
            f" on it p50 {micros(usual)}, longest {micros(max(inline))};"
            f" {made / WATCH_S:.0f} analyses/s beside it",
        )
    ]
