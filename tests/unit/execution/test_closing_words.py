"""What is said of a close that removes exits, and of tickets that nothing can come of any more."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from tests.crash.program import SPREAD, Program
from tests.unit.execution.conftest import Play
from tests.unit.execution.test_closing import held, only

from sumppump.approval.sheet import sheet_of
from sumppump.approval.words import for_a_person
from sumppump.domain.orders import OrderState, OrderType, Purpose, TimeInForce
from sumppump.domain.tickets import Channel, Role, TicketKind
from sumppump.domain.trade import DUE, TradeState
from sumppump.execution.reports import OrderReport
from sumppump.kernel.errors import TicketGone
from sumppump.kernel.money import Premium


async def bracket(program: Program) -> None:
    """A filled trade with a take profit and a stop at work."""
    ticket = program.bracket_ticket()
    await program.service.approve(ticket.ticket_id, Channel.PAGE)
    program.venue.fill(ticket.orders[0].order.order_ref)
    await asyncio.sleep(0.1)


def report_of(program: Program, purpose: Purpose) -> OrderReport:
    return program.service.status(only(program, purpose))


def test_a_close_that_removes_an_exit_says_how_long_it_works(play: Play) -> None:
    """On the ticket, the page, the order and the due line; the figure is the one that is kept."""

    async def story(program: Program) -> None:
        await held(program)
        ticket = await program.service.stage_close("stg_1")
        assert ticket.works_for_s == 3.0
        assert ticket.facts.price_words.endswith("LMT DAY, for 3 seconds")
        assert "works for 3 seconds only" in ticket.facts.warnings[0]
        sheet = sheet_of(program.service.ticket(ticket.ticket_id), wall=program.clock.now())
        (order,) = [row for row in sheet.facts if row.label == "Order"]
        assert (order.value, order.note) == ("1 × LMT for 3 s", "then cancelled")
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert "after 3 s it is cancelled" in program.service.due(program.service.trades()[0])
        assert "Not filled after 3 s it is cancelled" in report_of(program, Purpose.CLOSE).next_steps[0]

    play(story)


def test_a_close_without_exits_keeps_its_day(play: Play) -> None:
    """Nothing is removed, so nothing ends it before its time in force does."""

    async def story(program: Program) -> None:
        await held(program, with_stop=False)
        ticket = await program.service.stage_close("stg_1")
        assert (ticket.works_for_s, ticket.facts.price_words[-7:]) == (0.0, "LMT DAY")
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert report_of(program, Purpose.CLOSE).next_steps[0].startswith("Wait for the fill; change it")
        assert "after" not in program.service.due(program.service.trades()[0])

    play(story)


def test_a_close_that_ran_out_of_time_says_who_ended_it_and_what_guards_again(play: Play) -> None:
    """TWS reports a cancel of ours like any other; the answer tells whose it was."""

    async def story(program: Program) -> None:
        await held(program)
        ticket = await program.service.stage_close("stg_1")
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        await asyncio.sleep(5.0)
        report = program.service.ticket(ticket.ticket_id).report
        assert (report.state, report.evidence) == (
            OrderState.CANCELLED,
            "not filled within 3 s; SumpPump cancelled it",
        )
        back = [r for r in program.ledger.book.orders.values() if r.order.purpose is Purpose.STOP][-1]
        said = f"The stop works again: order {back.order_id}, for 1 at 1.00 credit."
        assert report.next_steps == (said,)

    play(story)


def test_a_close_that_was_cancelled_on_request_is_not_said_to_have_run_out(play: Play) -> None:
    """The broker's own evidence stays; the stop that came back is named all the same."""

    async def story(program: Program) -> None:
        await held(program)
        ticket = await program.service.stage_close("stg_1")
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        await program.service.cancel(only(program, Purpose.CLOSE))
        await asyncio.sleep(1.0)
        report = report_of(program, Purpose.CLOSE)
        assert (report.state, "SumpPump" in report.evidence) == (OrderState.CANCELLED, False)
        assert report.next_steps[0].startswith("The stop works again")

    play(story)


def test_a_partial_close_says_what_guards_the_rest_in_both_cases(play: Play) -> None:
    """3 held, 1 closed: the exits come back for 2 or for 3, and afterwards the answer names them."""

    async def story(program: Program) -> None:
        await held(program, quantity=3)
        ticket = await program.service.stage_close("stg_1", percentage=Decimal(34))
        said = "for what is left: 2 when the close is filled, 3 when it is not"
        assert said in " ".join(ticket.facts.warnings)
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        program.venue.fill(only(program, Purpose.CLOSE))
        await asyncio.sleep(1.5)
        (step,) = report_of(program, Purpose.CLOSE).next_steps
        assert step.startswith("The stop works again")
        assert step.endswith("for 2 at 1.00 credit.")

    play(story)


def test_a_whole_close_says_that_no_exit_comes_back(play: Play) -> None:
    """When it is filled there is nothing left to guard."""

    async def story(program: Program) -> None:
        await held(program)
        ticket = await program.service.stage_close("stg_1")
        assert "none when the close is filled, 1 when it is not" in " ".join(ticket.facts.warnings)

    play(story)


def test_take_profit_and_stop_are_called_by_their_own_names(play: Play) -> None:
    """Of what goes first and of what comes back, with what it would make of the entry."""

    async def story(program: Program) -> None:
        await bracket(program)
        ticket = await program.service.stage_close("stg_1")
        assert "(take profit)" in ticket.facts.warnings[0]
        assert "(stop)" in ticket.facts.warnings[0]
        sheet = sheet_of(program.service.ticket(ticket.ticket_id), wall=program.clock.now())
        rows = {row.label: (row.value, row.note) for row in sheet.facts}
        assert rows["Take profit comes back"] == ("at 3.00 credit", "+$100.00 before fees, GTC")
        assert rows["Stop comes back"] == ("from 1.00 credit, limit 0.90 credit", "−$110.00 before fees, GTC")
        assert rows["Cancelled first"] == ("1 take profit, 1 stop", "")

    play(story)


@pytest.mark.parametrize("kind", [TicketKind.MODIFY, TicketKind.CANCEL_STOP])
def test_a_ticket_about_an_order_that_is_gone_ends_by_itself(play: Play, kind: TicketKind) -> None:
    """At the next heartbeat, with the reason; a person is not asked for what cannot be done."""

    async def story(program: Program) -> None:
        await held(program)
        stop = program.ledger.book.orders[only(program, Purpose.STOP)]
        moved = program.order(
            SPREAD.reversed, "-0.80", stop=Premium.of("-0.90"), tif=TimeInForce.GTC,
            order_type=OrderType.STP_LMT, purpose=Purpose.STOP, protects="stg_1",
        )  # fmt: skip
        ticket = program.issue(program.content((Role.MAIN, moved), kind=kind, target_ref=stop.ref))
        await asyncio.sleep(1.0)
        assert program.service.ticket(ticket.ticket_id).state is OrderState.AWAIT_HUMAN
        program.venue.fill(stop.ref)
        await asyncio.sleep(1.0)
        report = program.service.ticket(ticket.ticket_id).report
        assert report.state is OrderState.EXPIRED
        assert report.evidence == f"order {stop.order_id} is no longer working (FILLED)"
        assert f"Order {stop.order_id} is over" in report.next_steps[0]
        assert ticket.ticket_id not in program.people.codes
        with pytest.raises(TicketGone):
            await program.service.approve(ticket.ticket_id, Channel.PAGE)

    play(story)


def test_a_declined_stop_says_how_to_want_none(play: Play) -> None:
    """Declining one stop is not yet wanting none: the next step and the due line tell the call."""

    async def story(program: Program) -> None:
        await held(program, with_stop=False)
        order = program.order(
            SPREAD.reversed, "-0.90", stop=Premium.of("-1.00"), tif=TimeInForce.GTC,
            order_type=OrderType.STP_LMT, purpose=Purpose.STOP, protects="stg_1",
        )  # fmt: skip
        ticket = program.issue(program.content((Role.MAIN, order), kind=TicketKind.STOP))
        await program.service.decline(ticket.ticket_id, Channel.PAGE)
        steps = program.service.ticket(ticket.ticket_id).report.next_steps
        assert steps[0] == "Nothing was sent."
        assert "decline=true" in steps[1]
        assert "decline=true" in DUE[TradeState.FILLS_CONFIRMED]
        assert "trade_" not in " ".join(map(for_a_person, steps))

    play(story)
