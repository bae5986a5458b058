"""A trade date cut into what trades in it: stretches of steps of the market's sessions and nights.

Bars and ticks are both gathered along these stretches, which is why they agree on what belongs to a day. The
step at a regular close, with its auction, ends the stretch of the session; all other ends are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sumppump.exchange.calendar.hours import HoursKind, windows
from sumppump.exchange.calendar.trading_days import (
    STEP_MS,
    TradingSession,
    new_york_date,
    next_trading_day,
    overnight_before,
    session_of,
    span_at,
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Steps `first` until before `end` of one session or night.

    Attributes:
        day: the trade date.
        opens_ms: when the window of trading began that the stretch is part of.
    """

    session: TradingSession
    first: int
    end: int
    day: date
    opens_ms: int

    @property
    def from_ms(self) -> int:
        """The moment of the first step."""
        return self.session.time_of(self.first)

    @property
    def until_ms(self) -> int:
        """The moment before which the last step lies."""
        return self.session.time_of(self.end)

    @property
    def ends_with_auction(self) -> bool:
        """Whether its last step is the close of a regular session."""
        return self.session.is_regular and self.end > self.session.last_step

    def cut(self, from_ms: int, until_ms: int) -> Stretch:
        """The steps that are not before one moment and before another; maybe none."""
        first = max(self.first, -(-(from_ms - self.session.open_ms) // STEP_MS))
        end = min(self.end, -(-(until_ms - self.session.open_ms) // STEP_MS))
        return Stretch(self.session, first, max(end, first), self.day, self.opens_ms)


@lru_cache(maxsize=8192)
def stretches(kind: HoursKind, day: date, *, liquid: bool = False) -> tuple[Stretch, ...]:
    """What trades under a date, oldest first; () on a day off."""
    return tuple(
        stretch
        for opens, closes in windows(kind, day, liquid=liquid)
        for stretch in _within(opens, closes, day)
    )


def _within(opens: int, closes: int, day: date) -> Iterator[Stretch]:
    session = span_at(opens)
    while session.open_ms < closes:
        first = max(opens - session.open_ms, 0) // STEP_MS
        end = (min(closes, session.close_ms) - session.open_ms) // STEP_MS
        if session.is_regular and closes >= session.close_ms:
            end += 1
        yield Stretch(session, first, end, day, opens)
        session = (
            overnight_before(next_trading_day(session.day)) if session.is_regular else session_of(session.day)
        )


def trade_dates_back(kind: HoursKind, moment_ms: int, *, liquid: bool = False) -> Iterator[date]:
    """Trade dates, newest first, from the one that is on at a moment or was the last before it."""
    day = new_york_date(moment_ms) + timedelta(1)
    while day > date.min + timedelta(2):
        spans = windows(kind, day, liquid=liquid)
        if spans and spans[0][0] <= moment_ms:
            yield day
        day -= timedelta(1)


def trade_dates_on(kind: HoursKind, moment_ms: int) -> Iterator[date]:
    """Trade dates, oldest first, from the first whose trading is not over at a moment."""
    day = new_york_date(moment_ms) - timedelta(1)
    while day < date.max - timedelta(2):
        spans = windows(kind, day)
        if spans and spans[-1][1] > moment_ms:
            yield day
        day += timedelta(1)
