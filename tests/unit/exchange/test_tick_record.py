"""Trades, quotes and middles of the past are those that showed, and bars are made of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.exchange.builders import START, option, stock, top, venue

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.market.tick_record import CLOSING, OPENING, Trade
from sumppump.exchange.reports import Bar, BarsQuery
from sumppump.exchange.venue import Venue

NOW = to_ms(START)
ALL = 1_000_000
VENUE = venue()


def reported(at: Venue, con_id: int, from_ms: int, until_ms: int, *, liquid: bool = False) -> list[Trade]:
    found = at.ticks.trades(con_id, from_ms, until_ms, ALL, liquid=liquid)
    return [one for one in found if one.is_reported]


def newest_bars(at: Venue, con_id: int, size: str) -> list[Bar]:
    found = at.bars(BarsQuery(con_id=con_id, duration="1 D", bar_size=size))
    assert isinstance(found, tuple)
    return list(found[-6:])


@pytest.mark.behaviour("SIM-TBT-01")
@pytest.mark.parametrize(("symbol", "size", "seconds"), [("SPY", "5 secs", 5), ("AMD", "1 min", 60)])
def test_a_bar_equals_its_ticks(symbol: str, size: str, seconds: int) -> None:
    at = venue()
    con_id = stock(at, symbol).con_id
    for bar in newest_bars(at, con_id, size):
        begins = to_ms(bar.start)
        trades = reported(at, con_id, begins, begins + seconds * 1000)
        prices = [float(one.price) for one in trades]
        total = sum(one.size for one in trades)
        assert (bar.open, bar.high, bar.low, bar.close) == (
            prices[0],
            max(prices),
            min(prices),
            prices[-1],
        )
        assert (bar.volume, bar.count) == (total, len(trades))
        assert bar.wap == pytest.approx(sum(float(one.price) * one.size for one in trades) / total, abs=1e-4)


def test_an_option_s_bar_equals_its_ticks() -> None:
    at = venue()
    call = option(at, 682, expiry=1)
    bars = newest_bars(at, call.con_id, "5 mins")
    assert bars
    for bar in bars:
        begins = to_ms(bar.start)
        trades = reported(at, call.con_id, begins, begins + 300_000)
        assert (bar.volume, bar.count) == (sum(one.size for one in trades), len(trades))
        assert (bar.open, bar.close) == (float(trades[0].price), float(trades[-1].price))


def test_the_day_s_volume_is_the_sum_of_its_trades() -> None:
    at = venue()
    spy = stock(at)
    trades = reported(at, spy.con_id, NOW - 1_800_000, NOW + 1)
    live = top(at, spy)
    assert live.volume == sum(one.size for one in trades)
    assert (live.last, live.last_size, to_ms(live.last_at or START)) == (
        trades[-1].price,
        trades[-1].size,
        trades[-1].at_ms,
    )


def test_the_open_and_the_close_are_auctions() -> None:
    at = venue(start=START + timedelta(hours=7))
    trades = reported(at, stock(at).con_id, NOW - 1_800_000, to_ms(at.now), liquid=True)
    auctions = [one for one in trades if one.conditions in (OPENING, CLOSING)]
    assert [one.conditions for one in auctions] == [OPENING, CLOSING]
    assert (auctions[0], auctions[1]) == (trades[0], trades[-1])
    assert auctions[1].size > 50 * (sum(one.size for one in trades) / len(trades))


@pytest.mark.behaviour("SIM-TBT-02")
def test_derived_trades_count_for_nothing() -> None:
    at = venue()
    trades = at.ticks.trades(stock(at).con_id, NOW - 600_000, NOW, ALL)
    derived = [one for one in trades if not one.is_reported]
    assert 0 < len(derived) < len(trades) / 10
    assert all(one.conditions == "W" for one in derived)


@settings(max_examples=12, deadline=None)
@given(
    offset=st.integers(0, 4_000_000),
    length=st.integers(1, 200_000),
    limit=st.integers(1, 60),
    newest=st.booleans(),
)
def test_a_limit_takes_the_first_or_the_newest_of_the_same_ticks(
    offset: int, length: int, limit: int, newest: bool
) -> None:
    at = VENUE
    con_id = stock(at).con_id
    from_ms = NOW - 3_000_000 + offset
    whole = at.ticks.trades(con_id, from_ms, from_ms + length, ALL)
    some = at.ticks.trades(con_id, from_ms, from_ms + length, limit, newest=newest)
    assert some == (whole[-limit:] if newest else whole[:limit])
    moments = [one.at_ms for one in whole]
    assert moments == sorted(moments)
    assert all(from_ms <= moment < min(from_ms + length, NOW + 1) for moment in moments)


def test_quotes_of_the_record_are_those_that_showed() -> None:
    at = venue()
    spy = stock(at)
    seen = {}
    while at.now < START + timedelta(seconds=10):
        at.advance(at.now + timedelta(milliseconds=250))
        quote = top(at, spy)
        seen[to_ms(at.now)] = (quote.bid, quote.ask, quote.bid_size, quote.ask_size)
    told = at.ticks.bid_asks(spy.con_id, NOW - 1000, NOW + 10_001, ALL)
    current = None
    recorded = {one.at_ms: (one.bid, one.ask, one.bid_size, one.ask_size) for one in told}
    for moment in range(NOW - 1000, NOW + 10_001, 250):
        current = recorded.get(moment, current)
        assert moment not in seen or seen[moment] == current
    middles = at.ticks.midpoints(spy.con_id, NOW - 1000, NOW + 10_001, ALL)
    assert 0 < len(middles) <= len(told)
    assert middles[-1].price == sum(seen[NOW + 10_000][:2], Decimal(0)) / 2


def test_nothing_of_the_future_is_told() -> None:
    at = venue()
    con_id = stock(at).con_id
    for ticks in (at.ticks.trades, at.ticks.bid_asks, at.ticks.midpoints):
        assert ticks(con_id, NOW + 1, NOW + 3_600_000, ALL) == ()
    assert at.ticks.trades(5, NOW - 1000, NOW, ALL) == ()
