"""Ticks one by one: trades, best quotes and middles as they happen, after those of the past if asked for.

They are read from the record of ticks, so they add up to bars and to what streams show. How often one
instrument may be asked for is paced by the exchange's time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.desks.historical_ticks import (
    MOST_TICKS,
    UNREPORTED,
    bid_ask_row,
    midpoint_row,
    trade_row,
)
from sumppump.exchange.desks.line import Desk, Line, Services
from sumppump.exchange.entitlements import COMPETING
from sumppump.exchange.listing.instruments import Bag, Instrument, Listing, SecType
from sumppump.exchange.market.tick_record import BidAsk, Midpoint, Trade
from sumppump.exchange.reports import Refusal
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.wire.history_answers import (
    HistoricalBidAsks,
    HistoricalMidpoints,
    HistoricalTrades,
)
from sumppump.exchange.wire.market_requests import CancelTickByTick, ReqTickByTick
from sumppump.exchange.wire.stream_answers import (
    AllLastTick,
    BidAskTick,
    LastTick,
    MidpointTick,
    SingleTick,
    TickByTick,
)

PACE = timedelta(seconds=15)
LAST, ALL_LAST, BID_ASK, MIDPOINT = "LAST", "ALLLAST", "BIDASK", "MIDPOINT"
KINDS = {LAST: "Last", ALL_LAST: "AllLast", BID_ASK: "BidAsk", MIDPOINT: "MidPoint"}
_FAILED = "Failed to request tick-by-tick data:{}"
DUPLICATE = Refusal(322, "Error processing request.-'cx' : cause - Duplicate ticker id")
NO_KIND = Refusal(321, "Error validating request.-'cx' : cause - Invalid tick type")
TOO_MANY = Refusal(10190, "Max number of tick-by-tick requests has been reached")
_NO_TRADES = (SecType.CASH, SecType.INDEX)
_NO_QUOTES = (SecType.INDEX,)


@dataclass(slots=True)
class TickStream:
    """One subscription.

    Attributes:
        kind: one of `KINDS`.
        since_ms: the first moment whose ticks were not sent yet.
        quote: the last quote that was sent, without its sizes, for those who ignore sizes.
    """

    req_id: int
    listing: Listing
    kind: str
    ignore_size: bool
    since_ms: int
    quote: tuple[Decimal | None, Decimal | None] | None = None


class TickByTickDesk(Desk):
    """Single ticks, for one client."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._streams: dict[int, TickStream] = {}
        self._asked: dict[tuple[int, str], datetime] = {}

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {ReqTickByTick: self.subscribe, CancelTickByTick: self.cancel}

    # -- requests -----------------------------------------------------------------------------
    def subscribe(self, message: ReqTickByTick) -> None:
        """Start with the ticks of the past that were asked for; from then on whatever happens."""
        found = self._found(message)
        if isinstance(found, Refusal):
            self._line.refuse(message.req_id, found)
            return
        line, now_ms = self._line, to_ms(self._line.venue.now)
        stream = TickStream(message.req_id, found, message.kind.upper(), message.ignore_size, now_ms + 1)
        self._streams[message.req_id] = stream
        line.hall.tick_by_ticks_in_use += 1
        if message.count > 0:
            self._send_past(stream, min(message.count, MOST_TICKS))

    def _found(self, message: ReqTickByTick) -> Listing | Refusal:
        hall = self._line.hall
        if message.req_id in self._streams:
            return DUPLICATE
        kind = message.kind.upper()
        if kind not in KINDS:
            return NO_KIND
        found = hall.venue.resolve(query_of(message.contract))
        if isinstance(found, Refusal):
            return found
        fault = self._fault(found, kind)
        if fault is not None or isinstance(found, Bag):
            return fault or _not_supported(found, kind)
        self._asked[found.con_id, kind] = hall.venue.now
        return found

    def _fault(self, found: Instrument, kind: str) -> Refusal | None:
        hall = self._line.hall
        if not _is_supported(found, kind):
            return _not_supported(found, kind)
        if hall.entitlements.is_competing:
            return COMPETING
        if not hall.has_live(found):
            place = "" if isinstance(found, Bag) else f"{found.primary_exchange or found.exchange} "
            return Refusal(10189, _FAILED.format(f"No market data permissions for {place}{found.sec_type}"))
        if hall.tick_by_ticks_in_use >= hall.rules.tick_by_ticks or self._is_hasty(found, kind):
            return TOO_MANY
        return None

    def _is_hasty(self, found: Instrument, kind: str) -> bool:
        """Whether this client asked for the same within the last fifteen seconds."""
        now = self._line.venue.now
        self._asked = {key: at for key, at in self._asked.items() if now - at < PACE}
        return (found.con_id, kind) in self._asked

    def cancel(self, message: CancelTickByTick) -> None:
        """End a stream; TWS is silent about one that is not there."""
        if self._streams.pop(message.req_id, None) is not None:
            self._line.hall.tick_by_ticks_in_use -= 1

    def close(self) -> None:
        """Give all streams back."""
        self._line.hall.tick_by_ticks_in_use -= len(self._streams)
        self._streams.clear()

    # -- ticks --------------------------------------------------------------------------------
    def tick(self, now: datetime) -> None:
        """Send what has happened since the last time, at most the newest thousand."""
        until = to_ms(now) + 1
        for stream in self._streams.values():
            if until > stream.since_ms:
                since, stream.since_ms = stream.since_ms, until
                if self._line.hall.has_live(stream.listing) and not self._line.hall.entitlements.is_competing:
                    for tick in self._ticks(stream, since, until):
                        self._line.send(TickByTick(req_id=stream.req_id, tick=tick))

    def _ticks(self, stream: TickStream, since: int, until: int) -> Iterator[SingleTick]:
        record, span = self._line.venue.ticks, (stream.listing.con_id, since, until, MOST_TICKS)
        if stream.kind == BID_ASK:
            return (_bid_ask(one) for one in _wanted(stream, record.bid_asks(*span, newest=True)))
        if stream.kind == MIDPOINT:
            return (_midpoint(one) for one in record.midpoints(*span, newest=True))
        trades = record.trades(*span, newest=True)
        return (_trade(one, stream.kind) for one in trades if one.is_reported or stream.kind == ALL_LAST)

    def _send_past(self, stream: TickStream, count: int) -> None:
        record, req_id = self._line.venue.ticks, stream.req_id
        span = (stream.listing.con_id, 0, stream.since_ms, count)
        if stream.kind == BID_ASK:
            quotes = record.bid_asks(*span, newest=True)
            rows = tuple(bid_ask_row(one) for one in quotes)
            self._line.send(HistoricalBidAsks(req_id=req_id, ticks=rows, is_done=True))
        elif stream.kind == MIDPOINT:
            middles = record.midpoints(*span, newest=True)
            past = tuple(midpoint_row(one) for one in middles)
            self._line.send(HistoricalMidpoints(req_id=req_id, ticks=past, is_done=True))
        else:
            trades = tuple(trade_row(one) for one in self._past_trades(stream, count))
            self._line.send(HistoricalTrades(req_id=req_id, ticks=trades, is_done=True))

    def _past_trades(self, stream: TickStream, count: int) -> Sequence[Trade]:
        record = self._line.venue.ticks
        found = record.trades(stream.listing.con_id, 0, stream.since_ms, 2 * count, newest=True)
        return [one for one in found if one.is_reported or stream.kind == ALL_LAST][-count:]


def _is_supported(found: Instrument, kind: str) -> bool:
    if isinstance(found, Bag) or found.is_option:
        return False
    return found.sec_type not in (_NO_TRADES if kind in (LAST, ALL_LAST) else _NO_QUOTES)


def _not_supported(found: Instrument, kind: str) -> Refusal:
    # The words are unverified; the code is documented.
    text = f"{KINDS[kind]} tick-by-tick requests are not supported for {found.symbol} {found.sec_type}"
    return Refusal(10189, _FAILED.format(text))


def _wanted(stream: TickStream, quotes: Sequence[BidAsk]) -> Iterator[BidAsk]:
    """Without those that change only in size, where sizes are ignored."""
    for quote in quotes:
        prices = (quote.bid, quote.ask)
        if not (stream.ignore_size and prices == stream.quote):
            yield quote
        stream.quote = prices


def _trade(trade: Trade, kind: str) -> LastTick | AllLastTick:
    cls = AllLastTick if kind == ALL_LAST else LastTick
    return cls(
        epoch_s=trade.at_ms // 1000,
        price=float(trade.price),
        size=Decimal(trade.size),
        mask=0 if trade.is_reported else UNREPORTED,
        exchange=trade.exchange,
        conditions=trade.conditions,
    )


def _bid_ask(quote: BidAsk) -> BidAskTick:
    return BidAskTick(
        epoch_s=quote.at_ms // 1000,
        bid=float(quote.bid or 0),
        ask=float(quote.ask or 0),
        bid_size=Decimal(quote.bid_size),
        ask_size=Decimal(quote.ask_size),
    )


def _midpoint(middle: Midpoint) -> MidpointTick:
    return MidpointTick(epoch_s=middle.at_ms // 1000, price=float(middle.price))
