"""The days and hours of the New York market, by rule: regular sessions, holidays, half days.

A small table of rules instead of a calendar package keeps the core free of heavy imports; a test
holds it to `exchange_calendars`. Closings that nobody could foresee are a list.
Moments are integer milliseconds since the epoch: exact, and the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from sumppump.kernel.clock import NEW_YORK

STEP_MS = 250  # the market moves on this grid
STEPS_PER_SECOND = 1000 // STEP_MS
_OPEN = time(9, 30)
_CLOSE = time(16, 0)
_EARLY_CLOSE = time(13, 0)
_MONDAY, _THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 3, 4, 5, 6
_UNFORESEEN = frozenset({date(2018, 12, 5), date(2025, 1, 9)})  # days of mourning
_JUNETEENTH_SINCE = 2022
_EPOCH, _MS = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class TradingSession:
    """A span of the market's time, from `open_ms` to `close_ms`, both ends included.

    Attributes:
        day: the trading day whose regular session it is, or which it leads to.
        is_regular: False for the span from the close before to the day's open, weekends and holidays
            inside: what trades by night, early or late lives there, on the same grid of steps.
    """

    day: date
    open_ms: int
    close_ms: int
    is_regular: bool = True

    @property
    def seconds(self) -> int:
        """Length in seconds."""
        return (self.close_ms - self.open_ms) // 1000

    @property
    def last_step(self) -> int:
        """Index of the step at the close; step 0 is the open."""
        return self.seconds * STEPS_PER_SECOND

    def step_at(self, moment_ms: int) -> int:
        """The last step not after the moment, held within the session."""
        return min(max((moment_ms - self.open_ms) // STEP_MS, 0), self.last_step)

    def step_up(self, moment_ms: int) -> int:
        """The first step not before the moment, wherever that is."""
        return -((self.open_ms - moment_ms) // STEP_MS)

    def time_of(self, step: int) -> int:
        """The moment of a step."""
        return self.open_ms + step * STEP_MS


Place = tuple[TradingSession, int]
"""A step of a span."""


def to_ms(moment: datetime) -> int:
    """Milliseconds since the epoch of an aware moment, rounded down."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a time zone, unlike {moment!r}")
    return (moment - _EPOCH) // _MS


def to_datetime(moment_ms: int) -> datetime:
    """The moment in UTC."""
    return _EPOCH + timedelta(milliseconds=moment_ms)


@lru_cache(maxsize=4096)
def new_york_date(moment_ms: int) -> date:
    """The date in New York."""
    return to_datetime(moment_ms).astimezone(NEW_YORK).date()


def _easter(year: int) -> date:
    # The anonymous Gregorian computus.
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th such weekday of a month, Monday being 0; n = -1 is the last."""
    if n > 0:
        first = date(year, month, 1)
        return first + timedelta((weekday - first.weekday()) % 7 + 7 * (n - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
    return last - timedelta((last.weekday() - weekday) % 7)


def _observed(day: date) -> date:
    return day + timedelta({_SATURDAY: -1, _SUNDAY: 1}.get(day.weekday(), 0))


@lru_cache(maxsize=256)
def holidays(year: int) -> frozenset[date]:
    """Full-day closings of a year (NYSE Rule 7.2)."""
    new_year = date(year, 1, 1)
    days = [
        new_year + timedelta(1) if new_year.weekday() == _SUNDAY else new_year,  # never moved to Friday
        nth_weekday(year, 1, _MONDAY, 3),
        nth_weekday(year, 2, _MONDAY, 3),
        _easter(year) - timedelta(2),
        nth_weekday(year, 5, _MONDAY, -1),
        _observed(date(year, 7, 4)),
        nth_weekday(year, 9, _MONDAY, 1),
        nth_weekday(year, 11, _THURSDAY, 4),
        _observed(date(year, 12, 25)),
    ]
    if year >= _JUNETEENTH_SINCE:
        days.append(_observed(date(year, 6, 19)))
    return frozenset(days) | {day for day in _UNFORESEEN if day.year == year}


def is_trading_day(day: date) -> bool:
    """Whether there is a session on this date."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


def _closes_early(day: date) -> bool:
    thanksgiving = nth_weekday(day.year, 11, _THURSDAY, 4)
    eves = (date(day.year, 7, 3), date(day.year, 12, 24))
    return day == thanksgiving + timedelta(1) or (day in eves and day.weekday() <= _THURSDAY)


@lru_cache(maxsize=4096)
def session_of(day: date) -> TradingSession:
    """The session of a trading day."""
    if not is_trading_day(day):
        raise ValueError(f"{day} is not a trading day")
    close = _EARLY_CLOSE if _closes_early(day) else _CLOSE
    opens, closes = (datetime.combine(day, at, tzinfo=NEW_YORK) for at in (_OPEN, close))
    return TradingSession(day, to_ms(opens), to_ms(closes))


@lru_cache(maxsize=8192)
def trading_day_on_or_before(day: date) -> date:
    """The latest trading day that is not after `day`."""
    while not is_trading_day(day):
        day -= timedelta(1)
    return day


@lru_cache(maxsize=8192)
def trading_day_on_or_after(day: date) -> date:
    """The first trading day that is not before `day`."""
    while not is_trading_day(day):
        day += timedelta(1)
    return day


def previous_trading_day(day: date) -> date:
    """The trading day before `day`."""
    return trading_day_on_or_before(day - timedelta(1))


def next_trading_day(day: date) -> date:
    """The trading day after `day`."""
    return trading_day_on_or_after(day + timedelta(1))


def trading_days_back(day: date, count: int) -> list[date]:
    """`count` trading days that end with `day` or the last one before it, rising."""
    days = [trading_day_on_or_before(day)]
    while len(days) < count:
        days.append(previous_trading_day(days[-1]))
    return days[::-1]


def latest_session(moment_ms: int) -> TradingSession:
    """The session that is on, or the last one that was."""
    session = session_of(trading_day_on_or_before(new_york_date(moment_ms)))
    return session if session.open_ms <= moment_ms else session_of(previous_trading_day(session.day))


def upcoming_session(moment_ms: int) -> TradingSession:
    """The first session that has not closed yet."""
    session = session_of(trading_day_on_or_after(new_york_date(moment_ms)))
    return session if moment_ms < session.close_ms else session_of(next_trading_day(session.day))


@lru_cache(maxsize=4096)
def overnight_before(day: date) -> TradingSession:
    """The span from the previous regular close to this trading day's open."""
    closes = session_of(previous_trading_day(day)).close_ms
    return TradingSession(day, closes, session_of(day).open_ms, is_regular=False)


def span_at(moment_ms: int) -> TradingSession:
    """The span that a moment lies in: a regular session until just before its close, else the night."""
    session = upcoming_session(moment_ms)
    return session if session.open_ms <= moment_ms else overnight_before(session.day)


def is_open(moment_ms: int) -> bool:
    """Whether regular trading is on: from the open until just before the close."""
    session = latest_session(moment_ms)
    return moment_ms < session.close_ms


def default_start(wall: datetime) -> datetime:
    """10:00 New York of the latest trading day by the wall calendar, in UTC."""
    day = trading_day_on_or_before(wall.astimezone(NEW_YORK).date())
    return datetime.combine(day, time(10, 0), tzinfo=NEW_YORK).astimezone(UTC)
