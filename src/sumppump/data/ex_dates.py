"""The last moment to exercise for a dividend: the close of the trading day before its ex-date."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sumppump.data.new_york_calendar import special_days
from sumppump.domain.assignment import ExDividend
from sumppump.domain.statistics import Dividends
from sumppump.kernel.clock import NEW_YORK

CLOSE = time(16, 0)
SATURDAY = 5


def close_of(day: date) -> datetime:
    """The close of a whole trading day in New York."""
    return datetime.combine(day, CLOSE, NEW_YORK)


def close_before(day: date) -> datetime:
    """The close of the last trading day before `day`, by the published calendar. Slow the first time."""
    eve = day - timedelta(days=1)
    # Whole years, which the calendar keeps; before the first days of January stands a holiday and December.
    years = special_days(date(eve.year - 1, 12, 1), date(eve.year, 12, 31))
    closes = {each.day: each.closes for each in years}
    while eve.weekday() >= SATURDAY or closes.get(eve, close_of(eve)) is None:
        eve -= timedelta(days=1)
    return closes.get(eve) or close_of(eve)


def coming_dividend(announced: Dividends | None, now: datetime) -> ExDividend | None:
    """The next dividend that has a date and an amount, with its eve; None without. Slow the first time."""
    if announced is None or announced.next_date is None or announced.next_amount is None:
        return None
    if announced.next_date <= now.astimezone(NEW_YORK).date():
        return None
    return ExDividend(
        day=announced.next_date, amount=announced.next_amount, eve=close_before(announced.next_date)
    )
