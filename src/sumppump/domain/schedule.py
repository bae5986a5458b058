"""When New York trades: its regular hours, and a contract's sessions as the broker remembers them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

REGULAR_OPEN, REGULAR_CLOSE = time(9, 30), time(16, 0)
_SATURDAY = 5


def is_weekend(day: date) -> bool:
    """Whether it is a Saturday or a Sunday."""
    return day.weekday() >= _SATURDAY


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSession:
    """Regular trading of one trade date: aware UTC, `opens` inside it, `closes` outside."""

    day: date
    opens: datetime
    closes: datetime
