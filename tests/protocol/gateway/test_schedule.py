"""Trading hours through the real gateway, with the exchange's clock put wherever it is awkward."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime

import pytest
from tests.protocol.gateway.scripted import Pulse

from sumppump.data.meaning import Meanings
from sumppump.data.schedule import DayKind, Schedule, ScheduleService, Source
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.kernel.clock import NEW_YORK
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings

# The calendar library uses what pandas will change.
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning")
Ask = Callable[..., Awaitable[Schedule]]


def new_york(text: str) -> datetime:
    """A moment by New York's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """The schedule of a symbol at a moment."""
    running: list[tuple[EmbeddedServer, TwsGateway]] = []

    async def schedule(at: str, symbol: str = "SPY") -> Schedule:
        server = EmbeddedServer(SimSettings(seed=5, start=new_york(at), frozen=True))
        await server.start()
        gateway = TwsGateway(TwsSettings(port=server.port, backoff_min_s=0.05))
        running.append((server, gateway))
        pulse = Pulse()
        gateway.broker.subscribe(pulse.beat)
        await gateway.start()
        await pulse.until(lambda: gateway.broker.link().connected)
        meanings = Meanings(directory=gateway.directory, clock=gateway.clock)
        service = ScheduleService(meanings=meanings, memory=gateway.schedule, clock=gateway.clock)
        return await service.schedule(symbol)

    yield schedule
    for server, gateway in running:
        await gateway.stop()
        await server.close()


# Moment by New York's clock: what is on, whether regular trading is, the next regular open.
MOMENTS = {
    "before the market": ("2026-11-18 08:00", "pre_market", "2026-11-18 09:30"),
    "at the open": ("2026-11-18 09:30", "regular", "2026-11-19 09:30"),
    "at the close": ("2026-11-18 16:00", "after_hours", "2026-11-19 09:30"),
    "by night": ("2026-11-18 22:00", "overnight", "2026-11-19 09:30"),
    "between night and morning": ("2026-11-19 03:55", None, "2026-11-19 09:30"),
    "Friday night": ("2026-11-20 21:00", None, "2026-11-23 09:30"),
    "Saturday": ("2026-11-21 12:00", None, "2026-11-23 09:30"),
    "Sunday evening": ("2026-11-22 21:00", "overnight", "2026-11-23 09:30"),
    "the eve of Thanksgiving": ("2026-11-25 21:00", None, "2026-11-27 09:30"),
    "Thanksgiving": ("2026-11-26 11:00", None, "2026-11-27 09:30"),
    "Thanksgiving's evening": ("2026-11-26 20:30", "overnight", "2026-11-27 09:30"),
    "the half day": ("2026-11-27 12:59", "regular", "2026-11-30 09:30"),
    "after the half day": ("2026-11-27 13:00", "after_hours", "2026-11-30 09:30"),
    "after the half day's evening": ("2026-11-27 17:30", None, "2026-11-30 09:30"),
    "the night that loses an hour": ("2027-03-14 21:00", "overnight", "2027-03-15 09:30"),
    "the night that has one more": ("2026-11-01 21:00", "overnight", "2026-11-02 09:30"),
}


@pytest.mark.parametrize(("at", "on", "opens"), MOMENTS.values(), ids=MOMENTS.keys())
async def test_which_session_is_on_and_when_the_market_opens(
    ask: Ask, at: str, on: str | None, opens: str
) -> None:
    """Weekends, holidays, half days and the nights on which the clocks change, by the contract's hours."""
    schedule = await ask(at)
    assert (schedule.on.part.value if schedule.on else None) == on
    assert schedule.is_open is (on == "regular")
    assert schedule.next_regular is not None
    assert schedule.next_regular.opens == new_york(opens)


async def test_thanksgiving_week_has_a_holiday_and_a_half_day(ask: Ask) -> None:
    """The half day ends at 13:00 and the session after it at 17:00; the calendar agrees."""
    schedule = await ask("2026-11-25 10:00")
    kinds = {day.day.isoformat(): day.kind for day in schedule.days if day.kind is not DayKind.NORMAL}
    assert kinds["2026-11-26"] is DayKind.HOLIDAY
    assert kinds["2026-11-27"] is DayKind.HALF_DAY
    assert kinds["2026-11-28"] is DayKind.WEEKEND
    half = next(day for day in schedule.days if day.kind is DayKind.HALF_DAY)
    assert [part.closes for part in half.parts if part.source is Source.CONTRACT] == [
        new_york("2026-11-27 09:30"),
        new_york("2026-11-27 13:00"),
        new_york("2026-11-27 17:00"),
    ]
    assert schedule.notes == ()


async def test_days_before_the_contracts_hours_are_the_brokers_memory(ask: Ask) -> None:
    """On the Monday after, Thanksgiving and the half day are still known."""
    schedule = await ask("2026-11-30 08:00")
    past = {day.day: day for day in schedule.days if day.source is Source.HISTORY}
    assert past[date(2026, 11, 26)].kind is DayKind.HOLIDAY
    assert past[date(2026, 11, 27)].kind is DayKind.HALF_DAY
    assert past[date(2026, 11, 25)].kind is DayKind.NORMAL
    assert max(past) < date(2026, 11, 30)


async def test_days_beyond_them_are_a_published_calendars(ask: Ask) -> None:
    """Christmas and the half day before it, two weeks ahead; never a day that the contract names."""
    schedule = await ask("2026-12-10 10:00")
    ahead = {day.day: day for day in schedule.ahead}
    assert ahead[date(2026, 12, 25)].name == "Christmas"
    assert ahead[date(2026, 12, 24)].closes == new_york("2026-12-24 13:00")
    assert not set(ahead) & {day.day for day in schedule.days}


async def test_an_index_has_regular_hours_alone(ask: Ask) -> None:
    """SPX itself: no early and no late trading, and no night."""
    schedule = await ask("2026-11-18 08:00", "SPX")
    assert schedule.on is None
    assert {part.part.value for day in schedule.days for part in day.parts} == {"regular"}


async def test_a_futures_day_begins_the_evening_before(ask: Ask) -> None:
    """Sunday 18:00 in New York is ES's Monday; its regular trading is the day's."""
    schedule = await ask("2026-11-22 18:30", "ES")
    assert schedule.on is not None
    assert (schedule.on.part.value, schedule.on.source) == ("overnight", Source.CONTRACT)
    assert schedule.current is not None
    assert schedule.current.day == date(2026, 11, 23)


@pytest.mark.parametrize(("symbol", "at"), [("EUR.USD", "2026-11-22 18:00"), ("BTC-USD", "2026-11-21 03:00")])
async def test_a_pair_trades_from_sunday_evening_and_a_coin_always(ask: Ask, symbol: str, at: str) -> None:
    """And no calendar of New York's is told of them."""
    schedule = await ask(at, symbol)
    assert schedule.is_open
    assert schedule.ahead == ()


async def test_an_option_is_shown_the_hours_of_its_underlying_and_told_so(ask: Ask) -> None:
    """A share's options keep to the regular session."""
    schedule = await ask("2026-11-18 10:00", "SPY 2026-12-18 600C")
    assert schedule.instrument.label == "SPY"
    assert "these are SPY's hours; its options trade in the regular session alone" in schedule.notes
