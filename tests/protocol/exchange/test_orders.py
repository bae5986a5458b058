"""The life of an order in the messages and the order that clients see."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.exchange.lab import Lab, Speaker, bought_option, near_option

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.wire.account_answers import ErrorMessage, NextValidId
from sumppump.exchange.wire.account_requests import (
    CancelOrder,
    ReqAllOpenOrders,
    ReqAutoOpenOrders,
    ReqCompletedOrders,
    ReqExecutions,
    ReqGlobalCancel,
    ReqIds,
    ReqOpenOrders,
)
from sumppump.exchange.wire.contracts import Contract, OrderLeg, TimeCondition
from sumppump.exchange.wire.order_answers import (
    CommissionReport,
    CompletedOrder,
    CompletedOrdersEnd,
    ExecDetails,
    ExecDetailsEnd,
    OpenOrder,
    OpenOrderEnd,
    OrderStatus,
)
from sumppump.exchange.wire.place_order import PlaceOrder


def order(lab: Lab, order_id: int, **terms: Any) -> PlaceOrder:
    """One option near the money at a price that nobody will take, unless the terms say otherwise."""
    contract = Contract(con_id=near_option(lab, "C").con_id, exchange="SMART")
    given = {"contract": contract, "total_quantity": Decimal(1), "lmt_price": 0.01, "order_ref": "REF"}
    return PlaceOrder(order_id=order_id, **{**given, **terms})


def spread(lab: Lab, order_id: int, *, price: float, **terms: Any) -> PlaceOrder:
    low, high = near_option(lab, "C"), near_option(lab, "C", offset=5)
    legs = (
        OrderLeg(con_id=low.con_id, action="BUY", exchange="SMART"),
        OrderLeg(con_id=high.con_id, action="SELL", exchange="SMART"),
    )
    bag = Contract(symbol="SPY", sec_type="BAG", exchange="SMART", currency="USD")
    return order(lab, order_id, contract=bag, legs=legs, lmt_price=price, **terms)


def statuses(client: Speaker, order_id: int) -> list[str]:
    return [m.status for m in client.all(OrderStatus) if m.order_id == order_id]


def codes(client: Speaker, order_id: int) -> list[int]:
    return [m.code for m in client.all(ErrorMessage) if m.id == order_id]


@pytest.mark.behaviour("SIM-FLOW-01")
def test_a_resting_order_is_opened_before_its_first_status() -> None:
    """Clients drop a status whose order they have not seen."""
    lab = Lab()
    client = lab.connect()
    client.say(order(lab, 1))
    lab.wait(1.0)
    client.listen()
    kinds = [type(m) for m in client.heard if isinstance(m, OpenOrder | OrderStatus)]
    assert kinds[:2] == [OpenOrder, OrderStatus]
    assert statuses(client, 1)[-1] == "Submitted"
    (opened, *_) = client.all(OpenOrder)
    assert (opened.order_ref, opened.client_id, opened.account) == ("REF", 1, lab.venue.account)
    assert opened.instrument.right == "C"
    assert {m.perm_id for m in client.all(OrderStatus)} == {opened.perm_id}


@pytest.mark.behaviour("SIM-FLOW-02")
def test_a_fill_is_told_by_execution_status_status_again_and_commission() -> None:
    """Live: execDetails, openOrder and orderStatus Filled, both once more, then the commission."""
    lab = Lab()
    client = lab.connect()
    bought_option(lab, client)
    tail = client.heard[client.heard.index(client.all(ExecDetails)[0]) :]
    kinds = [type(m) for m in tail if isinstance(m, ExecDetails | OpenOrder | OrderStatus | CommissionReport)]
    assert kinds == [ExecDetails, OpenOrder, OrderStatus, OpenOrder, OrderStatus, CommissionReport]
    assert statuses(client, 1)[-2:] == ["Filled", "Filled"]
    (execution,) = client.all(ExecDetails)
    (report,) = client.all(CommissionReport)
    assert (execution.req_id, execution.side, execution.shares) == (-1, "BOT", Decimal(1))
    assert report.exec_id == execution.exec_id
    assert report.realized_pnl is None


@pytest.mark.behaviour("SIM-FLOW-03")
def test_a_cancel_is_status_cancelled_and_then_202() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(order(lab, 1))
    lab.wait(0.5)
    client.listen()
    client.say(CancelOrder(order_id=1))
    lab.wait(1.0)
    client.listen()
    assert statuses(client, 1)[-1] == "Cancelled"
    assert codes(client, 1) == [202]
    last_status = max(i for i, m in enumerate(client.heard) if isinstance(m, OrderStatus))
    notice = next(i for i, m in enumerate(client.heard) if isinstance(m, ErrorMessage) and m.code == 202)
    assert notice > last_status


@pytest.mark.behaviour("SIM-FLOW-04")
def test_cancelling_the_unknown_and_the_cancelled_are_different_errors() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(CancelOrder(order_id=77))
    client.say(order(lab, 1))
    client.say(CancelOrder(order_id=1))
    lab.wait(1.0)
    client.listen()
    client.say(CancelOrder(order_id=1))
    assert codes(client, 77) == [10147]
    assert codes(client, 1)[-1] in (10148, 161)


@pytest.mark.behaviour("SIM-FLOW-05")
def test_a_change_is_echoed_twice() -> None:
    """ib_async calls an order modified only on an unchanged status."""
    lab = Lab()
    client = lab.connect()
    client.say(order(lab, 1))
    lab.wait(0.5)
    client.listen()
    heard = client.say(order(lab, 1, lmt_price=0.02))
    opened = [m.lmt_price for m in heard if isinstance(m, OpenOrder)]
    assert opened == [0.02, 0.02]
    assert len([m for m in heard if isinstance(m, OrderStatus)]) == 2


@pytest.mark.behaviour("SIM-FLOW-06")
def test_an_id_that_was_used_before_is_a_duplicate() -> None:
    lab = Lab()
    client = lab.connect()
    bought_option(lab, client, order_id=5)
    client.say(order(lab, 4))
    assert codes(client, 4) == [103]


@pytest.mark.behaviour("SIM-FLOW-07")
def test_the_next_id_lies_beyond_every_id_that_was_used_and_survives_a_reconnect() -> None:
    """Per client, not for all."""
    lab = Lab()
    client = lab.connect(1)
    bought_option(lab, client, order_id=41)
    assert client.say(ReqIds()) == [NextValidId(order_id=42)]
    lab.leave(client)
    assert lab.connect(1).all(NextValidId) == [NextValidId(order_id=42)]
    assert lab.connect(2).all(NextValidId) == [NextValidId(order_id=1)]


@pytest.mark.behaviour("SIM-FLOW-08")
def test_a_combo_is_filled_whole_and_reported_by_combo_and_legs() -> None:
    """First the BAG's execution, then one for each leg."""
    lab = Lab()
    client = lab.connect()
    client.say(spread(lab, 1, price=5.0))
    lab.wait(2.0)
    client.listen()
    kinds = [m.instrument.sec_type for m in client.all(ExecDetails)]
    assert kinds == ["BAG", "OPT", "OPT"]
    assert statuses(client, 1)[-1] == "Filled"
    (opened, *_) = client.all(OpenOrder)
    assert [leg.action for leg in opened.legs] == ["BUY", "SELL"]
    assert opened.legs_description.count("|") == 2
    assert len({m.exec_id for m in client.all(ExecDetails)}) == 3


@pytest.mark.behaviour("SIM-FLOW-09")
def test_a_combo_may_be_bought_for_less_than_nothing() -> None:
    """A credit for the buyer: the limit is negative and no error."""
    lab = Lab()
    client = lab.connect()
    low, high = near_option(lab, "C"), near_option(lab, "C", offset=5)
    legs = (
        OrderLeg(con_id=low.con_id, action="SELL", exchange="SMART"),
        OrderLeg(con_id=high.con_id, action="BUY", exchange="SMART"),
    )
    bag = Contract(symbol="SPY", sec_type="BAG", exchange="SMART", currency="USD")
    client.say(order(lab, 1, contract=bag, legs=legs, lmt_price=-4.9))
    lab.wait(1.0)
    client.listen()
    assert statuses(client, 1)[-1] == "Submitted"


@pytest.mark.behaviour("SIM-FLOW-10")
def test_a_what_if_may_be_answered_twice_and_leaves_no_order() -> None:
    """Recorded: first without margins, then with them; no status, nothing open afterwards."""
    lab = Lab(Rules(double_what_if=True))
    client = lab.connect()
    heard = client.say(spread(lab, 1, price=2.0, what_if=True))
    first, second = [m for m in heard if isinstance(m, OpenOrder)]
    assert first.init_margin_change == "1.7976931348623157E308"
    assert float(second.init_margin_change) - float(second.equity_with_loan_change) > 0
    assert second.commission is not None
    assert not client.all(OrderStatus)
    assert client.say(ReqOpenOrders()) == [OpenOrderEnd()]


@pytest.mark.behaviour("SIM-FLOW-11")
def test_a_what_if_is_answered_once_unless_two_answers_are_ordered() -> None:
    """ib_insync completes on the first answer."""
    lab = Lab()
    heard = lab.connect().say(spread(lab, 1, price=2.0, what_if=True))
    (only,) = [m for m in heard if isinstance(m, OpenOrder)]
    assert float(only.init_margin_change) - float(only.equity_with_loan_change) > 0


@pytest.mark.behaviour("SIM-FLOW-12")
def test_a_bracket_is_silent_until_its_last_order_is_transmitted() -> None:
    """Children wait for their parent, in a group that is named after its permanent id."""
    lab = Lab()
    client = lab.connect()
    stop = {"action": "SELL", "order_type": "STP LMT", "aux_price": 0.01, "lmt_price": 0.01, "parent_id": 1}
    assert client.say(order(lab, 1, transmit=False)) == []
    heard = client.say(order(lab, 2, **stop))
    assert list(dict.fromkeys(m.order_id for m in heard if isinstance(m, OpenOrder))) == [1, 2]
    assert [m.why_held for m in client.all(OrderStatus) if m.order_id == 2][-1] == "child"
    parent, child = (next(m for m in client.all(OpenOrder) if m.order_id == n) for n in (1, 2))
    assert child.oca_group == str(parent.perm_id)
    client.say(CancelOrder(order_id=1))
    lab.wait(1.0)
    client.listen()
    assert statuses(client, 2)[-1] == "Cancelled"


@pytest.mark.behaviour("SIM-FLOW-13")
def test_open_orders_are_one_s_own_and_all_are_everybody_s() -> None:
    lab = Lab()
    one, two = lab.connect(1), lab.connect(2)
    one.say(order(lab, 1))
    assert two.say(ReqOpenOrders()) == [OpenOrderEnd()]
    opened, status, end = two.say(ReqAllOpenOrders())
    assert (opened.order_id, opened.client_id, status.client_id) == (1, 1, 1)
    assert isinstance(end, OpenOrderEnd)


@pytest.mark.behaviour("SIM-FLOW-14")
def test_another_client_may_cancel_what_it_has_seen() -> None:
    """Seen on a live gateway: the status carries the canceller's client id, then 202; the owner hears too."""
    lab = Lab()
    one, two = lab.connect(1), lab.connect(2)
    one.say(order(lab, 9))
    two.say(ReqAllOpenOrders())
    two.say(CancelOrder(order_id=9))
    lab.wait(1.0)
    one.listen()
    two.listen()
    assert statuses(one, 9)[-1] == "Cancelled"
    assert two.all(OrderStatus)[-1].client_id == 2
    assert codes(two, 9) == [202]


@pytest.mark.behaviour("SIM-FLOW-15")
def test_a_global_cancel_takes_every_client_s_orders() -> None:
    lab = Lab()
    one, two = lab.connect(1), lab.connect(2)
    one.say(order(lab, 1))
    two.say(order(lab, 1))
    two.say(ReqGlobalCancel())
    lab.wait(1.0)
    for client in (one, two):
        client.listen()
        assert statuses(client, 1)[-1] == "Cancelled"
        assert codes(client, 1) == [202]


@pytest.mark.behaviour("SIM-FLOW-16")
def test_executions_end_and_commissions_follow_for_one_s_own() -> None:
    lab = Lab()
    one, two = lab.connect(1), lab.connect(2)
    bought_option(lab, one)
    execution, end, report = one.say(ReqExecutions(req_id=7))
    assert (execution.req_id, execution.order_ref) == (7, "")
    assert end == ExecDetailsEnd(req_id=7)
    assert report.exec_id == execution.exec_id
    foreign, end = two.say(ReqExecutions(req_id=8))
    assert foreign.client_id == 1
    assert end == ExecDetailsEnd(req_id=8)


@pytest.mark.behaviour("SIM-FLOW-17")
@pytest.mark.parametrize("version", [157, 176, 178])
def test_completed_orders_have_no_order_id_and_no_quantity(version: int) -> None:
    """Recorded: a filled order comes back with quantity 0 and the filled quantity beside it."""
    lab = Lab()
    client = lab.connect(version=version)
    bought_option(lab, client)
    done, end = client.say(ReqCompletedOrders())
    assert isinstance(done, CompletedOrder)
    assert isinstance(end, CompletedOrdersEnd)
    assert (done.total_quantity, done.filled_quantity, done.status) == (Decimal(0), Decimal(1), "Filled")
    assert done.perm_id == client.all(OpenOrder)[0].perm_id


@pytest.mark.behaviour("SIM-FLOW-18")
def test_orders_live_on_without_their_client() -> None:
    """A disconnect cancels nothing; after reconnecting the same client finds its order."""
    lab = Lab()
    client = lab.connect(1)
    client.say(order(lab, 1))
    lab.leave(client)
    lab.wait(1.0)
    again = lab.connect(1)
    opened, *_ = again.say(ReqOpenOrders())
    assert opened.order_ref == "REF"


REJECTED: list[tuple[dict[str, Any], int]] = [
    ({"total_quantity": None}, 0),
    ({"total_quantity": Decimal(-1)}, 0),
    ({"lmt_price": 0.013}, 110),
    ({"order_type": "PEG MAGIC"}, 0),
    ({"contract": Contract(symbol="SPY", sec_type="STK")}, 321),
    ({"contract": Contract(symbol="NOPE", sec_type="STK", exchange="SMART")}, 200),
    ({"conditions": (TimeCondition(time="tomorrow"),)}, 337),
    ({"algo_strategy": "Magic"}, 439),
    ({"good_after_time": "20261120 25:00:00 US/Eastern"}, 337),
    ({"hedge_type": "D"}, 387),
    ({"total_quantity": Decimal(100_000), "lmt_price": 5.0}, 201),
]


@pytest.mark.behaviour("SIM-FLOW-19")
@pytest.mark.parametrize(("terms", "code"), REJECTED)
def test_what_cannot_be_traded_is_refused_and_leaves_nothing(terms: dict[str, Any], code: int) -> None:
    """Each with an error under the order's id; nothing works afterwards."""
    lab = Lab()
    client = lab.connect()
    client.say(order(lab, 1, **terms))
    lab.wait(0.5)
    client.listen()
    heard = codes(client, 1)
    assert heard
    assert code in (0, heard[-1])
    assert client.say(ReqOpenOrders()) == [OpenOrderEnd()]


@pytest.mark.behaviour("SIM-FLOW-20")
def test_a_rejected_order_is_inactive_before_the_reason_comes() -> None:
    """Observed: orderStatus Inactive, then 201."""
    lab = Lab()
    client = lab.connect()
    client.say(order(lab, 1, total_quantity=Decimal(100_000), lmt_price=5.0))
    lab.wait(0.5)
    client.listen()
    assert statuses(client, 1)[-1] == "Inactive"
    assert codes(client, 1) == [201]


@pytest.mark.behaviour("SIM-FLOW-21")
def test_a_read_only_exchange_takes_no_orders() -> None:
    lab = Lab(Rules(read_only=True))
    client = lab.connect()
    client.say(order(lab, 1), CancelOrder(order_id=1), ReqGlobalCancel())
    texts = [m.text for m in client.all(ErrorMessage) if m.code == 321]
    assert len(texts) == 3
    assert all("Read-Only" in text for text in texts)


@pytest.mark.behaviour("SIM-FLOW-22")
def test_only_client_zero_may_bind_orders() -> None:
    lab = Lab()
    (error,) = lab.connect(1).say(ReqAutoOpenOrders(auto_bind=True))
    assert error.code == 327
    assert lab.connect(0).say(ReqAutoOpenOrders(auto_bind=True)) == []


@pytest.mark.behaviour("SIM-FLOW-23")
def test_an_order_after_hours_waits_with_a_warning() -> None:
    """399 with the order alive and PreSubmitted."""
    lab = Lab()
    client = lab.connect()
    lab.jump(lab.venue.now + timedelta(hours=8))
    client.say(order(lab, 1))
    assert codes(client, 1) == [399]
    assert statuses(client, 1)[-1] == "PreSubmitted"


@pytest.mark.behaviour("SIM-FLOW-24")
def test_an_id_of_one_s_own_never_means_another_s_order() -> None:
    """Order ids repeat between clients: cancelling one's own finished order must not hit a stranger's."""
    lab = Lab()
    one, two, three = lab.connect(1), lab.connect(2), lab.connect(3)
    one.say(order(lab, 9))
    bought_option(lab, two, order_id=9)
    two.say(ReqAllOpenOrders())
    two.say(CancelOrder(order_id=9))
    assert codes(two, 9)[-1] in (161, 10147, 10148)
    three.say(order(lab, 9))
    four = lab.connect(4)
    four.say(ReqAllOpenOrders())
    four.say(CancelOrder(order_id=9))
    assert codes(four, 9) == [10147]
    assert len(lab.venue.open_orders()) == 2
