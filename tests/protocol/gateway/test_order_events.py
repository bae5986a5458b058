"""What is made of TWS's order messages, in whatever order and however incomplete they come."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect, Rig
from tests.protocol.gateway.scripted import ScriptedTws

from sumppump.domain.orders import BrokerStatus
from sumppump.exchange.wire import order_answers as wire
from sumppump.exchange.wire.contracts import ExecutedInstrument, Instrument
from sumppump.ports.broker import CommissionSeen, FillSeen, OrderNotice, OrderSeen

ONE = Decimal(1)
BASE = "0000e0d5.67fe667b.01"
LEG = ExecutedInstrument(con_id=1500, symbol="SPY", sec_type="OPT", exchange="SMART", currency="USD")


def last(rig: Rig) -> Any:
    """The newest order that was told."""
    return rig.all(OrderSeen)[-1].order


async def test_an_open_order_and_its_status_are_one_order(tws: ScriptedTws, connect: Connect) -> None:
    """Protocol 5.4: the words come in openOrder, the figures in orderStatus."""
    rig = await connect()
    tws.peer.say(makers.open_order(1, 101), makers.status(1, 101, filled=1))
    await rig.until(lambda: len(rig.all(OrderSeen)) == 2)
    first, second = (event.order for event in rig.all(OrderSeen))
    assert (first.filled, first.remaining, first.limit) == (None, None, Decimal("1.25"))
    assert (second.filled, second.remaining, second.avg_fill_price) == (ONE, ONE, Decimal("1.25"))
    assert second.con_ids == (1500, 1505)


async def test_a_status_without_its_order_is_told_without_a_reference(
    tws: ScriptedTws, connect: Connect
) -> None:
    """The library drops it; F-25: it is evidence, and the order's words come later."""
    rig = await connect()
    tws.peer.say(makers.status(1, 101), makers.open_order(1, 101))
    await rig.until(lambda: len(rig.all(OrderSeen)) == 2)
    assert [event.order.order_ref for event in rig.all(OrderSeen)] == ["", "SP1-A"]
    assert last(rig).filled == 0


async def test_a_status_of_our_own_order_knows_its_reference_before_any_open_order(
    tws: ScriptedTws, connect: Connect
) -> None:
    """What we sent under an id we know; F-35: a 201 may be all that ever comes."""
    rig = await connect()
    broker = rig.gateway.broker
    order_id = broker.reserve_order_id()
    order = makers.order()
    broker.transmit(broker.encode(order, order_id), order_id)
    tws.peer.say(makers.status(order_id, 0, "PendingSubmit"))
    tws.peer.error(order_id, 201, "Order rejected - reason:No Trading Permission")
    await rig.until(lambda: rig.all(OrderNotice))
    assert last(rig).order_ref == order.order_ref
    assert rig.all(OrderNotice)[0].order_ref == order.order_ref


async def test_an_execution_may_come_before_everything_else(tws: ScriptedTws, connect: Connect) -> None:
    """F-25, I-24: a fill carries its own reference; nothing is invented around it."""
    rig = await connect()
    tws.peer.say(makers.execution(f"{BASE}.01", 101))
    await rig.until(lambda: rig.all(FillSeen))
    fill = rig.all(FillSeen)[0].fill
    assert (fill.order_ref, fill.perm_id, fill.side, fill.quantity) == ("SP1-A", 101, "BUY", ONE)
    assert fill.commission is None
    assert rig.all(OrderSeen) == []


async def test_five_orders_by_hand_stay_five_orders(tws: ScriptedTws, connect: Connect) -> None:
    """F-26: orders from TWS itself have order id 0 and no reference; only the permanent id differs."""
    rig = await connect()
    by_hand = [makers.open_order(0, perm, "", client_id=0) for perm in range(201, 206)]
    tws.on("ReqAllOpenOrders", lambda peer, _: peer.say(*by_hand, wire.OpenOrderEnd()))
    found = await rig.gateway.broker.open_orders()
    assert [order.perm_id for order in found] == [201, 202, 203, 204, 205]
    assert {order.order_ref for order in found} == {""}


async def test_a_used_session_id_never_mixes_two_orders(tws: ScriptedTws, connect: Connect) -> None:
    """F-04, I-17: TWS rolled its ids back and gave 1514 again; the fill of one went to the other."""
    rig = await connect()
    tws.peer.say(makers.open_order(1, 101, "SP1-OLD"), makers.status(1, 101))
    tws.peer.say(makers.open_order(1, 102, "SP1-NEW"), makers.status(1, 102))
    tws.peer.say(makers.status(1, 101, "Filled", 2))
    await rig.until(lambda: len(rig.all(OrderSeen)) == 5)
    assert (last(rig).order_ref, last(rig).perm_id) == ("SP1-OLD", 101)
    tws.peer.say(makers.status(1, 102, "Cancelled"))
    await rig.until(lambda: len(rig.all(OrderSeen)) == 6)
    assert (last(rig).order_ref, last(rig).perm_id) == ("SP1-NEW", 102)


async def test_two_permanent_ids_of_one_reference_are_both_told(tws: ScriptedTws, connect: Connect) -> None:
    """F-16, I-16: one modify on a bad link left two live orders; whoever counts them must see two."""
    rig = await connect()
    pair = [makers.open_order(1, 101), makers.open_order(1, 102)]
    tws.on("ReqAllOpenOrders", lambda peer, _: peer.say(*pair, wire.OpenOrderEnd()))
    found = await rig.gateway.broker.open_orders()
    assert {(order.order_ref, order.perm_id) for order in found} == {("SP1-A", 101), ("SP1-A", 102)}


async def test_a_cancel_by_another_client_is_told_of_the_right_order(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Recorded: orderStatus then names the canceller's client id."""
    rig = await connect()
    tws.peer.say(makers.open_order(1, 101), makers.status(1, 101, "Cancelled", client_id=2))
    await rig.until(lambda: len(rig.all(OrderSeen)) == 2)
    assert (last(rig).order_ref, last(rig).status) == ("SP1-A", BrokerStatus.CANCELLED)


async def test_a_finished_order_is_not_among_the_open_ones(tws: ScriptedTws, connect: Connect) -> None:
    """A live event between question and End must not make a filled order look open."""
    rig = await connect()
    rows = (makers.open_order(1, 101), makers.open_order(2, 102, "SP1-B"), makers.status(1, 101, "Filled", 2))
    tws.on("ReqAllOpenOrders", lambda peer, _: peer.say(*rows, wire.OpenOrderEnd()))
    assert [order.perm_id for order in await rig.gateway.broker.open_orders()] == [102]


async def test_legs_are_known_as_legs_after_a_restart_too(tws: ScriptedTws, connect: Connect) -> None:
    """Without the order at hand the combo's own row tells that the others are its legs."""
    rig = await connect()

    def answer(peer: Any, request: Any) -> None:
        said = {"req_id": request.req_id}
        peer.say(
            makers.execution("a.1.02.01", 101, **said, instrument=LEG),
            makers.execution("a.1.01.01", 101, **said),
            makers.execution("b.1.01.01", 102, **said, instrument=LEG),
            wire.ExecDetailsEnd(req_id=request.req_id),
        )

    tws.on("ReqExecutions", answer)
    fills = {fill.exec_base: fill.is_leg for fill in await rig.gateway.broker.executions()}
    assert fills == {"a.1.02": True, "a.1.01": False, "b.1.01": False}


@pytest.mark.parametrize("text", ["", "-1.0", "1.7976931348623157E308", "NaN"])
async def test_a_commission_that_tws_does_not_know_yet_is_not_told(
    tws: ScriptedTws, connect: Connect, text: str
) -> None:
    """F-19: the library reads a missing commission as 0. The real one may come ten minutes later."""
    rig = await connect()
    tws.peer.say(makers.execution(f"{BASE}.01", 101))
    tws.peer.fields("59", "1", f"{BASE}.01", text, "USD", "1.7976931348623157E308", "", "")
    tws.peer.say(makers.commission(f"{BASE}.01", 1.3), makers.commission(f"{BASE}.01", 1.3))
    tws.peer.say(makers.status(9, 109))
    await rig.until(lambda: rig.all(OrderSeen))
    (told,) = rig.all(CommissionSeen)
    assert (told.exec_base, told.revision, str(told.commission), told.realized_pnl) == (
        BASE, 1, "1.30 USD", None,
    )  # fmt: skip
    assert rig.gateway.broker.link().decoder_errors == 0


async def test_a_commission_may_come_before_its_execution(tws: ScriptedTws, connect: Connect) -> None:
    """F-19: then the fill has it from the start."""
    rig = await connect()
    tws.peer.say(makers.commission(f"{BASE}.01", 1.3), makers.execution(f"{BASE}.01", 101))
    await rig.until(lambda: rig.all(FillSeen))
    assert str(rig.all(FillSeen)[0].fill.commission) == "1.30 USD"


async def test_a_missing_figure_of_a_status_is_missing(tws: ScriptedTws, connect: Connect) -> None:
    """The library reads '' as 0: "filled 0" would be a claim."""
    rig = await connect()
    tws.peer.fields("3", "1", "Submitted", "", "", "", "101", "0", "", "17", "", "")
    await rig.until(lambda: rig.all(OrderSeen))
    assert (last(rig).filled, last(rig).remaining, last(rig).avg_fill_price) == (None, None, None)


TIMES = {
    "20260302  10:00:05": "10:00:05 in TWS's own zone, which its handshake showed to be New York",
    "20260302 16:00:05 Europe/Zurich": "a zone by its name",
    "20260302 10:00:05 Eastern Unheard Time": "a name that only Windows knows: TWS's own zone",
    "1772463605": "epoch seconds",
}


@pytest.mark.parametrize("text", TIMES, ids=TIMES.values())
async def test_times_of_executions_are_right_in_any_spelling(
    tws: ScriptedTws, connect: Connect, text: str
) -> None:
    """F-38, I-42: times were five hours off, or the execution was lost over an unknown zone."""
    rig = await connect()
    tws.peer.say(makers.execution(f"{BASE}.01", 101, time=text))
    await rig.until(lambda: rig.all(FillSeen))
    assert rig.all(FillSeen)[0].fill.at == datetime(2026, 3, 2, 15, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("20260302 23:00:00 China Standard Time", "20260302  23:00:05"),
        ("20260302 15:00:00 GMT", "20260302  15:00:05"),
        ("20260302 09:00:00 Central European Nonsense", "20260302  09:00:05"),
        ("20260302 20:45:00 Nepal Time", "20260302  20:45:05"),
    ],
)
async def test_the_zone_of_tws_is_read_off_its_clock(
    tws: ScriptedTws, connect: Connect, shown: str, text: str
) -> None:
    """F-38: the zone's name in the handshake is in any language; the hours it shows are not."""
    tws.connected_text = shown
    rig = await connect()
    tws.peer.say(makers.execution(f"{BASE}.01", 101, time=text))
    await rig.until(lambda: rig.all(FillSeen))
    assert rig.all(FillSeen)[0].fill.at == datetime(2026, 3, 2, 15, 0, 5, tzinfo=UTC)


async def test_texts_of_tws_arrive_cleaned(tws: ScriptedTws, connect: Connect) -> None:
    """Text from outside is data: no control or markup characters, no endless length."""
    rig = await connect()
    tws.peer.error(5, 399, "Order Message:\nBUY 2\u202e <b>SPY</b> \u200bWarning" + "!" * 2000)
    await rig.until(lambda: rig.all(OrderNotice))
    text = rig.all(OrderNotice)[0].text
    assert "\n" not in text
    assert "<b>" not in text
    assert "\u202e" not in text
    assert len(text) <= 600


async def test_completed_orders_come_with_what_they_have(tws: ScriptedTws, connect: Connect) -> None:
    """Recorded: no order id, no client id, quantity 0; permanent id and reference are the keys."""
    rig = await connect()
    done = (
        makers.completed(101),
        makers.completed(102, "", status="Cancelled", filled_quantity=Decimal(0),
                         instrument=Instrument(con_id=756733, symbol="SPY", sec_type="STK")),
    )  # fmt: skip
    tws.on("ReqCompletedOrders", lambda peer, _: peer.say(*done, wire.CompletedOrdersEnd()))
    first, second = await rig.gateway.broker.completed_orders()
    assert (first.perm_id, first.order_ref, first.status) == (101, "SP1-A", BrokerStatus.FILLED)
    assert (second.perm_id, second.status, second.con_ids) == (102, BrokerStatus.CANCELLED, (756733,))
