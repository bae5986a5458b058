"""Figures of many days that are told from few of them are those of all of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.unit.exchange.builders import START, D, stock, venue

from sumppump.exchange.calendar.trading_days import session_of, trading_days_back
from sumppump.exchange.listing.instruments import ContractQuery
from sumppump.exchange.listing.symbols import BY_SYMBOL
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.quotes import Quoter
from sumppump.exchange.market.ranges import ANYTHING, session_bounds
from sumppump.exchange.market.shocks import Shock
from sumppump.exchange.market.tape import Tape
from sumppump.exchange.reports import BarsQuery

TODAY = START.date()
SYMBOLS = ("SPY", "NVDA", "SPX", "AMC")


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_no_level_of_a_session_is_beyond_its_bounds(symbol: str) -> None:
    market = Market(11, TODAY)
    for day in trading_days_back(TODAY, 80):
        low, high = session_bounds(market, symbol, day)
        levels = market.levels(symbol, session_of(day))
        assert low < levels.min()
        assert levels.max() < high < 2.5 * low


def test_a_session_with_a_shock_has_no_bounds() -> None:
    opens = session_of(TODAY).open_ms
    market = Market(11, TODAY, (Shock(at_ms=opens + 60_000, duration_ms=60_000, log_return=-0.1),))
    assert session_bounds(market, "SPY", TODAY) == ANYTHING
    assert session_bounds(market, "SPY", TODAY - timedelta(1)) != ANYTHING


@pytest.mark.parametrize("symbol", ["SPY", "TSLA"])
def test_a_day_s_volume_is_that_of_its_seconds(symbol: str) -> None:
    tape, under = Tape(Quoter(Market(11, TODAY))), BY_SYMBOL[symbol]
    for day in trading_days_back(TODAY, 5):
        session = session_of(day)
        assert tape.session_volume(under, session) == tape.second_volumes(under, session).sum()


def test_the_extremes_of_weeks_are_those_of_daily_bars() -> None:
    at = venue()
    listing = stock(at, "KO")
    found = at.statistics.extremes(listing)
    assert found is not None
    end = START - timedelta(hours=1)
    bars = at.bars(BarsQuery(con_id=listing.con_id, duration="1 Y", bar_size="1 day", end=end))
    assert isinstance(bars, tuple)
    spans = [[bar for bar in bars if bar.day >= TODAY - timedelta(weeks=weeks)] for weeks in (13, 26, 52)]
    assert found.lows == tuple(min(bar.low for bar in span) for span in spans)
    assert found.highs == tuple(max(bar.high for bar in span) for span in spans)
    assert found.average_volume == sum(bar.volume for bar in bars[-64:]) // 64


@pytest.mark.parametrize(("symbol", "sec_type"), [("VIX", "IND"), ("ES", "FUT"), ("SPX", "IND")])
def test_what_follows_from_others_has_the_extremes_of_its_daily_bars_too(symbol: str, sec_type: str) -> None:
    """Also where the hours of the bars are not those of a share's session."""
    at = venue()
    listing = at.contracts(ContractQuery(symbol=symbol, sec_type=sec_type))[0]
    steps = list(at.statistics.extremes_in_steps(listing))
    found = at.statistics.extremes(listing)
    end = START - timedelta(hours=18)
    bars = at.bars(BarsQuery(con_id=listing.con_id, duration="1 Y", bar_size="1 day", end=end))
    assert isinstance(bars, tuple)
    assert found is not None
    assert (found.lows[-1], found.highs[-1]) == (min(b.low for b in bars), max(b.high for b in bars))
    assert len(steps) >= 20


@pytest.mark.parametrize(
    "query",
    [
        ContractQuery(symbol="EUR", sec_type="CASH", currency="USD"),
        ContractQuery(symbol="BTC", sec_type="CRYPTO"),
        ContractQuery(symbol="SPY", sec_type="OPT", right="C", strike=D("530")),
    ],
    ids=["pair", "coin", "option that hardly trades"],
)
def test_what_has_no_bars_of_trades_has_no_extremes(query: ContractQuery) -> None:
    at = venue()
    assert at.statistics.extremes(at.contracts(query)[0]) is None


def test_the_average_volume_of_a_future_is_that_of_its_daily_bars() -> None:
    """Regression: it was found from a year of bars, which held the exchange up for seconds a month."""
    at = venue()
    listing = at.contracts(ContractQuery(symbol="VIX", sec_type="FUT"))[0]
    end = START - timedelta(hours=1)
    bars = at.bars(BarsQuery(con_id=listing.con_id, duration="64 D", bar_size="1 day", end=end))
    assert isinstance(bars, tuple)
    assert at.statistics.average_volume(listing) == sum(bar.volume for bar in bars) // 64
