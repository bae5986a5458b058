"""What a night does to a TWS that stays up: its own restart, then the reset of IB's servers.

The American times are IBKR's; those of the other regions are unverified.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sumppump.exchange.trouble.connections import Restart
from sumppump.exchange.trouble.connectivity import Outage, Restored
from sumppump.exchange.trouble.effect import Effect, Scene
from sumppump.exchange.trouble.parameters import Count
from sumppump.kernel.clock import NEW_YORK

RESTART_S = 90.0
"""How long TWS is down for its own restart; unverified."""


class Region(StrEnum):
    """Whose servers are reset."""

    AMERICA = "america"
    EUROPE = "europe"
    ASIA = "asia"


@dataclass(frozen=True, slots=True)
class Night:
    """Minutes after the midnight in New York with which a day begins; the reset may lie in the next day."""

    restart: int
    reset_from: int
    reset_until: int


NIGHTS = {
    Region.AMERICA: Night(23 * 60 + 45, 24 * 60 + 15, 25 * 60 + 45),
    Region.EUROPE: Night(23 * 60 + 40, 23 * 60 + 45, 24 * 60 + 45),
    Region.ASIA: Night(15 * 60 + 45, 16 * 60 + 15, 17 * 60 + 15),
}


@dataclass(kw_only=True)
class NightlyReset(Effect):
    """Every night TWS restarts and connectivity is lost several times in the reset window.

    Attributes:
        region: whose times.
        restart: whether TWS restarts too.
        storms: how many times connectivity is lost in the window.
        restored: how it comes back each time.
    """

    region: Region = Region.AMERICA
    restart: bool = True
    storms: Count = 3
    restored: Restored = Restored.KEPT

    def begin(self, scene: Scene) -> None:
        self._plan(scene, scene.now.astimezone(NEW_YORK).date())

    def _plan(self, scene: Scene, day: date) -> None:
        night = NIGHTS[self.region]
        restart_at = moment_of(day, night.restart)
        if restart_at <= scene.now:
            self._plan(scene, day + timedelta(1))
            return
        if self.restart:
            _put_off(scene, restart_at, Restart(seconds=RESTART_S))
        share = (night.reset_until - night.reset_from) / self.storms
        for number in range(self.storms):
            # Half of each share connected, half not: several losses, each with its own way back.
            outage = Outage(seconds=share * 30, restored=self.restored, repeats=2)
            _put_off(scene, moment_of(day, night.reset_from + number * share), outage)
        scene.put_off(scene, moment_of(day, night.reset_until), lambda: self._plan(scene, day + timedelta(1)))


def moment_of(day: date, minutes: float) -> datetime:
    """So many minutes after a midnight in New York."""
    midnight = datetime.combine(day, time(), tzinfo=NEW_YORK)
    return (midnight + timedelta(minutes=minutes)).astimezone(UTC)


def _put_off(scene: Scene, moment: datetime, effect: Effect) -> None:
    scene.put_off(scene, moment, lambda: scene.join(effect))
