"""Bar sizes, durations and kinds of bars in TWS's words, and the trade dates that a request is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice, takewhile

from sumppump.exchange.calendar.hours import windows
from sumppump.exchange.calendar.trading_days import new_york_date, to_ms
from sumppump.exchange.calendar.trading_spans import trade_dates_back
from sumppump.exchange.listing.instruments import Listing, SecType
from sumppump.exchange.reports import BarsQuery, Refusal

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
_QUOTES = frozenset({"MIDPOINT", "BID", "ASK", "BID_ASK"})
_VOLATILITIES = frozenset({"HISTORICAL_VOLATILITY", "OPTION_IMPLIED_VOLATILITY"})
KINDS_OF_BARS: dict[SecType, frozenset[str]] = {
    SecType.STOCK: _QUOTES | _VOLATILITIES | {"TRADES", "ADJUSTED_LAST"},
    SecType.OPTION: _QUOTES | {"TRADES"},
    SecType.INDEX: _VOLATILITIES | {"TRADES"},
    SecType.FUTURE: _QUOTES | {"TRADES"},
    SecType.CASH: _QUOTES,
    SecType.CRYPTO: _QUOTES | {"AGGTRADES"},
}
"""What there are data for."""
_ALL_KINDS = frozenset().union(*KINDS_OF_BARS.values())
# Kinds that TWS has and this exchange has no data for.
_UNSUBSCRIBED = ("FEE_RATE", "REBATE_RATE", "YIELD_ASK", "YIELD_BID", "YIELD_BID_ASK", "YIELD_LAST")
_SERVICE = "Historical Market Data Service error message:"
_DURATION = re.compile(r"(\d{1,6}) ([SDWMY])")
_PERIOD = re.compile(r"(\d{1,4}) ?([dwmy])(?:ays?|eeks?|onths?|ears?)?")
_PERIOD_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_MOST_PERIOD_DAYS = 92  # our decision
_MOST_DAYS = 365
_MOST_YEARS = 68
_MOST_BARS = 120_000  # a frame holds no more
# How many sessions of short bars may be asked for at once, by the longest bar (seconds) of the class.
_MOST_SESSIONS = ((29, 2), (59, 10), (299, 25), (3599, 130), (86_400, 520))


@dataclass(frozen=True, slots=True)
class Window:
    """What a request is about.

    Attributes:
        days: trade dates, rising.
        from_ms: no bar begins before this moment.
        until_ms: nothing of this moment or later counts, but the auction of a close that it is.
    """

    days: tuple[date, ...]
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
    if query.what not in _ALL_KINDS:
        return _invalid("What to show field is missing or incorrect.")
    if query.what == "ADJUSTED_LAST" and query.end is not None:
        return _invalid("End Date not supported with adjusted last")
    if canonical_size(query.bar_size) is None:
        return _invalid(f"Historical data bar size setting is invalid: {query.bar_size!r}")
    return _duration_fault(query)


def _duration_fault(query: BarsQuery) -> Refusal | None:
    found = _DURATION.fullmatch(query.duration.strip())
    if found is None or not int(found[1]):
        return _invalid("Historical data query duration string is invalid, it must be an integer and a unit")
    too_long = found[2] == "D" and int(found[1]) > _MOST_DAYS
    if too_long:
        return _invalid("Historical data requests for durations longer than 365 days must be made in years.")
    return _invalid("Duration is too long") if found[2] == "Y" and int(found[1]) > _MOST_YEARS else None


def _invalid(cause: str) -> Refusal:
    return Refusal(321, f"Error validating request.-'bW' : cause - {cause}")


def period_of(text: str) -> str | Refusal:
    """A histogram's period as a duration: `3 days`, `1 weeks`, `2 months`, or a duration itself."""
    found = _PERIOD.fullmatch(text.strip().lower())
    if found is None or not 0 < int(found[1]) * _PERIOD_DAYS[found[2]] <= _MOST_PERIOD_DAYS:
        return Refusal(162, f"{_SERVICE}invalid time period: {text[:40]}")
    return f"{found[1]} {found[2].upper()}"


def window_of(query: BarsQuery, listing: Listing, now_ms: int, first_day: date) -> Window | Refusal:
    """The trade dates of a sound request; never after now, never before there is history."""
    found = _DURATION.fullmatch(query.duration.strip())
    if found is None:
        raise ValueError(f"judge the words first: {query.duration!r}")
    # What an end names is left out; without an end the moment that is on counts.
    until = now_ms + 1 if query.end is None else min(to_ms(query.end), now_ms + 1)
    back = trade_dates_back(listing.hours, until - 1, liquid=query.use_rth)
    dates = takewhile(lambda day: day >= first_day, back)
    count, unit = int(found[1]), found[2]
    last = next(dates, None)
    if last is None:
        return Window((), 0, until)
    from_ms = _ends(listing, query, last, until) - count * 1000 if unit == "S" else 0
    wanted = _days_back(count, unit, new_york_date(until - 1), new_york_date(max(from_ms, 0)))
    others = islice(dates, count - 1) if unit == "D" else takewhile(lambda day: day >= wanted, dates)
    days = (*reversed(tuple(others)), last)
    seconds = BAR_SECONDS.get(canonical_size(query.bar_size) or "")
    if seconds and _is_too_much(listing, query, days, seconds):
        return Refusal(162, f"{_SERVICE}invalid step: {seconds}")
    return Window(days, from_ms, until)


def _is_too_much(listing: Listing, query: BarsQuery, days: tuple[date, ...], seconds: int) -> bool:
    """Whether there would be more sessions, or more bars, than are told at once."""
    if len(days) > next(most for longest, most in _MOST_SESSIONS if seconds <= longest):
        return True
    spans = (span for day in days for span in windows(listing.hours, day, liquid=query.use_rth))
    return sum(closes - opens for opens, closes in spans) > _MOST_BARS * seconds * 1000


def _ends(listing: Listing, query: BarsQuery, last: date, until: int) -> int:
    """The moment from which seconds are counted back: the end, or the last one with trading before it."""
    spans = windows(listing.hours, last, liquid=query.use_rth)
    now = until - (query.end is None)
    return next(min(closes, now) for opens, closes in reversed(spans) if opens < until)


def _days_back(count: int, unit: str, ends: date, of_seconds: date) -> date:
    """The first date that is wanted: whole weeks, or the same day of an earlier month."""
    if unit in "SD":
        return of_seconds
    if unit == "W":
        return ends - timedelta(min(7 * count, 366 * _MOST_YEARS) - 1)
    return _months_before(ends, min(count * (12 if unit == "Y" else 1), 12 * _MOST_YEARS))


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(day.day - 1), following - timedelta(1))
