"""The broker, seen from the use cases.

The law of this port: `transmit` and `transmit_cancel` are synchronous. They write one frame to the
socket in the same tick or raise before any byte has left. Whatever happens later arrives as an event.
A modify is `encode` with the old `order_id`, then `transmit`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sumppump.domain.account import AccountFigures, LinkStatus, Position
from sumppump.domain.orders import BrokerOrder, Fill, MarginPreview, Order
from sumppump.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSeen:
    """openOrder, orderStatus or completedOrder arrived."""

    order: BrokerOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSeen:
    """An execution or its correction arrived."""

    fill: Fill


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissionSeen:
    """The commission of an execution arrived; it may come before or long after the fill."""

    exec_base: str
    revision: int
    commission: Money
    realized_pnl: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNotice:
    """TWS said something about an order id: a rejection, a warning, a confirmation of a cancel.

    Evidence to look at, never a final state: some codes are mere remarks. `order_ref` is "" where unknown.
    """

    order_id: int
    order_ref: str
    code: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged:
    """The socket or the broker's connectivity changed."""

    status: LinkStatus
    data_lost: bool = False
    needs_reconcile: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionsChanged:
    """Some position changed; ask `positions` for the truth."""


BrokerEvent = OrderSeen | FillSeen | CommissionSeen | OrderNotice | LinkChanged | PositionsChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFrame:
    """Proof that one frame was handed to the socket.

    Attributes:
        order_id: the session id it carried.
        frame_sha256: of the bytes, hex.
    """

    order_id: int
    frame_sha256: str


class Broker(Protocol):
    """Orders and what became of them."""

    def link(self) -> LinkStatus:
        """How we stand with TWS now."""
        ...

    def subscribe(self, listener: Callable[[BrokerEvent], None]) -> None:
        """Have every event handed to `listener`, in order, from the loop's own thread."""
        ...

    def reserve_order_id(self, *, at_least: int = 0) -> int:
        """A session id above all that TWS, this process and `at_least` (the journal) know."""
        ...

    def encode(self, order: Order, order_id: int, *, parent_id: int = 0, transmit: bool = True) -> bytes:
        """The exact frame of an order, checked against it field by field; nothing is sent.

        Raises:
            InvalidRequest: a number or text that must not reach the wire.
        """
        ...

    def transmit(self, frame: bytes, order_id: int) -> SentFrame:
        """Write an encoded order frame now.

        Raises:
            GatewayUnavailable: refused before any byte left (no socket, 1100, queue not empty).
        Any other exception means that nobody knows.
        """
        ...

    def transmit_cancel(self, order_id: int) -> SentFrame:
        """Write a cancel now; raises as `transmit`. Cancels are allowed during 1100."""
        ...

    def transmit_global_cancel(self) -> None:
        """Cancel everything of every client: only `kill --all`."""
        ...

    async def preview(self, order: Order, *, timeout_s: float = 10.0) -> MarginPreview:
        """The broker's what-if. The frame's what-if flag is asserted before it is sent.

        Raises:
            BrokerRejected: TWS would refuse the order.
            GatewayUnavailable: silent, unset or incomplete; refuse the ticket.
        """
        ...

    async def open_orders(self) -> Sequence[BrokerOrder]:
        """Working orders of all clients; complete (its End was seen) or GatewayUnavailable."""
        ...

    async def executions(self) -> Sequence[Fill]:
        """Today's executions of the account; complete or GatewayUnavailable."""
        ...

    async def completed_orders(self) -> Sequence[BrokerOrder]:
        """Today's finished orders; complete or GatewayUnavailable."""
        ...


class Accounts(Protocol):
    """What the account holds and is worth."""

    async def figures(self) -> AccountFigures:
        """Balances and margins; raises GatewayUnavailable when there are none."""
        ...

    async def positions(self) -> Sequence[Position]:
        """All positions, complete, or GatewayUnavailable: never an empty list for "do not know"."""
        ...
