"""Ticks of the past, and how much was traded at which price.

Exactly one of start and end is given, and how many ticks are wanted; a second is never cut, so there may be
more. From a start on, quotes begin with the one that was in force then (as recorded by others).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Any, TypeVar

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.desks.line import Desk, Services
from sumppump.exchange.listing.instruments import Bag, Listing
from sumppump.exchange.market.tick_record import BidAsk, Midpoint, Trade
from sumppump.exchange.reports import Refusal
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.translate.times import BAD_MOMENT, read_moment
from sumppump.exchange.wire.history_answers import (
    BidAskTick,
    HistogramData,
    HistoricalBidAsks,
    HistoricalMidpoints,
    HistoricalTrades,
    MidpointTick,
    PriceCount,
    TradeTick,
)
from sumppump.exchange.wire.market_requests import (
    ReqHistogramData,
    ReqHistoricalTicks,
)

Tick = TypeVar("Tick", Trade, BidAsk, Midpoint)
Ask = Callable[..., Sequence[Any]]

MOST_TICKS = 1000
UNREPORTED = 2  # bit 1 of a trade's mask
_WHOLE_SECOND = 100_000  # ticks; more than any second has
_DAY_MS = 86_400_000
_FAILED = "Failed to request historical ticks:{}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that makes sense: `count` ticks from a moment on, or before it if `is_newest`."""

    con_id: int
    moment_ms: int
    count: int
    is_newest: bool
    liquid: bool


class HistoricalTickDesk(Desk):
    """Ticks of the past, for one client."""

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {
            ReqHistoricalTicks: self.ticks,
            ReqHistogramData: self.histogram,
        }

    def ticks(self, message: ReqHistoricalTicks) -> None:
        """All ticks in one answer."""
        listing = self._listing(message)
        if isinstance(listing, Refusal):
            self._line.refuse(message.req_id, listing)
            return
        wanted = _wanted(message, listing, self._line.venue.history.first_ms(listing))
        if isinstance(wanted, Refusal):
            self._line.refuse(message.req_id, wanted)
            return
        answers = {"TRADES": self._trades, "BID_ASK": self._bid_asks, "MIDPOINT": self._midpoints}
        answer = answers.get(message.what_to_show.upper())
        if answer is None:
            text = _FAILED.format(f"Invalid what to show: {message.what_to_show[:40]}")
            self._line.error(message.req_id, 10187, text)
            return
        self._line.send(answer(message, wanted))

    def _listing(self, message: ReqHistoricalTicks | ReqHistogramData) -> Listing | Refusal:
        query = query_of(message.contract, include_expired=message.include_expired)
        found = self._line.venue.resolve(query)
        if isinstance(found, Bag):
            return Refusal(10187, _FAILED.format("No data for combos"))
        if isinstance(found, Listing) and not self._line.hall.has_live(found):
            place = found.primary_exchange or found.exchange
            return Refusal(10187, _FAILED.format(f"No market data permissions for {place} {found.sec_type}"))
        return found

    def _trades(self, message: ReqHistoricalTicks, wanted: Wanted) -> HistoricalTrades:
        trades: Iterable[Trade] = whole_seconds(self._line.venue.ticks.trades, wanted)
        rows = tuple(trade_row(one) for one in trades)
        return HistoricalTrades(req_id=message.req_id, ticks=rows, is_done=True)

    def _bid_asks(self, message: ReqHistoricalTicks, wanted: Wanted) -> HistoricalBidAsks:
        ask = self._line.venue.ticks.bid_asks
        quotes = (*in_force(ask, wanted), *whole_seconds(ask, wanted))
        if message.ignore_size:
            quotes = tuple(next(same) for _, same in groupby(quotes, key=lambda one: (one.bid, one.ask)))
        rows = tuple(bid_ask_row(one) for one in quotes)
        return HistoricalBidAsks(req_id=message.req_id, ticks=rows, is_done=True)

    def _midpoints(self, message: ReqHistoricalTicks, wanted: Wanted) -> HistoricalMidpoints:
        ask = self._line.venue.ticks.midpoints
        middles = (*in_force(ask, wanted), *whole_seconds(ask, wanted))
        rows = tuple(midpoint_row(one) for one in middles)
        return HistoricalMidpoints(req_id=message.req_id, ticks=rows, is_done=True)

    # -- histogram ----------------------------------------------------------------------------
    def histogram(self, message: ReqHistogramData) -> None:
        """How much was traded at which price, dearest last."""
        venue, listing = self._line.venue, self._listing(message)
        if isinstance(listing, Refusal):
            self._line.refuse(message.req_id, listing)
            return
        found = venue.history.histogram(listing, message.period, to_ms(venue.now), liquid=message.use_rth)
        if isinstance(found, Refusal):
            self._line.refuse(message.req_id, found)
            return
        rows = tuple(PriceCount(price=price, size=Decimal(size)) for price, size in found)
        self._line.send(HistogramData(req_id=message.req_id, prices=rows))


def _wanted(message: ReqHistoricalTicks, listing: Listing, first_ms: int) -> Wanted | Refusal:
    """What is asked for, never before there is history."""
    try:
        start, end = read_moment(message.start), read_moment(message.end)
    except ValueError:
        return BAD_MOMENT
    moment: datetime | None = start or end
    if moment is None or (start and end):
        return Refusal(10187, _FAILED.format("Exactly one of start time and end time has to be defined"))
    if not 0 < message.count <= MOST_TICKS:
        return Refusal(10187, _FAILED.format(f"Number of ticks has to be between 1 and {MOST_TICKS}"))
    return Wanted(
        listing.con_id, max(to_ms(moment), first_ms), message.count, start is None, bool(message.use_rth)
    )


def whole_seconds(ask: Ask, wanted: Wanted) -> tuple[Any, ...]:
    """At least the ticks that are wanted, oldest first, with all of those in the last (or first) second."""
    ask = partial(ask, wanted.con_id, liquid=wanted.liquid)
    from_ms, until_ms = (0, wanted.moment_ms) if wanted.is_newest else (wanted.moment_ms, 1 << 53)
    ticks = tuple(ask(from_ms, until_ms, wanted.count, newest=wanted.is_newest))
    if len(ticks) < wanted.count:
        return ticks
    edge = (ticks[0] if wanted.is_newest else ticks[-1]).at_ms // 1000
    from_ms, until_ms = max(from_ms, edge * 1000), min(until_ms, edge * 1000 + 1000)
    second = tuple(ask(from_ms, until_ms, _WHOLE_SECOND))
    others = tuple(one for one in ticks if one.at_ms // 1000 != edge)
    return (*second, *others) if wanted.is_newest else (*others, *second)


def in_force(ask: Ask, wanted: Wanted) -> tuple[Any, ...]:
    """The quote that a start finds; nothing before an end."""
    if wanted.is_newest:
        return ()
    before = wanted.moment_ms - _DAY_MS
    return tuple(ask(wanted.con_id, before, wanted.moment_ms, 1, newest=True, liquid=wanted.liquid))


def trade_row(trade: Trade) -> TradeTick:
    """A trade as the answer tells it."""
    return TradeTick(
        epoch_s=trade.at_ms // 1000,
        mask=0 if trade.is_reported else UNREPORTED,
        price=float(trade.price),
        size=Decimal(trade.size),
        exchange=trade.exchange,
        conditions=trade.conditions,
    )


def midpoint_row(middle: Midpoint) -> MidpointTick:
    """A middle as the answer tells it."""
    return MidpointTick(epoch_s=middle.at_ms // 1000, price=float(middle.price), size=Decimal(0))


def bid_ask_row(quote: BidAsk) -> BidAskTick:
    """A quote as the answer tells it."""
    return BidAskTick(
        epoch_s=quote.at_ms // 1000,
        bid=float(quote.bid or 0),
        ask=float(quote.ask or 0),
        bid_size=Decimal(quote.bid_size),
        ask_size=Decimal(quote.ask_size),
    )
