"""Cash that an order ties up: what it can lose or costs, or Reg T's figure where the loss has no bound."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

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
            return margin, "Reg T estimate for uncovered options; the broker's what-if decides."
    return None, "Only the broker's what-if can say."


def reg_t_margin(legs: Sequence[LegAnalysis], value: OrderValue) -> Money | None:
    """Initial margin of the order by Regulation T (`domain.margin`), and what it pays; None without a mid."""
    marks = {part.leg.contract.con_id: part.quote.mid for part in legs}
    prices = Prices(
        {value.combo.symbol: value.spot},
        {con_id: mid.amount for con_id, mid in marks.items() if mid is not None},
    )
    needs = needs_of(
        (MarginLine(instrument=part.leg.contract, quantity=part.leg.ratio * value.quantity) for part in legs),
        prices,
    )
    if needs.left_out:
        return None
    debit = value.combo.cash(value.net_premium, quantity=value.quantity).amount
    return Money((needs.total.initial + max(debit, Decimal(0))).quantize(CENT), value.combo.currency)
