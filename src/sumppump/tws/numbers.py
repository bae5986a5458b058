"""Numbers from the wire. TWS has five ways to say "I have none"; here there is one: None."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from ib_async.util import parseIBDatetime

from sumppump.kernel.money import Premium

UNSET = 1e300


def finite(value: object) -> float | None:
    """A real number, or None for '', NaN, infinity and TWS's 1.797e308."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and abs(number) < UNSET else None


def told(text: str) -> float | None:
    """As `finite`, for a field of a frame: '' is missing, but a word is a frame that makes no sense.

    Raises:
        ValueError: it is no number.
    """
    if text == "":
        return None
    number = float(text)
    return number if -UNSET < number < UNSET else None  # NaN is neither


def decimal(value: object) -> Decimal | None:
    """As `finite`, exact as it was written."""
    if finite(value) is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def price(value: object) -> Premium | None:
    """A price per share of a single contract; -1 and 0 mean that there is none."""
    number = decimal(value)
    return None if number is None or number <= 0 else Premium(number.normalize() + 0)


def count(value: object) -> int | None:
    """A size or volume, >= 0, else None."""
    number = finite(value)
    return None if number is None or number < 0 else int(number)


def size(value: object) -> int | float | None:
    """A size, >= 0, a whole number but for coins, else None: 0.37 of a coin is not none of it."""
    number = finite(value)
    if number is None or number < 0:
        return None
    return int(number) if number == int(number) else number


def zone_named(text: str, *, fallback: tzinfo) -> tzinfo:
    """The zone of this name; TWS also writes names that only Windows knows."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        return fallback


def wall_offset(text: str, now: datetime) -> tzinfo:
    """The zone in which TWS's clock shows `text` ("20231021 06:19:46 …") when it is `now`.

    TWS names its zone in any language, so the hours tell more than the word; offsets are quarters of an hour.
    """
    shown = datetime.strptime(text[:17], "%Y%m%d %H:%M:%S").replace(tzinfo=UTC)
    quarters = round((shown - now).total_seconds() / 900)
    return timezone(timedelta(minutes=15 * max(-56, min(56, quarters))))


def moment(text: str, *, zone: tzinfo) -> datetime:
    """A date and time of TWS in any of its spellings, aware UTC.

    Args:
        text: epoch seconds, `YYYYMMDD  HH:MM:SS`, or the same with a zone's name.
        zone: for texts without a zone, or with one that nobody knows.

    Raises:
        ValueError: it is a date alone, or no date at all.
    """
    plain = text.strip()
    parts = plain.split()
    if not plain.isdigit() and len(parts) > 2:
        zone = zone_named(" ".join(parts[2:]), fallback=zone)
        plain = f"{parts[0]}  {parts[1]}"
    parsed = parseIBDatetime(plain)
    if not isinstance(parsed, datetime):
        raise ValueError(f"{text!r} has no time of day")
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
