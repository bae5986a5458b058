"""However much is held, one answer stays readable: first without prices of legs, then in pages."""

from __future__ import annotations

import pytest
from tests.support.fake_market import FAR, MONTH, SPY, WEEK, make_option
from tests.unit.portfolio.test_positions import SPREAD, Book, held

from sumppump.domain.account import Position
from sumppump.domain.instruments import Right
from sumppump.kernel.errors import InvalidRequest
from sumppump.server.parameters import offset_of
from sumppump.server.portfolio.position_views import HeldLegView, positions_answer
from sumppump.server.text import render

CALL, PUT = Right.CALL, Right.PUT


def fifty() -> list[Position]:
    """Four iron condors in each of three expiries, three hundred shares and a call on them."""
    condor = [(1, -40, PUT, "2"), (-1, -30, PUT, "3"), (-1, 30, CALL, "3"), (1, 40, CALL, "2")]
    rows = [
        held(count, make_option(SPY, day, 600 + away + shift, right), cost)
        for day in (WEEK, MONTH, FAR)
        for shift in (-20, 0, 20, 40)
        for count, away, right, cost in condor
    ]
    return [*rows, held(300, SPY, "590"), held(-1, make_option(SPY, FAR, 700, CALL), "1")]


async def test_every_page_of_fifty_positions_has_eight_kilobytes_at_most() -> None:
    """Text and structure alike; all pages together hold every strategy once."""
    holdings = await Book(fifty()).service.positions(with_events=True)
    assert len(holdings.positions) == 50
    seen, cursor = [], 0
    while True:
        page = positions_answer(holdings, cursor)
        assert len(page.model_dump_json()) <= 8_000
        assert len(render("SIM", page.payload()).encode()) <= 8_000
        seen += [each.position_id for each in page.positions]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == [each.position_id for each in holdings.strategies]
    assert page.count == len(seen)


async def test_many_positions_come_with_their_legs_alone() -> None:
    """con_id and quantity stay, prices of legs go, and the answer says how to get them."""
    holdings = await Book(fifty()).service.positions(with_events=True)
    page = positions_answer(holdings)
    assert page.read_as
    legs = [leg for each in page.positions for leg in each.legs]
    assert not any(isinstance(leg, HeldLegView) for leg in legs)
    assert all(leg.con_id and leg.quantity for leg in legs)


async def test_few_positions_come_with_every_figure() -> None:
    """Next event, units and prices by leg."""
    page = positions_answer(await Book(SPREAD).service.positions(with_events=True))
    (spread,) = page.positions
    assert (page.next_cursor, page.read_as) == (None, [])
    assert all(isinstance(leg, HeldLegView) for leg in spread.legs)
    assert spread.next_event is not None
    assert (spread.next_event.kind, spread.next_event.days) == ("expiry", 30)


async def test_shares_without_a_dividend_say_why_nothing_comes_next() -> None:
    """Null with a reason."""
    (shares,) = positions_answer(
        await Book([held(10, SPY, "590")]).service.positions(with_events=True)
    ).positions
    assert shares.next_event is None
    assert any(each.startswith("next_event:") for each in shares.missing)


@pytest.mark.parametrize("cursor", [0, -1, 3, 99])
def test_a_cursor_that_begins_no_page_is_refused(cursor: int) -> None:
    """What was listed may have changed since."""
    with pytest.raises(InvalidRequest) as refused:
        offset_of(cursor, 3)
    assert refused.value.code == "invalid_cursor"
    assert offset_of(None, 3) == 0
    assert offset_of(2, 3) == 2


async def test_what_is_held_is_named_in_words() -> None:
    """Neither keys nor counts with an x: a person reads the first sentence."""
    condor = [
        held(count, make_option(SPY, MONTH, strike, right), "2")
        for count, strike, right in ((2, 560, PUT), (-2, 580, PUT), (-2, 620, CALL), (2, 640, CALL))
    ]
    said = positions_answer(await Book([*condor, held(100, SPY, "590")]).service.positions())
    assert said.summary.startswith("100 shares of SPY, 2 iron condors on SPY; open profit or loss ")
