"""The contract of `ports.broker`, held by the fake and by the real adapter on the embedded exchange alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from tests.protocol.gateway.houses import ExchangeHouse, FakeHouse, vertical

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.orders import BrokerStatus, OrderType, TimeInForce
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest
from sumppump.kernel.money import Premium
from sumppump.ports.broker import CommissionSeen, FillSeen, LinkChanged, OrderNotice, OrderSeen

AnyHouse = FakeHouse | ExchangeHouse
CENT = Premium.of("0.01")


@pytest.fixture(params=[FakeHouse, ExchangeHouse], ids=["fake", "tws"])
async def house(request: pytest.FixtureRequest) -> AsyncIterator[AnyHouse]:
    """Either house, open."""
    opened: AnyHouse = request.param()
    await opened.open()
    yield opened
    await opened.close()


def seen(house: AnyHouse, ref: str) -> list[BrokerStatus]:
    """The statuses that were told of one reference."""
    return [event.order.status for event in house.all(OrderSeen) if event.order.order_ref == ref]


async def test_the_link_names_the_account_and_our_client_id(house: AnyHouse) -> None:
    """Port: how we stand with TWS now."""
    status = house.broker.link()
    assert (status.connected, status.broker_online, status.reason) == (True, True, "")
    assert status.account.startswith("SIM")
    assert status.client_id > 0


async def test_order_ids_only_grow_and_stay_above_the_journal_s(house: AnyHouse) -> None:
    """Port: above all that TWS, this process and the journal know."""
    first = house.broker.reserve_order_id()
    second = house.broker.reserve_order_id(at_least=first + 100)
    assert second > first + 100
    assert house.broker.reserve_order_id() > second


async def test_a_transmitted_order_is_told_with_its_reference_and_ids(house: AnyHouse) -> None:
    """R3: the reference comes back; the permanent id is the broker's."""
    order = house.order("SP1-REST", vertical(await house.calls()), CENT)
    order_id = house.send(order)
    await house.until(lambda: seen(house, "SP1-REST"))
    told = house.all(OrderSeen)[0].order
    assert (told.order_ref, told.order_id, told.client_id) == (
        "SP1-REST", order_id, house.broker.link().client_id,
    )  # fmt: skip
    assert told.perm_id > 0
    assert (told.sec_type, told.action, told.limit) == ("BAG", "BUY", Decimal("0.01"))
    assert told.con_ids == tuple(leg.contract.con_id for leg in order.combo.legs)


async def test_open_orders_are_complete_and_end_with_the_cancel(house: AnyHouse) -> None:
    """Port: working orders of all clients; a cancelled one is gone and completed."""
    order_id = house.send(house.order("SP1-CXL", vertical(await house.calls()), CENT))
    await house.until(lambda: BrokerStatus.SUBMITTED in seen(house, "SP1-CXL"))
    assert [order.order_ref for order in await house.broker.open_orders()] == ["SP1-CXL"]
    house.broker.transmit_cancel(order_id)
    await house.until(lambda: BrokerStatus.CANCELLED in seen(house, "SP1-CXL"))
    assert await house.broker.open_orders() == ()
    (done,) = await house.broker.completed_orders()
    assert (done.order_ref, done.is_completed, done.status) == ("SP1-CXL", True, BrokerStatus.CANCELLED)


async def test_a_combo_fills_as_one_row_of_its_own_and_one_per_leg(house: AnyHouse) -> None:
    """Protocol 5.4: the BAG's execution has the combo's quantity and net price; legs are marked as legs."""
    combo = vertical(await house.calls())
    house.send(house.order("SP1-FILL", combo, await house.price_that_fills(combo)))
    await house.until(lambda: seen(house, "SP1-FILL"))
    house.let_fill("SP1-FILL")
    await house.until(lambda: BrokerStatus.FILLED in seen(house, "SP1-FILL"))
    await house.until(lambda: len(house.all(CommissionSeen)) >= 2)
    rows = [event.fill for event in house.all(FillSeen)]
    whole = [row for row in rows if not row.is_leg]
    assert {row.sec_type for row in whole} == {"BAG"}
    assert sum(row.quantity for row in whole) == 2
    legs = {(row.con_id, row.side) for row in rows if row.is_leg}
    assert legs == {(combo.legs[0].contract.con_id, "BUY"), (combo.legs[1].contract.con_id, "SELL")}
    for row in whole:
        parts = sum(leg.price * (1 if leg.side == "BUY" else -1) * leg.quantity for leg in rows if leg.is_leg)
        assert len(whole) > 1 or parts == row.price * row.quantity


async def test_executions_tell_what_the_events_told(house: AnyHouse) -> None:
    """Port: today's executions, complete, with the same keys as the events."""
    combo = vertical(await house.calls())
    house.send(house.order("SP1-EXEC", combo, await house.price_that_fills(combo)))
    await house.until(lambda: seen(house, "SP1-EXEC"))
    house.let_fill("SP1-EXEC")
    await house.until(lambda: BrokerStatus.FILLED in seen(house, "SP1-EXEC"))
    told = {event.fill.exec_base: event.fill.quantity for event in house.all(FillSeen)}
    listed = await house.broker.executions()
    assert {fill.exec_base: fill.quantity for fill in listed} == told
    assert {fill.order_ref for fill in listed} == {"SP1-EXEC"}
    assert all(fill.at.utcoffset() is not None for fill in listed)


async def test_positions_follow_the_fills_leg_by_leg(house: AnyHouse) -> None:
    """I4: the sum of the fills is the change of the position."""
    assert await house.accounts.positions() == ()
    combo = vertical(await house.calls())
    house.send(house.order("SP1-POS", combo, await house.price_that_fills(combo)))
    await house.until(lambda: seen(house, "SP1-POS"))
    house.let_fill("SP1-POS")
    await house.until(lambda: BrokerStatus.FILLED in seen(house, "SP1-POS"))
    held = {position.instrument.con_id: position.quantity for position in await house.accounts.positions()}
    assert held == {combo.legs[0].contract.con_id: 2, combo.legs[1].contract.con_id: -2}


async def test_a_single_option_is_sold_at_a_positive_price(house: AnyHouse) -> None:
    """Our sign is the premium's (a credit is negative); the wire's is the side."""
    low, _ = await house.calls()
    credit = Premium.of("-900.00")
    house.send(house.order("SP1-SELL", Combo((Leg(contract=low, ratio=-1),)), credit, quantity=1))
    await house.until(lambda: seen(house, "SP1-SELL"))
    told = house.all(OrderSeen)[0].order
    assert (told.action, told.limit, told.con_ids) == ("SELL", Decimal(900), (low.con_id,))


async def test_a_modify_keeps_the_order_and_changes_its_price(house: AnyHouse) -> None:
    """Port: encode with the old id, then transmit. There is still one order."""
    combo = vertical(await house.calls())
    order_id = house.send(house.order("SP1-MOD", combo, CENT))
    await house.until(lambda: BrokerStatus.SUBMITTED in seen(house, "SP1-MOD"))
    house.send(house.order("SP1-MOD", combo, Premium.of("0.02")), order_id=order_id)
    await house.until(lambda: house.all(OrderSeen)[-1].order.limit == Decimal("0.02"))
    (order,) = await house.broker.open_orders()
    assert (order.limit, order.order_id) == (Decimal("0.02"), order_id)
    assert len({event.order.perm_id for event in house.all(OrderSeen)}) == 1


async def test_children_wait_for_their_parent_and_for_the_last_of_the_family(house: AnyHouse) -> None:
    """Protocol 5.4: transmit=False is silent until the last of the family comes; children are held back."""
    low, _ = await house.calls()
    buy, sell = Combo((Leg(contract=low, ratio=1),)), Combo((Leg(contract=low, ratio=-1),))
    parent = house.send(house.order("SP1-P", buy, CENT), transmit=False)
    house.send(
        house.order(
            "SP1-C", sell, Premium.of("-0.01"), order_type=OrderType.STP_LMT, stop=Premium.of("-0.02"),
            tif=TimeInForce.GTC,
        ),
        parent_id=parent,
    )  # fmt: skip
    await house.until(lambda: seen(house, "SP1-C") and seen(house, "SP1-P"))
    held = {order.order_ref: order for order in await house.broker.open_orders()}
    assert held["SP1-C"].status is BrokerStatus.PRE_SUBMITTED
    assert held["SP1-C"].parent_id == parent
    assert (held["SP1-C"].tif, held["SP1-C"].order_type) == ("GTC", "STP LMT")


async def test_a_preview_tells_the_margin_and_places_nothing(house: AnyHouse) -> None:
    """Port: the what-if flag is in the frame; there is no order afterwards."""
    combo = vertical(await house.calls())
    preview = await house.broker.preview(house.order("SP1-WHATIF", combo, Premium.of("0.50")))
    assert preview.equity_with_loan_after.amount > 0
    assert preview.commission is None or preview.commission.amount > 0
    assert await house.broker.open_orders() == ()
    assert house.all(OrderSeen) == []


async def test_a_cancel_of_an_unknown_order_is_a_notice(house: AnyHouse) -> None:
    """10147: a notice on the id, and no state of anything."""
    house.broker.transmit_cancel(77)
    await house.until(lambda: house.all(OrderNotice))
    notice = house.all(OrderNotice)[0]
    assert (notice.order_id, notice.code) == (77, 10147)


async def test_a_frame_leaves_only_under_the_id_that_it_was_made_for(house: AnyHouse) -> None:
    """Nothing but a proven frame is ever written; the refusal comes before any byte."""
    order_id = house.broker.reserve_order_id()
    frame = house.broker.encode(house.order("SP1-X", vertical(await house.calls()), CENT), order_id)
    for bad, number in ((frame, order_id + 1), (frame + b"\0", order_id), (b"", order_id)):
        with pytest.raises(GatewayUnavailable):
            house.broker.transmit(bad, number)
    assert await house.broker.open_orders() == ()


async def test_an_order_without_a_quantity_is_never_encoded(house: AnyHouse) -> None:
    """P-11, as far as both know it."""
    with pytest.raises(InvalidRequest):
        house.broker.encode(house.order("SP1-Q", vertical(await house.calls()), CENT, quantity=0), 1)


async def test_without_a_link_nothing_is_sent_and_no_list_is_empty(house: AnyHouse) -> None:
    """Port: GatewayUnavailable before any byte; never [] for "I do not know"."""
    order_id = house.broker.reserve_order_id()
    frame = house.broker.encode(house.order("SP1-DOWN", vertical(await house.calls()), CENT), order_id)
    house.drop()
    await house.until(lambda: not house.broker.link().connected)
    assert house.broker.link().reason
    with pytest.raises(GatewayUnavailable):
        house.broker.transmit(frame, order_id)
    with pytest.raises(GatewayUnavailable):
        house.broker.transmit_cancel(order_id)
    reads = (
        house.broker.open_orders, house.broker.executions, house.broker.completed_orders,
        house.accounts.positions, house.accounts.figures,
    )  # fmt: skip
    for read in reads:
        with pytest.raises(GatewayUnavailable):
            await read()
    house.restore()
    await house.until(lambda: house.broker.link().connected)
    assert await house.broker.open_orders() == ()


async def test_after_a_reconnect_the_truth_is_asked_for_and_found(house: AnyHouse) -> None:
    """R2 and 3.4: the same client id, needs_reconcile, and the order is found by its reference."""
    house.send(house.order("SP1-KEEP", vertical(await house.calls()), CENT))
    await house.until(lambda: BrokerStatus.SUBMITTED in seen(house, "SP1-KEEP"))
    house.drop()
    await house.until(lambda: not house.broker.link().connected)
    house.restore()
    await house.until(lambda: house.broker.link().connected)
    await house.until(lambda: house.all(LinkChanged)[-1:] and house.all(LinkChanged)[-1].needs_reconcile)
    assert [order.order_ref for order in await house.broker.open_orders()] == ["SP1-KEEP"]


async def test_many_reads_at_once_are_all_answered(house: AnyHouse) -> None:
    """L4, P-1: none hangs, all agree."""
    lists = await asyncio.gather(*(house.broker.open_orders() for _ in range(5)), house.accounts.positions())
    assert lists == [()] * 6


async def test_the_account_has_figures_with_their_age(house: AnyHouse) -> None:
    """Port: balances and margins, each with a currency; none is invented."""
    figures = await house.accounts.figures()
    assert figures.account == house.broker.link().account
    assert figures.nlv is not None
    assert figures.nlv.amount == 250_000
    assert figures.as_of.utcoffset() is not None
