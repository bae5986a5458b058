"""Aligned returns, betas and their errors by published values, correlations; paths and what they keep."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array
from sumppump.domain.return_paths import fitted_model, historical_paths, shrunk_covariance
from sumppump.domain.returns import Beta, Correlations, aligned_returns, correlations, ols_beta

MONDAY = date(2026, 3, 2)

# NIST Statistical Reference Datasets, linear regression, "Norris": pairs of y and x.
# fmt: off
NORRIS = np.array((
    (0.1, 0.2), (338.8, 337.4), (118.1, 118.2), (888.0, 884.6), (9.2, 10.1), (228.1, 226.5),
    (668.5, 666.3), (998.5, 996.3), (449.1, 448.6), (778.9, 777.0), (559.2, 558.2), (0.3, 0.4),
    (0.1, 0.6), (778.1, 775.5), (668.8, 666.9), (339.3, 338.0), (448.9, 447.5), (10.8, 11.6),
    (557.7, 556.0), (228.3, 228.1), (998.0, 995.8), (888.8, 887.6), (119.6, 120.2), (0.3, 0.3),
    (0.6, 0.3), (557.6, 556.8), (339.3, 339.1), (888.0, 887.2), (998.5, 999.0), (778.9, 779.0),
    (10.2, 11.1), (117.6, 118.3), (228.9, 229.2), (668.4, 669.1), (449.2, 448.9), (0.2, 0.5),
))
# fmt: on


def test_a_beta_has_the_certified_slope_intercept_and_error_of_the_nist_data() -> None:
    found = ols_beta(NORRIS[:, 0], NORRIS[:, 1])
    assert isinstance(found, Beta)
    assert found.beta == pytest.approx(1.00211681802045, rel=1e-12)
    assert found.error == pytest.approx(0.429796848199937e-03, rel=1e-10)
    assert found.alpha == pytest.approx(-0.262323073774029, rel=1e-10)
    assert found.r_squared == pytest.approx(0.999993745883712, rel=1e-12)
    assert found.samples == 36


def test_the_first_quartet_of_anscombe_has_its_published_slope_and_error() -> None:
    x = np.array([10.0, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5])
    y = np.array([8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68])
    found = ols_beta(y, x, least=11)
    assert isinstance(found, Beta)
    assert (round(found.beta, 3), round(found.alpha, 2), round(found.error, 3)) == (0.500, 3.00, 0.118)
    assert round(found.r_squared, 2) == 0.67


def test_too_few_returns_or_a_market_that_stands_still_have_no_beta() -> None:
    few = ols_beta(np.ones(5), np.arange(5.0))
    still = ols_beta(np.arange(30.0), np.ones(30))
    assert isinstance(few, Missing)
    assert isinstance(still, Missing)
    assert (few.code, still.code) == ("too_few_returns", "market_stands_still")


def closes(*prices: float, start: date = MONDAY) -> dict[date, float]:
    return {start + timedelta(days=place): price for place, price in enumerate(prices)}


def test_a_day_that_one_lacks_is_one_longer_return_for_all() -> None:
    both = closes(100, 110, 121, 133.1), closes(50, 55, 60.5, 66.55)
    del both[1][MONDAY + timedelta(days=1)]
    found = aligned_returns({"A": both[0], "B": both[1]}, least=2)
    assert found.days == (MONDAY + timedelta(days=2), MONDAY + timedelta(days=3))
    assert_allclose(found.values, np.log([[1.21, 1.21], [1.1, 1.1]]))


def test_a_symbol_with_a_short_history_is_left_out_and_named_so_that_the_others_keep_theirs() -> None:
    found = aligned_returns({"A": closes(*range(100, 130)), "NEW": closes(5, 6, 7)})
    assert found.symbols == ("A",)
    assert len(found) == 29
    assert found.left_out["NEW"].code == "too_few_closes"
    assert np.isnan(found.columns(["NEW", "A"])[:, 0]).all()


def test_only_the_newest_returns_are_kept_when_so_many_are_asked_for() -> None:
    found = aligned_returns({"A": closes(*range(100, 160))}, most=30)
    assert len(found) == 30
    assert found.days[-1] == MONDAY + timedelta(days=59)


def history(count: int = 250, *, width: int = 3, freedom: float = math.inf, seed: int = 4) -> Array:
    random = np.random.default_rng(seed)
    mixing = np.array([[0.01, 0, 0], [0.008, 0.006, 0], [0.004, 0.001, 0.015]])[:width, :width]
    lengths = np.sqrt((freedom - 2) / random.chisquare(freedom, (count, 1))) if freedom < math.inf else 1.0
    found: Array = (lengths * random.standard_normal((count, width))) @ mixing.T
    return found


def test_correlations_are_told_with_their_sample_size() -> None:
    values = history()
    days = {name: closes(*(100 * np.exp(np.cumsum(values[:, place])))) for place, name in enumerate("ABC")}
    found = correlations(aligned_returns(days))
    assert isinstance(found, Correlations)
    assert found.samples == 249
    assert_allclose(np.diag(found.values), 1.0)
    assert_allclose(found.values, np.corrcoef(values[1:].T))


@pytest.mark.parametrize("value", [0.0, 0.6, 0.93])
def test_the_error_of_a_correlation_is_how_far_samples_of_it_scatter(value: float) -> None:
    """Two thousand years of 250 days; near 1 it is far smaller than near 0."""
    dice = np.random.default_rng(2)
    x, rest = dice.standard_normal((2, 2_000, 250))
    y = value * x + math.sqrt(1.0 - value * value) * rest
    found = [np.corrcoef(one, other)[0, 1] for one, other in zip(x, y, strict=True)]
    told = Correlations(symbols=("A", "B"), values=np.eye(2), samples=250)
    assert told.error(value) == pytest.approx(np.std(found), rel=0.06)


def test_one_day_of_history_is_history_itself_and_ten_days_are_compounded_from_whole_days() -> None:
    daily = history()
    assert np.array_equal(historical_paths(daily).after(1), daily)
    drawn = historical_paths(daily, days=10, count=40_000, generator=np.random.default_rng(1))
    ten = drawn.after(10)
    assert drawn.picks is not None
    assert_allclose(ten[7], daily[drawn.picks[7]].sum(axis=0))
    assert_allclose(drawn.after(4)[7], daily[drawn.picks[7, :4]].sum(axis=0))
    assert_allclose(np.cov(ten.T), 10 * np.cov(daily.T, bias=True), rtol=0.06)
    assert_allclose(ten.mean(axis=0), 10 * daily.mean(axis=0), atol=5e-4)


def test_the_same_seed_gives_the_same_paths() -> None:
    model = fitted_model(history())
    first, again = (model.paths(50, days=10, generator=np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(first.steps, again.steps)


@pytest.mark.parametrize(("freedom", "low", "high"), [(math.inf, 15, math.inf), (4.0, 3.0, 6.0)])
def test_the_fitted_tail_is_about_that_of_the_history(freedom: float, low: float, high: float) -> None:
    model = fitted_model(history(2_000, freedom=freedom))
    assert low <= model.freedom <= high
    assert model.name == ("normal" if math.isinf(model.freedom) else "student_t")


@pytest.mark.parametrize("freedom", [math.inf, 5.0])
def test_the_models_paths_have_its_covariance_over_one_day_and_ten_times_it_over_ten(freedom: float) -> None:
    model = fitted_model(history(500), freedoms=(freedom,))
    random = np.random.default_rng(3)
    for days in (1, 10):
        paths = model.paths(200_000, days=days, generator=random).after(days)
        assert_allclose(np.cov(paths.T), days * model.covariance, rtol=0.05)


def _by_hand(daily: Array) -> float:
    """The intensity by the sums that the paper writes, one element after the other."""
    x = daily - daily.mean(axis=0)
    count, width = x.shape
    s = x.T @ x / count
    r = s / np.sqrt(np.outer(np.diag(s), np.diag(s)))
    mean = sum(r[i, j] for i in range(width) for j in range(width) if i < j) * 2 / (width * (width - 1))
    pi = rho = gamma = 0.0
    for i in range(width):
        for j in range(width):
            each = np.mean((x[:, i] * x[:, j] - s[i, j]) ** 2)
            pi += each
            if i == j:
                rho += each
                continue
            own = np.mean((x[:, i] ** 2 - s[i, i]) * (x[:, i] * x[:, j] - s[i, j]))
            other = np.mean((x[:, j] ** 2 - s[j, j]) * (x[:, i] * x[:, j] - s[i, j]))
            rho += mean / 2 * (math.sqrt(s[j, j] / s[i, i]) * own + math.sqrt(s[i, i] / s[j, j]) * other)
            gamma += (mean * math.sqrt(s[i, i] * s[j, j]) - s[i, j]) ** 2
    return float(min(1.0, max(0.0, (pi - rho) / gamma / count)))


def test_shrinkage_is_the_papers_and_leaves_variances_alone() -> None:
    daily = history(120)
    covariance, intensity = shrunk_covariance(daily)
    assert 0 < intensity < 1
    assert intensity == pytest.approx(_by_hand(daily), rel=1e-9)
    assert_allclose(np.diag(covariance), daily.var(axis=0))
    assert np.all(np.linalg.eigvalsh(covariance) > 0)


def test_what_never_moves_stays_where_it_is() -> None:
    daily = np.column_stack([history(100, width=1), np.zeros(100)])
    paths = fitted_model(daily).paths(100, days=1, generator=np.random.default_rng(1)).after(1)
    assert np.all(paths[:, 1] == 0)
    assert np.std(paths[:, 0]) > 0
