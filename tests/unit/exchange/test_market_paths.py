"""Price paths: pure functions of seed and time, one path from history into the future."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sumppump.exchange.calendar.trading_days import (
    next_trading_day,
    previous_trading_day,
    session_of,
    trading_days_back,
)
from sumppump.exchange.listing.instruments import SecType
from sumppump.exchange.listing.symbols import BY_SYMBOL, UNDERLYINGS
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.market import Market, stock_cents

DAY = date(2026, 11, 20)
SYMBOLS = [under.symbol for under in UNDERLYINGS]
STOCKS = [under.symbol for under in UNDERLYINGS if under.sec_type is SecType.STOCK]


@pytest.mark.behaviour("SIM-WORLD-01")
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    days=st.lists(st.integers(-30, 30), min_size=1, max_size=4),
    symbol=st.sampled_from(SYMBOLS),
)
def test_the_order_of_questions_never_changes_a_path(seed: int, days: list[int], symbol: str) -> None:
    """Our decision: asking for more data must not change what anyone sees."""
    asked, fresh = Market(seed, DAY), Market(seed, DAY)
    for offset in days:
        before = session_of(previous_trading_day(DAY + timedelta(offset)))
        asked.vol_level(symbol, before, np.array([0, 4000]))
        asked.log_open("TSLA", next_trading_day(DAY + timedelta(offset)))
    day = next_trading_day(DAY + timedelta(days[0]))
    assert asked.log_open(symbol, day) == fresh.log_open(symbol, day)
    assert np.array_equal(asked.levels(symbol, session_of(day)), fresh.levels(symbol, session_of(day)))


@pytest.mark.behaviour("SIM-WORLD-02")
def test_days_are_chained_without_a_seam_over_two_years() -> None:
    """Each open is the close before without the dividend plus the drawn gap, backwards and forwards."""
    market = Market(7, DAY)
    for before, day in pairwise([*trading_days_back(DAY, 500), *_following(40)]):
        close = np.log(market.levels("NVDA", session_of(before))[-1]) if day > DAY - timedelta(9) else None
        opened = market.log_open("NVDA", day)
        expected = market.log_open("NVDA", before) + market.returns("NVDA", before).session
        paid = float(market.corporate.dividend_on("NVDA", day))
        left = np.log(np.exp(expected) - paid)
        assert opened == pytest.approx(left + market.returns("NVDA", day).gap, abs=1e-12)
        if close is not None:
            assert close == pytest.approx(expected, abs=1e-9)


def _following(count: int) -> list[date]:
    days = [next_trading_day(DAY)]
    while len(days) < count:
        days.append(next_trading_day(days[-1]))
    return days


@pytest.mark.behaviour("SIM-WORLD-03")
def test_the_start_day_opens_at_the_levels_of_the_table() -> None:
    market = Market(3, DAY)
    opens = {symbol: np.exp(market.log_open(symbol, DAY)) for symbol in SYMBOLS}
    of_funds = {symbol for symbol in SYMBOLS if CHARACTERS[symbol].own}
    for symbol, level in opens.items():
        table = CHARACTERS[symbol].price
        if symbol in of_funds:
            assert table * 0.997 < level < table
        else:
            assert level == pytest.approx(table)


@pytest.mark.behaviour("SIM-WORLD-04")
def test_two_seeds_make_two_markets() -> None:
    one, other = (Market(seed, DAY).levels("SPY", session_of(DAY)) for seed in (1, 2))
    assert not np.array_equal(one, other)


@pytest.mark.behaviour("SIM-WORLD-05")
def test_symbols_move_together_as_much_as_the_market_factor_says() -> None:
    """SPY and QQQ nearly alike, SPY and TSLA loosely: correlations of daily returns over two years."""
    market = Market(11, DAY)
    days = trading_days_back(DAY, 500)
    returns = {
        symbol: [market.returns(symbol, day).gap + market.returns(symbol, day).session for day in days]
        for symbol in ("SPY", "QQQ", "TSLA")
    }
    assert 0.85 < np.corrcoef(returns["SPY"], returns["QQQ"])[0, 1] < 0.99
    assert 0.30 < np.corrcoef(returns["SPY"], returns["TSLA"])[0, 1] < 0.75
    assert 0.08 < np.std(returns["SPY"]) * np.sqrt(252) < 0.30


@pytest.mark.behaviour("SIM-WORLD-06")
def test_a_price_changes_at_most_once_a_second_and_never_at_a_whole_minute_s_old_price() -> None:
    """Our decision, so that minute bars begin with prices of their own."""
    market, session = Market(7, DAY), session_of(DAY)
    steps = np.arange(0, session.last_step + 1, dtype=np.int64)
    seen = market.seconds_seen("SPY", session, steps)
    assert np.all(np.diff(seen) >= 0)
    assert np.all(steps // 4 - seen <= 1)
    assert np.array_equal(seen[::240], steps[::240] // 4)
    assert seen[-1] == session.seconds
    assert np.all(seen[3::4] == steps[3::4] // 4)


@pytest.mark.behaviour("SIM-WORLD-07")
@given(level=st.floats(1.0, 5000.0), symbol=st.sampled_from(STOCKS))
def test_a_stock_s_last_price_lies_within_its_quote(level: float, symbol: str) -> None:
    bid, ask, last = (int(one[0]) for one in stock_cents(BY_SYMBOL[symbol], np.array([level])))
    assert bid <= last <= ask
    assert 0 < bid < ask
    assert abs((bid + ask) / 2 - BY_SYMBOL[symbol].price_units * level) <= 1.0


@pytest.mark.behaviour("SIM-WORLD-08")
def test_implied_volatility_rises_when_the_market_falls() -> None:
    market, session = Market(7, DAY), session_of(DAY)
    steps = np.arange(0, session.last_step + 1, 400, dtype=np.int64)
    level, spot = market.vol_level("SPY", session, steps), market.spot("SPY", session, steps)
    assert np.corrcoef(np.log(level), np.log(spot))[0, 1] < -0.6
