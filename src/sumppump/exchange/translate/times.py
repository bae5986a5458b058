"""How moments are written on the wire, and how clients write theirs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from sumppump.exchange.reports import Bar, Refusal
from sumppump.kernel.clock import NEW_YORK

ZONE_NAME = "US/Eastern"
ZONE_IN_TIMES = 174
"""From this version on times carry the name of their zone; clients before it read the login zone's time."""

EARLIEST_YEAR, LATEST_YEAR = 1970, 2100
"""Beyond these nothing is traded, and date arithmetic may end."""

BAD_MOMENT = Refusal(
    10314,
    "End Date/Time: The date, time, or time-zone entered is invalid. The correct format is"
    " yyyymmdd hh:mm:ss xx/xxxx where yyyymmdd and xx/xxxx are optional.",
)

_UTC_STYLE = re.compile(r"(\d{8})-(\d\d:\d\d:\d\d)")
_CLOCK_STYLE = re.compile(r"\d\d:\d\d")
_ZONE_STYLE = re.compile(r"(\d{8})(?: +(\d\d:\d\d(?::\d\d)?))?(?: +([A-Za-z][\w/+-]*))?")


def stamp(moment: datetime, version: int) -> str:
    """A moment in New York's time, to the second."""
    local = moment.astimezone(NEW_YORK)
    if version >= ZONE_IN_TIMES:
        return f"{local:%Y%m%d %H:%M:%S} {ZONE_NAME}"
    return f"{local:%Y%m%d  %H:%M:%S}"


def utc_stamp(moment: datetime) -> str:
    """A moment as `YYYYMMDD-HH:MM:SS` in UTC."""
    return f"{moment.astimezone(UTC):%Y%m%d-%H:%M:%S}"


def epoch(moment: datetime) -> str:
    """Seconds since 1970."""
    return str(int(moment.timestamp()))


def bar_date(bar: Bar, *, is_daily: bool, date_format: int, version: int) -> str:
    """The date of a bar in the format that was asked for: 1 is text, 2 seconds since 1970; days are dates."""
    if is_daily:
        return f"{bar.day:%Y%m%d}"
    return epoch(bar.start) if date_format == 2 else stamp(bar.start, version)


def read_moment(text: str, *, today: datetime | None = None) -> datetime | None:
    """A client's moment, aware; None for nothing.

    Args:
        text: with a date, or, where `today` says which day it is, without.
        today: a moment of the day that is meant where none is named.

    Raises:
        ValueError: the text is no moment of our times, or its zone is unknown.
    """
    if not text:
        return None
    if today is not None and _CLOCK_STYLE.match(text):
        text = f"{today.astimezone(NEW_YORK):%Y%m%d} {text}"
    moment = _moment(text)
    if not EARLIEST_YEAR < moment.year < LATEST_YEAR:
        raise ValueError(f"not in our times: {text!r}")
    return moment


def _moment(text: str) -> datetime:
    if match := _UTC_STYLE.fullmatch(text):
        return datetime.strptime(f"{match[1]} {match[2]}", "%Y%m%d %H:%M:%S").replace(tzinfo=UTC)
    match = _ZONE_STYLE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"no moment: {text!r}")
    clock = match[2] or "00:00:00"
    clock = clock if clock.count(":") == 2 else f"{clock}:00"
    naive = datetime.strptime(f"{match[1]} {clock}", "%Y%m%d %H:%M:%S")  # noqa: DTZ007 - the zone follows
    return naive.replace(tzinfo=_zone(match[3]))


def _zone(name: str | None) -> tzinfo:
    if not name:
        return NEW_YORK
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error
