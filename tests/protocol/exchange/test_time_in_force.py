"""When orders begin, end and may trade."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocol.exchange.lab import FRIDAY, Lab, near_option
from tests.protocol.exchange.tickets import FAR_ABOVE, at_market, codes, once, price, statuses, ticket, wait

from sumppump.exchange.listing.instruments import ContractQuery
from sumppump.exchange.venue import Venue
from sumppump.exchange.wire.account_requests import CancelOrder
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.order_answers import ExecDetails

CLOSE = FRIDAY + timedelta(hours=6)
MONDAY_OPEN = FRIDAY + timedelta(days=3) - timedelta(minutes=30)
BY_NIGHT = FRIDAY + timedelta(hours=8)


@pytest.mark.behaviour("SIM-TIF-01")
@pytest.mark.parametrize(("outside", "ends"), [(False, CLOSE), (True, CLOSE + timedelta(hours=4))])
def test_a_day_order_ends_with_its_hours(outside: bool, ends: Any) -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ticket(outside_rth=outside))
    lab.jump(ends - timedelta(milliseconds=1))
    client.listen()
    assert codes(client) == []
    lab.jump(ends)
    client.listen()
    assert (statuses(client)[-1], codes(client)) == ("Cancelled", [202])


@pytest.mark.behaviour("SIM-TIF-02")
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20261120 10:05:00 US/Eastern", 300),
        ("20261120-15:05:30", 330),
        ("20261120 10:05", 300),
        ("10:10:00 US/Eastern", 600),
        ("20261120 20:30:00 America/New_York", 10.5 * 3600),
        ("20261121 03:00:00 US/Eastern", 17 * 3600),
    ],
)
def test_a_good_till_date_order_ends_at_its_moment(text: str, seconds: float) -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ticket(tif="GTD", good_till_date=text))
    lab.jump(FRIDAY + timedelta(seconds=seconds) - timedelta(milliseconds=250))
    client.listen()
    assert codes(client) == []
    lab.jump(FRIDAY + timedelta(seconds=seconds))
    client.listen()
    assert (statuses(client)[-1], codes(client)) == ("Cancelled", [202])


@pytest.mark.behaviour("SIM-TIF-03")
@pytest.mark.parametrize(
    "terms",
    [
        {"tif": "GTD"},
        {"tif": "GTC", "good_till_date": "20261201 16:00:00 US/Eastern"},
        {"tif": "GTD", "good_till_date": "20261119 16:00:00 US/Eastern"},
        {"tif": "GTD", "good_till_date": "09:59:00"},
    ],
)
def test_an_end_that_makes_no_sense_is_refused(terms: dict[str, Any]) -> None:
    client = Lab().connect()
    client.say(ticket(**terms))
    assert codes(client) == [334]


@pytest.mark.behaviour("SIM-TIF-04")
def test_an_order_does_nothing_before_its_time() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(at_market(1, good_after_time="20261120 10:01:00 US/Eastern"))
    client.say(ticket(2, good_after_time="20300101-01:01:01", tif="DAY"))
    assert [statuses(client, n) for n in (1, 2)] == [["PreSubmitted"]] * 2
    wait(lab, client, 59.9)
    assert client.all(ExecDetails) == []
    wait(lab, client, 0.2)
    assert once(statuses(client, 1)) == ["PreSubmitted", "Filled"]
    lab.jump(FRIDAY + timedelta(days=20))
    assert [view.order_id for view in lab.venue.open_orders()] == [2]
    client.say(CancelOrder(order_id=2))
    assert codes(client, 2) == [202]


@pytest.mark.behaviour("SIM-TIF-05")
def test_orders_for_the_open_fill_at_its_price() -> None:
    lab = Lab(start=BY_NIGHT)
    client = lab.connect()
    client.say(at_market(1, tif="OPG"), ticket(2, tif="OPG"))
    client.say(ticket(3, tif="OPG", lmt_price=FAR_ABOVE))
    assert [statuses(client, n) for n in (1, 2, 3)] == [["PreSubmitted"]] * 3
    lab.jump(MONDAY_OPEN)
    client.listen()
    assert [fill.price for fill in client.all(ExecDetails)] == [float(price(lab))] * 2
    assert (statuses(client, 2)[-1], codes(client, 2)[-1]) == ("Cancelled", 202)


@pytest.mark.behaviour("SIM-TIF-05")
def test_an_order_for_the_open_that_comes_by_day_waits_for_the_next_one() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(at_market(tif="OPG"))
    lab.jump(MONDAY_OPEN - timedelta(seconds=1))
    client.listen()
    assert statuses(client) == ["PreSubmitted"]
    lab.jump(MONDAY_OPEN)
    client.listen()
    assert statuses(client)[-1] == "Filled"


@pytest.mark.behaviour("SIM-TIF-06")
@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"tif": "OPG", "order_type": "STP", "aux_price": 300.0}, 111),
        ({"tif": "AUC"}, 321),
        ({"tif": "SOON"}, 321),
    ],
)
def test_a_time_in_force_that_does_not_fit_is_refused(terms: dict[str, Any], code: int) -> None:
    client = Lab().connect()
    client.say(ticket(**terms))
    assert codes(client) == [code]


@pytest.mark.behaviour("SIM-TIF-07")
def test_what_may_not_wait_ends_at_once() -> None:
    client = Lab().connect()
    client.say(ticket(1, tif="IOC"), ticket(2, tif="FOK"))
    assert statuses(client, 1) == ["PreSubmitted", "PendingCancel", "Cancelled"]
    assert statuses(client, 2) == ["PreSubmitted", "Inactive"]
    assert codes(client, 1) == codes(client, 2) == []


@pytest.mark.behaviour("SIM-TIF-08")
def test_shares_trade_by_night_and_options_wait() -> None:
    lab = Lab(start=BY_NIGHT)
    client = lab.connect()
    option = Contract(con_id=near_option(lab, "C").con_id, exchange="SMART")
    client.say(ticket(1, lmt_price=FAR_ABOVE, outside_rth=True))
    client.say(ticket(2, lmt_price=FAR_ABOVE), ticket(3, contract=option, lmt_price=0.01, outside_rth=True))
    assert [statuses(client, n)[-1] for n in (1, 2, 3)] == ["Filled", "PreSubmitted", "PreSubmitted"]
    assert [codes(client, n) for n in (1, 2, 3)] == [[], [399], [2109, 399]]


@pytest.mark.behaviour("SIM-TIF-09")
def test_a_lasting_order_ends_with_its_contract() -> None:
    lab = Lab()
    query = ContractQuery(symbol="SPY", sec_type="OPT", right="C", exchange="SMART", expiry="20261120")
    option = lab.venue.contracts(query)[0]
    client = lab.connect()
    client.say(ticket(contract=Contract(con_id=option.con_id, exchange="SMART"), lmt_price=0.01, tif="GTC"))
    assert option.last_trade is not None
    venue = Venue.restore(lab.venue.snapshot())
    venue.advance(option.last_trade - timedelta(seconds=1))
    assert len(venue.open_orders()) == 1
    venue.advance(option.last_trade)
    assert [str(view.state) for view in venue.completed_orders()] == ["Cancelled"]


@pytest.mark.behaviour("SIM-TIF-10")
def test_a_late_child_works_if_its_parent_was_filled() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(at_market(1), ticket(2))
    client.say(ticket(3, action="SELL", lmt_price=FAR_ABOVE, parent_id=1))
    assert statuses(client, 3)[-1] == "Submitted"
    client.say(CancelOrder(order_id=2), ticket(4, action="SELL", lmt_price=FAR_ABOVE, parent_id=2))
    assert codes(client, 4) == [135]


group = st.lists(
    st.tuples(st.sampled_from(["LMT", "MKT", "STP", "TRAIL", "MIT", "REL"]), st.integers(-40, 40)),
    min_size=2, max_size=5,
)  # fmt: skip


@pytest.mark.behaviour("SIM-TIF-11")
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), orders=group)
def test_a_group_fills_one_order_s_size_at_most(seed: int, orders: list[tuple[str, int]]) -> None:
    lab = Lab(seed=seed)
    client = lab.connect()
    market = price(lab)
    for order_id, (kind, cents) in enumerate(orders, start=1):
        level = float(market + Decimal(cents) / 100)
        aux = abs(cents) / 100 + 0.01 if kind in ("TRAIL", "REL") else level
        client.say(
            ticket(
                order_id, order_type=kind, lmt_price=level if kind == "LMT" else None,
                aux_price=None if kind in ("LMT", "MKT") else aux, total_quantity=Decimal(10),
                oca_group="g", oca_type=1, good_after_time="10:00:05",
            )
        )  # fmt: skip
    lab.jump(FRIDAY + timedelta(minutes=5))
    client.listen()
    assert sum(fill.shares for fill in client.all(ExecDetails)) <= 10
    assert len({fill.order_id for fill in client.all(ExecDetails)}) <= 1
