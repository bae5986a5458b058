"""What the broker says, as evidence in the journal.

Matched by reference, then by permanent id, never by session id, price or time. Nothing is inferred here: an
end is settled by the reconciler, which looks twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sumppump.domain import events as ev
from sumppump.domain.account import LinkStatus
from sumppump.domain.order_record import ENDED, OrderRecord, Pending
from sumppump.domain.orders import BrokerOrder, Fill, OrderState
from sumppump.execution.gates import Gates
from sumppump.execution.ledger import Ledger
from sumppump.kernel.ids import is_order_ref
from sumppump.kernel.text import clean
from sumppump.ports.broker import (
    BrokerEvent,
    CommissionSeen,
    FillSeen,
    LinkChanged,
    OrderNotice,
    OrderSeen,
    PositionsChanged,
)

# Codes by which TWS turns an order down; with the order absent from its lists they prove a rejection.
REJECTS = frozenset(
    {
        103,
        107,
        109,
        110,
        113,
        116,
        133,
        200,
        201,
        203,
        320,
        321,
        355,
        382,
        383,
        387,
        434,
        436,
        460,
        463,
        478,
        10318,
    }
)
# Codes after which it is worth looking: also ends, and modifies and cancels turned down. All others (10349,
# 399, 2109 …) are remarks.
WORTH_A_LOOK = REJECTS | {104, 105, 135, 136, 161, 202, 329, 10147, 10148}
_EARLY = 2000


class Tracker:
    """Turns broker events into journal events.

    Attributes:
        foreign: working orders that are not ours, by permanent id; shown and counted, never touched.
        strangers: references in our form that this journal does not know.
        settlements: executions of no order that were heard here, by execution: expiry, exercise, assignment.
    """

    def __init__(self, ledger: Ledger, gates: Gates, *, look: Callable[[str], None]) -> None:
        self._ledger = ledger
        self._gates = gates
        self._look = look
        self._early: dict[str, ev.Charged] = {}
        self.foreign: dict[int, BrokerOrder] = {}
        self.strangers: set[str] = set()
        self.settlements: dict[str, Fill] = {}

    def hear(self, event: BrokerEvent) -> None:
        """Take one event in; called by the broker from the loop's thread."""
        if isinstance(event, LinkChanged):
            self._link(event)
        elif not self._ledger.writes:
            return
        elif isinstance(event, OrderSeen):
            before = self.match(event.order.order_ref, event.order.perm_id)
            self.see(event.order)
            self._prove_end(before)
        elif isinstance(event, FillSeen):
            self.execute(event.fill)
        elif isinstance(event, CommissionSeen):
            self._charge(event)
        elif isinstance(event, OrderNotice):
            self._notice(event)
        elif isinstance(event, PositionsChanged):
            self._look("a position changed")

    def see(self, order: BrokerOrder) -> None:
        """Take in a report of an order, ours or not."""
        record = self.match(order.order_ref, order.perm_id)
        if record is None:
            self._stranger(order.order_ref, f"an order ({order.status})")
            self._keep_foreign(order)
            return
        self._ledger.note(ev.Seen(order_ref=record.ref, order=order))
        self._is_what_was_sent(record, order)
        self._one_order_only(self._ledger.book.orders[record.ref])

    def execute(self, fill: Fill) -> None:
        """Take in an execution or its correction."""
        record = self.match(fill.order_ref, fill.perm_id)
        if record is None:
            self._stranger(fill.order_ref, "an execution")
            if fill.is_clearing:
                self.settlements[fill.exec_base] = fill  # the broker lists those of today alone
            return
        early = self._early.pop(fill.exec_base, None)
        self._ledger.note(ev.Executed(order_ref=record.ref, fill=fill))
        if fill.commission is not None:
            early = early or ev.Charged(
                exec_base=fill.exec_base,
                revision=fill.revision,
                commission=fill.commission,
                realized_pnl=fill.realized_pnl,
            )
        if early is not None:
            self._ledger.note(early)
        self._one_order_only(self._ledger.book.orders[record.ref])

    def keep_foreign_only(self, listed: Sequence[BrokerOrder]) -> None:
        """Forget orders of others that a complete list of open orders no longer shows."""
        alive = {order.perm_id for order in listed if order.status not in ENDED}
        self.foreign = {perm_id: order for perm_id, order in self.foreign.items() if perm_id in alive}

    def match(self, ref: str, perm_id: int) -> OrderRecord | None:
        """The order of ours that a report is about."""
        return self._ledger.book.orders.get(ref) or self._ledger.book.by_perm(perm_id)

    def doubt_unanswered(self, reason: str, *, older_than: float | None = None) -> bool:
        """Make everything that was written and not answered UNKNOWN; True when there was any.

        Args:
            reason: the sentence.
            older_than: only what was written before this monotonic second.
        """
        found = [
            record
            for record in self._ledger.book.working()
            if _unanswered(record) and self._is_old(record, older_than)
        ]
        mono = self._ledger.clock.monotonic()
        self._ledger.note(*(ev.Doubted(order_ref=each.ref, reason=reason, mono=mono) for each in found))
        return bool(found)

    # --- private ------------------------------------------------------------------------------

    def _prove_end(self, before: OrderRecord | None) -> None:
        """Look once more at an end that is new; a reading repeats what it lists, and that is no news."""
        after = None if before is None else self._ledger.book.orders.get(before.ref)
        if before is None or after is None or before.status is after.status:
            return
        if after.awaits_proof_of_end:
            self._look(f"{after.ref} is said to be {after.status}")

    def _is_old(self, record: OrderRecord, older_than: float | None) -> bool:
        if older_than is None or record.boot_id != self._ledger.journal.boot_id:
            return True
        return (record.pending_mono if record.pending else record.sent_mono) <= older_than

    def _charge(self, event: CommissionSeen) -> None:
        charged = ev.Charged(
            exec_base=event.exec_base,
            revision=event.revision,
            commission=event.commission,
            realized_pnl=event.realized_pnl,
        )
        if self._ledger.book.by_execution(event.exec_base) is not None:
            self._ledger.note(charged)
        else:  # before its execution, or of somebody else's
            self._early[event.exec_base] = charged
            while len(self._early) > _EARLY:
                del self._early[next(iter(self._early))]

    def _notice(self, event: OrderNotice) -> None:
        client_id = self._gates.broker.link().client_id
        book = self._ledger.book
        record = book.orders.get(event.order_ref) or book.by_session(client_id, event.order_id)
        if record is None:
            return
        self._ledger.note(ev.Noticed(order_ref=record.ref, code=event.code, text=clean(event.text)))
        if event.code in WORTH_A_LOOK and self._ledger.book.orders[record.ref].is_working:
            self._look(f"TWS said {event.code} about {record.ref}")

    def _link(self, event: LinkChanged) -> None:
        clean_link = _is_clean(event.status)
        if not clean_link:
            self._gates.reconciled = False
            self.doubt_unanswered("the connection broke before the broker answered")
            self.foreign.clear()
        self._ledger.wake()
        if clean_link and (event.needs_reconcile or not self._gates.reconciled):
            self._gates.reconciled = False
            self._gates.connected_at = self._ledger.clock.monotonic()
            self._look("the connection is back")

    def _is_what_was_sent(self, record: OrderRecord, told: BrokerOrder) -> None:
        """Incident 48: an order that the broker holds on other contracts than were sent is an alarm."""
        sent = {leg.contract.con_id for leg in record.order.combo.legs}
        comparable = len(told.con_ids) == len(sent) and not told.is_completed
        if comparable and set(told.con_ids) != sent and not self._ledger.book.halted:
            self._ledger.note(
                ev.Halted(reason=f"the broker shows {record.ref} on other contracts than were sent")
            )

    def _one_order_only(self, record: OrderRecord) -> None:
        if len(record.perm_ids) > 1 and not self._ledger.book.halted:
            self._ledger.note(
                ev.Halted(
                    reason=f"{record.ref} lives under {len(record.perm_ids)} permanent ids at the broker"
                )
            )
            self._look("two orders under one reference")

    def _stranger(self, ref: str, what: str) -> None:
        book = self._ledger.book
        if not is_order_ref(ref) or ref in book.acknowledged:
            return
        self.strangers.add(ref)
        if not book.halted:
            self._ledger.note(ev.Halted(reason=f"{what} with our reference {ref} is not in this journal"))

    def _keep_foreign(self, order: BrokerOrder) -> None:
        if order.is_completed or order.status in ENDED:
            self.foreign.pop(order.perm_id, None)
        elif order.perm_id:
            self.foreign[order.perm_id] = order


def _unanswered(record: OrderRecord) -> bool:
    if not record.is_working or record.doubt:
        return False
    return record.pending is not Pending.NOTHING or record.state is OrderState.SENDING


def _is_clean(link: LinkStatus) -> bool:
    return link.connected and link.broker_online
