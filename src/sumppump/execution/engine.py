"""The parts that know, send and follow, wired together, and the heartbeat that keeps them honest."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from loguru import logger

from sumppump.domain import events as ev
from sumppump.domain.order_record import OrderRecord, Pending
from sumppump.domain.orders import OrderState
from sumppump.domain.tickets import Channel
from sumppump.execution.dispatch import Dispatch
from sumppump.execution.endings import end_all
from sumppump.execution.gates import Gates
from sumppump.execution.ledger import Ledger
from sumppump.execution.reconcile import Reconciler
from sumppump.execution.settings import ExecutionSettings
from sumppump.execution.tracker import Tracker
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.broker import Accounts, Broker
from sumppump.ports.store import KillFlag

# An order that does not go after so many cancels is a person's business: it stays in the alarms.
MOST_KILL_TRIES = 5


class Engine:
    """Ledger, gates, dispatch, tracker and reconciler of one process.

    Attributes:
        beats: called at every heartbeat of the writer, after the engine's own duties.
        on_takeover: called when this process has become the writer.
    """

    def __init__(
        self,
        *,
        broker: Broker,
        accounts: Accounts,
        ledger: Ledger,
        flag: KillFlag,
        settings: ExecutionSettings,
        writes_off: Callable[[], str] = lambda: "",
        may_write: bool = True,
    ) -> None:
        self.broker = broker
        self.ledger = ledger
        self.flag = flag
        self.settings = settings
        self._may_write = may_write
        self.gates = Gates(ledger=ledger, broker=broker, flag=flag, settings=settings, writes_off=writes_off)
        self.reconciler = Reconciler(
            broker=broker,
            accounts=accounts,
            ledger=ledger,
            gates=self.gates,
            settings=settings,
            recancel=self._recancel,
        )
        self._tasks: list[asyncio.Task[None]] = []
        self.tracker = Tracker(ledger, self.gates, look=self.reconciler.look)
        self.reconciler.tracker = self.tracker
        self.dispatch = Dispatch(broker, ledger, self.gates, on_doubt=self._doubted)
        self.beats: list[Callable[[], None]] = []
        self.on_takeover: list[Callable[[], None]] = []
        self._cancelled_globally = False
        self._tries: Counter[str] = Counter()

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Take the lock if it is free, listen, and begin the background work; returns at once."""
        self.broker.subscribe(self.tracker.hear)
        self.take_over()
        self._tasks = [
            asyncio.create_task(self.reconciler.run_forever(), name="reconciler"),
            asyncio.create_task(self._heartbeat(), name="execution heartbeat"),
        ]

    def take_over(self) -> bool:
        """Become the writer if nobody is and this process may; True when that just happened."""
        if not self._may_write or not self.ledger.take_over():
            return False
        self.after_takeover()
        return True

    def background_problem(self) -> str:
        """Why the background work has ended by itself; "" while it runs or before it was started."""
        dead = [task for task in self._tasks if task.done()]
        return f"{dead[0].get_name()} has stopped; start SumpPump again" if dead else ""

    async def stop(self) -> None:
        """End the background work. Orders stay as they are at the broker."""
        tasks, self._tasks = self._tasks, []
        await end_all(tasks)
        await self.reconciler.close()
        self.ledger.write_audit()

    def after_takeover(self) -> None:
        """What a new writer owes to what the last one left: doubt, dead tickets, a reconcile."""
        self.tracker.doubt_unanswered("the program ended before the broker answered")
        for record in tuple(self.ledger.book.tickets.values()):
            if record.state is OrderState.AWAIT_HUMAN:
                self.ledger.note(
                    ev.Decided(
                        ticket_id=record.ticket.ticket_id,
                        state=OrderState.EXPIRED,
                        reason="the program that staged it has ended",
                    )
                )
        self.gates.reconciled = False
        for duty in self.on_takeover:
            duty()
        self.reconciler.look("this process became the writer")

    def _doubted(self) -> None:
        self.reconciler.look("something was sent and nobody knows")

    # --- heartbeat ----------------------------------------------------------------------------

    async def _heartbeat(self) -> None:
        while True:
            self.beat()
            await asyncio.sleep(self.settings.heartbeat_s)

    def beat(self) -> None:
        """One look at the switch, at silence, and at whatever else was hung in."""
        if not self.ledger.writes and not self._inherit():
            return
        expiry = self.reconciler.leavers.follow_expiry
        for duty in (self._follow_switch, self._silence, self._write_kept, expiry, *self.beats):
            try:
                duty()
            except Exception:  # noqa: BLE001 - one broken duty must not stop the others, the switch least of all
                logger.exception("a duty of the heartbeat failed")

    def _inherit(self) -> bool:
        # The switch, stops on their way and tickets need a writer even when nobody calls a tool.
        try:
            return self.take_over()
        except SumpPumpError as error:
            logger.warning("this process cannot become the writer: {}", error.message)
            return False

    def _write_kept(self) -> None:
        with contextlib.suppress(SumpPumpError):  # the disk is still full: the next beat tries again
            self.ledger.may_write()
        self.ledger.write_audit()

    def _silence(self) -> None:
        limit = self.ledger.clock.monotonic() - self.settings.silent_s
        silent = f"the broker has been silent for {self.settings.silent_s:g} s"
        if self.tracker.doubt_unanswered(silent, older_than=limit):
            self.reconciler.look("silence")

    # --- cancel and kill ----------------------------------------------------------------------

    def cancel(self, records: Sequence[OrderRecord], reason: str, *, beside: Sequence[ev.Event] = ()) -> None:
        """Cancel working orders of ours now; see `Dispatch.cancel`."""
        if records or beside:
            self.dispatch.cancel(records, reason, beside=beside)

    def ours(self, records: Iterable[OrderRecord]) -> list[OrderRecord]:
        """Those that this connection may cancel: a session id belongs to the client that gave it."""
        client_id = self.broker.link().client_id
        return [record for record in records if record.client_id == client_id]

    def _recancel(self, records: Sequence[OrderRecord], reason: str) -> None:
        self.cancel(self.ours(records), reason)

    def kill(self, reason: str, *, everything: bool = False) -> None:
        """Stop new frames in this very turn, then cancel what would add risk.

        Raises:
            StoreFailed: the flag could not be written; the journal's switch still holds in this process.
        """
        self.ledger.book.killed = self.ledger.book.killed or reason  # in this very turn, whatever fails below
        try:
            self.flag.raise_flag(reason, everything=everything)
        finally:
            self.ledger.note(ev.Killed(reason=reason, everything=everything))
            self.resume_kill()

    def falls_to_switch(self) -> tuple[OrderRecord, ...]:
        """Working orders that the kill switch cancels: what adds risk, exits of what is surely gone."""
        orphans = self.reconciler.leavers.orphans()
        return tuple(
            record
            for record in self.ledger.book.working()
            if self.ledger.book.kills_everything or record.order.purpose.adds_risk or record.ref in orphans
        )

    def resume_kill(self) -> None:
        """Send the cancels that the kill switch owes and that are not on their way."""
        if not self.ledger.writes or not self.broker.link().connected:
            return
        with contextlib.suppress(SumpPumpError):  # no connection: the next heartbeat tries again
            if self.ledger.book.kills_everything and not self._cancelled_globally:
                self.broker.transmit_global_cancel()
                self._cancelled_globally = True
            doomed = self._doomed()
            self._tries.update(record.ref for record in doomed)
            self.cancel(doomed, f"kill switch: {self.gates.killed()}")

    def lift(self, channel: Channel) -> None:
        """Lift switch, halts and lost orders: journal first, then the file.

        Raises:
            StoreFailed: everything stays on.
        """
        lost = [r for r in self.ledger.book.orders.values() if r.state is OrderState.NOT_FOUND]
        self.ledger.commit(
            ev.KillCleared(channel=channel),
            ev.HaltCleared(channel=channel, acknowledged=tuple(sorted(self.tracker.strangers))),
            *(
                ev.Settled(
                    order_ref=record.ref,
                    state=OrderState.HUMAN_CLOSED,
                    evidence="a person looked into TWS and let it go",
                )
                for record in lost
            ),
        )
        self.flag.lower()
        self._cancelled_globally = False
        self._tries.clear()

    def _follow_switch(self) -> None:
        reason = self.flag.reason()
        if reason is None and not self.ledger.book.killed:
            return
        everything = self.flag.wants_everything()
        if not self.ledger.book.killed or (everything and not self.ledger.book.kills_everything):
            self.ledger.note(ev.Killed(reason=reason or "set", everything=everything))
        self.resume_kill()

    def _doomed(self) -> list[OrderRecord]:
        again = self.ledger.clock.monotonic() - self.settings.kill_retry_s
        return [
            record
            for record in self.ours(self.falls_to_switch())
            if self._tries[record.ref] < MOST_KILL_TRIES
            and not (record.pending is Pending.CANCEL and record.pending_mono > again)
        ]
