"""What the exchange says about orders, in TWS's words: codes and texts that do not depend on the market."""

from __future__ import annotations

from sumppump.exchange.calendar.trading_days import to_datetime
from sumppump.exchange.listing.instruments import Bag, Instrument
from sumppump.exchange.market.tops import next_trading
from sumppump.exchange.orders.orders import Order
from sumppump.exchange.reports import Refusal
from sumppump.kernel.clock import NEW_YORK

DUPLICATE_ID = Refusal(103, "Duplicate order ID")
ALREADY_FILLED = Refusal(104, "Can't modify a filled order")
NOT_THE_SAME_ORDER = Refusal(105, "Order being modified does not match original order")
CANCELLED = Refusal(202, "Order Canceled - reason:")
OTHER_TYPE = Refusal(329, "Order modify failed. Cannot change to the new order type.")
TOO_SMALL = Refusal(
    321, "Error validating request.-'bN' : cause - Order size must exceed what has been filled"
)
TOO_LATE_FOR_CLOSE = Refusal(  # the code is documented, the words are ours: unverified
    201, "Order rejected - reason:The cut-off time for closing auction orders has passed."
)
OUTSIDE_RTH_IGNORED = Refusal(
    2109,
    "Order Event Warning:Attribute 'Outside Regular Trading Hours' is ignored based on the order type and"
    " destination. PlaceOrder is now being processed.",
)


def parent_not_found(order_id: int) -> Refusal:
    """The parent that a child names does not exist."""
    return Refusal(135, f"Can't find order with id ={order_id}")


def not_found(order_id: int) -> Refusal:
    """A cancel of an order that never was."""
    return Refusal(10147, f"OrderId {order_id} that needs to be cancelled is not found.")


def not_cancellable(order: Order) -> Refusal:
    """A cancel of an order that has ended."""
    return Refusal(
        10148,
        f"OrderId {order.order_id} that needs to be cancelled can not be cancelled, state: {order.state}.",
    )


def cannot_cancel_now(order: Order) -> Refusal:
    """A cancel of an order that the closing auction holds already."""
    return Refusal(
        161, f"Cancel attempted when order is not in a cancellable state. Order permId = {order.perm_id}"
    )


def waits_for_open(order: Order, moment_ms: int) -> Refusal:
    """An order that arrives while the exchange is closed."""
    opens_ms = next_trading(order.instrument, moment_ms, outside_rth=order.outside_rth)
    opens = to_datetime(opens_ms).astimezone(NEW_YORK)
    return Refusal(
        399,
        f"Order Message:\n{order.spec.action} {order.quantity:f} {_described(order.instrument)}\n"
        f"Warning: your order will not be placed at the exchange until {opens:%Y-%m-%d %H:%M:%S} US/Eastern",
    )


def _described(instrument: Instrument) -> str:
    if isinstance(instrument, Bag):
        return f"{instrument.symbol} COMBO"
    if instrument.expiry is None:
        return f"{instrument.symbol} {instrument.primary_exchange}.{instrument.trading_class}"
    return f"{instrument.symbol} {instrument.expiry:%b%d'%y} {instrument.strike} {instrument.right}"
