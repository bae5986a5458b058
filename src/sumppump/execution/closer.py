"""Drives approved closes that have stops to remove: asks which step is due, and does it."""

from __future__ import annotations

from sumppump.domain.journal import TicketRecord
from sumppump.domain.tickets import PlannedOrder, Role
from sumppump.execution.closing import Act, ClosingClock, ClosingStep, next_step, removes_stops
from sumppump.execution.desk import TradingDesk
from sumppump.kernel.errors import SumpPumpError


class Closer:
    """Looks at every heartbeat; keeps nothing but when each approval was given in this process."""

    def __init__(self, desk: TradingDesk) -> None:
        self._desk = desk
        self._approved: dict[str, float] = {}
        self._blocked: dict[str, str] = {}
        self._open: list[str] = []
        self._seen = 0

    def begin(self, ticket_id: str) -> None:
        """A close was approved just now and its stops are being cancelled."""
        self._approved[ticket_id] = self._desk.clock.monotonic()

    def step(self) -> None:
        """Do what is due for every close under way. Refusals are tried again at the next heartbeat."""
        book = self._desk.engine.ledger.book
        if not self._desk.engine.gates.reconciled:
            return
        for ticket_id in self._under_way():
            found = book.tickets[ticket_id]
            due = next_step(book, found, self._clock(found))
            self._blocked.pop(ticket_id, None)
            try:
                self._do(found, due)
            except SumpPumpError as error:
                if due.act in (Act.CLOSE, Act.REARM):
                    self._blocked[ticket_id] = f"{found.ticket.facts.symbol}: {error.message}"

    def unguarded(self) -> tuple[str, ...]:
        """Positions whose stop is gone and could not be set again yet, each with the reason."""
        return tuple(self._blocked.values())

    def _under_way(self) -> list[str]:
        # The journal changes far less often than the heart beats: old tickets are asked only when it does.
        book = self._desk.engine.ledger.book
        if book.seq != self._seen:
            self._seen = book.seq
            self._open = [key for key, found in book.tickets.items() if self._is_open(found)]
        return self._open

    def _is_open(self, found: TicketRecord) -> bool:
        book = self._desk.engine.ledger.book
        return removes_stops(found) and next_step(book, found, self._clock(found)).act is not Act.DONE

    def _clock(self, found: TicketRecord) -> ClosingClock:
        settings, now = self._desk.settings, self._desk.clock.monotonic()
        approved = self._approved.get(found.ticket.ticket_id)
        main = found.ticket.main
        close = self._desk.engine.ledger.book.orders.get(main.order_ref) if main else None
        # After a restart the approval is stale, and a close that still works has had its time.
        own = close is not None and close.boot_id == self._desk.engine.ledger.journal.boot_id
        life = found.ticket.works_for_s or settings.close_fill_s  # what the person was told binds
        since = close.sent_mono if close is not None and own else self._desk.boot_mono
        return ClosingClock(
            may_close=approved is not None and now - approved <= settings.cancel_confirm_s,
            close_overdue=now - since >= life,
        )

    def _do(self, found: TicketRecord, due: ClosingStep) -> None:
        engine = self._desk.engine
        match due.act:
            case Act.REMOVE:
                engine.cancel(due.records, due.why)
            case Act.GIVE_UP:
                engine.cancel(due.records, due.why)
            case Act.CLOSE:
                planned = [PlannedOrder(role=Role.MAIN, order=order) for order in due.orders]
                engine.dispatch.send(found.ticket, planned)
            case Act.REARM:
                planned = [PlannedOrder(role=Role.REARM, order=order) for order in due.orders]
                engine.dispatch.send(found.ticket, planned)
            case Act.DONE:
                self._approved.pop(found.ticket.ticket_id, None)
            case Act.WAIT:
                pass
