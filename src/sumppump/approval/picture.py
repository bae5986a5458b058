"""The payoff of a ticket, drawn and in words."""

from __future__ import annotations

from sumppump.approval import words
from sumppump.approval.rendering import Payoff
from sumppump.domain.tickets import TicketFacts


def payoff_of(facts: TicketFacts) -> Payoff:
    """The picture of a ticket's payoff; words alone where there are no figures to draw."""
    if not facts.payoff:
        return Payoff("", "No payoff is drawn for this order.")
    return Payoff("", _in_words(facts))


def _in_words(facts: TicketFacts) -> str:
    breakevens = " and ".join(words.decimal(level) for level in facts.breakevens) or "no price"
    return (
        f"Payoff at expiry: loss of at most {words.cash(facts.max_loss)}, "
        f"gain of at most {words.cash(facts.max_profit)}, breaks even at {breakevens}."
    )
