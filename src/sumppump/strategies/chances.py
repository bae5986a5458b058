"""Probabilities of an order at its first expiry, of touching a level before it, its mean and its bad tail.

Two measures stand beside each other: the density of the smile, which is the market's own, and the lognormal
at its volatility at the money, which leaves the skew out. Each figure says which it is of.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sumppump.domain.distribution import Distribution
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.payoff import PayoffProfile
from sumppump.domain.pricing import european_prices
from sumppump.domain.probability import Outlook
from sumppump.domain.revaluation import OrderValue
from sumppump.kernel.money import CENT, Money
from sumppump.strategies.drafts import LegAnalysis, Odds, Touch
from sumppump.strategies.sightings import Horizon, Sighting

EXPECTED_NOTE = (
    "Risk-neutral, in today's money, before costs: near zero by construction, since the market's prices give "
    "the odds."
)
_AT_FIRST = "Later legs are valued at the first expiry at today's volatilities. "
# With less left than this the note counts minutes.
_SHORT_DAYS = 1.0
_MINUTES_A_DAY, _DAYS_A_YEAR = 24 * 60, 365


@dataclass(frozen=True, slots=True)
class Chances:
    """What is likely, or why it cannot be said.

    Attributes:
        smile, lognormal: the figures by each measure; None with `missing`.
        note: what the smile rests on, and how many minutes are left on the last day.
        touches: of short strikes and breakevens, by both measures.
    """

    smile: Odds | None
    missing: str
    note: str = ""
    lognormal: Odds | None = None
    touches: tuple[Touch, ...] = ()


def chances(
    legs: Sequence[LegAnalysis], neighbours: Sequence[Sighting], payoff: PayoffProfile, value: OrderValue
) -> Chances:
    """Risk-neutral figures at the first expiry, by the density of its smile and by a lognormal.

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
    plain = outlook.lognormal
    return Chances(
        smile=_smile_odds(legs, outlook, payoff, value),
        missing="",
        note=_note({each.strike for each in seen}) + _minutes(outlook.years),
        lognormal=_odds("lognormal at the money", plain, payoff, value),
        touches=tuple(_touches(near, payoff, outlook, plain)),
    )


def _smile_odds(
    legs: Sequence[LegAnalysis], outlook: Outlook, payoff: PayoffProfile, value: OrderValue
) -> Odds:
    """By the smile; the mean by each leg's own volatility where all expire then, so that a mid is fair."""
    found = _odds("smile density", outlook, payoff, value)
    if len(value.settlements) > 1 or value.missing_vols(value.now):
        return found
    total = -float(value.net_premium) * value.combo.multiplier
    total += sum(part.leg.shares * _mean(part, value) for part in legs)
    return Odds(
        measure=found.measure,
        vol=found.vol,
        profit=found.profit,
        expected_value=_money(total * value.quantity, value),
        expected_shortfall=found.expected_shortfall,
    )


def _odds(measure: str, outlook: Outlook, payoff: PayoffProfile, value: OrderValue) -> Odds:
    """By any distribution: the mean in today's money, the tail in that day's.

    Shares get the dividends by which the forward lies below their price with interest.
    """
    ends = Distribution.of(outlook)
    pnl = value.pnl(ends.prices, value.settlements[0])
    paid = float(value.net_premium) * value.combo.multiplier * value.quantity
    discount = math.exp(-value.assumptions.until(value.settlements[0]).rate * outlook.years)
    shares = sum(leg.shares for leg in value.combo.stock_legs) * value.quantity
    dividends = shares * (outlook.spot - outlook.forward * discount)
    return Odds(
        measure=measure,
        vol=outlook.smile.at(outlook.forward),
        profit=outlook.inside(payoff.profit_regions),
        expected_value=_money((ends.average(pnl) + paid) * discount - paid + dividends, value),
        expected_shortfall=_money(ends.shortfall(pnl), value),
    )


def expected_note(value: OrderValue) -> str:
    """What the smile's expected value means."""
    return (_AT_FIRST if len(value.settlements) > 1 else "") + EXPECTED_NOTE


def _touches(
    near: Sequence[tuple[LegAnalysis, OptionContract]], payoff: PayoffProfile, smile: Outlook, plain: Outlook
) -> Iterator[Touch]:
    levels = {option.strike: "short strike" for part, option in near if part.leg.ratio < 0}
    levels |= {level: "breakeven" for level in payoff.breakevens if level not in levels}
    for level in sorted(levels):
        at = float(level)
        yield Touch(level, levels[level], smile.touch(at), plain.touch(at))


def _money(amount: float, value: OrderValue) -> Money:
    # Adding 0 turns a rounded -0.00 into 0.00.
    return Money(Decimal(amount).quantize(CENT) + 0, value.combo.currency)


def _note(strikes: Collection[float]) -> str:
    if len(strikes) == 1:
        return "Risk-neutral, from the volatility of one strike alone: no neighbour tells the skew."
    return f"Risk-neutral, from the smile through {len(strikes)} strikes, no forecast."


def _minutes(years: float) -> str:
    days = years * _DAYS_A_YEAR
    return f" {days * _MINUTES_A_DAY:.0f} minutes are left." if days < _SHORT_DAYS else ""


def _is_new(option: OptionContract, known: Collection[int], horizon: datetime) -> bool:
    return option.con_id not in known and option.settles == horizon


def _mean(part: LegAnalysis, value: OrderValue) -> float:
    """Discounted mean of one share's worth of a leg at expiry; shares keep the dividends that they pay."""
    rates, option = value.assumptions, _option(part)
    if option is None:
        return float(value.spot)
    prepaid = rates.prepaid(float(value.spot), option.settles, value.now)
    years, strike = option.years(value.now), float(option.strike)
    inputs = (prepaid, strike, years, rates.rate, 0.0, part.iv or 0.0, option.right is Right.CALL)
    return float(european_prices(*inputs)[0])


def _option(part: LegAnalysis) -> OptionContract | None:
    contract = part.leg.contract
    return contract if isinstance(contract, OptionContract) else None
