"""Market data: subscriptions, snapshots, the line budget, data types."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from sumppump.exchange.desks.line import Desk, Line, Services
from sumppump.exchange.desks.stream import Look, Stream, fact_message, is_complete
from sumppump.exchange.entitlements import DELAY_MS, EVERYTHING, Feed, access, partial
from sumppump.exchange.generic_ticks import (
    DELAYED_TOO,
    OF_A_YEAR,
    RT_TICKS,
    Subject,
    Value,
    facts,
    fault_of,
    news_providers,
    read_generics,
    rt_volume,
)
from sumppump.exchange.listing.instruments import Bag, Instrument, Listing, SecType
from sumppump.exchange.market.daily_figures import Extremes
from sumppump.exchange.market.smart_routing import bbo_code
from sumppump.exchange.market.steps import Steps
from sumppump.exchange.newsroom.news import NOT_SUBSCRIBED, SUBSCRIBED
from sumppump.exchange.reports import BookTop, Refusal
from sumppump.exchange.ticks import (
    DELAYED,
    DELAYED_FROZEN,
    FROZEN,
    HALTED,
    LIVE,
    Wish,
    delayed,
    ticks,
    without_market,
)
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.wire.market_answers import (
    MarketDataType,
    TickReqParams,
    TickSnapshotEnd,
)
from sumppump.exchange.wire.market_requests import CancelMktData, ReqMarketDataType, ReqMktData

SNAPSHOT_PERMISSIONS = 3
BAG_TICK = 0.01
FROZEN_KINDS = (2, 4)
KINDS = (1, 2, 3, 4)
PATIENCE = timedelta(seconds=11)
"""How long a snapshot waits for a field that does not come."""
SLOW_MS = 1000
"""How often generic ticks are looked at."""
DUPLICATE = Refusal(102, "Duplicate ticker ID")
TOO_MANY = Refusal(101, "Max number of tickers has been reached")
NO_GENERICS = Refusal(
    321,
    "Error validating request.-'bQ' : cause - Snapshot market data subscription is not applicable to"
    " generic ticks",
)


class MarketDesk(Desk):
    """Everything that ticks, for one client."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._streams: dict[int, Stream] = {}
        self._new: list[Stream] = []
        self._put_off: list[Stream] = []
        self._looking: tuple[Stream, Steps[Extremes | None]] | None = None
        self._wanted_kind = LIVE
        self._judged = EVERYTHING

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {
            ReqMktData: self.subscribe,
            CancelMktData: self.cancel,
            ReqMarketDataType: self.set_kind,
        }

    # -- requests -----------------------------------------------------------------------------
    def set_kind(self, message: ReqMarketDataType) -> None:
        """The data type from now on; TWS answers nothing, not even to a number that makes no sense."""
        if message.kind in KINDS:
            self._wanted_kind = message.kind

    def subscribe(self, message: ReqMktData) -> None:
        """Start a stream or a snapshot; the first ticks come with `settle`."""
        found = self._found(message)
        if isinstance(found, Refusal):
            self._line.refuse(message.req_id, found)
            return
        stream = self._stream(message, found)
        if not self._admit(stream):
            return
        self._streams[message.req_id] = stream
        self._line.hall.lines_in_use += stream.ends is None
        self._new.append(stream)
        self._line.send(
            TickReqParams(
                req_id=message.req_id,
                min_tick=BAG_TICK if isinstance(found, Bag) else float(found.min_tick),
                bbo_exchange=bbo_code(found),
                snapshot_permissions=SNAPSHOT_PERMISSIONS,
            )
        )

    def _found(self, message: ReqMktData) -> Instrument | Refusal:
        """The instrument of a request that may be served."""
        line, is_snapshot = self._line, message.snapshot or message.regulatory_snapshot
        if message.req_id in self._streams:
            return DUPLICATE
        found = line.venue.resolve(query_of(message.contract, message.legs))
        if isinstance(found, Refusal):
            return found
        if is_snapshot and message.generic_ticks.strip():
            return NO_GENERICS
        if not is_snapshot and line.hall.lines_in_use >= line.hall.rules.lines:
            return TOO_MANY
        return self._stranger(message) or fault_of(message.generic_ticks, found.sec_type) or found

    def _stranger(self, message: ReqMktData) -> Refusal | None:
        """A provider of news that the login has not subscribed to."""
        for code in sorted(news_providers(message.generic_ticks) - SUBSCRIBED):
            return Refusal(321, NOT_SUBSCRIBED.format(code))
        return None

    def _stream(self, message: ReqMktData, found: Instrument) -> Stream:
        is_snapshot = message.snapshot or message.regulatory_snapshot
        return Stream(
            Wish(
                message.req_id,
                "" if isinstance(found, Bag) else found.right,
                with_volume=found.sec_type != SecType.CASH,
            ),
            found,
            read_generics(message.generic_ticks),
            self._line.venue.now + PATIENCE if is_snapshot else None,
            regulatory=message.regulatory_snapshot,
            providers=news_providers(message.generic_ticks),
        )

    def _admit(self, stream: Stream) -> bool:
        """What the login's subscriptions give this stream; whether it is anything."""
        line, req_id = self._line, stream.wish.req_id
        hall, instrument = line.hall, stream.instrument
        if stream.regulatory:  # bought one by one, without a subscription
            return True
        code = hall.rules.unsubscribed
        found = access(hall.entitlements, instrument, self._wanted_kind, code=code)
        if found.notice is not None:
            line.refuse(req_id, found.notice)
        stream.begin_again(found.feed)
        if isinstance(instrument, Listing) and instrument.is_option and found.feed is Feed.LIVE:
            under = line.venue.listing(instrument.under_con_id)
            missing = partial(hall.entitlements, under, code=code)
            stream.wish = replace(stream.wish, with_model=missing is None)
            if missing is not None:
                line.refuse(req_id, missing)
        return found.feed is not Feed.NONE

    def cancel(self, message: CancelMktData) -> None:
        """End a stream, or a snapshot that is still waiting."""
        stream = self._streams.get(message.req_id)
        if stream is None:
            self._line.error(message.req_id, 300, f"Can't find EId with tickerId:{message.req_id}")
            return
        self._drop(stream)

    def _drop(self, stream: Stream) -> None:
        del self._streams[stream.wish.req_id]
        self._new = [other for other in self._new if other is not stream]
        self._line.hall.lines_in_use -= stream.ends is None

    def wanting(self, generic: int) -> Iterator[Stream]:
        """The streams that asked for a generic tick."""
        return (stream for stream in self._streams.values() if generic in stream.generics)

    def close(self) -> None:
        """Give all lines back."""
        for stream in tuple(self._streams.values()):
            self._drop(stream)

    # -- ticks --------------------------------------------------------------------------------
    def settle(self) -> None:
        """Serve the streams that were opened since the last call, with one question to the venue each way."""
        if self._new:
            new, self._new = self._new, []
            live = self._look(Feed.LIVE, new)
            self._show_all(new, live)

    def watched(self, *, options: bool, stocks: bool) -> Iterable[int]:
        """The contracts whose live streams are due; combos and delayed streams ask for their own quotes."""
        for stream in self._streams.values():
            instrument = stream.instrument
            if (
                stream.feed is Feed.LIVE
                and not isinstance(instrument, Bag)
                and (options if instrument.is_option else stocks)
            ):
                yield instrument.con_id

    def show(
        self,
        books: Mapping[int, BookTop | None],
        *,
        options: bool,
        stocks: bool,
        flows: Callable[[Instrument], bool] | None = None,
    ) -> None:
        """Send what changed in the streams that are due.

        Args:
            books: the live quotes of `watched`, without those that are kept from clients.
            options: whether options are due, and combos.
            stocks: whether all else is due.
            flows: whether quotes of an instrument reach clients; None where nothing is kept back.
        """
        self._judge()
        due = [
            stream
            for stream in self._streams.values()
            if (options if isinstance(stream.instrument, Bag) or stream.instrument.is_option else stocks)
        ]
        if flows is not None:
            due = self._passing(due, flows)
        if due:
            self._show_all(due, Look(Feed.LIVE, self._line.venue.moment(), books))

    def _passing(self, due: list[Stream], flows: Callable[[Instrument], bool]) -> list[Stream]:
        """The streams that nothing keeps back; a snapshot that waits behind the others ends in time."""
        passing = [stream for stream in due if flows(stream.instrument)]
        for stream in due:
            if stream not in passing:
                self._end(stream, None)
        return passing

    def _judge(self) -> None:
        """Apply other entitlements to the streams that there are."""
        entitlements = self._line.hall.entitlements
        if entitlements is not self._judged:
            self._judged = entitlements
            for stream in self._streams.values():
                self._admit(stream)

    def _look(self, feed: Feed, streams: Iterable[Stream]) -> Look:
        venue = self._line.venue
        delay_ms = 0 if feed is Feed.LIVE else DELAY_MS
        wanted = dict.fromkeys(
            stream.instrument.con_id
            for stream in streams
            if stream.feed is feed and not isinstance(stream.instrument, Bag)
        )
        books = dict(zip(wanted, venue.quotes(tuple(wanted), delay_ms=delay_ms), strict=True))
        return Look(feed, venue.moment(delay_ms), books)

    def _show_all(self, streams: list[Stream], live: Look) -> None:
        late = None
        if any(stream.feed is Feed.DELAYED for stream in streams):
            late = self._look(Feed.DELAYED, streams)
        for stream in streams:
            look = live if stream.feed is Feed.LIVE else late
            if look is not None and stream.feed is not Feed.NONE:
                self._show(stream, look)

    def _show(self, stream: Stream, look: Look) -> None:
        instrument = stream.instrument
        if isinstance(instrument, Bag):
            delay_ms = 0 if look.feed is Feed.LIVE else DELAY_MS
            book: BookTop | None = self._line.venue.bag_quote(instrument, delay_ms=delay_ms)
        else:
            book = look.books.get(instrument.con_id)
        if book is None:  # it has expired, or it came to the feed just now; TWS is silent too
            self._end(stream, None)
            return
        trades = look.trades(instrument)
        kind = _kind(look.feed, is_frozen=not trades and self._wanted_kind in FROZEN_KINDS)
        book = without_market(book) if kind == LIVE and not trades else book
        self._send_book(stream, book, kind)
        if look.moment.ms >= stream.slow_ms:
            stream.slow_ms = look.moment.ms + SLOW_MS
            if self._takes_long(stream):
                self._put_off += [] if stream in self._put_off else [stream]
            else:
                self._send_facts(stream, book)
        self._end(stream, book)

    def _takes_long(self, stream: Stream) -> bool:
        """Whether its facts are put off so that they keep nobody waiting."""
        listing = stream.instrument
        if self._line.hall.rules.history_slice is None or isinstance(listing, Bag):
            return False
        return bool(stream.generics & OF_A_YEAR) and not self._line.venue.statistics.knows_extremes(listing)

    def tick(self, now: datetime) -> None:
        """Go on with what was put off."""
        self.work()

    @property
    def is_at_work(self) -> bool:
        """Whether a stream waits for its facts."""
        return bool(self._put_off)

    def work(self) -> None:
        """Look up a slice of the first year that a stream waits for, and send its facts when that is done."""
        self._put_off = [one for one in self._put_off if self._streams.get(one.wish.req_id) is one]
        if not self._put_off or self._looks_on(self._put_off[0]):
            return
        stream, self._looking = self._put_off.pop(0), None
        if stream.book is not None:
            self._send_facts(stream, stream.book)

    def _looks_on(self, stream: Stream) -> bool:
        """Look up a slice of a stream's year; whether more of it is left."""
        most = self._line.hall.rules.history_slice
        if most is None or isinstance(stream.instrument, Bag):
            return False
        if self._looking is None or self._looking[0] is not stream:
            self._looking = stream, self._line.venue.statistics.extremes_in_steps(stream.instrument)
        steps = islice(self._looking[1], math.ceil(most))
        return sum(1 for _ in steps) >= most

    def _send_book(self, stream: Stream, book: BookTop, kind: int) -> None:
        line, wish, old = self._line, stream.wish, stream.book
        if kind != stream.kind:
            line.send(MarketDataType(req_id=wish.req_id, kind=kind))
            stream.kind = kind
        for tick in ticks(wish, book, old):
            line.send(tick if stream.feed is Feed.LIVE else delayed(tick))
        stream.book = book
        if stream.generics & RT_TICKS.keys() and stream.feed is Feed.LIVE:
            self._send_volume(stream, book, old)

    def _send_volume(self, stream: Stream, book: BookTop, old: BookTop | None) -> None:
        if isinstance(stream.instrument, Bag) or (old is not None and old.last_at == book.last_at):
            return
        turnover = self._line.venue.statistics.turnover(stream.instrument)
        for number in sorted(stream.generics & RT_TICKS.keys()):
            tick = rt_volume(stream.wish.req_id, number, book, turnover)
            if tick is not None:
                self._line.send(tick)

    def _send_facts(self, stream: Stream, book: BookTop) -> None:
        """Whether it is halted, where it is quoted, and the generic ticks, as far as they are news."""
        for tick_type, value in self._facts(stream, book):
            if stream.told.get(tick_type) != value:
                stream.told[tick_type] = value
                self._line.send(fact_message(stream, (tick_type, value)))

    def _facts(self, stream: Stream, book: BookTop) -> Iterator[tuple[int, Value]]:
        hall, instrument = self._line.hall, stream.instrument
        yield HALTED, float(hall.halts.get(instrument.con_id, 0))
        if isinstance(instrument, Bag):
            return
        if stream.feed is Feed.LIVE:
            yield from hall.venue.exchange_maps.facts(instrument, book)
        generics = stream.generics if stream.feed is Feed.LIVE else stream.generics & DELAYED_TOO
        if generics:
            yield from facts(generics, Subject(hall.venue.statistics, instrument, book))

    def _end(self, stream: Stream, book: BookTop | None) -> None:
        """End a snapshot that has every field, or has waited for it in vain."""
        if stream.ends is None:
            return
        if (book is not None and is_complete(stream.instrument, book)) or self._line.venue.now >= stream.ends:
            self._line.send(TickSnapshotEnd(req_id=stream.wish.req_id))
            self._drop(stream)


def _kind(feed: Feed, *, is_frozen: bool) -> int:
    """The market data type that a client is told."""
    if feed is Feed.LIVE:
        return FROZEN if is_frozen else LIVE
    return DELAYED_FROZEN if is_frozen else DELAYED
