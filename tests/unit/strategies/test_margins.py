"""Regulation T for every strategy of the catalogue, beside the engine of the exchange, an own work."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.published_margin import FAR, NEAR, Line
from tests.unit.domain.test_regt import read
from tests.unit.exchange.test_published_margin import need as exchange_need

from sumppump.domain.instruments import Right
from sumppump.domain.margin.regt import COVERED_AT_STRIKE, GUARDED, TORN, Requirement, needs_of
from sumppump.domain.pricing import european_prices
from sumppump.strategies.catalogue import CATALOGUE, SHAPES, Shape, StrategyType

STRIKES = (90, 95, 105, 115)
SPOTS = (80, 92, 100, 110, 130)
EVERY = pytest.mark.parametrize("shape", CATALOGUE, ids=lambda shape: shape.type.value)


def lines(shape: Shape, spot: float) -> tuple[Line, ...]:
    """One combination at these strikes, its options at 30 % volatility."""
    found = []
    for leg in shape.legs:
        if leg.right is None:
            found.append(Line(leg.ratio * 100, ""))
            continue
        strike, years = STRIKES[leg.slot], 0.2 if leg.is_far else 0.1
        price = european_prices(
            *map(np.array, ([spot], [float(strike)], [years])), 0.04, 0.0, 0.3, leg.right is Right.CALL
        )
        expiry = FAR if leg.is_far else NEAR
        found.append(Line(leg.ratio, leg.right.value, str(strike), f"{float(price[0]):.2f}", expiry))
    return tuple(found)


def both(shape: Shape, spot: float) -> tuple[Requirement, Requirement, tuple[str, ...]]:
    """Ours, the exchange's, and what ours allows that a broker need not."""
    legs = lines(shape, spot)
    ours, theirs = needs_of(*read(legs, str(spot))), exchange_need(legs, str(spot))
    return ours.total, Requirement(theirs.regulated, theirs.maintenance), ours.concessions


@EVERY
def test_what_is_needed_is_the_exchange_s_figure_or_less_by_a_named_concession(shape: Shape) -> None:
    for spot in SPOTS:
        ours, theirs, allowed = both(shape, spot)
        assert ours.initial <= theirs.initial
        assert ours.maintenance <= theirs.maintenance
        assert allowed or ours == theirs, spot


def test_no_concession_is_made_but_to_shares_with_options_and_to_lizards() -> None:
    made = {shape.type for shape in CATALOGUE for spot in SPOTS if both(shape, spot)[2]}
    assert made == {
        StrategyType.COVERED_CALL,
        StrategyType.PROTECTIVE_PUT,
        StrategyType.COLLAR,
        StrategyType.COVERED_STRANGLE,
        StrategyType.CONVERSION,
        StrategyType.JADE_LIZARD,
        StrategyType.REVERSE_JADE_LIZARD,
        StrategyType.BIG_LIZARD,
    }


# By hand, at the spot: what each concession is worth at opening and in holding.
WORTH = (
    # 20 in the money on 100 shares: all of it to open, a quarter of it to hold.
    (StrategyType.COVERED_CALL, 110, COVERED_AT_STRIKE, 2000, 500),
    # 25 % of 92 less 10 % of 90 and 2 out of the money: 23 - 11.
    (StrategyType.PROTECTIVE_PUT, 92, GUARDED, 0, 1200),
    # The width of 10 and the put at 10.09 + 16 = 26.09, or the put and the call's 0.13.
    (StrategyType.JADE_LIZARD, 80, TORN, 987, 987),
)


@pytest.mark.parametrize(("kind", "spot", "said", "initial", "kept"), WORTH, ids=[row[0] for row in WORTH])
def test_a_concession_is_worth_what_its_rule_says(
    kind: StrategyType, spot: int, said: str, initial: int, kept: int
) -> None:
    ours, theirs, allowed = both(SHAPES[kind], spot)
    assert allowed == (said,)
    assert (theirs.initial - ours.initial, theirs.maintenance - ours.maintenance) == (initial, kept)
