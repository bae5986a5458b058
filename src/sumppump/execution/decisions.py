"""A person's decision: checked, carried out once, answered the same for ever after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sumppump.domain import events as ev
from sumppump.domain.journal import TicketRecord
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import Order, OrderState
from sumppump.domain.tickets import Channel, Ticket, TicketKind
from sumppump.execution.approvals import check_amount, check_channel, check_code, check_digest, drift
from sumppump.execution.desk import TradingDesk
from sumppump.execution.dispatch import family
from sumppump.execution.overlap import overlap_changes, overlap_notes
from sumppump.execution.reporting import ticket_report
from sumppump.execution.reports import OrderReport, Outcome
from sumppump.execution.survey import Survey, Surveyor
from sumppump.execution.ticketing import TicketBook, Waiting, with_changes
from sumppump.kernel.errors import ApprovalRefused, OutOfStep, RiskRefused, TicketGone

PRICE_CONTROLS = frozenset({"C-02", "C-03", "C-04", "C-15"})
"""Limits that bound what the order's price makes of it: a ticket at a fresh price may pass them."""
_STILL_SENDING = frozenset({OrderState.SENDING, OrderState.MODIFY_SENDING, OrderState.APPROVED})


class Decider:
    """Carries decisions out. One decision per ticket at a time; callers that go away change nothing."""

    def __init__(
        self,
        desk: TradingDesk,
        tickets: TicketBook,
        surveyor: Surveyor,
        *,
        on_close: Callable[[str], None],
    ) -> None:
        self._desk = desk
        self._tickets = tickets
        self._surveyor = surveyor
        self._on_close = on_close
        self._under_way: dict[str, asyncio.Task[Outcome]] = {}

    async def approve(
        self, ticket_id: str, channel: Channel, *, code: str | None, amount: str | None, digest: str | None
    ) -> Outcome:
        """See `ExecutionService.approve`."""
        found = self._found(ticket_id)
        if found.state is not OrderState.AWAIT_HUMAN:
            return self._again(found)
        waiting = self._still_waiting(found)
        self._prove(waiting, found, channel, code, amount, digest)
        task = self._under_way.get(ticket_id)
        if task is None or task.done():
            task = asyncio.create_task(self._carry_out(waiting, channel), name=f"approve {ticket_id}")
            self._under_way[ticket_id] = task
            task.add_done_callback(lambda done: self._over(ticket_id, done))
        # A cancelled caller must not stop a send half-way.
        return await asyncio.shield(task)

    def _over(self, ticket_id: str, task: asyncio.Task[Outcome]) -> None:
        self._under_way.pop(ticket_id, None)
        if not task.cancelled():
            task.exception()  # also when every caller has gone away

    def decline(self, ticket_id: str, channel: Channel) -> Outcome:
        """See `ExecutionService.decline`."""
        found = self._found(ticket_id)
        if found.state is not OrderState.AWAIT_HUMAN:
            return self._again(found)
        self._tickets.end(ticket_id, OrderState.DECLINED, channel=channel, reason="declined by a person")
        return self._outcome(ticket_id, "Declined; nothing was sent.")

    async def close(self) -> None:
        """Let what is under way come to its end; it is never cut off between commit and write."""
        tasks = tuple(self._under_way.values())
        if tasks:
            await asyncio.wait(tasks, timeout=self._desk.settings.ack_wait_s)

    # --- checks -------------------------------------------------------------------------------

    def _found(self, ticket_id: str) -> TicketRecord:
        found = self._desk.engine.ledger.book.tickets.get(ticket_id)
        if found is None:
            raise TicketGone(
                f"there is no ticket {ticket_id[:40]!r}",
                expected="ticket_id: of a ticket that was staged here",
                found=repr(ticket_id[:40]),
                next_steps=["See trade_get_session_status for the tickets there are."],
            )
        return found

    def _still_waiting(self, found: TicketRecord) -> Waiting:
        self._tickets.expire()
        waiting = self._tickets.get(found.ticket.ticket_id)
        if waiting is None:
            self._desk.engine.gates.check_writes()
            raise TicketGone(
                "the ticket has expired",
                code="ticket_expired",
                expected=f"an approval within {found.ticket.life_s:g} s",
                next_steps=["Make a new ticket: the figures would be too old."],
            )
        return waiting

    def _prove(
        self,
        waiting: Waiting,
        found: TicketRecord,
        channel: Channel,
        code: str | None,
        amount: str | None,
        digest: str | None,
    ) -> None:
        check_digest(waiting.ticket, found.digest, digest)
        check_channel(waiting.ticket, channel)
        if channel is Channel.CODE:
            check_code(waiting.ticket, waiting.secret, code)
        elif channel is Channel.AUTO:
            self._must_be_automatic()
        else:
            check_amount(waiting.ticket, amount)

    def _must_be_automatic(self) -> None:
        if not self._desk.auto_approve:
            raise ApprovalRefused(
                "this program does not approve by itself", expected="a person's approval", found="auto"
            )

    # --- carrying out -------------------------------------------------------------------------

    async def _carry_out(self, waiting: Waiting, channel: Channel) -> Outcome:
        ticket = waiting.ticket
        if ticket.kind is not TicketKind.CANCEL_STOP:
            moved = await self._look_again(waiting)
            if moved:
                return await self._replace(waiting, moved)
        # From here to the write nothing waits, so nothing can change in between.
        found = self._found(ticket.ticket_id)
        if found.state is not OrderState.AWAIT_HUMAN:
            return self._again(found)
        self._still_waiting(found)
        check_digest(ticket, found.digest, None)
        _SEND[ticket.kind](
            self,
            waiting,
            ev.Decided(
                ticket_id=ticket.ticket_id,
                state=OrderState.APPROVED,
                channel=channel,
                reason=f"approved by {channel}",
            ),
        )
        self._tickets.forget(ticket.ticket_id)
        await self._first_word(ticket)
        return self._outcome(ticket.ticket_id, "")

    async def _look_again(self, waiting: Waiting) -> tuple[str, ...]:
        """Judge on fresh figures; what moved too far, or what a limit refuses now, as sentences.

        Raises:
            RiskRefused: a limit that another price would not change refuses; the ticket goes on waiting.
        """
        ticket, content = waiting.ticket, waiting.content
        main = ticket.main
        if main is None:
            return ()
        self._desk.engine.gates.check_writes()
        survey = await self._surveyor.take(main)
        moved = drift(ticket, survey.quotes, self._desk.settings, underlying_id=content.underlying_id)
        if moved := (*moved, *self._overlaps_moved(ticket, main, survey)):
            return moved
        try:
            for planned in family(ticket):
                self._surveyor.judge(
                    planned.order,
                    survey,
                    content.bounds,
                    parent=self._waiting_parent(ticket, planned.order),
                    removes=ticket.removes,
                    first_price=content.first_price,
                )
        except RiskRefused as refused:
            if not {breach.control for breach in refused.breaches} <= PRICE_CONTROLS:
                raise
            return tuple(breach.message for breach in refused.breaches)
        return ()

    def _overlaps_moved(self, ticket: Ticket, main: Order, survey: Survey) -> tuple[str, ...]:
        """What an opening order closes or offsets now, other than its ticket said."""
        if ticket.kind is not TicketKind.OPEN:
            return ()
        now = overlap_notes(self._desk.engine.ledger.book, main, survey.positions)
        return overlap_changes(ticket.facts.overlaps, now)

    def _waiting_parent(self, ticket: Ticket, order: Order) -> Order | None:
        """The unfilled parent of a child: within its own family, or at the broker."""
        if not order.parent_ref:
            return None
        if ticket.main is not None and ticket.main.order_ref == order.parent_ref:
            return ticket.main
        record = self._desk.engine.ledger.book.orders.get(order.parent_ref)
        return record.order if record and record.state is not OrderState.FILLED else None

    async def _replace(self, waiting: Waiting, moved: tuple[str, ...]) -> Outcome:
        content = with_changes(await waiting.wish(), moved)
        found = self._found(waiting.ticket.ticket_id)
        if found.state is not OrderState.AWAIT_HUMAN:  # declined, or replaced, while the figures were taken
            return self._again(found)
        fresh = self._tickets.issue(content, waiting.wish, waiting.asked, replaces=waiting.ticket.ticket_id)
        return Outcome(
            state=OrderState.SUPERSEDED,
            message=f"Not sent: {'; '.join(moved)}. Ticket {fresh.ticket_id} takes its place and waits.",
            ticket_id=waiting.ticket.ticket_id,
            ticket=fresh,
        )

    def _send_family(self, waiting: Waiting, decided: ev.Decided) -> None:
        ticket = waiting.ticket
        self._desk.engine.dispatch.send(ticket, family(ticket), beside=(decided,))

    def _send_close(self, waiting: Waiting, decided: ev.Decided) -> None:
        ticket, engine = waiting.ticket, self._desk.engine
        if not ticket.removes:
            self._send_family(waiting, decided)
            return
        if ticket.main is not None:
            engine.gates.before_order(ticket.main)
        stops = [engine.ledger.book.orders[ref] for ref in ticket.removes]
        engine.cancel([r for r in stops if r.is_working], "the position is being closed", beside=(decided,))
        self._on_close(ticket.ticket_id)

    def _send_modify(self, waiting: Waiting, decided: ev.Decided) -> None:
        ticket, engine = waiting.ticket, self._desk.engine
        record = self._target(ticket)
        if ticket.main is not None:
            engine.dispatch.modify(ticket, record, ticket.main, beside=(decided,))

    def _send_cancel(self, waiting: Waiting, decided: ev.Decided) -> None:
        record = self._target(waiting.ticket)
        self._desk.engine.cancel([record], "the person cancels the stop", beside=(decided,))

    def _target(self, ticket: Ticket) -> OrderRecord:
        record = self._desk.engine.ledger.book.orders[ticket.target_ref]
        if not record.is_working or record.pending:
            raise OutOfStep(
                f"order {record.order_id} is {record.state} now",
                expected="a working order",
                found=record.state.value,
                next_steps=["See trade_get_order_status."],
            )
        return record

    # --- answers ------------------------------------------------------------------------------

    async def _first_word(self, ticket: Ticket) -> None:
        """Wait a little for the broker, so that the answer can say more than "sent"."""
        book, settings = self._desk.engine.ledger.book, self._desk.settings
        patience = settings.ack_wait_s + (settings.cancel_confirm_s if ticket.removes else 0.0)
        await self._desk.engine.ledger.until(
            lambda: _says_enough(ticket_report(book, book.tickets[ticket.ticket_id])), patience
        )

    def _again(self, found: TicketRecord) -> Outcome:
        if found.state in (OrderState.EXPIRED, OrderState.DECLINED):
            raise TicketGone(
                f"the ticket is {found.state}: {found.reason}",
                code=f"ticket_{found.state.lower()}",
                expected="a ticket that waits for a person",
                found=found.state.value,
                next_steps=["Make a new ticket."],
            )
        return self._outcome(found.ticket.ticket_id, "", replayed=True)

    def _outcome(self, ticket_id: str, message: str, *, replayed: bool = False) -> Outcome:
        book = self._desk.engine.ledger.book
        found = book.tickets[ticket_id]
        report = ticket_report(book, found)
        successor = book.tickets.get(found.replaced_by)
        return Outcome(
            state=report.state,
            message=message or f"{found.ticket.facts.title}: {report.state}, {report.evidence}.",
            ticket_id=ticket_id,
            report=report,
            ticket=successor.ticket if successor else None,
            replayed=replayed,
        )


_SEND: dict[TicketKind, Callable[[Decider, Waiting, ev.Decided], None]] = {
    TicketKind.OPEN: Decider._send_family,
    TicketKind.STOP: Decider._send_family,
    TicketKind.CLOSE: Decider._send_close,
    TicketKind.MODIFY: Decider._send_modify,
    TicketKind.CANCEL_STOP: Decider._send_cancel,
}


def _says_enough(report: OrderReport) -> bool:
    """Whether the broker has answered; of a filled exit with its fees too, without which it has no result."""
    if report.state in _STILL_SENDING:
        return False
    is_exit = report.order is not None and not report.order.purpose.adds_risk
    return not (is_exit and report.state is OrderState.FILLED and report.commission is None)
