"""Probabilities against simulated paths and against what must hold for any distribution."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sumppump.domain.distribution import Distribution
from sumppump.domain.pricing import european_prices
from sumppump.domain.probability import Outlook
from sumppump.domain.smile import Smile, VolPoint

D = Decimal
FLAT = Smile.flat(0.25)
CARRY = 0.04
CENTS = st.integers(6_000, 16_000).map(lambda cents: cents / 100)


def outlook(years: float = 0.25, smile: Smile = FLAT) -> Outlook:
    return Outlook(spot=100.0, forward=100.0 * math.exp(CARRY * years), years=years, smile=smile)


def skewed(years: float = 0.25) -> Outlook:
    """A smile as an index has it: 32 % at 80 to 17 % at 120, known at eleven strikes."""
    strikes = np.linspace(80.0, 120.0, 11)
    vols = 0.23 - 0.4 * np.log(strikes / 100) + 0.5 * np.log(strikes / 100) ** 2
    smile = Smile.of([VolPoint(k, v, 1e-5) for k, v in zip(strikes, vols, strict=True)], years)
    assert smile is not None
    return outlook(years, smile)


def call_prices(model: Outlook, strikes: np.ndarray) -> np.ndarray:
    """Undiscounted, at the smile's volatility of each strike."""
    vols = np.array([model.smile.at(strike) for strike in strikes])
    return european_prices(model.forward, strikes, model.years, 0.0, 0.0, vols, True)


@pytest.mark.parametrize(
    "regions",
    [
        [(D("93.5"), D("106.5"))],
        [(D(0), D(92)), (D(108), None)],
        [(D(103), None)],
        [(D(0), D(97))],
    ],
)
def test_probability_of_ending_inside_agrees_with_a_million_draws(
    regions: list[tuple[Decimal, Decimal | None]],
) -> None:
    """Monte Carlo of the same lognormal: four standard errors are 0.002."""
    model = outlook()
    normal = np.random.default_rng(11).standard_normal(1_000_000)
    ends = 100 * np.exp((0.04 - 0.5 * 0.25**2) * 0.25 + 0.25 * math.sqrt(0.25) * normal)
    inside = sum(
        np.mean((ends > float(low)) & (ends < (math.inf if high is None else float(high))))
        for low, high in regions
    )
    assert model.inside(regions) == pytest.approx(float(inside), abs=0.002)


@pytest.mark.parametrize("level", [90.0, 97.0, 104.0, 112.0])
def test_probability_of_touching_agrees_with_simulated_paths(level: float) -> None:
    """40,000 paths of 1,000 steps; steps miss touches, so the level moves by 0.58 of a step."""
    random = np.random.default_rng(5)
    steps, years, vol = 1_000, 0.25, 0.25
    step = years / steps
    shift = math.exp(0.5826 * vol * math.sqrt(step))
    seen = level / shift if level > 100 else level * shift
    touched = 0
    for _ in range(10):
        moves = random.standard_normal((4_000, steps)) * vol * math.sqrt(step) + (0.04 - 0.5 * vol**2) * step
        paths = np.cumsum(moves, axis=1)
        extreme = paths.max(axis=1) if level > 100 else paths.min(axis=1)
        hit = extreme >= math.log(seen / 100) if level > 100 else extreme <= math.log(seen / 100)
        touched += int(hit.sum())
    assert outlook().touch(level) == pytest.approx(touched / 40_000, abs=0.012)


def test_above_a_strike_the_probability_is_n_of_d2() -> None:
    """Risk-neutral P(S > K) = N(d2); neither d1 nor its complement."""
    d2 = (math.log(100 / 105) + (0.05 - 0.01 - 0.5 * 0.25**2) * 0.25) / (0.25 * 0.5)
    expected = 0.5 * math.erfc(-d2 / math.sqrt(2))
    assert outlook().inside([(D(105), None)]) == pytest.approx(expected, abs=1e-12)


@given(level=st.floats(1, 500), years=st.floats(0, 3))
def test_touching_is_at_least_as_likely_as_ending_beyond(level: float, years: float) -> None:
    """Whoever ends beyond a level has crossed it; all are probabilities."""
    model = outlook(years)
    below = model.below(level)
    beyond = 1 - below if level > 100 else below
    assert 0 <= below <= 1
    assert beyond - 1e-9 <= model.touch(level) <= 1


def test_the_last_minutes_count_as_a_fraction_of_a_year() -> None:
    """0DTE: with ten minutes left half a percent away is already far; in six hours it is not."""
    soon, later = outlook(10 / (365 * 24 * 60)), outlook(6 / (365 * 24))
    region = [(D("99.5"), D("100.5"))]
    assert soon.inside(region) == pytest.approx(1.0, abs=1e-4)
    assert 0.4 < later.inside(region) < 0.7


def test_at_expiry_the_outcome_is_certain() -> None:
    """No time left: 1 where the spot is, 0 elsewhere; touched only where it stands."""
    over = outlook(0.0)
    assert (over.inside([(D(99), D(101))]), over.inside([(D(101), None)])) == (1.0, 0.0)
    assert (over.touch(100.0), over.touch(101.0)) == (1.0, 0.0)


@pytest.mark.parametrize("level", [82.0, 92.0, 99.0, 101.0, 108.0, 117.0])
def test_probability_is_the_markets_own_digital(level: float) -> None:
    """(C(K - h) - C(K + h)) / 2h of prices at the smile: what a narrow vertical costs per its width.

    N(d2) alone is wrong by up to 8 points here.
    """
    model, half = skewed(), 0.01
    low, high = call_prices(model, np.array([level - half, level + half]))
    digital = (low - high) / (2 * half)
    assert 1 - model.below(level) == pytest.approx(digital, abs=1e-4)


def test_the_skew_is_most_of_the_difference_to_n_of_d2() -> None:
    """At the forward a vega times slope of about -0.08: the market thinks a rise likelier than N(d2) says."""
    model = skewed()
    vol = model.smile.at(model.forward)
    plain = 0.5 * math.erfc(vol * math.sqrt(model.years) / 2 / math.sqrt(2))
    assert 1 - model.below(model.forward) - plain == pytest.approx(0.08, abs=0.01)


def test_probability_agrees_with_draws_from_the_fitted_density() -> None:
    """Two million draws from the second difference of call prices: a condor, both tails, the mean."""
    model = skewed()
    strikes = np.linspace(20.0, 260.0, 24_001)
    density = np.maximum(np.diff(call_prices(model, strikes), 2), 0.0)
    weights = density / density.sum()
    draws = np.random.default_rng(3).choice(strikes[1:-1], size=2_000_000, p=weights)
    assert draws.mean() == pytest.approx(model.forward, abs=0.05)
    for low, high in ((94.0, 106.0), (0.0, 91.0), (109.0, 1e9)):
        inside = float(np.mean((draws > low) & (draws < high)))
        assert model.inside([(D(str(low)), D(str(high)))]) == pytest.approx(inside, abs=0.002)


@example([(61.86, 1.5), (63.43, 1.0)], 6.1e-05)  # nodes forty deviations away from the money
@example([(60.0, 1.5), (70.8, 0.4375), (74.31, 0.375), (74.61, 1.0625), (79.79, 0.5), (83.61, 0.9375)], 2.0)
@given(st.lists(st.tuples(CENTS, st.floats(0.05, 1.5)), min_size=1, max_size=8), st.floats(0, 2))
def test_quotes_that_allow_arbitrage_still_give_probabilities_that_rise(
    quotes: list[tuple[float, float]], years: float
) -> None:
    """Any volatilities at any strikes: within 0 and 1, and never falling with the level."""
    smile = Smile.of([VolPoint(strike, vol, 0.001) for strike, vol in quotes], years)
    assert smile is not None
    below = [outlook(years, smile).below(level) for level in np.geomspace(20, 400, 60)]
    assert all(0 <= each <= 1 for each in below)
    assert all(later >= earlier for earlier, later in pairwise(below))


def test_touching_a_level_goes_with_the_smiles_distribution() -> None:
    """At the spot it is certain, far away it fades, and it is never rarer than ending beyond."""
    model = skewed()
    assert model.touch(100.0) == 1.0
    assert model.touch(100.1) == pytest.approx(1.0, abs=0.02)
    assert model.touch(99.9) == pytest.approx(1.0, abs=0.02)
    up = [model.touch(level) for level in np.linspace(100.5, 150, 50)]
    down = [model.touch(level) for level in np.linspace(99.5, 50, 50)]
    assert up == sorted(up, reverse=True)
    assert down == sorted(down, reverse=True)
    for level in (85.0, 95.0):
        assert model.below(level) <= model.touch(level) <= 2.5 * model.below(level)


def test_touching_is_near_what_a_local_volatility_with_that_smile_gives() -> None:
    """20,000 paths of Dupire's local volatility (Gatheral's formula), the smile fixed by moneyness."""
    model, steps = skewed(), 250
    step, random = model.years / steps, np.random.default_rng(4)
    grid = np.linspace(-0.9, 0.7, 401)
    path, low, high = np.zeros(20_000), np.zeros(20_000), np.zeros(20_000)
    for number in range(1, steps + 1):
        variance = np.interp(path, grid, local_variance(model.smile, grid, max(0.02, number * step)))
        path += np.sqrt(variance * step) * random.standard_normal(len(path)) - 0.5 * variance * step
        low, high = (
            np.minimum(low, path + CARRY * number * step),
            np.maximum(high, path + CARRY * number * step),
        )
    for level in (88.0, 95.0, 105.0, 112.0):
        # Steps miss touches, so the level is taken 0.58 of a step nearer.
        missed = 0.5826 * model.smile.at(level) * math.sqrt(step)
        place = math.log(level / 100)
        touched = np.mean(low <= place + missed) if level < 100 else np.mean(high >= place - missed)
        assert model.touch(level) == pytest.approx(float(touched), abs=0.04)


def local_variance(smile: Smile, places: np.ndarray, years: float) -> np.ndarray:
    """Per year, at ln(price / forward), for a smile that keeps its shape by moneyness."""
    step = 1e-3
    down, here, up = (smile.curve(places + move + math.log(101.005))[0] ** 2 for move in (-step, 0.0, step))
    first, second = (up - down) * years / (2 * step), (up - 2 * here + down) * years / step**2
    total = here * years
    bend = 0.25 * (-0.25 - 1 / total + (places / total) ** 2) * first**2
    return np.clip(here / np.maximum(1 - places / total * first + bend + 0.5 * second, 0.2), 1e-4, 2.0)


def test_a_moment_too_short_for_arithmetic_counts_as_none() -> None:
    """Regression: a denormal time left a square of zero to divide by."""
    assert outlook(5e-324).touch(101.0) == 0.0
    assert outlook(5e-324).below(101.0) == 1.0


def condor(prices: np.ndarray, credit: float) -> np.ndarray:
    """P&L per share at expiry of the iron condor 550/560/640/650."""
    put_side = np.maximum(550 - prices, 0) - np.maximum(560 - prices, 0)
    call_side = np.maximum(prices - 650, 0) - np.maximum(prices - 640, 0)
    return credit + put_side + call_side


REFERENCE = Outlook(
    spot=600.0,
    forward=600.0 * math.exp((0.043 - 0.012) * 30 / 365),
    years=30 / 365,
    smile=Smile.flat(0.14777),
)
CREDIT = 0.866


def test_the_reference_condor_has_its_published_chance_and_mean() -> None:
    """Measured for the project with another program: chance 0.8911, mean +0.070 a share under one volatility.

    The credit follows from "1 - credit / width = 0.9134"; the volatility from the chance alone, so that the
    mean is a check of its own.
    """
    low, high = D(str(560 - CREDIT)), D(str(640 + CREDIT))
    assert REFERENCE.inside([(low, high)]) == pytest.approx(0.8911, abs=5e-5)
    ends = Distribution.of(REFERENCE)
    assert ends.average(condor(ends.prices, CREDIT)) == pytest.approx(0.070, abs=5e-4)


def test_mean_and_shortfall_agree_with_a_million_draws() -> None:
    """Monte Carlo of the same lognormal, each within four standard errors."""
    normal = np.random.default_rng(21).standard_normal(1_000_000)
    root = 0.14777 * math.sqrt(REFERENCE.years)
    pnl = condor(REFERENCE.forward * np.exp(root * normal - 0.5 * root**2), CREDIT)
    ends = Distribution.of(REFERENCE)
    ours = condor(ends.prices, CREDIT)
    assert ends.average(ours) == pytest.approx(pnl.mean(), abs=4 * pnl.std() / 1000)
    worst = np.sort(pnl)[:50_000]
    assert ends.shortfall(ours) == pytest.approx(
        -worst.mean(), abs=4 * worst.std() / math.sqrt(50_000) + 0.01
    )


def test_the_cells_of_a_smile_hold_what_its_prices_say() -> None:
    """The mean of what a call pays is its undiscounted price, at every strike of a skewed smile."""
    model = skewed()
    strikes = np.array([85.0, 95.0, 100.0, 107.0, 115.0])
    ends = Distribution.of(model)
    paid = [ends.average(np.maximum(ends.prices - strike, 0.0)) for strike in strikes]
    assert paid == pytest.approx(call_prices(model, strikes).tolist(), abs=0.01)


def test_of_the_last_minutes_a_chance_still_moves() -> None:
    """Twenty and two minutes to the close, 0.1 % out of the money: less time, less chance, never 0 or 1."""
    chances = [
        outlook(minutes / (365 * 24 * 60)).inside([(D("100.1"), None)]) for minutes in (240.0, 20.0, 2.0)
    ]
    assert 0.5 > chances[0] > chances[1] > chances[2] > 0.0


def test_a_certain_end_loses_what_it_loses() -> None:
    ends = Distribution.of(outlook(0.0))
    assert ends.prices.tolist() == pytest.approx([100.0])
    assert ends.shortfall(np.array([-3.0])) == pytest.approx(3.0)
