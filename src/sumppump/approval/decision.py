"""What a person's answer means, whatever channel it came through.

Declining is always free. Approving a live order, or one that can lose much, takes the amount, typed.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from sumppump.execution.approvals import is_amount
from sumppump.kernel.errors import ApprovalRefused
from sumppump.kernel.money import Money


class Decision(StrEnum):
    """The two answers there are."""

    DECLINE = "decline"
    APPROVE = "approve"


def decide(answer: str, *, amount: Money | None, typed: str) -> Decision:
    """The decision that an answer stands for.

    Args:
        answer: `approve` or `decline`, in any case.
        amount: what has to be typed to approve, None where a plain answer is enough.
        typed: what the person typed.

    Raises:
        ApprovalRefused: neither word, or another amount than the ticket's.
    """
    word = answer.strip().lower()
    if word == Decision.DECLINE:
        return Decision.DECLINE
    if word != Decision.APPROVE:
        raise ApprovalRefused(
            "this is no answer to a ticket",
            code="no_decision",
            expected="approve or decline",
            next_steps=["Answer approve or decline; the ticket is still waiting."],
        )
    if amount is not None and not is_amount(typed, amount):
        raise ApprovalRefused(
            f"to approve, type the amount shown: {typing_of(amount)}",
            code="amount_not_typed",
            expected=typing_of(amount),
            next_steps=["Type the amount as it is shown, or decline; the ticket is still waiting."],
        )
    return Decision.APPROVE


def typing_of(amount: Money) -> str:
    """How the amount is shown for typing, for example `4,200` or `4,237.50`."""
    cents = _to_cents(amount)
    return f"{cents:,.0f}" if cents == cents.to_integral_value() else f"{cents:,.2f}"


def _to_cents(amount: Money) -> Decimal:
    return abs(amount.amount).quantize(Decimal("0.01"))
