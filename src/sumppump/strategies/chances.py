"""Probabilities of an order at its first expiry, of touching a level before it, its mean and its bad tail.

Two measures stand beside each other: the density of the smile, which is the market's own, and the lognormal
at its volatility at the money, which leaves the skew out. Each figure says which it is of.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sumppump.domain.distribution import Distribution
from sumppump.domain.instruments import OptionContract
from sumppump.domain.payoff import PayoffProfile
from sumppump.domain.probability import Outlook
from sumppump.domain.revaluation import OrderValue
from sumppump.kernel.money import CENT, Money
from sumppump.strategies.drafts import LegAnalysis, Odds, Touch
from sumppump.strategies.exercise_rights import ExerciseRight, american_price, european_price, exercise_rights
from sumppump.strategies.sightings import Horizon, Sighting
from sumppump.strategies.words import dollars

_FAIR = "Risk-neutral, in today's money, before costs: near zero at the mid by construction."
_MODELLED = (
    "Later legs are valued at the first expiry at today's volatilities, so it need not be zero at the mid. "
    "Risk-neutral, in today's money, before costs."
)
_OFF = (
    "Risk-neutral, in today's money, before costs. The mid of {label} is {gap:+.2f} off the price at its "
    "volatility, so the mean is not zero at the mid."
)
_MOST_RIGHTS = 3
# A mid further off the price at its own volatility than this, currency per share, implied none.
_FAIR_GAP = 0.02
# With less left than this the note counts minutes.
_SHORT_DAYS = 1.0
_MINUTES_A_DAY, _DAYS_A_YEAR = 24 * 60, 365


@dataclass(frozen=True, slots=True)
class Chances:
    """What is likely, or why it cannot be said.

    Attributes:
        smile, lognormal: the figures by each measure; None with `missing`.
        note: what the smile rests on, and how many minutes are left on the last day.
        expected_note: what the smile's mean says, and the rights of early exercise in it.
        touches: of short strikes and breakevens, by both measures.
    """

    smile: Odds | None
    missing: str
    note: str = ""
    expected_note: str = ""
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
    plain, rights = outlook.lognormal, exercise_rights(value)
    flat_vol = plain.smile.at(plain.forward)
    return Chances(
        smile=_smile_odds(legs, outlook, payoff, value, rights),
        missing="",
        note=_note({each.strike for each in seen}) + _minutes(outlook.years),
        expected_note=_expected_note(legs, value, rights),
        lognormal=_odds("lognormal at the money", plain, payoff, value, exercise_rights(value, flat_vol)),
        touches=tuple(_touches(near, payoff, outlook, plain)),
    )


def _smile_odds(
    legs: Sequence[LegAnalysis],
    outlook: Outlook,
    payoff: PayoffProfile,
    value: OrderValue,
    rights: Sequence[ExerciseRight],
) -> Odds:
    """By the smile; the mean by each leg's own volatility where all expire then, so that a mid is fair."""
    found = _odds("smile density", outlook, payoff, value, rights)
    if len(value.settlements) > 1 or value.missing_vols(value.now):
        return found
    total = -float(value.net_premium) * value.combo.multiplier
    total += sum(part.leg.shares * _mean(part, value) for part in legs)
    return replace(found, expected_value=_money(total * value.quantity, value))


def _odds(
    measure: str,
    outlook: Outlook,
    payoff: PayoffProfile,
    value: OrderValue,
    rights: Sequence[ExerciseRight],
) -> Odds:
    """By any distribution: the mean in today's money, the tail in that day's.

    Shares get the dividends by which the forward lies below their price with interest. What is exercised
    early when that pays counts in the mean alone.
    """
    ends = Distribution.of(outlook)
    pnl = value.pnl(ends.prices, value.settlements[0])
    paid = float(value.net_premium) * value.combo.multiplier * value.quantity
    discount = math.exp(-value.assumptions.until(value.settlements[0]).rate * outlook.years)
    shares = sum(leg.shares for leg in value.combo.stock_legs) * value.quantity
    dividends = shares * (outlook.spot - outlook.forward * discount)
    early = sum(right.cash for right in rights)
    return Odds(
        measure=measure,
        vol=outlook.smile.at(outlook.forward),
        profit=outlook.inside(payoff.profit_regions),
        expected_value=_money((ends.average(pnl) + paid) * discount - paid + dividends + early, value),
        early_exercise=_money(early, value),
        expected_shortfall=_money(ends.shortfall(pnl), value),
    )


def _expected_note(legs: Sequence[LegAnalysis], value: OrderValue, rights: Sequence[ExerciseRight]) -> str:
    """What the smile's expected value means, and which rights of early exercise are in it."""
    modelled = len(value.settlements) > 1 or value.missing_vols(value.now)
    said = [_MODELLED] if modelled else list(_off_their_mids(legs, value)) or [_FAIR]
    return " ".join([*said, *_early_words(value, rights)])


def _off_their_mids(legs: Sequence[LegAnalysis], value: OrderValue) -> Iterator[str]:
    """Legs whose mid implies no volatility, so that the mean is off by what the mid and the model differ."""
    for part in legs:
        mid = part.quote.mid
        gap = None if mid is None else float(mid) - _mean(part, value)
        if gap is not None and abs(gap) > _FAIR_GAP:
            yield _OFF.format(label=part.leg.contract.label, gap=gap)


def _early_words(value: OrderValue, rights: Sequence[ExerciseRight]) -> Iterator[str]:
    """The rights of early exercise that weigh most, by leg, with what each is worth."""
    weighty = sorted(rights, key=lambda right: -abs(right.cash))[:_MOST_RIGHTS]
    if weighty:
        yield f"With early exercise: {', '.join(_weight(each, value) for each in weighty)}."


def _weight(right: ExerciseRight, value: OrderValue) -> str:
    worth = dollars(_money(right.cash, value))
    return f"{right.option.label} {worth} {'held' if right.is_held else 'given away'}"


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
    """Whole minutes, counted as `minutes_to_expiry` is: one answer has one number."""
    days = years * _DAYS_A_YEAR
    whole = int(days * _MINUTES_A_DAY + 1e-6)  # not one less by a float
    return f" {whole} minutes are left." if days < _SHORT_DAYS else ""


def _is_new(option: OptionContract, known: Collection[int], horizon: datetime) -> bool:
    return option.con_id not in known and option.settles == horizon


def _mean(part: LegAnalysis, value: OrderValue) -> float:
    """What one share's worth of a leg brings on average, in today's money; shares keep their dividends.

    Where a holder may exercise early, the mean is over the best moments to do so: the American price.
    """
    option = _option(part)
    if option is None:
        return float(value.spot)
    price = american_price if value.assumptions.is_american else european_price
    return price(option, part.iv or 0.0, value)


def _option(part: LegAnalysis) -> OptionContract | None:
    contract = part.leg.contract
    return contract if isinstance(contract, OptionContract) else None
