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
from sumppump.strategies.exercise_rights import ExerciseRight, LegPrices
from sumppump.strategies.sightings import Horizon, Sighting
from sumppump.strategies.words import dollars

_FAIR = "Risk-neutral, in today's money, before costs: near zero at the mid by construction."
_SEVERAL = (
    "Risk-neutral, in today's money, before costs: near zero at the mid, since by the market's odds later "
    "legs are worth their price on average. Valued at the first expiry at today's volatilities, as for "
    "chance and shortfall, it would be {modelled}."
)
_OFF = (
    "Risk-neutral, in today's money, before costs; not zero at the mid, since that of {label} is {gap:+.2f} "
    "off the price at its volatility."
)
_MOST_RIGHTS = 3
# A mid further off the price at its own volatility than this, currency per share, implied none.
_FAIR_GAP = 0.02
# With less left than this the note counts minutes.
_SHORT_DAYS = 1.0
# Minutes that are not over yet count, as in `minutes_to_expiry`; floats may fall short of a whole one.
_WHOLE = 1e-6
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
    plain, prices = outlook.lognormal, LegPrices.of(value)
    flat = LegPrices.of(value, plain.smile.at(plain.forward))
    modelled = _odds("smile density", outlook, payoff, prices)
    return Chances(
        smile=_at_fair_prices(modelled, legs, prices),
        missing="",
        note=_note({each.strike for each in seen}) + _minutes(outlook.years),
        expected_note=_expected_note(legs, prices, modelled),
        lognormal=_odds("lognormal at the money", plain, payoff, flat),
        touches=tuple(_touches(near, payoff, outlook, plain)),
    )


def _at_fair_prices(modelled: Odds, legs: Sequence[LegAnalysis], prices: LegPrices) -> Odds:
    """The odds with the mean by each leg's own volatility, so that a mid is fair; as they are without one.

    That holds for legs that outlive the first expiry as well: what they are worth then is on average what
    they cost now, whatever volatilities will be.
    """
    value, worths = prices.value, [_mean(part, prices) for part in legs]
    if None in worths:
        return modelled
    total = -float(value.net_premium) * value.combo.multiplier
    total += sum(part.leg.shares * (worth or 0.0) for part, worth in zip(legs, worths, strict=True))
    return replace(modelled, expected_value=_money(total * value.quantity, value))


def _odds(measure: str, outlook: Outlook, payoff: PayoffProfile, prices: LegPrices) -> Odds:
    """By any distribution: the mean in today's money, the tail in that day's.

    Shares get the dividends by which the forward lies below their price with interest. What is exercised
    early when that pays counts in the mean alone.
    """
    value, ends = prices.value, Distribution.of(outlook)
    pnl = value.pnl(ends.prices, value.settlements[0])
    paid = float(value.net_premium) * value.combo.multiplier * value.quantity
    discount = math.exp(-value.assumptions.until(value.settlements[0]).rate * outlook.years)
    shares = sum(leg.shares for leg in value.combo.stock_legs) * value.quantity
    dividends = shares * (outlook.spot - outlook.forward * discount)
    early = sum(right.cash for right in prices.rights)
    return Odds(
        measure=measure,
        vol=outlook.smile.at(outlook.forward),
        profit=outlook.inside(payoff.profit_regions),
        expected_value=_money((ends.average(pnl) + paid) * discount - paid + dividends + early, value),
        early_exercise=_money(early, value),
        expected_shortfall=_money(ends.shortfall(pnl), value),
    )


def _expected_note(legs: Sequence[LegAnalysis], prices: LegPrices, modelled: Odds) -> str:
    """What the smile's expected value means, and which rights of early exercise are in it."""
    said = list(_off_their_mids(legs, prices))
    if len(prices.value.settlements) > 1:
        said.insert(0, _SEVERAL.format(modelled=modelled.expected_value))
    return " ".join([*(said or [_FAIR]), *_early_words(prices.value, prices.rights)])


def _off_their_mids(legs: Sequence[LegAnalysis], prices: LegPrices) -> Iterator[str]:
    """Legs whose mid implies no volatility, so that the mean is off by what the mid and the model differ."""
    for part in legs:
        mid, worth = part.quote.mid, _mean(part, prices)
        gap = 0.0 if mid is None or worth is None else float(mid) - worth
        if abs(gap) > _FAIR_GAP:
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
    return f" {int(days * _MINUTES_A_DAY + _WHOLE)} minutes are left." if days < _SHORT_DAYS else ""


def _is_new(option: OptionContract, known: Collection[int], horizon: datetime) -> bool:
    return option.con_id not in known and option.settles == horizon


def _mean(part: LegAnalysis, prices: LegPrices) -> float | None:
    """What one share's worth of a leg brings on average, in today's money; shares keep their dividends.

    Where a holder may exercise early, the mean is over the best moments to do so: the American price.
    """
    option = _option(part)
    return float(prices.value.spot) if option is None else prices.fair_of(option.con_id)


def _option(part: LegAnalysis) -> OptionContract | None:
    contract = part.leg.contract
    return contract if isinstance(contract, OptionContract) else None
