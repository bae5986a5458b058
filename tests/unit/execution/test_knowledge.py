"""What is known and from where: lists, executions, positions. Sources: R7 to R9, C-22, F-12, F-20, F-44."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.crash.program import SPREAD, Program
from tests.support.fake_venue import FakeVenue, NewOrder
from tests.unit.execution.conftest import Play
from tests.unit.execution.test_closing import held, trade
from tests.unit.execution.test_following import opened, state

from sumppump.domain import events as ev
from sumppump.domain.combo import Combo
from sumppump.domain.orders import BrokerStatus, OrderState, OrderType, Purpose, TimeInForce
from sumppump.domain.tickets import Channel, Role, TicketKind
from sumppump.domain.trade import TradeState
from sumppump.execution.comparison import differences
from sumppump.execution.reports import WorkingOrder
from sumppump.kernel.errors import OutOfStep, WritesOff
from sumppump.kernel.money import Premium
from sumppump.ports.broker import OrderSeen, PositionsChanged


def test_an_order_that_is_held_inactive_is_read_by_the_timetable_and_not_in_a_circle(play: Play) -> None:
    """F-20: listed as Inactive with whyHeld it lives; a reading that repeats it is no news."""

    async def story(program: Program) -> None:
        ref = await opened(program)
        order = program.venue.held(ref)
        order.status, order.why_held = BrokerStatus.INACTIVE, "locate"
        program.venue.tell(order)
        await asyncio.sleep(1.0)
        program.broker.reads.clear()
        await asyncio.sleep(60.0)
        assert len(program.broker.reads) < 30
        assert state(program, ref) is OrderState.LIVE
        report = await asyncio.wait_for(program.service.reconcile(), 30.0)
        assert report.complete_rounds >= 1
        order.status, order.why_held = BrokerStatus.SUBMITTED, ""
        program.venue.tell(order)
        await asyncio.sleep(0.1)
        assert state(program, ref) is OrderState.LIVE

    play(story)


def test_filled_without_executions_is_filled_once_the_completed_list_says_so_too(play: Play) -> None:
    """Executions cover today only: two words of the broker are enough, and the trade goes on to its stop."""

    async def story(program: Program) -> None:
        ref = await opened(program)
        order = program.venue.held(ref)
        order.status, order.avg_price = BrokerStatus.FILLED, Decimal("1.95")
        program.venue.tell(order)
        await asyncio.sleep(1.0)
        report = program.service.status(ref)
        assert (report.state, report.filled, report.avg_fill_price) == (
            OrderState.FILLED,
            1,
            Premium.of("1.95"),
        )
        assert report.commission is None
        assert trade(program) is TradeState.FILLS_CONFIRMED
        assert program.ledger.book.held("stg_1") == 1

    play(story)


def test_what_is_sold_by_another_hand_is_noticed_and_a_stop_that_would_open_is_the_gravest(
    play: Play,
) -> None:
    """C-22: the account holds less than our trade; the stop of ours that still works is named first."""

    async def story(program: Program) -> None:
        await held(program)
        foreign = replace(program.order(SPREAD.reversed, "-2.00"), order_ref="")
        program.venue.send(NewOrder(foreign, order_id=0, client_id=0))
        await asyncio.sleep(0.1)
        program.venue.fill("")
        await asyncio.sleep(0.1)
        assert not (await program.service.reconcile()).unresolved
        health = program.service.health()
        (gravest,), (less,) = health.endangered, health.missing
        assert "would OPEN a position" in gravest
        assert less.startswith("the account holds less than the journal")
        assert health.alarms()[0] == gravest

    play(story)


def test_a_stop_never_outlives_what_it_guards(play: Play) -> None:
    """Sold by another hand: two readings agree, the trade is over, the stop is cancelled unfilled."""

    async def story(program: Program) -> None:
        await held(program)
        foreign = replace(program.order(SPREAD.reversed, "-2.00"), order_ref="")
        program.venue.send(NewOrder(foreign, order_id=0, client_id=0))
        await asyncio.sleep(0.1)
        program.venue.fill("")
        await asyncio.sleep(0.1)
        program.broker.deliver(PositionsChanged())
        await asyncio.sleep(20)
        assert trade(program) is TradeState.CLOSED
        assert program.ledger.book.held("stg_1") == 0
        assert program.ledger.book.working() == ()
        assert program.service.health().endangered == ()
        assert program.service.health().missing == ()

    play(story)


def test_a_broken_spread_is_not_over_and_its_alarm_stays(play: Play) -> None:
    """One leg sold by another hand: the exits are called off, and what is left is said until it is gone."""

    async def story(program: Program) -> None:
        await held(program)
        long_leg = SPREAD.legs[0]
        foreign = replace(program.order(Combo((long_leg.reversed,)), "-9.00"), order_ref="")
        program.venue.send(NewOrder(foreign, order_id=0, client_id=0))
        await asyncio.sleep(0.1)
        program.venue.fill("")
        await asyncio.sleep(0.1)
        program.broker.deliver(PositionsChanged())
        await asyncio.sleep(20)
        assert program.ledger.book.working() == ()
        assert trade(program) is not TradeState.CLOSED
        (less,) = program.service.health().missing
        assert "+1 SPY" in less
        assert "+0" not in less

    play(story)


def test_what_is_left_of_a_position_is_said_to_have_no_stop(play: Play) -> None:
    """Two held, one sold by another hand: the stop for two is called off, and the person is told."""

    async def story(program: Program) -> None:
        await held(program, quantity=2)
        foreign = replace(program.order(SPREAD.reversed, "-2.00"), order_ref="", quantity=1)
        program.venue.send(NewOrder(foreign, order_id=0, client_id=0))
        await asyncio.sleep(0.1)
        program.venue.fill("")
        await asyncio.sleep(0.1)
        program.broker.deliver(PositionsChanged())
        await asyncio.sleep(20)
        assert program.ledger.book.held("stg_1") == 1
        assert program.ledger.book.working() == ()
        assert program.service.health().alarms()[0].startswith("NO STOP: ")

    play(story)


def test_one_reading_alone_books_nothing(play: Play) -> None:
    """A position that shows up again in the next reading was never gone."""

    async def story(program: Program) -> None:
        await held(program)
        program.broker.hides_positions = True
        await program.service.reconcile()
        program.broker.hides_positions = False
        await asyncio.sleep(20)
        assert trade(program) is TradeState.MONITORING
        assert program.ledger.book.held("stg_1") == 1

    play(story)


def test_more_than_we_hold_is_nobodys_alarm(play: Play) -> None:
    """Other hands may trade the same account."""

    async def story(program: Program) -> None:
        await held(program)
        positions = [replace(each, quantity=each.quantity * 3) for each in await program.broker.positions()]
        assert differences(program.ledger.book, positions) == ((), ())

    play(story)


def test_positions_that_cannot_be_read_do_not_keep_orders_from_being_known(play: Play) -> None:
    """A bond in the account is a finding, not the end of everything."""

    async def story(program: Program) -> None:
        ref = await opened(program)
        program.broker.failing = {"positions"}
        program.broker.lose_connectivity()
        program.venue.fill(ref)
        program.broker.regain_connectivity()
        await asyncio.sleep(1.0)
        assert state(program, ref) is OrderState.FILLED
        report = await program.service.reconcile()
        assert report.green
        assert "positions cannot be read" in report.findings[-1]

    play(story)


def test_lists_that_cannot_be_read_are_an_alarm_with_the_reason(play: Play) -> None:
    """Nobody waits "a few seconds" for ever without being told why."""

    async def story(program: Program) -> None:
        program.broker.failing = {"completed_orders"}
        program.broker.lose_connectivity()
        program.broker.regain_connectivity()
        await asyncio.sleep(1.0)
        assert "completed_orders was not answered" in program.service.health().alarms()[0]
        with pytest.raises(Exception, match="completed_orders was not answered"):
            program.engine.gates.before_order(program.order())
        program.broker.failing = set()
        await program.service.reconcile()
        assert program.service.health().broker_problem == ""

    play(story)


def test_a_second_life_of_the_same_legs_does_not_count_the_exits_of_the_first(play: Play) -> None:
    """position_id is made of the legs: adopted 3 and closed, held again and adopted 5."""

    async def story(program: Program) -> None:
        def adopt(quantity: int) -> None:
            program.ledger.commit(ev.Adopted(strategy_id="pos_1", symbol="SPY", title="t", quantity=quantity))

        async def close(quantity: int) -> None:
            order = program.order(SPREAD.reversed, "-2.00", quantity, purpose=Purpose.CLOSE)
            content = program.content((Role.MAIN, order), kind=TicketKind.CLOSE, strategy_id="pos_1")
            ticket = program.issue(content)
            program.engine.dispatch.send(ticket, ticket.orders)
            await asyncio.sleep(0.1)
            program.venue.fill(order.order_ref)
            await asyncio.sleep(0.5)

        adopt(3)
        await close(3)
        assert (program.ledger.book.trades["pos_1"].state, program.ledger.book.held("pos_1")) == (
            TradeState.CLOSED, 0,
        )  # fmt: skip
        adopt(5)
        assert program.ledger.book.held("pos_1") == 5
        await close(2)
        assert (program.ledger.book.trades["pos_1"].state, program.ledger.book.held("pos_1")) == (
            TradeState.FILLS_CONFIRMED, 3,
        )  # fmt: skip

    play(story)


async def _stop(program: Program, quantity: int) -> str:
    order = program.order(
        SPREAD.reversed, "-0.90", quantity, stop=Premium.of("-1.00"), tif=TimeInForce.GTC,
        order_type=OrderType.STP_LMT, purpose=Purpose.STOP, protects="stg_1",
    )  # fmt: skip
    ticket = program.issue(program.content((Role.MAIN, order), kind=TicketKind.STOP))
    await program.service.approve(ticket.ticket_id, Channel.PAGE)
    await asyncio.sleep(0.2)
    return order.order_ref


def test_a_stop_that_guards_less_than_is_held_is_no_stop_yet(play: Play) -> None:
    """Guarded is what the stops at the broker cover; only then the step is done."""

    async def story(program: Program) -> None:
        await held(program, quantity=5, with_stop=False)
        await _stop(program, 2)
        assert (trade(program), program.ledger.book.guarded("stg_1")) == (TradeState.FILLS_CONFIRMED, 2)
        rest = await _stop(program, 3)
        assert trade(program) in (TradeState.STOPS_PLACED, TradeState.MONITORING)
        record = program.ledger.book.orders[rest]
        change = await program.service._stager.modify(record, limit=None, quantity=1, stop=None)
        assert "Only 3 of 5 held would be guarded" in change.facts.warnings[0]
        await program.service.approve(program.issue(change).ticket_id, Channel.PAGE)
        await asyncio.sleep(0.2)
        assert trade(program) is TradeState.FILLS_CONFIRMED

    play(story)


def test_an_order_on_other_contracts_than_were_sent_halts(play: Play) -> None:
    """F-44, incident 48: routed to another contract."""

    async def story(program: Program) -> None:
        ref = await opened(program)
        told = program.venue.report(program.venue.held(ref))
        program.broker.deliver(OrderSeen(order=replace(told, con_ids=(1, 2))))
        await asyncio.sleep(0.1)
        assert "other contracts" in program.service.health().halted
        with pytest.raises(WritesOff, match="halted"):
            program.engine.gates.before_modify(program.ledger.book.orders[ref].order)

    play(story)


def test_a_doubt_about_one_order_does_not_keep_itself_from_being_changed(play: Play) -> None:
    """The gates ask about other orders than the one that is being changed."""

    async def story(program: Program) -> None:
        ref = await opened(program)
        record = program.ledger.book.orders[ref]
        program.ledger.note(ev.Doubted(order_ref=ref, reason="test", mono=0.0))
        program.engine.gates.before_modify(record.order)
        with pytest.raises(OutOfStep):
            program.engine.gates.before_order(program.order())

    play(story)


def test_working_orders_without_a_permanent_id_are_all_shown(play: Play) -> None:
    """Incident 25: ids of 0 collide; nothing is lost because of it."""

    async def story(program: Program) -> None:
        for symbol in range(3):
            order = replace(program.order(limit=f"1.{symbol}0"), order_ref="")
            program.venue.send(NewOrder(order, order_id=-symbol, client_id=9))
        await asyncio.sleep(0.2)
        for each in program.venue.orders.values():
            each.perm_id = 0
        shown = await program.service.open_orders()
        assert sorted(str(row.limit) for row in shown) == ["1.00", "1.10", "1.20"]
        assert all(isinstance(row, WorkingOrder) and not row.ours for row in shown)

    play(story)


def test_a_person_who_cancelled_sees_cancelled_whatever_was_refused_before(play: Play) -> None:
    """A refused change of earlier is no reason of the end."""

    async def story(program: Program) -> None:
        ref = await opened(program)
        program.broker.say(1, 201, "an earlier change was rejected", order_ref=ref)
        await asyncio.sleep(0.2)
        assert (await program.service.cancel(ref)).state is OrderState.CANCELLED
        assert trade(program) is TradeState.CANCELLED

    play(story)


def test_one_reference_under_two_permanent_ids_cancels_what_this_client_may(play: Play) -> None:
    """R9, incident 16: an alarm and cancels; an order of another client id does not hold them up."""
    venue = FakeVenue()

    async def story(program: Program) -> None:
        other = await opened(program)
        record = program.ledger.book.orders[other]
        program.ledger.book.orders[other] = replace(record, client_id=3)
        ref = await opened(program, limit="1.80")
        twin = replace(program.venue.report(program.venue.held(ref)), perm_id=99)
        program.broker.deliver(OrderSeen(order=twin))
        await asyncio.sleep(2.0)
        assert "permanent ids" in program.service.health().halted
        assert [each.ref for each in venue.working()] == [other]
        (outcome,) = [
            o for o in await program.service.cancel_all() if o.report and o.report.order_ref == other
        ]
        assert "client 3" in outcome.message

    play(story, venue=venue)
