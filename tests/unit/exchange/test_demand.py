"""Where trade lies: over strikes and expiries of a chain, months of a future, hours of a night."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from tests.unit.exchange.builders import chain_of, sides, stock, venue

from sumppump.exchange.calendar.hours import next_opening
from sumppump.exchange.calendar.trading_days import overnight_before, session_of
from sumppump.exchange.listing.expiries import monthly_expiry
from sumppump.exchange.listing.futures import BY_ROOT, FutureKey, future_con_id, listed_futures
from sumppump.exchange.listing.symbols import BY_SYMBOL
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.months import month_share
from sumppump.exchange.market.quotes import Quoter
from sumppump.exchange.market.tape import Tape

DAY = date(2026, 11, 20)
MIDDAY = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
LATE = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
PARTS = {"ES": (0.9, 0.001), "MES": (0.9, 0.001), "VX": (0.5, 0.1)}
"""The least share of the front month, and of the second."""


@pytest.mark.behaviour("SIM-MKT-13")
@pytest.mark.parametrize(("symbol", "expiry"), [("SPY", 0), ("SPY", 3), ("NVDA", 1), ("SPX", 0)])
def test_most_of_an_expiry_is_traded_near_the_money(symbol: str, expiry: int) -> None:
    at = venue(start=LATE)
    level = at.market.close(symbol, DAY)
    rows = [
        (float(one.strike or 0) / level - 1.0, one.right, quote)
        for one, quote in chain_of(at, symbol, expiry)
    ]
    everything = sum(quote.volume for *_, quote in rows)
    assert sum(quote.volume for away, _, quote in rows if abs(away) < 0.10) > 0.8 * everything
    assert sum(quote.volume for away, _, quote in rows if abs(away) > 0.15) < 0.03 * everything
    deep = sum(
        quote.volume for away, right, quote in rows if abs(away) > 0.02 and (away < 0) == (right == "C")
    )
    assert deep < 0.25 * everything


@pytest.mark.behaviour("SIM-MKT-13")
def test_near_expiries_are_traded_most_and_what_nobody_bids_for_hardly_at_all() -> None:
    at = venue(start=LATE)
    chains = [[quote for _, quote in chain_of(at, "SPY", expiry)] for expiry in (0, 2, 12)]
    today, soon, later = (sum(quote.volume for quote in chain) for chain in chains)
    assert today > 2 * soon > 2 * later > 0
    midday = [quote for _, quote in chain_of(venue(start=MIDDAY), "SPY", 0)]
    unwanted = sum(quote.volume for quote in midday if quote.bid is None)
    assert unwanted < 0.1 * sum(quote.volume for quote in midday)  # later, what was traded loses its bid too


@pytest.mark.behaviour("SIM-MKT-13")
def test_an_option_trades_in_proportion_to_what_is_open() -> None:
    """Over a chain of some weeks; the expiry of the day is held by few overnight."""
    quotes = [quote for _, quote in chain_of(venue(start=LATE), "SPY", 10)]
    volume = np.array([quote.volume for quote in quotes])
    interest = np.array([quote.open_interest or 0 for quote in quotes])
    assert np.corrcoef(volume, interest)[0, 1] > 0.6
    assert np.all(volume < 3 * interest + 30)


@pytest.mark.behaviour("SIM-MKT-13")
@pytest.mark.parametrize("symbol", ["KO", "F"])
def test_single_options_add_up_to_the_activity_of_their_underlying(symbol: str) -> None:
    at = venue(start=LATE)
    told = at.statistics.option_activity(stock(at, symbol))
    expiries = range(len(at.option_params(symbol)[0].expirations))
    quotes = [quote for expiry in expiries for _, quote in chain_of(at, symbol, expiry)]
    assert sum(quote.volume for quote in quotes) == pytest.approx(told.call_volume + told.put_volume, rel=0.7)
    held = sum(quote.open_interest or 0 for quote in quotes)
    assert held == pytest.approx(told.call_interest + told.put_interest, rel=0.5)


@pytest.mark.behaviour("SIM-MKT-13")
def test_chains_are_as_large_as_their_underlyings_turnover() -> None:
    at = venue(start=LATE)
    average = {
        symbol: at.statistics.option_activity(stock(at, symbol)).average_volume
        for symbol in ("SPY", "AAPL", "KO", "OSMC")
    }
    assert 5_000_000 < average["SPY"] < 12_000_000
    assert 500_000 < average["AAPL"] < 2_000_000
    assert 20_000 < average["KO"] < 200_000
    assert average["OSMC"] < 1_000


@pytest.mark.behaviour("SIM-MKT-14")
@pytest.mark.parametrize("root", ["ES", "MES", "VX"])
def test_the_front_month_is_rolled_before_it_ends(root: str) -> None:
    first, second, *_ = (key.text for key in listed_futures(BY_ROOT[root], DAY))
    front, next_one = PARTS[root]
    assert month_share(first, DAY) > front
    assert next_one < month_share(second, DAY) < month_share(first, DAY)
    rolled = listed_futures(BY_ROOT[root], DAY)[0].expiry - timedelta(1)
    assert month_share(second, rolled) > front > 20 * month_share(first, rolled)


@pytest.mark.behaviour("SIM-MKT-14")
@pytest.mark.parametrize("root", list(BY_ROOT))
def test_all_months_together_have_the_volume_of_the_root(root: str) -> None:
    for days in range(0, 120, 7):
        day = DAY + timedelta(days)
        total = sum(month_share(key.text, day) for key in listed_futures(BY_ROOT[root], day))
        assert total == pytest.approx(1.0, abs=0.01)


@pytest.mark.behaviour("SIM-MKT-14")
def test_back_months_are_thin_and_wide() -> None:
    at = venue(start=LATE)
    months = listed_futures(BY_ROOT["ES"], DAY)
    quotes = [at.quote(future_con_id(key)) for key in months]
    widths = [ask - bid for bid, ask in (sides(quote) for quote in quotes if quote is not None)]
    volumes = [quote.volume for quote in quotes if quote is not None]
    assert widths[0] < widths[1] <= widths[-1]
    assert volumes[0] > 20 * volumes[1] > 20 * volumes[-1]


@pytest.mark.behaviour("SIM-MKT-14")
@pytest.mark.parametrize("seed", range(3))
def test_futures_of_two_sizes_on_one_index_never_cross_each_other(seed: int) -> None:
    quoter, session = Quoter(Market(seed, DAY)), session_of(DAY)
    steps = np.arange(session.last_step + 1, dtype=np.int64)
    for month in (3, 6):
        expiry = monthly_expiry(2027, month)
        keys = (FutureKey(root, expiry).text for root in ("ES", "MES"))
        large, small = (quoter.stock_tops(BY_SYMBOL[key], session, steps)[0] for key in keys)
        assert np.all(large.bid < small.ask)
        assert np.all(small.bid < large.ask)


@pytest.mark.behaviour("SIM-MKT-15")
@pytest.mark.parametrize("symbol", ["SPY", "KO"])
@pytest.mark.parametrize("day", [DAY, date(2026, 11, 23), date(2026, 11, 30)])
def test_a_night_has_a_few_per_cent_of_the_day_most_of_it_at_its_ends(symbol: str, day: date) -> None:
    """Before a Friday, after a weekend, and after the short session that follows Thanksgiving."""
    under, night = BY_SYMBOL[symbol], overnight_before(day)
    tape = Tape(Quoter(Market(7, DAY)))
    volumes = tape.second_volumes(under, night)
    assert 0.015 < volumes.sum() / tape.day_volume(under, day) < 0.045
    hour = 3600
    assert volumes[:hour].sum() > 2 * volumes[hour : 2 * hour].sum() > 0
    early = (next_opening(under.hours, night.close_ms - 6 * hour * 1000) - night.open_ms) // 1000
    assert volumes[-hour:].sum() > 5 * volumes[early : early + hour].sum() > 0
