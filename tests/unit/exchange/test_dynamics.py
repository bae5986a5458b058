"""The seams and the statistics of the market's paths."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sumppump.exchange.calendar.trading_days import (
    overnight_before,
    previous_trading_day,
    session_of,
    trading_days_back,
)
from sumppump.exchange.listing.symbols import INDEX_OF
from sumppump.exchange.market.derived import swap_variance, volatility_future, volatility_index
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.pricing import normal_cdf
from sumppump.exchange.market.smile import MONTH_YEARS, money_variance, total_variance
from sumppump.exchange.market.surface import Surface

DAY = date(2026, 11, 20)
FIRST = np.zeros(1, dtype=np.int64)


@pytest.mark.behaviour("SIM-MKT-01")
@pytest.mark.parametrize("symbol", ["SPY", "NVDA", "TSLA"])
def test_nights_join_sessions_without_a_seam(symbol: str) -> None:
    """Levels and volatility levels, through a quarter with a report and a dividend in it."""
    market = Market(4, DAY)
    for day in trading_days_back(DAY, 66)[::5]:
        night, session, before = (
            overnight_before(day),
            session_of(day),
            session_of(previous_trading_day(day)),
        )
        through = market.levels(symbol, night)
        assert through[0] == pytest.approx(market.levels(symbol, before)[-1], rel=1e-9)
        assert through[-1] == pytest.approx(market.levels(symbol, session)[0], rel=1e-9)
        ends = np.array([before.last_step]), np.array([night.last_step])
        fading = market.vol_level(symbol, before, ends[0]), market.vol_level(symbol, night, FIRST)
        assert fading[0] == pytest.approx(fading[1], rel=1e-9)
        risen = market.vol_level(symbol, night, ends[1]), market.vol_level(symbol, session, FIRST)
        assert risen[0] == pytest.approx(risen[1], rel=1e-9)


def _year_of(market: Market, symbol: str) -> tuple[np.ndarray, np.ndarray]:
    """Daily returns and month volatilities at the opens of a year."""
    surface, days = Surface(market), trading_days_back(DAY, 252)
    returns = np.array(
        [sum((market.returns(symbol, day).gap, market.returns(symbol, day).session)) for day in days]
    )
    vols = np.array([surface.month_vol(symbol, session_of(day), FIRST)[0] for day in days[::6]])
    return returns, vols


@pytest.mark.behaviour("SIM-MKT-02")
def test_a_year_of_implied_volatility_spans_a_range_a_little_above_what_prices_did() -> None:
    ratios, spans = [], []
    for seed in (1, 2, 3):
        returns, vols = _year_of(Market(seed, DAY), "SPY")
        ratios.append(vols.mean() / (returns.std() * 252**0.5))
        spans.append(vols.max() / vols.min())
    assert 0.95 < np.mean(ratios) < 1.35
    assert min(spans) > 1.5


@pytest.mark.behaviour("SIM-MKT-07")
def test_the_volatility_index_is_the_log_contract_of_its_surface() -> None:
    """The strip of out-of-the-money options, 2 / K^2 each, priced by Black's formula on the same slice."""
    index = INDEX_OF["SPY"]
    for level in (0.8, 1.0, 2.5):
        theta = float(money_variance(np.array([index]), np.array([MONTH_YEARS]), np.array([level]))[0])
        k = np.linspace(-2.5, 1.0, 7001)
        w = total_variance(np.full(k.shape, index), k, np.full(k.shape, MONTH_YEARS), np.full(k.shape, level))
        strip = float(np.sum(2.0 * _out_of_the_money(k, w) * np.exp(-k)) * (k[1] - k[0]))
        assert swap_variance("SPY", np.array([theta]))[0] == pytest.approx(strip, rel=0.01)
        vix = volatility_index("SPY", np.array([level]))[0]
        assert vix == pytest.approx(100.0 * (strip / MONTH_YEARS) ** 0.5, rel=0.01)


def _out_of_the_money(k: np.ndarray, w: np.ndarray) -> np.ndarray:
    sign, deviation = np.where(k > 0, 1.0, -1.0), np.sqrt(w)
    d1 = -k / deviation + deviation / 2
    price: np.ndarray = sign * (normal_cdf(sign * d1) - np.exp(k) * normal_cdf(sign * (d1 - deviation)))
    return price


def test_volatility_futures_rise_with_time_in_calm_and_fall_in_stress() -> None:
    months = [n / 12 for n in range(7)]
    calm = [volatility_future("SPY", years, np.array([0.9]))[0] for years in months]
    stress = [volatility_future("SPY", years, np.array([2.8]))[0] for years in months]
    assert calm == sorted(calm)
    assert stress == sorted(stress, reverse=True)
    assert calm[0] == volatility_index("SPY", np.array([0.9]))[0]
