"""When each kind of instrument trades: a table of daily windows, and the questions that are asked of it.

A window belongs to a trade date; what opens in the evening opens the day before. `trading` is every hour in
which an order can be filled, `liquid` those in which it can without `outsideRth`. Hours are New York's,
so they move with its summer time. Stocks, indices and options keep the New York holidays and half days.
Our decisions: futures are closed on those holidays too (in reality most of them trade until 13:00), and
trading that goes over midnight ends before the holiday's trade date; coins never rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from sumppump.exchange.calendar.trading_days import (
    is_trading_day,
    new_york_date,
    session_of,
    to_datetime,
    to_ms,
)
from sumppump.kernel.clock import NEW_YORK

_SATURDAY = 5
_TEXT_DAYS = 6


class HoursKind(StrEnum):
    """Kinds of instruments by their hours."""

    STOCK = "stock"
    OPTION = "option"
    INDEX = "index"
    INDEX_OPTION = "index option"
    GLOBAL_OPTION = "index option that trades by night"
    FUTURE = "future"
    FOREX = "currency pair"
    CRYPTO = "coin"


@dataclass(frozen=True, slots=True)
class _Window:
    """From one time of day to another; `opens` the evening before if `is_evening`.

    Attributes:
        after_close: minutes after an early close until which it lasts then; None where half days are
            whole days.
    """

    opens: time
    closes: time
    is_evening: bool = False
    after_close: int | None = None


@dataclass(frozen=True, slots=True)
class _Programme:
    """The windows of one kind, rising.

    Attributes:
        keeps_holidays: New York's; otherwise only Christmas and New Year's Day are off.
        weekdays: False for what trades on Saturdays and Sundays too.
        zone: the time zone that contract details name and tell the hours in.
    """

    trading: tuple[_Window, ...]
    liquid: tuple[_Window, ...]
    keeps_holidays: bool = True
    weekdays: bool = True
    zone: str = "US/Eastern"


_ZONES = {"US/Eastern": NEW_YORK, "US/Central": ZoneInfo("America/Chicago")}  # the wire's names are old
_REGULAR = _Window(time(9, 30), time(16), after_close=0)
_EXTENDED = _Window(time(4), time(20), after_close=240)
_INDEX_OPTION = _Window(time(9, 30), time(16, 15), after_close=15)
_GLOBAL = _Window(time(20, 15), time(9, 25), is_evening=True)
_GLOBEX = _Window(time(18), time(17), is_evening=True, after_close=15)
_FUTURE_DAY = _Window(time(9, 30), time(16), after_close=0)
_FOREX = _Window(time(17, 15), time(17), is_evening=True)
_ALL_DAY = _Window(time(0), time(0))

PROGRAMMES = {
    HoursKind.STOCK: _Programme((_EXTENDED,), (_REGULAR,)),
    HoursKind.OPTION: _Programme((_REGULAR,), (_REGULAR,)),
    HoursKind.INDEX: _Programme((_REGULAR,), (_REGULAR,)),
    HoursKind.INDEX_OPTION: _Programme((_INDEX_OPTION,), (_INDEX_OPTION,), zone="US/Central"),
    HoursKind.GLOBAL_OPTION: _Programme((_GLOBAL, _INDEX_OPTION), (_INDEX_OPTION,), zone="US/Central"),
    HoursKind.FUTURE: _Programme((_GLOBEX,), (_FUTURE_DAY,), zone="US/Central"),
    HoursKind.FOREX: _Programme((_FOREX,), (_FOREX,), keeps_holidays=False),
    HoursKind.CRYPTO: _Programme((_ALL_DAY,), (_ALL_DAY,), keeps_holidays=False, weekdays=False),
}
Span = tuple[int, int]


def is_trade_date(kind: HoursKind, day: date) -> bool:
    """Whether a kind trades under this date."""
    programme = PROGRAMMES[kind]
    if programme.keeps_holidays:
        return is_trading_day(day)
    if not programme.weekdays:
        return True
    return day.weekday() < _SATURDAY and (day.month, day.day) not in ((12, 25), (1, 1))


@lru_cache(maxsize=16384)
def windows(kind: HoursKind, day: date, *, liquid: bool = False) -> tuple[Span, ...]:
    """The spans of a trade date in milliseconds since the epoch, rising; () on a day off."""
    if not is_trade_date(kind, day):
        return ()
    programme = PROGRAMMES[kind]
    return tuple(_span(window, day) for window in (programme.liquid if liquid else programme.trading))


def _span(window: _Window, day: date) -> Span:
    opens = _at(day - timedelta(1) if window.is_evening else day, window.opens)
    closes = _at(day + timedelta(1) if window.closes == time(0) else day, window.closes)
    if window.after_close is not None and _is_half_day(day):
        closes = session_of(day).close_ms + window.after_close * 60_000
    return opens, closes


def _at(day: date, moment: time) -> int:
    return to_ms(datetime.combine(day, moment, tzinfo=NEW_YORK))


def _is_half_day(day: date) -> bool:
    return to_datetime(session_of(day).close_ms).astimezone(NEW_YORK).time() < _REGULAR.closes


@lru_cache(maxsize=256)
def _near(kind: HoursKind, day: date, *, liquid: bool) -> tuple[Span, ...]:
    """The spans of the trade dates next to a day."""
    near = (day + timedelta(shift) for shift in (-1, 0, 1))
    return tuple(span for one in near for span in windows(kind, one, liquid=liquid))


def _around(kind: HoursKind, moment_ms: int, *, liquid: bool) -> tuple[Span, ...]:
    """The spans of the trade dates next to a moment."""
    return _near(kind, new_york_date(moment_ms), liquid=liquid)


@lru_cache(maxsize=4096)
def trades_at(kind: HoursKind, moment_ms: int, *, liquid: bool = False) -> bool:
    """Whether it trades at a moment: from an opening until just before the close."""
    return any(opens <= moment_ms < closes for opens, closes in _around(kind, moment_ms, liquid=liquid))


def next_opening(kind: HoursKind, moment_ms: int, *, liquid: bool = False) -> int:
    """The moment itself while it trades, else the first opening after it."""
    day = new_york_date(moment_ms) - timedelta(1)
    while True:
        for opens, closes in windows(kind, day, liquid=liquid):
            if moment_ms < closes:
                return max(opens, moment_ms)
        day += timedelta(1)


def end_of_trading(kind: HoursKind, moment_ms: int, *, liquid: bool = False) -> int:
    """The close of the span that a moment lies in or that comes next."""
    opens = next_opening(kind, moment_ms, liquid=liquid)
    return next(span[1] for span in _around(kind, opens, liquid=liquid) if span[0] <= opens < span[1])


def last_traded(kind: HoursKind, moment_ms: int) -> int:
    """The moment itself while it trades, else the last close before it."""
    day = new_york_date(moment_ms) + timedelta(1)
    while True:
        for opens, closes in reversed(windows(kind, day)):
            if opens <= moment_ms:
                return min(closes, moment_ms)
        day -= timedelta(1)


def zone_of(kind: HoursKind) -> str:
    """The name of the time zone that its hours are told in."""
    return PROGRAMMES[kind].zone


def in_zone_of(kind: HoursKind, moment: datetime) -> datetime:
    """The moment in that zone."""
    return moment.astimezone(_ZONES[PROGRAMMES[kind].zone])


@lru_cache(maxsize=256)
def hours_text(kind: HoursKind, today: date, *, liquid: bool = False) -> str:
    """Hours from today on in the wire's form, `20261120:0930-20261120:1600;20261121:CLOSED;…`."""
    days = (today + timedelta(ahead) for ahead in range(_TEXT_DAYS))
    return ";".join(_day_text(kind, day, liquid=liquid) for day in days)


def _day_text(kind: HoursKind, day: date, *, liquid: bool) -> str:
    spans = windows(kind, day, liquid=liquid)
    if not spans:
        return f"{day:%Y%m%d}:CLOSED"
    told = ([in_zone_of(kind, to_datetime(moment)) for moment in span] for span in spans)
    return ",".join(f"{opens:%Y%m%d:%H%M}-{closes:%Y%m%d:%H%M}" for opens, closes in told)
