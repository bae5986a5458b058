"""From a ticket to an answer, and from what the person said to a decision."""

from __future__ import annotations

from collections.abc import Callable

from sumppump.domain.orders import OrderState
from sumppump.domain.tickets import Channel, Ticket
from sumppump.execution.reports import Outcome
from sumppump.kernel.errors import Breach, RiskRefused, TicketGone
from sumppump.server.desk import Call
from sumppump.server.orders.confirmation import FormReply, can_ask, question_about, reply_in
from sumppump.server.orders.ticket_views import TicketAnswer, decided, waiting
from sumppump.server.views import Question


def shown(call: Call, ticket_id: str, *, message: str = "", ask: bool = False) -> TicketAnswer | Question:
    """Where a ticket stands; with `ask`, the host's own form if it may be used and the ticket waits."""
    view = call.desk.execution.ticket(ticket_id)
    if view.state is not OrderState.AWAIT_HUMAN:
        return decided(view)
    may_ask = ask and can_ask(call.context) and not call.desk.execution.health().writes_off
    if may_ask and (question := question_about(view.ticket)) is not None:
        return question
    return waiting(
        view.ticket,
        seconds_left=view.seconds_left,
        monotonic=call.desk.clock.monotonic(),
        message=message,
        approving=call.desk.approving(),
        is_preview=bool(call.desk.execution.health().writes_off),
    )


def staged(call: Call, ticket: Ticket) -> TicketAnswer | Question:
    """A ticket that was made just now."""
    return shown(call, ticket.ticket_id, ask=True)


async def by_form(call: Call) -> TicketAnswer | Question | None:
    """The decision that this call brings back from the host's form; None when it brings none."""
    reply = reply_in(call.context)
    if reply is None:
        return None
    if not _fits(call, reply):
        return shown(call, reply.ticket_id, message="The form was not confirmed; the ticket goes on waiting.")
    outcome = await call.desk.execution.approve(reply.ticket_id, Channel.ELICITATION, amount=reply.typed)
    return _after(call, outcome)


def _fits(call: Call, reply: FormReply) -> bool:
    question = question_about(call.desk.execution.ticket(reply.ticket_id).ticket)
    return question is not None and bool(reply.typed) and _same(reply.typed, question.must_type)


def _same(typed: str, wanted: str) -> bool:
    return typed.replace(",", "").replace("$", "").strip().upper() == wanted.upper()


async def by_code(call: Call, ticket_id: str, code: str) -> TicketAnswer | Question:
    """The decision that a typed code makes."""
    return _after(call, await call.desk.execution.approve(ticket_id, Channel.CODE, code=code))


def waiting_for(call: Call, fits: Callable[[Ticket], bool]) -> str:
    """The ticket_id of the newest waiting ticket that fits, for callers that name what it is about.

    Raises:
        TicketGone: no such ticket waits.
    """
    for view in call.desk.execution.tickets():
        if view.state is OrderState.AWAIT_HUMAN and fits(view.ticket):
            return view.ticket.ticket_id
    raise TicketGone(
        "no ticket for this waits for a code",
        expected="the ticket that the code was shown with",
        found="none that waits",
        next_steps=["Leave confirm_token out to make a new ticket, and show it to the person."],
    )


def _after(call: Call, outcome: Outcome) -> TicketAnswer | Question:
    if outcome.ticket is not None:
        return shown(call, outcome.ticket.ticket_id, message=outcome.message)
    if outcome.breaches:
        raise _refused(outcome.breaches)
    # What the order has come to by now says more than what was known when the decision returned.
    return shown(call, outcome.ticket_id)


def _refused(breaches: tuple[Breach, ...]) -> RiskRefused:
    return RiskRefused(
        breaches, next_steps=["Tell the person which limit refused; nothing was sent.", "Stage it smaller."]
    )
