"""Orders beside a full queue of data requests, and what a tick costs: ours, beside ib_async's own tickers.

The exchange is a process of its own. A sample is the time from the moment at which an order or a cancel was
to go out to the exchange's answer, so it holds everything: our loop being busy, the pacer, the socket, the
other side.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ib_async import IB, Contract

from scripts.bench.exchange import AT_REST, server
from scripts.bench.figures import Figure, percentile
from scripts.bench.market.chains import gateway
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import OptionContract
from sumppump.domain.orders import Environment, Order, OrderType
from sumppump.exchange.wire.codec import encode_answer
from sumppump.exchange.wire.market_answers import TickOptionComputation, TickPrice, TickSize
from sumppump.kernel.money import Premium
from sumppump.ports.broker import OrderNotice, OrderSeen
from sumppump.tws.gateway import TwsGateway

WAITING = 1_000
ASKED = 1_300
SAMPLES = 60
EVERY_S = 0.05
GOAL_MS = 100.0
TICKS_PER_S = 10_000
TICKS, PIECE = 50_000, 250
NO_SUCH_ORDER = 900_000
CLIENT_ID = 71
VERSION = 178


async def measure() -> list[Figure]:
    """The order lane, then the price of a tick."""
    with server("sim_server", *AT_REST) as port:
        async with gateway(port, CLIENT_ID) as client:
            options = await many_options(client)
            cancels, orders, waited = await beside_a_full_queue(client, options)
            ticks = await tick_costs(client, options)
    return [lane("a cancel", cancels, waited), lane("an order", orders, waited), *ticks]


def lane(what: str, samples: Sequence[float], waited: int) -> Figure:
    """The 95th percentile in milliseconds."""
    return Figure(
        name=f"{what} to the exchange's answer while {waited:,} data requests wait, p95",
        value=percentile(samples, 0.95) * 1e3,
        target=GOAL_MS,
        unit="ms",
        note=f"p50 {percentile(samples, 0.5) * 1e3:.1f} ms, worst {max(samples) * 1e3:.1f} ms",
    )


async def many_options(client: TwsGateway) -> list[OptionContract]:
    """More than a thousand options of SPY, nearest expiries first."""
    underlying = await client.directory.underlying("SPY")
    (chain, *_) = await client.directory.option_classes(underlying)
    found: list[OptionContract] = []
    for expiry in chain.expiries[2:]:
        found += await client.directory.options(underlying, expiry)
        if len(found) >= ASKED:
            break
    return found[:ASKED]


async def beside_a_full_queue(
    client: TwsGateway, options: Sequence[OptionContract]
) -> tuple[list[float], list[float], int]:
    """Seconds of cancels and of orders, and how many requests still waited at the end of them."""
    quoted = itertools.count()
    asking = asyncio.ensure_future(
        client.market.quotes(options, deadline_s=120.0, arrived=lambda _: next(quoted))
    )
    answers = Answers()
    client.broker.subscribe(answers.take)
    await asyncio.sleep(1.0)  # the full bucket of the beginning is spent
    taken = await one_after_the_other(client, options[0], answers)
    waited = ASKED - next(quoted)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    return taken[0::2], taken[1::2], waited


class Answers:
    """What the exchange says about orders, for whoever waits for it."""

    def __init__(self) -> None:
        self._seen: dict[int, asyncio.Event] = defaultdict(asyncio.Event)

    def take(self, event: object) -> None:
        """An event of the broker."""
        if isinstance(event, OrderNotice):
            self._seen[event.order_id].set()
        elif isinstance(event, OrderSeen):
            self._seen[event.order.order_id].set()

    async def to(self, order_id: int) -> None:
        """Wait for the first word about an order."""
        await self._seen[order_id].wait()


async def one_after_the_other(client: TwsGateway, option: OptionContract, answers: Answers) -> list[float]:
    """A cancel, an order, a cancel, ... at fixed moments; seconds from each moment to its answer."""
    seconds = []
    begin = time.perf_counter()
    for number in range(SAMPLES * 2):
        due = begin + number * EVERY_S
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        order_id = NO_SUCH_ORDER + number
        if number % 2:
            order_id = place(client, option)
        else:
            client.broker.transmit_cancel(order_id)
        await answers.to(order_id)
        seconds.append(time.perf_counter() - due)
    return seconds


def place(client: TwsGateway, option: OptionContract) -> int:
    """A limit order far from the market."""
    broker = client.broker
    order_id = broker.reserve_order_id()
    order = Order(
        combo=Combo((Leg(contract=option, ratio=1),)), quantity=1, order_type=OrderType.LMT,
        limit=Premium.of("0.01"), account=broker.link().account, environment=Environment.SIM,
        order_ref=f"SP1-BENCH{order_id:017d}",
    )  # fmt: skip
    broker.transmit(broker.encode(order, order_id, parent_id=0, transmit=True), order_id)
    return order_id


# -- ticks ------------------------------------------------------------------------------------
async def tick_costs(client: TwsGateway, options: Sequence[OptionContract]) -> list[Figure]:
    """Processor time of a tick from its bytes to the listener; the same bytes through ib_async's tickers."""
    told, ticked, all_ticked = itertools.count(), set[int](), asyncio.Event()

    def changed(con_id: int) -> None:
        next(told)
        ticked.add(con_id)
        if len(ticked) == len(streams):
            all_ticked.set()

    streams = await client.market.follow(options, changed=changed)
    await all_ticked.wait()
    request_ids = [stream._line.request_id for stream in streams]  # type: ignore[attr-defined]
    pieces = bytes_of_ticks(request_ids)
    before = next(told)
    ours = await through(client._link.session().client.conn.data_received, pieces)
    calls = next(told) - before
    for stream in streams:
        stream.close()
    theirs = await through(library(request_ids, options), pieces)
    return [
        Figure(
            name="processor time of a tick, bytes to listener / ib_async's tickers",
            value=ours / theirs,
            note=f"{ours * 1e6:.1f} µs / {theirs * 1e6:.1f} µs; {calls:,} calls for {TICKS:,} ticks",
        ),
        Figure(
            name=f"share of one core at {TICKS_PER_S:,} ticks/s over {len(streams)} lines",
            value=ours * TICKS_PER_S * 100,
            target=25.0,
            unit="%",
        ),
    ]


def bytes_of_ticks(request_ids: Sequence[int]) -> list[bytes]:
    """Bids, sizes, asks and Greeks of all lines in turn, in pieces as a socket would deliver them."""
    frames = [
        encode_answer(_tick(number, request_ids[number % len(request_ids)]), VERSION)
        for number in range(TICKS)
    ]
    return [b"".join(frames[at : at + PIECE]) for at in range(0, TICKS, PIECE)]


def _tick(number: int, request_id: int) -> Any:  # noqa: ANN401 - any declared answer
    price = 1.0 + number % 97 / 100
    match number % 4:
        case 0:
            return TickPrice(req_id=request_id, tick_type=1, price=price, size=Decimal(5))
        case 1:
            return TickSize(req_id=request_id, tick_type=0, size=Decimal(number % 50 + 1))
        case 2:
            return TickPrice(req_id=request_id, tick_type=2, price=price + 0.05, size=Decimal(5))
        case _:
            return TickOptionComputation(
                req_id=request_id, tick_type=13, implied_vol=0.2, delta=0.5, option_price=price,
                pv_dividend=0.0, gamma=0.01, vega=0.3, theta=-0.1, under_price=600.0,
            )  # fmt: skip


async def through(take: Any, pieces: Sequence[bytes]) -> float:  # noqa: ANN401 - a callable of bytes
    """Processor seconds a tick, with a turn of the loop after each piece."""
    started = time.process_time()
    for piece in pieces:
        take(piece)
        await asyncio.sleep(0)
    return (time.process_time() - started) / TICKS


def library(request_ids: Sequence[int], options: Sequence[OptionContract]) -> Any:  # noqa: ANN401
    """ib_async as a person would use it: one ticker a contract, listeners told of pending ones."""
    ib = IB()
    client: Any = ib.client
    client._serverVersion = client.decoder.serverVersion = VERSION
    client._apiReady = True
    for request_id, option in zip(request_ids, options, strict=False):
        ib.wrapper.startTicker(request_id, Contract(conId=option.con_id), "mktData")
    ib.pendingTickersEvent += lambda _: None
    return client._onSocketHasData
