"""Cold chains with Greeks against the least that 45 messages/s and 100 lines allow; the naive ways beside.

The exchange runs in a process of its own with TWS's limits. Every run has a client and an expiry of its own,
so that nothing is known but the underlying and its classes, and waits until the bucket of messages is full.
The floor is a full bucket, one message a contract and one for the listing, one more for every line that is
used again, and the exchange's first answer: what a client that only reads bytes waits for the listing of
another expiry and the first full bucket of quotes. Small chains are measured several times, in turns with it.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

import ib_async

from scripts.bench.figures import Figure, micros
from scripts.bench.market.burst import burst_s
from sumppump.data.chain_request import ChainRequest
from sumppump.data.chains import ChainService
from sumppump.domain.instruments import OptionContract, Underlying
from sumppump.domain.quotes import Quote
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.lines import wire_contract
from sumppump.tws.settings import TwsSettings

RATE = 45
LINES = 100
SIZES = (40, 100, 400)
LARGEST = 2000
NAIVE = 100
ONE_BY_ONE = 40
BATCH = 100
FEW = 5
RAW_CLIENT = 99
TARGET = 1.15
SYMBOL = "SPX"
CLASS = "SPXW"
QUIET_S = 3.0
"""Until lingering lines are given back and the bucket is full again."""


def floor_s(contracts: int, first_answer_s: float) -> float:
    """The least time for a listing and `contracts` quotes, from a full bucket."""
    messages = contracts + 1 + max(0, contracts + 1 - LINES)
    return max(0, messages - RATE) / RATE + first_answer_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One cold chain.

    Attributes:
        seconds: until all rows are there; floor_s: the least.
        rows: how many have both sides and Greeks.
    """

    contracts: int
    seconds: float
    floor_s: float
    rows: int

    def figure(self, name: str, target: float | None) -> Figure:
        """Against the floor."""
        words = f"{micros(self.seconds)} / {micros(self.floor_s)}; complete rows: {self.rows}"
        return Figure(name=name, value=self.seconds / self.floor_s, target=target, note=words)


@asynccontextmanager
async def exchange() -> AsyncIterator[int]:
    """The port of an embedded exchange that nobody else uses."""
    with tempfile.TemporaryDirectory(prefix="sumppump-bench-", ignore_cleanup_errors=True):
        command = ("-m", "sumppump", "sim", "--port", "0", "--seed", "7")
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            assert process.stdout is not None
            line = (await process.stdout.readline()).decode()
            yield int(line.rsplit(":", 1)[1])
        finally:
            process.terminate()
            await process.wait()


@asynccontextmanager
async def gateway(
    port: int, client_id: int, *, lines: int = LINES, rate: float = RATE
) -> AsyncIterator[TwsGateway]:
    """A connected client with all lines and messages a second that TWS grants, unless told otherwise."""
    found = TwsGateway(TwsSettings(port=port, client_id=client_id, line_limit=lines, messages_per_s=rate))
    up = asyncio.Event()
    found.broker.subscribe(lambda event: up.set() if found.broker.link().connected else None)
    await found.start()
    try:
        if not found.broker.link().connected:
            await up.wait()
        yield found
    finally:
        await found.stop()


async def listed(found: TwsGateway) -> tuple[Underlying, tuple[date, ...]]:
    """The underlying and the expiries of the class, farther than a week."""
    underlying = await found.directory.underlying(SYMBOL)
    classes = await found.directory.option_classes(underlying)
    days = next(each.expiries for each in classes if each.trading_class == CLASS)
    return underlying, days[6:]


async def first_answer(port: int, day: date, contracts: int) -> float:
    """Seconds of the exchange alone for a listing and as many quotes as a full bucket carries."""
    first = min(contracts, RATE - 1)
    seconds = await asyncio.to_thread(burst_s, port, RAW_CLIENT, SYMBOL, CLASS, day, first)
    await asyncio.sleep(QUIET_S)
    return seconds


async def cold_chain(port: int, client_id: int, contracts: int) -> Run:
    """Through `ChainService`, as the tool asks for it; the median of several for what takes a moment."""
    tries = FEW if contracts < LINES else 1
    seconds, firsts, full = [], [], []
    for number in range(tries):
        async with gateway(port, client_id + number) as found:
            _, days = await listed(found)
            firsts.append(await first_answer(port, days[2 * number], contracts))
            service = ChainService(directory=found.directory, market=found.market, clock=found.clock)
            request = ChainRequest(
                symbol=SYMBOL, expiry=days[2 * number + 1], trading_class=CLASS, strikes_around=500,
                limit=contracts, include_stats=False,
            )  # fmt: skip
            started = time.perf_counter()
            chain = await service.chain(request)
            seconds.append(time.perf_counter() - started)
            full.append(sum(_is_complete(row.quote) for row in chain.rows))
    floor = floor_s(contracts, statistics.median(firsts))
    return Run(contracts=contracts, seconds=statistics.median(seconds), floor_s=floor, rows=min(full))


def _is_complete(quote: Quote) -> bool:
    return quote.mid is not None and quote.greeks is not None


async def many_options(found: TwsGateway, count: int) -> list[OptionContract]:
    """Contracts of as many expiries as it takes, those nearest the money first in each."""
    underlying, days = await listed(found)
    (spot,) = await found.market.quotes([underlying])
    level = float(spot.last or 0)
    options: list[OptionContract] = []
    for day in days:
        each = await found.directory.options(underlying, day, trading_class=CLASS)
        options += sorted(each, key=lambda option: abs(float(option.strike) - level))
        if len(options) >= count:
            break
    return options[:count]


async def largest(port: int, client_id: int) -> Run:
    """Two thousand contracts below the tool: `market.quotes` alone."""
    async with gateway(port, client_id) as found:
        _, days = await listed(found)
        options = await many_options(found, LARGEST)
        first = await first_answer(port, days[-1], RATE)
        started = time.perf_counter()
        quotes = await found.market.quotes(options, deadline_s=300.0)
        seconds = time.perf_counter() - started
        full = sum(_is_complete(quote) for quote in quotes)
        return Run(contracts=len(options), seconds=seconds, floor_s=floor_s(len(options), first), rows=full)


async def naive(
    port: int, client_id: int, options: Sequence[OptionContract], batch: int
) -> tuple[float, int]:
    """Seconds by `reqTickers` of the library's facade in batches, and complete rows."""
    ib = ib_async.IB()
    await ib.connectAsync("127.0.0.1", port, clientId=client_id)
    try:
        contracts = [wire_contract(each) for each in options]
        await ib.qualifyContractsAsync(*contracts[:1])
        started = time.perf_counter()
        tickers = []
        for at in range(0, len(contracts), batch):
            tickers += await ib.reqTickersAsync(*contracts[at : at + batch])
        seconds = time.perf_counter() - started
        full = sum(each.hasBidAsk() and each.modelGreeks is not None for each in tickers)
        return seconds, full
    finally:
        ib.disconnect()


async def naive_figures(port: int) -> list[Figure]:
    """Both naive ways over the same contracts; figures without a target."""
    async with gateway(port, 90) as found:
        _, days = await listed(found)
        options = await many_options(found, NAIVE)
        first = await first_answer(port, days[-1], RATE)
    ways = (
        (f"ib_async reqTickers, {NAIVE} contracts in a batch of {BATCH}", options, BATCH, 91),
        (f"ib_async reqTickers, {ONE_BY_ONE} contracts one at a time", options[:ONE_BY_ONE], 1, 92),
    )
    figures = []
    for name, some, batch, client_id in ways:
        seconds, full = await naive(port, client_id, some, batch)
        run = Run(contracts=len(some), seconds=seconds, floor_s=floor_s(len(some), first), rows=full)
        figures.append(run.figure(f"{name} / what the wire allows", None))
    return figures


async def cold(sizes: Sequence[int], target: float = TARGET) -> list[Figure]:
    """Cold chains of these sizes, each with a client of its own."""
    async with exchange() as port:
        runs = [await cold_chain(port, 10 * (1 + place), size) for place, size in enumerate(sizes)]
    return [
        run.figure(f"cold chain of {run.contracts} with Greeks / what the wire allows", target)
        for run in runs
    ]


async def measure() -> list[Figure]:
    """Cold chains through the service, the largest below it, and the naive ways."""
    figures = await cold(SIZES)
    async with exchange() as port:
        run = await largest(port, 80)
        figures.append(run.figure(f"{run.contracts} quotes with Greeks / what the wire allows", TARGET))
        figures += await naive_figures(port)
    return figures
