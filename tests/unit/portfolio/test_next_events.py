"""What comes next is the nearest of what is known, and what is not known is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from tests.support.fake_market import FAR, MONTH, SPX, SPY, TODAY, WEEK, FakeClock, FakeMarket, make_option

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Instrument, Right, Underlying
from sumppump.domain.missing import Missing
from sumppump.domain.statistics import Dividends, MarketStatistics
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.portfolio.next_events import NO_INDEX_DIVIDEND, SILENT, ExDateShelf, next_event


def alone(contract: Instrument) -> Combo:
    return Combo((Leg(contract=contract, ratio=1),))


CALL, LATER = (make_option(SPY, day, 600, Right.CALL) for day in (MONTH, FAR))
CALENDAR = Combo((Leg(contract=CALL, ratio=-1), Leg(contract=LATER, ratio=1)))


@pytest.mark.parametrize(
    ("combo", "ex_date", "kind", "day"),
    [
        (alone(CALL), None, "expiry", MONTH),
        (alone(CALL), WEEK, "ex_dividend", WEEK),
        (alone(CALL), FAR, "expiry", MONTH),  # after its life
        (alone(CALL), TODAY - timedelta(1), "expiry", MONTH),  # over
        (alone(CALL), TODAY, "ex_dividend", TODAY),
        (CALENDAR, MONTH + timedelta(7), "expiry", MONTH),
        (alone(SPY), FAR, "ex_dividend", FAR),  # shares have no expiry
    ],
)
def test_the_nearest_of_expiry_and_ex_date_comes_next(
    combo: Combo, ex_date: date | None, kind: str, day: date
) -> None:
    """An ex-date counts until the last expiry, today included."""
    event = next_event(combo, Dividends(next_date=ex_date, next_amount=1.96), TODAY)
    assert event is not None
    assert (event.kind, event.day, event.days) == (kind, day, (day - TODAY).days)
    assert event.amount == (1.96 if kind == "ex_dividend" else None)


def test_shares_without_an_announced_dividend_have_no_next_event() -> None:
    """Nothing is made up."""
    assert next_event(alone(SPY), SILENT, TODAY) is None


class _Counted(FakeMarket):
    questions: list[list[str]]

    async def statistics(  # type: ignore[override]
        self, underlyings: Sequence[Underlying], **_: Any
    ) -> list[MarketStatistics]:
        self.questions.append([each.symbol for each in underlyings])
        dividends = Dividends(next_date=MONTH)
        return [MarketStatistics(con_id=each.con_id, dividends=dividends) for each in underlyings]


async def test_the_broker_is_asked_once_a_day_and_never_for_an_index() -> None:
    """A second look costs nothing; the next day is asked for anew."""
    clock = FakeClock()
    market, shelf = _Counted(clock=clock), ExDateShelf()
    market.questions = []
    for _ in range(2):
        dates = await shelf.of([SPY, SPX], market, clock)
    assert dates == {"SPY": Dividends(next_date=MONTH), "SPX": NO_INDEX_DIVIDEND}
    assert market.questions == [["SPY"]]
    clock.advance(24 * 3600)
    await shelf.of([SPY], market, clock)
    assert market.questions == [["SPY"], ["SPY"]]


class _Down(FakeMarket):
    async def statistics(self, *_: object, **__: object) -> list[MarketStatistics]:  # type: ignore[override]
        raise GatewayUnavailable("the farm is down")


async def test_a_broker_that_does_not_answer_is_a_reason_and_no_error() -> None:
    """Positions are shown without, and the next look asks again."""
    dates = await ExDateShelf().of([SPY], _Down(), FakeClock())
    assert dates == {"SPY": Missing("gateway_unavailable", "the farm is down")}
