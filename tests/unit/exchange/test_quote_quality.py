"""Quotes as real books have them: wide, locked, crossed and stale where real ones are."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from tests.unit.exchange.builders import START, Client, chain_of, single, spec, stock, top, venue

from sumppump.exchange.calendar.trading_days import overnight_before, session_of
from sumppump.exchange.events import Executed
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.listing.symbols import BY_SYMBOL
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.quote_quality import QuoteQuality, quoted_steps
from sumppump.exchange.market.quotes import Quoter
from sumppump.exchange.market.shocks import Shock

DAY = date(2026, 11, 20)
ILLIQUID = "OSMC"


def whole_day(seed: int = 7, symbol: str = "SPY") -> tuple[np.ndarray, np.ndarray]:
    session = session_of(DAY)
    steps = np.arange(0, session.last_step + 1, 4, dtype=np.int64)
    tops, _ = Quoter(Market(seed, DAY)).stock_tops(BY_SYMBOL[symbol], session, steps)
    return tops.bid, tops.ask


@pytest.mark.behaviour("SIM-MKT-09")
def test_quotes_are_widest_after_the_open_and_wider_before_the_close_than_at_noon() -> None:
    bid, ask = whole_day(symbol="TSLA")
    width = ask - bid
    opening, noon, closing = width[:60].mean(), width[9000:13000].mean(), width[-30:].mean()
    assert opening > 2.0 * noon
    assert noon * 1.1 < closing < opening


@pytest.mark.behaviour("SIM-MKT-09")
def test_quotes_widen_in_an_ordered_crash() -> None:
    session = session_of(DAY)
    crash = Shock(at_ms=session.open_ms + 7_200_000, duration_ms=60_000, log_return=-0.05, vol_factor=3.0)
    quality = QuoteQuality(Market(7, DAY, (crash,)))
    before, after = quality.unrest("SPY", session, np.array([4 * 7000, 4 * 7300], dtype=np.int64))
    assert after > 1.8 * before


@pytest.mark.behaviour("SIM-MKT-10")
def test_bid_and_ask_meet_for_some_seconds_of_a_day_and_hardly_ever_pass_each_other() -> None:
    met = crossed = 0
    for seed in range(10):
        bid, ask = whole_day(seed)
        met, crossed = met + int((bid == ask).sum()), crossed + int((bid > ask).sum())
        assert np.all(bid - ask <= 1)
    assert 20 < met < 100
    assert 2 < crossed < 30


@pytest.mark.behaviour("SIM-MKT-10")
def test_who_rests_in_the_book_gains_nothing_from_a_crossed_quote() -> None:
    """A bid below and an offer above a crossed market stay where they are; nobody is paid for waiting."""
    seed, second = _crossed_second()
    start = session_of(DAY).open_ms + second * 1000
    client = Client(venue(seed, START + timedelta(milliseconds=start - int(START.timestamp() * 1000) - 500)))
    shares = stock(client.at)
    bid, ask = top(client.at, shares).bid, top(client.at, shares).ask
    assert bid is not None
    assert ask is not None
    client.place(single(shares), spec("BUY", 100, limit=bid - 2))
    client.place(single(shares), spec("SELL", 100, limit=ask + 2))
    assert [event for event in client.wait(1) if isinstance(event, Executed)] == []


def _crossed_second() -> tuple[int, int]:
    for seed in range(20):
        bid, ask = whole_day(seed)
        found = np.flatnonzero((bid > ask)[1800:])
        if len(found):
            return seed, 1800 + int(found[0])
    raise AssertionError("no crossed second in twenty days")


@pytest.mark.behaviour("SIM-MKT-11")
def test_options_of_an_illiquid_share_are_quoted_from_a_level_that_is_up_to_twenty_seconds_old() -> None:
    steps = np.arange(0, 400, dtype=np.int64)
    assert np.array_equal(quoted_steps("SPY", steps), steps)
    stale = quoted_steps(ILLIQUID, steps)
    assert set(np.unique(steps - stale)) == set(range(80))
    assert np.all(stale % 80 == 0)


@pytest.mark.behaviour("SIM-MKT-11")
def test_options_of_an_illiquid_share_are_wide_and_often_without_a_bid() -> None:
    at = venue()
    quotes = chain_of(at, ILLIQUID, 1)
    near = [quote for one, quote in quotes if _is_near(one, at.market.close(ILLIQUID, DAY))]
    assert any(quote.bid is None for _, quote in quotes)
    assert min(float((quote.ask or 0) - (quote.bid or 0)) for quote in near) >= 0.15


def _is_near(one: Listing, level: float) -> bool:
    return abs(float(one.strike or 0) / level - 1.0) < 0.1


def test_by_night_quotes_are_wide_and_never_meet() -> None:
    night = overnight_before(DAY)
    steps = np.arange(0, night.last_step, 40, dtype=np.int64)
    tops, _ = Quoter(Market(7, DAY)).stock_tops(BY_SYMBOL["SPY"], night, steps)
    assert np.all(tops.ask > tops.bid)
    assert (tops.ask - tops.bid).mean() > 3.5
