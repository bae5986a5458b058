"""What the journal writes down: facts in the order they became known. State is a fold over them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sumppump.domain.leg_ends import LegEnd
from sumppump.domain.orders import BrokerOrder, Fill, Order, OrderState
from sumppump.domain.tickets import Channel, Role, Ticket
from sumppump.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Booted:
    """A process became the writer. `boot_number` grows by one each time; references are drawn from it."""

    boot_id: str
    boot_number: int
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A ticket waits for a person."""

    ticket: Ticket
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A ticket's end: APPROVED, DECLINED, EXPIRED or SUPERSEDED (by `replaced_by`)."""

    ticket_id: str
    state: OrderState
    channel: Channel | None = None
    reason: str = ""
    replaced_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """An order is about to be written to the socket. After this row, silence is UNKNOWN.

    Attributes:
        digest: of the order; frame_sha256: of the bytes.
        mono: monotonic seconds, comparable within one boot.
        at: exchange time.
    """

    order: Order
    role: Role
    ticket_id: str
    strategy_id: str
    order_id: int
    client_id: int
    parent_id: int
    digest: str
    frame_sha256: str
    mono: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSending:
    """A cancel is about to be written."""

    order_ref: str
    order_id: int
    reason: str
    mono: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModifySending:
    """A change of a working order is about to be written; `order` is what it shall become."""

    order: Order
    ticket_id: str
    order_id: int
    digest: str
    frame_sha256: str
    mono: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The broker reported one of our orders."""

    order_ref: str
    order: BrokerOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """The broker reported an execution of one of our orders."""

    order_ref: str
    fill: Fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """The commission of an execution; may come before the execution itself."""

    exec_base: str
    revision: int
    commission: Money
    realized_pnl: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """TWS said something about one of our orders; `text` is cleaned, data from outside."""

    order_ref: str
    code: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """Nobody knows what became of what was sent last for this order."""

    order_ref: str
    reason: str
    mono: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A cancel or a modify that hung is over: the order works on as `Seen` last described it."""

    order_ref: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An end that two readings support: CANCELLED, REJECTED, FILLED, NOT_FOUND, HUMAN_CLOSED."""

    order_ref: str
    state: OrderState
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Halted:
    """No new orders until a person has looked."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltCleared:
    """A person lifted the halt; references of others that were shown to them halt no more."""

    channel: Channel
    acknowledged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """The kill switch was set."""

    reason: str
    everything: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KillCleared:
    """A person cleared the kill switch after a green reconcile."""

    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class StopDeclined:
    """The person wants no stop on this trade."""

    strategy_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A complete reading of the broker's lists showed this trade's stop working."""

    strategy_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A position that another hand opened is looked after from now on, as a trade of its own."""

    strategy_id: str
    symbol: str
    title: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftElsewhere:
    """Complete readings of the account proved that a trade holds less than its orders say.

    Sold by other hands, exercised, assigned, expired, or closed by an order of another trade.

    Attributes:
        held: what is left of it, in combos.
        at: the exchange's time of what happened, or at which it was noticed; None in rows of old.
        legs: what became of the combos that left, leg by leg; empty where nobody told.
    """

    strategy_id: str
    held: int
    evidence: str
    at: datetime | None = None
    legs: tuple[LegEnd, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """The head of an audit log, so that journal and log prove each other."""

    log: str
    count: int
    head: str


Event = (
    Booted
    | Staged
    | Decided
    | Sending
    | CancelSending
    | ModifySending
    | Seen
    | Executed
    | Charged
    | Noticed
    | Doubted
    | Resolved
    | Settled
    | Halted
    | HaltCleared
    | Killed
    | KillCleared
    | StopDeclined
    | Watched
    | Adopted
    | LeftElsewhere
    | Anchored
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event and its row.

    Attributes:
        seq: rising by one. at: the machine's time, UTC. boot_id: of the process that wrote it.
    """

    seq: int
    at: datetime
    boot_id: str
    event: Event
