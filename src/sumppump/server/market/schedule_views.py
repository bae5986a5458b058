"""Answers about trading hours: every moment in New York time."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sumppump.data.new_york_calendar import SOURCE, SpecialDay
from sumppump.data.schedule import DayKind, PartOfDay, Schedule, Source, TradingDay
from sumppump.kernel.clock import NEW_YORK
from sumppump.server.views import Answer, QualityView, View

_WORDS = {DayKind.HALF_DAY: "a half day", DayKind.HOLIDAY: "a holiday", DayKind.WEEKEND: "a weekend day"}


class SessionView(View):
    """One session; `source` is contract (its own hours), history (the broker's memory) or rule."""

    name: Literal["overnight", "pre_market", "regular", "after_hours"]
    opens: str
    closes: str
    source: Literal["contract", "history", "rule"]


class DayView(View):
    """A trade date and its sessions, none on a day off."""

    date: str
    weekday: str
    kind: Literal["normal", "half_day", "holiday", "weekend"]
    sessions: list[SessionView]


class SpecialDayView(View):
    """A holiday, or a half day with its early close, by a published calendar."""

    date: str
    weekday: str
    kind: Literal["half_day", "holiday"]
    closes: str | None
    name: str


class ScheduleAnswer(Answer):
    """The market clock and the days around now; `is_open` means regular trading of this contract."""

    symbol: str
    exchange_time: str
    is_open: bool
    session_now: str
    session_closes: str | None
    next_session: SessionView | None
    next_open: str | None
    next_close: str | None
    days: list[DayView]
    special_days_ahead: list[SpecialDayView]
    ahead_source: str


def schedule_answer(schedule: Schedule, *, from_broker: bool) -> ScheduleAnswer:
    """A schedule with the exchange's clock."""
    on, coming = schedule.on, schedule.next_regular
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
        days=[_day(day) for day in schedule.days],
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
        sessions=[_session(part) for part in day.parts],
    )


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
    opens = "" if schedule.next_regular is None else f"; the next regular open is {_clock(schedule.next_regular.opens)}"
    today = next((day for day in schedule.days if day.day == schedule.now.astimezone(NEW_YORK).date()), None)
    special = "" if today is None else _WORDS.get(today.kind, "")
    return f"{now}{opens}.{f' Today is {special}.' if special else ''}"


def _clock(at: datetime) -> str:
    return at.astimezone(NEW_YORK).strftime("%a %Y-%m-%d %H:%M New York")
