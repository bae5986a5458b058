"""Bar sizes, durations and kinds of bars in TWS's words, and the span of sessions that a request is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sumppump.exchange.reports import BarsQuery, Refusal
from sumppump.exchange.trading_days import (
    TradingSession,
    latest_session,
    session_of,
    to_ms,
    trading_day_on_or_after,
    trading_days_back,
)

MINUTE_S, HOUR_S = 60, 3600
BAR_SECONDS: dict[str, int] = {
    "1 secs": 1, "5 secs": 5, "10 secs": 10, "15 secs": 15, "30 secs": 30,
    "1 min": 60, "2 mins": 120, "3 mins": 180, "5 mins": 300, "10 mins": 600, "15 mins": 900,
    "20 mins": 1200, "30 mins": 1800,
    "1 hour": 3600, "2 hours": 7200, "3 hours": 10800, "4 hours": 14400, "8 hours": 28800,
}  # fmt: skip
_ALSO = {
    "1 sec": "1 secs",
    "1 mins": "1 min",
    "1 hours": "1 hour",
    "1D": "1 day",
    "1W": "1 week",
    "1M": "1 month",
}
LONG_BARS = ("1 day", "1 week", "1 month")
KINDS_OF_BARS = ("TRADES", "MIDPOINT", "BID", "ASK", "HISTORICAL_VOLATILITY", "OPTION_IMPLIED_VOLATILITY")
# Kinds that TWS has and this exchange has no data for.
_UNSUBSCRIBED = ("BID_ASK", "ADJUSTED_LAST", "AGGTRADES", "FEE_RATE", "REBATE_RATE", "SCHEDULE",
                 "YIELD_ASK", "YIELD_BID", "YIELD_BID_ASK", "YIELD_LAST")  # fmt: skip
_SERVICE = "Historical Market Data Service error message:"
_DURATION = re.compile(r"(\d{1,6}) ([SDWMY])")
_MOST_DAYS = 365
_MOST_YEARS = 68
_DAYS_PER = {"W": 7, "M": 30.4375, "Y": 365.25}
# How many sessions of short bars may be asked for at once, by the longest bar (seconds) of the class.
_MOST_SESSIONS = ((29, 2), (59, 10), (299, 25), (3599, 130), (86_400, 520))


@dataclass(frozen=True, slots=True)
class Window:
    """Sessions, and the moments between which bars may start and end, in milliseconds."""

    sessions: tuple[TradingSession, ...]
    from_ms: int
    until_ms: int


def canonical_size(text: str) -> str | None:
    """The bar size as TWS writes it; None if there is no such size."""
    size = _ALSO.get(text, text)
    return size if size in BAR_SECONDS or size in LONG_BARS else None


def fault_of(query: BarsQuery) -> Refusal | None:
    """What is wrong with the words of a request."""
    if query.what in _UNSUBSCRIBED:
        # Not 321, which some clients do not take for an answer.
        return Refusal(162, f"{_SERVICE}No market data permissions for {query.what}")
    if query.what not in KINDS_OF_BARS:
        return _invalid("What to show field is missing or incorrect.")
    if canonical_size(query.bar_size) is None:
        return _invalid(f"Historical data bar size setting is invalid: {query.bar_size!r}")
    found = _DURATION.fullmatch(query.duration.strip())
    if found is None or not int(found[1]):
        return _invalid("Historical data query duration string is invalid, it must be an integer and a unit")
    too_long = found[2] == "D" and int(found[1]) > _MOST_DAYS
    if too_long:
        return _invalid("Historical data requests for durations longer than 365 days must be made in years.")
    return _invalid("Duration is too long") if found[2] == "Y" and int(found[1]) > _MOST_YEARS else None


def _invalid(cause: str) -> Refusal:
    return Refusal(321, f"Error validating request.-'bW' : cause - {cause}")


def window_of(query: BarsQuery, now_ms: int, first_day: date) -> Window | Refusal:
    """The span of a sound request; never after now, never before there is history."""
    until = min(to_ms(query.end), now_ms) if query.end else now_ms
    last = latest_session(until)
    until = min(until, last.close_ms)
    found = _DURATION.fullmatch(query.duration.strip())
    if found is None:
        raise ValueError(f"judge the words first: {query.duration!r}")
    count, unit = int(found[1]), found[2]
    start_day, from_ms = _start(count, unit, last, until)
    day = trading_day_on_or_after(max(start_day, first_day))
    sessions: list[TradingSession] = []
    while day <= last.day:
        sessions.append(session_of(day))
        day = trading_day_on_or_after(day + timedelta(1))
    seconds = BAR_SECONDS.get(canonical_size(query.bar_size) or "")
    if seconds and len(sessions) > next(most for longest, most in _MOST_SESSIONS if seconds <= longest):
        return Refusal(162, f"{_SERVICE}invalid step: {seconds}")
    return Window(tuple(sessions), from_ms, until)


def _start(count: int, unit: str, last: TradingSession, until: int) -> tuple[date, int]:
    """The first day, and the moment before which no bar may begin."""
    if unit == "S":
        from_ms = until - count * 1000
        return latest_session(max(from_ms, 0)).day, from_ms
    if unit == "D":
        return trading_days_back(last.day, count)[0], 0
    back = min(int(count * _DAYS_PER[unit]), 366 * _MOST_YEARS)
    return last.day - timedelta(back) + timedelta(unit == "W"), 0
