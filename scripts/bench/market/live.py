"""A followed chain: how soon it is answered over stdio, and how soon it shows a tick.

The answer comes from a real `serve` process on its own exchange; the bare SDK with a ready answer of the
same size stands beside it. The ticks come from an exchange that runs fast in a process of its own, through
the real decoder. A tick's way is taken in two pieces: what waits on the socket before it (the round trip of
a request for the time, which queues behind the ticks) and from its decoding to the flush that shows it.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from mcp import Client

from scripts.bench.exchange import cores, server
from scripts.bench.figures import Figure, micros, percentile
from scripts.bench.market.chains import gateway as connected_gateway
from scripts.bench.sim_server import pin
from scripts.bench.stdio import servers
from sumppump.bootstrap.exchange_process import control
from sumppump.data.live import LiveBoard
from sumppump.domain.instruments import Instrument
from sumppump.ports.market import Need, Stream
from sumppump.tws.gateway import TwsGateway

TURNS, CALLS = 10, 30
CHAIN = {"symbol": "SPY", "strikes_around": 10}
WARM_LIMIT_S = 0.005
LINES = 100
LINES_WITH_QUESTIONS = 120  # a tenth is never pinned
FAST = 1_000.0  # messages a second to that exchange, which has no limit
TICKS_PER_S = 10_000
UPDATE_LIMIT_S = 0.1
SPEED = ("15", "0.025")
"""Speed and turn at which 100 lines bring some more ticks than that."""
WARM_UP_S = 4.0
WATCH_S = 10.0


# -- over stdio -------------------------------------------------------------------------------
async def call_seconds(client: Client, tool: str, arguments: dict[str, Any]) -> float:
    """One call that must not fail."""
    started = time.perf_counter()
    result = await client.call_tool(tool, arguments)
    seconds = time.perf_counter() - started
    assert not result.is_error, result
    return seconds


async def first_pictures(client: Client) -> None:
    """Wait until every followed contract has told something."""
    while True:
        status = (await client.call_tool("trade_get_live_status", {})).structured_content or {}
        if status["contracts"] and not any(each["waiting"] for each in status["following"]):
            return
        await anyio.sleep(0.1)


async def warm_figures() -> list[Figure]:
    """The same chain again and again while it is followed, cold once before; the servers take turns."""
    with tempfile.TemporaryDirectory(prefix="sumppump-bench-", ignore_cleanup_errors=True) as home:
        ours, mindless = servers(home)
        async with Client(ours) as client, Client(mindless) as reference:
            await client.call_tool("trade_get_quote", {"symbol": "SPY"})
            cold = await call_seconds(client, "trade_get_options_chain", CHAIN)
            await call_seconds(client, "trade_start_live_updates", CHAIN)
            await first_pictures(client)
            await anyio.sleep(1.0)
            warm: list[float] = []
            bare: list[float] = []
            for _ in range(TURNS):
                warm += [await call_seconds(client, "trade_get_options_chain", CHAIN) for _ in range(CALLS)]
                bare += [await call_seconds(reference, "table", {}) for _ in range(CALLS)]
        control(Path(home), "stop")
    p50, p95, floor = percentile(warm, 0.5), percentile(warm, 0.95), percentile(bare, 0.5)
    return [
        Figure(
            name=f"followed chain over stdio, p95 / {WARM_LIMIT_S * 1e3:g} ms",
            value=p95 / WARM_LIMIT_S,
            target=1.0,
            note=f"p50 {micros(p50)}, p95 {micros(p95)}; asked cold {micros(cold)}",
        ),
        Figure(
            name="followed chain over stdio, p50 / bare SDK with a ready answer as large",
            value=p50 / floor,
            target=1.0,
            note=f"{micros(p50)} / {micros(floor)}",
        ),
    ]


# -- ticks ------------------------------------------------------------------------------------
@dataclass(slots=True)
class Timed:
    """A market whose ticks are stamped on their way to the board."""

    market: Any
    first: dict[int, float] = field(default_factory=dict)

    async def follow(
        self,
        instruments: Sequence[Instrument],
        *,
        changed: Callable[[int], None],
        need: Need = Need.PINNED,
        greeks: bool = True,
    ) -> Sequence[Stream]:
        """See `ports.market.MarketData`."""

        def stamped(con_id: int) -> None:
            self.first.setdefault(con_id, time.perf_counter())
            changed(con_id)

        return list(await self.market.follow(instruments, changed=stamped, need=need, greeks=greeks))

    def lines(self) -> tuple[int, int]:
        """See `ports.market.MarketData`."""
        used, limit = self.market.lines()
        return int(used), int(limit)


@dataclass(slots=True)
class Count:
    """Ticks that a gateway has decoded."""

    count: int = 0

    @classmethod
    def of(cls, gateway: TwsGateway) -> Count:
        """Count from now on."""
        counted, router = cls(), gateway._lines.router
        for name in ("number", "greeks", "text"):
            setattr(router, name, counted.passing(getattr(router, name)))
        return counted

    def passing(self, taken: Callable[..., None]) -> Callable[..., None]:
        """The same handler, counted."""

        def count(*tick: Any) -> None:  # noqa: ANN401 - whatever the handler takes
            self.count += 1
            taken(*tick)

        return count


async def hundred_lines(gateway: TwsGateway) -> list[Instrument]:
    """A share and the options around its money."""
    share = await gateway.directory.underlying("SPY")
    (classes, *_) = await gateway.directory.option_classes(share)
    (quote,) = await gateway.market.quotes([share])
    options = await gateway.directory.options(share, classes.expiries[8])
    spot = float(quote.mid or quote.last or 0)
    return [share, *sorted(options, key=lambda each: abs(float(each.strike) - spot))[: LINES - 1]]


async def watched(gateway: TwsGateway) -> tuple[list[float], list[float], float]:
    """Seconds from decoding to the flush, seconds of round trips behind the ticks, ticks a second."""
    timed, ticks = Timed(gateway.market), Count.of(gateway)
    board = LiveBoard(timed, gateway.clock)  # type: ignore[arg-type]
    shown: list[float] = []

    def note(changed: frozenset[int]) -> None:
        now = time.perf_counter()
        shown.extend(now - timed.first.pop(con_id) for con_id in changed if con_id in timed.first)

    running = asyncio.create_task(board.run())
    await board.hold("bench", await hundred_lines(gateway))
    await asyncio.sleep(WARM_UP_S)
    board.on_change.append(note)
    trips = []
    ticks.count, began = 0, time.perf_counter()
    while time.perf_counter() - began < WATCH_S:
        started = time.perf_counter()
        await gateway.sync_clock()
        trips.append(time.perf_counter() - started)
        await asyncio.sleep(0.05)
    rate = ticks.count / (time.perf_counter() - began)
    running.cancel()
    board.release("bench")
    return shown, trips, rate


async def update_figures() -> list[Figure]:
    """How soon 100 lines show their ticks, and whether there were as many ticks as wanted."""
    with server("sim_server", *SPEED) as port:
        async with connected_gateway(port, 21, lines=LINES_WITH_QUESTIONS, rate=FAST) as gateway:
            shown, trips, rate = await watched(gateway)
    worst = percentile(shown, 0.95) + percentile(trips, 0.95)
    return [
        Figure(
            name=f"tick to chain on {LINES} lines, p95 / {UPDATE_LIMIT_S * 1e3:g} ms",
            value=worst / UPDATE_LIMIT_S,
            target=1.0,
            note=f"decoded to shown p50 {micros(percentile(shown, 0.5))},"
            f" p95 {micros(percentile(shown, 0.95))}; behind the ticks p95 {micros(percentile(trips, 0.95))}",
        ),
        Figure(
            name=f"{TICKS_PER_S:,} ticks/s / taken meanwhile",
            value=TICKS_PER_S / rate,
            target=1.0,
            note=f"{rate:,.0f} ticks/s through the decoder",
        ),
    ]


async def measure() -> list[Figure]:
    """All of them; this process keeps to the client's core while the exchange runs fast."""
    warm = await warm_figures()
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    pin(cores()[1])
    try:
        return [*warm, *await update_figures()]
    finally:
        if usable is not None:
            os.sched_setaffinity(0, usable)
