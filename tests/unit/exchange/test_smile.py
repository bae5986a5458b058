"""The volatility surfaces allow no static arbitrage, whatever the market's mood."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sumppump.exchange.listing.symbols import UNDERLYINGS, Underlying
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.smile import implied_vol, month_vol, total_variance

symbols = st.integers(0, len(UNDERLYINGS) - 1)
levels = st.floats(0.4, 6.0)  # what the mood and an ordered shock can make of it
lumps = st.floats(0.0, 0.02)  # what reports add


def variance(symbol: int, k: np.ndarray, years: float, level: float, lump: float = 0.0) -> np.ndarray:
    shape = k.shape
    return total_variance(np.full(shape, symbol), k, np.full(shape, years), np.full(shape, level), lump)


@pytest.mark.behaviour("SIM-WORLD-30")
@settings(max_examples=120, deadline=None)
@given(symbol=symbols, years=st.floats(1e-5, 3.0), level=levels, lump=lumps)
def test_no_butterfly_can_be_bought_for_nothing(symbol: int, years: float, level: float, lump: float) -> None:
    """Durrleman's condition g(k) >= 0 (Gatheral and Jacquier, 2014, section 2.2), by finite differences."""
    k = np.linspace(-6, 6, 1201) * max(np.sqrt(years) * 0.5, 0.01)
    h = k[1] - k[0]
    w = variance(symbol, k, years, level, lump)
    slope, bend = np.gradient(w, h)[2:-2], np.gradient(np.gradient(w, h), h)[2:-2]
    w, k = w[2:-2], k[2:-2]
    g = (1 - k * slope / (2 * w)) ** 2 - slope**2 / 4 * (1 / w + 0.25) + bend / 2
    assert g.min() > -1e-6


@pytest.mark.behaviour("SIM-WORLD-31")
@settings(max_examples=120, deadline=None)
@given(symbol=symbols, years=st.floats(1e-5, 2.5), more=st.floats(1.0005, 3.0), level=levels, lump=lumps)
def test_no_calendar_spread_can_be_bought_for_nothing(
    symbol: int, years: float, more: float, level: float, lump: float
) -> None:
    """Total variance never falls with time to expiry at the same moneyness."""
    k = np.linspace(-1.0, 1.0, 401)
    near, far = variance(symbol, k, years, level), variance(symbol, k, years * more, level)
    assert np.all(far >= near - 1e-12)
    assert np.all(variance(symbol, k, years * more, level, lump) >= far - 1e-12)


@pytest.mark.behaviour("SIM-WORLD-32")
@pytest.mark.parametrize(
    "under",
    [under for under in UNDERLYINGS if CHARACTERS[under.symbol].skew < -0.2],
    ids=lambda under: under.symbol,
)
def test_puts_below_the_money_are_dearer_than_calls_above_it(under: Underlying) -> None:
    index = np.array([UNDERLYINGS.index(under)])
    one = np.array([1.0])
    low, high = (implied_vol(index, np.array([k]), one / 12, one)[0] for k in (-0.08, 0.08))
    assert low > high


@pytest.mark.behaviour("SIM-WORLD-33")
def test_thirty_day_volatilities_are_of_the_expected_size() -> None:
    vols = {under.symbol: float(month_vol(under.symbol, np.array([1.0]))[0]) for under in UNDERLYINGS}
    assert 0.12 < vols["SPY"] < 0.18 < vols["IWM"] < 0.25 < vols["NVDA"] < vols["TSLA"] < 0.6
