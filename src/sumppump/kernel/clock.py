"""Two clocks, never mixed: the market's time of day, and the seconds that pass.

Facts about the market (expiry, session, bars) go by the exchange's clock; time-outs, lives of
tickets and ages of quotes go by the monotonic one, which no jump of the other can move.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")


class Clock(Protocol):
    """What every part asks for the time."""

    def now(self) -> datetime:
        """The exchange's time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow; for ages and time-outs."""
        ...


class SystemClock:
    """The clock of this machine: used until a broker's clock is known."""

    def now(self) -> datetime:
        """The machine's time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()
