"""Market data: subscriptions, snapshots, the line budget, data types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sumppump.exchange.desks.line import Desk, Line, Services
from sumppump.exchange.instruments import Bag, Instrument
from sumppump.exchange.reports import BookTop, Refusal
from sumppump.exchange.ticks import FROZEN, LIVE, Wish, read_generics, ticks, without_market
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.wire.market_answers import MarketDataType, TickReqParams, TickSnapshotEnd
from sumppump.exchange.wire.market_requests import CancelMktData, ReqMarketDataType, ReqMktData

BBO_EXCHANGE = "9c0001"
SNAPSHOT_PERMISSIONS = 3
BAG_TICK = 0.01
FROZEN_KINDS = (2, 4)
KINDS = (1, 2, 3, 4)


@dataclass(slots=True)
class Stream:
    """One request for market data.

    Attributes:
        book: what the client has seen last, None before the first tick.
        kind: the data type it was told last.
    """

    wish: Wish
    instrument: Instrument
    is_snapshot: bool
    book: BookTop | None = None
    kind: int | None = None


class MarketDesk(Desk):
    """Everything that ticks, for one client."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._streams: dict[int, Stream] = {}
        self._new: list[Stream] = []
        self._wanted_kind = LIVE

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
        line = self._line
        if message.req_id in self._streams:
            line.error(message.req_id, 102, "Duplicate ticker ID")
            return
        found = line.venue.resolve(query_of(message.contract, message.legs))
        if isinstance(found, Refusal):
            line.refuse(message.req_id, found)
            return
        is_snapshot = message.snapshot or message.regulatory_snapshot
        if not is_snapshot and line.hall.lines_in_use >= line.hall.rules.lines:
            line.error(message.req_id, 101, "Max number of tickers has been reached")
            return
        self._open(message, found, is_snapshot)

    def _open(self, message: ReqMktData, found: Instrument, is_snapshot: bool) -> None:
        right = "" if isinstance(found, Bag) else found.right
        wish = Wish(message.req_id, read_generics(message.generic_ticks), right)
        stream = Stream(wish, found, is_snapshot)
        if not is_snapshot:
            self._streams[message.req_id] = stream
            self._line.hall.lines_in_use += 1
        self._new.append(stream)
        self._line.send(
            TickReqParams(
                req_id=message.req_id,
                min_tick=BAG_TICK if isinstance(found, Bag) else float(found.min_tick),
                bbo_exchange=BBO_EXCHANGE,
                snapshot_permissions=SNAPSHOT_PERMISSIONS,
            )
        )

    def cancel(self, message: CancelMktData) -> None:
        """End a stream."""
        stream = self._streams.pop(message.req_id, None)
        if stream is None:
            self._line.error(message.req_id, 300, f"Can't find EId with tickerId:{message.req_id}")
            return
        self._new = [other for other in self._new if other is not stream]
        self._line.hall.lines_in_use -= 1

    def close(self) -> None:
        """Give all lines back."""
        self._line.hall.lines_in_use -= len(self._streams)
        self._streams.clear()
        self._new.clear()

    # -- ticks --------------------------------------------------------------------------------
    def settle(self) -> None:
        """Serve the streams that were opened since the last call, with one question to the venue."""
        new, self._new = self._new, []
        if not new:
            return
        con_ids = list(dict.fromkeys(s.instrument.con_id for s in new if not isinstance(s.instrument, Bag)))
        books = dict(zip(con_ids, self._line.venue.quotes(con_ids), strict=True))
        for stream in new:
            self._show(stream, books)
            if stream.is_snapshot:
                self._line.send(TickSnapshotEnd(req_id=stream.wish.req_id))

    def watched(self, *, options: bool, stocks: bool) -> Iterable[int]:
        """The contracts whose streams are due; combos ask for their own quotes."""
        for stream in self._streams.values():
            instrument = stream.instrument
            if not isinstance(instrument, Bag) and (options if instrument.is_option else stocks):
                yield instrument.con_id

    def show(self, books: Mapping[int, BookTop | None], *, bags: bool) -> None:
        """Send what changed; streams of contracts that are not in `books` are not due."""
        for stream in self._streams.values():
            is_bag = isinstance(stream.instrument, Bag)
            if (bags and is_bag) or stream.instrument.con_id in books:
                self._show(stream, books)

    def _show(self, stream: Stream, books: Mapping[int, BookTop | None]) -> None:
        instrument = stream.instrument
        venue = self._line.venue
        book = venue.bag_quote(instrument) if isinstance(instrument, Bag) else books[instrument.con_id]
        if book is None:  # it has expired; TWS falls silent too
            return
        kind = LIVE
        if not venue.is_open():
            is_frozen = self._wanted_kind in FROZEN_KINDS
            kind = FROZEN if is_frozen else LIVE
            book = book if is_frozen else without_market(book)
        if kind != stream.kind:
            self._line.send(MarketDataType(req_id=stream.wish.req_id, kind=kind))
            stream.kind = kind
        for tick in ticks(stream.wish, book, stream.book):
            self._line.send(tick)
        stream.book = book
