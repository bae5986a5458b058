"""The exchange's own clock, and the days on which the exchange is open. Nothing here reads a clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeClock:
    """Maps a monotonic reading to exchange time: real time, N times as fast, or frozen and stepped.

    Attributes:
        at: exchange time (aware) at the monotonic reading `since`.
        since: monotonic seconds.
        speed: exchange seconds per second while running, > 0.
        frozen: True while time only moves by `stepped`.
    """

    at: datetime
    since: float
    speed: float = 1.0
    frozen: bool = False

    def now(self, monotonic: float) -> datetime:
        """The exchange's time at this monotonic reading."""
        if self.frozen:
            return self.at
        return self.at + timedelta(seconds=(monotonic - self.since) * self.speed)

    def paused(self, monotonic: float) -> ExchangeClock:
        """The clock, frozen at its present time."""
        return replace(self, at=self.now(monotonic), since=monotonic, frozen=True)

    def resumed(self, monotonic: float, *, speed: float | None = None) -> ExchangeClock:
        """The clock, running from its present time on, at its old speed or a new one."""
        return replace(self, at=self.now(monotonic), since=monotonic, frozen=False, speed=speed or self.speed)

    def moved_to(self, moment: datetime, monotonic: float) -> ExchangeClock:
        """The clock at a later moment, running or frozen as before; never earlier than now."""
        return replace(self, at=max(moment, self.now(monotonic)), since=monotonic)
