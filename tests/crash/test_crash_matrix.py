"""The rows of the crash matrix by name, each with its own allowed end. The venue is the ground truth."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest
from tests.crash.harness import Points, Story, World, nobody
from tests.crash.program import Program
from tests.crash.stories import (
    cancel_it,
    cancel_raced_by_fill,
    kill_switch,
    modify_it,
    open_and_fill,
    stop_then_close,
)
from tests.support.fake_venue import FakeVenue, NewOrder, acknowledge, stay_silent

from sumppump.domain import events as ev
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import OrderState, Purpose
from sumppump.domain.tickets import Channel
from sumppump.kernel.errors import WritesOff
from sumppump.kernel.money import Money

STAGED = "after commit Staged"
SENDING = "commit Decided+Sending"


@pytest.fixture
def world() -> Iterator[World]:
    """A world in which every order is acknowledged, frames survive a crash, and nothing fills by itself."""
    with World(11, frames_survive=True, fills_in_the_dark=False) as made:
        made.venue.on_new = acknowledge
        yield made


def kill_at(world: World, story: Story, where: str, *, nth: int = 0) -> None:
    """Run a story and kill it at the nth durable point of this name, which a first run finds."""
    points = Points()
    with World(world.seed, frames_survive=True, fills_in_the_dark=False) as trial:
        trial.venue.on_new, trial.venue.splits_modify = world.venue.on_new, world.venue.splits_modify
        trial.run(story, points=points)
    place = [number for number, name in enumerate(points.seen, 1) if where in name][nth]
    world.run(story, points=Points(place))


def recover(world: World, story: Story = nobody) -> Program:
    """The next process, which speaks the truth in the end."""
    world.recover(story)
    assert world.lies() == []
    return world.programs[-1]


def only_order(program: Program, purpose: Purpose = Purpose.OPEN) -> OrderRecord:
    (record,) = [r for r in program.ledger.book.orders.values() if r.order.purpose is purpose]
    return record


def ticket_state(program: Program) -> OrderState:
    return next(iter(program.ledger.book.tickets.values())).state


def orders_at(venue: FakeVenue) -> int:
    return len(venue.orders)


def test_x1_killed_before_the_ticket_is_written_there_is_nothing(world: World) -> None:
    """X1: no ticket, no order."""
    kill_at(world, open_and_fill, "before commit Staged")
    program = recover(world)
    assert (orders_at(world.venue), len(program.ledger.book.tickets)) == (0, 0)


def test_x2_a_ticket_that_waited_is_expired_by_the_restart(world: World) -> None:
    """X2: the ticket dies with the process whose clock it lived by."""
    kill_at(world, open_and_fill, STAGED)
    program = recover(world)
    assert (orders_at(world.venue), ticket_state(program)) == (0, OrderState.EXPIRED)


@pytest.mark.parametrize("row", ["X3", "X5"])
def test_x3_x5_killed_before_the_approval_is_durable_nothing_was_approved(world: World, row: str) -> None:
    """X3 and X5: the approval and SENDING are one transaction; torn, neither exists, and nothing was sent."""
    kill_at(world, open_and_fill, f"before {SENDING}")
    program = recover(world)
    assert (orders_at(world.venue), ticket_state(program)) == (0, OrderState.EXPIRED)


def test_x4_an_approved_close_whose_stop_went_first_is_not_sent_by_the_restart(world: World) -> None:
    """X4: the quote is stale, so the close never goes; the stop that it removed is set again."""
    kill_at(world, stop_then_close, "after commit Decided+CancelSending")
    program = recover(world)
    closes = [r for r in program.ledger.book.orders.values() if r.order.purpose is Purpose.CLOSE]
    stops = [r.state for r in program.ledger.book.orders.values() if r.order.purpose is Purpose.STOP]
    assert (closes, stops) == ([], [OrderState.CANCELLED, OrderState.LIVE])


def test_x6_killed_between_commit_and_write_the_person_is_told_and_nothing_is_sent(world: World) -> None:
    """X6: SENDING without a write ends as NOT_FOUND after the window, with no order."""
    kill_at(world, open_and_fill, f"after {SENDING}")
    program = recover(world)
    assert (orders_at(world.venue), only_order(program).state) == (0, OrderState.NOT_FOUND)
    assert "TWS" in program.service.status(only_order(program).ref).next_steps[0]


@pytest.mark.parametrize(("arrives", "state"), [(True, OrderState.LIVE), (False, OrderState.NOT_FOUND)])
def test_x7_x21_bytes_in_the_kernel_may_surface_later_or_never(
    world: World, arrives: bool, state: OrderState
) -> None:
    """X7 and X21: written, and then dark; what surfaces within the window is adopted, once."""
    world.frames_survive = arrives
    kill_at(world, open_and_fill, "after write")
    program = recover(world)
    assert (orders_at(world.venue), only_order(program).state) == (int(arrives), state)


def test_x8_an_order_that_was_never_acknowledged_is_found_by_its_reference(world: World) -> None:
    """X8: the broker has it and has said nothing; it is adopted, not sent again."""
    world.venue.on_new = stay_silent
    kill_at(world, open_and_fill, "after write")
    program = recover(world)
    assert (orders_at(world.venue), only_order(program).state) == (1, OrderState.LIVE)


@pytest.mark.parametrize(("row", "where"), [("X9", "before commit Seen"), ("X10", "before commit Seen")])
def test_x9_x10_an_acknowledgement_that_was_not_written_down_is_found_again(
    world: World, row: str, where: str
) -> None:
    """X9 and X10: in the socket or parsed, but not committed."""
    kill_at(world, open_and_fill, where)
    program = recover(world)
    assert (orders_at(world.venue), only_order(program).state) == (1, OrderState.LIVE)


def test_x11_the_same_ticket_gives_the_same_result_after_a_restart(world: World) -> None:
    """X11: LIVE was committed and the answer lost; asking again tells, and sends nothing."""
    kill_at(world, open_and_fill, "after commit Seen")
    answers: list[OrderState] = []

    async def again(program: Program, rng: random.Random) -> None:
        ticket_id = next(iter(program.ledger.book.tickets))
        outcome = await program.service.approve(ticket_id, Channel.PAGE)
        answers.append(outcome.state)
        assert outcome.replayed

    recover(world, again)
    assert (answers, orders_at(world.venue)) == ([OrderState.LIVE], 1)


def test_x12_a_partial_fill_that_was_not_written_down_is_counted_once(world: World) -> None:
    """X12: executions are known by their id."""

    async def story(program: Program, rng: random.Random) -> None:
        ticket = program.open_ticket(quantity=3)
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        program.venue.fill(ticket.orders[0].order.order_ref, 2)
        await asyncio.sleep(0.2)

    kill_at(world, story, "before commit Executed")
    program = recover(world)
    record = only_order(program)
    assert (record.state, record.filled) == (OrderState.PARTIAL, 2)


def test_x13_a_commission_that_comes_later_is_unknown_until_then_and_never_zero(world: World) -> None:
    """X13: the fee is None, then the broker's figure."""
    world.venue.commission_per_contract = None

    async def fill_it(program: Program, rng: random.Random) -> None:
        ref = only_order(program).ref
        program.venue.fill(ref)
        await asyncio.sleep(0.5)
        assert program.service.status(ref).commission is None

    kill_at(world, open_and_fill, "after commit Seen")
    program = recover(world, fill_it)
    assert only_order(program).state is OrderState.FILLED
    for fill in only_order(program).fills:
        event = ev.Charged(exec_base=fill.exec_base, revision=1, commission=Money.of("0.65"))
        program.ledger.book.charges[fill.exec_base] = event
    assert program.ledger.book.commission(only_order(program)) == Money.of("1.30")


def test_x14_a_cancel_that_was_written_down_and_not_sent_is_sent_again(world: World) -> None:
    """X14: a cancel is the same cancel however often it is sent."""
    kill_at(world, cancel_it, "before cancel write")
    program = recover(world)
    assert only_order(program).state is OrderState.CANCELLED


def test_x15_a_fill_that_races_a_cancel_wins(world: World) -> None:
    """X15: executions are the truth."""
    world.fills_in_the_dark = True
    kill_at(world, cancel_raced_by_fill, "before cancel write")
    program = recover(world)
    assert only_order(program).state is OrderState.FILLED


@pytest.mark.parametrize("where", ["after commit Decided+ModifySending", "after write"])
def test_x16_a_modify_that_hangs_ends_as_one_order_old_or_new(world: World, where: str) -> None:
    """X16: the broker's list tells which of the two it is."""
    kill_at(world, modify_it, where, nth=0 if "commit" in where else 1)
    program = recover(world)
    held = world.venue.held(only_order(program).ref)
    assert only_order(program).state is OrderState.LIVE
    assert only_order(program).order.quantity == held.new.order.quantity


def test_x16_a_modify_that_made_a_second_order_halts_and_cancels_both(world: World) -> None:
    """X16, incident 16: one reference under two permanent ids is an alarm, not a pair of orders."""
    world.venue.splits_modify = True
    kill_at(world, modify_it, "after write", nth=1)
    world.recover()
    program = world.programs[-1]
    assert "permanent ids" in program.service.health().halted
    assert not world.venue.working()[1:]


def test_x18_killed_half_way_through_a_kill_the_rest_is_cancelled_and_nothing_new_goes_out(
    world: World,
) -> None:
    """X18: the switch survives; the restart resumes the cancels before anything else."""
    kill_at(world, kill_switch, "after cancel write")
    before = len([c for c in world.venue.arrived if isinstance(c, NewOrder)])

    async def try_to_open(program: Program, rng: random.Random) -> None:
        ticket = program.open_ticket(limit="1.50")
        with pytest.raises(WritesOff) as refused:
            await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert refused.value.code == "killed"

    recover(world, try_to_open)
    assert world.venue.working() == []
    assert len([c for c in world.venue.arrived if isinstance(c, NewOrder)]) == before


@pytest.mark.parametrize("kept", [0, 2])
def test_x19_an_order_of_ours_that_the_journal_does_not_know_halts(world: World, kept: int) -> None:
    """X19: the journal was deleted, or an older backup was put back."""
    world.run(open_and_fill)
    del world.disk.rows[kept:]
    world.recover()
    program = world.programs[-1]
    assert "not in this journal" in program.service.health().halted
    assert program.ledger.book.orders == {}


def test_x20_the_second_process_sends_nothing_and_says_who_writes(world: World) -> None:
    """X20: one writer; the other reads along and takes over when the first has gone."""

    async def two(program: Program, rng: random.Random) -> None:
        second = Program(program.clock, world.venue, world.disk)
        await second.service.start()
        ticket = program.open_ticket()
        assert [view.ticket.ticket_id for view in second.service.tickets()] == [ticket.ticket_id]
        with pytest.raises(WritesOff) as refused:
            await second.service.approve(ticket.ticket_id, Channel.PAGE)
        assert refused.value.code == "read_only"
        assert not second.service.health().writer
        program.journal.close()
        await second.service.reconcile()
        assert second.service.health().writer
        await second.service.stop()

    world.run(two)
    assert orders_at(world.venue) == 0


def test_x22_a_clock_that_jumps_back_never_makes_a_reference_twice(world: World) -> None:
    """X22: references count the journal's boots, not only time."""
    refs: list[str] = []

    async def draw(program: Program, rng: random.Random) -> None:
        refs.extend(program.ledger.new_ref() for _ in range(3))

    world.clock_jumps_back = True
    for _ in range(3):
        world.run(draw)
    counters = {ref[4 + 10 : 4 + 18] for ref in refs}
    assert len(set(refs)) == len(counters) == 9
