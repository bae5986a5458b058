"""Which expiries and strikes are listed, by the exchanges' rules.

Large funds and indices settled at the close: every trading day for two weeks, Fridays for eight, the third
Friday of the next six months and of the quarters of two years, the last trading day of four quarters, and the
Januaries of two more years. Stocks: Fridays for six weeks, the third Friday of the next eight months, and
of June, December and January for two years. Indices settled at the open: third Fridays alone. The volatility
index: the Wednesday 30 days before the third Friday of the month after. What falls on a holiday expires on
the trading day before. Strikes are laid around the close before the listing and then stay: nothing is added
when the spot wanders off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from sumppump.exchange.calendar.trading_days import (
    is_trading_day,
    nth_weekday,
    trading_day_on_or_after,
    trading_day_on_or_before,
)

_WEDNESDAY, _FRIDAY = 2, 4
_DAILY_DAYS = 14  # calendar days, so ten trading days
_VOLATILITY_DAYS = 30
_QUARTERS = (3, 6, 9, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What is listed for a kind of class.

    Attributes:
        weekly_weeks: how many weeks ahead there is an expiry each week.
        months: how many months ahead there is a monthly one.
        quarter_months, cycle_reach: months that are listed further ahead, and how many months.
        is_daily: whether there is one on every trading day for two weeks.
        quarter_ends: how many last trading days of quarters.
        januaries: of how many more years.
        is_volatility: monthly and weekly ones are Wednesdays.
        only_weekly: leaves the monthly dates to a class of its own.
    """

    weekly_weeks: int = 0
    months: int = 0
    quarter_months: tuple[int, ...] = _QUARTERS
    cycle_reach: int = 0
    is_daily: bool = False
    quarter_ends: int = 0
    januaries: int = 2
    is_volatility: bool = False
    only_weekly: bool = False


DAILY = Programme(weekly_weeks=8, months=6, cycle_reach=27, is_daily=True, quarter_ends=4)
WEEKLY = Programme(weekly_weeks=6, months=8, quarter_months=(1, 6, 12), cycle_reach=25)
MONTHLY = Programme(months=3, quarter_months=(1, 4, 7, 10), cycle_reach=9, januaries=1)
INDEX_MONTHLY = Programme(months=12, januaries=2)
INDEX_WEEKLY = Programme(weekly_weeks=6, is_daily=True, quarter_ends=2, januaries=0)
VOLATILITY_MONTHLY = Programme(months=8, is_volatility=True, januaries=0)
VOLATILITY_WEEKLY = Programme(weekly_weeks=5, is_volatility=True, only_weekly=True, januaries=0)


def _months_from(day: date, count: int) -> list[tuple[int, int]]:
    first = day.year * 12 + day.month - 1
    return [(month // 12, month % 12 + 1) for month in range(first, first + count)]


def monthly_expiry(year: int, month: int) -> date:
    """The third Friday, or the trading day before it."""
    return trading_day_on_or_before(nth_weekday(year, month, _FRIDAY, 3))


def volatility_expiry(year: int, month: int) -> date:
    """30 days before the third Friday of the next month, or the trading day before that."""
    following = nth_weekday(year + month // 12, month % 12 + 1, _FRIDAY, 3)
    return trading_day_on_or_before(following - timedelta(_VOLATILITY_DAYS))


def _monthly(programme: Programme, year: int, month: int) -> date:
    return volatility_expiry(year, month) if programme.is_volatility else monthly_expiry(year, month)


def _weeks(programme: Programme, today: date) -> set[date]:
    weekday = _WEDNESDAY if programme.is_volatility else _FRIDAY
    first = today + timedelta((weekday - today.weekday()) % 7)
    weeks = range(programme.weekly_weeks)
    days = {trading_day_on_or_before(first + timedelta(7 * week)) for week in weeks}
    if not programme.only_weekly:
        return days
    return days - {_monthly(programme, *month) for month in _months_from(today, 3)}


def _quarter_ends(today: date, count: int) -> list[date]:
    ends = [
        trading_day_on_or_before(date(year + month // 12, month % 12 + 1, 1) - timedelta(1))
        for year, month in _months_from(today, 3 * count + 3)
        if month in _QUARTERS
    ]
    return [day for day in ends if day >= today][:count]


def _days(programme: Programme, today: date) -> Iterator[date]:
    yield from _weeks(programme, today)
    if programme.is_daily:
        span = (today + timedelta(ahead) for ahead in range(_DAILY_DAYS))
        yield from (day for day in span if is_trading_day(day))
    if programme.months:
        yield from (_monthly(programme, *month) for month in _months_from(today, programme.months + 1))
    reach = _months_from(today, programme.cycle_reach + 1 if programme.cycle_reach else 0)
    yield from (_monthly(programme, *month) for month in reach if month[1] in programme.quarter_months)
    yield from _quarter_ends(today, programme.quarter_ends)
    years = range(1, programme.januaries + 1)
    yield from (monthly_expiry(today.year + ahead, 1) for ahead in years)


@lru_cache(maxsize=4096)
def listed_expiries(programme: Programme, today: date) -> tuple[date, ...]:
    """Expiries on the board on this date, today's included, rising."""
    return tuple(sorted({day for day in _days(programme, today) if day >= today}))


@lru_cache(maxsize=4096)
def first_listed(programme: Programme, expiry: date, since: date) -> date:
    """The first trading day from `since` on at which this expiry is on the board."""
    day = trading_day_on_or_after(since)
    while expiry not in listed_expiries(programme, day):
        day = trading_day_on_or_after(day + timedelta(1))
        if day > expiry:
            raise ValueError(f"{expiry} is never listed")
    return day


@dataclass(frozen=True, slots=True)
class Rung:
    """Strikes every `step` units as far as `reach` (a fraction of the spot) from the spot."""

    step: int
    reach: float


Ladder = tuple[tuple[float, int, tuple[Rung, ...]], ...]
"""The first row holds whose price the spot is below and whose days the time to expiry does not exceed."""

_ANY = float("inf")
_FOREVER = 4000
FUND_LADDER: Ladder = (
    (100.0, 70, (Rung(1, 0.10), Rung(2, 0.30))),
    (100.0, _FOREVER, (Rung(2, 0.30), Rung(10, 0.60))),
    (_ANY, 70, (Rung(2, 0.07), Rung(10, 0.25))),
    (_ANY, 400, (Rung(10, 0.30), Rung(20, 0.50))),
    (_ANY, _FOREVER, (Rung(10, 0.25), Rung(20, 0.60))),
)
SHARE_LADDER: Ladder = (
    (25.0, _FOREVER, (Rung(1, 0.50),)),
    (50.0, 70, (Rung(1, 0.15), Rung(2, 0.35), Rung(5, 0.50))),
    (50.0, _FOREVER, (Rung(2, 0.20), Rung(5, 0.60))),
    (100.0, 50, (Rung(1, 0.05), Rung(2, 0.20), Rung(5, 0.35))),
    (100.0, 250, (Rung(2, 0.10), Rung(5, 0.50))),
    (100.0, _FOREVER, (Rung(5, 0.30), Rung(10, 0.60))),
    (150.0, 50, (Rung(2, 0.10), Rung(5, 0.35))),
    (150.0, 250, (Rung(5, 0.25), Rung(10, 0.60))),
    (300.0, 50, (Rung(5, 0.35),)),
    (300.0, _FOREVER, (Rung(10, 0.60),)),
    (_ANY, 50, (Rung(5, 0.08), Rung(10, 0.35))),
    (_ANY, _FOREVER, (Rung(10, 0.20), Rung(20, 0.60))),
)
THIN_SHARE_LADDER: Ladder = (
    (25.0, _FOREVER, (Rung(1, 0.50),)),
    (_ANY, 50, (Rung(5, 0.35),)),
    (_ANY, _FOREVER, (Rung(10, 0.60),)),
)
SPX_LADDER: Ladder = (
    (_ANY, 70, (Rung(1, 0.06), Rung(5, 0.25))),
    (_ANY, _FOREVER, (Rung(5, 0.25), Rung(20, 0.55))),
)
INDEX_LADDER: Ladder = (
    (_ANY, 70, (Rung(2, 0.08), Rung(10, 0.25))),
    (_ANY, _FOREVER, (Rung(10, 0.25), Rung(20, 0.50))),
)
VOLATILITY_LADDER: Ladder = ((_ANY, _FOREVER, (Rung(1, 0.30), Rung(2, 0.90), Rung(10, 3.50))),)


def listed_strikes(ladder: Ladder, unit: Decimal, spot: float, days: int) -> tuple[int, ...]:
    """Strikes in units, rising, for `days` to expiry at a listing with this spot."""
    rungs = next(rungs for below, until, rungs in ladder if spot < below and days <= until)
    strikes: set[int] = set()
    for rung in rungs:
        low, high = (spot / float(unit) * (1.0 + side * rung.reach) for side in (-1, 1))
        first = max(int(-(-low // rung.step)), 1)
        strikes.update(range(first * rung.step, int(high) + 1, rung.step))
    return tuple(sorted(strikes))
