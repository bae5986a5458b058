"""The closes that risk needs are there before anybody asks for risk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.fake_broker import FakeBroker
from tests.support.fake_market import MONTH, SPY, make_option
from tests.unit.risk.held import Account, YearMarket, held

from sumppump.domain.instruments import Instrument, Right
from sumppump.domain.quotes import Bar
from sumppump.kernel.errors import MarketDataError
from sumppump.risk.early_closes import EarlyCloses

CALL = make_option(SPY, MONTH, 600, Right.CALL)


@dataclass
class CountingMarket(YearMarket):
    """Remembers whose bars were asked for."""

    asked: list[str] = field(default_factory=list)
    is_broken: bool = False

    async def bars(self, instrument: Instrument, **how: Any) -> Sequence[Bar]:
        self.asked.append(instrument.symbol)
        if self.is_broken:
            raise MarketDataError("no history", code="no_history")
        return await super().bars(instrument, **how)


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
    market, broker = CountingMarket(), FakeBroker()
    closes = early(Account(rows=[held(1, CALL)], market=market), broker)
    broker.say_positions_changed()
    await quiet(closes)
    assert sorted(market.asked) == ["SPY"]
    broker.say_positions_changed()
    await quiet(closes)
    await closes.books.now()
    assert sorted(market.asked) == ["SPY"]


async def test_changes_that_come_together_are_one_question() -> None:
    market, broker = CountingMarket(), FakeBroker()
    closes = early(Account(rows=[held(1, CALL)], market=market), broker)
    for _ in range(5):
        broker.say_positions_changed()
    await quiet(closes)
    assert sorted(market.asked) == ["SPY"]


async def test_an_account_that_holds_nothing_asks_for_nothing() -> None:
    market, broker = CountingMarket(), FakeBroker()
    closes = early(Account(market=market), broker)
    broker.say_positions_changed()
    await quiet(closes)
    assert market.asked == []


async def test_what_failed_is_asked_for_again_by_who_needs_it() -> None:
    market, broker = CountingMarket(is_broken=True), FakeBroker()
    closes = early(Account(rows=[held(1, CALL)], market=market), broker)
    broker.say_positions_changed()
    await quiet(closes)
    market.is_broken = False
    assert "SPY" not in (await closes.books.now()).left_out
    assert sorted(market.asked) == ["SPY", "SPY"]


async def test_after_the_end_nothing_is_asked() -> None:
    market, broker = CountingMarket(), FakeBroker()
    closes = early(Account(rows=[held(1, CALL)], market=market), broker)
    await closes.end()
    broker.say_positions_changed()
    for _ in range(10):
        await asyncio.sleep(0)
    assert market.asked == []
