"""What can be asked of the venue that changes it. Questions that change nothing are methods of `Venue`.

A command is applied at the venue's current time; its effects come back as events (`events.py`), in
the order in which a client would see them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.instruments import ContractQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSpec:
    """The terms of an order as a client wrote them; None means "not given" (the wire's UNSET).

    Attributes:
        action: BUY or SELL.
        quantity: contracts, shares or combos; judged by the venue, not here.
        order_type: LMT, MKT, STP, STP LMT, TRAIL.
        limit: limit price per share; a combo's may be negative (credit for the buyer).
        aux: stop price of STP and STP LMT, trailing amount of TRAIL.
        tif: DAY, GTC, IOC, FOK; "" means DAY.
        parent_id: the client's order id of the parent, 0 for none.
        oca_type: 1 cancel the others, 2 and 3 reduce them by what was filled; 0 counts as 3.
        trail_stop_price: where a TRAIL's stop starts; None: from the market.
        trailing_percent: in percent, 5 = 5 %.
        echo: pairs that the venue keeps and returns untouched, for wire fields without effect here.
    """

    action: str
    quantity: Decimal | None
    order_type: str
    limit: Decimal | None = None
    aux: Decimal | None = None
    tif: str = "DAY"
    oca_group: str = ""
    oca_type: int = 0
    account: str = ""
    order_ref: str = ""
    parent_id: int = 0
    transmit: bool = True
    outside_rth: bool = False
    what_if: bool = False
    all_or_none: bool = False
    trigger_method: int = 0
    trail_stop_price: Decimal | None = None
    trailing_percent: Decimal | None = None
    good_after_time: str = ""
    good_till_date: str = ""
    echo: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """A new order, or, with the id of a live order of the same client, a modification of it."""

    client_id: int
    order_id: int
    contract: ContractQuery
    spec: OrderSpec


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Cancels one order of this client."""

    client_id: int
    order_id: int


@dataclass(frozen=True, slots=True)
class GlobalCancel:
    """Cancels every open order of every client."""

    client_id: int


Command = PlaceOrder | CancelOrder | GlobalCancel
