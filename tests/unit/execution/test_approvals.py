"""Only a person's approval of this very ticket sends, once. Sources: decisions 1 to 7, T-02, T-03, T-10."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.crash.disk import Disk
from tests.crash.program import LONG, Program
from tests.support.fake_venue import FakeVenue, NewOrder
from tests.unit.execution.conftest import Play

from sumppump.domain.orders import Environment, OrderState
from sumppump.domain.tickets import Channel, PlannedOrder, Role, Ticket
from sumppump.execution.approvals import is_amount
from sumppump.kernel.errors import ApprovalRefused, SumpPumpError, TicketGone, WritesOff
from sumppump.kernel.money import Money, Premium
from sumppump.ports.store import Verdict


def sent(program: Program) -> int:
    """Order frames that reached the venue or are on their way."""
    commands = [*program.venue.arrived, *program.venue.in_flight]
    return sum(isinstance(command, NewOrder) for command in commands)


def large(program: Program) -> Ticket:
    """A ticket whose amount must be typed: max loss 4,200."""
    content = program.content((Role.MAIN, program.order()))
    return program.issue(replace(content, facts=replace(content.facts, max_loss=Money.of("4200"))))


def test_a_code_approves_its_ticket_once_and_repeats_only_the_answer(play: Play) -> None:
    """X11 within one process: the second call tells the same and sends nothing."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        code = program.people.codes[ticket.ticket_id]
        first = await program.service.approve(ticket.ticket_id, Channel.CODE, code=f" {code.lower()} ")
        again = await program.service.approve(ticket.ticket_id, Channel.CODE, code=code)
        assert (first.state, again.state, again.replayed, sent(program)) == (
            OrderState.LIVE, OrderState.LIVE, True, 1,
        )  # fmt: skip
        assert program.people.codes == {}

    play(story)


@pytest.mark.parametrize("copies", [2, 10, 200])
def test_the_same_approval_many_times_at_once_sends_one_order(play: Play, copies: int) -> None:
    """T-10, incident 52: dispatched twice 2 ms apart, or a storm of it."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        code = program.people.codes[ticket.ticket_id]
        calls = (program.service.approve(ticket.ticket_id, Channel.CODE, code=code) for _ in range(copies))
        outcomes = await asyncio.gather(*calls)
        assert {outcome.state for outcome in outcomes} == {OrderState.LIVE}
        assert sent(program) == 1

    play(story)


def test_a_caller_that_goes_away_does_not_stop_the_send_half_way(play: Play) -> None:
    """Fault 48: a cancelled call leaves a decision that is carried out once."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        call = asyncio.ensure_future(program.service.approve(ticket.ticket_id, Channel.PAGE))
        while not program.service._decider._under_way:  # noqa: ASYNC110 - turns of the loop, not time
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.sleep(1.0)
        assert program.service.status(ticket.ticket_id).state is OrderState.LIVE
        assert sent(program) == 1

    play(story)


@pytest.mark.parametrize("typed", [None, "", "AAA-AAA", "K7M", "'; --", "0" * 500])
def test_a_guess_is_refused_and_costs_a_try(play: Play, typed: str | None) -> None:
    """T-03: five tries, then the ticket is void even for the right code."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        code = program.people.codes[ticket.ticket_id]
        for left in (4, 3, 2, 1, 0):
            with pytest.raises(ApprovalRefused) as refused:
                await program.service.approve(ticket.ticket_id, Channel.CODE, code=typed)
            assert refused.value.code == ("code_wrong" if left else "code_void")
            assert code not in str(refused.value)
        with pytest.raises(TicketGone):
            await program.service.approve(ticket.ticket_id, Channel.CODE, code=code)
        assert sent(program) == 0

    play(story)


def test_a_code_of_one_ticket_opens_no_other(play: Play) -> None:
    """A code is valid for its ticket alone."""

    async def story(program: Program) -> None:
        mine = program.open_ticket()
        other = program.issue(program.content((Role.MAIN, program.order()), strategy_id="stg_2"))
        with pytest.raises(ApprovalRefused):
            await program.service.approve(
                mine.ticket_id, Channel.CODE, code=program.people.codes[other.ticket_id]
            )
        assert sent(program) == 0

    play(story)


def test_a_ticket_lives_five_minutes_of_the_monotonic_clock(play: Play) -> None:
    """Settled 4: afterwards the right code opens nothing."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        code = program.people.codes[ticket.ticket_id]
        await asyncio.sleep(299)
        assert program.service.ticket(ticket.ticket_id).state is OrderState.AWAIT_HUMAN
        await asyncio.sleep(2)
        with pytest.raises(TicketGone):
            await program.service.approve(ticket.ticket_id, Channel.CODE, code=code)
        assert program.service.status(ticket.ticket_id).state is OrderState.EXPIRED
        assert sent(program) == 0

    play(story)


def test_declining_sends_nothing_and_approving_afterwards_is_too_late(play: Play) -> None:
    """Settled 3."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        assert (await program.service.decline(ticket.ticket_id, Channel.PAGE)).state is OrderState.DECLINED
        with pytest.raises(TicketGone):
            await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert sent(program) == 0

    play(story)


def _other_order(ticket: Ticket, **changes: object) -> Ticket:
    main = ticket.orders[0]
    order = replace(main.order, **changes)  # type: ignore[arg-type]
    return replace(ticket, orders=(PlannedOrder(role=main.role, order=order), *ticket.orders[1:]))


def _other_quotes(ticket: Ticket) -> Ticket:
    quotes = tuple(replace(quote, bid=Premium.of("9")) for quote in ticket.facts.quotes)
    return replace(ticket, facts=replace(ticket.facts, quotes=quotes))


MUTATIONS: dict[str, Callable[[Ticket], Ticket]] = {
    "account": lambda t: replace(t, account="SIM9999999"),
    "environment": lambda t: replace(t, environment=Environment.LIVE),
    "life": lambda t: replace(t, expires=t.expires + 1),
    "boot": lambda t: replace(t, boot_id="other"),
    "amount": lambda t: replace(t, typed_amount=Money.of(1)),
    "removes": lambda t: replace(t, removes=("SP1-X",)),
    "target": lambda t: replace(t, target_ref="SP1-X"),
    "quotes": _other_quotes,
    "fewer orders": lambda t: replace(t, orders=t.orders[:-1]),
    "quantity": lambda t: _other_order(t, quantity=2),
    "limit": lambda t: _other_order(t, limit=Premium.of("2.01")),
    "legs": lambda t: _other_order(t, combo=t.orders[0].order.combo.reversed),
    "order account": lambda t: _other_order(t, account="SIM9999999"),
    "reference": lambda t: _other_order(t, order_ref="SP1-01M7QJQZC000010001KNNV44TC"),
    "oca": lambda t: _other_order(t, oca_group="X"),
}


@pytest.mark.parametrize("field", MUTATIONS)
def test_changing_any_bound_fact_breaks_the_approval(play: Play, field: str) -> None:
    """Q3: at the approval and at the send, 100 % of single changes are refused."""

    async def story(program: Program) -> None:
        ticket = program.bracket_ticket()
        waiting = program.service._tickets.get(ticket.ticket_id)
        assert waiting is not None
        waiting.ticket = MUTATIONS[field](ticket)
        with pytest.raises(ApprovalRefused) as refused:
            await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert refused.value.code == "digest_mismatch"
        assert sent(program) == 0

    play(story)


def test_another_digest_than_the_one_shown_is_refused(play: Play) -> None:
    """The page hands back what it showed."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        with pytest.raises(ApprovalRefused, match="not the one that was shown"):
            await program.service.approve(ticket.ticket_id, Channel.PAGE, digest="0" * 64)
        outcome = await program.service.approve(ticket.ticket_id, Channel.PAGE, digest=ticket.digest())
        assert outcome.state is OrderState.LIVE

    play(story)


@pytest.mark.parametrize("typed", [None, "", "4201", "yes", "4,2,00", "٤٢٠٠", "4200.001"])
@pytest.mark.parametrize("channel", [Channel.PAGE, Channel.TERMINAL, Channel.ELICITATION])
def test_a_large_order_needs_its_amount_typed(play: Play, channel: Channel, typed: str | None) -> None:
    """Settled 5: above 2,500 of max loss, through every channel; a wrong amount leaves it waiting."""

    async def story(program: Program) -> None:
        ticket = large(program)
        with pytest.raises(ApprovalRefused) as refused:
            await program.service.approve(ticket.ticket_id, channel, amount=typed)
        assert (refused.value.code, sent(program)) == ("amount_not_typed", 0)
        outcome = await program.service.approve(ticket.ticket_id, channel, amount="$4,200.00")
        assert outcome.state is OrderState.LIVE

    play(story)


@pytest.mark.parametrize(
    ("rest", "works"), [("", False), (" 4200", True), (" 4,200 USD", True), (" 42", False)]
)
def test_with_a_code_the_amount_follows_it(play: Play, rest: str, works: bool) -> None:
    """The same rule where only one field can be typed."""

    async def story(program: Program) -> None:
        ticket = large(program)
        typed = program.people.codes[ticket.ticket_id].replace("-", " ") + rest
        if not works:
            with pytest.raises(ApprovalRefused):
                await program.service.approve(ticket.ticket_id, Channel.CODE, code=typed)
        else:
            assert (await program.service.approve(ticket.ticket_id, Channel.CODE, code=typed)).state

        assert sent(program) == int(works)

    play(story)


def test_amounts_are_compared_to_the_cent() -> None:
    """`1,250.00`, `1250` and `$1,250` are one; a cent more is another."""
    assert all(is_amount(text, Money.of("1250")) for text in ("1250", "1,250.00", "$1,250", "1250 USD"))
    assert not any(
        is_amount(text, Money.of("1250")) for text in ("1250.01", "12.50", "1e3", "-1250", "1,25,0")
    )


@pytest.mark.parametrize(
    ("environment", "account", "channel"),
    [
        (Environment.LIVE, "U1234567", Channel.ELICITATION),
        (Environment.PAPER, "DU1234567", Channel.AUTO),
        (Environment.SIM, "DU1234567", Channel.AUTO),
        (Environment.LIVE, "U1234567", Channel.AUTO),
    ],
)
def test_some_channels_are_never_enough(
    play: Play, environment: Environment, account: str, channel: Channel
) -> None:
    """Settled 5 and design 3: hosts accept by themselves; `auto` is for the simulator."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        with pytest.raises(ApprovalRefused) as refused:
            await program.service.approve(ticket.ticket_id, channel, amount="200.00")
        assert refused.value.code == "channel_not_enough"
        assert sent(program) == 0

    play(story, environment=environment, venue=FakeVenue(account=account), auto=True)


def test_auto_is_refused_where_it_was_not_asked_for(play: Play) -> None:
    """Nothing approves by itself unless a person set it so."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        with pytest.raises(ApprovalRefused):
            await program.service.approve(ticket.ticket_id, Channel.AUTO)
        assert sent(program) == 0

    play(story)


@pytest.mark.parametrize(
    ("spot", "long", "moved"),
    [
        ("604.50", "10.00", False),  # 0.75 % exactly
        ("604.51", "10.00", True),
        ("600.00", "10.30", False),  # 15 % of 2.00 exactly
        ("600.00", "10.31", True),
        ("595.00", "10.00", True),
    ],
)
def test_a_market_that_moved_too_far_replaces_the_ticket(
    play: Play, spot: str, long: str, moved: bool
) -> None:
    """Settled 4: 0.75 % of the underlying, or the larger of 15 % and 5 ticks of the net mid."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        program.market.prices |= {756733: Decimal(spot), LONG.con_id: Decimal(long)}
        outcome = await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert sent(program) == int(not moved)
        if moved:
            assert outcome.state is OrderState.SUPERSEDED
            assert outcome.ticket is not None
            assert outcome.ticket.replaces == ticket.ticket_id
            assert "moved from" in outcome.ticket.facts.changes[0]
            assert program.people.shown[-1] == outcome.ticket.ticket_id
            again = await program.service.approve(ticket.ticket_id, Channel.PAGE)
            assert (again.state, again.replayed, sent(program)) == (OrderState.SUPERSEDED, True, 0)

    play(story)


def test_a_price_that_a_limit_refuses_now_makes_a_new_ticket(play: Play) -> None:
    """Settled 4: the market went away from the limit price; the person is asked again, at a fresh one."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        program.market.prices |= {LONG.con_id: Decimal("9.71")}
        outcome = await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert outcome.state is OrderState.SUPERSEDED
        assert outcome.ticket is not None
        assert "more aggressive" in outcome.ticket.facts.changes[0]
        assert sent(program) == 0

    play(story)


def test_a_decision_from_a_terminal_comes_through_the_store(play: Play) -> None:
    """Settled 7: approved with the digest that was shown; the answer is told."""

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        right = program.inbox.post(Verdict.APPROVE, subject=ticket.ticket_id, digest=ticket.digest())
        wrong = program.inbox.post(Verdict.APPROVE, subject="tkt_none", digest="")
        await asyncio.sleep(1.5)
        assert "LIVE" in program.inbox.answers[right]
        assert program.inbox.answers[wrong].startswith("ticket_gone")
        assert sent(program) == 1

    play(story)


def test_a_full_disk_at_the_approval_sends_nothing_and_keeps_the_ticket(play: Play) -> None:
    """F-62: no commit, no bytes; once there is room the person may approve again."""
    disk = Disk()

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        disk.fails = True
        with pytest.raises(SumpPumpError) as refused:
            await program.service.approve(ticket.ticket_id, Channel.PAGE)
        assert (refused.value.code, sent(program)) == ("store_failed", 0)
        disk.fails = False
        assert (await program.service.approve(ticket.ticket_id, Channel.PAGE)).state is OrderState.LIVE
        assert sent(program) == 1

    play(story, disk=disk)


def test_the_code_stands_nowhere_but_before_the_persons_eyes(play: Play) -> None:
    """T-03: not in the journal, the audit, the ticket, the report or the outcome."""
    disk = Disk()

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        code = program.people.codes[ticket.ticket_id]
        outcome = await program.service.approve(ticket.ticket_id, Channel.CODE, code=code)
        everything = f"{disk.rows}{program.audit.rows}{ticket}{outcome}{program.service.tickets()}"
        assert code not in everything

    play(story, disk=disk)


def test_the_writer_alone_decides(play: Play) -> None:
    """A process without the lock stages and approves nothing."""
    disk = Disk()

    async def story(program: Program) -> None:
        reader = Program(program.clock, program.venue, disk)
        await reader.service.start()
        with pytest.raises(WritesOff):
            reader.open_ticket()
        await reader.service.stop()

    play(story, disk=disk)


def test_a_program_that_has_no_ticket_of_this_name_says_so(play: Play) -> None:
    """Unknown ids are an error with a stable code, never a send."""

    async def story(program: Program) -> None:
        for unknown in ("tkt_nothing", "", "SP1-01M7QJQZC000010001KNNV44TC"):
            with pytest.raises(TicketGone):
                await program.service.approve(unknown, Channel.PAGE)

    play(story)


def test_seconds_left_of_a_foreign_ticket_are_read_from_its_row(play: Play) -> None:
    """Another process measures a ticket's life by the machine's time of its row."""
    disk = Disk()

    async def story(program: Program) -> None:
        ticket = program.open_ticket()
        reader = Program(program.clock, program.venue, disk)
        reader.ledger.age_s = lambda at: 12.0  # type: ignore[method-assign]
        assert reader.service.ticket(ticket.ticket_id).seconds_left == pytest.approx(288.0)
        reader.ledger.age_s = lambda at: 301.0  # type: ignore[method-assign]
        assert reader.service.ticket(ticket.ticket_id).state is OrderState.EXPIRED

    play(story, disk=disk)
