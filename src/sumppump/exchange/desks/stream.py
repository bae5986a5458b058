"""One subscription to market data: what it wants, what it was told, and one look at the market for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sumppump.exchange.entitlements import Feed
from sumppump.exchange.generic_ticks import Fact, Value, message_of
from sumppump.exchange.listing.instruments import Instrument
from sumppump.exchange.market.tops import Moment
from sumppump.exchange.reports import BookTop
from sumppump.exchange.ticks import HALTED, Wish, delayed
from sumppump.exchange.wire.market_answers import TickGeneric


@dataclass(slots=True)
class Stream:
    """One request for market data.

    Attributes:
        ends: when a snapshot stops waiting, None for a stream.
        feed: what it gets: live data, delayed ones, or nothing for the time being.
        book: what the client has seen last, None before the first tick.
        kind: the data type it was told last.
        told: values of generic ticks it was told last.
        slow_ms: when generic ticks are due.
        providers: whose headlines it wants, empty for all; if it wants any.
    """

    wish: Wish
    instrument: Instrument
    generics: frozenset[int]
    ends: datetime | None
    regulatory: bool = False
    feed: Feed = Feed.LIVE
    book: BookTop | None = None
    kind: int | None = None
    told: dict[int, Value] = field(default_factory=dict)
    slow_ms: int = 0
    providers: frozenset[str] = frozenset()

    def begin_again(self, feed: Feed) -> None:
        """From now on other data; the client has to hear everything."""
        self.feed = feed
        self.book = self.kind = None
        self.slow_ms = 0
        self.told.clear()


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the market, live or delayed: the moment, and the books of listed contracts."""

    feed: Feed
    moment: Moment
    books: Mapping[int, BookTop | None]

    def trades(self, instrument: Instrument) -> bool:
        """Whether its quote moves at this moment; that of stocks does in extended hours too."""
        # While regular trading is on everything trades, and the question is asked for every tick.
        return self.moment.is_open or self.moment.trades(instrument, outside_rth=True)


_FIELDS = {"BAG": ("bid", "ask"), "CASH": ("bid", "ask"), "IND": ("last",)}


def is_complete(instrument: Instrument, book: BookTop) -> bool:
    """Whether the book has every field that a snapshot of this kind of instrument waits for."""
    names = _FIELDS.get(instrument.sec_type, ("bid", "ask", "last"))
    return all(getattr(book, name) is not None for name in names)


def fact_message(stream: Stream, fact: Fact) -> Any:  # noqa: ANN401 - any declared answer
    """The message that tells a stream a fact."""
    tick_type, value = fact
    if tick_type != HALTED:
        return message_of(stream.wish.req_id, fact)
    tick = TickGeneric(req_id=stream.wish.req_id, tick_type=HALTED, value=float(value))
    return tick if stream.feed is Feed.LIVE else delayed(tick)
