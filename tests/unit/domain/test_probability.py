"""Probabilities against simulated paths and against what must hold for any distribution."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.domain.probability import Outlook, Smile

D = Decimal
FLAT = Smile(((100.0, 0.25),))


def outlook(years: float = 0.25, smile: Smile = FLAT, rate: float = 0.05) -> Outlook:
    return Outlook(spot=100.0, years=years, smile=smile, rate=rate, dividend_yield=0.01)


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


def test_each_side_uses_the_volatility_of_its_own_strikes() -> None:
    """A smile that falls with the strike makes the lower level likelier than a flat one does."""
    steep = Smile.of([(110.0, 0.18), (90.0, 0.34), (90.0, 0.32)])
    assert steep is not None
    assert steep.at(90) == pytest.approx(0.33)
    assert steep.at(100) == pytest.approx(0.255)
    assert [steep.at(50), steep.at(150)] == pytest.approx([0.33, 0.18])
    assert outlook(smile=steep).below(90) > outlook().below(90)


def test_without_any_volatility_there_is_no_smile() -> None:
    """Nothing in, None out."""
    assert Smile.of([]) is None


def test_a_moment_too_short_for_arithmetic_counts_as_none() -> None:
    """Regression: a denormal time left a square of zero to divide by."""
    assert outlook(5e-324).touch(101.0) == 0.0
    assert outlook(5e-324).below(101.0) == 1.0
