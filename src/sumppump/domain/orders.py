"""Orders as we mean them, and what a broker says became of them.

An order always buys its combo at a signed premium. How that reads on the wire (a SELL of an
option at a positive price, a BUY of a BAG at a negative one) is the adapter's business alone.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sumppump.domain.combo import Combo
from sumppump.kernel.money import Money, Premium


class Environment(StrEnum):
    """Where orders go."""

    SIM = "SIM"
    PAPER = "PAPER"
    LIVE = "LIVE"


class OrderType(StrEnum):
    """Order types by the word on the wire."""

    LMT = "LMT"
    MKT = "MKT"
    STP = "STP"
    STP_LMT = "STP LMT"
    TRAIL = "TRAIL"


class TimeInForce(StrEnum):
    """How long an order works."""

    DAY = "DAY"
    GTC = "GTC"


class Purpose(StrEnum):
    """What an order does to the account's risk."""

    OPEN = "open"
    CLOSE = "close"
    STOP = "stop"
    TARGET = "target"

    @property
    def adds_risk(self) -> bool:
        """Whether the gates that stop new risk apply."""
        return self is Purpose.OPEN


class OrderState(StrEnum):
    """Where an order stands: the words of the journal, of every tool and of the page."""

    PREVIEWED = "PREVIEWED"
    AWAIT_HUMAN = "AWAIT_HUMAN"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"
    SENDING = "SENDING"
    LIVE = "LIVE"
    PARTIAL = "PARTIAL"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    NOT_FOUND = "NOT_FOUND"
    HUMAN_CLOSED = "HUMAN_CLOSED"
    CANCEL_SENDING = "CANCEL_SENDING"
    CANCEL_UNKNOWN = "CANCEL_UNKNOWN"
    MODIFY_SENDING = "MODIFY_SENDING"
    MODIFY_UNKNOWN = "MODIFY_UNKNOWN"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more can happen to the order by itself."""
        return self in _TERMINAL


_TERMINAL = frozenset(
    {
        OrderState.DECLINED,
        OrderState.EXPIRED,
        OrderState.SUPERSEDED,
        OrderState.FILLED,
        OrderState.CANCELLED,
        OrderState.REJECTED,
        OrderState.HUMAN_CLOSED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order, complete: what an approval binds and the adapter sends.

    Attributes:
        combo: what is bought; selling is buying the reversed combo.
        quantity: combos or contracts, > 0.
        order_type: never MKT, plain STP or TRAIL on options.
        limit: signed premium of one combo per share, None for STP and TRAIL on stock.
        stop: signed trigger for stops, else None. Triggers when buying would cost this or more.
        trail: distance per share for TRAIL, else None.
        tif: DAY unless a protective stop.
        account: the full account id; masked wherever it is shown.
        order_ref: our key; sent at most once.
        purpose: what it does to risk.
        protects: order_ref of the order whose position this one protects or closes, or "".
        parent_ref: order_ref of the parent in one family, or "".
        oca_group: orders of one group cancel each other, or "".
    """

    combo: Combo
    quantity: int
    order_type: OrderType
    limit: Premium | None
    account: str
    environment: Environment
    order_ref: str
    stop: Premium | None = None
    trail: Premium | None = None
    tif: TimeInForce = TimeInForce.DAY
    purpose: Purpose = Purpose.OPEN
    protects: str = ""
    parent_ref: str = ""
    oca_group: str = ""

    def cash(self) -> Money | None:
        """Cash at the limit; positive is paid. None without a limit."""
        return None if self.limit is None else self.combo.cash(self.limit, quantity=self.quantity)

    def facts(self) -> str:
        """Everything that an approval binds, as canonical JSON."""
        return json.dumps(
            {
                "account": self.account,
                "environment": self.environment,
                "legs": [
                    [leg.contract.con_id, leg.ratio, leg.contract.multiplier] for leg in self.combo.legs
                ],
                "quantity": self.quantity,
                "type": self.order_type,
                "limit": _text(self.limit),
                "stop": _text(self.stop),
                "trail": _text(self.trail),
                "tif": self.tif,
                "ref": self.order_ref,
                "purpose": self.purpose,
                "protects": self.protects,
                "parent": self.parent_ref,
                "oca": self.oca_group,
            },
            sort_keys=True,
            separators=(",", ":"),
        )

    def digest(self) -> str:
        """SHA-256 of the facts; changes with any one of them."""
        return hashlib.sha256(self.facts().encode()).hexdigest()


def _text(premium: Premium | None) -> str | None:
    return None if premium is None else format(premium.amount.normalize(), "f")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginPreview:
    """The broker's own what-if for one order, in the account's base currency.

    Attributes:
        initial_before, initial_after, maintenance_before, maintenance_after: requirements.
        equity_with_loan_after: equity once filled.
        commission: the broker's estimate; None where it gave a range, see min and max.
        warning: the broker's words, cleaned; data from outside.
    """

    initial_before: Money
    initial_after: Money
    maintenance_before: Money
    maintenance_after: Money
    equity_with_loan_after: Money
    commission: Money | None = None
    commission_min: Money | None = None
    commission_max: Money | None = None
    warning: str = ""

    @property
    def initial_change(self) -> Money:
        """Initial margin that the order takes (+) or frees (-)."""
        return self.initial_after - self.initial_before

    @property
    def maintenance_change(self) -> Money:
        """Maintenance margin that the order takes (+) or frees (-)."""
        return self.maintenance_after - self.maintenance_before


class BrokerStatus(StrEnum):
    """TWS's order statuses, by the word on the wire."""

    PENDING_SUBMIT = "PendingSubmit"
    PENDING_CANCEL = "PendingCancel"
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    API_PENDING = "ApiPending"
    API_CANCELLED = "ApiCancelled"
    CANCELLED = "Cancelled"
    FILLED = "Filled"
    INACTIVE = "Inactive"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerOrder:
    """One order as the broker reports it: evidence, never our own guess.

    Attributes:
        order_ref: "" for orders that are not ours.
        perm_id: the broker's permanent id, 0 while unknown.
        order_id, client_id: session ids of the submitting client; 0 for completed orders.
        status: TWS's word.
        filled, remaining: combos or contracts; None where the message does not say.
        avg_fill_price: as on the wire (unsigned for a sold option), None while nothing filled.
        action: BUY or SELL as on the wire.
        limit, aux: as on the wire, None where unset.
        con_ids: of the contract or of the legs.
        is_completed: from the list of completed orders.
    """

    order_ref: str
    perm_id: int
    order_id: int
    client_id: int
    status: BrokerStatus
    account: str = ""
    symbol: str = ""
    sec_type: str = ""
    action: str = "BUY"
    quantity: Decimal | None = None
    order_type: str = ""
    limit: Decimal | None = None
    aux: Decimal | None = None
    tif: str = ""
    parent_id: int = 0
    oca_group: str = ""
    filled: Decimal | None = None
    remaining: Decimal | None = None
    avg_fill_price: Decimal | None = None
    why_held: str = ""
    con_ids: tuple[int, ...] = ()
    is_completed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution. Corrections carry the same `exec_base` and a higher `revision`.

    Attributes:
        exec_base: execution id without its last dotted part.
        revision: the last dotted part.
        is_leg: a leg of a combo; the BAG's own row has the combo's quantity and net price.
        quantity: > 0. side: BUY or SELL as executed.
        price: as executed, per share.
        commission, realized_pnl: None until the broker has reported them.
    """

    exec_base: str
    revision: int
    order_ref: str
    perm_id: int
    order_id: int
    client_id: int
    account: str
    con_id: int
    sec_type: str
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    at: datetime
    is_leg: bool = False
    commission: Money | None = None
    realized_pnl: Money | None = None

    @property
    def is_clearing(self) -> bool:
        """Whether it belongs to no order: what the clearing house did at expiry, exercise or assignment."""
        return not (self.order_ref or self.perm_id or self.order_id)
