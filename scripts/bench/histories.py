"""A year of daily bars on the embedded exchange, and how long others wait for an answer while it is made.

Each bar is summed up from the seconds of its session. The least that a symbol's year can cost is drawing the
two walks that are its own and its sector's, which numpy does alone beside it, in the same run. Another client
asks for the time every few milliseconds: it may wait for the slice that is being made, and hardly more.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from scripts.bench.figures import Figure, micros, percentile
from scripts.bench.market.chains import exchange
from scripts.bench.raw_client import RawClient
from sumppump.exchange.house_rules import HOUSE_RULES
from sumppump.exchange.wire.account_requests import ReqCurrentTime
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_requests import ReqHistoricalData

FIRST, SYMBOLS = "SPY", ("AAPL", "MSFT", "KO", "TSLA", "AMD")
SESSIONS, SECONDS, WALKS = 252, 23_400, 2
PAUSE_S = 0.025  # between two questions: two clients stay within the 50 messages a second of each
TIME, BARS = b"49\0", b"17\0"
TIMES_THE_WALKS, SLICES_WAITED = 3.0, 3.0


def year_s(client: RawClient, symbol: str, req_id: int) -> float:
    """Seconds until a year of adjusted daily bars is there."""
    contract = Contract(symbol=symbol, sec_type="STK", exchange="SMART", currency="USD")
    started = time.perf_counter()
    client.say(
        ReqHistoricalData(
            req_id=req_id,
            contract=contract,
            duration="1 Y",
            bar_size="1 day",
            what_to_show="ADJUSTED_LAST",
            use_rth=1,
        )
    )
    client.until(BARS)
    return time.perf_counter() - started


def walks_s() -> float:
    """Seconds for the walks alone."""
    dice, steps = np.random.default_rng(1), np.empty(SECONDS)
    started = time.perf_counter()
    for _ in range(SESSIONS * WALKS):
        dice.standard_normal(out=steps)
        np.cumsum(steps, out=steps)
    return time.perf_counter() - started


@contextmanager
def asking(client: RawClient) -> Iterator[list[float]]:
    """The seconds that each question for the time takes, asked in a thread until the end."""
    waits: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(PAUSE_S):
            started = time.perf_counter()
            client.say(ReqCurrentTime())
            client.until(TIME)
            waits.append(time.perf_counter() - started)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()


def measured(port: int) -> list[Figure]:
    """Years one after the other; the first brings the market's own walk, which all others share."""
    client, other = RawClient(port), RawClient(port)
    client.greet(1)
    other.greet(2)
    with asking(other) as waits:
        first = year_s(client, FIRST, 1)
        years = [year_s(client, symbol, req_id) for req_id, symbol in enumerate(SYMBOLS, start=2)]
    least = percentile([walks_s() for _ in SYMBOLS], 0.5)
    client.close()
    other.close()
    usual, late = percentile(years, 0.5), percentile(waits, 0.95)
    slice_s = usual * (HOUSE_RULES.history_slice or SESSIONS) / SESSIONS
    return [
        Figure(
            name="a year of daily bars / its walks by numpy alone",
            value=usual / least,
            target=TIMES_THE_WALKS,
            note=f"{micros(usual)} / {micros(least)}; the first symbol {micros(first)}",
        ),
        Figure(
            name="another client's wait for an answer meanwhile, p95 / a slice of the year",
            value=late / slice_s,
            target=SLICES_WAITED,
            note=f"p50 {micros(percentile(waits, 0.5))}, p95 {micros(late)}, longest {micros(max(waits))}",
        ),
    ]


async def measure() -> list[Figure]:
    """On an exchange in a process of its own, with the rules that it has in the house."""
    async with exchange() as port:
        return await asyncio.to_thread(measured, port)
