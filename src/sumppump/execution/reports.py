"""What execution answers: the life of an order from the journal, and the outcome of a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sumppump.domain.orders import Fill, Order, OrderState
from sumppump.domain.tickets import Ticket
from sumppump.kernel.errors import Breach
from sumppump.kernel.money import Money, Premium


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReport:
    """One order or ticket, as the journal knows it.

    Attributes:
        state: a word of the journal; for a ticket that was never sent, the ticket's own.
        evidence: the sentence that the state stands on.
        ticket_id, strategy_id, order_ref: "" where there is none.
        order_id: the broker's session id, 0 before it was sent.
        perm_ids: the broker's permanent ids; more than one is an alarm.
        quantity, filled: combos or contracts.
        avg_fill_price: signed premium per share (plus paid, minus received), None while nothing filled.
        commission: sum over the fills, None until every one has been reported.
        result: what the order closed made (+) or lost (-) after all fees, None while unknown or for openings.
        fills: one per execution, corrections applied; leg rows of a combo included.
        order: the order as it stands now, None for a bare cancel ticket.
        children: reports of target and stop of the same family.
        journal_seq: the row of the last change.
        next_steps: what is due now, in words.
        is_protective: whether it is a stop that guards a position.
    """

    state: OrderState
    evidence: str
    ticket_id: str = ""
    strategy_id: str = ""
    order_ref: str = ""
    order_id: int = 0
    perm_ids: tuple[int, ...] = ()
    quantity: int = 0
    filled: Decimal = Decimal(0)
    avg_fill_price: Premium | None = None
    commission: Money | None = None
    result: Money | None = None
    fills: tuple[Fill, ...] = ()
    order: Order | None = None
    children: tuple[OrderReport, ...] = ()
    why_held: str = ""
    broker_says: tuple[str, ...] = ()
    updated_at: datetime | None = None
    journal_seq: int = 0
    next_steps: tuple[str, ...] = ()
    is_protective: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketView:
    """A ticket and where it stands; for lists and for the page.

    Attributes:
        state: the ticket's own while it waits, then the state of its order.
        digest: what the page hands back with the decision.
        seconds_left: until it expires, 0 when it no longer waits.
    """

    ticket: Ticket
    state: OrderState
    digest: str
    seconds_left: float
    report: OrderReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a decision, a cancel or a repeated call led to.

    Attributes:
        state: of the order, or of the ticket where nothing was sent.
        report: the order's life; None where there is no order.
        ticket: a ticket that now waits for a person: the replacement after drift, or the one a protective
            stop's cancel needs.
        breaches: limits that refused on fresh numbers.
        message: one sentence.
        replayed: True when the ticket had been spent before and this is the same result again.
    """

    state: OrderState
    message: str
    ticket_id: str = ""
    report: OrderReport | None = None
    ticket: Ticket | None = None
    breaches: tuple[Breach, ...] = ()
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingOrder:
    """One working order of the account, ours or not.

    Attributes:
        ours: whether this journal knows it; foreign orders are shown and counted, never touched.
        report: for ours. symbol, description, order_type, limit, stop: signed premiums, for both.
    """

    order_id: int
    order_ref: str
    perm_id: int
    ours: bool
    state: OrderState
    symbol: str
    description: str
    order_type: str
    tif: str
    quantity: Decimal | None
    filled: Decimal | None
    limit: Premium | None
    stop: Premium | None
    client_id: int
    parent_id: int = 0
    why_held: str = ""
    con_ids: tuple[int, ...] = ()
    report: OrderReport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileReport:
    """What a reconcile found.

    Attributes:
        green: the broker's lists were read completely and nothing is unknown or halted.
        rounds: rounds done; complete_rounds: those in which every list came to its End.
        unresolved: order_refs whose outcome is still unknown.
        findings: sentences, the gravest first.
    """

    green: bool
    rounds: int
    complete_rounds: int
    unresolved: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What must stand in the first line of every answer.

    Attributes:
        killed: why the kill switch is on, "" when off.
        halted: why new orders are halted, "" when not.
        unknown: orders whose outcome nobody knows.
        writer: whether this process may write; holder: who does otherwise.
        store_problem: why nothing can be written down, "".
        broker_problem: why the broker's lists cannot be read, "".
        endangered: exits that would open a position, and positions that lost their stop.
        missing: what the account holds less than our trades do; left_over: what trades that are over left in
            it. Both are said by the session status, not everywhere.
        refusal: why a new order would be refused now, "" where it would be looked at.
        unguarded: positions whose stop was removed for a close and could not be set again yet, and why.
        reconciled: whether the broker's lists have been read completely since the last break.
        writes_off: why orders end as previews (mode, account), "".
    """

    killed: str = ""
    halted: str = ""
    unknown: tuple[str, ...] = ()
    writer: bool = True
    holder: str = ""
    store_problem: str = ""
    broker_problem: str = ""
    endangered: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    refusal: str = ""
    unguarded: tuple[str, ...] = ()
    reconciled: bool = False
    writes_off: str = ""

    def alarms(self) -> tuple[str, ...]:
        """Sentences for the head of an answer, the gravest first; empty when all is well."""
        rows = (
            (self.killed, f"KILL SWITCH is on: {self.killed}"),
            (self.halted, f"HALTED: {self.halted}"),
            (self.unknown, f"{len(self.unknown)} order(s) with UNKNOWN outcome"),
            (self.store_problem, f"STORE: {self.store_problem}"),
            (self.broker_problem, f"the broker's lists cannot be read: {self.broker_problem}"),
            (not self.writer, f"read-only: {self.holder or 'another process'} is the writer"),
            (self.writes_off, self.writes_off),
        )
        grave = (*(f"NO STOP: {each}" for each in self.unguarded), *self.endangered)
        return (*grave, *(sentence for due, sentence in rows if due))
