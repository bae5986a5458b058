"""The one submit: the only caller of `Broker.transmit` for orders in the program.

Written down first (SENDING, on disk), then handed to the socket in the same turn of the loop: there is no
`await` in this module. From the commit on, an exception means that nobody knows: UNKNOWN, never "failed".
Every frame needs a permit that a decision issued for exactly these bytes; the first frame without one
latches a halt before it leaves (out = in).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sumppump.domain import events as ev
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import Order
from sumppump.domain.tickets import PlannedOrder, Role, Ticket
from sumppump.execution.gates import Gates
from sumppump.execution.ledger import Ledger
from sumppump.kernel.errors import GatewayUnavailable, SumpPumpError, WritesOff
from sumppump.ports.broker import Broker


@dataclass(slots=True)
class PermittedWire:
    """The socket behind permits: what leaves must equal what was allowed.

    Attributes:
        issued, written: permits given and frames written, for the audit.
    """

    broker: Broker
    ledger: Ledger
    issued: int = 0
    written: int = 0
    _permits: list[str] = field(default_factory=list)

    def permit(self, frames: Sequence[bytes]) -> None:
        """Allow each of these frames once."""
        self._permits += [_sha256(frame) for frame in frames]
        self.issued += len(frames)

    def write(self, frame: bytes, order_id: int) -> None:
        """Write one frame against its permit, which is spent before the bytes leave.

        Raises:
            WritesOff: no permit; halted.
            GatewayUnavailable or anything else from the broker.
        """
        digest = _sha256(frame)
        if digest not in self._permits:
            self._halt(f"a frame for order id {order_id} has no approval")
        self._permits.remove(digest)
        sent = self.broker.transmit(frame, order_id)
        self.written += 1
        if (sent.frame_sha256, sent.order_id) != (digest, order_id) or self.written > self.issued:
            self._halt(f"what was written for order id {order_id} is not what was approved")

    def withdraw(self) -> None:
        """Void permits that were not used: an approval never waits for a second chance."""
        self.issued -= len(self._permits)
        self._permits.clear()

    def _halt(self, reason: str) -> None:
        self.ledger.note(ev.Halted(reason=f"out ≠ in: {reason}"))
        raise WritesOff(reason, code="out_is_not_in", next_steps=["A person looks into TWS at once."])


class Dispatch:
    """Sends what was decided, and cancels."""

    def __init__(self, broker: Broker, ledger: Ledger, gates: Gates, *, on_doubt: Callable[[], None]) -> None:
        self._broker = broker
        self._ledger = ledger
        self._gates = gates
        self._on_doubt = on_doubt
        self.wire = PermittedWire(broker, ledger)

    def send(
        self, ticket: Ticket, planned: Sequence[PlannedOrder], *, beside: Sequence[ev.Event] = ()
    ) -> None:
        """Write orders down and send them; a parent is held back until the last of its children is there.

        Args:
            ticket: whose decision allows it.
            planned: orders in the order sent; children name their parent by `parent_ref`.
            beside: events of the same transaction (the decision itself).

        Raises:
            SumpPumpError: nothing was written down and nothing sent. Once it is written down, nothing is
                raised: the journal says UNKNOWN.
        """
        for each in planned:
            self._gates.before_order(each.order)
            self._never_sent(each.order)
        frames = self._encode(ticket, planned)
        self.wire.permit([frame for _, frame in frames])
        try:
            self._ledger.commit(*beside, *(sending for sending, _ in frames))
        except SumpPumpError:
            self.wire.withdraw()
            raise
        self._write([(sending.order, sending.order_id, frame) for sending, frame in frames])

    def modify(
        self, ticket: Ticket, record: OrderRecord, order: Order, *, beside: Sequence[ev.Event] = ()
    ) -> None:
        """Change a working order: the same session id and reference, an intent of its own."""
        self._gates.before_modify(order)
        self._must_be_our_client([record])
        frame = self._broker.encode(order, record.order_id, parent_id=record.parent_id)
        self.wire.permit([frame])
        try:
            self._ledger.commit(
                *beside,
                ev.ModifySending(
                    order=order,
                    ticket_id=ticket.ticket_id,
                    order_id=record.order_id,
                    digest=order.digest(),
                    frame_sha256=_sha256(frame),
                    mono=self._ledger.clock.monotonic(),
                ),
            )
        except SumpPumpError:
            self.wire.withdraw()
            raise
        self._write([(order, record.order_id, frame)])

    def cancel(self, records: Sequence[OrderRecord], reason: str, *, beside: Sequence[ev.Event] = ()) -> None:
        """Cancel working orders. A cancel may be repeated: it is the same cancel; so it needs no disk either.

        Raises:
            GatewayUnavailable: no connection, or another client's order; nothing was sent.
            StoreFailed: `beside` could not be written; nothing was sent.
            WritesOff: another process is the writer.
        """
        if not self._broker.link().connected:
            self._gates.check_link()
        self._gates.check_writer()
        self._must_be_our_client(records)
        mono = self._ledger.clock.monotonic()
        cancels = [
            ev.CancelSending(order_ref=record.ref, order_id=record.order_id, reason=reason, mono=mono)
            for record in records
        ]
        if beside:
            self._ledger.commit(*beside, *cancels)
        else:
            self._ledger.note(*cancels)
        for cancel in cancels:
            self._write_cancel(cancel)

    def _write_cancel(self, cancel: ev.CancelSending) -> None:
        try:
            self._broker.transmit_cancel(cancel.order_id)
        except Exception as error:  # noqa: BLE001 - after the commit any failure means that nobody knows
            self._doubt([cancel.order_ref], error)

    def _write(self, frames: Sequence[tuple[Order, int, bytes]]) -> None:
        try:
            for _, order_id, frame in frames:
                self._gates.before_write()
                self.wire.write(frame, order_id)
        except Exception as error:  # noqa: BLE001 - after the commit any failure means that nobody knows
            self.wire.withdraw()
            self._doubt([order.order_ref for order, _, _ in frames], error)

    def _doubt(self, refs: Sequence[str], error: Exception) -> None:
        words = error.message if isinstance(error, SumpPumpError) else type(error).__name__
        mono = self._ledger.clock.monotonic()
        reason = f"while sending: {words}"
        self._ledger.note(*(ev.Doubted(order_ref=ref, reason=reason, mono=mono) for ref in refs))
        self._on_doubt()

    def _must_be_our_client(self, records: Sequence[OrderRecord]) -> None:
        # A session id belongs to the client that gave it: the same number of ours is another order.
        client_id = self._broker.link().client_id
        for record in records:
            if record.client_id != client_id:
                raise GatewayUnavailable(
                    f"order {record.ref} was sent as client {record.client_id}, this is client {client_id}",
                    code="other_client",
                    expected=f"client id {record.client_id}",
                    found=f"client id {client_id}",
                    next_steps=[f"Connect with TWS_CLIENT_ID={record.client_id}, or use TWS itself."],
                )

    def _never_sent(self, order: Order) -> None:
        if order.order_ref in self._ledger.book.orders:
            raise WritesOff(
                f"{order.order_ref} has been sent before",
                code="reference_spent",
                expected="a reference that was never sent",
                found=order.order_ref,
                next_steps=["Make a new ticket."],
            )

    def _encode(self, ticket: Ticket, planned: Sequence[PlannedOrder]) -> list[tuple[ev.Sending, bytes]]:
        link, clock = self._broker.link(), self._ledger.clock
        ids: dict[str, int] = {}
        found: list[tuple[ev.Sending, bytes]] = []
        for place, each in enumerate(planned):
            order = each.order
            if order.account != link.account:
                raise GatewayUnavailable(
                    "the account behind the connection is not the ticket's", code="account_changed"
                )
            order_id = self._broker.reserve_order_id(at_least=self._highest_id(link.client_id, ids))
            ids[order.order_ref] = order_id
            parent_id = ids.get(order.parent_ref, 0)
            complete = not _is_awaited(order, planned[place + 1 :])
            frame = self._broker.encode(order, order_id, parent_id=parent_id, transmit=complete)
            found.append(
                (
                    ev.Sending(
                        order=order,
                        role=each.role,
                        ticket_id=ticket.ticket_id,
                        strategy_id=ticket.strategy_id,
                        order_id=order_id,
                        client_id=link.client_id,
                        parent_id=parent_id,
                        digest=order.digest(),
                        frame_sha256=_sha256(frame),
                        mono=clock.monotonic(),
                        at=clock.now(),
                    ),
                    frame,
                )
            )
        return found

    def _highest_id(self, client_id: int, given: dict[str, int]) -> int:
        known = [r.order_id for r in self._ledger.book.orders.values() if r.client_id == client_id]
        return max([0, *known, *given.values()])


def _is_awaited(order: Order, later: Sequence[PlannedOrder]) -> bool:
    # TWS holds an order back until the last of its own family is there; strangers would wait for ever.
    own = {order.order_ref, order.parent_ref} - {""}
    return any(each.order.parent_ref in own for each in later)


def family(ticket: Ticket) -> tuple[PlannedOrder, ...]:
    """What goes out with the approval itself: everything but stops that come back later."""
    return tuple(planned for planned in ticket.orders if planned.role is not Role.REARM)


def _sha256(frame: bytes) -> str:
    return hashlib.sha256(frame).hexdigest()
