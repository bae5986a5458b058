"""Orders of one share in one line each, and what a client heard of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.protocol.exchange.lab import SPY, Lab, Speaker

from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.order_answers import OpenOrder, OrderStatus
from sumppump.exchange.wire.place_order import PlaceOrder

FAR_BELOW = 300.0
FAR_ABOVE = 900.0


def ticket(order_id: int = 1, **terms: Any) -> PlaceOrder:
    """One share of SPY far below the market, unless the terms say otherwise."""
    given: dict[str, Any] = {"contract": SPY, "total_quantity": Decimal(1), "lmt_price": FAR_BELOW}
    return PlaceOrder(order_id=order_id, **{**given, **terms})


def at_market(order_id: int = 1, **terms: Any) -> PlaceOrder:
    return ticket(order_id, **{"order_type": "MKT", "lmt_price": None, **terms})


def statuses(client: Speaker, order_id: int = 1) -> list[str]:
    return [m.status for m in client.all(OrderStatus) if m.order_id == order_id]


def once(words: list[str]) -> list[str]:
    """Without repeats side by side."""
    return [word for place, word in enumerate(words) if place == 0 or words[place - 1] != word]


def codes(client: Speaker, order_id: int = 1) -> list[int]:
    return [m.code for m in client.all(ErrorMessage) if m.id == order_id]


def text_of(client: Speaker, code: int) -> str:
    return next(m.text for m in client.all(ErrorMessage) if m.code == code)


def opened(client: Speaker, order_id: int = 1) -> OpenOrder:
    """The order as it was told the last time."""
    return [m for m in client.all(OpenOrder) if m.order_id == order_id][-1]


def price(lab: Lab, symbol: str = "SPY") -> Decimal:
    """The last price."""
    book = lab.venue.quote(lab.con_id(symbol))
    assert book is not None
    assert book.last is not None
    return book.last


def wait(lab: Lab, client: Speaker, seconds: float) -> list[Any]:
    """What the client hears while time passes."""
    lab.wait(seconds)
    return client.listen()
