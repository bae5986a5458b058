"""Whether a market is open, from the contract's own trading hours.

The string is IB's: `20261120:0930-20261120:1600;20261121:CLOSED`, the older `20261120:0930-1600` and several
sessions of one day joined by commas. It covers a week or so; what lies beyond it is not known, and is never
guessed from a calendar.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sumppump.domain.instruments import Underlying
from sumppump.domain.quotes import Bar
from sumppump.domain.schedule import REGULAR_CLOSE, REGULAR_OPEN
from sumppump.kernel.clock import NEW_YORK

_SPAN = re.compile(r"(\d{8}):(\d{4})-(?:(\d{8}):)?(\d{4})")
_CLOSED = re.compile(r"(\d{8}):CLOSED")
# Names that TWS uses for zones and the zone database does not list everywhere.
_ZONE_NAMES = {"EST": "America/New_York", "EST5EDT": "America/New_York", "US/Eastern": "America/New_York"}


@dataclass(frozen=True, slots=True, order=True)
class Session:
    """One stretch of trading: aware UTC, `opens` inside it, `closes` outside."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatus:
    """Open or closed at one moment.

    Attributes:
        is_open: whether `now` lies inside a session.
        closes: end of the session that is on, None when closed.
        next_open: beginning of the next session after now, None when the hours do not reach that far.
    """

    is_open: bool
    closes: datetime | None
    next_open: datetime | None

    def words(self) -> str:
        """One sentence in New York time."""
        if self.is_open and self.closes is not None:
            return f"open until {_new_york(self.closes)}"
        if self.next_open is not None:
            return f"closed until {_new_york(self.next_open)}"
        return "closed; the next session is not known"


def _new_york(moment: datetime) -> str:
    return moment.astimezone(NEW_YORK).strftime("%a %Y-%m-%d %H:%M New York")


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of TWS's name, None where nobody knows it."""
    try:
        return ZoneInfo(_ZONE_NAMES.get(name, name))
    except (ZoneInfoNotFoundError, ValueError):
        return None


@lru_cache(maxsize=256)
def sessions(trading_hours: str, time_zone: str) -> tuple[Session, ...]:
    """All sessions of IB's string, in order; empty where there is none or the zone is unknown."""
    zone = zone_named(time_zone)
    if zone is None:
        return ()
    found = [_session(match, zone) for match in _SPAN.finditer(trading_hours)]
    return tuple(sorted(each for each in found if each is not None and each.opens < each.closes))


def days_off(trading_hours: str) -> frozenset[date]:
    """The days that IB's string calls closed."""
    return frozenset(day for text in _CLOSED.findall(trading_hours) if (day := _day(text)) is not None)


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _session(match: re.Match[str], zone: ZoneInfo) -> Session | None:
    first, opens, last, closes = match.groups()
    try:
        begin, end = _moment(first, opens, zone), _moment(last or first, closes, zone)
    except ValueError:
        return None  # no such day or time: a session we cannot read is a session we do not know
    # The older form names one date only; a close before the open is then the next day's.
    return Session(begin, end + timedelta(days=1) if last is None and end <= begin else end)


def _moment(day: str, clock: str, zone: ZoneInfo) -> datetime:
    return datetime.strptime(f"{day}{clock}", "%Y%m%d%H%M").replace(tzinfo=zone).astimezone(UTC)


def regular(session: Session) -> tuple[Session, ...]:
    """The parts of a session inside 09:30 to 16:00 New York, when options on stocks and ETFs trade."""
    days = {moment.astimezone(NEW_YORK).date() for moment in (session.opens, session.closes)}
    parts = [_inside(session, day) for day in sorted(days)]
    return tuple(part for part in parts if part.opens < part.closes)


def _inside(session: Session, day: date) -> Session:
    return Session(
        max(session.opens, datetime.combine(day, REGULAR_OPEN, NEW_YORK).astimezone(UTC)),
        min(session.closes, datetime.combine(day, REGULAR_CLOSE, NEW_YORK).astimezone(UTC)),
    )


def status(listed: tuple[Session, ...], now: datetime) -> SessionStatus | None:
    """Where `now` lies among the sessions; None when there are none to judge by."""
    if not listed or now >= max(each.closes for each in listed):
        return None
    on = next((each for each in listed if each.opens <= now < each.closes), None)
    later = [each.opens for each in listed if each.opens > now]
    return SessionStatus(
        is_open=on is not None, closes=on.closes if on else None, next_open=min(later) if later else None
    )


def underlying_status(underlying: Underlying, now: datetime) -> SessionStatus | None:
    """Whether options on this underlying trade in regular hours now; None when its hours do not say."""
    # All hours end later than trading on a half day: they stand in only where no others are known.
    listed = sessions(underlying.liquid_hours or underlying.trading_hours, underlying.time_zone)
    return status(tuple(part for each in listed for part in regular(each)), now)


def whole_sessions(bars: Sequence[Bar], underlying: Underlying, now: datetime) -> tuple[Bar, ...]:
    """Daily bars without that of a session that is still on, or that may be: its close is no close yet."""
    found, today = underlying_status(underlying, now), now.astimezone(NEW_YORK).date()
    if found is not None and not found.is_open:
        return tuple(bars)
    return tuple(bar for bar in bars if bar.start.astimezone(NEW_YORK).date() < today)
