"""Data of an account that has not paid for all of them, or pays and is logged in twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab, Speaker, near_option
from tests.protocol.exchange.streams import contract_of, errors, kinds, prices, texts, tick_types

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.entitlements import EVERYTHING, Entitlements, Feed
from sumppump.exchange.ticks import DELAYED_TYPES
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_answers import TickOptionComputation, TickSnapshotEnd
from sumppump.exchange.wire.market_requests import CancelMktData, ReqMarketDataType, ReqMktData

DELAYED_STOCKS = Entitlements(by_kind={"STK": Feed.DELAYED})
NO_STOCKS = Entitlements(by_kind={"STK": Feed.NONE})


def lab_with(entitlements: Entitlements, rules: Rules | None = None) -> tuple[Lab, Speaker]:
    lab = Lab(rules)
    lab.hall.shared.entitlements = entitlements
    return lab, lab.connect()


def other_types(client: Speaker, kind: int) -> list[object]:
    return client.say(ReqMarketDataType(kind=kind), ReqMktData(req_id=1, contract=SPY))


@pytest.mark.behaviour("SIM-DELAY-02")
@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("code", [354, 10089, 10168])
def test_live_data_without_a_subscription_are_refused(kind: int, code: int) -> None:
    lab, client = lab_with(DELAYED_STOCKS, Rules(unsubscribed=code))
    heard = other_types(client, kind)
    assert errors(client) == [(1, code)]
    assert tick_types(heard) == set()
    assert lab.hall.lines_in_use == 0
    client.say(CancelMktData(req_id=1))
    assert errors(client)[-1] == (1, 300)


@pytest.mark.behaviour("SIM-DELAY-08")
def test_the_words_of_354_and_10089() -> None:
    _, client = lab_with(DELAYED_STOCKS)
    client.say(ReqMktData(req_id=1, contract=SPY))
    assert texts(client, 354) == [
        "Requested market data is not subscribed.Delayed market data is available."
        "Error&BEST/STK/Top&BEST/STK/Top"
    ]
    _, other = lab_with(DELAYED_STOCKS, Rules(unsubscribed=10089))
    other.say(ReqMktData(req_id=1, contract=SPY))
    assert texts(other, 10089)[0].endswith("details.Delayed market data is available.SPY ARCA/TOP/ALL")


@pytest.mark.behaviour("SIM-DELAY-03")
def test_delayed_data_are_announced_and_are_the_quotes_of_fifteen_minutes_ago() -> None:
    lab, client = lab_with(DELAYED_STOCKS)
    then = lab.venue.quote(lab.con_id("SPY"))
    lab.jump(FRIDAY + timedelta(minutes=15))
    client.listen()
    heard = other_types(client, 3)
    assert isinstance(heard[0], ErrorMessage)
    assert heard[0].code == 10167
    assert kinds(heard) == [3]
    assert then is not None
    seen = prices(heard)
    assert (seen[66], seen[67], seen[68], seen[75]) == (
        float(then.bid or 0),
        float(then.ask or 0),
        float(then.last or 0),
        float(then.close or 0),
    )
    assert tick_types(heard) <= set(DELAYED_TYPES.values())
    lab.wait(5.0)
    assert tick_types(client.listen()) <= set(DELAYED_TYPES.values())


@pytest.mark.behaviour("SIM-DELAY-09")
def test_delayed_data_after_hours_are_frozen_for_type_4() -> None:
    lab, client = lab_with(DELAYED_STOCKS)
    lab.jump(FRIDAY + timedelta(hours=12))
    heard = other_types(client, 4)
    assert kinds(heard) == [4]
    assert 0 < prices(heard)[66] < prices(heard)[67]


@pytest.mark.behaviour("SIM-DELAY-10")
def test_a_snapshot_of_delayed_data_ends_too() -> None:
    _, client = lab_with(DELAYED_STOCKS)
    heard = client.say(ReqMarketDataType(kind=3), ReqMktData(req_id=1, contract=SPY, snapshot=True))
    assert isinstance(heard[-1], TickSnapshotEnd)
    assert 66 in prices(heard)


@pytest.mark.behaviour("SIM-DELAY-11")
def test_a_regulatory_snapshot_needs_no_subscription() -> None:
    """It is paid for one by one."""
    _, client = lab_with(NO_STOCKS)
    heard = client.say(ReqMktData(req_id=1, contract=SPY, regulatory_snapshot=True))
    assert errors(client) == []
    assert isinstance(heard[-1], TickSnapshotEnd)
    assert {1, 2} <= set(prices(heard))


@pytest.mark.behaviour("SIM-DELAY-04")
@pytest.mark.parametrize("kind", [3, 4])
def test_a_live_subscription_wins_over_the_wish_for_delayed_data(kind: int) -> None:
    _, client = lab_with(EVERYTHING)
    heard = other_types(client, kind)
    assert kinds(heard) == [1]
    assert errors(client) == []


@pytest.mark.behaviour("SIM-DELAY-05")
def test_where_there_are_no_delayed_data_either_the_request_ends() -> None:
    _, client = lab_with(NO_STOCKS)
    assert tick_types(other_types(client, 3)) == set()
    assert errors(client) == [(1, 10186)]


@pytest.mark.behaviour("SIM-DELAY-06")
def test_a_competing_session_takes_the_live_data_until_it_has_gone() -> None:
    lab, client = lab_with(EVERYTHING)
    client.say(ReqMktData(req_id=1, contract=SPY))
    lab.hall.shared.entitlements = Entitlements(is_competing=True)
    lab.wait(1.0)
    client.listen()
    assert errors(client) == [(1, 10197)]
    lab.wait(3.0)
    assert tick_types(client.listen()) == set()
    lab.hall.shared.entitlements = EVERYTHING
    lab.wait(1.0)
    assert {1, 2, 4, 9} <= set(prices(client.listen()))
    assert lab.hall.lines_in_use == 1


@pytest.mark.behaviour("SIM-DELAY-12")
def test_permissions_that_are_lost_turn_a_stream_into_a_delayed_one() -> None:
    lab, client = lab_with(EVERYTHING)
    client.say(ReqMarketDataType(kind=3), ReqMktData(req_id=1, contract=SPY))
    lab.hall.shared.entitlements = DELAYED_STOCKS
    lab.wait(1.0)
    heard = client.listen()
    assert errors(client) == [(1, 10167)]
    assert kinds(heard)[-1] == 3
    assert {66, 67} <= set(prices(heard))


@pytest.mark.behaviour("SIM-DATA-23")
def test_an_option_without_its_underlying_has_no_model() -> None:
    lab, client = lab_with(DELAYED_STOCKS)
    heard = client.say(ReqMktData(req_id=1, contract=contract_of(near_option(lab, "C"))))
    assert errors(client) == [(1, 10090)]
    assert texts(client, 10090)[0].endswith(
        "are still active.Delayed market data is available.SPY ARCA/TOP/ALL"
    )
    greeks = {m.tick_type for m in heard if isinstance(m, TickOptionComputation)}
    assert 10 in greeks
    assert 13 not in greeks
    lab.wait(1.0)
    assert 13 not in tick_types(client.listen())


@pytest.mark.behaviour("SIM-DELAY-13")
def test_a_symbol_and_its_exchange_may_have_feeds_of_their_own() -> None:
    entitlements = Entitlements(by_symbol={"AAPL": Feed.NONE}, by_exchange={"NASDAQ": Feed.DELAYED})
    _, client = lab_with(entitlements)
    for req_id, symbol in ((1, "SPY"), (2, "AAPL"), (3, "MSFT")):
        client.say(
            ReqMktData(req_id=req_id, contract=Contract(symbol=symbol, sec_type="STK", exchange="SMART"))
        )
    assert errors(client) == [(2, 354), (3, 354)]
    assert "Delayed" not in texts(client, 354)[0]
    assert "Delayed" in texts(client, 354)[1]


@pytest.mark.behaviour("SIM-DELAY-07")
def test_some_generic_ticks_come_with_delayed_data() -> None:
    _, client = lab_with(DELAYED_STOCKS)
    heard = client.say(
        ReqMarketDataType(kind=3),
        ReqMktData(req_id=1, contract=SPY, generic_ticks="106,165,221,233,236,293"),
    )
    extra = tick_types(heard) - set(DELAYED_TYPES.values())
    assert extra == {24, 15, 16, 17, 18, 19, 20, 21, 37, 46, 89}
