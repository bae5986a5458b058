"""`ports.market.MarketData` on TWS: subscribe, wait for the numbers, take them, let go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from sumppump.domain.instruments import Instrument, OptionContract, Underlying
from sumppump.domain.quotes import Bar, Feed, Quote
from sumppump.domain.statistics import MarketStatistics
from sumppump.ports.market import Need, Stream
from sumppump.tws import ticks
from sumppump.tws.clock import ServerClock
from sumppump.tws.history import TwsHistory
from sumppump.tws.lines import Line, LineBudget
from sumppump.tws.link import Link
from sumppump.tws.notices import NO_LINE_LEFT
from sumppump.tws.settings import TwsSettings
from sumppump.tws.ticks import Tick, TickBook


class LineStream:
    """`ports.market.Stream` on one line."""

    def __init__(
        self,
        line: Line,
        lines: LineBudget,
        clock: ServerClock,
        changed: Callable[[int], None],
        *,
        greeks: bool,
    ) -> None:
        self._line, self._lines, self._clock, self._greeks = line, lines, clock, greeks
        self._is_open = True
        self._changed = changed
        line.listeners.append(self._told)

    @property
    def instrument(self) -> Instrument:
        """See `ports.market.Stream`."""
        return self._line.instrument

    @property
    def ended(self) -> str:
        """See `ports.market.Stream`."""
        return self._line.lost or (self._line.book.remark if self._line.book.ended else "")

    def quote(self) -> Quote:
        """See `ports.market.Stream`."""
        return ticks.quote(self._line.instrument, self._line.book, self._clock, greeks=self._greeks)

    def close(self) -> None:
        """See `ports.market.Stream`."""
        if self._is_open:
            self._is_open = False
            self._line.listeners.remove(self._told)
            self._lines.release(self._line)

    def _told(self) -> None:
        self._changed(self._line.instrument.con_id)


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
            *(self._told(item, end, arrived, greeks=greeks) for item in different.values()),
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
        room = max(0, self._lines.limit - self._lines.used)
        streams = []
        for instrument in instruments[:room]:
            line = await self._lines.acquire(instrument)
            streams.append(LineStream(line, self._lines, self._clock, changed, greeks=greeks))
        return streams

    async def statistics(
        self, underlyings: Sequence[Underlying], *, deadline_s: float = 10.0
    ) -> Sequence[MarketStatistics]:
        """See `ports.market.MarketData`."""
        return [MarketStatistics(con_id=each.con_id) for each in underlyings]

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
        self, instrument: Instrument, end: float, arrived: Callable[[Quote], None] | None, *, greeks: bool
    ) -> Quote:
        quote = await self._one(instrument, end, greeks=greeks)
        if arrived is not None:
            arrived(quote)
        return quote

    async def _one(self, instrument: Instrument, end: float, *, greeks: bool) -> Quote:
        """One contract's quote by the deadline, with what has come until then."""
        while True:
            line = await self._line(instrument, end)
            if line is None:
                notice = "no market data line became free in time"
                return ticks.quote(instrument, TickBook(), self._clock, greeks=greeks, notice=notice)
            try:
                notice = await self._first_picture(line, end, greeks=greeks)
                if line.book.ended != NO_LINE_LEFT or self._lines.used == 0:
                    quote = ticks.quote(instrument, line.book, self._clock, greeks=greeks, notice=notice)
                    self._link.feed = self._link.feed if quote.feed is Feed.NONE else quote.feed
                    return quote
            finally:
                self._lines.release(line)

    async def _line(self, instrument: Instrument, end: float) -> Line | None:
        try:
            async with asyncio.timeout(max(0.0, end - self._clock.monotonic())):
                return await self._lines.acquire(instrument)
        except TimeoutError:
            return None

    async def _first_picture(self, line: Line, end: float, *, greeks: bool) -> str:
        """Wait for both sides and the Greeks, then briefly for the rest; returns what to say if they miss."""
        needs_greeks = greeks and isinstance(line.instrument, OptionContract)

        def has_core(book: TickBook) -> bool:
            return book.has_market(line.instrument) and (book.greeks is not None or not needs_greeks)

        core = await line.reached(has_core, end - self._clock.monotonic())
        if not core:
            return "" if line.book.has_market(line.instrument) else self._why_silent()
        rest_s = min(self._settings.settle_s, end - self._clock.monotonic())
        await line.reached(lambda book: Tick.CLOSE in book.values, rest_s)
        return ""

    def _why_silent(self) -> str:
        broken = self._link.status().farms_down
        farms = f"; broken data farms: {', '.join(broken)}" if broken else ""
        return f"no complete market came in time{farms}"
