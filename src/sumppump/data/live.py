"""Contracts that are followed: a line each, and its newest quote in memory.

A tick only marks its contract. Once a flush, every marked contract is read, however many ticks came between
two of them, so that neither work nor memory grows with the market. A contract has as many holders as want it,
and its line goes back with the last of them. Options are let go at their real last trading moment, by the
exchange's clock, which may jump: it is looked at with every flush and at every question.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from sumppump.domain.instruments import Instrument, OptionContract, SecType, Underlying
from sumppump.domain.quotes import Feed, Quote
from sumppump.kernel.clock import NEW_YORK, Clock
from sumppump.ports.market import Need, Stream

FLUSH_S = 0.02
HEARTBEAT_S = 1.0
FIRST_PICTURE_S = 3.0
FRESH_S = 1.0
_NEVER = datetime.max.replace(tzinfo=UTC)

Ended = Callable[[Instrument, str], None]
Changed = Callable[[frozenset[int]], None]


class Lines(Protocol):
    """The part of `ports.market.MarketData` that a board needs."""

    async def follow(
        self, instruments: Sequence[Instrument], *, changed: Callable[[int], None], need: Need = Need.PINNED
    ) -> Sequence[Stream]:
        """Lines that stay open."""
        ...

    def lines(self) -> tuple[int, int]:
        """Market data lines in use, and the budget."""
        ...


@dataclass(slots=True, eq=False)
class _Seat:
    """One followed contract.

    Attributes:
        opened, ticked: monotonic seconds of the first hold and of the newest tick, 0 before any.
    """

    stream: Stream
    opened: float
    holders: set[str] = field(default_factory=set)
    quote: Quote | None = None
    ticked: float = 0.0


@dataclass(frozen=True, slots=True)
class Pulse:
    """How alive one followed contract is.

    Attributes:
        age_s: seconds since its newest tick, None before any.
        is_stale: whether ticks may have been missed.
        feed: of its newest figures, None before any.
    """

    age_s: float | None
    is_stale: bool
    feed: Feed | None


class LiveBoard:
    """Followed contracts by con_id.

    Attributes:
        on_change: called after a flush with the con_ids that were read; on_end: called with a contract whose
            line is gone and the reason, not when its holders let go.
        updates_per_s: pieces of news about contracts over the last full second, before they are conflated.
    """

    def __init__(self, market: Lines, clock: Clock, *, flush_s: float = FLUSH_S) -> None:
        self._market, self._clock, self._flush_s = market, clock, flush_s
        self._seats: dict[int, _Seat] = {}
        self._marked: set[int] = set()
        self._wake = asyncio.Event()
        self._opening = asyncio.Lock()
        self._next_end = _NEVER
        self._updates, self._counted_from = 0, clock.monotonic()
        self.updates_per_s = 0.0
        self.on_change: list[Changed] = []
        self.on_end: list[Ended] = []

    # --- holding and letting go ---------------------------------------------------------------

    async def hold(self, holder: str, instruments: Iterable[Instrument]) -> frozenset[int]:
        """Follow these for a holder; the con_ids that have a line, the first ones first served.

        Raises:
            GatewayUnavailable: no connection.
        """
        wanted = {each.con_id: each for each in instruments if not self._is_over(each)}
        async with self._opening:
            await self._open([each for con_id, each in wanted.items() if con_id not in self._seats])
        held = frozenset(con_id for con_id in wanted if con_id in self._seats)
        for con_id in held:
            self._seats[con_id].holders.add(holder)
        return held

    async def _open(self, fresh: Sequence[Instrument]) -> None:
        if not fresh:
            return
        streams = await self._market.follow(fresh, changed=self._tick, need=Need.PINNED)
        now = self._clock.monotonic()
        for stream in streams:
            self._seats[stream.instrument.con_id] = _Seat(stream, now)
        self._set_next_end()
        self.look_again()

    def release(self, holder: str, con_ids: Iterable[int] | None = None) -> None:
        """A holder lets go of some contracts, or of all."""
        for con_id in list(self._seats) if con_ids is None else list(con_ids):
            seat = self._seats.get(con_id)
            if seat is not None and holder in seat.holders:
                seat.holders.discard(holder)
                if not seat.holders:
                    self._drop(con_id)

    def _drop(self, con_id: int) -> None:
        self._seats.pop(con_id).stream.close()
        self._set_next_end()

    def _end(self, con_id: int, reason: str) -> None:
        if (seat := self._seats.get(con_id)) is None:
            return  # a listener let go of it meanwhile
        instrument = seat.stream.instrument
        self._drop(con_id)
        for listener in self.on_end:
            listener(instrument, reason)

    # --- reading ------------------------------------------------------------------------------

    def __contains__(self, con_id: int) -> bool:
        """Whether it is followed."""
        return con_id in self._seats

    def quote(self, con_id: int) -> Quote | None:
        """The market of a followed contract now; None where it is not followed or has not begun to tell.

        A line that is quiet is as true now as at its last tick: its quote is taken anew, and only a quote
        that says so itself is stale.
        """
        seat = self._seats.get(con_id)
        if seat is None or seat.quote is None:
            return None
        self._end_what_is_over()
        now = self._clock.monotonic()
        if now - seat.quote.taken > FRESH_S:
            seat.quote = seat.stream.quote()
        is_told = con_id in self._seats and (_is_whole(seat.quote) or self._is_late(seat, now))
        return seat.quote if is_told else None

    def _is_late(self, seat: _Seat, now: float) -> bool:
        # What has not come by then will not come: the quote is answered as it is.
        return bool(seat.ticked) and now - seat.opened > FIRST_PICTURE_S

    def options_on(self, symbol: str) -> list[Quote]:
        """Quotes of the followed options on an underlying that have begun to tell."""
        options = [
            con_id
            for con_id, seat in self._seats.items()
            if isinstance(option := seat.stream.instrument, OptionContract) and option.symbol == symbol
        ]
        return [quote for con_id in options if (quote := self.quote(con_id)) is not None]

    def pulse(self, con_id: int) -> Pulse | None:
        """How alive a followed contract is; None where it is not followed."""
        seat = self._seats.get(con_id)
        if seat is None:
            return None
        age = self._clock.monotonic() - seat.ticked if seat.ticked else None
        quote = seat.quote
        return Pulse(age, quote is not None and quote.is_stale, None if quote is None else quote.feed)

    def lines(self) -> tuple[int, int]:
        """Market data lines in use by everybody in this process, and the budget."""
        return self._market.lines()

    @property
    def size(self) -> int:
        """Contracts that are followed."""
        return len(self._seats)

    # --- what the market does -----------------------------------------------------------------

    def _tick(self, con_id: int) -> None:
        self._updates += 1
        self._marked.add(con_id)
        if (seat := self._seats.get(con_id)) is not None:
            seat.ticked = self._clock.monotonic()
        self._wake.set()

    def look_again(self) -> None:
        """Every contract may read differently now: a connection or a farm came or went."""
        self._marked.update(self._seats)
        self._wake.set()

    def flush(self) -> None:
        """Read every marked contract once, and let go of what is over."""
        marked, self._marked = self._marked, set()
        for con_id in marked:
            self._read(con_id)
        self._end_what_is_over()
        self._count()
        changed = frozenset(marked)
        for listener in self.on_change if changed else ():
            listener(changed)

    def _read(self, con_id: int) -> None:
        seat = self._seats.get(con_id)
        if seat is None:
            return
        if reason := seat.stream.ended:
            self._end(con_id, reason)
        else:
            seat.quote = seat.stream.quote()

    def _count(self) -> None:
        now = self._clock.monotonic()
        if (passed := now - self._counted_from) >= HEARTBEAT_S:
            self.updates_per_s = self._updates / passed
            self._updates, self._counted_from = 0, now

    # --- the end of a contract ----------------------------------------------------------------

    def _is_over(self, instrument: Instrument) -> bool:
        return not isinstance(instrument, Underlying) and self._clock.now() >= instrument.last_trade

    def _set_next_end(self) -> None:
        ends = (seat.stream.instrument for seat in self._seats.values())
        self._next_end = min(
            (each.last_trade for each in ends if not isinstance(each, Underlying)), default=_NEVER
        )

    def _end_what_is_over(self) -> None:
        if self._clock.now() < self._next_end:
            return
        for con_id, instrument in [(key, seat.stream.instrument) for key, seat in self._seats.items()]:
            if not isinstance(instrument, Underlying) and self._is_over(instrument):
                last = instrument.last_trade.astimezone(NEW_YORK)
                self._end(con_id, f"it stopped trading at {last:%Y-%m-%d %H:%M} New York time")

    # --- running ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Flush after ticks, a few dozen times a second at most, until cancelled."""
        while True:
            await self._news()
            self.flush()
            await asyncio.sleep(self._flush_s)

    async def _news(self) -> None:
        # The heartbeat is for the exchange's clock: it may be moved, and nothing ticks after a close.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_S if self._seats else None):
                await self._wake.wait()
        self._wake.clear()


def _is_whole(quote: Quote) -> bool:
    """Whether the first picture of a contract has come: its price, and Greeks for an option."""
    if quote.instrument.sec_type is SecType.IND:
        return quote.last is not None
    priced = quote.bid is not None and quote.ask is not None
    return priced and (quote.greeks is not None or not isinstance(quote.instrument, OptionContract))
