"""The journal and its fold, kept together: what is written is what is known.

`commit` is for what must be on disk before we act, and raises. `note` is for evidence, which is true whether
or not it can be written: when the disk fails it is kept, applied, and written as soon as possible, and until
then nothing new may be sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sumppump.domain import events as ev
from sumppump.domain.journal import Book, fold
from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import StoreFailed, WritesOff
from sumppump.kernel.ids import order_ref
from sumppump.ports.store import Audit, Fact, Journal


class Ledger:
    """Book, journal and audit of one process."""

    def __init__(self, journal: Journal, audit: Audit, clock: Clock, *, version: str) -> None:
        self.journal = journal
        self.audit = audit
        self.clock = clock
        self.book: Book = fold(journal.read())
        self._version = version
        self._booted = False
        self._refs = 0
        self._unwritten: list[ev.Event] = []
        self._unaudited: list[ev.Recorded] = []
        self._waiters: list[asyncio.Future[None]] = []
        self.store_problem = ""
        self.audit_problem = ""

    # --- who writes ---------------------------------------------------------------------------

    @property
    def writes(self) -> bool:
        """Whether this process is the writer and has said so in the journal."""
        return self._booted and self.journal.is_writer()

    def take_over(self) -> bool:
        """Become the writer if nobody is, and say so in the journal; True when that just happened."""
        if self._booted or not self.journal.become_writer():
            return False
        self.refresh()
        number = self.book.boot_number + 1
        self.commit(ev.Booted(boot_id=self.journal.boot_id, boot_number=number, version=self._version))
        self._booted = True
        return True

    def refresh(self) -> None:
        """Take in what another process has written."""
        for row in self.journal.read(self.book.seq):
            self.book.apply(row)

    def new_ref(self) -> str:
        """An order reference that this journal has never given: boot number, then a counter."""
        self._refs += 1
        return order_ref(self.book.boot_number * 2**20 + self._refs, self.clock.now())

    def age_s(self, at: datetime) -> float:
        """Seconds since a row of another process was written, by this machine's time of day."""
        return (datetime.now(UTC) - at).total_seconds()

    # --- writing ------------------------------------------------------------------------------

    def commit(self, *events: ev.Event) -> None:
        """Write events durably, in one transaction, and take them in.

        Raises:
            StoreFailed: nothing was written.
            WritesOff: another process is the writer.
        """
        self._write_kept()
        for row in self._append(*events):
            self._take(row)
        self._announce()

    def note(self, *events: ev.Event) -> None:
        """Take evidence in, and write it if it is news. Readers leave that to the writer."""
        news = [event for event in events if self.writes and self.book.is_news(event)]
        if news:
            self._keep(*news)
        self._announce()

    def may_write(self) -> None:
        """Make sure that nothing waits to be written.

        Raises:
            StoreFailed: the disk still refuses.
        """
        self._write_kept()

    def _keep(self, *events: ev.Event) -> None:
        try:
            self._write_kept()
            for row in self._append(*events):
                self._take(row)
        except (StoreFailed, WritesOff) as error:
            self.store_problem = f"what happens cannot be written down now ({error.found or error.message})"
            self._unwritten += events
            at, boot_id = self.clock.now(), self.journal.boot_id
            for event in events:
                self.book.apply(ev.Recorded(seq=self.book.seq, at=at, boot_id=boot_id, event=event))

    def _write_kept(self) -> None:
        if self._unwritten:
            self._unaudited += self.journal.append(*self._unwritten)
            self.book.seq = self.journal.head()[0]
            self._unwritten.clear()
            self._audit_soon()
        self.store_problem = ""

    def _append(self, *events: ev.Event) -> tuple[ev.Recorded, ...]:
        try:
            return tuple(self.journal.append(*events))
        except StoreFailed as error:
            self.store_problem = error.message
            raise

    def _take(self, row: ev.Recorded) -> None:
        self.book.apply(row)
        if not isinstance(row.event, ev.Anchored):
            self._unaudited.append(row)

    # --- audit --------------------------------------------------------------------------------

    def _announce(self) -> None:
        """Wake who waits, and audit on the next turn: never between a commit and a write."""
        self._audit_soon()
        self.wake()

    def _audit_soon(self) -> None:
        try:
            asyncio.get_running_loop().call_soon(self.write_audit)
        except RuntimeError:
            self.write_audit()

    def wake(self) -> None:
        """Let everyone who waits look again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    def write_audit(self) -> None:
        """Log the rows that were journaled since, and the journal's head, with one wait for the disk."""
        if not self._unaudited:
            return
        try:
            while self._unaudited:
                self.audit.record("order_event", _audited(self._unaudited[0]))
                del self._unaudited[0]
            seq, own = self.journal.head()
            self.audit.record("journal_head", {"seq": seq, "hash": own}, durable=True)
            self.audit_problem = ""
        except StoreFailed as error:  # what is not written yet stays in the queue
            self.audit_problem = error.message

    def anchor(self, log: str, count: int, head: str) -> None:
        """Put the audit's head into the journal; called at each of its checkpoints."""
        with contextlib.suppress(StoreFailed, WritesOff):
            if self.writes:
                self.commit(ev.Anchored(log=log, count=count, head=head))

    # --- waiting ------------------------------------------------------------------------------

    async def until(self, holds: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until a claim about the book holds; False when the time is over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while not holds():
            left = deadline - loop.time()
            if left <= 0:
                return False
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiters.append(waiter)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(waiter, left)
        return True


def _audited(row: ev.Recorded) -> Mapping[str, Fact]:
    event = row.event
    order = getattr(event, "order", None)
    facts: dict[str, Fact] = {
        "journal_seq": row.seq,
        "event": type(event).__name__,
        "order_ref": str(getattr(event, "order_ref", "") or getattr(order, "order_ref", "")),
    }
    for name in ("ticket_id", "strategy_id", "state", "channel", "reason", "digest", "code", "evidence"):
        value = getattr(event, name, None)
        if isinstance(value, str | int) and value != "":
            # A TWS error code is no secret, and must not share the name of one.
            facts["tws_code" if name == "code" else name] = value
    return facts
