"""The exchange by itself: ticks, order round trips, a whole day, memory; beside each a server without a mind.

Every server is a process of its own on one core, and the client reads raw bytes on another. The echo server
writes frames of the sizes that the exchange wrote, through the same kind of socket, in the same run: what
the machine and the event loop would allow. The day runs without a socket, and its bytes go through
the echo server. The figure of ib_async is what its own decoder takes.
"""

from __future__ import annotations

import asyncio
import logging
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ib_async import IB, Option

from scripts.bench.figures import Figure, micros, percentile
from scripts.bench.raw_client import Flow, RawClient, watched
from scripts.bench.sim_server import pin
from sumppump.exchange.wire.account_requests import CancelOrder
from sumppump.exchange.wire.codec import decode_answer, encode_request
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.framing import frame
from sumppump.exchange.wire.handshake import NEWEST
from sumppump.exchange.wire.market_requests import ReqMktData, ReqSecDefOptParams
from sumppump.exchange.wire.place_order import PlaceOrder

LINES = 100
CLIENTS = 5
WATCH_S = 5.0
WARM_UP_S = 2.0
TICKS_PER_S = 20_000
TRIPS_PER_S = 2_000
TRIPS = 3_000
DAY_S = 20.0
DAYS = 3
BOUND_MIB = 320
"""The program with its market and what its caches of prices may hold (144 MiB), which take weeks to fill."""
SPY = 756733
FLAT_OUT = ("200", "0.001")
"""Speed and turn at which every look at the market finds all lines moved, and looks never pause."""
AT_REST = ("1", "0.025")
ORDERS = struct.Struct(">II")
STOCK = Contract(symbol="SPY", sec_type="STK", exchange="SMART", currency="USD")


def cores() -> tuple[int, int]:
    """One for the servers, another one for the client if there is another."""
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    return usable[-1], usable[0]


@contextmanager
def server(module: str, *arguments: str) -> Iterator[int]:
    """A process that says its port; ended afterwards."""
    command = [sys.executable, "-m", f"scripts.bench.{module}", str(cores()[0]), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


# -- ticks ------------------------------------------------------------------------------------
def chain(client: RawClient) -> list[Contract]:
    """The options around the middle of an expiry some weeks ahead."""
    client.say(ReqSecDefOptParams(req_id=1, under_symbol="SPY", under_sec_type="STK", under_con_id=SPY))
    answers = (decode_answer(body, NEWEST) for body in client.until(b"76\x00"))
    smart = next(one for one in answers if getattr(one, "exchange", "") == "SMART")
    middle = len(smart.strikes) // 2
    strikes = sorted(smart.strikes)[middle - LINES // 4 : middle + LINES // 4]
    expiry = sorted(smart.expirations)[8]
    return [
        Contract(symbol="SPY", sec_type="OPT", expiry=expiry, strike=strike, right=right, exchange="SMART")
        for strike in strikes
        for right in ("C", "P")
    ]


def flow(count: int) -> Flow:
    """What so many clients with 100 lines each get from an exchange that never pauses."""
    with server("sim_server", *FLAT_OUT) as port:
        clients = [RawClient(port) for _ in range(count)]
        for client_id, client in enumerate(clients, start=1):
            client.greet(client_id)
            wanted = [ReqMktData(req_id=n, contract=one) for n, one in enumerate(chain(client), start=100)]
            client.say(*wanted)
        watched(clients, WARM_UP_S)
        found = watched(clients, WATCH_S)
        for client in clients:
            client.close()
    return found


def echoed_flow(size: int, count: int) -> Flow:
    """The echo server's flood of frames of a size, to so many clients."""
    with server("echo_server") as port:
        clients = [RawClient(port) for _ in range(count)]
        piece = frame(bytes(size)) * LINES
        for client in clients:
            client.socket.sendall(frame(ORDERS.pack(10_000_000, 0)) + frame(piece))
        watched(clients, WARM_UP_S / 4)
        found = watched(clients, WATCH_S / 4)
        for client in clients:
            client.close()
    return found


def tick_figure(count: int) -> Figure:
    """Ticks per second to all of some clients, and the echo server's frames."""
    ours = flow(count)
    rate = sum(ours.frames)
    echo = sum(echoed_flow(int(sum(ours.bytes) / rate) - 4, count).frames)
    least = min(ours.frames) / max(ours.frames)
    return Figure(
        name=f"{TICKS_PER_S:,} ticks/s / delivered to {count} client{'s' * (count > 1)} of {LINES} lines",
        value=TICKS_PER_S / rate,
        target=1.0,
        note=f"{rate:,.0f} ticks/s, {sum(ours.bytes) / 1e6:.1f} MB/s; the echo server {echo:,.0f} frames/s"
        f" ({echo / rate:.1f} x); slowest / fastest client {least:.2f}",
    )


# -- orders -----------------------------------------------------------------------------------
def trip(client: RawClient, order_id: int) -> None:
    """An order of an odd id placed and its status heard, or the one before cancelled and that heard."""
    if order_id % 2:
        client.say(PlaceOrder(order_id=order_id, contract=STOCK, total_quantity=Decimal(1), lmt_price=100.0))
        client.until(f"3\0{order_id}\0".encode())
    else:
        client.say(CancelOrder(order_id=order_id - 1))
        client.until(f"3\0{order_id - 1}\0Cancelled".encode())


def trips() -> tuple[list[float], int]:
    """Seconds of each round trip on an exchange at rest, one after the other, and bytes of an answer."""
    with server("sim_server", *AT_REST) as port:
        client = RawClient(port)
        client.greet(1)
        before = client.bytes
        samples = [timed(trip, client, order_id) for order_id in range(1, TRIPS + 1)]
        size = (client.bytes - before) // TRIPS
        client.close()
    return samples, size


def echoed_trips(size: int) -> list[float]:
    """The same with a server that answers at once."""
    with server("echo_server") as port:
        client = RawClient(port)
        client.socket.sendall(frame(ORDERS.pack(0, size)))
        request = encode_request(PlaceOrder(order_id=1, contract=STOCK), NEWEST)

        def echo() -> None:
            client.socket.sendall(request)
            client.until(b"\0")

        samples = [timed(echo) for _ in range(TRIPS)]
        client.close()
    return samples


def timed(act: Callable[..., None], *arguments: Any) -> float:  # noqa: ANN401 - what `act` takes
    """Seconds that something takes."""
    started = time.perf_counter()
    act(*arguments)
    return time.perf_counter() - started


def order_figure() -> Figure:
    """Round trips per second, and the echo server's."""
    ours, size = trips()
    echo = echoed_trips(size)
    rate = TRIPS / sum(ours)
    return Figure(
        name=f"{TRIPS_PER_S:,} order round trips/s / one after the other",
        value=TRIPS_PER_S / rate,
        target=1.0,
        note=f"{rate:,.0f}/s, p50 {micros(percentile(ours, 0.5))}, p99 {micros(percentile(ours, 0.99))};"
        f" the echo server {TRIPS / sum(echo):,.0f}/s ({sum(ours) / sum(echo):.1f} x)",
    )


# -- days -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class LivedDay:
    """What `sim_day` says of one day."""

    seconds: float
    cpu_seconds: float
    frames: int
    bytes: int
    resident_kib: int


def days() -> list[LivedDay]:
    """Days in a row in one process."""
    command = [sys.executable, "-m", "scripts.bench.sim_day", str(cores()[0]), str(DAYS)]
    lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    rows = (line.split() for line in lines)
    return [LivedDay(float(a), float(b), int(c), int(d), int(e)) for a, b, c, d, e in rows]


def day_figures() -> list[Figure]:
    """A day's length, with the echo server's time for its bytes, and memory against its bound."""
    lived = days()
    worst = max(lived, key=lambda day: day.seconds)
    echo = sum(echoed_flow(worst.bytes // worst.frames - 4, 1).bytes)
    return [
        Figure(
            name=f"a day at full activity / {DAY_S:g} s",
            value=worst.seconds / DAY_S,
            target=1.0,
            note=f"{worst.seconds:.1f} s ({worst.cpu_seconds:.1f} s of CPU) for {worst.frames:,} frames;"
            f" the echo server sends their {worst.bytes / 1e6:.0f} MB in {worst.bytes / echo:.1f} s",
        ),
        Figure(
            name=f"memory after {DAYS} days / {BOUND_MIB} MiB",
            value=lived[-1].resident_kib / 1024 / BOUND_MIB,
            target=1.0,
            note="day by day: " + ", ".join(f"{day.resident_kib / 1024:.0f} MiB" for day in lived),
        ),
    ]


# -- a client that decodes --------------------------------------------------------------------
async def decoded_figure() -> Figure:
    """What ib_async itself makes of it: bound by its decoder, not by the exchange."""
    logging.getLogger("ib_async").setLevel(logging.CRITICAL)
    with server("sim_server", "40", "0.025") as port:
        ib = IB()
        await ib.connectAsync("127.0.0.1", port, clientId=3)
        (row, *_) = await ib.reqSecDefOptParamsAsync("SPY", "", "STK", SPY)
        found = await ib.reqContractDetailsAsync(
            Option("SPY", sorted(row.expirations)[8], exchange="SMART", currency="USD")
        )
        for detail in found[len(found) // 2 - LINES // 2 :][:LINES]:
            ib.reqMktData(detail.contract)
        await asyncio.sleep(WARM_UP_S * 2)
        before, started = ib.client.connectionStats(), time.perf_counter()
        await asyncio.sleep(WATCH_S)
        rate = (ib.client.connectionStats().numMsgRecv - before.numMsgRecv) / (time.perf_counter() - started)
        ib.disconnect()
    return Figure(
        name="10,000 ticks/s / delivered to ib_async",
        value=10_000 / rate,
        target=1.0,
        note=f"{rate:,.0f} ticks/s through its decoder",
    )


async def measure() -> list[Figure]:
    """All of them, one after the other; this process keeps to the client's core."""
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    pin(cores()[1])
    try:
        return [
            tick_figure(1),
            tick_figure(CLIENTS),
            order_figure(),
            await decoded_figure(),
            *day_figures(),
        ]
    finally:
        if usable is not None:
            os.sched_setaffinity(0, usable)
