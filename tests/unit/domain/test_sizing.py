"""The fraction that grows wealth fastest: the closed form of two outcomes, and a search over others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.domain.sizing import growth_fraction


def two(chance: float, wins: float) -> float:
    return growth_fraction(np.array([wins, -1.0]), np.array([chance, 1.0 - chance]))


@pytest.mark.parametrize(("chance", "wins", "fraction"), [(0.6, 1.0, 0.2), (0.5, 2.0, 0.25), (0.9, 0.5, 0.7)])
def test_two_outcomes_have_the_published_fraction(chance: float, wins: float, fraction: float) -> None:
    """p - (1 - p) / b, Kelly 1956: an even bet won 60 times in 100 gets a fifth."""
    assert two(chance, wins) == pytest.approx(fraction, abs=1e-9)


@pytest.mark.parametrize(("chance", "wins"), [(0.5, 1.0), (0.2, 1.0), (0.09, 10.0)])
def test_what_does_not_earn_gets_nothing(chance: float, wins: float) -> None:
    assert two(chance, wins) == 0.0


def test_a_loss_beyond_what_was_put_in_bounds_the_fraction_below_what_it_would_ruin() -> None:
    returns, chances = np.array([1.0, -4.0]), np.array([0.95, 0.05])
    assert 0.0 < growth_fraction(returns, chances) < 0.25


def test_it_is_never_above_the_most() -> None:
    assert growth_fraction(np.array([1.0, 0.5]), np.array([0.5, 0.5]), most=0.25) == 0.25


@given(st.lists(st.floats(-1.0, 5.0), min_size=2, max_size=6), st.integers(0, 10_000))
def test_no_other_fraction_grows_faster(returns: list[float], seed: int) -> None:
    random = np.random.default_rng(seed)
    each = np.array([*returns, -1.0])
    chances = random.dirichlet(np.ones(len(each)))
    found = growth_fraction(each, chances)

    def growth(fraction: float) -> float:
        return float(np.sum(chances * np.log1p(np.maximum(fraction * each, -1.0 + 1e-12))))

    assert all(growth(found) >= growth(other) - 1e-7 for other in np.linspace(0.0, 0.99, 34))
