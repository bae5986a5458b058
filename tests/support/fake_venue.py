"""The broker's side of the fake: what really happened, whatever a crashed program believes.

A `FakeVenue` outlives every `FakeBroker` that talks to it, so that a test can kill the program, keep
the venue as ground truth, and start again. Frames travel one by one through `in_flight`; a test can hold,
lose or release them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from sumppump.domain.combo import Leg
from sumppump.domain.orders import BrokerOrder, BrokerStatus, Fill, Order, OrderType
from sumppump.kernel.money import Money, Premium
from sumppump.ports.broker import BrokerEvent, CommissionSeen, FillSeen, OrderNotice, OrderSeen

WORKING = frozenset({BrokerStatus.PENDING_SUBMIT, BrokerStatus.PRE_SUBMITTED, BrokerStatus.SUBMITTED})
BAG_CON_ID = 28812380
LEG_PRICE = Decimal(10)
START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order frame on its way or arrived."""

    order: Order
    order_id: int
    client_id: int
    parent_id: int = 0
    transmit: bool = True


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """A cancel frame; order id 0 is the global cancel."""

    order_id: int
    client_id: int


Command = NewOrder | CancelOrder


@dataclass(slots=True)
class HeldOrder:
    """One order as the venue knows it. `versions` grows with every modify."""

    new: NewOrder
    perm_id: int
    status: BrokerStatus = BrokerStatus.PENDING_SUBMIT
    filled: int = 0
    avg_price: Decimal | None = None
    why_held: str = ""
    versions: int = 1

    @property
    def ref(self) -> str:
        """The order's reference."""
        return self.new.order.order_ref

    @property
    def is_working(self) -> bool:
        """Whether it can still fill."""
        return self.status in WORKING


class Listener(Protocol):
    """A connected client."""

    client_id: int

    def deliver(self, event: BrokerEvent) -> None:
        """Hand over an event as the wire would."""
        ...


def acknowledge(venue: FakeVenue, held: HeldOrder) -> None:
    """The default behaviour: accept, children and stops held, the rest working."""
    waits = held.new.order.order_type in (OrderType.STP, OrderType.STP_LMT, OrderType.TRAIL)
    child = venue.parent_of(held) is not None
    held.why_held = "child" if child else "trigger" if waits else ""
    held.status = BrokerStatus.PRE_SUBMITTED if waits or child else BrokerStatus.SUBMITTED
    venue.tell(held)


def fill_at_once(venue: FakeVenue, held: HeldOrder) -> None:
    """Acknowledge, and fill everything that can work by itself."""
    acknowledge(venue, held)
    if held.status is BrokerStatus.SUBMITTED:
        venue.fill(held.ref)


def stay_silent(venue: FakeVenue, held: HeldOrder) -> None:
    """The order is there, and nobody hears of it (F-01 seen from outside)."""
    held.status = BrokerStatus.SUBMITTED


def refuse(code: int, text: str) -> Callable[[FakeVenue, HeldOrder], None]:
    """A behaviour that rejects every order with this code."""
    return lambda venue, held: venue.reject(held.ref, code, text)


@dataclass(slots=True)
class FakeVenue:
    """All orders of all clients, by permanent id; the oracle of crash tests.

    Attributes:
        on_new: what happens to an order that arrives: `acknowledge`, `fill_at_once`, `stay_silent`,
            `refuse(...)`.
        holding: frames stay in `in_flight` until `release` or `lose_in_flight`.
        latency_s: seconds that a frame travels, drawn per frame; None is "the next turn of the loop".
        arrived: every frame that reached the venue, in order.
        splits_modify: a modify leaves the old order alive and makes a second permanent id (I-16).
    """

    account: str = "SIM0000417"
    on_new: Callable[[FakeVenue, HeldOrder], None] = acknowledge
    holding: bool = False
    latency_s: Callable[[], float] | None = None
    splits_modify: bool = False
    now: datetime = START
    orders: dict[int, HeldOrder] = field(default_factory=dict)
    staged: list[NewOrder] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    arrived: list[Command] = field(default_factory=list)
    in_flight: deque[Command] = field(default_factory=deque)
    listeners: list[Listener] = field(default_factory=list)
    next_id_by_client: dict[int, int] = field(default_factory=dict)
    commission_per_contract: Decimal | None = Decimal("0.65")

    # --- the wire -----------------------------------------------------------------------------

    def send(self, command: Command) -> None:
        """Put a frame on the wire; it arrives later, in order."""
        self.in_flight.append(command)
        if self.holding:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.arrive()
            return
        if self.latency_s is None:
            loop.call_soon(self.arrive)
        else:
            loop.call_later(self.latency_s(), self.arrive)

    def arrive(self) -> None:
        """Let the oldest frame in flight reach the venue."""
        if self.in_flight and not self.holding:
            self._accept(self.in_flight.popleft())

    def release(self) -> None:
        """Stop holding; all frames in flight arrive now."""
        self.holding = False
        while self.in_flight:
            self.arrive()

    def lose_in_flight(self) -> None:
        """The frames that were written are gone (a reset after the write, F-03)."""
        self.in_flight.clear()

    def _accept(self, command: Command) -> None:
        self.arrived.append(command)
        if isinstance(command, CancelOrder):
            self._accept_cancel(command)
            return
        known = self.next_id_by_client.get(command.client_id, 1)
        self.next_id_by_client[command.client_id] = max(known, command.order_id + 1)
        if (held := self._by_session(command.client_id, command.order_id)) and not self.splits_modify:
            self._modify(held, command)
        elif not command.transmit:
            self.staged.append(command)
        else:
            family, self.staged = [*self.staged, command], []
            for new in family:
                self._open(new)

    def _open(self, new: NewOrder) -> None:
        held = HeldOrder(new, perm_id=1_000_001 + len(self.orders))
        self.orders[held.perm_id] = held
        self.on_new(self, held)

    def _modify(self, held: HeldOrder, new: NewOrder) -> None:
        if not held.is_working:
            self._notice(held, 104, "Can't modify a filled order")
            return
        held.new, held.versions = new, held.versions + 1
        self.tell(held)

    def _accept_cancel(self, command: CancelOrder) -> None:
        if command.order_id == 0:
            for held in self.working():
                self.cancel(held.ref)
            return
        found = self._by_session(command.client_id, command.order_id)
        if found is None:
            text = f"OrderId {command.order_id} that needs to be cancelled is not found."
            self._emit(OrderNotice(order_id=command.order_id, order_ref="", code=10147, text=text))
        elif found.is_working:
            self.cancel(found.ref)
        else:
            self._notice(found, 10148, f"can not be cancelled, state: {found.status}.")

    # --- what a test lets happen --------------------------------------------------------------

    def fill(self, ref: str, quantity: int | None = None, premium: Premium | None = None) -> None:
        """Execute `quantity` (default: all that is left) at `premium` (default: the limit, or 1.00)."""
        held = self.held(ref)
        order = held.new.order
        amount = order.quantity - held.filled if quantity is None else quantity
        at = premium or order.limit or Premium(Decimal(1))
        rows = self._rows(held, amount, at)
        total = (held.avg_price or Decimal(0)) * held.filled + rows[0].price * amount
        held.filled += amount
        held.avg_price = total / held.filled
        held.status = BrokerStatus.FILLED if held.filled >= order.quantity else BrokerStatus.SUBMITTED
        held.why_held = ""
        self.fills.extend(rows)
        for row in rows:
            self._emit(FillSeen(fill=row))
        self.tell(held)
        self._charge(rows)
        self._after_fill(held)

    def reject(self, ref: str, code: int, text: str) -> None:
        """Inactive, then the error: the order in which TWS says it."""
        held = self.held(ref)
        held.status = BrokerStatus.INACTIVE
        self.tell(held)
        self._notice(held, code, text)

    def cancel(self, ref: str) -> None:
        """Cancelled by whomever; children go with their parent."""
        held = self.held(ref)
        held.status = BrokerStatus.CANCELLED
        self.tell(held)
        self._notice(held, 202, "Order Canceled - reason:")
        for child in self.working():
            if self.parent_of(child) is held:
                self.cancel(child.ref)

    def tell(self, held: HeldOrder) -> None:
        """Report an order as it stands to everyone connected."""
        self._emit(OrderSeen(order=self.report(held)))

    # --- the truth, for assertions ------------------------------------------------------------

    def held(self, ref: str) -> HeldOrder:
        """The newest order of this reference; KeyError when the venue never saw it."""
        for held in reversed(self.orders.values()):
            if held.ref == ref:
                return held
        raise KeyError(ref)

    def count(self, ref: str) -> int:
        """How many orders the venue has under one reference; more than one is a duplicate."""
        return sum(held.ref == ref for held in self.orders.values())

    def working(self) -> list[HeldOrder]:
        """Orders that can still fill."""
        return [held for held in self.orders.values() if held.is_working]

    def held_inactive(self) -> list[HeldOrder]:
        """Orders that are Inactive and still listed as open: held for a locate or for the session."""
        return [
            held for held in self.orders.values() if held.status is BrokerStatus.INACTIVE and held.why_held
        ]

    def position(self, con_id: int) -> int:
        """Signed contracts or shares held by all executions so far."""
        rows = latest(fill for fill in self.fills if fill.con_id == con_id)
        return sum(int(row.quantity) if row.side == "BUY" else -int(row.quantity) for row in rows)

    def parent_of(self, held: HeldOrder) -> HeldOrder | None:
        """The parent that still holds this child back."""
        parent = self._by_session(held.new.client_id, held.new.parent_id) if held.new.parent_id else None
        return parent if parent is not None and parent.status is not BrokerStatus.FILLED else None

    def report(self, held: HeldOrder) -> BrokerOrder:
        """An order as the wire would describe it."""
        order, single = held.new.order, held.new.order.combo.is_single
        sells = single and order.combo.legs[0].ratio < 0
        limit = None if order.limit is None else (-order.limit if sells else order.limit).amount
        stop = None if order.stop is None else (-order.stop if sells else order.stop).amount
        return BrokerOrder(
            order_ref=order.order_ref, perm_id=held.perm_id, order_id=held.new.order_id,
            client_id=held.new.client_id, status=held.status, account=order.account,
            symbol=order.combo.symbol, sec_type=order.combo.legs[0].contract.sec_type if single else "BAG",
            action="SELL" if sells else "BUY", quantity=Decimal(order.quantity),
            order_type=order.order_type, limit=limit, aux=stop, tif=order.tif, parent_id=held.new.parent_id,
            oca_group=order.oca_group, filled=Decimal(held.filled),
            remaining=Decimal(order.quantity - held.filled), avg_fill_price=held.avg_price,
            why_held=held.why_held, con_ids=tuple(leg.contract.con_id for leg in order.combo.legs),
        )  # fmt: skip

    # --- private ------------------------------------------------------------------------------

    def _emit(self, event: BrokerEvent) -> None:
        for listener in list(self.listeners):
            listener.deliver(event)

    def _notice(self, held: HeldOrder, code: int, text: str) -> None:
        self._emit(OrderNotice(order_id=held.new.order_id, order_ref=held.ref, code=code, text=text))

    def _by_session(self, client_id: int, order_id: int) -> HeldOrder | None:
        for held in reversed(self.orders.values()):
            if (held.new.client_id, held.new.order_id) == (client_id, order_id):
                return held
        return None

    def _after_fill(self, held: HeldOrder) -> None:
        if held.status is not BrokerStatus.FILLED:
            return
        group = held.new.order.oca_group
        for other in self.working():
            if other.new.parent_id == held.new.order_id and other.why_held == "child":
                acknowledge(self, other)
            elif group and other.new.order.oca_group == group:
                self.cancel(other.ref)

    def _rows(self, held: HeldOrder, amount: int, at: Premium) -> list[Fill]:
        legs = held.new.order.combo.legs
        if len(legs) == 1:
            sign = 1 if legs[0].ratio > 0 else -1
            return [self._row(held, legs[0], amount * abs(legs[0].ratio), at.amount * sign, 0)]
        whole = replace(
            self._row(held, legs[0], amount, at.amount, 0),
            con_id=BAG_CON_ID, sec_type="BAG", side="BUY",
        )  # fmt: skip
        first, *others = legs
        rest = sum((LEG_PRICE * leg.ratio for leg in others), Decimal(0))
        prices = [(at.amount - rest) / first.ratio, *(LEG_PRICE for _ in others)]
        rows = [
            replace(self._row(held, leg, amount * abs(leg.ratio), price, place), is_leg=True)
            for place, (leg, price) in enumerate(zip(legs, prices, strict=True), start=1)
        ]
        return [whole, *rows]

    def _row(self, held: HeldOrder, leg: Leg, amount: int, price: Decimal, place: int) -> Fill:
        self.now += timedelta(milliseconds=1)
        return Fill(
            exec_base=f"0000e0d5.{held.perm_id:08x}.{len(self.fills):04d}{place:02d}", revision=1,
            order_ref=held.ref, perm_id=held.perm_id, order_id=held.new.order_id,
            client_id=held.new.client_id, account=self.account, con_id=leg.contract.con_id,
            sec_type=leg.contract.sec_type, symbol=leg.contract.symbol,
            side="BUY" if leg.ratio > 0 else "SELL", quantity=Decimal(amount), price=price, at=self.now,
        )  # fmt: skip

    def _charge(self, rows: list[Fill]) -> None:
        if self.commission_per_contract is None:
            return
        for row in rows:
            if row.sec_type == "BAG":
                continue
            fee = Money(self.commission_per_contract * row.quantity)
            place = self.fills.index(row)
            self.fills[place] = replace(row, commission=fee)
            self._emit(
                CommissionSeen(
                    exec_base=row.exec_base, revision=row.revision, commission=fee, realized_pnl=None
                )
            )


def latest(fills: Iterable[Fill]) -> list[Fill]:
    """Executions with only the highest revision of each."""
    best: dict[str, Fill] = {}
    for fill in fills:
        if fill.exec_base not in best or fill.revision > best[fill.exec_base].revision:
            best[fill.exec_base] = fill
    return list(best.values())
