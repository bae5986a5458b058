"""Cash that an order ties up: what it can lose or costs, or Reg T's figure where the loss has no bound."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sumppump.domain.instruments import OptionContract, Right
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
        naked = naked_margin(legs, value)
        if naked is not None:
            return naked, "Reg T estimate for uncovered options; the broker's what-if decides."
    return None, "Only the broker's what-if can say."


def naked_margin(legs: Sequence[LegAnalysis], value: OrderValue) -> Money | None:
    """Initial margin of short options without cover, by the rule of FINRA 4210(f)(2).

    Per option: its premium and 20 % of the stock (15 % of an index) less what it is out of the money, but at
    least 10 % of the stock (call) or the strike (put). Of a call and a put the larger counts, with the
    other's premium.
    """
    if any(part.leg.ratio > 0 or part.quote.mid is None for part in legs):
        return None
    sides: dict[Right, tuple[Decimal, Decimal]] = {}
    for part in legs:
        option, mid = part.leg.contract, part.quote.mid
        if not isinstance(option, OptionContract) or mid is None or option.right in sides:
            return None
        shares = -part.leg.shares
        sides[option.right] = (_naked(option, value) * shares, mid.amount * shares)
    larger = max(sides, key=lambda right: sum(sides[right]))
    amount = sides[larger][0] + sum(premium for _, premium in sides.values())
    return Money((amount * value.quantity).quantize(CENT), value.combo.currency)


def _naked(option: OptionContract, value: OrderValue) -> Decimal:
    share = Decimal("0.20") if value.assumptions.is_american else Decimal("0.15")
    is_call = option.right is Right.CALL
    outside = max(Decimal(0), option.strike - value.spot if is_call else value.spot - option.strike)
    floor = Decimal("0.10") * (value.spot if is_call else option.strike)
    return max(share * value.spot - outside, floor)
