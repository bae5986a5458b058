"""A split: announced, carried out at an open, and the past told in new shares from then on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from tests.unit.exchange.builders import START, Client, single, spec, stock, top, venue

from sumppump.exchange.calendar.trading_days import previous_trading_day, session_of, to_datetime
from sumppump.exchange.listing.symbols import UNDERLYINGS
from sumppump.exchange.market.corporate import Corporate, Split
from sumppump.exchange.market.market import Market
from sumppump.exchange.reports import BarsQuery, Refusal
from sumppump.exchange.venue import Venue

DAY = date(2026, 11, 20)


def split_of(seed: int) -> Split | None:
    calendar = Corporate(seed, DAY)
    return next(filter(None, (calendar.split_of(under.symbol) for under in UNDERLYINGS)), None)


def nearest() -> tuple[int, Split]:
    """The seed whose split comes soonest."""
    found = [(seed, one) for seed in range(60) if (one := split_of(seed)) is not None]
    return min(found, key=lambda pair: pair[1].effective)


def test_one_seed_in_three_has_one_split_that_is_announced_three_weeks_ahead() -> None:
    found = [one for one in map(split_of, range(120)) if one is not None]
    assert 25 < len(found) < 55
    for one in found:
        assert one.effective - one.announced >= timedelta(21)
        assert one.effective > DAY + timedelta(30)
        assert one.ratio >= 2
    assert Corporate(1).split_of("TSLA") is None


def test_levels_of_all_days_are_divided_once_the_split_is_in_effect() -> None:
    seed, split = nearest()
    market, session = Market(seed, DAY), session_of(DAY)
    before = market.levels(split.symbol, session).copy()
    close = market.close(split.symbol, DAY)
    assert not market.split_until(previous_trading_day(split.effective))
    assert market.split_until(split.effective)
    assert not market.split_until(split.effective)
    assert market.levels(split.symbol, session) == pytest.approx(before / split.ratio)
    assert market.close(split.symbol, DAY) == pytest.approx(close / split.ratio)


@pytest.mark.behaviour("SIM-MKT-12")
def test_a_holder_has_more_shares_of_less_worth_and_a_chart_without_a_hole() -> None:
    seed, split = nearest()
    client = Client(venue(seed, START))
    shares = stock(client.at, split.symbol)
    client.place(single(shares), spec("BUY", 10, kind="MKT"))
    client.at.advance(to_datetime(session_of(previous_trading_day(split.effective)).close_ms))
    old = top(client.at, shares).last
    assert old is not None
    client.at.advance(to_datetime(session_of(split.effective).open_ms + 60_000))
    (held,) = client.at.positions()
    assert held.quantity == 10 * split.numerator
    new = top(client.at, shares)
    assert new.last is not None
    assert float(new.last * split.numerator / old) == pytest.approx(1.0, abs=0.2)
    assert float(new.close * split.numerator / old) == pytest.approx(1.0, abs=0.001)
    bars = client.at.bars(BarsQuery(con_id=shares.con_id, duration="3 M", bar_size="1 day", what="TRADES"))
    assert not isinstance(bars, Refusal)
    assert max(abs(np.log(after.open / before.close)) for before, after in pairwise(bars)) < 0.3
    again = Venue.restore(client.at.snapshot())
    assert top(again, shares) == new
    assert Decimal(0) < new.last < old
