"""Certain knowledge from the broker's own lists, or an explicit "do not know".

A round reads open orders, executions, completed orders, positions, and open orders again, so that an order
that ends between the first and the third is not missed. A round in which one list did not come to its End
proves nothing. What is positively there is adopted; an end is settled when the broker said it and the lists
no longer show the order; absence means something only after several complete rounds over a while, and even
then it is NOT_FOUND, which late evidence re-opens. Nothing is ever sent again, no order is ever made here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from loguru import logger

from sumppump.domain import events as ev
from sumppump.domain.account import Position
from sumppump.domain.order_record import ENDED, OrderRecord, Pending
from sumppump.domain.orders import BrokerOrder, BrokerStatus, Fill, OrderState, Purpose
from sumppump.domain.trade import TradeState
from sumppump.execution.endings import end_all
from sumppump.execution.gates import Gates
from sumppump.execution.leavers import Leavers
from sumppump.execution.ledger import Ledger
from sumppump.execution.reports import ReconcileReport
from sumppump.execution.settings import ExecutionSettings
from sumppump.execution.tracker import REJECTS, Tracker
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.broker import Accounts, Broker

T = TypeVar("T")

# What TWS says to a change that came too late or changes what cannot be changed.
_MODIFY_REFUSED = frozenset({104, 105, 329})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One complete round.

    Attributes:
        began: monotonic second of its start.
        executions: how many were known at its start.
        seq: journal row at its start; it proves nothing about what was written down later.
    """

    began: float
    seq: int
    executions: int
    first: Sequence[BrokerOrder]
    fills: Sequence[Fill]
    completed: Sequence[BrokerOrder]
    last: Sequence[BrokerOrder]


@dataclass(slots=True)
class _Run:
    """One reconcile under way; `since` is when the link came up that its absences count from."""

    since: float | None = None
    rounds: int = 0
    complete: int = 0
    absences: dict[str, list[float]] = field(default_factory=dict)


class Reconciler:
    """Runs rounds until nothing is unresolved or the window is over."""

    def __init__(
        self,
        *,
        broker: Broker,
        accounts: Accounts,
        ledger: Ledger,
        gates: Gates,
        settings: ExecutionSettings,
        recancel: Callable[[Sequence[OrderRecord], str], None],
    ) -> None:
        self._broker = broker
        self._accounts = accounts
        self._ledger = ledger
        self._gates = gates
        self._settings = settings
        self._recancel = recancel
        self._again = asyncio.Event()
        self._running: asyncio.Task[ReconcileReport] | None = None
        self.leavers = Leavers(
            ledger=ledger, gates=gates, settings=settings, recancel=recancel, look=self.look
        )
        self.tracker: Tracker | None = None
        self.positions: Sequence[Position] | None = None
        self.positions_problem = ""

    def look(self, why: str) -> None:
        """Ask for a round soon; `why` is for the reader of the code that calls."""
        self._again.set()

    async def run_forever(self) -> None:
        """Reconcile whenever asked, and every hour without cause."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._again.wait(), self._settings.reconcile_every_s)
            self._again.clear()
            if self._ledger.writes and self._link_is_clean():
                await self.run()

    async def run(self) -> ReconcileReport:
        """Join the reconcile under way, or start one."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._rounds(), name="reconcile")
        return await asyncio.shield(self._running)

    async def close(self) -> None:
        """Stop what is under way."""
        if self._running is not None:
            await end_all([self._running])

    # --- rounds -------------------------------------------------------------------------------

    async def _rounds(self) -> ReconcileReport:
        run = _Run(since=self._gates.connected_at)
        while await self._schedule(run):
            pass
        return self._report(run)

    async def _schedule(self, run: _Run) -> bool:
        """Rounds by the table; True when something new happened and the table starts again."""
        start = self._ledger.clock.monotonic()
        for due in self._settings.round_times_s:
            if await self._woken(start + due - self._ledger.clock.monotonic()):
                return True
            if not self._link_is_clean():
                return False
            if run.since != self._gates.connected_at:  # absence counts from the last break of the link
                run.since = self._gates.connected_at
                run.absences.clear()
            run.rounds += 1
            if (reading := await self._read()) is not None:
                run.complete += 1
                self._take(reading, run)
                if not self._unresolved():
                    return False
        return False

    async def _woken(self, seconds: float) -> bool:
        if seconds <= 0:
            return False
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._again.wait(), seconds)
        woken = self._again.is_set()
        self._again.clear()
        return woken

    async def _read(self) -> Reading | None:
        began, seq = self._ledger.clock.monotonic(), self._ledger.book.seq
        executions = self._ledger.book.executions
        link = self._gates.connected_at
        try:
            first = await self._listed(self._broker.open_orders())
            fills = await self._listed(self._broker.executions())
            completed = await self._listed(self._broker.completed_orders())
            await self._read_positions()
            last = await self._listed(self._broker.open_orders())
        except (SumpPumpError, TimeoutError) as error:
            self._gates.broker_problem = _words(error)
            logger.warning("the broker's lists cannot be read: {}", self._gates.broker_problem)
            return None
        if link != self._gates.connected_at:  # the lists are of two connections
            return None
        self._gates.broker_problem = ""
        return Reading(
            began=began,
            seq=seq,
            executions=executions,
            first=first,
            fills=fills,
            completed=completed,
            last=last,
        )

    async def _read_positions(self) -> None:
        # Orders are proven by orders alone: a contract in the account that cannot be read is a finding, and
        # must not keep everything else from being known.
        try:
            self.positions = await self._listed(self._accounts.positions())
            self.positions_problem = ""
        except (SumpPumpError, TimeoutError) as error:
            self.positions, self.positions_problem = None, _words(error)

    async def _listed(self, reading: Awaitable[T]) -> T:
        return await asyncio.wait_for(reading, self._settings.read_timeout_s)

    # --- what a reading means -----------------------------------------------------------------

    def _take(self, reading: Reading, run: _Run) -> None:
        tracker = self.tracker
        assert tracker is not None, "the tracker is wired before the first round"
        for order in reading.first:
            tracker.see(order)
        for fill in reading.fills:
            tracker.execute(fill)
        for order in (*reading.completed, *reading.last):
            tracker.see(order)
        listed = {record.ref for order in reading.last if (record := _match(tracker, order))}
        for record in self._ledger.book.working():
            if record.ref in listed:
                self._present(self._ledger.book.orders[record.ref], reading, run)
            elif self._was_sent_before(record, reading):
                self._absent(self._ledger.book.orders[record.ref], reading, run)
        tracker.keep_foreign_only(reading.last)
        self._gates.reconciled = True
        self._two_lives()
        self._compare(reading)
        self._ledger.wake()

    def _was_sent_before(self, record: OrderRecord, reading: Reading) -> bool:
        return record.sent_seq <= reading.seq

    def _present(self, record: OrderRecord, reading: Reading, run: _Run) -> None:
        """The broker lists it as open."""
        if record.pending is Pending.CANCEL and (record.doubt or record.pending_mono < reading.began - 1.0):
            with contextlib.suppress(SumpPumpError):  # no connection: the next reconcile asks again
                self._recancel([record], "the cancel was not answered")
        if record.pending is Pending.MODIFY:
            self._unchanged(record, reading, run)
        else:
            run.absences.pop(record.ref, None)
        trade = self._ledger.book.trades.get(record.strategy_id)
        if record.order.purpose is Purpose.STOP and trade and trade.state is TradeState.STOPS_PLACED:
            self._ledger.note(ev.Watched(strategy_id=record.strategy_id))

    def _unchanged(self, record: OrderRecord, reading: Reading, run: _Run) -> None:
        """A change was asked for and the broker lists the order as it was before."""
        refused = any(code in REJECTS or code in _MODIFY_REFUSED for code, _ in record.notices)
        counts = bool(record.doubt) and self._was_doubted_before(record, reading)
        if refused or (counts and self._often_enough(record, reading, run)):
            self._ledger.note(
                ev.Resolved(order_ref=record.ref, evidence="the broker lists the order as it was before")
            )

    def _absent(self, record: OrderRecord, reading: Reading, run: _Run) -> None:
        """The broker does not list it as open."""
        if (end := _proven_end(record, reading)) is not None:
            state, evidence = end
            self._ledger.note(ev.Settled(order_ref=record.ref, state=state, evidence=evidence))
        elif not record.doubt:
            self._ledger.note(
                ev.Doubted(
                    order_ref=record.ref,
                    reason="the broker lists it no more and does not say why",
                    mono=self._ledger.clock.monotonic(),
                )
            )
        elif self._was_doubted_before(record, reading):
            self._count_absence(record, reading, run)

    def _was_doubted_before(self, record: OrderRecord, reading: Reading) -> bool:
        return record.doubt_seq <= reading.seq

    def _count_absence(self, record: OrderRecord, reading: Reading, run: _Run) -> None:
        if self._often_enough(record, reading, run):
            seen = run.absences[record.ref]
            said_filled = record.status is BrokerStatus.FILLED
            absent = f"absent from {len(seen)} complete readings over {seen[-1] - seen[0]:.0f} s"
            self._ledger.note(
                ev.Settled(
                    order_ref=record.ref,
                    state=OrderState.FILLED if said_filled else OrderState.NOT_FOUND,
                    evidence=f"order status said Filled; {absent}" if said_filled else absent,
                )
            )

    def _often_enough(self, record: OrderRecord, reading: Reading, run: _Run) -> bool:
        seen = run.absences.setdefault(record.ref, [])
        seen.append(reading.began)
        enough = len(seen) >= self._settings.absent_rounds
        return enough and seen[-1] - seen[0] >= self._settings.absent_span_s

    def _compare(self, reading: Reading) -> None:
        # Positions are of one moment, the book goes on: only a book that stood still is compared.
        if self.positions is not None and self._ledger.book.executions == reading.executions:
            heard = self.tracker.settlements if self.tracker else {}
            listed = {fill.exec_base: fill for fill in reading.fills if fill.is_clearing}
            self.leavers.compare(self.positions, tuple((heard | listed).values()))

    def _two_lives(self) -> None:
        # One reference under two permanent ids: one of them would go on living unseen. All that can fill
        # by itself is cancelled; protective stops of other trades stay.
        book = self._ledger.book
        if any(len(record.perm_ids) > 1 and record.is_working for record in book.orders.values()):
            doomed = [
                record
                for record in book.working()
                if (len(record.perm_ids) > 1 or record.order.purpose.adds_risk)
                and record.pending is not Pending.CANCEL
            ]
            with contextlib.suppress(SumpPumpError):
                self._recancel(doomed, "one reference, two orders")

    def _unresolved(self) -> list[OrderRecord]:
        book = self._ledger.book
        return [record for record in book.working() if record.is_unknown or record.status in ENDED]

    def _link_is_clean(self) -> bool:
        link = self._broker.link()
        return link.connected and link.broker_online

    def _report(self, run: _Run) -> ReconcileReport:
        book = self._ledger.book
        unresolved = tuple(record.ref for record in self._unresolved())
        findings = [book.halted] if book.halted else []
        findings += [f"{r.ref} is {r.state}: {r.evidence}" for r in book.orders.values() if r.is_unknown]
        findings += [f"{r.ref} was not found" for r in book.orders.values() if _is_lost(r)]
        if not run.complete:
            why = self._gates.broker_problem or "no connection"
            findings.insert(0, f"no complete reading of the broker's lists: {why}")
        findings += [*self._gates.endangered, *self._gates.missing]
        if self.positions_problem:
            findings.append(f"positions cannot be read: {self.positions_problem}")
        return ReconcileReport(
            green=bool(run.complete) and not unresolved and self._gates.reconciled,
            rounds=run.rounds,
            complete_rounds=run.complete,
            unresolved=unresolved,
            findings=tuple(findings),
        )


# An Inactive order that is listed as open is held, not over.
_OVER = ENDED - {BrokerStatus.INACTIVE}


def _words(error: Exception) -> str:
    return error.message if isinstance(error, SumpPumpError) else "no answer in time"


def _match(tracker: Tracker, order: BrokerOrder) -> OrderRecord | None:
    return None if order.status in _OVER else tracker.match(order.order_ref, order.perm_id)


def _is_lost(record: OrderRecord) -> bool:
    return record.state is OrderState.NOT_FOUND


def _proven_end(record: OrderRecord, reading: Reading) -> tuple[OrderState, str] | None:
    """The end that the broker's words and this reading prove together; None when they do not."""
    refused = next(((code, text) for code, text in reversed(record.notices) if code in REJECTS), None)
    ended = any(_is_same(order, record) for order in reading.completed)
    if record.status is BrokerStatus.FILLED:
        # Executions are today's only: what the broker calls filled twice is filled, its prices unknown.
        return (OrderState.FILLED, "completed orders; its executions were not reported") if ended else None
    if record.status in (BrokerStatus.CANCELLED, BrokerStatus.API_CANCELLED) and refused is None:
        return OrderState.CANCELLED, f"{record.evidence}; no longer among the open orders"
    if refused is not None and record.pending is not Pending.MODIFY:
        return OrderState.REJECTED, f"TWS {refused[0]}: {refused[1]}; not among the open orders"
    if record.status is BrokerStatus.INACTIVE and ended:
        return OrderState.REJECTED, "completed orders: Inactive; the broker's reason was not heard"
    return None


def _is_same(order: BrokerOrder, record: OrderRecord) -> bool:
    return order.order_ref == record.ref or (order.perm_id != 0 and order.perm_id in record.perm_ids)
