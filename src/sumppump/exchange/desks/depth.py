"""Market depth: books of one exchange and of SMART, whole at first and then row by row.

Rows are inserted and deleted at the end of a side only, and changed in place: clients differ in whether an
insertion moves the rows behind it, and so all of them end up with the same book. Our decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum

from sumppump.exchange.calendar.trading_days import STEP_MS, to_ms
from sumppump.exchange.desks.line import Desk, Line, Services
from sumppump.exchange.entitlements import Feed, access
from sumppump.exchange.events import DepthReset, Event
from sumppump.exchange.listing.instruments import Bag, Instrument, Listing, SecType
from sumppump.exchange.market.depth_books import (
    ALIASES,
    ASK,
    BID,
    EMPTY,
    MOST_ROWS,
    SMART,
    Book,
    Row,
    places_with_depth,
)
from sumppump.exchange.market.smart_routing import STOCKS
from sumppump.exchange.reports import Refusal
from sumppump.exchange.ticks import LIVE
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.wire.contracts import DepthExchange
from sumppump.exchange.wire.market_answers import MktDepthExchanges
from sumppump.exchange.wire.market_requests import CancelMktDepth, ReqMktDepth, ReqMktDepthExchanges
from sumppump.exchange.wire.stream_answers import MarketDepth, MarketDepthL2

NOT_SUPPORTED = Refusal(
    10092, "Deep market data is not supported for this combination of security type/exchange"
)
NO_ROWS = Refusal(321, "Error validating request.-'bR' : cause - Number of rows must be positive")
DUPLICATE = Refusal(322, "Error processing request.-'bR' : cause - Duplicate ticker id")
UNKNOWN = "Can't find the subscribed market depth with tickerId:{}"
RESET = "Market depth data has been RESET. Please empty deep book contents before applying any new entries."
_OTHER_PLACES = (
    (SecType.OPTION, "ISE", "Deep"),
    (SecType.OPTION, "CBOE", "Deep"),
    (SecType.CASH, "IDEALPRO", "Deep"),
    (SecType.FUTURE, "CME", "Deep"),
    (SecType.FUTURE, "CFE", "Deep"),
    (SecType.CRYPTO, "PAXOS", "Deep"),
)


class Operation(IntEnum):
    """What happens to a row."""

    INSERT = 0
    UPDATE = 1
    DELETE = 2


@dataclass(slots=True)
class DepthStream:
    """One subscription to a book.

    Attributes:
        exchange: whose book; SMART for all of them.
        told: the book as the client has it.
    """

    req_id: int
    listing: Listing
    exchange: str
    rows: int
    told: Book = EMPTY


class DepthDesk(Desk):
    """Books, for one client."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._streams: dict[int, DepthStream] = {}
        self._step = 0

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {
            ReqMktDepth: self.subscribe,
            CancelMktDepth: self.cancel,
            ReqMktDepthExchanges: self.exchanges,
        }

    def exchanges(self, _: ReqMktDepthExchanges) -> None:
        """Where there are books."""
        stocks = ((SecType.STOCK, place.exchange, "Deep2") for place in STOCKS.places if place.has_book)
        rows = tuple(
            DepthExchange(exchange=name, sec_type=kind, service_data_type=service)
            for kind, name, service in (*stocks, *_OTHER_PLACES)
        )
        self._line.send(MktDepthExchanges(exchanges=rows))

    def subscribe(self, message: ReqMktDepth) -> None:
        """Start with the whole book."""
        stream = self._stream(message)
        if isinstance(stream, Refusal):
            self._line.refuse(message.req_id, stream)
            return
        self._streams[message.req_id] = stream
        self._line.hall.depths_in_use += 1
        if stream.exchange == SMART:
            self._line.error(message.req_id, 2152, self._exchanges_notice(stream.listing))
        self._show(stream)

    def _stream(self, message: ReqMktDepth) -> DepthStream | Refusal:
        hall = self._line.hall
        if message.req_id in self._streams:
            return DUPLICATE
        found = hall.venue.resolve(query_of(message.contract))
        if isinstance(found, Refusal):
            return found
        fault = self._fault(message, found)
        if fault is not None or isinstance(found, Bag):
            return fault or NOT_SUPPORTED
        return DepthStream(message.req_id, found, _exchange(message), min(message.rows, MOST_ROWS))

    def _fault(self, message: ReqMktDepth, found: Instrument) -> Refusal | None:
        hall, exchange = self._line.hall, _exchange(message)
        names = {place.exchange for place in places_with_depth(found)}
        is_offered = found.sec_type == SecType.STOCK if exchange == SMART else exchange in names
        if not is_offered or (exchange == SMART and not message.is_smart_depth):
            return NOT_SUPPORTED
        if message.rows <= 0:
            return NO_ROWS
        if hall.depths_in_use >= hall.rules.depths:
            return Refusal(309, f"Max number ({hall.rules.depths}) of market depth requests has been reached")
        return access(hall.entitlements, found, LIVE, code=hall.rules.unsubscribed).notice

    def _exchanges_notice(self, listing: Listing) -> str:
        """Whose books are in it, who shows only a best quote, and whose books are not subscribed."""
        feeds = self._line.hall.entitlements.by_exchange
        books = [place.exchange for place in places_with_depth(listing)]
        missing = [name for name in books if feeds.get(name, Feed.LIVE) is not Feed.LIVE]
        depth = "".join(f"{name}; " for name in books if name not in missing)
        tops = "".join(f"{place.exchange}; " for place in STOCKS.places if not place.has_book)
        needed = "".join(f"{name}; " for name in missing)
        more = f"; Need additional market data permissions - Depth: {needed}" if missing else ""
        return f"Exchanges - Depth: {depth}Top: {tops}{more}"

    def cancel(self, message: CancelMktDepth) -> None:
        """End a book."""
        if self._streams.pop(message.req_id, None) is None:
            self._line.error(message.req_id, 310, UNKNOWN.format(message.req_id))
            return
        self._line.hall.depths_in_use -= 1

    def close(self) -> None:
        """Give all books back."""
        self._line.hall.depths_in_use -= len(self._streams)
        self._streams.clear()

    # -- rows ---------------------------------------------------------------------------------
    def hear(self, event: Event) -> None:
        """Build every book anew when that is asked for."""
        if isinstance(event, DepthReset):
            for stream in self._streams.values():
                self._line.error(stream.req_id, 317, RESET)
                stream.told = EMPTY
                self._show(stream)

    def tick(self, now: datetime) -> None:
        """Send what has changed."""
        step = to_ms(now) // STEP_MS
        if step > self._step:
            self._step = step
            for stream in self._streams.values():
                self._show(stream)

    def _show(self, stream: DepthStream) -> None:
        book, old = self._book(stream), stream.told
        stream.told = book
        for side, new_rows, old_rows in ((ASK, book.asks, old.asks), (BID, book.bids, old.bids)):
            for position, operation, row in changes(old_rows, new_rows):
                self._line.send(_message(stream, position, operation, side, row))

    def _book(self, stream: DepthStream) -> Book:
        hall, listing = self._line.hall, stream.listing
        if not hall.has_live(listing) or hall.entitlements.is_competing:
            return stream.told  # it stands still
        (top,) = hall.venue.quotes((listing.con_id,), side_greeks=False)
        if top is None:
            return EMPTY
        if stream.exchange == SMART:
            return hall.venue.depth.smart(listing, top, stream.rows)
        return hall.venue.depth.of(listing, top, stream.exchange, stream.rows)


def changes(old: tuple[Row, ...], new: tuple[Row, ...]) -> Iterator[tuple[int, Operation, Row]]:
    """Position, operation and row of what makes the new side out of the old one."""
    for position, row in enumerate(new):
        if position >= len(old):
            yield position, Operation.INSERT, row
        elif row != old[position]:
            yield position, Operation.UPDATE, row
    for position in reversed(range(len(new), len(old))):
        yield position, Operation.DELETE, _NOTHING


_NOTHING = Row(Decimal(0), 0)


def _exchange(message: ReqMktDepth) -> str:
    name = SMART if message.is_smart_depth else message.contract.exchange
    return ALIASES.get(name, name)


def _message(
    stream: DepthStream, position: int, operation: Operation, side: int, row: Row
) -> MarketDepth | MarketDepthL2:
    price, size = float(row.price), Decimal(row.size)
    if stream.exchange != SMART:
        return MarketDepth(
            req_id=stream.req_id, position=position, operation=operation, side=side, price=price, size=size
        )
    return MarketDepthL2(
        req_id=stream.req_id,
        position=position,
        market_maker=row.place,
        operation=operation,
        side=side,
        price=price,
        size=size,
        is_smart_depth=True,
    )
