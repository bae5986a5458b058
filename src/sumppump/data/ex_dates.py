"""The last moment to exercise for a dividend: the close of the trading day before its ex-date."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sumppump.data.new_york_calendar import special_days_near
from sumppump.domain.assignment import ExDividend
from sumppump.domain.schedule import REGULAR_CLOSE, is_weekend
from sumppump.domain.statistics import Dividends
from sumppump.kernel.clock import NEW_YORK


def close_of(day: date) -> datetime:
    """The close of a whole trading day in New York."""
    return datetime.combine(day, REGULAR_CLOSE, NEW_YORK)


def close_before(day: date) -> datetime:
    """The close of the last trading day before `day`, by the published calendar. Slow the first time."""
    return _nearest_close(day - timedelta(days=1), -1)


def next_close(day: date) -> datetime:
    """The close of `day`, or of the first trading day after it. Slow the first time."""
    return _nearest_close(day, 1)


def _nearest_close(day: date, step: int) -> datetime:
    """The close of the first trading day from `day` on, by steps of days."""
    closes = {each.day: each.closes for each in special_days_near(day)}
    while is_weekend(day) or closes.get(day, close_of(day)) is None:
        day += timedelta(days=step)
    return closes.get(day) or close_of(day)


def coming_dividend(announced: Dividends | None, now: datetime) -> ExDividend | None:
    """The next dividend that has a date and an amount, with its eve; None without. Slow the first time."""
    if announced is None or announced.next_date is None or announced.next_amount is None:
        return None
    if announced.next_date <= now.astimezone(NEW_YORK).date():
        return None
    return ExDividend(
        day=announced.next_date, amount=announced.next_amount, eve=close_before(announced.next_date)
    )
