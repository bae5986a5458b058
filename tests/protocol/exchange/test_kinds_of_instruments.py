"""Streams of what is neither a stock nor an option."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab, near_option
from tests.protocol.exchange.streams import contract_of, errors, prices, tick_types

from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_answers import TickPrice, TickSnapshotEnd
from sumppump.exchange.wire.market_requests import (
    ReqMktData,
    ReqMktDepth,
    ReqRealTimeBars,
    ReqTickByTick,
)
from sumppump.exchange.wire.stream_answers import MarketDepth, RealTimeBar, TickByTick

EURO = Contract(symbol="EUR", sec_type="CASH", exchange="IDEALPRO", currency="USD")
YEN = Contract(symbol="USD", sec_type="CASH", exchange="IDEALPRO", currency="JPY")
FUTURE = Contract(symbol="ES", sec_type="FUT", expiry="202612", exchange="CME", currency="USD")
INDEX = Contract(symbol="SPX", sec_type="IND", exchange="CBOE", currency="USD")
COIN = Contract(symbol="BTC", sec_type="CRYPTO", exchange="PAXOS", currency="USD")


@pytest.mark.behaviour("SIM-DATA-24")
@pytest.mark.parametrize("contract", [SPY, EURO, YEN, FUTURE, INDEX, COIN], ids=lambda one: one.symbol)
def test_a_snapshot_of_any_kind_ends_at_once(contract: Contract) -> None:
    heard = Lab().connect().say(ReqMktData(req_id=1, contract=contract, snapshot=True))
    assert any(price > 0 for price in prices(heard).values())
    assert isinstance(heard[-1], TickSnapshotEnd)


@pytest.mark.behaviour("SIM-DATA-24")
def test_a_snapshot_of_an_option_ends_within_eleven_seconds() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ReqMktData(req_id=1, contract=contract_of(near_option(lab, "C", offset=30)), snapshot=True))
    lab.wait(11.1)
    client.listen()
    assert client.all(TickSnapshotEnd) == [TickSnapshotEnd(req_id=1)]
    assert client.heard[-1] == TickSnapshotEnd(req_id=1)


@pytest.mark.behaviour("SIM-DATA-25")
def test_an_index_has_no_quote_and_a_currency_pair_no_trade() -> None:
    client = Lab().connect()
    index = prices(client.say(ReqMktData(req_id=1, contract=INDEX)))
    assert (index[1], index[2]) == (-1.0, -1.0)
    assert index[4] > 0
    assert not tick_types(client.say(ReqMktData(req_id=2, contract=EURO))) & {4, 5, 8, 45}


@pytest.mark.behaviour("SIM-DEPTH-13")
@pytest.mark.parametrize("contract", [EURO, FUTURE, COIN], ids=lambda one: one.symbol)
def test_an_only_exchange_has_a_book(contract: Contract) -> None:
    heard = Lab().connect().say(ReqMktDepth(req_id=1, contract=contract, rows=5))
    assert [type(m) for m in heard] == [MarketDepth] * 10
    for side, sign in ((0, 1), (1, -1)):
        rows = [m.price for m in heard if m.side == side]
        assert rows == sorted(set(rows), key=lambda price: sign * price)


@pytest.mark.behaviour("SIM-TBT-12")
def test_a_currency_pair_has_quotes_tick_by_tick() -> None:
    lab = Lab()
    client = lab.connect()
    for req_id, kind in enumerate(("BidAsk", "MidPoint", "Last")):
        client.say(ReqTickByTick(req_id=req_id, contract=EURO, kind=kind))
    assert errors(client) == [(2, 10189)]
    lab.wait(5.0)
    client.listen()
    assert {m.req_id for m in client.all(TickByTick)} == {0, 1}


@pytest.mark.behaviour("SIM-RTBAR-10")
def test_bars_of_an_index_and_of_a_currency_pair() -> None:
    lab = Lab()
    client = lab.connect()
    for req_id, contract in enumerate((INDEX, EURO)):
        client.say(ReqRealTimeBars(req_id=req_id, contract=contract, what_to_show="TRADES"))
    client.say(ReqRealTimeBars(req_id=2, contract=EURO, what_to_show="MIDPOINT"))
    assert errors(client) == [(1, 420)]
    lab.wait(6.0)
    client.listen()
    bars = {bar.req_id: bar for bar in client.all(RealTimeBar)}
    assert set(bars) == {0, 2}
    assert bars[0].volume == 0
    assert bars[0].low <= bars[0].average <= bars[0].high


@pytest.mark.behaviour("SIM-DATA-26")
def test_stocks_tick_in_extended_hours_and_rest_by_night() -> None:
    """From 4:00 to 20:00 in New York; at half past midnight nothing moves."""
    lab = Lab()
    client = lab.connect()
    lab.jump(FRIDAY.replace(hour=21, minute=30))
    client.say(ReqMktData(req_id=1, contract=SPY))
    lab.wait(20)
    assert len({tick.price for tick in client.listen() if isinstance(tick, TickPrice)}) > 3
    lab.jump(FRIDAY.replace(hour=5, minute=30) + timedelta(days=1))
    client.listen()
    lab.wait(20)
    assert [tick for tick in client.listen() if isinstance(tick, TickPrice)] == []
