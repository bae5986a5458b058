"""`ports.market.MarketData` on TWS: subscribe, wait for the numbers, take them, let go; or follow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from sumppump.domain.instruments import Instrument, OptionContract, Underlying
from sumppump.domain.quotes import Bar, Feed, Quote
from sumppump.domain.statistics import ALL_FIGURES, Figure, MarketStatistics
from sumppump.ports.market import Need, Stream
from sumppump.tws import statistics, ticks
from sumppump.tws.clock import ServerClock
from sumppump.tws.history import TwsHistory
from sumppump.tws.line import Line
from sumppump.tws.lines import LineBudget
from sumppump.tws.link import Link
from sumppump.tws.settings import TwsSettings
from sumppump.tws.stream import LineStream
from sumppump.tws.ticks import Tick, TickBook

NO_LINE = "no market data line became free in time"


class TwsMarketData:
    """Quotes and history."""

    def __init__(
        self, settings: TwsSettings, link: Link, lines: LineBudget, history: TwsHistory, clock: ServerClock
    ) -> None:
        self._settings, self._link, self._clock = settings, link, clock
        self._lines, self._history = lines, history

    async def quotes(
        self,
        instruments: Sequence[Instrument],
        *,
        deadline_s: float = 10.0,
        greeks: bool = True,
        need: Need = Need.LOOKUP,
        arrived: Callable[[Quote], None] | None = None,
    ) -> Sequence[Quote]:
        """See `ports.market.MarketData`."""
        self._link.online_session()
        end = self._clock.monotonic() + deadline_s
        different = {item.con_id: item for item in instruments}
        taken = await asyncio.gather(
            *(self._told(item, end, need, arrived, greeks=greeks) for item in different.values()),
            return_exceptions=True,
        )
        quote_of: dict[int, Quote] = {}
        for con_id, outcome in zip(different, taken, strict=True):
            if isinstance(outcome, BaseException):
                raise outcome
            quote_of[con_id] = outcome
        return tuple(quote_of[item.con_id] for item in instruments)

    async def follow(
        self,
        instruments: Sequence[Instrument],
        *,
        changed: Callable[[int], None],
        need: Need = Need.PINNED,
        greeks: bool = True,
    ) -> Sequence[Stream]:
        """See `ports.market.MarketData`."""
        self._link.online_session()
        served = self._lines.admitted(instruments, need)
        lines = [self._lines.acquire(instrument, need) for instrument in served]
        return [LineStream(line, need, self._lines, self._clock, changed, greeks=greeks) for line in lines]

    async def statistics(
        self,
        underlyings: Sequence[Underlying],
        *,
        deadline_s: float = 10.0,
        figures: frozenset[Figure] = ALL_FIGURES,
    ) -> Sequence[MarketStatistics]:
        """See `ports.market.MarketData`."""
        self._link.online_session()
        end = self._clock.monotonic() + deadline_s
        return await asyncio.gather(
            *(statistics.taken(self._lines, each, end, self._settings, figures) for each in underlyings)
        )

    async def bars(
        self,
        instrument: Instrument,
        *,
        duration: str,
        bar_size: str,
        what: str = "TRADES",
        regular_hours: bool = True,
        deadline_s: float = 40.0,
        waiting: Callable[[float], None] | None = None,
    ) -> Sequence[Bar]:
        """See `ports.market.MarketData`."""
        return await self._history.bars(
            instrument,
            duration=duration,
            bar_size=bar_size,
            what=what,
            regular_hours=regular_hours,
            deadline_s=deadline_s,
            waiting=waiting,
        )

    def lines(self) -> tuple[int, int]:
        """See `ports.market.MarketData`."""
        return self._lines.used, self._lines.limit

    async def _told(
        self,
        instrument: Instrument,
        end: float,
        need: Need,
        arrived: Callable[[Quote], None] | None,
        *,
        greeks: bool,
    ) -> Quote:
        line = self._lines.acquire(instrument, need)
        try:
            notice = await self._first_picture(line, end, greeks=greeks)
            quote = ticks.quote(
                instrument, line.book, self._clock, greeks=greeks, notice=notice, stale=line.stale
            )
        finally:
            self._lines.release(line, need)
        self._link.feed = self._link.feed if quote.feed is Feed.NONE else quote.feed
        if arrived is not None:
            arrived(quote)
        return quote

    async def _first_picture(self, line: Line, end: float, *, greeks: bool) -> str:
        """Wait for both sides and the Greeks, then briefly for the rest; returns what to say if they miss."""
        wants_greeks = greeks and isinstance(line.instrument, OptionContract)

        def has_core(book: TickBook) -> bool:
            has_greeks = book.greeks is not None or not wants_greeks or book.is_partly_refused
            return has_greeks and book.has_market(line.instrument)

        if not await self._in_turns(line, has_core, end):
            return self._why_silent(line)
        lacks_greeks = wants_greeks and line.book.greeks is None
        rest_s = self._settings.partial_s if lacks_greeks else self._settings.settle_s
        await line.reached(
            lambda book: Tick.CLOSE in book.values and not (wants_greeks and book.greeks is None),
            min(rest_s, end - self._clock.monotonic()),
        )
        return ""

    async def _in_turns(self, line: Line, test: Callable[[TickBook], bool], end: float) -> bool:
        """Wait to the end, but after a while let others have the line first if they wait for one."""
        while (left_s := end - self._clock.monotonic()) > 0:
            if await line.reached(test, min(left_s, self._settings.line_turn_s)):
                return True
            self._lines.give_way(line)
        return False

    def _why_silent(self, line: Line) -> str:
        if line.book.has_market(line.instrument):
            return ""
        if not line.is_open:
            return NO_LINE
        broken = self._link.status().farms_down
        farms = f"; broken data farms: {', '.join(broken)}" if broken else ""
        return f"no complete market came in time{farms}"
