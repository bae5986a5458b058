"""What became of a ticket, in words: from the journal's state, never from what the page was asked to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sumppump.approval import words
from sumppump.approval.sheet import ENVIRONMENT_WORDS, Line
from sumppump.domain.orders import Environment, OrderState, Purpose
from sumppump.domain.tickets import Ticket, TicketKind
from sumppump.execution.reports import OrderReport, TicketView
from sumppump.kernel.text import clean

# State: headline, tone, and what it means. A state that is still moving says so.
_MEANINGS: dict[OrderState, tuple[str, str, str]] = {
    OrderState.PREVIEWED: ("Previewed", "", "Nothing was sent."),
    OrderState.AWAIT_HUMAN: ("Waiting for you", "", "Nothing is sent until you approve."),
    OrderState.APPROVED: ("Approved", "", "Your approval is written down; the order is about to be sent."),
    OrderState.DECLINED: ("Declined", "", "Nothing was sent."),
    OrderState.EXPIRED: ("Expired", "", "It ended before it was decided. Nothing was sent."),
    OrderState.SUPERSEDED: (
        "Replaced",
        "",
        "The market or the order changed. Nothing was sent for this ticket.",
    ),
    OrderState.SENDING: ("Sending", "", "The order is on its way; TWS has not confirmed it yet."),
    OrderState.LIVE: ("Working", "", "TWS has confirmed the order; it is not filled yet."),
    OrderState.PARTIAL: ("Partly filled", "", "A part is filled; the rest is still working."),
    OrderState.FILLED: ("Filled", "good", "The order is filled completely."),
    OrderState.CANCELLED: ("Cancelled", "", "The order is cancelled; nothing more will be filled."),
    OrderState.REJECTED: ("Rejected", "bad", "The order was refused; nothing was filled."),
    OrderState.UNKNOWN: (
        "Outcome unknown",
        "bad",
        "Nobody has confirmed whether the order arrived. SumpPump does not send it again; it keeps looking. "
        "Look in TWS before you do anything else.",
    ),
    OrderState.NOT_FOUND: (
        "Not found at the broker",
        "bad",
        "The broker's lists do not show the order. Late news would still be believed. Look in TWS.",
    ),
    OrderState.HUMAN_CLOSED: ("Closed by hand", "", "A person settled what became of this order."),
    OrderState.CANCEL_SENDING: ("Cancelling", "", "The cancel is on its way; a fill may still come first."),
    OrderState.CANCEL_UNKNOWN: ("Cancel unknown", "bad", "Nobody has confirmed the cancel. Look in TWS."),
    OrderState.MODIFY_SENDING: ("Changing", "", "The change is on its way; TWS has not confirmed it yet."),
    OrderState.MODIFY_UNKNOWN: ("Change unknown", "bad", "Nobody has confirmed the change. Look in TWS."),
}

_Meaning = tuple[str, str, str]
_S = OrderState
# What the same state means for a ticket that is not about opening or closing.
_OF_KIND: dict[TicketKind, dict[OrderState, _Meaning]] = {
    TicketKind.STOP: {
        _S.LIVE: ("The stop works", "good", "TWS has confirmed the stop; it waits for its trigger."),
    },
    TicketKind.CANCEL_STOP: {
        _S.DECLINED: ("Declined", "", "The stop was not touched."),
        _S.EXPIRED: ("Expired", "", "It ended before it was decided. This ticket did not touch the stop."),
        _S.CANCELLED: ("Stop cancelled", "", "The stop is gone. The position has no stop now."),
        _S.LIVE: ("The stop still works", "bad", "The stop was not cancelled; it still works."),
        _S.FILLED: ("The stop was filled", "", "It was filled before the cancel could reach it."),
    },
    TicketKind.MODIFY: {
        _S.DECLINED: ("Declined", "", "Nothing was changed."),
        _S.EXPIRED: ("Expired", "", "It ended before it was decided. Nothing was changed."),
    },
}
_CHANGED = ("Changed", "good", "TWS shows the order as you approved it; it works on.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A decided ticket as text.

    Attributes:
        tone: `good`, `bad` or "".
        newer: the ticket that took its place, or "".
        is_final: nothing more happens by itself.
    """

    ticket_id: str
    environment: Environment
    environment_words: str
    account: str
    title: str
    state: OrderState
    headline: str
    tone: str
    sentence: str
    facts: tuple[Line, ...]
    next_steps: tuple[str, ...]
    newer: str
    is_final: bool


_CHILDREN = {Purpose.STOP: "Its stop", Purpose.TARGET: "Its target"}
# Where nothing came of a decision its answer says why; elsewhere the evidence does.
_LED_TO_NOTHING = frozenset({_S.AWAIT_HUMAN, _S.EXPIRED, _S.SUPERSEDED, _S.PREVIEWED, _S.APPROVED})
_DECIDING = ("Checking", "", "Your decision is being carried out on fresh numbers.")


def result_of(view: TicketView, *, last_word: str = "", newer: str = "", is_deciding: bool = False) -> Result:
    """What became of a ticket.

    Args:
        view: the ticket with its report.
        last_word: what the decision answered, where it answered anything.
        newer: the ticket that replaced it, or "".
        is_deciding: a decision about it is on its way.
    """
    ticket, report = view.ticket, view.report
    waits = is_deciding and view.state is OrderState.AWAIT_HUMAN
    headline, tone, sentence = _DECIDING if waits else _meaning(ticket, view.state, report)
    return Result(
        ticket_id=ticket.ticket_id,
        environment=ticket.environment,
        environment_words=ENVIRONMENT_WORDS[ticket.environment],
        account=ticket.masked_account,
        title=clean(ticket.facts.title, limit=90),
        state=view.state,
        headline=headline,
        tone=tone,
        sentence=sentence,
        facts=tuple(_facts(report, last_word)),
        next_steps=tuple(words.for_a_person(step) for step in report.next_steps),
        newer=newer,
        is_final=view.state.is_terminal,
    )


def _meaning(ticket: Ticket, state: OrderState, report: OrderReport) -> _Meaning:
    if ticket.kind is TicketKind.MODIFY and state is OrderState.LIVE and report.order == ticket.main:
        return _CHANGED
    return _OF_KIND.get(ticket.kind, {}).get(state) or _MEANINGS[state]


def _facts(report: OrderReport, last_word: str) -> Iterator[Line]:
    if report.filled:
        yield Line("Filled", f"{report.filled.normalize():f} of {report.quantity}")
    if report.avg_fill_price is not None:
        yield Line("At", words.price(report.avg_fill_price), "per share")
    if report.filled:
        yield Line("Fees", words.cash(report.commission), "" if report.commission else "not reported yet")
    if report.result is not None:
        yield Line("Result", words.signed_cash(report.result), "after fees")
    if last_word and report.state in _LED_TO_NOTHING:
        yield Line("Answer", words.sentence(last_word))
    if report.evidence:
        yield Line("Evidence", words.sentence(report.evidence))
    yield from (Line("TWS says", clean(text)) for text in report.broker_says[-3:])
    if report.order_ref:
        yield Line("Reference", report.order_ref)
    yield from (Line(_child_label(child), _child_words(child, report)) for child in report.children)


def _child_words(child: OrderReport, parent: OrderReport) -> str:
    if child.state is OrderState.LIVE and not parent.filled:
        return "Waits for the entry"
    return _MEANINGS[child.state][0]


def _child_label(child: OrderReport) -> str:
    if child.order is None:
        return "With it"
    return _CHILDREN.get(child.order.purpose, "With it")
