"""Named moments of the exchange's time: `open+15m`, `11:30`, `tomorrow`, `expiry`, an ISO time, a date.

    open, close            of the session that is on or comes next
    tomorrow, next_open    the open of the next day, the open that comes next; next_close: the close after
                           the next close
    HH:MM[:SS]             New York's time; `sun 01:00` of a weekday
    expiry [SYMBOL|DATE]   the close of the day on which something held, or of that symbol, expires
    YYYY-MM-DD             that day's open
    an ISO time            New York's without a zone

An offset such as `+15m` or `-30s` (s, m, h, d) may follow the names and the clock times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum

from sumppump.exchange.calendar.trading_days import (
    TradingSession,
    next_trading_day,
    session_of,
    to_datetime,
    to_ms,
    trading_day_on_or_after,
    upcoming_session,
)
from sumppump.exchange.listing.contract_search import derivatives_on
from sumppump.exchange.listing.option_classes import CLASSES
from sumppump.exchange.trouble.parameters import meant, near
from sumppump.exchange.venue import Venue
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import InvalidRequest

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_OFFSET = re.compile(r"(.*?\w)\s*([+-])\s*(\d+(?:\.\d+)?)([smhd])", re.DOTALL)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FULL_CLOSE = time(16, 0)
_MOST_OFFSET_S = 400 * 86_400.0

EXAMPLES = "open, close+5m, 11:30, tomorrow, expiry SPY, 2026-12-18, 2026-11-20T15:30"


class Name(Enum):
    """Moments with a name."""

    NOW = "now"
    OPEN = "open"
    CLOSE = "close"
    TOMORROW = "tomorrow"
    NEXT_OPEN = "next_open"
    NEXT_CLOSE = "next_close"


NAMES = tuple(name.value for name in Name)


@dataclass(frozen=True, slots=True)
class Expiry:
    """The close of an expiry day: of what is held, of a symbol, or of one day."""

    symbol: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Weekly:
    """New York's time on the next such weekday, Monday being 0."""

    weekday: int
    clock: time


Base = Name | time | Weekly | Expiry | datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in words that a person would use.

    Attributes:
        base: a name, a time of the day or of the week in New York, an expiry, or a moment that is fixed.
        offset_s: seconds after it.
    """

    base: Base
    offset_s: float = 0.0

    def at(self, venue: Venue) -> datetime:
        """When it is next, seen from the venue's time, offset and all.

        Raises:
            InvalidRequest: `bad_moment`; nothing expires.
        """
        session = upcoming_session(to_ms(venue.now))
        for day in (session, _after(session)) if self.base in (Name.OPEN, Name.CLOSE) else ():
            moment = self.within(day, venue)
            if moment > venue.now:
                return moment
        return _base(self.base, venue) + timedelta(seconds=self.offset_s)

    def within(self, session: TradingSession, venue: Venue) -> datetime:
        """When it is in the day of a session, past or not; names of other days count from that day.

        Raises:
            InvalidRequest: `bad_moment`; nothing expires.
        """
        return _of_day(self.base, session, venue) + timedelta(seconds=self.offset_s)

    def check(self, session: TradingSession) -> None:
        """Refuses a time of the day at which shares trade on other days, but not on a half day.

        Raises:
            InvalidRequest: `bad_moment`.
        """
        if not isinstance(self.base, time) or self.base >= FULL_CLOSE:
            return
        closes = to_datetime(session.close_ms).astimezone(NEW_YORK)
        if self.base >= closes.time():
            before = _minutes(FULL_CLOSE) - _minutes(self.base)
            raise InvalidRequest(
                f"{self.base:%H:%M} comes after the close of {session.day}, which is at {closes:%H:%M}",
                code="bad_moment",
                expected=f"a time before it, or one that follows it such as close-{before}m",
                found=f"{self.base:%H:%M}",
                next_steps=("Change it, or begin on a full day with --start.",),
            )


def read_moment(text: str) -> Moment:
    """The moment of a text.

    Raises:
        InvalidRequest: `bad_moment`.
    """
    words = text.strip()
    plain = _plain(words)
    if plain is not None:
        return Moment(plain)
    match = _OFFSET.fullmatch(words)
    base = None if match is None else _plain(match[1])
    if match is None or base is None:
        raise bad_moment(text)
    offset = float(match[3]) * _UNITS[match[4]] * (1 if match[2] == "+" else -1)
    if abs(offset) > _MOST_OFFSET_S:
        raise bad_moment(text)
    return Moment(base, offset)


def bad_moment(
    text: str, message: str = "this is no moment", nearest: Iterable[str] = (), *, examples: str = EXAMPLES
) -> InvalidRequest:
    """What is wrong with a moment."""
    return InvalidRequest(
        message,
        code="bad_moment",
        expected=f"for example {examples}",
        found=repr(text[:60]),
        next_steps=meant(nearest),
    )


def _plain(words: str) -> Base | None:
    if words.lower() in NAMES:
        return Name(words.lower())
    if words.lower().startswith("expiry"):
        return _expiry(words[6:].strip())
    weekday, _, rest = words.rpartition(" ")
    clock = _CLOCK.fullmatch(rest)
    try:
        if clock is not None and weekday.lower()[:3] in ("", *WEEKDAYS):
            at = time(int(clock[1]), int(clock[2]), int(clock[3] or 0))
            return Weekly(WEEKDAYS.index(weekday.lower()[:3]), at) if weekday else at
        moment = datetime.fromisoformat(words)
    except ValueError:
        return None
    if len(words) == len("2026-12-18"):
        return to_datetime(session_of(trading_day_on_or_after(moment.date())).open_ms)
    return (moment if moment.tzinfo else moment.replace(tzinfo=NEW_YORK)).astimezone(UTC)


def _expiry(argument: str) -> Expiry:
    try:
        return Expiry(day=date.fromisoformat(argument))
    except ValueError:
        return Expiry(symbol=_expiring(argument.upper()))


def _expiring(symbol: str) -> str:
    if not symbol or derivatives_on(symbol):
        return symbol
    raise bad_moment(
        f"expiry {symbol}",
        f"nothing on {symbol[:20]!r} expires",
        near(symbol, [one.underlying for one in CLASSES]),
    )


def _base(base: Base, venue: Venue) -> datetime:
    match base:
        case Name():
            return _named(base, venue.now)
        case Expiry():
            return to_datetime(session_of(_expiry_day(base, venue)).close_ms)
        case time():
            return _clock(base, venue.now)
        case Weekly():
            return _weekly(base, venue.now)
        case _:
            return base


def _of_day(base: Base, session: TradingSession, venue: Venue) -> datetime:
    match base:
        case Name.OPEN:
            return to_datetime(session.open_ms)
        case Name.CLOSE:
            return to_datetime(session.close_ms)
        case Name.TOMORROW | Name.NEXT_OPEN:
            return to_datetime(_after(session).open_ms)
        case Name.NEXT_CLOSE:
            return to_datetime(_after(session).close_ms)
        case time():
            return datetime.combine(session.day, base, tzinfo=NEW_YORK).astimezone(UTC)
        case _:
            return _base(base, venue)


def _clock(clock: time, now: datetime) -> datetime:
    today = now.astimezone(NEW_YORK).date()
    moment = datetime.combine(today, clock, tzinfo=NEW_YORK).astimezone(UTC)
    if moment <= now:
        moment = datetime.combine(today + timedelta(1), clock, tzinfo=NEW_YORK).astimezone(UTC)
    return moment


def _weekly(base: Weekly, now: datetime) -> datetime:
    today = now.astimezone(NEW_YORK).date()
    day = today + timedelta((base.weekday - today.weekday()) % 7)
    moment = datetime.combine(day, base.clock, tzinfo=NEW_YORK).astimezone(UTC)
    if moment <= now:
        moment = datetime.combine(day + timedelta(7), base.clock, tzinfo=NEW_YORK).astimezone(UTC)
    return moment


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _named(name: Name, now: datetime) -> datetime:
    session = upcoming_session(to_ms(now))
    match name:
        case Name.NOW:
            return now
        case Name.CLOSE:
            return to_datetime(session.close_ms)
        case Name.NEXT_CLOSE:
            return to_datetime(_after(session).close_ms)
        case Name.OPEN | Name.NEXT_OPEN:
            is_on = session.open_ms <= to_ms(now)
            return to_datetime((_after(session) if is_on else session).open_ms)
        case Name.TOMORROW:
            today = now.astimezone(NEW_YORK).date()
            return to_datetime(session_of(next_trading_day(today)).open_ms)


def _after(session: TradingSession) -> TradingSession:
    return session_of(next_trading_day(session.day))


def _expiry_day(expiry: Expiry, venue: Venue) -> date:
    if expiry.day is not None:
        return trading_day_on_or_after(expiry.day)
    held = [one.listing.expiry for one in venue.positions() if expiry.symbol in ("", one.listing.symbol)]
    days = [day for day in held if day is not None]
    if not days:
        days = [day for row in venue.option_params(expiry.symbol or "SPY") for day in row.expirations]
    if not days:
        raise bad_moment(f"expiry {expiry.symbol}", f"nothing on {expiry.symbol!r} expires")
    return min(days)
