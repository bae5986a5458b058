"""Which expiries and strikes are listed, by the exchanges' rules.

ETFs: every trading day for two weeks, Fridays for eight, the third Friday of the next six months and of the
quarters of a year, the last trading day of four quarters, and the Januaries of two more years. Stocks:
Fridays for six weeks, the third Friday of the next three months and of their cycle, and two Januaries. What
falls on a holiday expires on the trading day before. Strikes are laid around the close before the listing
and then stay: nothing is added when the spot wanders off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sumppump.exchange.symbols import Underlying
from sumppump.exchange.trading_days import (
    is_trading_day,
    nth_weekday,
    trading_day_on_or_after,
    trading_day_on_or_before,
)

_FRIDAY = 4
_DAILY_DAYS = 14  # calendar days, so ten trading days
_LEAP_YEARS = 2


@dataclass(frozen=True, slots=True)
class _Programme:
    weekly_weeks: int
    months: int
    quarter_months: tuple[int, ...]
    cycle_reach: int  # months ahead for which quarterly months are listed
    is_daily: bool
    quarter_ends: int


_ETF = _Programme(8, 6, (3, 6, 9, 12), 12, True, 4)
_STOCK = _Programme(6, 3, (1, 4, 7, 10), 9, False, 0)


def _programme(under: Underlying) -> _Programme:
    return _ETF if under.is_etf else _STOCK


def _months_from(day: date, count: int) -> list[tuple[int, int]]:
    first = day.year * 12 + day.month - 1
    return [divmod(first + ahead, 12) for ahead in range(count)]


def monthly_expiry(year: int, month: int) -> date:
    """The third Friday, or the trading day before it."""
    return trading_day_on_or_before(nth_weekday(year, month, _FRIDAY, 3))


def _fridays(today: date, weeks: int) -> set[date]:
    friday = today + timedelta((_FRIDAY - today.weekday()) % 7)
    return {trading_day_on_or_before(friday + timedelta(7 * week)) for week in range(weeks)}


def _quarter_ends(today: date, count: int) -> list[date]:
    ends = [
        trading_day_on_or_before(date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(1))
        for year, month in _months_from(today, 3 * count + 3)
        if (month + 1) % 3 == 0
    ]
    return [day for day in ends if day >= today][:count]


@lru_cache(maxsize=1024)
def listed_expiries(is_etf: bool, today: date) -> tuple[date, ...]:
    """Expiries on the board on this date, today's included, rising."""
    rules = _ETF if is_etf else _STOCK
    days = _fridays(today, rules.weekly_weeks)
    if rules.is_daily:
        span = (today + timedelta(ahead) for ahead in range(_DAILY_DAYS))
        days |= {day for day in span if is_trading_day(day)}
    days |= {monthly_expiry(year, month + 1) for year, month in _months_from(today, rules.months + 1)}
    reach = _months_from(today, rules.cycle_reach + 1)
    days |= {monthly_expiry(year, month + 1) for year, month in reach if month + 1 in rules.quarter_months}
    days |= set(_quarter_ends(today, rules.quarter_ends))
    days |= {monthly_expiry(today.year + ahead, 1) for ahead in range(1, _LEAP_YEARS + 1)}
    return tuple(sorted(day for day in days if day >= today))


@lru_cache(maxsize=4096)
def first_listed(is_etf: bool, expiry: date, since: date) -> date:
    """The first trading day from `since` on at which this expiry is on the board."""
    day = trading_day_on_or_after(since)
    while expiry not in listed_expiries(is_etf, day):
        day = trading_day_on_or_after(day + timedelta(1))
        if day > expiry:
            raise ValueError(f"{expiry} is never listed")
    return day


@dataclass(frozen=True, slots=True)
class _Ladder:
    """Strikes every `step` half-points as far as `reach` (a fraction of the spot) from the spot."""

    step: int
    reach: float


# Steps in half-points. The first rung whose `until` (days) holds, for ETFs and for stocks by price.
_ETF_LADDERS: tuple[tuple[int, tuple[_Ladder, ...]], ...] = (
    (70, (_Ladder(2, 0.07), _Ladder(10, 0.25))),
    (400, (_Ladder(10, 0.30), _Ladder(20, 0.50))),
    (4000, (_Ladder(10, 0.25), _Ladder(20, 0.60))),
)
_STOCK_LADDERS: tuple[tuple[float, int, tuple[_Ladder, ...]], ...] = (
    (25.0, 4000, (_Ladder(1, 0.50),)),
    (300.0, 50, (_Ladder(5, 0.35),)),
    (300.0, 4000, (_Ladder(10, 0.60),)),
    (4000.0, 50, (_Ladder(5, 0.08), _Ladder(10, 0.35))),
    (4000.0, 4000, (_Ladder(10, 0.20), _Ladder(20, 0.60))),
)


def _ladders(under: Underlying, spot: float, days: int) -> tuple[_Ladder, ...]:
    if under.is_etf:
        return next(ladders for until, ladders in _ETF_LADDERS if days <= until)
    return next(ladders for price, until, ladders in _STOCK_LADDERS if spot < price and days <= until)


def listed_strikes(under: Underlying, spot: float, days: int) -> tuple[int, ...]:
    """Strikes in half-points, rising, for `days` to expiry at a listing with this spot."""
    strikes: set[int] = set()
    for ladder in _ladders(under, spot, days):
        low, high = (2.0 * spot * (1.0 + side * ladder.reach) for side in (-1, 1))
        first = max(int(-(-low // ladder.step)), 1)
        strikes.update(range(first * ladder.step, int(high) + 1, ladder.step))
    return tuple(sorted(strikes))
