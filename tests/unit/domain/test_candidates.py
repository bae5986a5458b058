"""Thousands of candidates at once have the figures that each has alone, and the smile's own chances."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.unit.domain.builders import combo

from sumppump.domain.candidates import Candidates, Scored, expected, scored
from sumppump.domain.distribution import Distribution
from sumppump.domain.payoff import ExpiryPayoff, Unlimited, profit_regions
from sumppump.domain.pricing import european_prices
from sumppump.domain.pricing.normal import Array
from sumppump.domain.probability import Outlook
from sumppump.domain.smile import Smile, VolPoint
from sumppump.kernel.money import Premium

SKEW = Smile.of([VolPoint(k, 0.2 - 0.25 * math.log(k / 100.0), 1e-6) for k in range(70, 131, 5)], 0.2)
assert SKEW is not None
OUTLOOK = Outlook(spot=100.0, forward=100.6, years=0.2, smile=SKEW)
SMILE = Distribution.of(OUTLOOK)
FLAT = Distribution.of(Outlook(spot=100.0, forward=100.6, years=0.2, smile=Smile.flat(0.2)))


def candidates(*shapes: tuple[tuple[float, str, float, float], ...]) -> Candidates:
    """Shapes of (ratio, right, strike, price), as many legs in each."""
    table = np.array([[(leg[0], leg[1] == "C", leg[2], leg[3]) for leg in shape] for shape in shapes])
    return Candidates(ratio=table[..., 0], call=table[..., 1] > 0, strike=table[..., 2], price=table[..., 3])


def breakevens(found: Scored, row: int = 0) -> list[float]:
    kept: Array = found.breakevens[row]
    return kept[~np.isnan(kept)].tolist()


def test_an_iron_condor_loses_its_width_less_the_credit_and_breaks_even_by_the_credit() -> None:
    condor = candidates(((1, "P", 90, 0.5), (-1, "P", 95, 1.3), (-1, "C", 105, 1.2), (1, "C", 110, 0.4)))
    found = scored(condor, [FLAT])
    assert found.net_premium[0] == pytest.approx(-1.6)
    assert (found.max_loss[0], found.max_profit[0]) == pytest.approx((3.4, 1.6))
    assert breakevens(found) == pytest.approx([93.4, 106.6])


def test_what_has_no_bound_is_infinite() -> None:
    found = scored(candidates(((-1, "C", 105, 1.0),), ((1, "C", 105, 1.0),), ((-1, "P", 95, 1.0),)), [FLAT])
    assert found.max_loss.tolist() == [math.inf, 1.0, 94.0]
    assert found.max_profit.tolist() == [1.0, math.inf, 1.0]


def test_a_covered_call_is_a_call_with_strike_0_and_a_sold_one() -> None:
    found = scored(candidates(((1, "C", 0, 100), (-1, "C", 105, 2.0))), [FLAT])
    assert (found.net_premium[0], found.max_loss[0], found.max_profit[0]) == (98.0, 98.0, 7.0)
    assert breakevens(found) == [98.0]


def test_a_leg_without_a_price_leaves_its_candidate_without_figures_and_the_others_as_they_are() -> None:
    good = ((1, "C", 100, 2.0), (-1, "C", 105, 0.8))
    bad = ((1, "C", 100, math.nan), (-1, "C", 105, 0.8))
    found = scored(candidates(bad, good), [SMILE])
    for figures in (
        found.net_premium,
        found.max_loss,
        found.max_profit,
        found.chance_of_profit,
        expected(candidates(bad, good), [SMILE]),
    ):
        assert math.isnan(figures[0])
        assert figures[1] == pytest.approx(figures[1])
    assert breakevens(found, 0) == []


LEG = st.tuples(
    st.integers(-3, 3).filter(bool),
    st.sampled_from("CP"),
    st.integers(80, 120),
    st.integers(1, 900),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(LEG, min_size=1, max_size=4, unique_by=lambda leg: leg[1:3]).filter(
        lambda legs: math.gcd(*(leg[0] for leg in legs)) == 1
    )
)
def test_bounds_breakevens_and_chance_are_those_of_the_strategy_alone(
    legs: list[tuple[int, str, int, int]],
) -> None:
    shape = tuple((float(ratio), right, float(strike), cents / 100) for ratio, right, strike, cents in legs)
    found = scored(candidates(shape), [SMILE])
    exact = ExpiryPayoff(
        combo=combo(*(f"{ratio:+d} {strike}{right}" for ratio, right, strike, _ in legs)),
        quantity=1,
        net_premium=Premium(sum((Decimal(leg[0]) * leg[3] / 100 for leg in legs), start=Decimal(0))),
    )
    for ours, theirs in ((found.max_loss, exact.max_loss), (found.max_profit, exact.max_profit)):
        expected = math.inf if isinstance(theirs, Unlimited) else float(theirs.amount) / 100
        assert ours[0] == pytest.approx(expected, abs=1e-9)
    zeros = np.array([float(each) for each in exact.breakevens])
    for zero in breakevens(found):
        assert zero == pytest.approx(0.0, abs=1e-6) or np.min(np.abs(zeros - zero)) < 1e-3
    alone = OUTLOOK.inside(profit_regions(exact.breakevens, exact.pnl))
    assert found.chance_of_profit[0] == pytest.approx(alone, abs=1e-3)


def test_what_the_smile_itself_priced_is_expected_to_earn_nothing_but_the_carry_of_its_premium() -> None:
    strikes = np.array([[85.0, 90.0, 108.0, 115.0]])
    calls, ratio = np.array([[False, False, True, True]]), np.array([[1.0, -1.0, -1.0, 1.0]])
    vols = SKEW.curve(np.log(strikes))[0] if SKEW else strikes
    rate = 0.05
    paid = european_prices(100.6, strikes, 0.2, 0.0, 0.0, vols, calls) * math.exp(-rate * 0.2)
    mine = Candidates(strike=strikes, call=calls, ratio=ratio, price=paid)
    net = float(np.sum(ratio * paid))
    assert expected(mine, [SMILE])[0] == pytest.approx(net * math.expm1(rate * 0.2), abs=2e-4)


def test_candidates_of_several_expiries_meet_their_own_distribution() -> None:
    same = ((1, "C", 100, 2.0), (-1, "C", 105, 0.8))
    found = scored(candidates(same, same), [SMILE, FLAT], np.array([1, 0]))
    alone = [scored(candidates(same), [outcome]) for outcome in (FLAT, SMILE)]
    assert_allclose(found.chance_of_profit, [each.chance_of_profit[0] for each in alone])
    means = [expected(candidates(same), [outcome])[0] for outcome in (FLAT, SMILE)]
    assert_allclose(expected(candidates(same, same), [SMILE, FLAT], np.array([1, 0])), means)


def test_a_distribution_pays_what_black_says_under_a_flat_smile_and_stays_a_distribution_under_any() -> None:
    strikes = np.linspace(60.0, 160.0, 41)
    for is_call, mean in ((True, FLAT.call(strikes)), (False, FLAT.put(strikes))):
        assert_allclose(mean, european_prices(100.6, strikes, 0.2, 0.0, 0.0, 0.2, is_call), atol=5e-5)
    assert np.all(np.diff(SMILE.chances) >= 0)
    assert_allclose(SMILE.below(strikes), [OUTLOOK.below(strike) for strike in strikes], atol=2e-5)


def test_with_no_time_left_the_forward_is_certain() -> None:
    outcome = Distribution.of(Outlook(spot=100.0, forward=100.0, years=0.0, smile=Smile.flat(0.2)))
    assert outcome.below(np.array([99.0, 101.0])).tolist() == [0.0, 1.0]
    assert_allclose(outcome.put(np.array([90.0, 110.0])), [0.0, 10.0], atol=1e-6)


def test_uneven_levels_are_a_distribution_as_well() -> None:
    uneven = Distribution(110.0, np.array([90.0, 100.0, 140.0]), np.array([0.0, 0.5, 1.0]))
    assert uneven.below(np.array([80.0, 90.0, 95.0, 100.0, 120.0, 150.0])).tolist() == [
        0,
        0,
        0.25,
        0.5,
        0.75,
        1,
    ]
    # Half of it evenly from 90 to 100, half from 100 to 140.
    assert_allclose(uneven.put(np.array([90.0, 100.0, 140.0, 150.0])), [0.0, 2.5, 32.5, 42.5])


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.4])
def test_a_stretched_distribution_keeps_its_mean_and_moves_as_many_times_as_far(factor: float) -> None:
    wide = SMILE.stretched(factor)
    assert wide.call(np.array([0.0]))[0] == pytest.approx(SMILE.mean, rel=1e-6)
    moves = [np.interp([0.1, 0.9], each.chances, np.log(each.levels)) for each in (SMILE, wide)]
    assert np.ptp(moves[1]) == pytest.approx(factor * np.ptp(moves[0]), rel=1e-9)


def test_stretched_equal_volatilities_are_equal_volatilities() -> None:
    strikes = np.linspace(80.0, 125.0, 10)
    black = european_prices(100.6, strikes, 0.2, 0.0, 0.0, 0.2 * 1.3, True)
    assert_allclose(FLAT.stretched(1.3).call(strikes), black, atol=1e-4)
