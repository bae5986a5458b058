"""Historical volatilities against paths of known volatility, and rank and percentile by their definitions."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.domain.missing import Missing
from sumppump.domain.quotes import Bar
from sumppump.domain.volatility import (
    LEAST_SAMPLES,
    close_to_close,
    iv_percentile,
    iv_rank,
    parkinson,
    yang_zhang,
)

Estimator = Callable[[Sequence[Bar], int], "float | Missing"]
START = datetime(2026, 1, 5, 5, tzinfo=UTC)


def bar(number: int, *prices: float) -> Bar:
    opens, high, low, close = (Decimal(repr(float(price))) for price in prices)
    return Bar(start=START + timedelta(number), open=opens, high=high, low=low, close=close)


def walked(days: int, vol: float, *, night: float = 0.0, drift: float = 0.0, seed: int = 2) -> list[Bar]:
    """Sessions of 2,000 steps; `vol` per year of the session, `night` of the gap before it."""
    random, price, bars = np.random.default_rng(seed), 100.0, []
    for number in range(days):
        price *= math.exp(night / math.sqrt(252) * random.standard_normal())
        moves = drift / 2000 + vol / math.sqrt(252 * 2000) * random.standard_normal(2000)
        path = price * np.exp(np.concatenate([[0.0], np.cumsum(moves)]))
        bars.append(bar(number, path[0], path.max(), path.min(), path[-1]))
        price = float(path[-1])
    return bars


@pytest.mark.parametrize(
    ("estimate", "error"), [(close_to_close, 0.02), (parkinson, 0.01), (yang_zhang, 0.01)]
)
def test_a_path_of_25_percent_is_found_to_be_one(estimate: Estimator, error: float) -> None:
    """Claim: each estimator is unbiased where its assumptions hold; the ranges tell it with less noise."""
    assert estimate(walked(750, 0.25), 700) == pytest.approx(0.25, abs=error)


def test_gaps_between_sessions_are_in_yang_zhang_and_not_in_parkinson() -> None:
    """Claim: 20 % by day and 15 % by night are 25 % together."""
    bars = walked(750, 0.20, night=0.15)
    assert yang_zhang(bars, 700) == pytest.approx(0.25, abs=0.01)
    assert parkinson(bars, 700) == pytest.approx(0.20, abs=0.01)


def test_a_steady_rise_is_no_volatility() -> None:
    """Claim: a drift of 1 % a session moves Yang and Zhang's figure by less than half a point."""
    still, rising = (yang_zhang(walked(400, 0.2, drift=drift), 350) for drift in (0.0, 0.01))
    assert rising == pytest.approx(still, abs=0.005)


def test_close_to_close_is_the_sample_deviation_of_log_returns() -> None:
    """Claim: n - 1 below the line, the root of 252, the last returns alone. Provenance: tools page."""
    closes = [100.0, 90.0, 101.0, 99.0, 104.0, 103.0]
    bars = [bar(n, close, close, close, close) for n, close in enumerate(closes)]
    returns = [math.log(b / a) for a, b in pairwise(closes[1:])]
    assert close_to_close(bars, 4) == pytest.approx(statistics.stdev(returns) * math.sqrt(252))


@pytest.mark.parametrize(("estimate", "least"), [(close_to_close, 11), (parkinson, 10), (yang_zhang, 11)])
def test_one_bar_too_few_is_a_reason(estimate: Estimator, least: int) -> None:
    """Claim: never a number from a shorter window."""
    bars = walked(least, 0.2)
    assert isinstance(estimate(bars, 10), float)
    assert estimate(bars[1:], 10) == Missing(
        "too_few_bars", f"{least} daily bars are needed, there are {least - 1}"
    )


def test_rank_and_percentile_have_the_published_values() -> None:
    """Claim: 45 between 30 and 60 is 50 %; 202 of 252 days below are 80 %. Provenance: tastytrade."""
    year = [30.0, *([44.0] * 201), *([59.0] * 49), 60.0]
    assert len(year) == 252
    assert iv_rank(year, 45.0) == 50.0
    assert iv_percentile(year, 45.0) == pytest.approx(80.16, abs=0.005)


def test_half_a_year_is_the_least_that_ranks_anything() -> None:
    """Claim: below 126 closes there is no rank and no percentile, and the reason counts them."""
    few = [20.0, 30.0] * ((LEAST_SAMPLES - 2) // 2)
    for figure in (iv_rank, iv_percentile):
        found = figure(few, 25.0)
        assert isinstance(found, Missing)
        assert f"there are {len(few)}" in found.reason


@given(
    st.lists(st.floats(0.05, 2.0), min_size=LEAST_SAMPLES, max_size=LEAST_SAMPLES + 20), st.floats(0.05, 2.0)
)
def test_rank_and_percentile_stay_within_0_and_100_and_rise(closes: list[float], current: float) -> None:
    """Claim: whatever the year was like."""
    if min(closes) == max(closes) == current:
        return
    for figure in (iv_rank, iv_percentile):
        here, above = figure(closes, current), figure(closes, current + 0.1)
        assert isinstance(here, float)
        assert isinstance(above, float)
        assert 0.0 <= here <= above <= 100.0
