"""What streams beside the plain ticks: books, single ticks, five-second bars."""

from __future__ import annotations

from typing import ClassVar

from sumppump.exchange.wire.layout import answer, part
from sumppump.exchange.wire.scalars import Flag, Int, Real, Size, Text


@answer(12, version=1)
class MarketDepth:
    """One row of one exchange's book: operation 0 inserts, 1 updates, 2 deletes; side 1 is the bid."""

    req_id: Int
    position: Int
    operation: Int
    side: Int
    price: Real
    size: Size


@answer(13, version=1)
class MarketDepthL2:
    """The same with the market maker, or in SMART depth the exchange, that stands behind the row."""

    req_id: Int
    position: Int
    market_maker: Text
    operation: Int
    side: Int
    price: Real
    size: Size
    is_smart_depth: Flag = False


@answer(50, version=3)
class RealTimeBar:
    """Five seconds; prices per share, volume and count -1 where the kind of bar has none."""

    req_id: Int
    epoch_s: Int
    open: Real
    high: Real
    low: Real
    close: Real
    volume: Size
    average: Real
    count: Int


@part
class LastTick:
    """A trade; bit 0 of the mask says that it was past the limit, bit 1 that it was not reported."""

    TYPE: ClassVar[int] = 1
    epoch_s: Int
    price: Real
    size: Size
    mask: Int = 0
    exchange: Text
    conditions: Text = ""


@part
class AllLastTick(LastTick):
    """The same in the stream that also has trades which count for nothing."""

    TYPE: ClassVar[int] = 2


@part
class BidAskTick:
    """A best quote; bit 0 of the mask: the bid is below the day's low, bit 1: the ask above its high."""

    TYPE: ClassVar[int] = 3
    epoch_s: Int
    bid: Real
    ask: Real
    bid_size: Size
    ask_size: Size
    mask: Int = 0


@part
class MidpointTick:
    """The middle of the best quote."""

    TYPE: ClassVar[int] = 4
    epoch_s: Int
    price: Real


SingleTick = LastTick | AllLastTick | BidAskTick | MidpointTick


@answer(99)
class TickByTick:
    req_id: Int
    tick: SingleTick


@answer(91)
class RerouteMktData:
    """The market data of a contract for difference are those of another contract."""

    req_id: Int
    con_id: Int
    exchange: Text


@answer(92)
class RerouteMktDepth:
    req_id: Int
    con_id: Int
    exchange: Text
