"""Histories that take long: they come in slices, so that one client's year keeps no other client waiting."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab, Speaker
from tests.protocol.exchange.test_server import frozen, opened, read_until, running, until

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.wire.account_answers import CurrentTime, ErrorMessage
from sumppump.exchange.wire.account_requests import ReqCurrentTime
from sumppump.exchange.wire.codec import encode_request
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_answers import (
    HistoricalData,
    HistoricalDataUpdate,
    HistoricalSchedule,
    TickPrice,
)
from sumppump.exchange.wire.market_requests import (
    CancelHistoricalData,
    CancelMktData,
    ReqHistoricalData,
    ReqMktData,
)

AT_ONCE, IN_SLICES = Rules(paces_history=False), Rules(paces_history=False, history_slice=5)
LOW_OF_A_YEAR = 19
TURN = 0.1


def asked(req_id: int = 4, **words: Any) -> ReqHistoricalData:
    plain: dict[str, Any] = {
        "req_id": req_id, "contract": SPY, "duration": "2 M", "bar_size": "1 day", "what_to_show": "TRADES",
    }  # fmt: skip
    return ReqHistoricalData(**(plain | words))


def told(lab: Lab, client: Speaker, count: int = 1) -> list[HistoricalData]:
    """Turns until so many histories have come."""
    for _ in range(100):
        lab.wait(TURN)
        client.listen()
        if len(client.all(HistoricalData)) >= count:
            break
    return client.all(HistoricalData)


@pytest.mark.behaviour("SIM-HIST-20")
def test_others_are_served_while_a_long_history_is_made() -> None:
    lab = Lab(IN_SLICES)
    client, other = lab.connect(1), lab.connect(2)
    assert client.say(asked()) == []
    assert [type(one) for one in other.say(ReqCurrentTime())] == [CurrentTime]
    lab.wait(TURN)
    assert client.listen() == []
    assert len(told(lab, client)) == 1


@pytest.mark.behaviour("SIM-HIST-20")
async def test_a_long_history_does_not_wait_for_the_clock_and_who_asks_meanwhile_is_answered_first() -> None:
    """The exchange looks at its clock once a minute here, so nothing but the work itself drives the work."""
    async with running(frozen(start=FRIDAY, rules=IN_SLICES, turn_s=60.0)) as server:
        reader, writer = await opened(server)
        other_reader, other = await opened(server, 2)
        writer.write(encode_request(asked(duration="6 M"), 178))
        await until(lambda: any(one.is_at_work for one in server.hall.sessions))
        other.write(encode_request(ReqCurrentTime(), 178))
        await read_until(other_reader, b"49\0")
        assert any(one.is_at_work for one in server.hall.sessions)
        await read_until(reader, b"17\x004\0")
        assert not any(one.is_at_work for one in server.hall.sessions)
        writer.close()
        other.close()


@pytest.mark.behaviour("SIM-HIST-20")
@pytest.mark.parametrize(
    "words",
    [
        {},
        {"bar_size": "1 week"},
        {"bar_size": "1 hour", "duration": "9 D", "use_rth": 1},
        {"what_to_show": "BID_ASK", "duration": "8 D"},
    ],
)
def test_a_history_in_slices_is_that_of_its_request_s_moment(words: dict[str, Any]) -> None:
    (at_once,) = Lab(AT_ONCE).connect().say(asked(**words))
    lab = Lab(IN_SLICES)
    client = lab.connect()
    assert client.say(asked(**words)) == []
    assert told(lab, client) == [at_once]


@pytest.mark.behaviour("SIM-HIST-21")
def test_a_short_history_does_not_wait_for_the_end_of_a_long_one() -> None:
    lab = Lab(IN_SLICES)
    client = lab.connect()
    client.say(asked(1, duration="3 M"), asked(2, duration="3 D"))
    assert [one.req_id for one in told(lab, client, 2)] == [2, 1]


@pytest.mark.behaviour("SIM-HIST-22")
def test_a_history_can_be_cancelled_before_it_is_there() -> None:
    lab = Lab(IN_SLICES)
    client = lab.connect()
    again, gone = client.say(asked(), asked(), CancelHistoricalData(req_id=4))[:2]
    assert isinstance(again, ErrorMessage)
    assert isinstance(gone, ErrorMessage)
    assert (again.code, gone.code) == (322, 162)
    assert "cancelled" in gone.text
    lab.wait(20 * TURN)
    assert client.listen() == []


@pytest.mark.behaviour("SIM-HIST-22")
def test_a_history_in_slices_goes_on_when_that_was_asked_for() -> None:
    lab = Lab(IN_SLICES)
    client = lab.connect()
    client.say(asked(keep_up_to_date=True))
    (answer,) = told(lab, client)
    lab.wait(6.0)
    client.listen()
    updates = client.all(HistoricalDataUpdate)
    assert {one.date for one in updates} == {answer.bars[-1].date}


@pytest.mark.behaviour("SIM-HIST-23")
def test_ten_years_are_ten_years() -> None:
    (answer,) = Lab(AT_ONCE).connect().say(asked(duration="10 Y", what_to_show="SCHEDULE"))
    assert isinstance(answer, HistoricalSchedule)
    assert answer.sessions[0].ref_date <= f"{date(2016, 11, 21):%Y%m%d}"


@pytest.mark.behaviour("SIM-GENERIC-16")
def test_the_extremes_of_a_year_keep_no_quote_waiting() -> None:
    lab = Lab(IN_SLICES)
    client = lab.connect()
    symbols = ("SPY", "KO", "AAPL")
    first = client.say(
        *(
            ReqMktData(
                req_id=place,
                contract=Contract(symbol=symbol, sec_type="STK", exchange="SMART", currency="USD"),
                generic_ticks="165",
            )
            for place, symbol in enumerate(symbols)
        )
    )
    prices = [one for one in first if isinstance(one, TickPrice)]
    assert {one.req_id for one in prices} == {0, 1, 2}
    assert not [one for one in prices if one.tick_type == LOW_OF_A_YEAR]
    lows: list[int] = []
    for _ in range(100):
        lab.wait(TURN)
        client.listen()
        lows = [one.req_id for one in client.all(TickPrice) if one.tick_type == LOW_OF_A_YEAR]
        if len(lows) == len(symbols):
            break
    assert lows == [0, 1, 2]


@pytest.mark.behaviour("SIM-GENERIC-16")
def test_the_extremes_in_slices_are_those_of_one_go_and_a_stream_that_ends_leaves_its_place() -> None:
    """An index whose every day has to be played through, and a client that wants it no more."""
    lab = Lab(IN_SLICES)
    client = lab.connect()
    vix = Contract(symbol="VIX", sec_type="IND", exchange="CBOE", currency="USD")
    client.say(
        ReqMktData(req_id=1, contract=vix, generic_ticks="165"),
        ReqMktData(req_id=2, contract=SPY, generic_ticks="165"),
    )
    lab.wait(TURN)
    client.say(CancelMktData(req_id=1))
    for _ in range(100):
        lab.wait(TURN)
        client.listen()
    lows = [one for one in client.all(TickPrice) if one.tick_type == LOW_OF_A_YEAR]
    at_once = Lab(AT_ONCE).connect()
    told_at_once = at_once.say(ReqMktData(req_id=2, contract=SPY, generic_ticks="165"))
    assert lows[:1] == [one for one in told_at_once if getattr(one, "tick_type", 0) == LOW_OF_A_YEAR]
    assert {one.req_id for one in lows} == {2}
