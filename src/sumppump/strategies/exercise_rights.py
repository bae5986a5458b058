"""What the right to exercise early is worth to an order until its first expiry. Pure.

An American price holds that right, the mean at an expiry does not: they differ by what its holder gains by
exercising when that pays. Who wrote the option gives as much away.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from sumppump.domain.combo import Leg
from sumppump.domain.distribution import Distribution
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.pricing import american_prices, european_prices
from sumppump.domain.probability import Outlook
from sumppump.domain.revaluation import OrderValue
from sumppump.domain.smile import Smile

# Trees agree to about this, currency per share: less is no right at all.
_NOTHING = 0.005


@dataclass(frozen=True, slots=True)
class ExerciseRight:
    """One leg's right to be exercised before the first expiry.

    Attributes:
        is_held: by whoever has the order; else it is given away to whoever holds the option.
        cash: for the whole order, > 0 where it is held and < 0 where it is given away.
    """

    option: OptionContract
    is_held: bool
    cash: float


def exercise_rights(value: OrderValue, flat_vol: float | None = None) -> tuple[ExerciseRight, ...]:
    """The rights that are worth something, leg by leg; none in European options.

    Args:
        value: the order, with each leg's own volatility.
        flat_vol: one volatility per year in its place, for the legs that end at the first expiry.
    """
    if not value.assumptions.is_american or not value.settlements:
        return ()
    return tuple(_worth_something(value, value.combo.legs, value.settlements[0], flat_vol))


def _worth_something(
    value: OrderValue, legs: Iterable[Leg], horizon: datetime, flat_vol: float | None
) -> Iterator[ExerciseRight]:
    for leg in legs:
        option = leg.contract
        if not isinstance(option, OptionContract):
            continue
        ends = option.settles == horizon
        vol = flat_vol if flat_vol is not None and ends else value.vols.get(option.con_id)
        if vol is None or option.years(value.now) <= 0:
            continue
        right = american_price(option, vol, value) - _without(option, vol, value, horizon)
        if right > _NOTHING:
            yield ExerciseRight(option, leg.ratio > 0, leg.shares * right * value.quantity)


def american_price(option: OptionContract, vol: float, value: OrderValue) -> float:
    """Per share now, exercised as soon as that pays."""
    own, rates = value.assumptions.until(option.settles), value.assumptions
    years, strike = option.years(value.now), float(option.strike)
    inputs = (float(value.spot), strike, years, own.rate, own.dividend_yield, vol, option.right is Right.CALL)
    return float(american_prices(*inputs, dividends=rates.cash(option.settles, value.now)).item())


def european_price(option: OptionContract, vol: float, value: OrderValue) -> float:
    """Per share now, exercised at expiry alone."""
    own, strike = value.assumptions.until(option.settles), float(option.strike)
    prepaid = value.assumptions.prepaid(float(value.spot), option.settles, value.now)
    inputs = (prepaid, strike, option.years(value.now), own.rate, 0.0, vol, option.right is Right.CALL)
    return float(european_prices(*inputs)[0])


def _without(option: OptionContract, vol: float, value: OrderValue, horizon: datetime) -> float:
    """Per share now if nobody may exercise before `horizon`: the mean of its worth then."""
    if option.settles == horizon:
        return european_price(option, vol, value)
    rates, own = value.assumptions, value.assumptions.until(option.settles)
    until, after = option.years(value.now) - option.years(horizon), option.years(horizon)
    # As the tree has it, the price less what is still to be paid is what has the volatility.
    prepaid = rates.prepaid(float(value.spot), option.settles, value.now) * math.exp(own.rate * until)
    flat = Outlook(spot=float(value.spot), forward=prepaid, years=until, smile=Smile.flat(vol))
    ends = Distribution.of(flat)
    to_come = sum(cash * math.exp(-own.rate * when) for when, cash in rates.cash(option.settles, horizon))
    prices = np.asarray(ends.prices * math.exp(own.dividend_yield * after) + to_come)
    known = replace(value, vols={**value.vols, option.con_id: vol})
    return ends.average(known.worth(option, prices, horizon)) * math.exp(-own.rate * until)
