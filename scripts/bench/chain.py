"""A cold chain of 100 contracts with Greeks, against the least that 45 messages/s and 100 lines allow."""

from __future__ import annotations

import asyncio
import statistics
import time

from scripts.bench.figures import Figure, micros
from sumppump.domain.instruments import OptionContract
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings

CONTRACTS = 100
RATE = 45
LINES = 100
RUNS = 5


def floor_s(contracts: int, first_answer_s: float) -> float:
    """Least time with a full bucket: one request to list, one a contract, one more for each line reused."""
    messages = contracts + 1 + max(0, contracts + 1 - LINES)
    return max(0, messages - RATE) / RATE + first_answer_s


async def connected(gateway: TwsGateway) -> None:
    """Wait for the first session."""
    up = asyncio.Event()
    gateway.broker.subscribe(lambda event: up.set() if gateway.broker.link().connected else None)
    if not gateway.broker.link().connected:
        await up.wait()


async def one_run(port: int, client_id: int) -> tuple[float, float, int]:
    """Seconds for the cold chain, for the exchange's first answer, and how many rows have Greeks."""
    gateway = TwsGateway(TwsSettings(port=port, client_id=client_id, line_limit=LINES))
    await gateway.start()
    try:
        await connected(gateway)
        underlying = await gateway.directory.underlying("QQQ")
        (spot,) = await gateway.market.quotes([underlying])
        started = time.perf_counter()
        await gateway.market.quotes([await gateway.directory.underlying("IWM")])
        first_answer = time.perf_counter() - started
        classes = await gateway.directory.option_classes(underlying)
        # Let the bucket fill again: the floor is counted from a full one.
        await asyncio.sleep(1.2)
        started = time.perf_counter()
        options = await gateway.directory.options(underlying, classes[0].expiries[8])
        quotes = await gateway.market.quotes(nearest(options, float(spot.mid or 0)))
        seconds = time.perf_counter() - started
        return seconds, first_answer, sum(quote.greeks is not None for quote in quotes)
    finally:
        await gateway.stop()


def nearest(options: list[OptionContract] | tuple[OptionContract, ...], spot: float) -> list[OptionContract]:
    """The contracts nearest the money."""
    return sorted(options, key=lambda option: abs(float(option.strike) - spot))[:CONTRACTS]


async def measure() -> list[Figure]:
    """The median of several runs, each with a client of its own."""
    server = EmbeddedServer(SimSettings(seed=7))
    await server.start()
    try:
        runs = [await one_run(server.port, 40 + number) for number in range(RUNS)]
    finally:
        await server.close()
    floor = floor_s(CONTRACTS, statistics.median(first for _, first, _ in runs))
    seconds = statistics.median(seconds for seconds, _, _ in runs)
    greeks = min(count for _, _, count in runs)
    return [
        Figure(
            name=f"cold chain of {CONTRACTS} with Greeks / what the wire allows",
            value=seconds / floor,
            target=1.2,
            note=f"{micros(seconds)} / {micros(floor)}; rows with Greeks: {greeks}",
        )
    ]
