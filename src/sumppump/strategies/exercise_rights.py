"""What the right to exercise early is worth to an order until its first expiry. Pure.

An American price holds that right, the mean at an expiry does not: they differ by what its holder gains by
exercising when that pays. Who wrote the option gives as much away.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from sumppump.domain.combo import Leg
from sumppump.domain.distribution import Distribution
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.pricing import american_prices, european_prices
from sumppump.domain.pricing.normal import Array
from sumppump.domain.probability import Outlook
from sumppump.domain.revaluation import OrderValue
from sumppump.domain.smile import Smile

# Trees agree to about this, currency per share: less is no right at all.
_NOTHING = 0.005
# What early exercise adds is smooth: trees for every 16th of the distribution's cells, and in between lines.
_EVERY, _STEPS = 16, 50


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


@dataclass(frozen=True, slots=True)
class LegPrices:
    """Model prices now of the options that live and whose volatility is known.

    Attributes:
        legs: the options. fair: per share of each, exercised as soon as that pays, where it may be.
        rights: those that are worth something until the first expiry; none in European options.
    """

    value: OrderValue
    legs: tuple[Leg, ...]
    fair: Array
    rights: tuple[ExerciseRight, ...]

    @classmethod
    def of(cls, value: OrderValue, flat_vol: float | None = None) -> LegPrices:
        """All in one pass.

        Args:
            value: the order, with each leg's own volatility.
            flat_vol: one volatility per year in its place, for the legs that end at the first expiry.
        """
        first = value.settlements[0]
        told = [
            (leg, value.vols.get(option.con_id) if flat_vol is None or option.settles > first else flat_vol)
            for leg, option in _options(value)
        ]
        legs = tuple(leg for leg, vol in told if vol is not None)
        vols = np.array([vol for _, vol in told if vol is not None])
        options = [option for _, option in _options_of(legs)]
        held = _at_expiry_alone(options, vols, value)
        if not value.assumptions.is_american or not legs:
            return cls(value, legs, held, ())
        fair = _fair(options, vols, value)
        rows = zip(legs, options, vols, fair, held, strict=True)
        return cls(value, legs, fair, tuple(_rights(rows, value)))

    def fair_of(self, con_id: int) -> float | None:
        """The fair price of one leg; None where it is not known."""
        rows = (row for row, leg in enumerate(self.legs) if leg.contract.con_id == con_id)
        row = next(rows, None)
        return None if row is None else float(self.fair[row])


def _rights(
    rows: Iterable[tuple[Leg, OptionContract, float, float, float]], value: OrderValue
) -> Iterator[ExerciseRight]:
    """Of rows of leg, option, volatility, fair price and price if exercised at expiry alone."""
    horizon = value.settlements[0]
    for leg, option, vol, fair, held in rows:
        without = held if option.settles == horizon else _waiting(option, vol, value, horizon)
        right = float(fair - without)
        if right > _NOTHING:
            yield ExerciseRight(option, leg.ratio > 0, leg.shares * right * value.quantity)


def _options(value: OrderValue) -> Iterator[tuple[Leg, OptionContract]]:
    """Legs whose option still lives."""
    return (pair for pair in _options_of(value.combo.legs) if pair[1].years(value.now) > 0)


def _options_of(legs: tuple[Leg, ...]) -> Iterator[tuple[Leg, OptionContract]]:
    return ((leg, option) for leg in legs if isinstance(option := leg.contract, OptionContract))


def _at_expiry_alone(options: list[OptionContract], vols: Array, value: OrderValue) -> Array:
    rates = value.assumptions
    prepaid = np.array([rates.prepaid(float(value.spot), each.settles, value.now) for each in options])
    strikes, years, rate, _, is_call = _columns(options, value)
    return european_prices(prepaid, strikes, years, rate, 0.0, vols, is_call)


def _fair(options: list[OptionContract], vols: Array, value: OrderValue) -> Array:
    strikes, years, rate, paying, is_call = _columns(options, value)
    # Whichever is paid after an option's end does not count for it.
    cash = value.assumptions.cash(max(each.settles for each in options), value.now)
    inputs = (float(value.spot), strikes, years, rate, paying, vols, is_call)
    return american_prices(*inputs, dividends=cash)


def _columns(options: list[OptionContract], value: OrderValue) -> tuple[Array, ...]:
    """Strike, years, rate, yield and whether it is a call."""
    own = [value.assumptions.until(each.settles) for each in options]
    return (
        np.array([float(each.strike) for each in options]),
        np.array([each.years(value.now) for each in options]),
        np.array([each.rate for each in own]),
        np.array([each.dividend_yield for each in own]),
        np.array([each.right is Right.CALL for each in options]),
    )


def _waiting(option: OptionContract, vol: float, value: OrderValue, horizon: datetime) -> float:
    """Per share now of an option that outlives `horizon` and may be exercised only after it."""
    rates, own = value.assumptions, value.assumptions.until(option.settles)
    until, after = option.years(value.now) - option.years(horizon), option.years(horizon)
    # As the tree has it, the price less what is still to be paid is what has the volatility.
    mean = rates.prepaid(float(value.spot), option.settles, value.now) * math.exp(own.rate * until)
    flat = Outlook(spot=float(value.spot), forward=mean, years=until, smile=Smile.flat(vol))
    ends, cash = Distribution.of(flat), rates.cash(option.settles, horizon)
    escrow, at = ends.prices, ends.prices[::_EVERY]
    terms = (float(option.strike), after, own.rate)
    alone = european_prices(escrow, *terms, 0.0, vol, option.right is Right.CALL)
    spots = at * math.exp(own.dividend_yield * after) + sum(
        paid * math.exp(-own.rate * when) for when, paid in cash
    )
    inputs = (*terms, own.dividend_yield, vol, option.right is Right.CALL)
    early = american_prices(spots, *inputs, dividends=cash, steps=_STEPS) - alone[::_EVERY]
    return ends.average(alone + np.interp(escrow, at, early)) * math.exp(-own.rate * until)
