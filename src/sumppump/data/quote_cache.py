"""Quotes of the last moments, so that a second question costs nothing and two at once cost one.

For looking only: orders take their own. A quote is handed out for `keep_s` seconds at most, with its age; one
without a price, of a halted contract or with missing Greeks is not kept: the next question may do better.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Feed, Quote
from sumppump.kernel.clock import Clock
from sumppump.ports.market import MarketData

MOST_S = 30.0
KEEP_S = 2.0
MOST_KEPT = 2_000


def _nothing(_: int) -> Quote | None:
    """Nothing is followed."""
    return None


@dataclass(slots=True, kw_only=True)
class QuoteCache:
    """Quotes by con_id.

    Attributes:
        keep_s: seconds, 0 to 30; two seconds answer a burst and hide no move that a person would miss.
        live: the quote of a followed con_id, which is never a few seconds old.
    """

    market: MarketData
    clock: Clock
    keep_s: float = KEEP_S
    live: Callable[[int], Quote | None] = _nothing
    _kept: dict[int, Quote] = field(default_factory=dict)
    _coming: dict[int, asyncio.Future[Quote]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a time that the design does not allow."""
        if not 0 <= self.keep_s <= MOST_S:
            raise ValueError(f"quotes are kept for 0 to {MOST_S:g} s")

    async def quotes(self, instruments: Sequence[Instrument]) -> Sequence[Quote]:
        """Quotes in the order asked, each at most `keep_s` old; those that others wait for are shared.

        Raises:
            GatewayUnavailable: no connection.
        """
        wanted = {each.con_id: each for each in instruments}
        found: dict[int, Quote] = {}
        while missing := [each for con_id, each in wanted.items() if con_id not in found]:
            found |= self._young(missing)
            mine = [each for each in missing if each.con_id not in found and each.con_id not in self._coming]
            theirs = [self._coming[each.con_id] for each in missing if each.con_id in self._coming]
            found |= await self._fetch(mine)
            if theirs:
                await asyncio.wait(theirs)
                found |= _arrived(theirs)
        return tuple(found[each.con_id] for each in instruments)

    def forget(self, *, but: str = "") -> None:
        """Drop what is kept, except of one symbol."""
        self._kept = {con_id: quote for con_id, quote in self._kept.items() if quote.instrument.symbol == but}

    def _young(self, instruments: Sequence[Instrument]) -> dict[int, Quote]:
        now = self.clock.monotonic()
        kept = (self._kept.get(each.con_id) for each in instruments)
        young = {quote.instrument.con_id: quote for quote in kept if quote and quote.age_s(now) < self.keep_s}
        followed = (self.live(each.con_id) for each in instruments)
        return young | {quote.instrument.con_id: quote for quote in followed if quote}

    async def _fetch(self, instruments: Sequence[Instrument]) -> dict[int, Quote]:
        if not instruments:
            return {}
        for each in instruments:
            self._coming[each.con_id] = asyncio.get_running_loop().create_future()
        try:
            quotes = await self.market.quotes(instruments, arrived=self._take)
        finally:
            # Whoever waits for one that did not come asks for it again.
            for each in instruments:
                if (waiting := self._coming.pop(each.con_id, None)) is not None:
                    waiting.cancel()
        return {quote.instrument.con_id: quote for quote in quotes}

    def _take(self, quote: Quote) -> None:
        con_id = quote.instrument.con_id
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        if _is_worth_keeping(quote):
            self._kept[con_id] = quote
        if (waiting := self._coming.pop(con_id, None)) is not None and not waiting.done():
            waiting.set_result(quote)


def _arrived(futures: Iterable[asyncio.Future[Quote]]) -> dict[int, Quote]:
    done = (future.result() for future in futures if not future.cancelled())
    return {quote.instrument.con_id: quote for quote in done}


def _is_worth_keeping(quote: Quote) -> bool:
    has_price = quote.last is not None or quote.mid is not None
    is_sound = quote.feed is not Feed.NONE and not quote.is_stale and not quote.halted
    return has_price and is_sound and not quote.greeks_missing and not quote.notice
