"""Nights: who trades in them, and that nothing depends on how they are cut up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.exchange.builders import START, Client, fills, sides, single, spec, stock, top, venue

from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.venue import Venue

EVENING = START + timedelta(hours=9)
"""19:00 of a Friday in New York."""


def future(at: Venue, symbol: str = "ES") -> Listing:
    return at.contracts(ContractQuery(symbol=symbol, sec_type="FUT"))[0]


@pytest.mark.behaviour("SIM-UNIV-03")
@pytest.mark.parametrize(("outside", "opens"), [(True, "11-22 18:00"), (False, "11-23 09:30")])
def test_a_future_trades_by_night_only_if_its_order_says_so(outside: bool, opens: str) -> None:
    """Placed on Friday evening; trading begins on Sunday at 18:00 New York, regular hours on Monday."""
    client = Client(venue(start=EVENING))
    contract = future(client.at)
    ask = sides(top(client.at, contract))[1]
    client.place(single(contract), spec(limit=ask + 200, tif="GTC", outside_rth=outside))
    events = client.wait(3 * 86_400)
    (fill,) = fills(events)
    assert f"{fill.at - timedelta(hours=5):%m-%d %H:%M}" == opens


@pytest.mark.behaviour("SIM-UNIV-04")
def test_shares_trade_after_the_close_at_a_wider_quote() -> None:
    client = Client(venue())
    day_bid, day_ask = sides(top(client.at, stock(client.at)))
    client.at.advance(START + timedelta(hours=7))
    bid, ask = sides(top(client.at, stock(client.at)))
    assert ask - bid > day_ask - day_bid
    events = client.place(single(stock(client.at)), spec(limit=ask, outside_rth=True))
    assert [fill.price for fill in fills(events)] == [ask]
    assert fills(client.place(single(stock(client.at)), spec(limit=ask))) == []
    assert fills(client.wait(2 * 3600)) == []


@pytest.mark.behaviour("SIM-UNIV-05")
@settings(max_examples=5)
@given(st.lists(st.integers(1, 64 * 3600), max_size=4))
def test_the_same_happens_however_a_weekend_is_cut_up(cuts: list[int]) -> None:
    """A coin trades through it, a future from Sunday evening on; bids wait a little below."""

    def told(stops: list[int]) -> list[object]:
        client = Client(venue(start=EVENING))
        (coin,) = client.at.contracts(ContractQuery(symbol="ETH", sec_type="CRYPTO"))
        for contract in (coin, future(client.at, "MES")):
            bid = sides(top(client.at, contract))[0]
            client.place(single(contract), spec(limit=bid - 2, tif="GTC", outside_rth=True))
        events: list[object] = []
        for second in (*sorted(stops), 64 * 3600):
            events += client.at.advance(EVENING + timedelta(seconds=second))
        return events

    assert told(cuts) == told([])


@pytest.mark.behaviour("SIM-UNIV-10")
def test_an_index_has_a_level_and_no_quote() -> None:
    at = venue()
    for symbol in ("SPX", "NDX", "RUT", "XSP", "VIX"):
        (index,) = at.contracts(ContractQuery(symbol=symbol, sec_type="IND"))
        quote = top(at, index)
        assert (quote.bid, quote.ask, quote.bid_size, quote.volume) == (None, None, 0, 0)
        assert (quote.last or Decimal(0)) > 0
        assert (quote.low or 0) <= (quote.last or 0) <= (quote.high or 0)
