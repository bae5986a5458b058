"""Probabilities of an order: of a profit at the first expiry, of touching a level before it, and the mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.payoff import PayoffProfile
from sumppump.domain.pricing import european_prices
from sumppump.domain.revaluation import OrderValue
from sumppump.kernel.money import CENT, Money
from sumppump.strategies.drafts import LegAnalysis, Touch
from sumppump.strategies.sightings import Horizon, Sighting

EXPECTED_NOTE = (
    "Risk-neutral mean at expiry in today's money, before costs. It is near zero by construction, because "
    "the market's own prices give the probabilities (early exercise of puts left out): no forecast, no edge."
)


@dataclass(frozen=True, slots=True)
class Chances:
    """Probability of a profit with its measure, or why there is none, and the probabilities of touching."""

    profit: float | None
    missing: str
    note: str = ""
    touches: tuple[Touch, ...] = ()


def chances(
    legs: Sequence[LegAnalysis], neighbours: Sequence[Sighting], payoff: PayoffProfile, value: OrderValue
) -> Chances:
    """Risk-neutral probabilities at the first expiry, by the density of its smile.

    The smile goes through the legs that expire then and through `neighbours` of that expiry; those
    of another are left out.
    """
    if not value.settlements:
        return Chances(None, "Shares alone have no expiry, so there is no date to ask the probability for.")
    horizon = value.settlements[0]
    near = [(part, option) for part in legs if (option := _option(part)) and option.settles == horizon]
    unknown = [option for part, option in near if part.iv is None]
    if unknown and horizon > value.now:
        return Chances(None, f"The volatility of {unknown[0].label} is not known.")
    if payoff.max_loss is None:
        return Chances(None, payoff.reason)
    seen = [Sighting.of(option, part.iv or 0.0, part.quote) for part, option in near]
    known = {option.con_id for _, option in near}
    seen += [each for each in neighbours if _is_new(each.option, known, horizon)]
    view = Horizon(spot=float(value.spot), now=value.now, assumptions=value.assumptions)
    outlook = view.outlook(seen)
    if outlook is None:
        return Chances(None, "The market's quotes do not fit together.")
    levels = {option.strike: "short strike" for part, option in near if part.leg.ratio < 0}
    levels |= {level: "breakeven" for level in payoff.breakevens if level not in levels}
    touches = (Touch(level, levels[level], outlook.touch(float(level))) for level in sorted(levels))
    chance = outlook.inside(payoff.profit_regions)
    return Chances(chance, "", _note({each.strike for each in seen}), tuple(touches))


def expected_value(legs: Sequence[LegAnalysis], value: OrderValue) -> tuple[Money | None, str]:
    """Mean P&L at expiry in today's money, under the distribution that each leg's own volatility implies."""
    if len(value.settlements) != 1:
        return None, "Given only for orders whose options expire at one moment."
    if value.missing_vols(value.now):
        return None, "A leg's volatility is not known."
    total = -float(value.net_premium) * value.combo.multiplier
    total += sum(part.leg.shares * _mean(part, value) for part in legs)
    # Adding 0 turns a rounded -0.00 into 0.00.
    amount = Decimal(total * value.quantity).quantize(CENT) + 0
    return Money(amount, value.combo.currency), EXPECTED_NOTE


def _note(strikes: Collection[float]) -> str:
    if len(strikes) == 1:
        return "Risk-neutral, from the volatility of one strike alone: no neighbour tells the skew."
    return f"Risk-neutral, from the smile through {len(strikes)} strikes: the market's prices, no forecast."


def _is_new(option: OptionContract, known: Collection[int], horizon: datetime) -> bool:
    return option.con_id not in known and option.settles == horizon


def _mean(part: LegAnalysis, value: OrderValue) -> float:
    """Discounted mean of one share's worth of a leg at expiry."""
    rates, option = value.assumptions, _option(part) or value.combo.options[0]
    prepaid = rates.prepaid(float(value.spot), option.settles, value.now)
    if _option(part) is None:
        return prepaid
    years, strike = option.years(value.now), float(option.strike)
    inputs = (prepaid, strike, years, rates.rate, 0.0, part.iv or 0.0, option.right is Right.CALL)
    return float(european_prices(*inputs)[0])


def _option(part: LegAnalysis) -> OptionContract | None:
    contract = part.leg.contract
    return contract if isinstance(contract, OptionContract) else None
