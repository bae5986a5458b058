"""Ticks one by one."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab, Speaker, near_option
from tests.protocol.exchange.streams import contract_of, errors, prices, texts

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.desks.line import Rules
from sumppump.exchange.entitlements import Entitlements, Feed
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.history_answers import (
    HistoricalBidAsks,
    HistoricalMidpoints,
    HistoricalTrades,
)
from sumppump.exchange.wire.market_requests import CancelTickByTick, ReqMktData, ReqTickByTick
from sumppump.exchange.wire.stream_answers import (
    AllLastTick,
    BidAskTick,
    LastTick,
    MidpointTick,
    TickByTick,
)

MANY = Rules(tick_by_ticks=10)


def ask(
    req_id: int, kind: str, *, count: int = 0, ignore_size: bool = False, contract: Contract = SPY
) -> ReqTickByTick:
    return ReqTickByTick(req_id=req_id, contract=contract, kind=kind, count=count, ignore_size=ignore_size)


def told(client: Speaker, req_id: int) -> list[Any]:
    return [m.tick for m in client.all(TickByTick) if m.req_id == req_id]


@pytest.mark.behaviour("SIM-TBT-03")
def test_every_tick_of_the_record_is_told_once_and_in_order() -> None:
    lab = Lab(MANY)
    client = lab.connect()
    since = to_ms(lab.venue.now) + 1
    client.say(ask(1, "Last"), ask(2, "AllLast"), ask(3, "BidAsk"), ask(4, "MidPoint"))
    lab.wait(30.0)
    client.listen()
    con_id, until = lab.con_id("SPY"), to_ms(lab.venue.now) + 1
    trades = lab.venue.ticks.trades(con_id, since, until, 10_000)
    quotes = lab.venue.ticks.bid_asks(con_id, since, until, 10_000)
    middles = lab.venue.ticks.midpoints(con_id, since, until, 10_000)
    last, every, bid_ask, middle = (told(client, n) for n in (1, 2, 3, 4))
    assert [type(ticks[0]) for ticks in (last, every, bid_ask, middle)] == [
        LastTick,
        AllLastTick,
        BidAskTick,
        MidpointTick,
    ]
    assert [(t.epoch_s, t.price, int(t.size), t.exchange) for t in every] == [
        (one.at_ms // 1000, float(one.price), one.size, one.exchange) for one in trades
    ]
    assert [t.mask for t in every] == [0 if one.is_reported else 2 for one in trades]
    assert len(last) == sum(one.is_reported for one in trades)
    assert [(t.bid, t.ask, int(t.bid_size)) for t in bid_ask] == [
        (float(one.bid or 0), float(one.ask or 0), one.bid_size) for one in quotes
    ]
    assert [t.price for t in middle] == [float(one.price) for one in middles]


@pytest.mark.behaviour("SIM-TBT-03")
def test_single_trades_are_the_last_prices_of_the_stream() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ReqMktData(req_id=9, contract=SPY), ask(1, "Last"))
    for _ in range(40):
        lab.wait(0.25)
        heard = client.listen()
        trades = [m.tick.price for m in heard if isinstance(m, TickByTick)]
        seen = prices(heard).get(4)
        assert seen is None or seen == trades[-1]


@pytest.mark.behaviour("SIM-TBT-04")
def test_ticks_of_the_past_come_first_if_asked_for() -> None:
    client = Lab(MANY).connect()
    heard = client.say(ask(1, "Last", count=7), ask(2, "AllLast", count=50), ask(3, "BidAsk", count=9))
    heard += client.say(ask(4, "MidPoint", count=5000))
    assert [(type(m), len(m.ticks)) for m in heard] == [
        (HistoricalTrades, 7),
        (HistoricalTrades, 50),
        (HistoricalBidAsks, 9),
        (HistoricalMidpoints, 1000),
    ]
    assert all(m.is_done for m in heard)
    assert all(tick.mask == 0 for tick in heard[0].ticks)


@pytest.mark.behaviour("SIM-TBT-05")
def test_options_have_no_single_ticks() -> None:
    lab = Lab()
    client, option = lab.connect(), contract_of(near_option(lab, "C"))
    client.say(ask(1, "BidAsk", contract=option), ask(2, "Last", contract=option))
    assert errors(client) == [(1, 10189), (2, 10189)]
    assert "BidAsk tick-by-tick requests are not supported" in texts(client, 10189)[0]


@pytest.mark.behaviour("SIM-TBT-06")
def test_single_ticks_need_a_live_subscription() -> None:
    lab = Lab()
    client = lab.connect()
    lab.hall.shared.entitlements = Entitlements(by_kind={"STK": Feed.DELAYED})
    client.say(ask(1, "Last"))
    lab.hall.shared.entitlements = Entitlements(is_competing=True)
    client.say(ask(2, "Last"))
    assert errors(client) == [(1, 10189), (2, 10197)]
    assert texts(client, 10189) == [
        "Failed to request tick-by-tick data:No market data permissions for ARCA STK"
    ]


@pytest.mark.behaviour("SIM-TBT-07")
def test_requests_are_few_and_not_hasty() -> None:
    lab = Lab()
    client, other = lab.connect(1), lab.connect(2)
    client.say(ask(1, "Last"), CancelTickByTick(req_id=1), ask(2, "Last"))
    assert errors(client) == [(2, 10190)]
    lab.wait(15.0)
    client.listen()
    client.say(ask(3, "Last"), ask(4, "BidAsk"), ask(5, "MidPoint"))
    other.say(ask(1, "Last"))
    assert texts(other, 10190) == ["Max number of tick-by-tick requests has been reached"]
    lab.leave(client)
    other.say(ask(2, "AllLast"))
    assert errors(other) == [(1, 10190)]


@pytest.mark.behaviour("SIM-TBT-08")
def test_sizes_can_be_ignored() -> None:
    lab = Lab()
    client = lab.connect(1)
    other = lab.connect(2)
    client.say(ask(1, "BidAsk", ignore_size=True))
    other.say(ask(1, "BidAsk"))
    lab.wait(20.0)
    client.listen()
    other.listen()
    quotes = [(t.bid, t.ask) for t in told(client, 1)]
    assert all(before != after for before, after in pairwise(quotes))
    assert len(quotes) < len(told(other, 1))


@pytest.mark.behaviour("SIM-TBT-09")
def test_nothing_comes_after_a_cancel() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ask(1, "Last"), CancelTickByTick(req_id=1), CancelTickByTick(req_id=77))
    lab.wait(5.0)
    assert client.listen() == []
    assert errors(client) == []


@pytest.mark.behaviour("SIM-TBT-10")
@pytest.mark.parametrize("kind", ["", "Everything", "last\x00"])
def test_an_unknown_kind_is_refused(kind: str) -> None:
    client = Lab().connect()
    client.say(ask(1, kind.replace("\x00", "?")))
    assert errors(client) == [(1, 321)]


@pytest.mark.behaviour("SIM-TBT-11")
def test_a_jump_of_the_clock_brings_the_newest_thousand_ticks() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ask(1, "Last"))
    lab.jump(FRIDAY + timedelta(hours=3))
    client.listen()
    ticks = told(client, 1)
    assert 900 < len(ticks) <= 1000
    assert ticks[-1].epoch_s >= to_ms(lab.venue.now) // 1000 - 2
