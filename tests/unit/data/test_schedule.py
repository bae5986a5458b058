"""A contract's days from its own hours, the broker's memory and a calendar, each called by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.support.fake_market import NOW, SPY, FakeClock, FakeDirectory
from tests.support.fake_schedule import FakeSchedule

from sumppump.data.meaning import Meanings
from sumppump.data.new_york_calendar import SpecialDay, special_days
from sumppump.data.schedule import (
    DayKind,
    Part,
    PartOfDay,
    ScheduleService,
    Source,
    TradingDay,
    contradictions,
    listed_days,
    with_kinds,
)
from sumppump.domain.instruments import SecType, Underlying
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import MarketDataError

pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning")

TRADING = "20261118:0400-20261118:2000;20261119:0400-20261119:2000;20261121:CLOSED"
LIQUID = "20261118:0930-20261118:1600;20261119:0930-20261119:1600;20261121:CLOSED"
SHARE = replace(SPY, trading_hours=TRADING, liquid_hours=LIQUID)


class Listed(FakeDirectory):
    """One share with hours."""

    async def underlying(self, symbol: str) -> Underlying:
        return SHARE


def service(memory: FakeSchedule | None = None) -> ScheduleService:
    """On the Wednesday of the fake market, 10:00 in New York."""
    clock = FakeClock()
    meanings = Meanings(directory=Listed(), clock=clock)
    return ScheduleService(meanings=meanings, memory=memory or FakeSchedule(), clock=clock)


def local(parts: tuple[PartOfDay, ...]) -> list[tuple[str, str, str]]:
    """Names with wall times in New York."""
    return [
        (part.part.value, *(f"{at.astimezone(NEW_YORK):%d %H:%M}" for at in (part.opens, part.closes)))
        for part in parts
    ]


def test_a_share_has_four_sessions_a_day() -> None:
    """The night before by IBKR's rule, the others by the contract."""
    first = listed_days(SHARE)[0]
    assert local(first.parts) == [
        ("overnight", "17 20:00", "18 03:50"),
        ("pre_market", "18 04:00", "18 09:30"),
        ("regular", "18 09:30", "18 16:00"),
        ("after_hours", "18 16:00", "18 20:00"),
    ]
    assert [part.source for part in first.parts] == [Source.RULE, *[Source.CONTRACT] * 3]


def test_a_futures_evening_belongs_to_the_next_trade_date() -> None:
    """Chicago's 17:00 is New York's 18:00 of the day before."""
    future = replace(
        SHARE, sec_type=SecType.IND, time_zone="US/Central",
        trading_hours="20261118:1700-20261119:1600", liquid_hours="20261119:0830-20261119:1500",
    )  # fmt: skip
    (day,) = listed_days(future)
    assert day.day == date(2026, 11, 19)
    assert local(day.parts) == [
        ("overnight", "18 18:00", "19 09:30"),
        ("regular", "19 09:30", "19 16:00"),
        ("after_hours", "19 16:00", "19 17:00"),
    ]


def test_a_coin_that_never_rests_has_one_session_a_day() -> None:
    """What ends at midnight ends on the day before."""
    hours = "20261121:0000-20261122:0000;20261122:0000-20261123:0000"
    coin = replace(SHARE, sec_type=SecType.CRYPTO, trading_hours=hours, liquid_hours=hours)
    assert [day.day.day for day in listed_days(coin)] == [21, 22]
    assert {day.kind for day in with_kinds(listed_days(coin), NEW_YORK)} == {DayKind.NORMAL}


def test_without_hours_there_is_no_schedule() -> None:
    """Nothing is assumed of a weekday."""
    with pytest.raises(MarketDataError) as refused:
        listed_days(SPY)
    assert refused.value.code == "no_hours"


async def test_memory_stands_before_the_contracts_hours_and_never_over_them() -> None:
    """Today is in both: the contract's word is shown."""
    schedule = await service(FakeSchedule(off=frozenset({date(2026, 11, 17)}))).schedule("SPY")
    by_day = {day.day: day for day in schedule.days}
    assert by_day[date(2026, 11, 17)].kind is DayKind.HOLIDAY
    assert by_day[date(2026, 11, 18)].source is Source.CONTRACT
    assert [day.day for day in schedule.days] == sorted(by_day)
    assert any("2026-11-17 is a holiday by the history" in note for note in schedule.notes)


async def test_a_broker_without_memory_costs_the_past_and_says_so() -> None:
    """The clock and the coming days are still there."""
    schedule = await service(FakeSchedule(refuses=MarketDataError("no permission"))).schedule("SPY")
    assert schedule.is_open
    assert schedule.now == NOW
    assert {day.source for day in schedule.days} == {Source.CONTRACT}
    assert "past days are not known: no permission" in schedule.notes


def test_a_holiday_that_the_contract_does_not_have_is_a_contradiction() -> None:
    """The contract's hours are kept; the note names both."""
    day = TradingDay(day=date(2026, 11, 26), kind=DayKind.NORMAL, parts=(), source=Source.CONTRACT)
    (note,) = contradictions([day], [SpecialDay(day=day.day, name="Thanksgiving")])
    assert note == "2026-11-26 is a normal by the contract's hours and a holiday by the calendar"


def test_the_calendar_knows_the_end_of_2026() -> None:
    """NYSE's published holidays: Thanksgiving, Christmas, New Year; early closes at 13:00."""
    days = special_days(date(2026, 11, 20), date(2027, 1, 4))
    assert [(day.day.isoformat(), day.closes) for day in days] == [
        ("2026-11-26", None),
        ("2026-11-27", datetime(2026, 11, 27, 18, 0, tzinfo=UTC)),
        ("2026-12-24", datetime(2026, 12, 24, 18, 0, tzinfo=UTC)),
        ("2026-12-25", None),
        ("2027-01-01", None),
    ]


def test_hours_that_meet_make_one_regular_day() -> None:
    """Where only one kind of hours is known all of it is regular."""
    pair = replace(SHARE, sec_type=SecType.CASH, liquid_hours="", trading_hours="20261117:1715-20261118:1700")
    (day,) = listed_days(pair)
    assert [(part.part, part.source) for part in day.parts] == [(Part.REGULAR, Source.CONTRACT)]
