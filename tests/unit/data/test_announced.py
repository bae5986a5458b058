"""One shelf for dividends: what was told is kept for the day, what was late is asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.support.fake_market import MONTH, NOW, SPX, SPY, FakeClock, FakeMarket

from sumppump.data.announced import (
    LATE,
    NO_INDEX_DIVIDEND,
    NONE_ANNOUNCED,
    RETRY_S,
    DividendShelf,
    cash_dividends,
)
from sumppump.domain.instruments import Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.statistics import Dividends, MarketStatistics
from sumppump.kernel.errors import GatewayUnavailable

TOLD = Dividends(next_date=MONTH, next_amount=1.98)


@dataclass(slots=True)
class Asked(FakeMarket):
    """Counts the questions; answers with what stands in `answers`, the last one again and again."""

    questions: list[str] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=lambda: [{"dividends": TOLD}])
    is_down: bool = False
    gate: asyncio.Event | None = None

    async def statistics(  # type: ignore[override]
        self, underlyings: Sequence[Underlying], **_: Any
    ) -> list[MarketStatistics]:
        self.questions += [each.symbol for each in underlyings]
        if self.gate is not None:
            await self.gate.wait()
        if self.is_down:
            raise GatewayUnavailable("the farm is down")
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [MarketStatistics(con_id=each.con_id, **said) for each in underlyings]


async def test_the_broker_is_asked_once_a_day_and_never_for_an_index() -> None:
    """A second look costs nothing; the next day is asked for anew."""
    clock, shelf, market = FakeClock(), DividendShelf(), Asked()
    for _ in range(2):
        assert await shelf.of([SPY, SPX], market, clock) == {"SPY": TOLD, "SPX": NO_INDEX_DIVIDEND}
    assert market.questions == ["SPY"]
    clock.advance(24 * 3600)
    await shelf.of([SPY], market, clock)
    assert market.questions == ["SPY", "SPY"]


async def test_that_none_is_announced_is_kept_for_the_day() -> None:
    """The broker was heard and said nothing of a dividend: that is an answer."""
    clock, shelf, market = FakeClock(), DividendShelf(), Asked(answers=[{}])
    for _ in range(2):
        assert await shelf.of([SPY], market, clock) == {"SPY": NONE_ANNOUNCED}
        clock.advance(3600)
    assert market.questions == ["SPY"]


async def test_a_late_broker_is_asked_again_soon_and_not_at_once() -> None:
    """Nobody waits twice in a row; after a while the dividend is there."""
    clock, shelf = FakeClock(), DividendShelf()
    market = Asked(answers=[{"are_dividends_late": True}, {"dividends": TOLD}])
    for _ in range(2):
        assert await shelf.of([SPY], market, clock) == {"SPY": LATE}
    assert market.questions == ["SPY"]
    clock.advance(RETRY_S)
    assert await shelf.of([SPY], market, clock) == {"SPY": TOLD}


async def test_a_broker_that_does_not_answer_is_a_reason_and_no_error() -> None:
    """Positions are shown without, and a later look asks again."""
    clock, shelf, market = FakeClock(), DividendShelf(), Asked(is_down=True)
    dates = await shelf.of([SPY], market, clock)
    assert dates == {"SPY": Missing("gateway_unavailable", "the farm is down")}
    market.is_down = False
    clock.advance(RETRY_S)
    assert await shelf.of([SPY], market, clock) == {"SPY": TOLD}


async def test_who_asks_at_once_shares_one_question() -> None:
    """A chain, a draft and the book begin together."""
    clock, shelf, market = FakeClock(), DividendShelf(), Asked(gate=asyncio.Event())
    looks = [asyncio.create_task(shelf.next_of(SPY, market, clock)) for _ in range(3)]
    await asyncio.sleep(0)
    assert market.gate is not None
    market.gate.set()
    assert await asyncio.gather(*looks) == [TOLD] * 3
    assert market.questions == ["SPY"]


@given(
    day=st.dates(date(2026, 11, 2), date(2027, 3, 1)),
    yearly=st.sampled_from([1, 2, 4, 12]),
    days=st.integers(0, 1_000),
)
def test_dividends_come_at_their_rhythm_from_now_to_the_end(day: date, yearly: int, days: int) -> None:
    """Counted by hand: whole steps from the first ex-date, those past and beyond left out."""
    amount, end = 0.5, NOW + timedelta(days=days)
    said = Dividends(next_12m=yearly * amount, next_date=day, next_amount=amount)
    first = datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)
    steps = [first + timedelta(days=365 * count / yearly) for count in range(60)]
    found = cash_dividends(said, NOW, end)
    assert [each.ex for each in found] == [each for each in steps if NOW < each <= end]
    assert {each.cash for each in found} <= {amount}
