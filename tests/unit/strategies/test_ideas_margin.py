"""Margin of thousands of candidates is what the rules say of each."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from tests.support.fake_market import FAR, MONTH, SPX, SPY, make_option

from sumppump.domain.candidates import Candidates, scored
from sumppump.domain.distribution import Distribution
from sumppump.domain.instruments import Instrument, OptionContract, Underlying
from sumppump.domain.margin.lots import MarginLine, Prices, part_of
from sumppump.domain.margin.regt import cash_to_open
from sumppump.domain.probability import Outlook
from sumppump.domain.smile import Smile
from sumppump.strategies.catalogue import CATALOGUE, Shape
from sumppump.strategies.ideas.margin import Covers, cover_of, margin_of

SPOT, COUNT = 600, 120
CERTAIN = [Distribution.of(Outlook(spot=600.0, forward=600.0, years=0.1, smile=Smile.flat(0.2)))]


def drawn(shape: Shape, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Rising strikes within `reach` of the price, and the price of every leg above its intrinsic value."""
    random = np.random.default_rng([ord(each) for each in shape.type.value])
    strikes = np.sort(
        np.array(
            [random.choice(np.arange(-reach, reach + 1), shape.slots, replace=False) for _ in range(COUNT)]
        )
    )
    strikes = SPOT + strikes
    prices = np.empty((COUNT, len(shape.legs)))
    for number, leg in enumerate(shape.legs):
        if leg.right is None:
            prices[:, number] = SPOT
            continue
        sign = 1 if leg.right.value == "C" else -1
        time_value = random.integers(1, 1200, COUNT) / 100
        prices[:, number] = np.maximum(0, sign * (SPOT - strikes[:, leg.slot])) + time_value
    return strikes, prices


def by_rule(shape: Shape, underlying: Underlying, strikes: np.ndarray, prices: np.ndarray) -> float:
    """What `domain.margin` says of one candidate, per share."""
    lines, marks = [], {}
    for number, leg in enumerate(shape.legs):
        contract: Instrument = underlying
        if leg.right is not None:
            contract = make_option(
                underlying, FAR if leg.is_far else MONTH, int(strikes[leg.slot]), leg.right
            )
            marks[contract.con_id] = Decimal(f"{prices[number]:.2f}")
        size = leg.ratio if isinstance(contract, OptionContract) else leg.ratio * 100
        lines.append(MarginLine(instrument=contract, quantity=size))
    needed = cash_to_open(lines, Prices({underlying.symbol: Decimal(SPOT)}, marks))
    return float(needed) / 100


def in_arrays(shape: Shape, underlying: Underlying, strikes: np.ndarray, prices: np.ndarray) -> np.ndarray:
    columns = [np.zeros(COUNT) if leg.right is None else strikes[:, leg.slot] for leg in shape.legs]
    legs = Candidates(
        strike=np.array(columns, dtype=np.float64),
        call=np.array([np.full(COUNT, leg.right is None or leg.right.value == "C") for leg in shape.legs]),
        ratio=np.array([np.full(COUNT, float(leg.ratio)) for leg in shape.legs]),
        price=np.ascontiguousarray(prices.T),
    )
    covers = Covers.of([cover_of(shape.type)], np.zeros(COUNT, dtype=np.intp), len(shape.legs))
    turned = Candidates(strike=legs.strike.T, call=legs.call.T, ratio=legs.ratio.T, price=legs.price.T)
    found = scored(turned, CERTAIN)
    part = float(part_of(underlying.symbol))
    return margin_of(legs, covers, found.lowest, found.net_premium, spot=float(SPOT), part=part)


@pytest.mark.parametrize("shape", CATALOGUE, ids=lambda shape: shape.type.value)
def test_margin_in_arrays_is_what_the_rules_say_of_each_candidate(shape: Shape) -> None:
    """120 random candidates of every row, on a share and on a broad index, to the cent."""
    for underlying in (SPY, SPX):
        if underlying is SPX and any(leg.right is None for leg in shape.legs):
            continue
        strikes, prices = drawn(shape, 30)
        ours = in_arrays(shape, underlying, strikes, prices)
        theirs = [by_rule(shape, underlying, *row) for row in zip(strikes, prices, strict=True)]
        assert ours == pytest.approx(np.array(theirs), abs=0.011), underlying.symbol


@pytest.mark.parametrize("shape", CATALOGUE, ids=lambda shape: shape.type.value)
def test_where_spreads_are_so_wide_that_they_need_less_torn_apart_it_is_never_too_little(
    shape: Shape,
) -> None:
    strikes, prices = drawn(shape, 250)
    ours = in_arrays(shape, SPY, strikes, prices)
    theirs = [by_rule(shape, SPY, *row) for row in zip(strikes, prices, strict=True)]
    assert np.all(ours >= np.array(theirs) - 0.011)
