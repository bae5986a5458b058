"""Answers about trading hours: every moment in New York time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sumppump.data.new_york_calendar import SOURCE, SpecialDay
from sumppump.data.schedule import DayKind, Part, PartOfDay, Schedule, Source, TradingDay
from sumppump.kernel.clock import NEW_YORK
from sumppump.server.views import Answer, QualityView, View

PAST_SHOWN = timedelta(days=7)
_WORDS = {DayKind.HALF_DAY: "a half day", DayKind.HOLIDAY: "a holiday", DayKind.WEEKEND: "a weekend day"}


class SessionView(View):
    """One session; `source` is contract (its own hours), history (the broker's memory) or rule."""

    name: Literal["overnight", "pre_market", "regular", "after_hours"]
    opens: str
    closes: str
    source: Literal["contract", "history", "rule"]


class DayView(View):
    """A trade date: `09:30-16:00` in New York, null where there is none; a night begins the day before."""

    date: str
    weekday: str
    kind: Literal["normal", "half_day", "holiday", "weekend"]
    overnight: str | None
    pre_market: str | None
    regular: str | None
    after_hours: str | None
    source: Literal["contract", "history", "rule"]


class SpecialDayView(View):
    """A holiday, or a half day with its early close, by a published calendar."""

    date: str
    weekday: str
    kind: Literal["half_day", "holiday"]
    closes: str | None
    name: str


class ScheduleAnswer(Answer):
    """The market clock and the days around now; `is_open` means regular trading of this contract.

    `sessions` are those of `trade_date`: the day whose session is on, else the one that comes next.
    """

    symbol: str
    exchange_time: str
    is_open: bool
    session_now: str
    session_closes: str | None
    next_session: SessionView | None
    next_open: str | None
    next_close: str | None
    trade_date: str | None
    sessions: list[SessionView]
    days: list[DayView]
    special_days_ahead: list[SpecialDayView]
    ahead_source: str


def schedule_answer(schedule: Schedule, *, from_broker: bool) -> ScheduleAnswer:
    """A schedule with the exchange's clock."""
    on, coming, current = schedule.on, schedule.next_regular, schedule.current
    first = schedule.now.astimezone(NEW_YORK).date() - PAST_SHOWN
    closing = on if schedule.is_open else coming
    return ScheduleAnswer(
        summary=_summary(schedule),
        warnings=[*_clock_warnings(from_broker), *_night_warnings(on), *schedule.notes],
        as_of=_minute(schedule.now),
        data_quality=QualityView(state="broker"),
        symbol=schedule.instrument.label,
        exchange_time=schedule.now.astimezone(NEW_YORK).strftime("%a %Y-%m-%d %H:%M:%S New York"),
        is_open=schedule.is_open,
        session_now="closed" if on is None else on.part.value,
        session_closes=None if on is None else _minute(on.closes),
        next_session=None if (following := schedule.next_part) is None else _session(following),
        next_open=None if coming is None else _minute(coming.opens),
        next_close=None if closing is None else _minute(closing.closes),
        trade_date=None if current is None else current.day.isoformat(),
        sessions=[] if current is None else [_session(part) for part in current.parts],
        days=[_day(day) for day in schedule.days if day.day >= first],
        special_days_ahead=[_special(day) for day in schedule.ahead],
        ahead_source=SOURCE if schedule.ahead else "",
    )


def _minute(at: datetime) -> str:
    return at.astimezone(NEW_YORK).isoformat(timespec="minutes")


def _session(part: PartOfDay) -> SessionView:
    return SessionView(
        name=part.part.value, opens=_minute(part.opens), closes=_minute(part.closes), source=part.source.value
    )


def _day(day: TradingDay) -> DayView:
    return DayView(
        date=day.day.isoformat(),
        weekday=f"{day.day:%a}",
        kind=day.kind.value,
        source=day.source.value,
        **{part.value: _span(day, part) for part in Part},
    )


def _span(day: TradingDay, part: Part) -> str | None:
    """From the first opening of this kind to its last close."""
    found = [each for each in day.parts if each.part is part]
    if not found:
        return None
    opens, closes = (at.astimezone(NEW_YORK) for at in (found[0].opens, found[-1].closes))
    return f"{opens:%H:%M}-{closes:%H:%M}"


def _special(day: SpecialDay) -> SpecialDayView:
    return SpecialDayView(
        date=day.day.isoformat(),
        weekday=f"{day.day:%a}",
        kind="half_day" if day.closes else "holiday",
        closes=None if day.closes is None else _minute(day.closes),
        name=day.name,
    )


def _clock_warnings(from_broker: bool) -> list[str]:
    return [] if from_broker else ["the exchange's clock is not known yet: this machine's is used"]


def _night_warnings(on: PartOfDay | None) -> list[str]:
    if on is None or on.source is not Source.RULE:
        return []
    return [
        "overnight hours are IBKR's published ones, not the contract's: limit orders only, not every symbol, "
        "and options do not trade"
    ]


def _summary(schedule: Schedule) -> str:
    on, label = schedule.on, schedule.instrument.label
    if on is None:
        now = f"{label} is closed"
    elif schedule.is_open:
        now = f"{label} is open: regular trading until {_clock(on.closes)}"
    else:
        now = f"{label}'s {on.part.replace('_', ' ')} session is on until {_clock(on.closes)}"
    coming = schedule.next_regular
    opens = "" if coming is None else f"; the next regular open is {_clock(coming.opens)}"
    today = next((day for day in schedule.days if day.day == schedule.now.astimezone(NEW_YORK).date()), None)
    special = "" if today is None else _WORDS.get(today.kind, "")
    return f"{now}{opens}.{f' Today is {special}.' if special else ''}"


def _clock(at: datetime) -> str:
    return at.astimezone(NEW_YORK).strftime("%a %Y-%m-%d %H:%M New York")
