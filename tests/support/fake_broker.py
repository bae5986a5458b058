"""A broker without a socket: `Broker` and `Accounts` on a `FakeVenue`, held to the ports by a contract suite.

Events come on a later turn of the loop, one by one and in order, as bytes from a socket would; outside a
loop they come at once. Kill a program by dropping its `FakeBroker` (`crash`); start another on its venue.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tests.support.fake_venue import CancelOrder, FakeVenue, NewOrder, latest

from sumppump.domain.account import AccountFigures, LinkStatus, Position
from sumppump.domain.instruments import Instrument
from sumppump.domain.orders import BrokerOrder, Fill, MarginPreview, Order
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest, SumpPumpError
from sumppump.kernel.money import Money
from sumppump.ports.broker import (
    BrokerEvent,
    LinkChanged,
    OrderNotice,
    OrderSeen,
    PositionsChanged,
    SentFrame,
)


def margin(initial: str = "1000") -> MarginPreview:
    """A what-if that takes `initial` of 250,000."""
    zero, after = Money.of(0), Money.of(initial)
    return MarginPreview(
        initial_before=zero, initial_after=after, maintenance_before=zero, maintenance_after=after,
        equity_with_loan_after=Money.of(250_000), commission=Money.of("1.30"),
    )  # fmt: skip


@dataclass(slots=True, eq=False)
class FakeBroker:
    """One program's connection to a `FakeVenue`.

    Attributes:
        previewed: the answer of every what-if, or the error to raise.
        failing: reads that fail ("open_orders", "executions", "completed_orders", "positions", "figures").
        hides_positions: the list of positions is complete and empty, as if all had left by another door.
        raise_before, raise_after: raised once by the next `transmit`, before or after the frame is written.
    """

    venue: FakeVenue = field(default_factory=FakeVenue)
    client_id: int = 17
    connected: bool = True
    broker_online: bool = True
    previewed: MarginPreview | SumpPumpError = field(default_factory=margin)
    failing: set[str] = field(default_factory=set)
    hides_positions: bool = False
    raise_before: Exception | None = None
    raise_after: Exception | None = None
    nlv: Money = field(default_factory=lambda: Money.of(250_000))
    reads: list[str] = field(default_factory=list)
    _listeners: list[Callable[[BrokerEvent], None]] = field(default_factory=list)
    _pending: deque[BrokerEvent] = field(default_factory=deque)
    _encoded: dict[bytes, NewOrder] = field(default_factory=dict)
    _next_id: int = 1

    def __post_init__(self) -> None:
        self.venue.listeners.append(self)

    # --- what a test does to the link ---------------------------------------------------------

    def drop(self) -> None:
        """The socket is gone; frames in flight are the venue's business."""
        self.connected = False
        self._unlisten()
        self._say_link()

    def restore(self) -> None:
        """The socket is back after `drop`."""
        self.connected = True
        if self not in self.venue.listeners:
            self.venue.listeners.append(self)
        self._say_link(needs_reconcile=True)

    def lose_connectivity(self) -> None:
        """1100: TWS lost IB. Events of the venue do not reach us until it is back."""
        self.broker_online = False
        self._unlisten()
        self._say_link()

    def regain_connectivity(self, *, data_lost: bool = False) -> None:
        """1101 (`data_lost`) or 1102."""
        self.broker_online = True
        if self not in self.venue.listeners:
            self.venue.listeners.append(self)
        self._say_link(data_lost=data_lost, needs_reconcile=True)

    def crash(self) -> None:
        """The program dies: nothing is heard any more, nobody is told."""
        self.connected = False
        self._unlisten()
        self._listeners.clear()
        self._pending.clear()

    # --- Broker -------------------------------------------------------------------------------

    def link(self) -> LinkStatus:
        """See the port."""
        return LinkStatus(
            connected=self.connected, broker_online=self.connected and self.broker_online,
            account=self.venue.account, host="fake", port=0, client_id=self.client_id,
            since_s=1.0 if self.connected else None,
            reason="" if self.connected else "the test dropped the link", server_version=178,
        )  # fmt: skip

    def subscribe(self, listener: Callable[[BrokerEvent], None]) -> None:
        """See the port."""
        self._listeners.append(listener)

    def reserve_order_id(self, *, at_least: int = 0) -> int:
        """See the port."""
        known = self.venue.next_id_by_client.get(self.client_id, 1)
        order_id = max(self._next_id, known, at_least + 1)
        self._next_id = order_id + 1
        return order_id

    def encode(self, order: Order, order_id: int, *, parent_id: int = 0, transmit: bool = True) -> bytes:
        """See the port."""
        if order.quantity <= 0:
            raise InvalidRequest("an order has a quantity", expected="> 0", found=str(order.quantity))
        frame = json.dumps(["order", order_id, parent_id, transmit, order.facts()]).encode()
        self._encoded[frame] = NewOrder(order, order_id, self.client_id, parent_id, transmit)
        return frame

    def transmit(self, frame: bytes, order_id: int) -> SentFrame:
        """See the port."""
        self._must_accept(orders=True)
        new = self._encoded.get(frame)
        if new is None or new.order_id != order_id:
            raise GatewayUnavailable("this frame was not made here for this order id", code="frame_refused")
        self.venue.send(new)
        return self._sent(frame, order_id)

    def transmit_cancel(self, order_id: int) -> SentFrame:
        """See the port."""
        self._must_accept(orders=False)
        self.venue.send(CancelOrder(order_id, self.client_id))
        return self._sent(f"cancel {order_id}".encode(), order_id)

    def transmit_global_cancel(self) -> None:
        """See the port."""
        self._must_accept(orders=False)
        self.venue.send(CancelOrder(0, self.client_id))

    async def preview(self, order: Order, *, timeout_s: float = 10.0) -> MarginPreview:
        """See the port."""
        await self._answer("preview")
        if isinstance(self.previewed, SumpPumpError):
            raise self.previewed
        return self.previewed

    async def open_orders(self) -> Sequence[BrokerOrder]:
        """See the port."""
        await self._answer("open_orders")
        listed = tuple(
            self.venue.report(held) for held in (*self.venue.working(), *self.venue.held_inactive())
        )
        for order in listed:  # as the real one does: each listed order is told on as well
            self.deliver(OrderSeen(order=order))
        return listed

    async def executions(self) -> Sequence[Fill]:
        """See the port."""
        await self._answer("executions")
        return tuple(latest(self.venue.fills))

    async def completed_orders(self) -> Sequence[BrokerOrder]:
        """See the port. Lossy as at IB: no session ids, quantity 0."""
        await self._answer("completed_orders")
        done = [held for held in self.venue.orders.values() if not held.is_working]
        return tuple(_completed(self.venue.report(held)) for held in done)

    # --- Accounts -----------------------------------------------------------------------------

    async def figures(self) -> AccountFigures:
        """See the port."""
        await self._answer("figures")
        zero = Money.of(0)
        return AccountFigures(
            account=self.venue.account, as_of=self.venue.now, taken=0.0, nlv=self.nlv, cash=self.nlv,
            buying_power=self.nlv, available_funds=self.nlv, excess_liquidity=self.nlv,
            initial_margin=zero, maintenance_margin=zero, equity_with_loan=self.nlv,
            gross_position_value=zero, unrealized_pnl=zero, realized_pnl=zero, daily_pnl=zero,
        )  # fmt: skip

    async def positions(self) -> Sequence[Position]:
        """See the port."""
        await self._answer("positions")
        if self.hides_positions:
            return ()
        held = [(item, self.venue.position(item.con_id)) for item in self._contracts().values()]
        return tuple(
            Position(account=self.venue.account, instrument=item, quantity=count, avg_cost=Decimal(10))
            for item, count in held
            if count
        )

    # --- private ------------------------------------------------------------------------------

    def deliver(self, event: BrokerEvent) -> None:
        """Called by the venue: queue an event and let the loop bring it."""
        self._pending.append(event)
        try:
            asyncio.get_running_loop().call_soon(self._pump)
        except RuntimeError:
            self._pump()

    def _pump(self) -> None:
        if not self._pending:
            return
        event = self._pending.popleft()
        for listener in list(self._listeners):
            listener(event)

    def _say_link(self, *, data_lost: bool = False, needs_reconcile: bool = False) -> None:
        self.deliver(LinkChanged(status=self.link(), data_lost=data_lost, needs_reconcile=needs_reconcile))

    def _unlisten(self) -> None:
        if self in self.venue.listeners:
            self.venue.listeners.remove(self)

    def _must_accept(self, *, orders: bool) -> None:
        if self.raise_before is not None:
            error, self.raise_before = self.raise_before, None
            raise error
        if not self.connected:
            raise GatewayUnavailable("there is no connection to TWS", next_steps=["Wait for the link."])
        if orders and not self.broker_online:
            raise GatewayUnavailable("TWS has lost IB (1100)", next_steps=["Wait for the link."])

    def _sent(self, frame: bytes, order_id: int) -> SentFrame:
        if self.raise_after is not None:
            error, self.raise_after = self.raise_after, None
            raise error
        return SentFrame(order_id=order_id, frame_sha256=hashlib.sha256(frame).hexdigest())

    async def _answer(self, name: str) -> None:
        """A round trip: two turns of the loop."""
        self.reads.append(name)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if not self.connected or not self.broker_online or name in self.failing:
            raise GatewayUnavailable(f"{name} was not answered", next_steps=["Try again."])

    def _contracts(self) -> dict[int, Instrument]:
        return {
            leg.contract.con_id: leg.contract
            for held in self.venue.orders.values()
            for leg in held.new.order.combo.legs
        }

    def say_positions_changed(self) -> None:
        """Let the program hear that a position changed."""
        self.deliver(PositionsChanged())

    def say(self, order_id: int, code: int, text: str, *, order_ref: str = "") -> None:
        """Let the program hear an error of TWS on an order id."""
        self.deliver(OrderNotice(order_id=order_id, order_ref=order_ref, code=code, text=text))


def _completed(order: BrokerOrder) -> BrokerOrder:
    return BrokerOrder(
        order_ref=order.order_ref, perm_id=order.perm_id, order_id=0, client_id=0, status=order.status,
        account=order.account, symbol=order.symbol, sec_type=order.sec_type, action=order.action,
        order_type=order.order_type, limit=order.limit, tif=order.tif, con_ids=order.con_ids,
        filled=order.filled, avg_fill_price=order.avg_fill_price, is_completed=True,
    )  # fmt: skip
