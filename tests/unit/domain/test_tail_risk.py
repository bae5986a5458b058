"""Value at risk and expected shortfall: reference values, coherence, and what is too little to say."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array
from sumppump.domain.return_paths import historical_paths
from sumppump.domain.tail_risk import Redrawn, TailRisk, var_and_es


def risk(pnl: Array, confidence: float) -> TailRisk:
    found = var_and_es(pnl, confidence)
    assert isinstance(found, TailRisk)
    return found


def test_value_at_risk_of_a_hundred_outcomes_is_the_sixth_worst_and_shortfall_the_mean_of_five() -> None:
    pnl = np.random.default_rng(1).permutation(np.arange(-100.0, 0.0))
    found = risk(pnl, 0.95)
    # Exactly five of a hundred losses exceed 95.
    assert (found.var, found.samples) == (95.0, 100)
    assert found.shortfall == pytest.approx(98.0)


def test_the_outcome_on_the_edge_counts_by_its_part() -> None:
    pnl = -np.arange(1.0, 51.0)
    # The worst 2.5 of 50: 50, 49 and half of 48.
    assert risk(pnl, 0.95).shortfall == pytest.approx((50 + 49 + 0.5 * 48) / 2.5)
    assert risk(pnl, 0.95).var == 48.0


@pytest.mark.parametrize("confidence", [0.95, 0.99])
def test_a_normal_sample_has_the_figures_of_the_normal_distribution(confidence: float) -> None:
    pnl = np.random.default_rng(5).normal(0.0, 100.0, 400_000)
    place = NormalDist().inv_cdf(confidence)
    found = risk(pnl, confidence)
    # 164.49 and 206.27 at 95 %, 232.63 and 266.52 at 99 %.
    assert found.var == pytest.approx(100 * place, rel=0.01)
    assert found.shortfall == pytest.approx(100 * NormalDist().pdf(place) / (1 - confidence), rel=0.01)
    assert found.var_low < 100 * place < found.var_high


def test_a_book_that_cannot_lose_has_a_negative_value_at_risk() -> None:
    assert risk(np.linspace(10.0, 20.0, 100), 0.95).var < 0


def test_too_few_outcomes_say_nothing_of_the_tail_and_how_many_would() -> None:
    found = var_and_es(np.zeros(199), 0.99)
    assert isinstance(found, Missing)
    assert "200 are needed" in found.reason
    assert isinstance(var_and_es(np.zeros(200), 0.99), TailRisk)


def test_the_band_of_redrawn_paths_holds_the_truth_as_often_as_it_says() -> None:
    """A hundred histories of 250 fat-tailed days, and 10-day paths redrawn from each.

    Taken for independent, 4,000 paths would claim to know far better than 250 days can.
    """
    dice = np.random.default_rng(5)
    truth = float(np.quantile(-dice.standard_t(5, (200_000, 10)).sum(axis=1), 0.95))
    held = {"redrawn": 0, "independent": 0}
    for _ in range(100):
        days = dice.standard_t(5, (250, 1))
        paths = historical_paths(days, days=10, count=4_000, generator=dice)
        assert paths.picks is not None
        for name, source in (("redrawn", Redrawn(paths.picks, 250)), ("independent", None)):
            found = var_and_es(paths.after(10)[:, 0], 0.95, source)
            assert isinstance(found, TailRisk)
            held[name] += found.var_low <= truth <= found.var_high
    assert 88 <= held["redrawn"] <= 100
    assert held["independent"] < 50


@pytest.mark.parametrize(
    ("pnl", "confidence"), [(np.zeros(100), 95.0), (np.zeros(100), 0.4), (np.full(100, np.nan), 0.95)]
)
def test_what_is_no_confidence_or_no_number_is_refused(pnl: Array, confidence: float) -> None:
    with pytest.raises(ValueError, match=r"confidence|number"):
        var_and_es(pnl, confidence)


OUTCOMES = st.lists(st.floats(-1e6, 1e6), min_size=60, max_size=90)


@settings(max_examples=60, deadline=None)
@given(OUTCOMES, OUTCOMES, st.sampled_from([0.9, 0.95]))
def test_shortfall_is_coherent_and_not_below_value_at_risk(
    first: list[float], second: list[float], confidence: float
) -> None:
    size = min(len(first), len(second))
    one, two = np.array(first[:size]), np.array(second[:size])
    alone, other, both = (risk(each, confidence) for each in (one, two, one + two))
    assert both.shortfall <= alone.shortfall + other.shortfall + 1e-6
    assert alone.shortfall >= alone.var - 1e-6
    assert risk(one + 7.0, confidence).shortfall == pytest.approx(alone.shortfall - 7.0, abs=1e-6)
    assert risk(3.0 * one, confidence).var == pytest.approx(3.0 * alone.var)
