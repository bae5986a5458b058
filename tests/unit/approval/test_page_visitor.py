from __future__ import annotations

import asyncio

from tests.unit.approval.conftest import Room
from tests.unit.approval.stories import CODE, bull_call_spread, iron_condor

from sumppump.cli.page_visitor import PageVisitor


async def test_a_program_that_reads_the_form_as_a_browser_does_can_approve(room: Room) -> None:
    """The demo's person knows nothing of the page but HTML."""
    visitor = PageVisitor()
    await asyncio.to_thread(visitor.open, room.present(bull_call_spread()))
    assert visitor.shown_code() == CODE
    await asyncio.to_thread(visitor.press, "approve")
    assert [asked[0] for asked in room.decisions.asked] == ["approve"]
    assert "Sending" in visitor.text


async def test_it_types_the_amount_where_the_page_asks_for_one(room: Room) -> None:
    visitor = PageVisitor()
    await asyncio.to_thread(visitor.open, room.present(iron_condor()))
    await asyncio.to_thread(lambda: visitor.press("approve", typed="6550.0"))
    assert [asked[2] for asked in room.decisions.asked] == ["6550.0"]


async def test_it_can_decline(room: Room) -> None:
    visitor = PageVisitor()
    await asyncio.to_thread(visitor.open, room.present(iron_condor()))
    await asyncio.to_thread(visitor.press, "decline")
    assert [asked[0] for asked in room.decisions.asked] == ["decline"]
