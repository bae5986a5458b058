"""Lost connectivity and broken farms: what reaches a client, what does not, and what is left afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.protocol.exchange.lab import SPY
from tests.protocol.trouble.scenes import bought_meanwhile, codes, filling, of, resting, stage, ticked

from sumppump.exchange.session import Stage
from sumppump.exchange.wire.account_answers import NextValidId, Position, PositionEnd
from sumppump.exchange.wire.account_requests import (
    CancelOrder,
    ReqExecutions,
    ReqOpenOrders,
    ReqPnL,
    ReqPositions,
)
from sumppump.exchange.wire.market_requests import (
    CancelMktData,
    ReqContractDetails,
    ReqHistoricalData,
    ReqMktData,
)
from sumppump.exchange.wire.order_answers import CommissionReport, ExecDetails, OpenOrder, OrderStatus

ORDERS = (OpenOrder, OrderStatus, ExecDetails, CommissionReport)


@pytest.mark.behaviour("SIM-NET-01")
def test_a_fill_during_1100_is_found_by_asking_for_executions() -> None:
    """An order works when connectivity is lost; its fill is told to nobody, and is true all the same."""
    here = stage()
    order = resting(here.lab)
    here.ask(order)
    here.cause("F-05", seconds=60)
    assert codes(here.client.listen()) == [1100]
    here.lab.hall.publish(here.lab.venue.apply(bought_meanwhile(here.lab, 2)))
    silent = here.wait(59.0)
    assert silent == []
    told = here.wait(2.0)
    assert codes(told) == [1102]
    assert not any(isinstance(one, ORDERS) for one in told)
    assert ticked(told)
    found = here.ask(ReqExecutions(req_id=5))
    assert [one.order_id for one in of(ExecDetails, found)] == [2]


def test_told_afterwards_the_news_come_in_order() -> None:
    here = stage()
    here.cause("F-05", seconds=30, orders_told="after")
    here.lab.hall.publish(here.lab.venue.apply(bought_meanwhile(here.lab, 2)))
    here.wait(29.0)
    told = here.wait(2.0)
    assert [one.status for one in of(OrderStatus, told)][-1] == "Filled"
    assert of(ExecDetails, told)


@pytest.mark.parametrize(("told", "reports"), [("after", 1), ("asked", 0)])
def test_news_that_were_on_their_way_are_stopped_too(told: str, reports: int) -> None:
    """A commission that is late by ten seconds falls into the outage."""
    here = stage()
    here.lab.hall.trouble.cause("F-19", seconds=10)
    here.ask(filling(here.lab), ReqPnL(req_id=8, account="", model=""))
    here.wait(1.0)
    here.cause("F-05", seconds=30, orders_told=told)
    here.client.listen()
    assert here.wait(29.0) == []
    assert len(of(CommissionReport, here.wait(2.0))) == reports


@pytest.mark.behaviour("SIM-NET-02")
def test_after_1101_streams_are_dead_until_they_are_asked_for_again() -> None:
    here = stage()
    here.cause("F-60", seconds=10)
    told = here.wait(11.0)
    assert codes(told) == [1100, 1101]
    assert not ticked(here.wait(30.0))
    assert here.lab.hall.lines_in_use == 0
    again = here.ask(ReqMktData(req_id=100, contract=SPY))
    assert ticked(again)
    assert ticked(here.wait(5.0))


@pytest.mark.behaviour("SIM-NET-03")
def test_an_order_sent_during_1100_waits_and_then_works() -> None:
    here = stage()
    here.cause("F-59", seconds=20)
    here.client.listen()
    assert here.ask(resting(here.lab)) == []
    assert here.wait(19.0) == []
    told = here.wait(2.0)
    assert [one.order_id for one in of(OpenOrder, told)][:1] == [1]
    assert here.lab.venue.open_orders()


def test_an_order_may_be_lost_with_the_connectivity() -> None:
    here = stage()
    here.cause("F-59", seconds=20, orders="lost")
    here.ask(resting(here.lab))
    assert not of(OpenOrder, here.wait(25.0))
    assert here.lab.venue.open_orders() == ()


def test_during_1100_nobody_is_told_the_account_is_flat() -> None:
    """The question waits; its answer is the truth."""
    here = stage()
    here.buy()
    here.cause("F-59", seconds=20)
    assert of(PositionEnd, here.ask(ReqPositions())) == []
    told = here.wait(21.0)
    assert len(of(Position, told)) == 1
    assert len(of(PositionEnd, told)) == 1


def test_connectivity_may_come_back_in_the_middle_of_a_reconcile() -> None:
    here = stage()
    here.cause("F-61")
    here.client.listen()
    asked = here.ask(ReqPositions(), ReqOpenOrders())
    assert of(PositionEnd, asked)
    assert 1102 in codes(here.wait(0.2))


def test_a_client_that_connects_during_1100_is_told_2110() -> None:
    here = stage()
    here.cause("F-59")
    late = here.lab.connect(2)
    here.lab.wait(0.1)
    late.listen()
    assert 2110 in codes(late.heard)


def test_1100_is_said_as_often_as_ordered() -> None:
    here = stage()
    here.cause("F-59", seconds=60, repeats=4)
    assert codes(here.wait(61.0)) == [1100, 1100, 1100, 1100, 1102]


@pytest.mark.behaviour("SIM-NET-04")
def test_a_broken_farm_stops_ticks_and_nothing_else() -> None:
    here = stage()
    here.cause("F-22", seconds=10)
    assert codes(here.client.listen()) == [2103]
    assert not ticked(here.wait(9.0))
    here.buy()
    assert of(ExecDetails, here.client.heard)
    told = here.wait(2.0)
    assert 2104 in codes(here.client.heard)
    assert ticked(told)


def test_a_new_subscription_waits_for_its_farm() -> None:
    here = stage()
    here.cause("F-22", seconds=10)
    here.client.listen()
    assert here.ask(ReqMktData(req_id=101, contract=SPY)) == []
    assert ticked(here.wait(11.0), 101)


def test_a_subscription_that_is_cancelled_while_it_waits_for_its_farm_never_begins() -> None:
    """It would tick under an id that its client has forgotten, and hold a line."""
    here = stage()
    here.cause("F-22", seconds=10)
    here.client.listen()
    here.ask(ReqMktData(req_id=101, contract=SPY))
    assert here.ask(CancelMktData(req_id=101)) == []
    assert not ticked(here.wait(11.0), 101)
    assert here.lab.hall.lines_in_use == 1


@pytest.mark.behaviour("SIM-NET-05")
def test_a_farm_says_ok_and_the_streams_stay_dead() -> None:
    here = stage()
    here.cause("F-22", streams="dead")
    assert 2104 in codes(here.wait(5.0))
    assert not ticked(here.wait(60.0))


@pytest.mark.behaviour("SIM-NET-06")
def test_bars_fail_while_the_historical_farm_is_broken() -> None:
    here = stage()
    here.cause("F-22", farm="history", seconds=10)
    assert codes(here.client.listen()) == [2105]
    bars = ReqHistoricalData(
        req_id=7, contract=SPY, bar_size="1 min", duration="3600 S", what_to_show="TRADES"
    )
    assert codes(here.ask(bars)) == [162]
    assert ticked(here.wait(2.0))
    assert codes(here.wait(9.0)) == [2106]
    assert codes(here.ask(bars)) == []


def test_contract_details_wait_for_the_definitions_farm() -> None:
    here = stage()
    here.cause("F-22", farm="definitions", seconds=10)
    assert codes(here.ask(ReqContractDetails(req_id=8, contract=SPY))) == [2157]
    told = [type(one).__name__ for one in here.wait(11.0)]
    assert "ContractDataEnd" in told


def test_a_farm_flaps_as_often_as_ordered() -> None:
    here = stage()
    here.cause("F-23", seconds=2, flaps=3)
    assert [code for code in codes(here.wait(15.0)) if code in (2103, 2104)] == [2103, 2104] * 3


@pytest.mark.behaviour("SIM-NET-07")
def test_a_restart_closes_everybody_and_keeps_orders_and_ids() -> None:
    here = stage()
    here.ask(resting(here.lab))
    here.cause("X-04", seconds=30)
    assert here.client.session.is_closed
    assert here.lab.hall.connect(here.lab.at).is_closed
    here.lab.wait(31.0)
    again = here.lab.connect(1)
    assert again.all(NextValidId) == [NextValidId(order_id=2)]
    assert [one.order_id for one in of(OpenOrder, again.say(ReqOpenOrders()))] == [1]
    assert here.lab.hall.lines_in_use == 0


def test_ten_restarts_make_no_order() -> None:
    here = stage()
    here.ask(resting(here.lab))
    here.cause("F-17", seconds=2)
    for _ in range(10):
        here.lab.wait(2.5)
        here.lab.connect(1).say(ReqOpenOrders())
        here.lab.wait(1.5)
    assert len(here.lab.venue.open_orders()) == 1
    here.lab.wait(10.0)
    assert here.lab.connect(2).session.is_open


@pytest.mark.behaviour("SIM-NET-08")
def test_after_a_roll_back_an_id_names_two_orders() -> None:
    here = stage()
    here.ask(*(resting(here.lab, number) for number in (1, 2, 3)))
    here.cause("X-04", seconds=1, roll_back=2)
    here.lab.wait(2.0)
    again = here.lab.connect(1)
    assert again.all(NextValidId) == [NextValidId(order_id=2)]
    again.say(resting(here.lab, 2))
    perm_ids = {one.perm_id for one in here.lab.venue.open_orders() if one.order_id == 2}
    assert len(perm_ids) == 2
    here.lab.hall.receive(again.session, b"", here.lab.at)
    again.say(CancelOrder(order_id=2))
    assert len([one for one in here.lab.venue.open_orders() if one.order_id == 2]) == 1


@pytest.mark.behaviour("SIM-NET-09")
def test_the_night_restarts_tws_and_loses_connectivity_several_times() -> None:
    """No order is accepted in between, and in the morning everything is as it was."""
    here = stage()
    here.cause("F-06")
    here.lab.jump(datetime(2026, 11, 21, 4, 44, 30, tzinfo=UTC))
    here.client.listen()
    here.lab.wait(40.0)
    assert here.client.session.is_closed
    here.lab.wait(90.0)
    again = here.lab.connect(1)
    heard: list[int] = []
    for minute in range(16, 110):
        here.lab.jump(datetime(2026, 11, 21, 5 + minute // 60, minute % 60, tzinfo=UTC))
        heard += [code for code in codes(again.listen()) if code in (1100, 1102)]
    assert heard == [1100, 1100, 1102] * 3


@pytest.mark.behaviour("SIM-NET-10")
def test_an_id_in_use_gets_326_as_long_as_the_fault_lasts() -> None:
    here = stage()
    here.lab.hall.trouble.cause("F-24", lasts=30.0, client_id=4)
    refused = here.lab.connect(4)
    assert codes(refused.heard) == [326]
    assert refused.session.is_closed
    assert here.lab.connect(5).session.is_open
    here.lab.wait(31.0)
    assert here.lab.connect(4).session.is_open


def test_a_thief_takes_the_id_of_a_client_that_is_in() -> None:
    here = stage()
    here.cause("F-24", steal=True, client_id=1)
    assert here.client.session.is_closed
    assert codes(here.lab.connect(1).heard) == [326]


@pytest.mark.behaviour("SIM-NET-11")
def test_a_connection_is_taken_and_never_greeted() -> None:
    here = stage()
    here.cause("F-37")
    mute = here.lab.connect(2)
    assert mute.greeting == []
    assert mute.heard == []
    assert mute.session.stage is Stage.MUTE
    here.heal()
    assert here.lab.connect(2).session.is_open


@pytest.mark.behaviour("SIM-NET-12")
@pytest.mark.parametrize(
    ("zone", "time"),
    [("Asia/Shanghai", b"20261120 23:00:00 Asia/Shanghai"), ("UTC", b"20261120 15:00:00 UTC")],
)
def test_the_greeting_tells_the_login_s_time(zone: str, time: bytes) -> None:
    here = stage()
    here.cause("F-38", tz=zone)
    assert here.lab.connect(2).greeting[0].split(b"\0")[1] == time


@pytest.mark.behaviour("SIM-NET-13")
def test_a_competing_session_sends_10197_in_bursts_and_no_ticks() -> None:
    here = stage()
    here.cause("F-14", burst=12, every=30, seconds=45)
    assert codes(here.client.listen()) == [10197] * 12
    assert not ticked(here.wait(29.0))
    assert codes(here.wait(2.0)) == [10197] * 12
    assert codes(here.ask(ReqMktData(req_id=101, contract=SPY))) == [10197]
    here.wait(15.0)
    assert ticked(here.wait(2.0))


@pytest.mark.behaviour("SIM-NET-14")
def test_without_permissions_every_stream_ends_with_354() -> None:
    here = stage()
    here.cause("X-03")
    assert codes(here.client.listen()) == [354]
    assert codes(here.ask(ReqMktData(req_id=101, contract=SPY))) == [354]
    assert not ticked(here.wait(5.0))
    assert here.lab.hall.lines_in_use == 0
