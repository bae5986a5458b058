"""The payoff of a ticket, drawn and in words."""

from __future__ import annotations

from sumppump.approval import words
from sumppump.approval.rendering import Payoff, svg_address
from sumppump.domain.payoff import Bound, Unlimited
from sumppump.domain.tickets import TicketFacts
from sumppump.drawing.payoff import AT_EXPIRY, PayoffLine, PayoffPicture, payoff_chart
from sumppump.drawing.svg import chart_svg
from sumppump.kernel.money import Money
from sumppump.kernel.text import clean
from sumppump.strategies.words import bound_words

# The shape of the place that the page has for it, so that its letters come out in their own size:
# a ticket with many legs or warnings leaves less.
_WIDTH, _TALL, _LOW = 440, 300, 240


def payoff_of(facts: TicketFacts) -> Payoff:
    """The picture of a ticket's payoff; words alone where there are no figures to draw."""
    if len(facts.payoff) < 2:
        return Payoff("", "No payoff is drawn for this order.")
    height = _TALL if len(facts.legs) <= 2 and not facts.warnings else _LOW
    svg = chart_svg(payoff_chart(picture_of(facts)), width=_WIDTH, height=height)
    return Payoff(svg_address(svg), _in_words(facts))


def picture_of(facts: TicketFacts) -> PayoffPicture:
    """What the picture of a ticket says.

    Raises:
        ValueError: fewer than two points.
    """
    prices, pnl = zip(*((float(price), float(cash)) for price, cash in facts.payoff), strict=True)
    return PayoffPicture(
        title=clean(facts.title, limit=90),
        symbol=clean(facts.symbol, limit=20),
        lines=(PayoffLine(AT_EXPIRY, prices, pnl),),
        max_loss=bound_words(_bound(facts.max_loss, facts.max_loss_reason)),
        max_profit=bound_words(_bound(facts.max_profit, facts.max_profit_reason)),
        spot=None if facts.spot is None else float(facts.spot),
        breakevens=tuple(float(price) for price in facts.breakevens),
    )


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
