"""Waiting tickets: issued, shown, replaced, expired. The codes live here, in memory, and nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from sumppump.domain import events as ev
from sumppump.domain.orders import Environment, OrderState
from sumppump.domain.tickets import Channel, Ticket, TicketFacts
from sumppump.domain.trade_results import entry_fees
from sumppump.execution.approvals import Secret
from sumppump.execution.desk import TradingDesk
from sumppump.execution.staging import Content
from sumppump.kernel.errors import OutOfStep
from sumppump.kernel.ids import approval_code, short_id
from sumppump.kernel.money import Money

# Hosts have been seen to send one call twice, 2 to 4 ms apart; a person does not ask twice in a second.
SAME_CALL_S = 1.0

Wish = Callable[[], Awaitable[Content]]


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A ticket that waits, with what deciding on it needs.

    Attributes:
        wish: builds its content again on fresh figures, for the replacement after drift.
        asked: the caller's arguments, to know a repeated call.
    """

    ticket: Ticket
    content: Content
    wish: Wish
    asked: str
    secret: Secret


class TicketBook:
    """Tickets that wait in this process."""

    def __init__(self, desk: TradingDesk) -> None:
        self._desk = desk
        self._waiting: dict[str, Waiting] = {}

    def get(self, ticket_id: str) -> Waiting | None:
        """The waiting ticket; None when it was decided, has expired, or belongs to another process."""
        return self._waiting.get(ticket_id)

    def same_call(self, asked: str) -> Ticket | None:
        """The ticket of the very same call a moment ago."""
        now = self._desk.clock.monotonic()
        for waiting in self._waiting.values():
            if waiting.asked == asked and now - waiting.ticket.created <= SAME_CALL_S:
                return waiting.ticket
        return None

    def issue(self, content: Content, wish: Wish, asked: str, *, replaces: str = "") -> Ticket:
        """Write a ticket down, supersede what it replaces, and show it to the person.

        Raises:
            StoreFailed, WritesOff: it could not be written; nothing is shown.
        """
        ticket = self._ticket(content, replaces)
        old = [
            w
            for w in self._waiting.values()
            if _is_same_question(w, content) or w.ticket.ticket_id == replaces
        ]
        if len(self._waiting) - len(old) >= self._desk.settings.most_waiting:
            raise OutOfStep(
                f"{len(self._waiting)} tickets wait for the person already",
                code="too_many_tickets",
                expected=f"fewer than {self._desk.settings.most_waiting} waiting tickets",
                found=str(len(self._waiting)),
                next_steps=["Let the person decide them, or wait until they expire."],
            )
        events: list[ev.Event] = [
            ev.Decided(
                ticket_id=each.ticket.ticket_id,
                state=OrderState.SUPERSEDED,
                reason="; ".join(content.facts.changes) if replaces else "a newer ticket asks the same",
                replaced_by=ticket.ticket_id,
            )
            for each in old
        ]
        if content.adopts is not None:
            events.append(
                ev.Adopted(
                    strategy_id=content.strategy_id,
                    symbol=content.facts.symbol,
                    title=content.adopts.title,
                    quantity=content.adopts.quantity,
                )
            )
        self._desk.engine.ledger.commit(*events, ev.Staged(ticket=ticket, digest=ticket.digest()))
        for each in old:
            self.forget(each.ticket.ticket_id)
        secret = Secret(approval_code(), self._desk.settings.code_tries)
        self._waiting[ticket.ticket_id] = Waiting(
            ticket=ticket, content=content, wish=wish, asked=asked, secret=secret
        )
        self._desk.people.present(ticket, secret.code)
        return ticket

    def end(
        self, ticket_id: str, state: OrderState, *, channel: Channel | None = None, reason: str = ""
    ) -> None:
        """Write down that a ticket is over without an order."""
        self._desk.engine.ledger.commit(
            ev.Decided(ticket_id=ticket_id, state=state, channel=channel, reason=reason)
        )
        self.forget(ticket_id)

    def forget(self, ticket_id: str) -> None:
        """The ticket waits no longer; its code is gone."""
        if self._waiting.pop(ticket_id, None) is not None:
            self._desk.people.withdraw(ticket_id)

    def expire(self) -> None:
        """End the tickets whose time is over, whose code was tried too often, or whose order is gone."""
        now = self._desk.clock.monotonic()
        for waiting in tuple(self._waiting.values()):
            if now >= waiting.ticket.expires:
                self._note_end(waiting, "not approved in time")
            elif waiting.secret.tries_left <= 0:
                self._note_end(waiting, "wrong codes: the ticket is void")
            elif gone := self._gone(waiting.ticket):
                self._note_end(waiting, gone)

    def _gone(self, ticket: Ticket) -> str:
        """Why a change or cancel has nothing left to act on; "" while it has."""
        target = self._desk.engine.ledger.book.orders.get(ticket.target_ref)
        if target is None or target.is_working:
            return ""
        return f"order {target.order_id} is no longer working ({target.state})"

    def _note_end(self, waiting: Waiting, reason: str) -> None:
        ticket_id = waiting.ticket.ticket_id
        self._desk.engine.ledger.note(
            ev.Decided(ticket_id=ticket_id, state=OrderState.EXPIRED, reason=reason)
        )
        self.forget(ticket_id)

    def _ticket(self, content: Content, replaces: str) -> Ticket:
        desk = self._desk
        now = desk.clock.monotonic()
        return Ticket(
            ticket_id=short_id("tkt"),
            kind=content.kind,
            strategy_id=content.strategy_id,
            orders=content.orders,
            facts=self._with_fees(content),
            environment=desk.environment,
            account=desk.broker.link().account,
            boot_id=desk.engine.ledger.journal.boot_id,
            created_at=desk.clock.now(),
            created=now,
            expires=now + desk.settings.ticket_life_s,
            life_s=desk.settings.ticket_life_s,
            typed_amount=self._typed_amount(content),
            removes=content.removes,
            filled_before=content.filled_before,
            works_for_s=desk.settings.close_fill_s if content.removes else 0.0,
            target_ref=content.target_ref,
            replaces=replaces,
            position_id=content.position_id,
        )

    def _with_fees(self, content: Content) -> TicketFacts:
        """Leaving costs about what entering did, where the broker was not asked."""
        facts, main = content.facts, content.orders[0].order if content.orders else None
        if main is None or main.purpose.adds_risk or facts.fees is not None:
            return facts
        fees = entry_fees(self._desk.engine.ledger.book, content.strategy_id, main.quantity)
        return facts if fees is None else replace(facts, fees=fees, fees_note="about, as at the entry")

    def _typed_amount(self, content: Content) -> Money | None:
        """The max loss, or else the cash that moves: typed for live orders and for large ones."""
        loss, main = content.facts.max_loss, content.orders[0].order if content.orders else None
        amount = loss if loss is not None else content.facts.cash
        if amount is None or main is None:
            return None
        # A loss that is unlimited, or that nobody can say, is the largest there is.
        unbounded = loss is None and main.purpose.adds_risk
        large = unbounded or (loss is not None and loss.amount > self._desk.settings.typed_amount_above)
        return abs(amount) if large or self._desk.environment is Environment.LIVE else None


def _is_same_question(waiting: Waiting, content: Content) -> bool:
    old = waiting.content
    return (old.kind, old.strategy_id, old.target_ref) == (
        content.kind,
        content.strategy_id,
        content.target_ref,
    )


def with_changes(content: Content, changes: tuple[str, ...]) -> Content:
    """The content with what moved, said on the ticket."""
    return replace(content, facts=replace(content.facts, changes=(*changes, *content.facts.changes)))
