"""When a contract traded, as the broker remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSession:
    """Regular trading of one trade date: aware UTC, `opens` inside it, `closes` outside."""

    day: date
    opens: datetime
    closes: datetime
