"""Bars of five seconds as they are completed, made of the same ticks as every other bar.

TWS knows no other size, whatever is asked for. Five seconds without a trade still make a bar, flat at the
last price; before the first trade there is none. Our decision.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.desks.line import Desk, Line, Services
from sumppump.exchange.entitlements import COMPETING
from sumppump.exchange.events import BarsBusted, Event
from sumppump.exchange.listing.instruments import Bag, Instrument, Listing, SecType
from sumppump.exchange.market.tick_record import CLOSING, TickRecord, Trade
from sumppump.exchange.market.tops import Moment
from sumppump.exchange.reports import Refusal
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.wire.market_requests import CancelRealTimeBars, ReqRealTimeBars
from sumppump.exchange.wire.stream_answers import RealTimeBar

BAR_MS = 5000
KINDS = ("TRADES", "MIDPOINT", "BID", "ASK")
DUPLICATE = Refusal(322, "Error processing request.-'bQ' : cause - Duplicate ticker id")
NO_KIND = Refusal(321, "Error validating request.-'bQ' : cause - What to show field is missing or incorrect.")
BUSTED = (
    "Bust event occurred, current subscription is deactivated. Please resubscribe real-time bars immediately."
)
_INVALID = "Invalid Real-time Query:{}"
TOO_FAST = Refusal(420, _INVALID.format("Historical data request pacing violation"))
_REQUESTS, _WITHIN = 60, timedelta(minutes=10)
_MOST_BARS_LATE = 24  # after a jump of the clock only the newest two minutes are told
_MOST_TICKS = 10_000
_LOOK_BACK_MS = 86_400_000


@dataclass(slots=True)
class BarStream:
    """One subscription.

    Attributes:
        begins_ms: when the bar begins that is forming.
        price: the last value before it, None if there was none.
    """

    req_id: int
    listing: Listing
    kind: str
    use_rth: bool
    begins_ms: int
    price: float | None = None


@dataclass(frozen=True, slots=True)
class FiveSeconds:
    """What happened in a bar; volume and count are -1 where the kind of bar has none."""

    values: tuple[float, ...]
    volume: int = -1
    average: float = -1.0
    count: int = -1


class RealTimeBarDesk(Desk):
    """Real-time bars, for one client."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self._streams: dict[int, BarStream] = {}
        self._asked: deque[datetime] = deque()

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {ReqRealTimeBars: self.subscribe, CancelRealTimeBars: self.cancel}

    def subscribe(self, message: ReqRealTimeBars) -> None:
        """The first bar comes when the five seconds that are on have passed."""
        found = self._found(message)
        if isinstance(found, Refusal):
            self._line.refuse(message.req_id, found)
            return
        venue = self._line.venue
        begins = to_ms(venue.now) // BAR_MS * BAR_MS
        kind = message.what_to_show.upper()
        price = _value_before(venue.ticks, found, kind, begins)
        stream = BarStream(message.req_id, found, kind, message.use_rth, begins, price)
        self._streams[message.req_id] = stream

    def _found(self, message: ReqRealTimeBars) -> Listing | Refusal:
        hall = self._line.hall
        if message.req_id in self._streams:
            return DUPLICATE
        if message.what_to_show.upper() not in KINDS:
            return NO_KIND
        found = hall.venue.resolve(query_of(message.contract))
        if isinstance(found, Refusal):
            return found
        fault = self._fault(found, message.what_to_show.upper())
        if fault is not None or isinstance(found, Bag):
            return fault or Refusal(420, _INVALID.format("No real-time bars for combos"))
        return found

    def _fault(self, found: Instrument, kind: str) -> Refusal | None:
        hall = self._line.hall
        if isinstance(found, Bag) or found.sec_type in _MISSING[kind]:
            return Refusal(420, _INVALID.format(f"No {kind} for {found.symbol} {found.sec_type}"))
        if hall.entitlements.is_competing:
            return COMPETING
        if not hall.has_live(found):
            place = found.primary_exchange or found.exchange
            return Refusal(420, _INVALID.format(f"No market data permissions for {place} {found.sec_type}"))
        return self._pace()

    def _pace(self) -> Refusal | None:
        rules, now = self._line.hall.rules, self._line.venue.now
        while self._asked and now - self._asked[0] >= _WITHIN:
            self._asked.popleft()
        if len(self._streams) >= rules.real_time_bars or len(self._asked) >= _REQUESTS:
            return TOO_FAST
        self._asked.append(now)
        return None

    def cancel(self, message: CancelRealTimeBars) -> None:
        """End a stream; TWS is silent about one that is not there."""
        self._streams.pop(message.req_id, None)

    def close(self) -> None:
        """Forget everything."""
        self._streams.clear()

    def hear(self, event: Event) -> None:
        """A bust ends every subscription."""
        if isinstance(event, BarsBusted):
            for req_id in self._streams:
                self._line.error(req_id, 10225, BUSTED)
            self._streams.clear()

    # -- bars ---------------------------------------------------------------------------------
    def tick(self, now: datetime) -> None:
        """Send the bars that are complete."""
        complete = to_ms(now) // BAR_MS * BAR_MS
        for stream in self._streams.values():
            stream.begins_ms = max(stream.begins_ms, complete - _MOST_BARS_LATE * BAR_MS)
            while stream.begins_ms < complete:
                self._send(stream)
                stream.begins_ms += BAR_MS

    def _send(self, stream: BarStream) -> None:
        hall, begins = self._line.hall, stream.begins_ms
        if not Moment.of(begins).trades(stream.listing, outside_rth=not stream.use_rth):
            return
        if not hall.has_live(stream.listing) or hall.entitlements.is_competing:
            return
        bar = five_seconds(hall.venue.ticks, stream.listing, stream.kind, begins, stream.price)
        if bar is None:
            return
        stream.price = bar.values[-1]
        self._line.send(
            RealTimeBar(
                req_id=stream.req_id,
                epoch_s=begins // 1000,
                open=bar.values[0],
                high=max(bar.values),
                low=min(bar.values),
                close=bar.values[-1],
                volume=Decimal(bar.volume),
                average=bar.average,
                count=bar.count,
            )
        )


_MISSING: dict[str, tuple[SecType, ...]] = {
    "TRADES": (SecType.CASH,),
    "MIDPOINT": (SecType.INDEX,),
    "BID": (SecType.INDEX,),
    "ASK": (SecType.INDEX,),
}
"""Kinds of instruments that have no such values."""


def five_seconds(
    ticks: TickRecord, listing: Listing, kind: str, begins_ms: int, before: float | None
) -> FiveSeconds | None:
    """The bar of five seconds that began then; None if there has never been a value."""
    if kind == "TRADES":
        return _of_trades(ticks, listing, begins_ms, before)
    found = _values(ticks, listing, kind, begins_ms, begins_ms + BAR_MS)
    # A quote stays until the next one, so the bar opens with the one that it found.
    opens_new = bool(found) and found[0][0] == begins_ms
    values = tuple(value for _, value in found)
    if before is not None and not opens_new:
        values = (before, *values)
    return FiveSeconds(values) if values else None


def _of_trades(
    ticks: TickRecord, listing: Listing, begins_ms: int, before: float | None
) -> FiveSeconds | None:
    found = ticks.trades(listing.con_id, begins_ms, begins_ms + BAR_MS + 1, _MOST_TICKS)
    trades = [one for one in found if _belongs(one, begins_ms)]
    if not trades:
        return None if before is None else FiveSeconds((before,), 0, before, 0)
    prices, volume = tuple(float(one.price) for one in trades), sum(one.size for one in trades)
    weights = [one.size if volume else 1 for one in trades]  # levels of an index have no size
    average = sum(price * weight for price, weight in zip(prices, weights, strict=True)) / sum(weights)
    return FiveSeconds(prices, volume, round(average, 4), len(trades))


def _belongs(trade: Trade, begins_ms: int) -> bool:
    """Whether a trade counts for the bar; a closing auction ends the bar before it."""
    at_ms = trade.at_ms - (trade.conditions == CLOSING)
    return trade.is_reported and begins_ms <= at_ms < begins_ms + BAR_MS


def _values(
    ticks: TickRecord, listing: Listing, kind: str, from_ms: int, until_ms: int, *, newest: bool = False
) -> Sequence[tuple[int, float]]:
    """Moments and values of quotes; a side that is missing has none."""
    limit = 1 if newest else _MOST_TICKS
    if kind == "MIDPOINT":
        middles = ticks.midpoints(listing.con_id, from_ms, until_ms, limit, newest=newest)
        return [(one.at_ms, float(one.price)) for one in middles]
    quotes = ticks.bid_asks(listing.con_id, from_ms, until_ms, limit, newest=newest)
    sides = [(one.at_ms, one.bid if kind == "BID" else one.ask) for one in quotes]
    return [(at_ms, float(price)) for at_ms, price in sides if price is not None]


def _value_before(ticks: TickRecord, listing: Listing, kind: str, moment_ms: int) -> float | None:
    """The last value before a moment, None if there was none within a day."""
    since = moment_ms - _LOOK_BACK_MS
    if kind != "TRADES":
        found = _values(ticks, listing, kind, since, moment_ms, newest=True)
        return found[0][1] if found else None
    trades = ticks.trades(listing.con_id, since, moment_ms, 1, newest=True)
    return float(trades[0].price) if trades else None
