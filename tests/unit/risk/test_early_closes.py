"""The closes that risk needs are there before anybody asks for risk."""

from __future__ import annotations

import asyncio

from tests.support.fake_broker import FakeBroker
from tests.support.fake_market import MONTH, SPY, make_option
from tests.unit.risk.held import Account, YearMarket, held

from sumppump.domain.instruments import Right
from sumppump.risk.early_closes import EarlyCloses

CALL = make_option(SPY, MONTH, 600, Right.CALL)
ASKED = "SPY ADJUSTED_LAST"


def early(account: Account, broker: FakeBroker) -> EarlyCloses:
    """On the books that the account's risk is read from."""
    found = EarlyCloses(books=account.desk.risk.books, broker=broker)
    found.begin()
    return found


async def quiet(closes: EarlyCloses) -> None:
    """Until it has heard the news and has nothing left to ask."""
    for _ in range(10):
        await asyncio.sleep(0)
    assert closes._asking is not None
    await closes._asking


async def test_what_is_held_and_the_market_are_asked_for_once_when_a_position_comes() -> None:
    market, broker = YearMarket(), FakeBroker()
    closes = early(Account(rows=[held(1, CALL)], market=market), broker)
    broker.say_positions_changed()
    await quiet(closes)
    assert market.bars_asked == [ASKED]
    broker.say_positions_changed()
    await quiet(closes)
    await closes.books.now()
    assert market.bars_asked == [ASKED]


async def test_changes_that_come_together_are_one_question() -> None:
    market, broker = YearMarket(), FakeBroker()
    closes = early(Account(rows=[held(1, CALL)], market=market), broker)
    for _ in range(5):
        broker.say_positions_changed()
    await quiet(closes)
    assert market.bars_asked == [ASKED]


async def test_an_account_that_holds_nothing_asks_for_nothing() -> None:
    market, broker = YearMarket(), FakeBroker()
    closes = early(Account(market=market), broker)
    broker.say_positions_changed()
    await quiet(closes)
    assert market.bars_asked == []


async def test_what_failed_is_asked_for_again_by_who_needs_it() -> None:
    market, broker = YearMarket(silent={"SPY"}), FakeBroker()
    closes = early(Account(rows=[held(1, CALL)], market=market), broker)
    broker.say_positions_changed()
    await quiet(closes)
    market.silent.clear()
    assert "SPY" not in (await closes.books.now()).left_out
    assert market.bars_asked == [ASKED, ASKED]


async def test_after_the_end_nothing_is_asked() -> None:
    market, broker = YearMarket(), FakeBroker()
    closes = early(Account(rows=[held(1, CALL)], market=market), broker)
    await closes.end()
    broker.say_positions_changed()
    for _ in range(10):
        await asyncio.sleep(0)
    assert market.bars_asked == []
