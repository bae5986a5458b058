"""A close that first removes the stop. Source: decision 11; every step is read off the journal alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.crash.program import SPREAD, Program
from tests.support.fake_venue import FakeVenue, NewOrder
from tests.unit.execution.conftest import Play

from sumppump.domain.orders import OrderState, OrderType, Purpose, TimeInForce
from sumppump.domain.tickets import Channel, Role, TicketKind
from sumppump.domain.trade import TradeState
from sumppump.kernel.errors import OutOfStep, WritesOff
from sumppump.kernel.money import Premium


async def held(program: Program, quantity: int = 1, *, with_stop: bool = True) -> None:
    """A filled trade with a working stop."""
    ticket = program.open_ticket(quantity=quantity)
    await program.service.approve(ticket.ticket_id, Channel.PAGE)
    program.venue.fill(ticket.orders[0].order.order_ref)
    await asyncio.sleep(0.1)
    if with_stop:
        order = program.order(
            SPREAD.reversed, "-0.90", quantity=quantity, stop=Premium.of("-1.00"), tif=TimeInForce.GTC,
            order_type=OrderType.STP_LMT, purpose=Purpose.STOP, protects="stg_1",
        )  # fmt: skip
        stop = program.issue(program.content((Role.MAIN, order), kind=TicketKind.STOP))
        await program.service.approve(stop.ticket_id, Channel.PAGE)


def states(program: Program, purpose: Purpose) -> list[OrderState]:
    return [r.state for r in program.ledger.book.orders.values() if r.order.purpose is purpose]


def only(program: Program, purpose: Purpose) -> str:
    (ref,) = [r.ref for r in program.ledger.book.orders.values() if r.order.purpose is purpose]
    return ref


def trade(program: Program) -> TradeState:
    return program.service.trades()[0].state


def test_the_stop_goes_first_and_the_trade_ends_closed(play: Play) -> None:
    """Cancelled and confirmed before the close is written; nothing works afterwards."""

    async def story(program: Program) -> None:
        await held(program)
        assert trade(program) is TradeState.STOPS_PLACED
        ticket = await program.service.stage_close("stg_1")
        assert "Cancelled first" in " ".join(ticket.facts.warnings)
        outcome = await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert (outcome.state, states(program, Purpose.STOP)) == (OrderState.LIVE, [OrderState.CANCELLED])
        program.venue.fill(only(program, Purpose.CLOSE))
        await asyncio.sleep(0.5)
        assert trade(program) is TradeState.CLOSED
        assert program.venue.working() == []

    play(story)


def test_a_close_that_is_not_filled_is_cancelled_and_the_stop_comes_back_at_its_price(play: Play) -> None:
    """Settled 11: after the window, at the old trigger and limit, under a new reference."""

    async def story(program: Program) -> None:
        await held(program)
        old = program.ledger.book.orders[only(program, Purpose.STOP)].order
        ticket = await program.service.stage_close("stg_1")
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        await asyncio.sleep(5.0)
        assert states(program, Purpose.CLOSE) == [OrderState.CANCELLED]
        assert states(program, Purpose.STOP) == [OrderState.CANCELLED, OrderState.LIVE]
        (back,) = [each.new.order for each in program.venue.working()]
        assert replace(back, order_ref=old.order_ref) == old
        assert back.order_ref != old.order_ref
        assert trade(program) in (TradeState.STOPS_PLACED, TradeState.MONITORING)

    play(story)


def test_a_partly_filled_close_brings_the_stop_back_for_the_rest(play: Play) -> None:
    """A stop never guards more than is held."""

    async def story(program: Program) -> None:
        await held(program, quantity=3)
        ticket = await program.service.stage_close("stg_1")
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        program.venue.fill(only(program, Purpose.CLOSE), 2)
        await asyncio.sleep(5.0)
        (back,) = program.venue.working()
        assert (back.new.order.purpose, back.new.order.quantity) == (Purpose.STOP, 1)

    play(story)


def test_closing_a_part_leaves_the_rest_guarded(play: Play) -> None:
    """50 % of 2: one is closed, and the stop stands again for the other."""

    async def story(program: Program) -> None:

        await held(program, quantity=2)
        ticket = await program.service.stage_close("stg_1", percentage=Decimal(50))
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        program.venue.fill(only(program, Purpose.CLOSE))
        await asyncio.sleep(1.5)
        (back,) = program.venue.working()
        assert (back.new.order.purpose, back.new.order.quantity) == (Purpose.STOP, 1)
        assert trade(program) is not TradeState.CLOSED

    play(story)


def test_when_the_stop_fills_first_the_close_is_never_sent(play: Play) -> None:
    """The race between cancel and fill: executions win, and nothing is sold twice."""

    async def story(program: Program) -> None:
        await held(program)
        ticket = await program.service.stage_close("stg_1")
        program.venue.holding = True
        approving = asyncio.ensure_future(program.service.approve(ticket.ticket_id, Channel.PAGE))
        await asyncio.sleep(0.1)
        program.venue.fill(only(program, Purpose.STOP))
        program.venue.release()
        await approving
        await asyncio.sleep(2.0)
        assert states(program, Purpose.CLOSE) == []
        assert trade(program) is TradeState.CLOSED

    play(story)


def test_a_second_close_beside_a_working_one_is_refused(play: Play) -> None:
    """Two exits at once would turn the position round."""

    async def story(program: Program) -> None:
        await held(program, with_stop=False)
        ticket = await program.service.stage_close("stg_1")
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        with pytest.raises(OutOfStep) as refused:
            await program.service.stage_close("stg_1")
        assert refused.value.code == "already_closing"

    play(story)


def test_the_kill_switch_holds_even_the_stop_that_comes_back_until_a_person_clears_it(play: Play) -> None:
    """Settled 8: no frame but cancels; afterwards the stop is set without being asked again."""

    async def story(program: Program) -> None:
        await held(program)
        ticket = await program.service.stage_close("stg_1")
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        await program.service.kill("stop it all")
        await asyncio.sleep(6.0)
        assert states(program, Purpose.STOP) == [OrderState.CANCELLED]
        await program.service.clear_kill(Channel.TERMINAL)
        await asyncio.sleep(1.5)
        assert states(program, Purpose.STOP)[-1] is OrderState.LIVE

    play(story)


def test_a_stop_that_was_partly_filled_before_the_ticket_is_not_counted_twice(play: Play) -> None:
    """5 held, 2 stopped out, the person closes the 3 that are left: 3 are closed, and nothing stays."""

    async def story(program: Program) -> None:
        await held(program, quantity=5)
        program.venue.fill(only(program, Purpose.STOP), 2)
        await asyncio.sleep(0.2)
        ticket = await program.service.stage_close("stg_1")
        assert (ticket.orders[0].order.quantity, ticket.rearms[0].quantity) == (3, 3)
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        close = program.venue.held(only(program, Purpose.CLOSE))
        assert close.new.order.quantity == 3
        program.venue.fill(close.ref)
        await asyncio.sleep(0.5)
        assert trade(program) is TradeState.CLOSED
        assert program.venue.working() == []

    play(story)


def test_a_close_that_was_given_up_says_so(play: Play) -> None:
    """Its stop went too late: nothing was closed, the stop is back, and the ticket is over."""

    async def story(program: Program) -> None:
        await held(program)
        ticket = await program.service.stage_close("stg_1")
        program.venue.holding = True
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert program.service.ticket(ticket.ticket_id).state is OrderState.APPROVED
        await asyncio.sleep(3.0)
        program.venue.release()
        await asyncio.sleep(2.0)
        view = program.service.ticket(ticket.ticket_id)
        assert (view.state, states(program, Purpose.CLOSE)) == (OrderState.CANCELLED, [])
        assert "the stop was set again" in view.report.evidence
        assert states(program, Purpose.STOP) == [OrderState.CANCELLED, OrderState.LIVE]

    play(story)


def test_a_kill_in_the_middle_of_a_close_says_that_the_position_has_no_stop(play: Play) -> None:
    """The gravest thing stands first in every answer until the stop is back."""

    async def story(program: Program) -> None:
        await held(program)
        ticket = await program.service.stage_close("stg_1")
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        await program.service.kill("stop")
        await asyncio.sleep(6.0)
        assert program.service.health().alarms()[0].startswith("NO STOP: SPY: the kill switch is on")
        await program.service.clear_kill(Channel.TERMINAL)
        await asyncio.sleep(1.5)
        assert program.service.health().alarms() == ()

    play(story)


@pytest.mark.parametrize("lost", [Purpose.STOP, Purpose.CLOSE])
def test_what_nobody_knows_is_waited_for_and_no_second_exit_goes_out(play: Play, lost: Purpose) -> None:
    """An exit in doubt, or not found, may still be working: neither close nor stop is sent beside it."""

    async def story(program: Program) -> None:
        await held(program)
        ticket = await program.service.stage_close("stg_1")
        if lost is Purpose.CLOSE:
            honest = program.venue.send

            def lose_the_close(command: object) -> None:
                if not (isinstance(command, NewOrder) and command.order.purpose is Purpose.CLOSE):
                    honest(command)  # type: ignore[arg-type]

            object.__setattr__(program.broker, "venue", Deaf(program.venue, lose_the_close))
        else:
            stop = program.venue.held(only(program, Purpose.STOP))
            del program.venue.orders[stop.perm_id]
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        await asyncio.sleep(15.0)
        assert OrderState.NOT_FOUND in states(program, lost)
        assert len(program.ledger.book.orders) == (3 if lost is Purpose.CLOSE else 2)

    play(story)


class Deaf:
    """A venue that loses some frames; everything else is the venue's."""

    def __init__(self, venue: FakeVenue, send: Callable[[object], None]) -> None:
        self._venue = venue
        self.send = send

    def __getattr__(self, name: str) -> object:
        return getattr(self._venue, name)


def test_a_close_that_the_gates_refuse_leaves_the_stop_where_it_is(play: Play) -> None:
    """The gates are asked before the stop is touched, not when it is gone."""

    async def story(program: Program) -> None:
        await held(program)
        ticket = await program.service.stage_close("stg_1")
        await program.service.kill("first")
        with pytest.raises(WritesOff):
            await program.service.approve(ticket.ticket_id, Channel.PAGE)
        await asyncio.sleep(1.0)
        assert states(program, Purpose.STOP) == [OrderState.LIVE]

    play(story)


def test_while_a_close_works_the_step_that_is_due_is_to_wait_for_it(play: Play) -> None:
    """Not to set a stop beside it; and a kill says that the position has none."""

    async def story(program: Program) -> None:
        await held(program)
        ticket = await program.service.stage_close("stg_1")
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert program.service.due(program.service.trades()[0]).startswith("wait for the close")
        outcome = await program.service.kill("now")
        assert "The position in SPY has NO STOP" in outcome.message

    play(story)
