"""What happened tick by tick: trades, and quotes where there are no trades to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One trade.

    Attributes:
        at: to the second, aware UTC.
        price: currency per share or contract; size: shares or contracts, None of an index's level.
        exchange: where, "" where it is not said.
        conditions: the tape's own codes, cleaned text.
        is_unreported: whether it does not count for last price and volume (odd lots, averages).
    """

    at: datetime
    price: Decimal
    size: int | None
    exchange: str = ""
    conditions: str = ""
    is_unreported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BidAsk:
    """One change of the best quote; a side without a price is None."""

    at: datetime
    bid: Decimal | None
    ask: Decimal | None
    bid_size: int | None = None
    ask_size: int | None = None
