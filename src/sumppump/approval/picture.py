"""The payoff of a ticket, drawn and in words."""

from __future__ import annotations

from sumppump.approval import words
from sumppump.approval.rendering import Payoff, svg_address
from sumppump.domain.payoff import Bound, Unlimited
from sumppump.domain.tickets import TicketFacts
from sumppump.kernel.money import Money
from sumppump.kernel.text import clean
from sumppump.strategies.pictures import Drawing, payoff_svg

# The shape of the place that the page has for it, so that its letters come out in their own size:
# a ticket with many legs or warnings leaves less.
_WIDTH, _TALL, _LOW = 440, 300, 240


def payoff_of(facts: TicketFacts) -> Payoff:
    """The picture of a ticket's payoff; words alone where there are no figures to draw."""
    if len(facts.payoff) < 2:
        return Payoff("", "No payoff is drawn for this order.")
    drawing = Drawing.of_points(
        facts.payoff,
        title=clean(facts.title, limit=90),
        symbol=clean(facts.symbol, limit=20),
        max_loss=_bound(facts.max_loss, facts.max_loss_reason),
        max_profit=_bound(facts.max_profit, facts.max_profit_reason),
        spot=facts.spot,
        breakevens=facts.breakevens,
    )
    height = _TALL if len(facts.legs) <= 2 and not facts.warnings else _LOW
    return Payoff(svg_address(payoff_svg(drawing, width=_WIDTH, height=height)), _in_words(facts))


def _bound(amount: Money | None, reason: str) -> Bound | None:
    if amount is None and "unlimited" in reason.lower():
        return Unlimited(reason)
    return amount


def _in_words(facts: TicketFacts) -> str:
    breakevens = " and ".join(words.decimal(level) for level in facts.breakevens) or "no price"
    return (
        f"Payoff at expiry: loss of at most {words.cash(facts.max_loss)}, "
        f"gain of at most {words.cash(facts.max_profit)}, breaks even at {breakevens}."
    )
