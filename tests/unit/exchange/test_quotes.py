"""Quotes: on the grid, free of arbitrage, of a width that real quotes have."""

from __future__ import annotations

import csv
import io
import statistics
import zipfile
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.exchange.builders import (
    START,
    bag_of,
    chain_of,
    combo,
    option,
    options,
    sides,
    stock,
    top,
    venue,
)

from sumppump.exchange.listing.expiries import DAILY, WEEKLY
from sumppump.exchange.listing.market_rules import tick_for
from sumppump.exchange.listing.option_classes import CLASSES
from sumppump.exchange.listing.symbols import BY_SYMBOL, RISK_FREE_RATE
from sumppump.exchange.reports import BookTop

SYMBOLS = [one.name for one in CLASSES if one.programme in (DAILY, WEEKLY) and one.is_american]
QUOTES = Path(__file__).parents[4] / "shared" / "data" / "quotes"


@pytest.mark.behaviour("SIM-WORLD-09")
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    symbol=st.sampled_from(SYMBOLS),
    expiry=st.integers(0, 10),
    minutes=st.integers(0, 359),
)
def test_quotes_are_on_the_grid_two_sided_where_worth_a_tick_and_never_under_intrinsic(
    seed: int, symbol: str, expiry: int, minutes: int
) -> None:
    at = venue(seed, START + timedelta(minutes=minutes))
    bid, ask = sides(top(at, stock(at, symbol)))
    spot = (bid + ask) / 2
    for listing, quote in chain_of(at, symbol, expiry):
        assert quote.ask is not None
        rule, sign = listing.market_rule_ids[0], 1 if listing.right == "C" else -1
        intrinsic = max(sign * (spot - (listing.strike or 0)), Decimal(0))
        assert quote.ask % tick_for(rule, quote.ask) == 0
        assert quote.ask > intrinsic
        assert quote.ask_size > 0
        if quote.bid is None:
            assert quote.bid_size == 0
            assert intrinsic == 0
        else:
            assert quote.bid % tick_for(rule, quote.bid) == 0
            assert intrinsic <= quote.bid < quote.ask
            assert quote.bid_size > 0


@pytest.mark.behaviour("SIM-WORLD-10")
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), symbol=st.sampled_from(SYMBOLS), expiry=st.integers(0, 10))
@example(seed=0, symbol="XOM", expiry=9)
def test_put_call_parity_holds_within_the_quotes(seed: int, symbol: str, expiry: int) -> None:
    """American bounds: S - D - K <= C - P <= S - K exp(-rT), at bid and ask within one increment.

    D is what the underlying pays before the expiry.

    The increment is the price of bids that are never below intrinsic value: on a grid of 0.05 a
    bid is rounded up to it.
    """
    at = venue(seed)
    stock_bid, stock_ask = (float(side) for side in sides(top(at, stock(at, symbol))))
    by_strike: dict[Decimal, dict[str, BookTop]] = {}
    years = 0.0
    for listing, quote in chain_of(at, symbol, expiry):
        assert listing.strike is not None
        assert listing.last_trade is not None
        years = (listing.last_trade - at.now) / timedelta(days=365)
        by_strike.setdefault(listing.strike, {})[listing.right] = quote
    ends = at.today + timedelta(days=years * 365 + 1)
    paid = float(sum(one.amount for one in at.market.corporate.dividends(symbol, at.today, ends)))
    for strike, pair in by_strike.items():
        dearest = float(pair["C"].ask or 0) - float(pair["P"].bid or 0)
        cheapest = float(pair["C"].bid or 0) - float(pair["P"].ask or 0)
        low = stock_bid - paid - float(strike)
        high = stock_ask - float(strike) * np.exp(-RISK_FREE_RATE * years)
        slack = 0.0101 if BY_SYMBOL[symbol].is_etf else 0.0501
        assert dearest >= low - slack, strike
        assert cheapest <= high + slack, strike


@pytest.mark.behaviour("SIM-WORLD-11")
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), symbol=st.sampled_from(SYMBOLS), expiry=st.integers(0, 10))
def test_no_vertical_and_no_butterfly_is_given_away(seed: int, symbol: str, expiry: int) -> None:
    """Buying at asks and selling at bids, a vertical costs something and a butterfly is not free money."""
    at = venue(seed)
    for right in "CP":
        rows = [quote for one, quote in chain_of(at, symbol, expiry) if one.right == right]
        strikes = [one.strike or Decimal(0) for one, _ in chain_of(at, symbol, expiry) if one.right == right]
        rows, strikes = (rows, strikes) if right == "C" else (rows[::-1], strikes[::-1])
        for better, worse in pairwise(rows):
            assert (better.ask or 0) >= (worse.bid or 0)
        for place in range(len(rows) - 2):
            low, body, high = strikes[place : place + 3]
            if low - body != body - high:
                continue
            asks = (rows[place].ask or 0) + (rows[place + 2].ask or 0)
            assert asks - 2 * (rows[place + 1].bid or 0) >= 0


@pytest.mark.behaviour("SIM-WORLD-12")
@pytest.mark.parametrize("symbol", ["SPY", "AAPL", "TSLA"])
def test_the_model_s_price_lies_within_or_a_tick_from_the_quote(symbol: str) -> None:
    at = venue()
    for listing, quote in chain_of(at, symbol, 5):
        assert quote.model is not None
        assert quote.model.price is not None
        assert quote.ask is not None
        tick = float(tick_for(listing.market_rule_ids[0], quote.ask))
        assert float(quote.bid or 0) - tick <= quote.model.price <= float(quote.ask) + tick


@pytest.mark.behaviour("SIM-WORLD-13")
def test_greeks_at_the_bid_and_at_the_ask_bracket_the_model_s_volatility() -> None:
    """Message 21 for tick types 10 to 13; a price without volatility in it has none."""
    at = venue()
    quote = top(at, option(at, 680))
    assert quote.model is not None
    assert quote.bid_greeks is not None
    assert quote.ask_greeks is not None
    assert quote.bid_greeks.iv is not None
    assert quote.ask_greeks.iv is not None
    assert quote.bid_greeks.iv < (quote.model.iv or 0) < quote.ask_greeks.iv
    assert quote.bid_greeks.price == float(quote.bid or 0)
    stock_bid, stock_ask = sides(top(at, stock(at)))
    assert quote.model.und_price == float((stock_bid + stock_ask) / 2)
    worthless = top(at, options(at, expiry=0)[-1])
    assert worthless.bid is None
    assert worthless.bid_greeks is None


@pytest.mark.behaviour("SIM-WORLD-14")
def test_a_combo_s_market_is_the_sum_of_its_legs_markets() -> None:
    at = venue()
    low, high = option(at, 680), option(at, 690)
    (low_bid, low_ask), (high_bid, high_ask) = sides(top(at, low)), sides(top(at, high))
    quote = at.bag_quote(bag_of(at, combo((low, 1), (high, -3))))
    assert sides(quote) == (low_bid - 3 * high_ask, low_ask - 3 * high_bid)
    assert sides(quote)[1] < 0
    low_top, high_top = top(at, low), top(at, high)
    assert quote.ask_size == min(low_top.ask_size, high_top.bid_size // 3)


@pytest.mark.behaviour("SIM-WORLD-15")
def test_a_covered_call_is_quoted_per_share() -> None:
    """TWS quotes 100 shares against one call as share price minus call price."""
    at = venue()
    shares, call = stock(at), option(at, 690)
    (stock_bid, stock_ask), (call_bid, call_ask) = sides(top(at, shares)), sides(top(at, call))
    quote = at.bag_quote(bag_of(at, combo((shares, 100), (call, -1))))
    assert sides(quote) == (stock_bid - call_ask, stock_ask - call_bid)


@pytest.mark.behaviour("SIM-WORLD-16")
def test_asking_for_more_does_not_change_what_is_seen() -> None:
    """Row or single, early or late, with company or alone: the same quote."""
    alone, in_row = venue(), venue()
    listings = options(in_row)
    many = in_row.quotes([one.con_id for one in listings])
    for moment in (START, START + timedelta(minutes=7, seconds=3, milliseconds=250)):
        alone.advance(moment)
        in_row.advance(moment)
        many = in_row.quotes([one.con_id for one in listings])
        for place in (0, 60, 100):
            assert alone.quote(listings[place].con_id) == many[place]


@pytest.mark.behaviour("SIM-WORLD-17")
def test_unknown_and_empty_rows_are_answered() -> None:
    at = venue()
    assert at.quotes([]) == ()
    assert at.quotes([1, 756733])[0] is None
    assert at.quote(1) is None


@pytest.mark.behaviour("SIM-WORLD-18")
def test_outside_hours_the_last_quote_stays() -> None:
    """An option's of 16:00, a share's of 20:00."""
    at = venue()
    at.advance(START + timedelta(hours=6))
    closing = top(at, option(at, 680))
    at.advance(START + timedelta(hours=10))
    late = top(at, stock(at))
    at.advance(START + timedelta(hours=40))
    assert (top(at, stock(at)), top(at, option(at, 680))) == (late, closing)
    assert (closing.at, late.at) == (START + timedelta(hours=6), START + timedelta(hours=10))


@pytest.mark.behaviour("SIM-WORLD-19")
def test_volume_and_extremes_of_a_day_only_grow() -> None:
    at = venue()
    call = option(at, 682, expiry=1)
    before = top(at, stock(at)), top(at, call)
    at.advance(START + timedelta(hours=3))
    after = top(at, stock(at)), top(at, call)
    for old, new in zip(before, after, strict=True):
        assert new.volume > old.volume
        assert new.open == old.open
        assert new.close == old.close
        assert (new.high or 0) >= (old.high or 0)
        assert (new.low or 0) <= (old.low or 0)


def _real_widths(archive_name: str) -> list[float]:
    """Widths as fractions of the middle at noon, of options worth between 2 and 30."""
    widths: list[float] = []
    with zipfile.ZipFile(QUOTES / archive_name) as archive:
        for name in archive.namelist():
            rows = csv.reader(io.TextIOWrapper(archive.open(name)))
            noon = next((row for row in rows if row[0] == "43200000" and row[4] and row[9]), None)
            if noon is not None:
                widths += _width(int(noon[4]) / 1e4, int(noon[9]) / 1e4)
    return widths


def _width(bid: float, ask: float) -> list[float]:
    return [2 * (ask - bid) / (ask + bid)] if 4.0 < bid + ask < 60.0 else []


def _our_width(symbol: str) -> float:
    quotes = [quote for _, quote in chain_of(venue(), symbol, 3) if quote.bid is not None]
    found = [_width(*(float(side) for side in sides(quote))) for quote in quotes]
    return statistics.median(width for row in found for width in row)


@pytest.mark.behaviour("SIM-WORLD-20")
@pytest.mark.skipif(not QUOTES.is_dir(), reason="the recorded option quotes are not part of a clone")
def test_widths_are_of_the_order_of_real_ones() -> None:
    """Recorded: SPXW on 2021-01-04 and GOOG on 2015-12-23, at noon; markets have narrowed since.

    Nothing of ours is wider than they were, the index chain is narrower than the stocks', and no
    chain is so narrow that a trade at the middle would be no better than one at the quote.
    """
    real = [_real_widths(name) for name in sorted(one.name for one in QUOTES.glob("*_quote_*.zip"))]
    widest = max(_our_width("MSFT"), _our_width("AMD"))
    assert widest < min(statistics.median(one) for one in real)
    assert 0.002 < _our_width("SPY") < min(_our_width("MSFT"), _our_width("AMD"))
