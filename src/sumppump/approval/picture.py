"""The payoff of a ticket, drawn and in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sumppump.approval import words
from sumppump.approval.rendering import Payoff, svg_address
from sumppump.domain.payoff import Bound, Unlimited
from sumppump.domain.tickets import TicketFacts
from sumppump.drawing.chart import Range
from sumppump.drawing.payoff import AT_EXPIRY, PayoffLine, PayoffPicture, payoff_chart
from sumppump.drawing.svg import chart_svg
from sumppump.kernel.money import Money
from sumppump.kernel.text import clean
from sumppump.strategies.words import bound_words

# The shape of the place that the page has for it, so that its letters come out in their own size: what stands
# above and below it leaves less to a ticket with many legs or warnings.
_WIDTH, _TALL, _LOW, _CAPTIONS_FROM = 440, 300, 150, 220
_COLUMN, _LEG, _STRESS, _WARNINGS, _LINE = 390, 19, 64, 12, 17


def payoff_of(facts: TicketFacts) -> Payoff:
    """The picture of a ticket's payoff; words alone where there are no figures to draw."""
    if len(facts.payoff) < 2:
        return Payoff("", "No payoff is drawn for this order.")
    height = _height(facts)
    # The greatest loss and gain stand beside it, in larger type.
    chart = payoff_chart(picture_of(facts), captions=height >= _CAPTIONS_FROM)
    return Payoff(svg_address(chart_svg(chart, width=_WIDTH, height=height)), _in_words(facts))


def _height(facts: TicketFacts) -> int:
    taken = _LEG * len(facts.legs) + _STRESS * bool(facts.stress) + _LINE * bool(facts.stress_note)
    taken += (_WARNINGS + _LINE * len(facts.warnings)) * bool(facts.warnings)
    return min(_TALL, max(_LOW, _COLUMN - taken))


def picture_of(facts: TicketFacts) -> PayoffPicture:
    """What the picture of a ticket says.

    Raises:
        ValueError: fewer than two points.
    """
    curves = [(each.label, each.points) for each in facts.earlier] + [(AT_EXPIRY, facts.payoff)]
    return PayoffPicture(
        title=clean(facts.title, limit=90),
        symbol=clean(facts.symbol, limit=20),
        lines=tuple(_line(label, points) for label, points in curves),
        max_loss=bound_words(_bound(facts.max_loss, facts.max_loss_reason)),
        max_profit=bound_words(_bound(facts.max_profit, facts.max_profit_reason)),
        spot=None if facts.spot is None else float(facts.spot),
        breakevens=tuple(float(price) for price in facts.breakevens),
        likely=None if facts.likely is None else _likely(*facts.likely),
    )


def _likely(low: Decimal, high: Decimal) -> Range:
    return Range(float(low), float(high), "68 % likely")


def _line(label: str, points: Sequence[tuple[Decimal, Decimal]]) -> PayoffLine:
    prices, pnl = zip(*((float(price), float(cash)) for price, cash in points), strict=True)
    return PayoffLine(label, prices, pnl)


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
