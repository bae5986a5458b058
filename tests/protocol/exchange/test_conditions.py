"""Orders that wait for something to be true."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocol.exchange.lab import FRIDAY, Lab, Speaker
from tests.protocol.exchange.tickets import at_market, codes, once, opened, price, statuses, ticket, wait

from sumppump.exchange.wire.account_requests import CancelOrder, ReqCompletedOrders
from sumppump.exchange.wire.contracts import (
    Condition,
    ExecutionCondition,
    MarginCondition,
    PercentCondition,
    PriceCondition,
    TimeCondition,
    VolumeCondition,
)
from sumppump.exchange.wire.order_answers import CompletedOrder, ExecDetails

AAPL = 265598
NEVER = PriceCondition(is_more=True, price=100_000.0, con_id=AAPL, exchange="SMART")
NOW = PriceCondition(is_more=True, price=1.0, con_id=AAPL, exchange="SMART")


def at(moment: datetime) -> str:
    return f"{moment:%Y%m%d-%H:%M:%S}"


def conditional(*conditions: Condition, order_id: int = 1, **terms: Any) -> Any:
    return at_market(order_id, conditions=conditions, **terms)


def with_or(condition: Any) -> Any:
    return replace(condition, conjunction="o")


def asked(*conditions: Condition, **terms: Any) -> tuple[Lab, Speaker]:
    lab = Lab()
    client = lab.connect()
    client.say(conditional(*conditions, **terms))
    return lab, client


@pytest.mark.behaviour("SIM-COND-01")
def test_an_order_is_held_back_until_the_time_of_its_condition() -> None:
    lab, client = asked(TimeCondition(is_more=True, time=at(FRIDAY + timedelta(minutes=5))))
    assert statuses(client) == ["PreSubmitted"]
    lab.jump(FRIDAY + timedelta(minutes=5) - timedelta(milliseconds=1))
    assert client.listen() == []
    lab.jump(FRIDAY + timedelta(minutes=5))
    client.listen()
    assert once(statuses(client)) == ["PreSubmitted", "Filled"]
    assert client.all(ExecDetails)[0].time.endswith("10:05:00 US/Eastern")


@pytest.mark.behaviour("SIM-COND-02")
@pytest.mark.parametrize(
    ("condition", "is_true"),
    [
        (NOW, True),
        (NEVER, False),
        (
            PriceCondition(is_more=False, price=100_000.0, con_id=AAPL, exchange="SMART", trigger_method=4),
            True,
        ),
        (TimeCondition(is_more=False, time=at(FRIDAY + timedelta(hours=1))), True),
        (TimeCondition(is_more=True, time=at(FRIDAY + timedelta(hours=1))), False),
        (MarginCondition(is_more=True, percent=10), True),
        (MarginCondition(is_more=False, percent=10), False),
        (VolumeCondition(is_more=True, volume=100, con_id=AAPL, exchange="SMART"), True),
        (VolumeCondition(is_more=False, volume=100, con_id=AAPL, exchange="SMART"), False),
        (PercentCondition(is_more=True, change_percent=-50.0, con_id=AAPL, exchange="SMART"), True),
        (PercentCondition(is_more=True, change_percent=50.0, con_id=AAPL, exchange="SMART"), False),
        (ExecutionCondition(sec_type="STK", exchange="SMART", symbol="AAPL"), False),
    ],
)
def test_each_kind_of_condition_holds_an_order_back_or_not(condition: Condition, is_true: bool) -> None:
    lab, client = asked(condition)
    wait(lab, client, 2)
    assert statuses(client)[-1] == ("Filled" if is_true else "PreSubmitted")


@pytest.mark.behaviour("SIM-COND-02")
def test_an_execution_lets_another_order_go() -> None:
    lab, client = asked(ExecutionCondition(sec_type="STK", exchange="SMART", symbol="SPY"))
    client.say(at_market(2))
    assert statuses(client, 1) == ["PreSubmitted"]
    wait(lab, client, 1)
    assert statuses(client, 1)[-1] == "Filled"


@pytest.mark.behaviour("SIM-COND-02")
def test_a_price_condition_turns_true_when_the_price_gets_there() -> None:
    lab = Lab()
    client = lab.connect()
    level = price(lab, "AAPL") - Decimal("0.20")
    client.say(conditional(PriceCondition(is_more=False, price=float(level), con_id=AAPL, exchange="SMART")))
    while lab.venue.open_orders():
        lab.wait(0.25)
    client.listen()
    assert price(lab, "AAPL") <= level
    assert statuses(client)[-1] == "Filled"


@pytest.mark.behaviour("SIM-COND-03")
@pytest.mark.parametrize(
    ("conditions", "is_true"),
    [
        ((NOW, NEVER), False),
        ((with_or(NOW), NEVER), True),
        ((NEVER, with_or(NOW), NOW), True),
        ((NOW, with_or(NEVER), NOW, NEVER), False),
        ((with_or(NEVER), NOW, NOW), True),
        ((NOW, with_or(NOW)), True),
    ],
)
def test_conditions_are_joined(conditions: tuple[Condition, ...], is_true: bool) -> None:
    lab, client = asked(*conditions)
    wait(lab, client, 1)
    assert statuses(client)[-1] == ("Filled" if is_true else "PreSubmitted")


@pytest.mark.behaviour("SIM-COND-04")
def test_conditions_may_cancel_instead() -> None:
    moment = TimeCondition(is_more=True, time=at(FRIDAY + timedelta(minutes=1)))
    lab = Lab()
    client = lab.connect()
    client.say(ticket(conditions=(moment,), conditions_cancel_order=True))
    assert statuses(client)[-1] == "Submitted"
    lab.jump(FRIDAY + timedelta(minutes=1))
    client.listen()
    assert (statuses(client)[-1], codes(client)) == ("Cancelled", [202])


@pytest.mark.behaviour("SIM-COND-05")
@pytest.mark.parametrize(("ignores", "left"), [(True, 0), (False, 1)])
def test_a_condition_by_night_counts_only_if_it_shall(ignores: bool, left: int) -> None:
    by_night = TimeCondition(is_more=True, time=at(FRIDAY + timedelta(hours=7)))
    lab = Lab()
    client = lab.connect()
    client.say(
        ticket(conditions=(by_night,), conditions_cancel_order=True, conditions_ignore_rth=ignores, tif="GTC")
    )
    lab.jump(FRIDAY + timedelta(hours=7) - timedelta(seconds=1))
    assert len(lab.venue.open_orders()) == 1
    lab.jump(FRIDAY + timedelta(hours=7))
    assert len(lab.venue.open_orders()) == left
    lab.jump(FRIDAY + timedelta(days=3))
    client.listen()
    assert statuses(client)[-1] == "Cancelled"


@pytest.mark.behaviour("SIM-COND-06")
@pytest.mark.parametrize("version", [157, 176, 178])
def test_conditions_come_back_as_they_were_sent(version: int) -> None:
    sent = (
        PriceCondition(is_more=True, price=99_999.5, con_id=AAPL, exchange="SMART", trigger_method=3),
        with_or(TimeCondition(is_more=False, time="20260102-18:00:00")),
        MarginCondition(is_more=False, percent=5),
        ExecutionCondition(sec_type="STK", exchange="SMART", symbol="MSFT"),
        with_or(VolumeCondition(is_more=True, volume=2_000_000_000, con_id=AAPL, exchange="SMART")),
        PercentCondition(is_more=True, change_percent=33.5, con_id=AAPL, exchange="SMART"),
    )
    client = Lab().connect(version=version)
    client.say(conditional(*sent, conditions_ignore_rth=True), CancelOrder(order_id=1))
    assert statuses(client)[-1] == "Cancelled"
    (done,) = [one for one in client.say(ReqCompletedOrders()) if isinstance(one, CompletedOrder)]
    assert opened(client).conditions == done.conditions == sent
    assert opened(client).conditions_ignore_rth is done.conditions_ignore_rth is True


@pytest.mark.behaviour("SIM-COND-07")
@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (PriceCondition(price=1.0, con_id=0), 147),
        (VolumeCondition(volume=1, con_id=12345), 200),
        (TimeCondition(time=""), 147),
        (TimeCondition(time="soon"), 337),
        (PriceCondition(price=1.0, con_id=AAPL, trigger_method=6), 146),
        (PriceCondition(price=1e300, con_id=AAPL), 109),
    ],
)
def test_a_condition_that_means_nothing_is_refused(condition: Condition, code: int) -> None:
    lab, client = asked(condition)
    assert codes(client) == [code]
    assert lab.venue.open_orders() == ()


@pytest.mark.behaviour("SIM-COND-08")
def test_a_stop_waits_for_its_condition_first() -> None:
    moment = TimeCondition(is_more=True, time=at(FRIDAY + timedelta(minutes=1)))
    lab, client = asked(moment, order_type="STP", action="SELL", aux_price=900.0)
    client.listen()
    assert lab.venue.open_orders()[0].why_held == ""
    wait(lab, client, 59)
    assert statuses(client) == ["PreSubmitted"]
    wait(lab, client, 2)
    assert once(statuses(client)) == ["PreSubmitted", "Submitted", "Filled"]


@pytest.mark.behaviour("SIM-COND-09")
@settings(max_examples=8, deadline=None)
@given(
    cuts=st.lists(st.integers(1, 200_000), max_size=8),
    cents=st.integers(-60, 60),
    method=st.sampled_from([0, 1, 3, 4, 7, 8]),
    is_more=st.booleans(),
)
def test_a_condition_turns_true_at_the_same_step(
    cuts: list[int], cents: int, method: int, is_more: bool
) -> None:
    ends = []
    for pieces in ([], cuts):
        lab = Lab()
        level = float(price(lab, "AAPL") + Decimal(cents) / 100)
        first = PriceCondition(
            is_more=is_more, price=level, con_id=AAPL, exchange="SMART", trigger_method=method
        )
        lab.connect().say(
            conditional(first, VolumeCondition(is_more=True, volume=1000, con_id=AAPL, exchange="SMART")),
            conditional(with_or(first), NEVER, order_id=2),
            ticket(3, conditions=(first,), conditions_cancel_order=True),
        )
        for piece in pieces:
            lab.venue.advance(lab.venue.now + timedelta(milliseconds=piece))
        lab.venue.advance(FRIDAY + timedelta(minutes=40))
        ends.append(lab.venue.snapshot())
    assert ends[0] == ends[1]
