"""What the venue says happened, in order.

Events are about the market's side of things. How often a client hears them (TWS repeats order
statuses) and to whom they go is the session's business. `OrderNotice` and its kinds become message 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.orders.quirks import Quirks
from sumppump.exchange.reports import CommissionReport, Execution, OrderView, PositionView


@dataclass(frozen=True, slots=True)
class OrderOpened:
    """The order as it stands: message 5 (on acceptance, on modification, and with each change of state)."""

    at: datetime
    order: OrderView


@dataclass(frozen=True, slots=True)
class OrderStatusChanged:
    """Message 3."""

    at: datetime
    order: OrderView


@dataclass(frozen=True, slots=True)
class WhatIfReported:
    """The answer to a what-if; `order.margin` is set. No order exists, so it brings its quirks along."""

    at: datetime
    order: OrderView
    quirks: Quirks


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """An error that ends the order, or refuses the request about it."""

    at: datetime
    client_id: int
    order_id: int
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class OrderWarned:
    """A message about an order that stays alive."""

    at: datetime
    client_id: int
    order_id: int
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """Code 202, after the status Cancelled."""

    at: datetime
    client_id: int
    order_id: int
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class OrderBound:
    """Message 100: an order that was entered in TWS has got an id of client 0."""

    at: datetime
    perm_id: int
    order_id: int


@dataclass(frozen=True, slots=True)
class Executed:
    """Message 11, live."""

    at: datetime
    execution: Execution


@dataclass(frozen=True, slots=True)
class CommissionCharged:
    """Message 59; follows its execution."""

    at: datetime
    client_id: int
    order_id: int
    report: CommissionReport


@dataclass(frozen=True, slots=True)
class PositionChanged:
    """A position's new state; quantity 0 is said once after closing."""

    at: datetime
    position: PositionView


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """Cash, margin or values changed by something other than the market's move."""

    at: datetime


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """Regular trading began."""

    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """Regular trading ended."""

    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class OptionSettled:
    """An expired option left the account; `shares` (signed) came in its place at `price` per share."""

    at: datetime
    listing: Listing
    quantity: Decimal
    shares: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class DepthReset:
    """Books of market depth have to be built anew: code 317 and every row again."""

    at: datetime


@dataclass(frozen=True, slots=True)
class BarsBusted:
    """A trade was taken back: subscriptions to real-time bars end with code 10225."""

    at: datetime


@dataclass(frozen=True, slots=True)
class MarginWarned:
    """The maintenance margin is nearly, or no longer, covered; `excess` liquidity is negative then."""

    at: datetime
    excess: Decimal


@dataclass(frozen=True, slots=True)
class MemorandumWarned:
    """Before the close: Regulation T asks for more equity than there is; `memorandum` (SMA) is negative."""

    at: datetime
    memorandum: Decimal


OrderNotice = OrderRejected | OrderWarned | OrderCancelled
Event = (
    OrderOpened
    | OrderStatusChanged
    | WhatIfReported
    | OrderNotice
    | OrderBound
    | Executed
    | CommissionCharged
    | PositionChanged
    | AccountChanged
    | SessionOpened
    | SessionClosed
    | OptionSettled
    | DepthReset
    | BarsBusted
    | MarginWarned
    | MemorandumWarned
)
