"""Ticks of the exchange to a real client over a real socket, and an order's round trip beside them.

The exchange runs in a process of its own at a speed at which 100 option lines carry more than 10,000 ticks a
second; the client is the unmodified library.
"""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import tempfile
import time

from ib_async import IB, Contract, LimitOrder, Option, Stock, Ticker

from scripts.bench.figures import Figure, micros, percentile

SPEED = 40.0
LINES = 100
WATCH_S = 6.0
ORDERS = 40
TICKS_PER_S = 10_000
SPY = 756733


class Exchange:
    """One exchange process."""

    def __init__(self, *, speed: float) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="sumppump-bench-", ignore_cleanup_errors=True)
        command = [sys.executable, "-m", "sumppump", "sim", "--port", "0", "--home", self._home.name]
        self._process = subprocess.Popen(
            [*command, "--speed", str(speed)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline().rsplit(":", 1)[1])

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._home.cleanup()


async def subscribed(ib: IB, lines: int) -> list[Ticker]:
    """Market data of the options nearest the money, at the pace that the exchange allows."""
    (chain, *_) = await ib.reqSecDefOptParamsAsync("SPY", "", "STK", SPY)
    expiry = sorted(chain.expirations)[6]
    details = await ib.reqContractDetailsAsync(Option("SPY", expiry, exchange="SMART"))
    (stock,) = await ib.reqTickersAsync(Stock("SPY", "SMART", "USD", conId=SPY))
    near = sorted(details, key=lambda d: abs(d.contract.strike - stock.marketPrice()))[:lines]
    return [ib.reqMktData(detail.contract) for detail in near]


async def round_trips(ib: IB, contract: Contract, count: int) -> list[float]:
    """Seconds from placing a resting order to the first word about it."""
    samples = []
    for _ in range(count):
        started = time.perf_counter()
        trade = ib.placeOrder(contract, LimitOrder("BUY", 1, 1.0, tif="DAY"))
        await asyncio.wait_for(trade.statusEvent, 10)
        samples.append(time.perf_counter() - started)
        ib.cancelOrder(trade.order)
        await asyncio.sleep(0.1)
    return samples


async def measure() -> list[Figure]:
    """Idle round trips first, then the same under the ticks."""
    exchange = Exchange(speed=SPEED)
    logging.getLogger("ib_async").setLevel(logging.CRITICAL)  # cancels come as errors 202
    ib = IB()
    try:
        await ib.connectAsync("127.0.0.1", exchange.port, clientId=3)
        stock = Stock("AAPL", "SMART", "USD")
        await ib.qualifyContractsAsync(stock)
        idle = await round_trips(ib, stock, ORDERS)
        tickers = await subscribed(ib, LINES)
        await asyncio.sleep(4.0)
        started, before = time.perf_counter(), ib.client.connectionStats()
        busy, _ = await asyncio.gather(round_trips(ib, stock, ORDERS), asyncio.sleep(WATCH_S))
        seconds = time.perf_counter() - started
        after = ib.client.connectionStats()
    finally:
        ib.disconnect()
        exchange.close()
    # Everything that came is a tick but for a handful of messages about the orders.
    rate = (after.numMsgRecv - before.numMsgRecv) / seconds
    megabytes = (after.numBytesRecv - before.numBytesRecv) / 1e6
    quiet, loaded = percentile(idle, 0.5), percentile(busy, 0.5)
    return [
        Figure(
            name="10,000 ticks/s / delivered to ib_async over 100 lines",
            value=TICKS_PER_S / rate,
            target=1.0,
            note=f"{rate:,.0f} ticks/s over {len(tickers)} lines, {megabytes / seconds:.1f} MB/s",
        ),
        Figure(
            name="an order's round trip under these ticks / idle, p50",
            value=loaded / quiet,
            target=10.0,
            note=f"{micros(loaded)} / {micros(quiet)}; p99 {micros(percentile(busy, 0.99))}",
        ),
    ]
