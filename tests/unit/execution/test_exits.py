"""Leaving a position: prices, shares of it, changes of its exits. Sources: decisions 10 to 13, C-04, C-24."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.execution.test_staging import Desk

from sumppump.domain.orders import OrderState, Purpose
from sumppump.domain.tickets import Channel, Role
from sumppump.kernel.errors import InvalidRequest, OutOfStep
from sumppump.kernel.money import Money, Premium


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    await made.start()
    yield made
    await made.service.stop()


async def filled(desk: Desk, quantity: int = 1, **terms: Any) -> str:
    """An opened and filled spread; its strategy_id."""
    draft = await desk.draft(quantity=quantity)
    ticket = await desk.service.stage_open(draft, **terms)
    await desk.service.approve(ticket.ticket_id, Channel.PAGE)
    desk.venue.fill(ticket.orders[0].order.order_ref)
    await asyncio.sleep(0.05)
    return draft.strategy_id


async def test_a_position_with_a_worthless_leg_can_be_closed(desk: Desk) -> None:
    """An option without a bid can be sold for nothing at worst: staged, approved, sent."""
    strategy_id = await filled(desk)
    held = desk.ledger.book.orders_of_trade(strategy_id)[0].order.combo
    market: Any = desk.desk.market
    honest = market.quote
    long = held.legs[0].contract.con_id

    def without_a_bid(instrument: Any, **more: Any) -> Any:
        quote = honest(instrument, **more)
        return replace(quote, bid=None) if instrument.con_id == long else quote

    type(market).quote = lambda self, instrument, **more: without_a_bid(instrument, **more)
    try:
        ticket = await desk.service.stage_close(strategy_id, close_type="market")
        outcome = await desk.service.approve(ticket.ticket_id, Channel.PAGE)
    finally:
        type(market).quote = honest.__func__
    assert outcome.state is OrderState.LIVE
    assert desk.venue.held(ticket.orders[0].order.order_ref).new.order.purpose is Purpose.CLOSE


@pytest.mark.parametrize(("percent", "closed"), [("100", 3), ("34", 1), ("67", 2), ("1", 1), ("0.5", 1)])
async def test_a_percentage_closes_whole_combos_and_never_more_than_was_asked(
    desk: Desk, percent: str, closed: int
) -> None:
    """Rounded down, at least one; the ticket names the number, and how a value below 1 was read."""
    strategy_id = await filled(desk, quantity=3)
    ticket = await desk.service.stage_close(strategy_id, percentage=Decimal(percent))
    assert ticket.orders[0].order.quantity == closed
    assert ticket.facts.title == f"Close {closed} of 3 · Bull call spread · SPY"
    said = [warning for warning in ticket.facts.warnings if "was read as" in warning]
    assert bool(said) is (percent == "0.5")


async def test_a_part_of_the_only_combo_is_refused_because_it_would_be_all(desk: Desk) -> None:
    """Half of one is none or all, and the person has asked for neither."""
    strategy_id = await filled(desk, quantity=1)
    with pytest.raises(InvalidRequest) as caught:
        await desk.service.stage_close(strategy_id, percentage=Decimal(50))
    assert caught.value.expected == "percentage: 100"


@pytest.mark.parametrize("wrong", ["0", "-1", "100.1", "NaN"])
async def test_a_percentage_outside_its_range_is_refused(desk: Desk, wrong: str) -> None:
    """The error names the field."""
    strategy_id = await filled(desk)
    with pytest.raises(InvalidRequest, match="percentage"):
        await desk.service.stage_close(strategy_id, percentage=Decimal(wrong))


async def test_the_stop_and_the_target_of_a_filled_bracket_can_be_moved(desk: Desk) -> None:
    """That is when one moves them: the parent is history, what is held counts."""
    terms = {"take_profit_pct": Decimal(50), "stop_loss_pct": Decimal(50), "limit": Premium.of("4.00")}
    strategy_id = await filled(desk, **terms)
    by_role = {record.role: record for record in desk.ledger.book.orders_of_trade(strategy_id)}
    stop, target = by_role[Role.STOP], by_role[Role.TARGET]
    moved = await desk.service.stage_modify(stop.order_id, new_stop=Premium.of("2.40"))
    assert moved.facts.title == "Change the stop · Bull call spread · SPY · 1×"
    assert moved.orders[0].order.stop == Premium.of("-2.40")
    assert moved.orders[0].order.limit == Premium.of("-2.16")
    assert (await desk.service.approve(moved.ticket_id, Channel.PAGE)).state is OrderState.LIVE
    raised = await desk.service.stage_modify(target.order_id, new_limit=Premium.of("-5.00"))
    assert (await desk.service.approve(raised.ticket_id, Channel.PAGE)).state is OrderState.LIVE
    assert desk.venue.held(stop.ref).new.order.stop == Premium.of("-2.40")
    assert desk.venue.held(target.ref).new.order.limit == Premium.of("-5.00")


async def test_a_moved_stop_of_a_credit_keeps_paying(desk: Desk) -> None:
    """What was sold is bought back: trigger and limit stay positive, whatever sign was typed."""
    order = desk.order(limit="1.32", stop=Premium.of("1.20"))
    from sumppump.execution.changes import _moved_stop  # noqa: PLC0415 - the rule alone

    for typed in ("1.50", "-1.50"):
        moved = _moved_stop(order, Premium.of(typed))
        assert (moved.stop, moved.limit) == (Premium.of("1.50"), Premium.of("1.65"))
    with pytest.raises(InvalidRequest):
        _moved_stop(order, Premium.of("0"))


async def test_a_stop_is_set_for_what_is_not_guarded_yet(desk: Desk) -> None:
    """A second stop covers the rest; a third one has nothing to cover."""
    strategy_id = await filled(desk, quantity=3)
    first = await desk.service.stage_stop(strategy_id, stop_pct=Decimal(50))
    smaller = replace(first.orders[0].order, quantity=1)
    content = desk.service._tickets.get(first.ticket_id)
    assert content is not None
    desk.engine.dispatch.send(first, [replace(first.orders[0], order=smaller)])
    await asyncio.sleep(0.1)
    desk.service._tickets.forget(first.ticket_id)
    rest = await desk.service.stage_stop(strategy_id, stop_pct=Decimal(40))
    assert rest.orders[0].order.quantity == 2
    await desk.service.approve(rest.ticket_id, Channel.PAGE)
    with pytest.raises(OutOfStep) as refused:
        await desk.service.stage_stop(strategy_id, stop_pct=Decimal(30))
    assert refused.value.code == "stop_exists"


async def test_the_worst_order_asks_the_most(desk: Desk) -> None:
    """A loss without limit, or that nobody can say, has its cash typed on every account."""
    content = desk.content((Role.MAIN, desk.order()))
    nobody_knows = replace(content, facts=replace(content.facts, max_loss=None, max_loss_reason="unlimited"))
    assert desk.issue(nobody_knows).typed_amount == Money.of("200.00")
    assert desk.issue(content).typed_amount is None


async def test_a_change_of_price_keeps_the_level_that_the_catalogue_named(desk: Desk) -> None:
    """The legs alone do not tell a covered call from a naked one."""
    ticket = await desk.service.stage_open(await desk.draft())
    assert ticket.facts.permission_level == 2
    await desk.service.approve(ticket.ticket_id, Channel.PAGE)
    record = desk.ledger.book.orders[ticket.orders[0].order.order_ref]
    found = desk.ledger.book.tickets[record.ticket_id]
    facts = replace(found.ticket.facts, permission_level=1)
    desk.ledger.book.tickets[record.ticket_id] = replace(found, ticket=replace(found.ticket, facts=facts))
    assert record.order.limit is not None
    cheaper = record.order.limit - Premium.of("0.05")
    content = await desk.service._stager.modify(record, limit=cheaper, quantity=None, stop=None)
    assert content.bounds.permission_level == 1


async def test_only_what_the_trade_holds_is_closed_where_two_trades_hold_the_same_legs(desk: Desk) -> None:
    """One position of the account, two trades: each closes its own."""
    await filled(desk)
    await asyncio.sleep(0)
    desk.clock.advance(700)  # type: ignore[attr-defined]
    await filled(desk, quantity=2)
    position = (await desk.desk.portfolio.positions()).strategies[0]
    assert position.quantity == 3
    ticket = await desk.service.stage_close(position.position_id)
    assert ticket.orders[0].order.quantity == 2
    assert any("1 more of the same legs" in warning for warning in ticket.facts.warnings)
