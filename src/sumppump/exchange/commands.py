"""What can be asked of the venue that changes it. Questions that change nothing are methods of `Venue`.

A command is applied at the venue's current time; its effects come back as events (`events.py`), in
the order in which a client would see them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sumppump.exchange.listing.instruments import ContractQuery


class Watch(StrEnum):
    """What a condition looks at."""

    PRICE = "price"
    TIME = "time"
    MARGIN = "margin"
    EXECUTION = "execution"
    VOLUME = "volume"
    CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of an order.

    Attributes:
        is_or: whether it is joined to the next one by "or"; else by "and".
        is_more: whether the figure must be at least `level` (the moment reached); else at most (not reached).
        level: price per share, shares or contracts, percent.
        at: the moment of a TIME condition, aware; `text` as the client wrote it.
        con_id, exchange: the contract whose price, volume or change is looked at.
        symbol, sec_type: of the EXECUTION that is waited for, with `exchange`.
        method: trigger method of a PRICE condition.
    """

    watches: Watch
    is_or: bool = False
    is_more: bool = True
    level: Decimal = Decimal(0)
    at: datetime | None = None
    text: str = ""
    con_id: int = 0
    exchange: str = ""
    symbol: str = ""
    sec_type: str = ""
    method: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSpec:
    """The terms of an order as a client wrote them; None means "not given" (the wire's UNSET).

    Attributes:
        action: BUY or SELL.
        quantity: contracts, shares or combos; judged by the venue, not here.
        order_type: a key of `orders.KINDS`.
        limit: limit price per share, cap of pegged orders; a combo's may be negative (credit for the buyer).
        aux: stop price of stops, trailing amount of trailing stops, offset of pegged orders.
        tif: DAY, GTC, IOC, FOK, GTD, OPG, DTC; "" means DAY.
        parent_id: the client's order id of the parent, 0 for none.
        oca_type: 1 cancel the others, 2 and 3 reduce them by what was filled; 0 counts as 3.
        trail_stop_price: where a TRAIL's stop starts; None: from the market.
        trailing_percent: in percent, 5 = 5 %.
        limit_offset: distance of a TRAIL LIMIT's limit from its stop, on the worse side, per share.
        percent_offset: of a REL order instead of `aux`, as a fraction (0.01 = 1 %).
        starts_at, ends_at: good after, good till; aware.
        conditions: what must be true before it works; with `conditions_cancel`, what cancels it.
        conditions_ignore_rth: whether they are looked at outside regular hours too.
        min_quantity, display_size: least quantity of a fill; what an iceberg shows. 0 for none.
        discretionary: how much worse than its limit it trades if that is displayed, per share.
        cash_quantity: what to spend instead of a quantity, in the instrument's currency.
        leg_prices: of a combo's legs; () where only the net price is given.
        is_guaranteed: whether a combo trades only whole.
        algo_params, routing: pairs that come with an algorithm and with a combo.
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
    limit_offset: Decimal | None = None
    percent_offset: Decimal | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    conditions: tuple[Condition, ...] = ()
    conditions_ignore_rth: bool = False
    conditions_cancel: bool = False
    min_quantity: int = 0
    display_size: int = 0
    discretionary: Decimal = Decimal(0)
    cash_quantity: Decimal | None = None
    leg_prices: tuple[Decimal | None, ...] = ()
    is_guaranteed: bool = True
    algo: str = ""
    algo_params: tuple[tuple[str, str], ...] = ()
    routing: tuple[tuple[str, str], ...] = ()
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


@dataclass(frozen=True, slots=True)
class ManualOrder:
    """An order that a person enters in TWS: client 0, order id 0 until it is bound."""

    contract: ContractQuery
    spec: OrderSpec


@dataclass(frozen=True, slots=True)
class ManualCancel:
    """A person cancels any order in TWS."""

    perm_id: int


@dataclass(frozen=True, slots=True)
class BindOrders:
    """Gives orders that were entered in TWS negative ids, by which client 0 can change and cancel them."""


@dataclass(frozen=True, slots=True)
class ReviseExecution:
    """An execution is corrected, or, without a price, busted: it comes again with a higher last number."""

    exec_id: str
    price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseOption:
    """Exercises (`action` 1) or gives up (2) options; `override` does it against what the price suggests."""

    client_id: int
    request_id: int
    contract: ContractQuery
    action: int
    quantity: int
    override: bool = False


ByHand = ManualOrder | ManualCancel | BindOrders
"""What happens at TWS's own window."""


@dataclass(frozen=True, slots=True)
class MoveCash:
    """Pays cash into the account, or, negative, takes it out: no profit and no loss."""

    amount: Decimal
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class OrderAssignment:
    """Has short options assigned at the next close, whether that pays their holders or not."""

    con_ids: tuple[int, ...]


AccountCommand = ExerciseOption | MoveCash | OrderAssignment
Command = PlaceOrder | CancelOrder | GlobalCancel | ByHand | ReviseExecution | AccountCommand
