"""What the policy is told about the world before it judges an order. No default stands for "do not know".

Every figure that a check needs and that is None here refuses the order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sumppump.data.sessions import SessionStatus
from sumppump.domain.account import AccountFigures, Position
from sumppump.domain.orders import Environment, MarginPreview, Order, OrderState
from sumppump.domain.payoff import Unlimited
from sumppump.domain.quotes import Quote
from sumppump.kernel.money import Money, Premium
from sumppump.risk.modes import WriteGate


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentOrder:
    """One of our orders: working, in doubt, or finished within `Limits.similar_window`.

    Attributes:
        order: as sent.
        state: where the journal says it stands.
        sent_at: monotonic seconds of SENDING; for orders from before a restart, the moment of the restart.
        filled: combos or contracts filled so far, >= 0.
        sent_here: False for orders from before a restart: `sent_at` is then the latest it can have been.
    """

    order: Order
    state: OrderState
    sent_at: float
    filled: int = 0
    sent_here: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Repricing:
    """The first price a person approved for the order that is being modified.

    Attributes:
        first: signed premium of one combo per share.
        at: monotonic seconds of that approval.
    """

    first: Premium
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """Everything a judgement rests on, taken fresh.

    Attributes:
        monotonic: now, seconds. now: the exchange's time, aware UTC.
        environment: where this process sends. account: the id seen at the broker, "" before.
        gate: whether this process may write at all, and why not.
        kill_set: whether the kill switch is set; None when the flag cannot be read.
        quotes: by con_id, of every leg.
        figures: account figures in the base currency, None where there are none.
        positions: all positions, None when unknown (an empty tuple is flat).
        margin: the broker's what-if for this order, None where it gave none.
        reserved_margin: initial margin of our opening orders that the broker's figures do not hold yet.
        max_loss: of the order in cash, >= 0, `Unlimited`, or None when nobody could say.
        permission_level: IBKR level the order needs, 1 to 4; 0 for shares alone; None when unknown.
        recent: our orders that work, are in doubt or ended a short while ago; None when unknown.
        session: the underlying's session now, None when its hours are not known.
        repricing: for a modification, the first approved price; None for a new order.
        parent: for a child of a family, its parent as long as that waits; None for every other order.
        to_be_cancelled: order_refs of ours that are cancelled and confirmed before this order goes out.
    """

    monotonic: float
    now: datetime
    environment: Environment
    account: str
    gate: WriteGate
    kill_set: bool | None
    quotes: Mapping[int, Quote]
    figures: AccountFigures | None
    positions: tuple[Position, ...] | None
    margin: MarginPreview | None
    reserved_margin: Money | None
    max_loss: Money | Unlimited | None
    permission_level: int | None
    recent: tuple[RecentOrder, ...] | None
    session: SessionStatus | None = None
    repricing: Repricing | None = None
    parent: Order | None = None
    to_be_cancelled: frozenset[str] = frozenset()
