"""Streams, snapshots, lines and data types."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.protocol.exchange.lab import SPY, Lab, near_option
from tests.protocol.exchange.streams import contract_of, errors, numbers, prices, strings, texts

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.listing.instruments import ContractQuery
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.contracts import Contract, MarketLeg
from sumppump.exchange.wire.market_answers import (
    MarketDataType,
    SmartComponents,
    TickOptionComputation,
    TickPrice,
    TickReqParams,
    TickSize,
    TickSnapshotEnd,
)
from sumppump.exchange.wire.market_requests import (
    CancelMktData,
    ReqMarketDataType,
    ReqMktData,
    ReqSmartComponents,
)


@pytest.mark.behaviour("SIM-DATA-01")
def test_a_stream_begins_with_its_parameters_its_kind_and_the_whole_book() -> None:
    """81, 58, then bid, ask, last and the day's prices."""
    heard = Lab().connect().say(ReqMktData(req_id=1, contract=SPY))
    assert [type(m) for m in heard[:4]] == [TickReqParams, MarketDataType, TickPrice, TickSize]
    seen = prices(heard)
    assert {1, 2, 4, 6, 7, 9, 14} <= set(seen)
    assert seen[1] < seen[2]


@pytest.mark.behaviour("SIM-DATA-02")
def test_a_stream_goes_on_with_changes_only() -> None:
    lab = Lab()
    client = lab.connect()
    first = client.say(ReqMktData(req_id=1, contract=SPY))
    lab.wait(5.0)
    later = client.listen()
    assert later
    assert len(later) < 20 * len(first)
    assert not [m for m in later if isinstance(m, TickReqParams | MarketDataType)]
    assert 14 not in prices(later)


@pytest.mark.behaviour("SIM-DATA-03")
def test_stocks_tick_four_times_a_second_at_most() -> None:
    """IBKR samples stocks every 250 ms."""
    lab = Lab()
    client = lab.connect()
    client.say(ReqMktData(req_id=1, contract=SPY))
    batches = 0
    for _ in range(20):
        lab.wait(0.05)
        batches += bool(client.listen())
    assert 1 <= batches <= 4


@pytest.mark.behaviour("SIM-DATA-04")
def test_an_option_carries_its_greeks() -> None:
    """The model's with the price of the underlying; bid and ask's beside them."""
    lab = Lab()
    option = near_option(lab, "C")
    heard = lab.connect().say(ReqMktData(req_id=1, contract=contract_of(option)))
    greeks = {m.tick_type: m for m in heard if isinstance(m, TickOptionComputation)}
    assert {10, 11, 13} <= set(greeks)
    model = greeks[13]
    assert model.delta is not None
    assert 0.2 < model.delta < 0.8
    assert model.theta is not None
    assert model.theta < 0
    assert model.under_price == pytest.approx(float(lab.venue.quote(lab.con_id("SPY")).last), rel=0.01)  # type: ignore[union-attr, arg-type]


@pytest.mark.behaviour("SIM-DATA-05")
def test_a_combo_is_quoted_from_its_legs_and_may_be_negative() -> None:
    """Selling the dearer call and buying the cheaper one: the buyer of this receives."""
    lab = Lab()
    low, high = near_option(lab, "C"), near_option(lab, "C", offset=5)
    legs = (
        MarketLeg(con_id=low.con_id, action="SELL", exchange="SMART"),
        MarketLeg(con_id=high.con_id, action="BUY", exchange="SMART"),
    )
    bag = Contract(symbol="SPY", sec_type="BAG", exchange="SMART", currency="USD")
    heard = lab.connect().say(ReqMktData(req_id=1, contract=bag, legs=legs))
    seen = prices(heard)
    assert seen[1] < seen[2] < 0
    assert not [m for m in heard if isinstance(m, TickOptionComputation)]


@pytest.mark.behaviour("SIM-DATA-06")
def test_a_snapshot_ends_and_takes_no_line() -> None:
    lab = Lab(Rules(lines=0))
    client = lab.connect()
    heard = client.say(ReqMktData(req_id=1, contract=SPY, snapshot=True))
    assert isinstance(heard[-1], TickSnapshotEnd)
    lab.wait(2.0)
    assert client.listen() == []


@pytest.mark.behaviour("SIM-DATA-07")
def test_an_unknown_contract_is_refused() -> None:
    client = Lab().connect()
    client.say(ReqMktData(req_id=1, contract=Contract(symbol="NOPE", sec_type="STK", exchange="SMART")))
    assert errors(client) == [(1, 200)]


@pytest.mark.behaviour("SIM-DATA-08")
def test_a_stream_s_id_cannot_be_used_twice() -> None:
    client = Lab().connect()
    client.say(ReqMktData(req_id=1, contract=SPY), ReqMktData(req_id=1, contract=SPY))
    assert errors(client) == [(1, 102)]


@pytest.mark.behaviour("SIM-DATA-09")
def test_cancelling_what_does_not_stream_is_benign() -> None:
    client = Lab().connect()
    client.say(ReqMktData(req_id=1, contract=SPY), CancelMktData(req_id=1), CancelMktData(req_id=1))
    assert errors(client) == [(1, 300)]
    assert client.all(ErrorMessage)[-1].text == "Can't find EId with tickerId:1"


@pytest.mark.behaviour("SIM-DATA-10")
def test_nothing_ticks_after_cancelling() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ReqMktData(req_id=1, contract=SPY))
    client.say(CancelMktData(req_id=1))
    lab.wait(2.0)
    assert client.listen() == []


@pytest.mark.behaviour("SIM-DATA-11")
def test_all_clients_share_a_hundred_lines() -> None:
    """The hundred and first is 101; a line comes back with a cancel or when its client leaves."""
    lab = Lab(Rules(lines=3))
    one, two = lab.connect(1), lab.connect(2)
    one.say(*[ReqMktData(req_id=n, contract=SPY) for n in (1, 2)])
    two.say(*[ReqMktData(req_id=n, contract=SPY) for n in (1, 2)])
    assert errors(two) == [(2, 101)]
    one.say(CancelMktData(req_id=1))
    two.say(ReqMktData(req_id=3, contract=SPY))
    lab.leave(one)
    two.say(ReqMktData(req_id=4, contract=SPY))
    assert errors(two) == [(2, 101)]
    assert lab.hall.lines_in_use == 3


@pytest.mark.behaviour("SIM-DATA-12")
def test_after_hours_a_live_stream_is_empty_and_a_frozen_one_shows_the_close() -> None:
    """Type 1: nobody bids. Type 2: the last quotes, and 58 says that they are frozen."""
    lab = Lab()
    client = lab.connect()
    lab.jump(lab.venue.now + timedelta(hours=12))
    live = client.say(ReqMktData(req_id=1, contract=SPY, snapshot=True))
    frozen = client.say(ReqMarketDataType(kind=2), ReqMktData(req_id=2, contract=SPY, snapshot=True))
    assert [m.kind for m in (*live, *frozen) if isinstance(m, MarketDataType)] == [1, 2]
    assert prices(live)[1] == -1.0
    assert 0 < prices(frozen)[1] < prices(frozen)[2]


@pytest.mark.behaviour("SIM-DATA-13")
def test_a_subscribed_account_gets_live_data_whatever_type_it_wants() -> None:
    """Types 3 and 4 with a live subscription still give live data; senseless types are ignored."""
    client = Lab().connect()
    heard = client.say(
        ReqMarketDataType(kind=3), ReqMarketDataType(kind=77), ReqMktData(req_id=1, contract=SPY)
    )
    assert [m.kind for m in heard if isinstance(m, MarketDataType)] == [1]


@pytest.mark.behaviour("SIM-DATA-14")
def test_two_clients_see_the_same_market() -> None:
    lab = Lab()
    one, two = lab.connect(1), lab.connect(2)
    for client in (one, two):
        client.say(ReqMktData(req_id=1, contract=SPY))
    lab.wait(3.0)
    for client in (one, two):
        client.listen()
    assert one.all(TickPrice) == two.all(TickPrice)


@pytest.mark.behaviour("SIM-DATA-15")
def test_the_same_seed_and_commands_give_the_same_bytes() -> None:
    def story() -> list[object]:
        lab = Lab()
        client = lab.connect()
        client.say(ReqMktData(req_id=1, contract=SPY))
        client.say(ReqMktData(req_id=2, contract=contract_of(near_option(lab, "P"))))
        lab.wait(2.0)
        client.listen()
        return client.heard

    assert story() == story()


@pytest.mark.behaviour("SIM-DATA-16")
def test_a_description_that_fits_many_is_ambiguous() -> None:
    client = Lab().connect()
    client.say(ReqMktData(req_id=1, contract=Contract(symbol="SPY", sec_type="OPT", exchange="SMART")))
    assert errors(client) == [(1, 200)]
    assert "ambiguous" in client.all(ErrorMessage)[-1].text


@pytest.mark.behaviour("SIM-DATA-17")
def test_the_listing_that_is_asked_for_is_the_one_that_ticks() -> None:
    """Guard of this file's own helper."""
    lab = Lab()
    option = near_option(lab, "C")
    assert lab.venue.contracts(ContractQuery(con_id=option.con_id)) == (option,)


@pytest.mark.behaviour("SIM-DATA-18")
def test_a_snapshot_waits_eleven_seconds_for_a_field_that_does_not_come() -> None:
    """After hours nobody bids; what there is comes at once."""
    lab = Lab()
    client = lab.connect()
    lab.jump(lab.venue.now + timedelta(hours=12))
    client.say(ReqMktData(req_id=1, contract=SPY, snapshot=True))
    assert 4 in prices(client.heard)
    lab.wait(10.9)
    client.listen()
    assert client.all(TickSnapshotEnd) == []
    lab.wait(0.5)
    client.listen()
    assert client.all(TickSnapshotEnd) == [TickSnapshotEnd(req_id=1)]


@pytest.mark.behaviour("SIM-DATA-19")
def test_a_waiting_snapshot_can_be_cancelled() -> None:
    lab = Lab()
    client = lab.connect()
    lab.jump(lab.venue.now + timedelta(hours=12))
    client.say(ReqMktData(req_id=1, contract=SPY, snapshot=True))
    client.say(CancelMktData(req_id=1), ReqMktData(req_id=1, contract=SPY))
    lab.wait(12.0)
    client.listen()
    assert client.all(TickSnapshotEnd) == []
    assert errors(client) == []
    assert lab.hall.lines_in_use == 1


@pytest.mark.behaviour("SIM-DATA-20")
def test_a_snapshot_has_no_generic_ticks() -> None:
    client = Lab().connect()
    client.say(ReqMktData(req_id=1, contract=SPY, snapshot=True, generic_ticks="233"))
    assert errors(client) == [(1, 321)]
    assert "not applicable to generic ticks" in texts(client, 321)[0]


@pytest.mark.behaviour("SIM-DATA-21")
def test_the_exchange_maps_are_explained_by_the_smart_components() -> None:
    lab = Lab()
    client = lab.connect()
    for req_id, contract in enumerate((SPY, contract_of(near_option(lab, "C")))):
        heard = client.say(ReqMktData(req_id=req_id, contract=contract))
        (parameters,) = [m for m in heard if isinstance(m, TickReqParams)]
        (answer,) = client.say(ReqSmartComponents(req_id=9, bbo_exchange=parameters.bbo_exchange))
        assert isinstance(answer, SmartComponents)
        letters = {one.letter for one in answer.components}
        maps = strings(heard)
        assert maps[32]
        assert maps[33]
        assert set(maps[32] + maps[33] + maps[84]) <= letters


@pytest.mark.behaviour("SIM-DATA-22")
def test_a_halt_is_told_and_its_end_too() -> None:
    lab = Lab()
    client = lab.connect()
    assert numbers(client.say(ReqMktData(req_id=1, contract=SPY)))[49] == 0.0
    lab.hall.shared.halts = {lab.con_id("SPY"): 1}
    lab.wait(1.5)
    assert numbers(client.listen()) == {49: 1.0}
    lab.hall.shared.halts = {}
    lab.wait(1.5)
    assert numbers(client.listen()) == {49: 0.0}
