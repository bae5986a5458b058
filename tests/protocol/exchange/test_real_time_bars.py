"""Bars of five seconds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab, Speaker
from tests.protocol.exchange.streams import errors, texts

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.desks.line import Rules
from sumppump.exchange.entitlements import Entitlements, Feed
from sumppump.exchange.events import BarsBusted
from sumppump.exchange.reports import Bar, BarsQuery
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_requests import CancelRealTimeBars, ReqRealTimeBars
from sumppump.exchange.wire.stream_answers import RealTimeBar


def ask(
    req_id: int = 1, kind: str = "TRADES", *, use_rth: bool = False, contract: Contract = SPY
) -> ReqRealTimeBars:
    return ReqRealTimeBars(req_id=req_id, contract=contract, what_to_show=kind, use_rth=use_rth)


def history(lab: Lab, kind: str = "TRADES") -> dict[int, Bar]:
    """The five-second bars of the last minutes by their beginning."""
    query = BarsQuery(con_id=lab.con_id("SPY"), duration="300 S", bar_size="5 secs", what=kind)
    bars = lab.venue.bars(query)
    assert isinstance(bars, tuple)
    return {to_ms(bar.start) // 1000: bar for bar in bars}


def bars_of(client: Speaker) -> list[RealTimeBar]:
    client.listen()
    return client.all(RealTimeBar)


@pytest.mark.behaviour("SIM-RTBAR-01")
def test_a_bar_comes_every_five_seconds() -> None:
    lab = Lab()
    client = lab.connect()
    lab.wait(2.3)
    client.say(ask())
    lab.wait(27.8)
    starts = [bar.epoch_s for bar in bars_of(client)]
    assert starts == [to_ms(FRIDAY) // 1000 + n for n in (0, 5, 10, 15, 20, 25)]


@pytest.mark.behaviour("SIM-RTBAR-02")
def test_bars_are_those_of_history() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ask())
    lab.wait(30.0)
    past = history(lab)
    for bar in bars_of(client):
        same = past[bar.epoch_s]
        assert (bar.open, bar.high, bar.low, bar.close) == (same.open, same.high, same.low, same.close)
        assert (int(bar.volume), bar.count, bar.average) == (same.volume, same.count, same.wap)


@pytest.mark.behaviour("SIM-RTBAR-02")
def test_the_last_bar_of_a_session_holds_the_auction() -> None:
    lab = Lab(start=FRIDAY + timedelta(hours=5, minutes=59, seconds=50))
    client = lab.connect()
    client.say(ask(use_rth=True))
    lab.wait(20.0)
    last = bars_of(client)[-1]
    assert int(last.volume) == history(lab)[last.epoch_s].volume > 1_000_000


@pytest.mark.behaviour("SIM-RTBAR-03")
@pytest.mark.parametrize("kind", ["BID", "ASK", "MIDPOINT"])
def test_bars_of_quotes_open_with_the_quote_in_force(kind: str) -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ask(kind=kind))
    lab.wait(30.0)
    past = history(lab, kind)
    bars = bars_of(client)
    assert len(bars) == 6
    for bar in bars:
        same = past[bar.epoch_s]
        assert (bar.open, bar.high, bar.low, bar.close) == (same.open, same.high, same.low, same.close)
        assert (int(bar.volume), bar.count) == (-1, -1)


@pytest.mark.behaviour("SIM-RTBAR-04")
def test_regular_hours_end_the_bars() -> None:
    lab = Lab(start=FRIDAY + timedelta(hours=5, minutes=59, seconds=50))
    client, other = lab.connect(1), lab.connect(2)
    client.say(ask(use_rth=True))
    other.say(ask(kind="MIDPOINT"))
    lab.wait(20.0)
    assert len(bars_of(client)) == 2
    assert len(bars_of(other)) == 4


@pytest.mark.behaviour("SIM-RTBAR-05")
def test_too_many_requests_are_refused() -> None:
    lab = Lab(Rules(rate=1000))
    client = lab.connect()
    for req_id in range(60):
        client.say(ask(req_id), CancelRealTimeBars(req_id=req_id))
    client.say(ask(60))
    assert errors(client) == [(60, 420)]
    assert texts(client, 420)[0].startswith("Invalid Real-time Query:")
    lab.jump(FRIDAY + timedelta(minutes=11))
    client.say(ask(61))
    assert errors(client) == [(60, 420)]


@pytest.mark.behaviour("SIM-RTBAR-06")
def test_what_is_not_subscribed_has_no_bars() -> None:
    lab = Lab()
    client = lab.connect()
    lab.hall.shared.entitlements = Entitlements(by_kind={"STK": Feed.DELAYED})
    client.say(ask())
    assert texts(client, 420) == ["Invalid Real-time Query:No market data permissions for ARCA STK"]


@pytest.mark.behaviour("SIM-RTBAR-07")
def test_nonsense_is_refused() -> None:
    client = Lab().connect()
    client.say(
        ask(1),
        ask(1),
        ask(2, "WEATHER"),
        ask(3, contract=Contract(symbol="NOPE", sec_type="STK", exchange="SMART")),
    )
    assert errors(client) == [(1, 322), (2, 321), (3, 200)]


@pytest.mark.behaviour("SIM-RTBAR-08")
def test_a_bust_ends_the_bars_until_they_are_subscribed_again() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ask(1), ask(2, "BID"))
    lab.hall.publish([BarsBusted(lab.venue.now)])
    client.listen()
    assert errors(client) == [(1, 10225), (2, 10225)]
    client.say(ask(1))
    lab.wait(5.0)
    assert [bar.req_id for bar in bars_of(client)] == [1]


@pytest.mark.behaviour("SIM-RTBAR-09")
def test_nothing_comes_after_a_cancel() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ask(), CancelRealTimeBars(req_id=1), CancelRealTimeBars(req_id=9))
    lab.wait(11.0)
    assert bars_of(client) == []
    assert errors(client) == []
