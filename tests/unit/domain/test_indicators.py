"""Indicators against worked examples from the literature, and what must hold of any prices."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sumppump.domain.indicators import (
    atr,
    resistance,
    rsi,
    sma,
    support,
    swing_lows,
    true_ranges,
    volatility,
)

# StockCharts ChartSchool, "Relative Strength Index (RSI)", worked example with closes of QQQQ (cs-rsi.xls).
QQQQ = [
    44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931,
    46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521,
    45.7137, 46.4515, 45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314,
]  # fmt: skip
RSI_14 = [
    70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99, 41.46, 41.87,
    45.46, 37.30, 33.08, 37.77,
]  # fmt: skip
# StockCharts ChartSchool, "Average True Range (ATR)", worked example with QQQ (cs-atr.xls): high, low, close.
QQQ = [
    (48.70, 47.79, 48.16), (48.72, 48.14, 48.61), (48.90, 48.39, 48.75), (48.87, 48.37, 48.63),
    (48.82, 48.24, 48.74), (49.05, 48.64, 49.03), (49.20, 48.94, 49.07), (49.35, 48.86, 49.32),
    (49.92, 49.50, 49.91), (50.19, 49.87, 50.13), (50.12, 49.20, 49.53), (49.66, 48.90, 49.50),
    (49.88, 49.43, 49.75), (50.19, 49.73, 50.03), (50.36, 49.26, 50.31), (50.57, 50.09, 50.52),
    (50.65, 50.30, 50.41), (50.43, 49.21, 49.34), (49.63, 48.98, 49.37), (50.33, 49.61, 50.23),
    (50.29, 49.20, 49.24), (50.17, 49.43, 49.93), (49.32, 48.08, 48.43), (48.50, 47.64, 48.18),
    (48.32, 41.55, 46.57), (46.80, 44.28, 45.41), (47.80, 47.31, 47.77), (48.39, 47.20, 47.72),
    (48.66, 47.90, 48.62), (48.79, 47.73, 47.85),
]  # fmt: skip
ATR_14 = [
    0.56, 0.59, 0.59, 0.57, 0.62, 0.62, 0.64, 0.67, 0.69, 0.78, 0.78, 1.21, 1.30, 1.38, 1.37, 1.34, 1.32,
]  # fmt: skip

prices = st.floats(0.01, 10_000, allow_nan=False)


def test_rsi_of_the_worked_example() -> None:
    """From the fifteenth close on, to the two decimals that are printed."""
    found = [rsi(QQQQ[: 15 + at]) for at in range(len(RSI_14))]
    assert found == pytest.approx(RSI_14, abs=0.006)


def test_atr_of_the_worked_example() -> None:
    """From the fourteenth bar on; the example's own inputs are rounded to cents."""
    found = [atr(*zip(*QQQ[: 14 + at], strict=True)) for at in range(len(ATR_14))]
    assert found == pytest.approx(ATR_14, abs=0.011)


def test_the_true_range_reaches_to_the_close_before() -> None:
    """Wilder: the greatest of high to low, high to the close before, the close before to low."""
    assert true_ranges([10, 15, 9], [8, 14, 8], [9, 14.5, 8.5]) == [2, 6, 6.5]


@pytest.mark.parametrize(("count", "known"), [(14, False), (15, True)])
def test_rsi_needs_fifteen_closes(count: int, known: bool) -> None:
    """Fourteen changes."""
    assert (rsi(QQQQ[:count]) is not None) is known


@pytest.mark.parametrize(("count", "known"), [(13, False), (14, True)])
def test_atr_needs_fourteen_bars(count: int, known: bool) -> None:
    """The first range needs no close before it."""
    highs, lows, closes = zip(*QQQ[:count], strict=True)
    assert (atr(highs, lows, closes) is not None) is known


def test_prices_that_do_not_move_have_no_relative_strength() -> None:
    """Nothing over nothing is neither 0 nor 50 nor 100."""
    assert rsi([5.0] * 40) is None


def test_volatility_by_hand() -> None:
    """Returns ln 1.1, -ln 1.1, ln 1.1: mean x/3, sample deviation x * sqrt(4/3), a year of 252."""
    x = math.log(1.1)
    assert volatility([100, 110, 100, 110], 252) == pytest.approx(x * math.sqrt(4 / 3) * math.sqrt(252))


@pytest.mark.parametrize("closes", [[], [100.0], [100.0, 101.0], [100.0, 0.0, 101.0], [100.0, -1.0, 101.0]])
def test_volatility_needs_two_returns_of_real_prices(closes: list[float]) -> None:
    """Null, never 0."""
    assert volatility(closes, 252) is None


def test_support_and_resistance_are_the_nearest_swings() -> None:
    """Of the lows 3, 2 and 4 the highest one below 3.5; of the highs the lowest one above it."""
    lows = [5, 5, 5, 3, 5, 5, 5, 2, 5, 5, 5, 4, 5, 5, 5]
    assert swing_lows(lows, 3)[0:1] == [3]
    assert support(lows, 3.5) == 3
    assert resistance([-low for low in lows], -3.5) == -3
    assert support(lows, 1.0) is None


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(prices, max_size=60))
def test_rsi_lies_between_0_and_100(closes: list[float]) -> None:
    """Whatever the prices do."""
    found = rsi(closes)
    assert found is None or -1e-9 <= found <= 100 + 1e-9


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(prices, min_size=16, max_size=60))
def test_rsi_of_a_mirrored_path_is_the_mirror(closes: list[float]) -> None:
    """Gains and losses change places."""
    found, mirrored = rsi(closes), rsi([20_000 - close for close in closes])
    assume(found is not None and mirrored is not None)
    assert found is not None
    assert mirrored is not None
    assert found + mirrored == pytest.approx(100, abs=1e-6)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(st.tuples(prices, prices, prices).map(sorted), min_size=14, max_size=60))
def test_atr_lies_between_the_smallest_and_the_largest_true_range(bars: list[list[float]]) -> None:
    """A mean does not leave its figures."""
    lows, closes, highs = zip(*bars, strict=True)
    ranges, found = true_ranges(highs, lows, closes), atr(highs, lows, closes)
    assert found is not None
    assert min(ranges) - 1e-6 <= found <= max(ranges) + 1e-6


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(prices, min_size=3, max_size=60), st.floats(0.1, 10))
def test_volatility_does_not_depend_on_the_currency(closes: list[float], rate: float) -> None:
    """Prices times a constant have the same log returns."""
    assert volatility([close * rate for close in closes], 365) == pytest.approx(
        volatility(closes, 365), rel=1e-6, abs=1e-6
    )


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(prices, max_size=60), prices)
def test_support_lies_below_and_resistance_above(closes: list[float], price: float) -> None:
    """And both are prices that were there."""
    low, high = support(closes, price), resistance(closes, price)
    assert low is None or (low < price and low in closes)
    assert high is None or (high > price and high in closes)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(prices, max_size=30), st.integers(1, 30))
def test_a_mean_needs_its_length(closes: list[float], length: int) -> None:
    """Null with fewer values than its name says."""
    assert (sma(closes, length) is None) is (len(closes) < length)
