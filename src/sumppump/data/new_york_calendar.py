"""New York's holidays and half days from a published calendar, for days that no contract's hours reach.

It is a library's list of the exchange's rules, not the broker's word: whoever shows it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sumppump.domain.schedule import is_weekend

SOURCE = "exchange_calendars XNYS"
_FULL_DAY = timedelta(hours=6, minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A weekday that is no whole trading day.

    Attributes:
        closes: the early close, aware UTC; None on a holiday.
        name: of the holiday, "" where the calendar has none.
    """

    day: date
    closes: datetime | None = None
    name: str = ""


@lru_cache(maxsize=8)
def special_days(first: date, last: date) -> tuple[SpecialDay, ...]:
    """Holidays and half days from `first` to `last`, both included, in order.

    Slow the first time: call it in a thread.
    """
    # It brings pandas, which takes more than a second to import and which nothing else here needs.
    import exchange_calendars  # noqa: PLC0415

    margin = timedelta(days=7)
    calendar = exchange_calendars.get_calendar("XNYS", start=first - margin, end=last + margin)
    opens = {stamp.date(): stamp.to_pydatetime() for stamp in calendar.opens}
    closes = {stamp.date(): stamp.to_pydatetime() for stamp in calendar.closes}
    holidays = calendar.regular_holidays.holidays(first, last, return_name=True)
    names = {stamp.date(): str(name) for stamp, name in holidays.items()}
    weekdays = [day for day in _days(first, last) if not is_weekend(day)]
    found = [
        SpecialDay(day=day, closes=closes[day].astimezone(UTC))
        if day in opens
        else SpecialDay(day=day, name=names.get(day, ""))
        for day in weekdays
        if day not in opens or closes[day] - opens[day] < _FULL_DAY
    ]
    return tuple(found)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def special_days_near(day: date) -> tuple[SpecialDay, ...]:
    """Those of its year and of the neighbouring months: whole years, so that one answer serves many days."""
    return special_days(date(day.year - 1, 12, 1), date(day.year + 1, 1, 31))


def trading_days_after(day: date, count: int) -> tuple[date, ...]:
    """The next `count` days with a session after `day`. Slow the first time: call it in a thread."""
    closed = {each.day for each in special_days_near(day) if each.closes is None}
    found: list[date] = []
    while len(found) < count:
        day += timedelta(days=1)
        if not is_weekend(day) and day not in closed:
            found.append(day)
    return tuple(found)
