"""Ticks of the past, and how much was traded at which price; bars are in `market_answers`."""

from __future__ import annotations

from sumppump.exchange.wire.layout import answer, part
from sumppump.exchange.wire.scalars import Flag, Int, Real, Size, Text


@part
class PriceCount:
    """What was traded at one price, shares or contracts."""

    price: Real
    size: Size


@answer(89)
class HistogramData:
    req_id: Int
    prices: tuple[PriceCount, ...]


@part
class MidpointTick:
    """A middle of bid and ask; clients read the second field and throw it away."""

    epoch_s: Int
    unused: Int = 0
    price: Real
    size: Size


@answer(96)
class HistoricalMidpoints:
    req_id: Int
    ticks: tuple[MidpointTick, ...]
    is_done: Flag


@part
class BidAskTick:
    """A quote; bit 1 of the mask says that the bid went through the day's low, bit 0 the ask the high."""

    epoch_s: Int
    mask: Int = 0
    bid: Real
    ask: Real
    bid_size: Size
    ask_size: Size


@answer(97)
class HistoricalBidAsks:
    req_id: Int
    ticks: tuple[BidAskTick, ...]
    is_done: Flag


@part
class TradeTick:
    """A trade; bit 0 of the mask says past the limit, bit 1 unreported."""

    epoch_s: Int
    mask: Int = 0
    price: Real
    size: Size
    exchange: Text
    conditions: Text = ""


@answer(98)
class HistoricalTrades:
    req_id: Int
    ticks: tuple[TradeTick, ...]
    is_done: Flag
