"""The fourteen hazards of ib_async 2.1, each through the real library and a real socket.

Every one of them was reproduced against the unmodified library first (notes on ib_async, P-1 to P-14); the
claims here are what our gateway does instead.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.scripted import ACCOUNT, ScriptedTws

from sumppump.domain.orders import BrokerStatus, OrderType
from sumppump.exchange.wire import account_answers as account
from sumppump.exchange.wire import order_answers as wire
from sumppump.exchange.wire.contracts import Instrument
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest
from sumppump.kernel.money import Premium
from sumppump.ports.broker import CommissionSeen, FillSeen, LinkChanged, OrderNotice, OrderSeen
from sumppump.tws.settings import TwsSettings


async def test_p1_two_callers_of_one_keyed_request_are_both_answered(
    tws: ScriptedTws, connect: Connect
) -> None:
    """P-1: in the library the first of two awaiters of `reqPositions` waits for ever."""
    position = account.Position(
        account=ACCOUNT, instrument=Instrument(con_id=756733, symbol="SPY", sec_type="STK"),
        position=Decimal(0), average_cost=0.0,
    )  # fmt: skip
    tws.on("ReqPositions", lambda peer, _: peer.say(position, account.PositionEnd()))
    tws.on("ReqAllOpenOrders", lambda peer, _: peer.say(wire.OpenOrderEnd()))
    tws.on("ReqCompletedOrders", lambda peer, _: peer.say(wire.CompletedOrdersEnd()))
    rig = await connect()
    broker, accounts = rig.gateway.broker, rig.gateway.accounts
    answers = await asyncio.gather(
        *(ask() for ask in (accounts.positions, broker.open_orders, broker.completed_orders) for _ in "12")
    )
    assert answers == [()] * 6
    assert len(tws.peer.got("ReqAllOpenOrders")) == 2


async def test_p1_the_late_end_of_one_question_does_not_answer_the_next(
    tws: ScriptedTws, connect: Connect
) -> None:
    """P-1, our addition: a list that was asked for before an order was sent must not prove its absence."""
    rig = await connect(request_timeout_s=0.05)
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.broker.open_orders()
    late = (makers.open_order(1, 101), makers.status(1, 101), wire.OpenOrderEnd())
    fresh = (makers.open_order(2, 102, "SP1-B"), makers.status(2, 102), wire.OpenOrderEnd())
    tws.on("ReqAllOpenOrders", lambda peer, _: peer.say(*late, *fresh))
    assert [order.perm_id for order in await rig.gateway.broker.open_orders()] == [102]


async def test_p2_an_order_never_waits_in_a_queue_behind_other_messages(
    tws: ScriptedTws, connect: Connect
) -> None:
    """P-2: the library queues from the 46th message on and forgets the queue with the connection."""
    rig = await connect()
    asks = [asyncio.create_task(rig.gateway.directory.instrument(number)) for number in range(1, 120)]
    await rig.until(lambda: len(tws.peer.got("ReqContractDetails")) >= 30)
    order_id = rig.gateway.broker.reserve_order_id()
    rig.gateway.broker.transmit(rig.gateway.broker.encode(makers.order(), order_id), order_id)
    await rig.until(lambda: tws.peer.got("PlaceOrder"))
    assert len(tws.peer.got("ReqContractDetails")) < 119
    for ask in asks:
        ask.cancel()
    await asyncio.gather(*asks, return_exceptions=True)


async def test_p2_nothing_is_sent_while_earlier_bytes_have_not_left(
    tws: ScriptedTws, connect: Connect
) -> None:
    """P-2 one floor lower: a socket that takes no more bytes is a queue as well."""
    rig = await connect()
    tws.peer.transport.pause_reading()
    session = rig.gateway._link.session()
    transport = session.client.conn.transport
    assert transport is not None
    while not session.client.conn.is_backed_up:
        transport.write(b"\0\0\0\x05" + b"49\0001\0" + b"\0" * 65536)
    order_id = rig.gateway.broker.reserve_order_id()
    frame = rig.gateway.broker.encode(makers.order(), order_id)
    before = session.client.conn.backlog
    with pytest.raises(GatewayUnavailable, match="nothing was sent"):
        rig.gateway.broker.transmit(frame, order_id)
    assert session.client.conn.backlog == before


async def test_p3_an_order_without_a_transport_raises_before_any_byte(
    tws: ScriptedTws, connect: Connect
) -> None:
    """P-3: the library returns PendingSubmit and sends nothing."""
    rig = await connect(backoff_min_s=60.0)
    order_id = rig.gateway.broker.reserve_order_id()
    frame = rig.gateway.broker.encode(makers.order(), order_id)
    tws.peer.transport.abort()
    await rig.until(lambda: not rig.connected)
    with pytest.raises(GatewayUnavailable):
        rig.gateway.broker.transmit(frame, order_id)
    with pytest.raises(GatewayUnavailable):
        rig.gateway.broker.transmit_cancel(order_id)
    assert not tws.peer.got("PlaceOrder")


async def test_p3_a_closing_socket_is_no_socket(tws: ScriptedTws, connect: Connect) -> None:
    """P-3: between close and the loop's next turn the library would still write into the void."""
    rig = await connect(backoff_min_s=60.0)
    order_id = rig.gateway.broker.reserve_order_id()
    frame = rig.gateway.broker.encode(makers.order(), order_id)
    transport = rig.gateway._link.session().client.conn.transport
    assert transport is not None
    transport.close()
    with pytest.raises(GatewayUnavailable, match="nothing was sent"):
        rig.gateway.broker.transmit(frame, order_id)


@pytest.mark.parametrize("code", [103, 104, 110, 161, 201, 202, 399, 2109, 10147, 10148, 10311, 10349])
async def test_p4_an_error_on_an_order_is_a_notice_and_not_a_state(
    tws: ScriptedTws, connect: Connect, code: int
) -> None:
    """P-4: the library marks a live order Cancelled on most of these; 10349 is a mere remark."""
    rig = await connect()
    tws.peer.say(makers.open_order(1, 101), makers.status(1, 101))
    tws.peer.error(1, code, "words of TWS")
    await rig.until(lambda: rig.all(OrderNotice))
    notice = rig.all(OrderNotice)[0]
    assert (notice.order_id, notice.order_ref, notice.code) == (1, "SP1-A", code)
    tws.on("ReqAllOpenOrders", lambda peer, _: peer.say(makers.open_order(1, 101), wire.OpenOrderEnd()))
    assert [order.status for order in await rig.gateway.broker.open_orders()] == [BrokerStatus.SUBMITTED]


async def test_p5_a_request_that_fails_is_never_an_empty_list(tws: ScriptedTws, connect: Connect) -> None:
    """P-5: by default the library answers an error with []. Here only an End makes a list."""
    rig = await connect()
    tws.on("ReqExecutions", lambda peer, request: peer.error(request.req_id, 504, "Not connected"))
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.broker.executions()
    tws.on("ReqExecutions", lambda peer, request: peer.say(wire.ExecDetailsEnd(req_id=request.req_id)))
    assert await rig.gateway.broker.executions() == ()


async def test_p5_a_validation_error_ends_its_request(tws: ScriptedTws, connect: Connect) -> None:
    """321 hangs a caller of the library for ever: it counts as a warning there."""
    rig = await connect(request_timeout_s=60.0)
    tws.on("ReqExecutions", lambda peer, request: peer.error(request.req_id, 321, "Error validating request"))
    async with asyncio.timeout(5):
        with pytest.raises(GatewayUnavailable, match="validating"):
            await rig.gateway.broker.executions()


async def test_p6_a_completed_order_that_comes_late_is_not_lost(tws: ScriptedTws, connect: Connect) -> None:
    """P-6: after the time-out the library raises KeyError in its decoder and the order is gone."""
    rig = await connect(request_timeout_s=0.05)
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.broker.completed_orders()
    tws.peer.say(makers.completed(101))
    await rig.until(lambda: rig.all(OrderSeen))
    seen = rig.all(OrderSeen)[0].order
    assert (seen.perm_id, seen.is_completed, seen.quantity, seen.filled) == (101, True, None, Decimal(2))
    assert rig.gateway.broker.link().decoder_errors == 0


async def test_p7_an_order_id_that_tws_gives_again_raises_nothing_after_the_write(
    tws: ScriptedTws, connect: Connect
) -> None:
    """P-7: the library asserts after the frame has been written. Here a used id is never given out again."""
    tws.next_valid_id = 5
    rig = await connect()
    broker = rig.gateway.broker
    tws.peer.say(makers.open_order(5, 101), makers.status(5, 101, "Filled", 2))
    await rig.until(lambda: len(rig.all(OrderSeen)) == 2)
    tws.peer.say(account.NextValidId(order_id=3))
    order_id = broker.reserve_order_id(at_least=4)
    assert order_id == 6
    sent = broker.transmit(broker.encode(makers.order(), order_id), order_id)
    assert sent.order_id == 6
    again = broker.transmit(broker.encode(makers.order(limit="1.30"), 5), 5)
    assert again.order_id == 5


async def test_p8_a_message_that_cannot_be_read_is_counted_and_has_everything_reconciled(
    tws: ScriptedTws, connect: Connect
) -> None:
    """P-8: the library logs a malformed orderStatus and goes on as if nothing had been missed."""
    rig = await connect()
    reconciles = len([event for event in rig.all(LinkChanged) if event.needs_reconcile])
    tws.peer.fields("3", "1", "Submitted", "two", "0", "0", "101", "0", "0", "17", "", "0")
    tws.peer.fields("3", "1", "NoSuchStatus", "0", "2", "0", "101", "0", "0", "17", "", "0")
    tws.peer.fields("999", "what is this")
    tws.peer.fields("61", "3", ACCOUNT, *["0"] * 11, "", "0")
    await rig.until(lambda: rig.gateway.broker.link().decoder_errors == 4)
    await rig.until(lambda: len([e for e in rig.all(LinkChanged) if e.needs_reconcile]) > reconciles)
    assert rig.connected


@pytest.mark.parametrize("length", [0, 0x7FFFFFFF, 0xFFFFFFFF, 16 * 1024 * 1024])
async def test_p9_a_nonsensical_length_drops_the_connection_and_buffers_nothing(
    tws: ScriptedTws, connect: Connect, length: int
) -> None:
    """P-9: the library buffers up to 2 GiB. Zero, negative and above 16 MiB - 1 mean a broken stream."""
    rig = await connect()
    first = tws.peer
    conn = rig.gateway._link.session().client.conn
    first.raw(length.to_bytes(4, "big") + b"x" * 100_000)
    await rig.until(lambda: len(tws.peers) == 2 and rig.connected)
    assert not first.is_open
    assert len(conn._buffer) == 0


async def test_p10_what_is_known_of_an_order_survives_the_connection(
    tws: ScriptedTws, connect: Connect
) -> None:
    """P-10: a Trade held over a reconnect stays PendingSubmit for ever."""
    rig = await connect()
    tws.peer.say(makers.open_order(1, 101), makers.status(1, 101))
    await rig.until(lambda: len(rig.all(OrderSeen)) == 2)
    tws.peer.transport.abort()
    await rig.until(lambda: len(tws.peers) == 2 and rig.connected)
    tws.peer.say(makers.status(1, 101, "Filled", 2))
    await rig.until(lambda: len(rig.all(OrderSeen)) == 3)
    seen = rig.all(OrderSeen)[-1].order
    assert (seen.status, seen.order_ref, seen.filled) == (BrokerStatus.FILLED, "SP1-A", Decimal(2))


P11 = {
    "a negative quantity": {"quantity": -1},
    "no quantity": {"quantity": 0},
    "a quantity that is no number": {"quantity": float("nan")},
    "a quantity in fractions": {"quantity": 1.5},
    "a fat finger": {"quantity": 1_000_000_000},
    "a price of a single option below 0": {"combo": makers.single(), "limit": Premium.of("-5")},
    "a price of a single option of 0": {"combo": makers.single(), "limit": Premium.of("0")},
    "a sale of an option that pays": {"combo": makers.single(-1), "limit": Premium.of("5")},
    "a price between the ticks": {"limit": Premium.of("1.255")},
    "no price": {"limit": None},
    "a market order on options": {"order_type": OrderType.MKT, "limit": None},
    "a plain stop on options": {"order_type": OrderType.STP, "limit": None, "stop": Premium.of("1")},
    "a trailing stop on options": {"order_type": OrderType.TRAIL, "limit": None, "trail": Premium.of("1")},
    "a stop limit without a stop": {"order_type": OrderType.STP_LMT},
    "a limit order with a stop": {"stop": Premium.of("1.00")},
}


@pytest.mark.parametrize("changes", P11.values(), ids=P11.keys())
async def test_p11_no_nonsensical_number_becomes_a_frame(
    tws: ScriptedTws, connect: Connect, changes: dict[str, Any]
) -> None:
    """P-11: the library sends one frame for each. (NaN and infinity cannot be a `Premium` at all.)"""
    rig = await connect()
    with pytest.raises(InvalidRequest):
        rig.gateway.broker.encode(makers.order(**({"combo": makers.vertical()} | changes)), 1)
    with pytest.raises(ValueError, match="finite"):
        Premium(Decimal("NaN"))


@pytest.mark.parametrize("field", ["order_ref", "account", "oca_group"])
@pytest.mark.parametrize("text", ["a\0b\0EVIL", "a\nb", "é", "x" * 41])
async def test_p12_no_text_adds_a_field_to_a_frame(
    tws: ScriptedTws, connect: Connect, field: str, text: str
) -> None:
    """P-12: an orderRef with NULs grew the library's frame from 117 to 119 fields."""
    tws.accounts = f"{ACCOUNT},{text}" if "\0" not in text else ACCOUNT
    rig = await connect(account=ACCOUNT)
    with pytest.raises(InvalidRequest):
        rig.gateway.broker.encode(makers.order(**dict[str, Any]({field: text})), 1)


@pytest.mark.parametrize("text", ["SPY\0EVIL", "SP\nY", "", "é"])
async def test_p12_no_symbol_adds_a_field_to_a_request(tws: ScriptedTws, connect: Connect, text: str) -> None:
    """P-12 for everything else that a caller may name."""
    rig = await connect()
    sent = len(tws.peer.requests)
    with pytest.raises(InvalidRequest):
        await rig.gateway.directory.underlying(text)
    with pytest.raises(InvalidRequest):
        await rig.gateway.directory.search(text)
    assert len(tws.peer.requests) == sent


async def test_p13_a_repeated_execution_is_no_news_and_a_correction_replaces(
    tws: ScriptedTws, connect: Connect
) -> None:
    """P-13: the library ignores the repetition and counts the correction as a second fill."""
    rig = await connect()
    base = "0000e0d5.67fe667b.01"
    first, again = makers.execution(f"{base}.01", 101), makers.execution(f"{base}.01", 101)
    corrected = makers.execution(f"{base}.02", 101, price=1.2)
    tws.peer.say(first, again, corrected, makers.commission(f"{base}.02"))
    await rig.until(lambda: rig.all(CommissionSeen))
    told = [(seen.fill.exec_base, seen.fill.revision, seen.fill.price) for seen in rig.all(FillSeen)]
    assert told == [(base, 1, Decimal("1.25")), (base, 2, Decimal("1.2"))]
    tws.on(
        "ReqExecutions",
        lambda peer, request: peer.say(
            makers.execution(f"{base}.02", 101, req_id=request.req_id, price=1.2),
            makers.execution(f"{base}.01", 101, req_id=request.req_id),
            wire.ExecDetailsEnd(req_id=request.req_id),
        ),
    )
    (fill,) = await rig.gateway.broker.executions()
    assert (fill.revision, fill.price, str(fill.commission)) == (2, Decimal("1.2"), "1.30 USD")


async def test_p14_nothing_is_left_to_the_library_s_defaults(tws: ScriptedTws, connect: Connect) -> None:
    """P-14: account '', no time-outs, a throttle of its own, client id 1: here all of them are said."""
    rig = await connect()
    session = rig.gateway._link.session()
    assert session.client.MaxRequests == 0
    assert session.settings.request_timeout_s > 0
    order_id = rig.gateway.broker.reserve_order_id()
    with pytest.raises(InvalidRequest):
        rig.gateway.broker.encode(makers.order(account=""), order_id)
    with pytest.raises(ValueError, match="client id 0"):
        TwsSettings(client_id=0)
    rig.gateway.broker.transmit(rig.gateway.broker.encode(makers.order(), order_id), order_id)
    await rig.until(lambda: tws.peer.got("PlaceOrder"))
    sent = tws.peer.got("PlaceOrder")[0]
    assert (sent.account, sent.tif, sent.outside_rth, sent.what_if) == (ACCOUNT, "DAY", False, False)
