"""What a close made of the trade, and what it may cost in fees. By hand: 2 legs at 0.65 are 1.30 a combo."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from tests.crash.program import Program
from tests.unit.execution.conftest import Play
from tests.unit.execution.test_closing import held, only

from sumppump.approval.result import result_of
from sumppump.approval.sheet import Line, sheet_of
from sumppump.domain.orders import Purpose
from sumppump.domain.tickets import Channel
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.kernel.money import Money, Premium
from sumppump.server.orders.order_views import order_answer


async def closed(program: Program, *, at: str) -> str:
    """One of two spreads, bought at 2.00, is sold at `at`; the ticket."""
    await held(program, 2, with_stop=False)
    ticket = await program.service.stage_close("stg_1", percentage=Decimal(50))
    await program.service.approve(ticket.ticket_id, Channel.PAGE)
    program.venue.fill(only(program, Purpose.CLOSE), premium=Premium.of(at))
    await asyncio.sleep(0.1)
    return ticket.ticket_id


def test_the_status_of_a_close_says_what_the_trade_made_after_fees(play: Play) -> None:
    """-50 on the premium, 1.30 for leaving and the closed half of the 2.60 that entering cost."""

    async def story(program: Program) -> None:
        report = program.service.status(await closed(program, at="-1.50"))
        assert report.result == Money.of("-52.60")
        answer = order_answer(report)
        assert answer.result_after_fees == -52.60
        assert "Result after fees: −$52.60." in answer.summary
        page = result_of(program.service.ticket(report.ticket_id))
        assert Line("Result", "−$52.60", "after fees") in page.facts

    play(story)


def test_a_result_waits_for_the_last_commission(play: Play) -> None:
    """A fee that nobody has reported is not zero."""

    async def story(program: Program) -> None:
        await held(program, 1, with_stop=False)
        program.venue.commission_per_contract = None
        ticket = await program.service.stage_close("stg_1")
        await program.service.approve(ticket.ticket_id, Channel.PAGE)
        program.venue.fill(only(program, Purpose.CLOSE))
        await asyncio.sleep(0.1)
        assert program.service.status(ticket.ticket_id).result is None
        assert program.service.status(only(program, Purpose.OPEN)).result is None

    play(story)


SILENT = GatewayUnavailable("the what-if is not answered")


def test_a_closing_ticket_has_the_fees_of_the_brokers_what_if(play: Play) -> None:
    async def story(program: Program) -> None:
        await held(program, 1, with_stop=False)
        facts = (await program.service.stage_close("stg_1")).facts
        assert facts.margin is not None
        assert (facts.fees, facts.fees_note) == (facts.margin.commission, "")

    play(story)


def test_without_a_what_if_a_close_estimates_its_fees_by_what_the_entry_cost(play: Play) -> None:
    """1.30 for one of two combos whose entry cost 2.60; and it says whence the figure is."""

    async def story(program: Program) -> None:
        await held(program, 2, with_stop=False)
        program.broker.previewed = SILENT
        ticket = await program.service.stage_close("stg_1", percentage=Decimal(50))
        facts = ticket.facts
        sheet = sheet_of(program.service.ticket(ticket.ticket_id), wall=ticket.created_at)
        assert Line("Fees", "$1.30", "about, as at the entry") in sheet.facts
        assert (facts.fees, facts.fees_note) == (Money.of("1.30"), "about, as at the entry")

    play(story)


def test_fees_stay_unknown_where_the_entrys_are(play: Play) -> None:
    """No estimate from nothing."""

    async def story(program: Program) -> None:
        program.venue.commission_per_contract = None
        await held(program, 1, with_stop=False)
        program.broker.previewed = SILENT
        facts = (await program.service.stage_close("stg_1")).facts
        assert (facts.fees, facts.fees_note) == (None, "")

    play(story)
