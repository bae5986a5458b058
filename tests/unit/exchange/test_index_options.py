"""Options on indices: European, in cash, by class; those on volatility are priced on its future."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.exchange.builders import START, bag_of, combo, option, sides, top, venue

from sumppump.exchange.calendar.hours import HoursKind
from sumppump.exchange.listing.contract_ids import MOST_CLASSES
from sumppump.exchange.listing.futures import ROOTS, FutureKey, future_con_id, future_key, listed_futures
from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.listing.market_rules import tick_for
from sumppump.exchange.listing.option_classes import CLASSES
from sumppump.exchange.listing.symbols import RISK_FREE_RATE
from sumppump.exchange.reports import BookTop
from sumppump.exchange.venue import Venue
from sumppump.kernel.clock import NEW_YORK

EUROPEAN = [one.name for one in CLASSES if not one.is_american]
KINDS = ("STK", "IND", "FUT", "CASH", "CRYPTO")


def chain(at: Venue, trading_class: str, expiry: int) -> list[tuple[Listing, BookTop]]:
    symbol = next(one.underlying for one in CLASSES if one.name == trading_class)
    rows = [row for row in at.option_params(symbol) if row.trading_class == trading_class]
    days = rows[0].expirations
    day = f"{days[expiry % len(days)]:%Y%m%d}"
    query = ContractQuery(symbol=symbol, sec_type="OPT", expiry=day, trading_class=trading_class)
    listings = at.contracts(query)
    tops = at.quotes([one.con_id for one in listings])
    return [(one, quote) for one, quote in zip(listings, tops, strict=True) if quote is not None]


@pytest.mark.behaviour("SIM-UNIV-06")
@settings(max_examples=12)
@given(seed=st.integers(0, 10**6), name=st.sampled_from(EUROPEAN), expiry=st.integers(0, 9))
def test_the_forward_of_every_strike_lies_within_the_quotes_of_one_forward(
    seed: int, name: str, expiry: int
) -> None:
    """F = K + (C - P) e^(rT): bounds from bids and asks at each strike leave room for a common forward."""
    at = venue(seed)
    pairs: dict[Decimal, dict[str, BookTop]] = {}
    years = 0.0
    for one, quote in chain(at, name, expiry):
        assert one.strike is not None
        assert one.settles_at is not None
        years = (one.settles_at - at.now) / timedelta(days=365)
        pairs.setdefault(one.strike, {})[one.right] = quote
    growth = float(np.exp(RISK_FREE_RATE * years))
    lows, highs = [], []
    for strike, pair in pairs.items():
        call, put = pair["C"], pair["P"]
        lows.append(float(strike) + growth * (float(call.bid or 0) - float(put.ask or 0)))
        highs.append(float(strike) + growth * (float(call.ask or 0) - float(put.bid or 0)))
    assert max(lows) <= min(highs)


@pytest.mark.behaviour("SIM-UNIV-09")
@settings(max_examples=10)
@given(seed=st.integers(0, 10**6), name=st.sampled_from(EUROPEAN), expiry=st.integers(0, 9))
def test_no_vertical_and_no_butterfly_is_given_away(seed: int, name: str, expiry: int) -> None:
    rows = chain(venue(seed), name, expiry)
    for right, step in (("C", 1), ("P", -1)):
        side = [(one.strike or Decimal(0), quote) for one, quote in rows if one.right == right][::step]
        for (_, better), (_, worse) in pairwise(side):
            assert (better.ask or 0) >= (worse.bid or 0)
        for (low, left), (body, middle), (high, last) in zip(side, side[1:], side[2:], strict=False):
            if low - body == body - high:
                assert (left.ask or 0) + (last.ask or 0) - 2 * (middle.bid or 0) >= 0


@pytest.mark.behaviour("SIM-UNIV-07")
def test_the_two_classes_of_the_s_and_p_end_apart() -> None:
    """2026-12-18 is a third Friday: SPX ends on Thursday at 16:15 New York and settles on Friday at 9:30."""
    at = venue()
    friday = ContractQuery(symbol="SPX", sec_type="OPT", expiry="202612", strike=Decimal(6800), right="C")
    found = {one.local_symbol[:12].replace(" ", ""): one for one in at.contracts(friday)}
    morning, evening = found["SPX261218"], found["SPXW261218"]
    assert (morning.expiry, morning.real_expiry) == (date(2026, 12, 17), date(2026, 12, 18))
    assert morning.last_trade == datetime(2026, 12, 17, 16, 15, tzinfo=NEW_YORK)
    assert morning.settles_at == datetime(2026, 12, 18, 9, 30, tzinfo=NEW_YORK)
    assert evening.expiry == evening.real_expiry == date(2026, 12, 18)
    assert evening.last_trade == evening.settles_at == datetime(2026, 12, 18, 16, 0, tzinfo=NEW_YORK)
    for one in (morning, evening):
        assert (one.is_american, one.is_cash_settled, one.under_con_id) == (False, True, 416904)
        assert one.hours is HoursKind.GLOBAL_OPTION


@pytest.mark.behaviour("SIM-UNIV-08")
def test_volatility_options_are_priced_on_the_future_of_their_day() -> None:
    at = venue()
    (future, *_) = at.contracts(ContractQuery(symbol="VIX", sec_type="FUT"))
    rows = [(one, quote) for one, quote in chain(at, "VIX", 0) if one.real_expiry == future.expiry]
    assert rows
    bid, ask = sides(top(at, future))
    for one, quote in rows:
        assert one.real_expiry is not None
        assert one.real_expiry.weekday() == 2
        assert quote.model is not None
        assert float(bid) <= (quote.model.und_price or 0) <= float(ask)
    weekly = {one.real_expiry for one, _ in chain(at, "VIXW", 0)}
    assert weekly.isdisjoint({one.real_expiry for one, _ in rows})


@pytest.mark.behaviour("SIM-UNIV-17")
def test_futures_ids_can_be_read_back() -> None:
    keys = [key for root in ROOTS for key in listed_futures(root, START.date())]
    assert [future_key(future_con_id(key)) for key in keys] == keys
    assert len({future_con_id(key) for key in keys}) == len(keys)
    assert FutureKey("ES", date(2026, 12, 18)).local_symbol == "ESZ6"
    assert FutureKey("VX", date(2027, 1, 20)).local_symbol == "VXF7"
    assert [key.expiry for key in keys[:2]] == [date(2026, 12, 18), date(2027, 3, 19)]
    assert len(CLASSES) <= MOST_CLASSES


@pytest.mark.behaviour("SIM-UNIV-18")
def test_a_calendar_of_futures_is_quoted_in_points() -> None:
    at = venue()
    near, far, *_ = at.contracts(ContractQuery(symbol="ES", sec_type="FUT"))
    quote = at.bag_quote(bag_of(at, combo((far, 1), (near, -1))))
    (near_bid, near_ask), (far_bid, far_ask) = sides(top(at, near)), sides(top(at, far))
    assert sides(quote) == (far_bid - near_ask, far_ask - near_bid)
    (index,) = at.contracts(ContractQuery(symbol="SPX", sec_type="IND"))
    call = chain(at, "SPXW", 3)[0][0]
    for mixed in (combo((index, 1), (call, -1)), combo((near, 1), (call, -1))):
        assert not hasattr(at.resolve(mixed), "legs")
    assert bag_of(at, combo((call, 1), (chain(at, "SPX", 0)[0][0], -1))).symbol == "SPX"
    assert bag_of(at, combo((option(at, 680), -1), (at.contracts(ContractQuery(con_id=756733))[0], 100)))


@pytest.mark.behaviour("SIM-UNIV-19")
@pytest.mark.parametrize("kind", KINDS)
def test_quotes_of_every_kind_lie_on_its_grid(kind: str) -> None:
    at = venue()
    found = at.contracts(ContractQuery(sec_type=kind))
    assert found
    for one in found:
        quote = top(at, one)
        for price in (quote.bid, quote.ask, quote.last, quote.close):
            assert price is None or price % tick_for(one.market_rule_ids[0], price) == 0
        assert kind == "IND" or (quote.bid or 0) < (quote.ask or 0)


@pytest.mark.behaviour("SIM-UNIV-20")
@pytest.mark.parametrize(
    ("hours", "name", "shown"),
    [
        (6.2, "SPXW", 6.2),
        (6.5, "SPXW", 6.25),
        (6.2, "NDXP", 6.2),
        (6.2, "SPY", 6.0),
        (58.5 + 24, "SPXW", 58.5 + 24),
        (58.5 + 24, "NDXP", 6.25),
    ],
)
def test_each_class_is_quoted_as_long_as_it_trades(hours: float, name: str, shown: float) -> None:
    """Hours after 10:00 of a Friday; 82.5 hours later it is Monday, 20:30."""
    at = venue(start=START + timedelta(days=3) if hours > 24 else START)
    at.advance(START + timedelta(hours=hours))
    quote = chain(at, name, 6)[20][1] if name != "SPY" else top(at, option(at, 680))
    since = timedelta(days=3) if hours > 24 and name == "NDXP" else timedelta()
    assert quote.at == START + since + timedelta(hours=shown)
    assert (quote.bid or 0) < (quote.ask or 0)
