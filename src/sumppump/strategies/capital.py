"""Cash that an order ties up: what it can lose or costs, or Reg T's figure where the loss has no bound."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sumppump.domain.instruments import OptionContract
from sumppump.domain.margin.lots import MarginLine, Prices
from sumppump.domain.margin.regt import needs_of
from sumppump.domain.payoff import PayoffProfile, Unlimited
from sumppump.domain.revaluation import OrderValue
from sumppump.kernel.money import CENT, Money
from sumppump.strategies.drafts import LegAnalysis


def required_capital(
    legs: Sequence[LegAnalysis], payoff: PayoffProfile, value: OrderValue
) -> tuple[Money | None, str]:
    """Cash to set aside for the order, and by which rule; None where only the broker can say."""
    debit = value.combo.cash(value.net_premium, quantity=value.quantity)
    if isinstance(payoff.max_loss, Money):
        return max(payoff.max_loss, debit), "Larger of maximum loss and cash paid."
    if isinstance(payoff.max_loss, Unlimited):
        margin = reg_t_margin(legs, value)
        if margin is not None:
            return margin, "Reg T estimate with uncovered options; the broker's what-if decides."
    return None, "Only the broker's what-if can say."


def reg_t_margin(legs: Sequence[LegAnalysis], value: OrderValue) -> Money | None:
    """The initial requirement, in which received premiums are part, and what bought options cost.

    None where an option has no mid, or Regulation T has no rule.
    """
    found = _needs(legs, value)
    if found is None:
        return None
    bought = (part for part in _options(legs) if part.leg.ratio > 0)
    paid = sum((_worth(part) for part in bought), start=Decimal(0))
    return _money(found + paid * value.quantity, value)


def margin_to_open(legs: Sequence[LegAnalysis], value: OrderValue) -> Money | None:
    """Cash of one's own that opening takes by Regulation T: the requirement, and premiums paid less received.

    Shares are bought with half their price; a spread takes its loss, a long option its premium, an uncovered
    one a part of the underlying. None where an option has no mid, or there is no rule.
    """
    found = _needs(legs, value)
    if found is None:
        return None
    net = sum((_worth(part) for part in _options(legs)), start=Decimal(0))
    return _money(found + net * value.quantity, value)


def _needs(legs: Sequence[LegAnalysis], value: OrderValue) -> Decimal | None:
    options = _options(legs)
    marks = {part.leg.contract.con_id: part.quote.mid.amount for part in options if part.quote.mid}
    if len(marks) < len(options):
        return None
    lines = [
        MarginLine(instrument=part.leg.contract, quantity=part.leg.ratio * value.quantity) for part in legs
    ]
    needs = needs_of(lines, Prices({value.combo.symbol: value.spot}, marks))
    return None if needs.left_out else needs.total.initial


def _options(legs: Sequence[LegAnalysis]) -> list[LegAnalysis]:
    return [part for part in legs if isinstance(part.leg.contract, OptionContract)]


def _worth(part: LegAnalysis) -> Decimal:
    """Of one combo's leg at its mid, minus where it is sold."""
    return Decimal(0) if part.quote.mid is None else part.leg.shares * part.quote.mid.amount


def _money(amount: Decimal, value: OrderValue) -> Money:
    return Money(amount.quantize(CENT), value.combo.currency)
