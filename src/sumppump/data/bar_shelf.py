"""Daily bars of the last moments, so that a second look costs nothing; small bars are always asked for anew.

Prices of a day that is still on are kept for a minute, volatilities for ten; each answer says how old it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sumppump.data.history_request import DAILY_SIZES, VOLATILITIES
from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Bar
from sumppump.kernel.clock import Clock
from sumppump.ports.market import MarketData

PRICES_TTL_S, VOLATILITIES_TTL_S = 60.0, 600.0
MOST_KEPT = 200
_Key = tuple[int, str, str, str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelvedBars:
    """Bars, oldest first.

    Attributes:
        as_of: exchange time when they came.
        taken: monotonic seconds then.
    """

    bars: tuple[Bar, ...]
    as_of: datetime
    taken: float


@dataclass(slots=True, kw_only=True)
class BarShelf:
    """The market's bars, daily ones from the shelf while they are young."""

    market: MarketData
    clock: Clock
    _kept: dict[_Key, ShelvedBars] = field(default_factory=dict)

    async def bars(
        self,
        instrument: Instrument,
        *,
        duration: str,
        bar_size: str,
        what: str = "TRADES",
        regular_hours: bool = True,
        waiting: Callable[[float], None] | None = None,
    ) -> ShelvedBars:
        """See `MarketData.bars` for arguments and errors."""
        key = (instrument.con_id, duration, bar_size, what, regular_hours)
        kept = self._kept.get(key)
        if kept is not None and self._is_young(kept, _ttl_s(what)):
            return kept
        bars = await self.market.bars(
            instrument,
            duration=duration,
            bar_size=bar_size,
            what=what,
            regular_hours=regular_hours,
            waiting=waiting,
        )
        fresh = ShelvedBars(bars=tuple(bars), as_of=self.clock.now(), taken=self.clock.monotonic())
        if bars and bar_size in DAILY_SIZES:
            self._keep(key, fresh)
        return fresh

    def _is_young(self, kept: ShelvedBars, ttl_s: float) -> bool:
        """By both clocks: a simulator's may be moved, and with it the day."""
        market_s = abs((self.clock.now() - kept.as_of).total_seconds())
        return market_s < ttl_s and self.clock.monotonic() - kept.taken < ttl_s

    def _keep(self, key: _Key, fresh: ShelvedBars) -> None:
        self._kept.pop(key, None)
        self._kept[key] = fresh
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]


def _ttl_s(what: str) -> float:
    return VOLATILITIES_TTL_S if what in VOLATILITIES else PRICES_TTL_S
