"""What everything closed at in the session before today's, kept for what is gone before the day is over.

An underlying's close is that of the broker's daily bar. The close of a quote (tick 9) is "the previous day's"
by IBKR's page. When it turns to today's is not documented (unverified; the embedded exchange turns that of
shares at the bell, that of options and indexes with the next session), and a share's is lowered by what went
ex. So it stands in for a bar only while today's session is on. After that nothing that is known is replaced,
and an option that was not seen before counts from its tick and is named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sumppump.domain.instruments import OptionContract, Underlying
from sumppump.domain.quotes import Bar, Quote
from sumppump.domain.schedule import PastSession
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.market import MarketData

SPAN, BAR, PATIENCE_S = "5 D", "1 day", 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCloses:
    """Closes of one session.

    Attributes:
        prices: per share by con_id.
        bars: daily ones of underlyings, not adjusted, by con_id; those that came.
        unsure: options whose close may be today's, by con_id: their tick was first seen after the bell.
    """

    prices: Mapping[int, Decimal]
    bars: Mapping[int, Sequence[Bar]]
    unsure: frozenset[int]


@dataclass(slots=True, kw_only=True)
class ClosingPrices:
    """The closes of the session before, looked up once a day."""

    market: MarketData
    _since: datetime | None = None
    _bars: dict[int, Sequence[Bar]] = field(default_factory=dict)
    _ticks: dict[int, Decimal] = field(default_factory=dict)
    _unsure: set[int] = field(default_factory=set)

    async def look_up(self, before: PastSession, underlyings: Iterable[Underlying]) -> None:
        """Ask for the bars that are not known; what the broker does not tell stays unknown."""
        if before.closes != self._since:
            self._since, self._bars, self._ticks, self._unsure = before.closes, {}, {}, set()
        asked = [each for each in underlyings if each.con_id not in self._bars]
        found = await asyncio.gather(*map(self._told, asked))
        self._bars |= {
            each.con_id: bars
            for each, bars in zip(asked, found, strict=True)
            if _close_of(bars, before.day) is not None
        }

    async def _told(self, underlying: Underlying) -> Sequence[Bar]:
        try:
            return await self.market.bars(underlying, duration=SPAN, bar_size=BAR, deadline_s=PATIENCE_S)
        except SumpPumpError:
            return ()

    def with_ticks(
        self, before: PastSession, today: PastSession, quotes: Sequence[Quote], now: datetime
    ) -> SessionCloses:
        """All that is known of the session whose bars were looked up, these quotes among it."""
        ticks = {each.instrument.con_id: each.close.amount for each in quotes if each.close is not None}
        if now < today.closes:
            self._ticks |= ticks
        else:
            late = _options(quotes) & (set(ticks) - set(self._ticks))
            self._ticks |= {con_id: ticks[con_id] for con_id in late}
            self._unsure |= late
        closed = {con_id: _close_of(bars, before.day) for con_id, bars in self._bars.items()}
        return SessionCloses(
            prices=self._ticks | {con_id: price for con_id, price in closed.items() if price is not None},
            bars=dict(self._bars),
            unsure=frozenset(self._unsure),
        )


def _options(quotes: Iterable[Quote]) -> set[int]:
    return {each.instrument.con_id for each in quotes if isinstance(each.instrument, OptionContract)}


def _close_of(bars: Iterable[Bar], day: date) -> Decimal | None:
    """The close of the bar of that day."""
    closes = (bar.close for bar in bars if bar.start.astimezone(NEW_YORK).date() == day)
    return next(closes, None)
