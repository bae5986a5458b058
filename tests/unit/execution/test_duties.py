"""What goes on by itself: heartbeat, take-over, audit, kill. Sources: C-20, K1 to K6, settled 8 and 26."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.crash.disk import Disk
from tests.crash.program import CALL, Program
from tests.support.fake_broker import margin
from tests.support.fake_venue import NewOrder
from tests.unit.execution.conftest import Play
from tests.unit.execution.test_following import opened, state

from sumppump.domain.orders import OrderState
from sumppump.domain.tickets import Channel, Role
from sumppump.kernel.errors import GatewayUnavailable, OutOfStep, StoreFailed, WritesOff
from sumppump.kernel.money import Money
from sumppump.ports.store import Fact, Verdict


def test_a_broken_duty_does_not_stop_the_others_and_the_switch_least_of_all(play: Play) -> None:
    """K5: the kill file is followed whatever else fails at a heartbeat."""
    disk = Disk()

    async def story(program: Program) -> None:
        def breaks() -> None:
            raise RuntimeError("a duty with a fault")

        program.engine.beats.insert(0, breaks)
        ref = await opened(program)
        disk.flag = "from outside"
        await asyncio.sleep(1.5)
        assert state(program, ref) is OrderState.CANCELLED
        assert program.engine.background_problem() == ""

    play(story, disk=disk)


def test_a_reader_inherits_what_a_dead_writer_left(play: Play) -> None:
    """The switch and stops on their way need a writer even when nobody calls a tool."""
    disk = Disk()

    async def story(program: Program) -> None:
        ref = await opened(program)
        reader = Program(program.clock, program.venue, disk)
        await reader.service.start()
        await asyncio.sleep(1.0)
        assert reader.service.status(1).order_ref == ref
        program.broker.crash()
        disk.crash()
        disk.flag = "kill from the terminal"
        await asyncio.sleep(2.0)
        assert reader.service.health().writer
        assert state(reader, ref) is OrderState.CANCELLED
        assert program.venue.working() == []
        await reader.service.stop()

    play(story, disk=disk)


def test_a_process_that_was_told_to_read_only_never_becomes_the_writer(play: Play) -> None:
    """`--read-only` is a promise."""
    disk = Disk()

    async def story(program: Program) -> None:
        reader = Program(program.clock, program.venue, disk)
        reader.engine._may_write = False
        await reader.service.start()
        program.journal.close()
        await asyncio.sleep(2.0)
        assert not reader.service.health().writer
        await reader.service.stop()

    play(story, disk=disk)


def test_no_row_of_the_journal_is_missing_from_the_audit_when_its_disk_was_full(play: Play) -> None:
    """What could not be logged waits, and is logged in its order; the alarm stays until then."""

    async def story(program: Program) -> None:
        honest = program.audit.record

        def full(kind: str, facts: Mapping[str, Fact], *, durable: bool = False) -> int:
            raise StoreFailed("the audit's disk is full")

        program.audit.record = full  # type: ignore[method-assign]
        await opened(program)
        assert program.service.health().store_problem == "the audit's disk is full"
        program.audit.record = honest  # type: ignore[method-assign]
        await asyncio.sleep(1.0)
        logged = [facts["journal_seq"] for kind, facts in program.audit.rows if kind == "order_event"]
        assert logged == sorted(set(logged))
        assert logged[-1] == len(program.disk.rows)
        assert program.service.health().store_problem == ""

    play(story)


def test_evidence_that_a_full_disk_refused_is_written_by_itself_later_and_audited(play: Play) -> None:
    """Nobody has to send another order for it."""
    disk = Disk()

    async def story(program: Program) -> None:
        ref = await opened(program)
        disk.fails = True
        program.venue.fill(ref)
        await asyncio.sleep(0.5)
        assert state(program, ref) is OrderState.FILLED
        assert "nothing was sent" not in program.service.health().store_problem != ""
        with pytest.raises(StoreFailed):
            program.engine.gates.before_order(program.order(CALL, "10.00"))
        disk.fails = False
        await asyncio.sleep(1.0)
        assert "Executed" in [kind for _, kind, _ in disk.rows]
        assert "Executed" in [facts.get("event") for _, facts in program.audit.rows]
        assert program.service.health().store_problem == ""

    play(story, disk=disk)


def test_a_kill_without_a_link_does_not_claim_that_cancels_are_on_their_way(play: Play) -> None:
    """T-19: only what was written is said to be under way."""

    async def story(program: Program) -> None:
        ref = await opened(program)
        program.broker.drop()
        outcome = await program.service.kill("now")
        assert (outcome.state, state(program, ref)) == (OrderState.LIVE, OrderState.LIVE)
        assert "0 working order(s) are being cancelled. 1 more as soon as" in outcome.message
        program.broker.restore()
        await asyncio.sleep(1.0)
        assert state(program, ref) is OrderState.CANCELLED

    play(story)


def test_the_switch_in_the_journal_holds_when_somebody_removes_the_file(play: Play) -> None:
    """K6: deleting the flag by hand clears nothing."""
    disk = Disk()

    async def story(program: Program) -> None:
        await program.service.kill("enough")
        disk.flag = None
        with pytest.raises(WritesOff, match="enough"):
            program.engine.gates.before_order(program.order())

    play(story, disk=disk)


def test_a_switch_set_while_the_disk_is_busy_stops_the_write(play: Play) -> None:
    """The last look comes after the commit: nothing leaves, and the order is unknown until the lists tell."""
    disk = Disk()

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        honest = program.journal.append

        def slow(*events: object) -> object:
            rows = honest(*events)  # type: ignore[arg-type]
            disk.flag = disk.flag or "while the disk was busy"
            return rows

        program.journal.append = slow  # type: ignore[method-assign, assignment]
        outcome = await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert outcome.state is OrderState.UNKNOWN
        assert not [c for c in (*program.venue.arrived, *program.venue.in_flight) if isinstance(c, NewOrder)]

    play(story, disk=disk)


def test_nothing_is_sent_before_the_lists_have_been_read(play: Play) -> None:
    """After every break of the link the lists come first."""

    async def story(program: Program) -> None:
        program.broker.failing = {"open_orders"}
        program.broker.drop()
        program.broker.restore()
        await asyncio.sleep(0.1)
        with pytest.raises(GatewayUnavailable) as refused:
            program.engine.gates.before_order(program.order())
        assert refused.value.code == "not_reconciled"

    play(story)


def test_a_reference_that_was_sent_is_never_sent_again(play: Play) -> None:
    """R3: even if a ticket came round a second time."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        with pytest.raises(WritesOff) as refused:
            program.engine.dispatch.send(ticket, ticket.orders)
        assert refused.value.code == "reference_spent"
        assert program.venue.count(ticket.orders[0].order.order_ref) == 1

    play(story)


def test_another_account_behind_the_connection_stops_the_send(play: Play) -> None:
    """F-71: logged in to another account between ticket and approval."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        program.venue.account = "SIM9999999"
        with pytest.raises(GatewayUnavailable) as refused:
            program.engine.dispatch.send(ticket, ticket.orders)
        assert refused.value.code == "account_changed"

    play(story)


def test_a_change_under_another_client_id_is_refused(play: Play) -> None:
    """R2: it would be a second order."""

    async def story(program: Program) -> None:
        ref = await opened(program)
        await asyncio.sleep(1.0)
        record = program.ledger.book.orders[ref]
        program.broker.client_id = 18
        with pytest.raises(GatewayUnavailable) as refused:
            program.engine.dispatch.modify(program.open_ticket(), record, record.order)
        assert refused.value.code == "other_client"
        program.broker.client_id = 17

    play(story)


@pytest.mark.parametrize("when", ["declined", "expired"])
def test_a_decline_between_the_fresh_look_and_the_send_wins(play: Play, when: str) -> None:
    """The last question before the commit is whether the ticket still waits."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        honest = program.service._decider._look_again

        async def meanwhile(waiting: object) -> tuple[str, ...]:
            moved = await honest(waiting)  # type: ignore[arg-type]
            if when == "declined":
                await program.service.decline(ticket.ticket_id, Channel.PAGE)
            else:
                await asyncio.sleep(301)
            return moved

        program.service._decider._look_again = meanwhile  # type: ignore[method-assign, assignment]
        with pytest.raises(Exception, match="ticket"):
            await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert program.venue.arrived == []

    play(story)


def test_a_decline_while_the_replacement_is_being_made_leaves_no_replacement(play: Play) -> None:
    """A person who said no is not asked again by themselves."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        waiting = program.service._tickets.get(ticket.ticket_id)
        assert waiting is not None
        honest = waiting.wish

        async def slow() -> object:
            await program.service.decline(ticket.ticket_id, Channel.PAGE)
            return await honest()

        waiting.wish = slow  # type: ignore[assignment]
        program.market.prices[756733] *= 2
        with pytest.raises(Exception, match="DECLINED"):
            await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert [view.state for view in program.service.tickets()] == [OrderState.DECLINED]

    play(story)


def test_a_terminal_hears_of_a_fault_too(play: Play) -> None:
    """Whatever breaks, the person is told that nothing is certain."""

    async def story(program: Program) -> None:
        async def breaks(*_: object, **__: object) -> object:
            raise RuntimeError("fault")

        program.service._inbox._decline = breaks  # type: ignore[assignment]
        number = program.inbox.post(Verdict.DECLINE, subject="tkt")
        await asyncio.sleep(1.5)
        assert program.inbox.answers[number].startswith("internal: RuntimeError")

    play(story)


def test_a_commission_that_comes_before_its_execution_is_kept_for_it(play: Play) -> None:
    """F-19, F-25: order of arrival does not matter."""

    async def story(program: Program) -> None:
        program.venue.holding = False
        ref = await opened(program)
        program.broker._listeners.clear()
        heard: list[object] = []
        program.broker.subscribe(heard.append)
        program.venue.fill(ref)
        await asyncio.sleep(0.1)
        for event in reversed(heard):
            program.engine.tracker.hear(event)  # type: ignore[arg-type]
        report = program.service.status(ref)
        assert report.commission is not None
        assert str(report.commission) == "1.30 USD"

    play(story)


def test_waiting_tickets_have_a_number_that_a_person_can_read(play: Play) -> None:
    """T-05: no flood of questions."""

    async def story(program: Program) -> None:
        for number in range(10):
            program.issue(program.content((Role.MAIN, program.order()), strategy_id=f"stg_{number}"))
        with pytest.raises(OutOfStep) as refused:
            program.issue(program.content((Role.MAIN, program.order()), strategy_id="stg_more"))
        assert refused.value.code == "too_many_tickets"
        assert len(program.people.codes) == 10

    play(story)


def test_what_is_reserved_for_other_openings_counts_against_margin(play: Play) -> None:
    """C-15: openings that work are not in the broker's figures yet; the one that is judged is not counted."""

    async def story(program: Program) -> None:
        content = program.content((Role.MAIN, program.order()))
        ticket = program.issue(replace(content, facts=replace(content.facts, margin=margin("1000"))))
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        reserved = program.service._surveyor._reserved
        assert reserved(program.order()) == Money.of("1000")
        assert reserved(ticket.orders[0].order) == Money.of(0)

    play(story)


def test_a_reading_proves_nothing_about_what_was_written_down_after_it_began(play: Play) -> None:
    """An order sent while the lists were on their way is in none of them, and must not be doubted for it."""

    async def story(program: Program) -> None:
        honest = program.engine.reconciler._listed
        refs: list[str] = []

        async def send_meanwhile(reading: object) -> object:
            if not refs:
                program.venue.holding = True
                ticket = program.open_ticket()
                refs.append(ticket.orders[0].order.order_ref)
                program.engine.dispatch.send(ticket, ticket.orders)
            return await honest(reading)  # type: ignore[arg-type]

        program.engine.reconciler._listed = send_meanwhile  # type: ignore[method-assign, assignment]
        await program.service.reconcile()
        assert program.ledger.book.orders[refs[0]].doubt == ""
        program.venue.release()

    play(story)


def test_absence_is_counted_from_the_last_break_of_the_link(play: Play) -> None:
    """R7: three complete readings after connectivity is clean, not before it."""

    async def story(program: Program) -> None:
        program.venue.holding = True
        ref = await opened(program)
        for _ in range(12):
            await asyncio.sleep(2.0)
            program.broker.drop()
            program.broker.restore()
        assert state(program, ref) is OrderState.UNKNOWN
        await asyncio.sleep(15.0)
        assert state(program, ref) is OrderState.NOT_FOUND

    play(story)
