"""The form by which a host may ask the person, where that returns at once.

Only hosts of the 2026-07-28 era get it: there the question travels as an answer and the reply as a new call,
so nothing here ever waits. What has to be typed is a word or an amount that stands in the question, so that a
host which accepts by itself gets nowhere; it is still never enough for a live account, and a decline or a
cancel proves nothing: the ticket goes on waiting for its page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mcp.server.mcpserver import Context
from mcp_types import ElicitRequest, ElicitRequestFormParams, ElicitResult, InputRequiredResult
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from sumppump.domain.orders import Environment
from sumppump.domain.tickets import Ticket
from sumppump.server.views import Question

_KEY = "confirm"
_FIELD = "type_to_confirm"


@dataclass(frozen=True, slots=True)
class FormReply:
    """What came back from the form: the ticket, and what was typed ("" unless it was accepted)."""

    ticket_id: str
    typed: str


def can_ask(context: Context[Any, Any]) -> bool:
    """Whether this host shows forms and answers them in a call of its own."""
    if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        return False
    capabilities = context.client_capabilities
    elicitation = None if capabilities is None else capabilities.elicitation
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def question_about(ticket: Ticket) -> Question | None:
    """The question for a waiting ticket; None on a live account, where a form is never enough."""
    if ticket.environment is Environment.LIVE:
        return None
    amount = ticket.typed_amount
    must_type = f"{amount.amount:.2f}" if amount else ticket.facts.symbol
    facts = ticket.facts
    loss = f"max loss {facts.max_loss}" if facts.max_loss else facts.max_loss_reason
    exits = ", ".join(f"{each.at}: {each.result}" for each in facts.exits)
    lines = [
        f"{ticket.environment} {ticket.masked_account}: {facts.title}",
        facts.action_words,
        f"{facts.cash_words}, {facts.price_words}, {loss}",
        exits and f"Result before fees {exits}",
        f"Type {must_type} to send it. Anything else leaves the ticket waiting.",
    ]
    return Question(ticket.ticket_id, "\n".join(line for line in lines if line), must_type)


def form_of(question: Question) -> InputRequiredResult:
    """The question as the protocol carries it; its state brings the ticket back, sealed by the SDK."""
    form = ElicitRequestFormParams(
        message=question.message,
        requested_schema={
            "type": "object",
            "properties": {
                _FIELD: {"type": "string", "title": "Confirm", "description": f"Type {question.must_type}"}
            },
            "required": [_FIELD],
        },
    )
    return InputRequiredResult(
        input_requests={_KEY: ElicitRequest(params=form)}, request_state=question.ticket_id
    )


def reply_in(context: Context[Any, Any]) -> FormReply | None:
    """The reply that this call carries, if it is one."""
    if not context.request_state:
        return None
    reply = (context.input_responses or {}).get(_KEY)
    typed = ""
    if isinstance(reply, ElicitResult) and reply.action == "accept":
        typed = str((reply.content or {}).get(_FIELD) or "").strip()
    return FormReply(context.request_state, typed)
