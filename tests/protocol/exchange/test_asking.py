"""Orders of several clients and of the person at TWS's own window."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.protocol.exchange.lab import Lab
from tests.protocol.exchange.tickets import at_market, codes, statuses, ticket

from sumppump.exchange.commands import ManualCancel, ManualOrder, OrderSpec, ReviseExecution
from sumppump.exchange.desks.line import Rules
from sumppump.exchange.listing.instruments import ContractQuery
from sumppump.exchange.reports import OrderView
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.account_requests import (
    CancelOrder,
    ReqAllOpenOrders,
    ReqAutoOpenOrders,
    ReqCompletedOrders,
    ReqExecutions,
    ReqOpenOrders,
)
from sumppump.exchange.wire.order_answers import (
    CommissionReport,
    CompletedOrder,
    ExecDetails,
    OpenOrder,
    OpenOrderEnd,
    OrderBound,
    OrderStatus,
)

SHARES = ContractQuery(symbol="SPY", sec_type="STK", exchange="SMART", currency="USD")
RESTING = OrderSpec(action="BUY", quantity=Decimal(1), order_type="LMT", limit=Decimal(300))


def by_hand(lab: Lab, spec: OrderSpec = RESTING) -> OrderView:
    """An order that a person enters in TWS."""
    lab.hall.publish(lab.venue.apply(ManualOrder(SHARES, spec)))
    return lab.venue.open_orders()[-1] if lab.venue.open_orders() else lab.venue.completed_orders()[-1]


@pytest.mark.behaviour("SIM-ASK-01")
def test_five_orders_by_hand_are_five_rows_with_id_0() -> None:
    lab = Lab()
    client = lab.connect(3)
    for _ in range(5):
        by_hand(lab)
    assert client.listen() == []
    rows = [one for one in client.say(ReqAllOpenOrders()) if isinstance(one, OpenOrder)]
    assert [(row.order_id, row.client_id, row.order_ref) for row in rows] == [(0, 0, "")] * 5
    assert len({row.perm_id for row in rows}) == 5
    assert client.say(ReqOpenOrders()) == [OpenOrderEnd()]


@pytest.mark.behaviour("SIM-ASK-02")
def test_client_0_binds_what_is_there_and_what_comes() -> None:
    lab = Lab()
    first = by_hand(lab)
    client = lab.connect(0)
    heard = client.say(ReqOpenOrders())
    assert isinstance(heard[0], OrderBound)
    assert (heard[0].perm_id, heard[0].client_id, heard[0].order_id) == (first.perm_id, 0, -2)
    assert client.say(ReqAutoOpenOrders(auto_bind=True)) == []
    second = by_hand(lab)
    lab.wait(0.1)
    bound, opened, status = client.listen()
    assert (bound.perm_id, bound.order_id) == (second.perm_id, -3)
    assert (opened.order_id, status.order_id, status.status) == (-3, -3, "Submitted")


@pytest.mark.behaviour("SIM-ASK-02")
def test_without_binding_client_0_hears_nothing_of_them() -> None:
    lab = Lab()
    client = lab.connect(0)
    client.say(ReqAutoOpenOrders(auto_bind=True))
    client.say(ReqAutoOpenOrders(auto_bind=False))
    by_hand(lab)
    lab.wait(1)
    assert client.listen() == []


@pytest.mark.behaviour("SIM-ASK-03")
def test_a_bound_order_is_changed_and_cancelled_by_its_negative_id() -> None:
    lab = Lab()
    by_hand(lab)
    client = lab.connect(0)
    client.say(ReqOpenOrders(), ticket(-2, lmt_price=301.0))
    assert lab.venue.open_orders()[0].limit == 301
    client.say(CancelOrder(order_id=-2))
    assert (statuses(client, -2)[-1], codes(client, -2)) == ("Cancelled", [202])
    assert lab.venue.open_orders() == ()


@pytest.mark.behaviour("SIM-ASK-04")
def test_a_person_cancels_an_order_of_a_client() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(ticket())
    lab.hall.publish(lab.venue.apply(ManualCancel(lab.venue.open_orders()[0].perm_id)))
    assert [type(one) for one in client.listen()] == [OrderStatus, ErrorMessage]
    assert (statuses(client)[-1], codes(client)) == ("Cancelled", [202])


@pytest.mark.behaviour("SIM-ASK-05")
def test_the_master_client_hears_of_everything() -> None:
    lab = Lab(Rules(master_client=9))
    master, other = lab.connect(9), lab.connect(1)
    other.say(at_market(5))
    by_hand(lab)
    master.listen()
    assert (master.all(OpenOrder)[0].order_id, master.all(OpenOrder)[0].client_id) == (5, 1)
    assert master.all(OpenOrder)[-1].order_id == 0
    assert [(one.order_id, one.client_id) for one in master.all(ExecDetails)] == [(5, 1)]
    assert len(master.all(CommissionReport)) == 1


@pytest.mark.behaviour("SIM-ASK-06")
def test_completed_orders_of_the_api_only() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(at_market())
    by_hand(lab, replace(RESTING, order_type="MKT", limit=None))
    counts = [
        len([one for one in client.say(ReqCompletedOrders(api_only=only)) if isinstance(one, CompletedOrder)])
        for only in (False, True)
    ]
    assert counts == [2, 1]


@pytest.mark.behaviour("SIM-ASK-07")
def test_a_corrected_execution_replaces_the_first_one() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(at_market(total_quantity=Decimal(10)))
    (first,) = client.all(ExecDetails)
    cash = total(lab)
    better = Decimal(str(first.price)) - 1
    lab.hall.publish(lab.venue.apply(ReviseExecution(first.exec_id, better)))
    (again,) = [one for one in client.listen() if isinstance(one, ExecDetails)]
    assert again.exec_id == first.exec_id[:-2] + "02"
    assert again.price == float(better)
    assert total(lab) - cash == 10
    rows = [one for one in client.say(ReqExecutions(req_id=4)) if isinstance(one, ExecDetails)]
    assert [one.exec_id for one in rows] == [again.exec_id]


@pytest.mark.behaviour("SIM-ASK-08")
def test_a_busted_execution_leaves_neither_shares_nor_costs() -> None:
    lab = Lab()
    client = lab.connect()
    before = total(lab)
    client.say(at_market(total_quantity=Decimal(10)))
    (first,) = client.all(ExecDetails)
    lab.hall.publish(lab.venue.apply(ReviseExecution(first.exec_id, None)))
    (again,) = [one for one in client.listen() if isinstance(one, ExecDetails)]
    assert (again.exec_id[-2:], again.shares) == ("02", 0)
    assert total(lab) == before
    assert lab.venue.positions() == ()


def total(lab: Lab) -> Decimal:
    return next(Decimal(row.value) for row in lab.venue.account_values() if row.key == "TotalCashValue")


@pytest.mark.behaviour("SIM-ASK-09")
def test_another_client_s_order_cannot_be_changed() -> None:
    lab = Lab()
    one, two = lab.connect(1), lab.connect(2)
    one.say(ticket(4))
    two.say(ReqAllOpenOrders(), ticket(4, lmt_price=301.0))
    assert [(view.client_id, view.limit) for view in lab.venue.open_orders()] == [(1, 300), (2, 301)]


@pytest.mark.behaviour("SIM-ASK-10")
def test_the_preset_for_the_time_in_force_warns_of_itself() -> None:
    lab = Lab(Rules(presets_tif=True))
    client = lab.connect()
    client.say(ticket(1, tif=""), ticket(2, tif="DAY"))
    assert (codes(client, 1), codes(client, 2)) == ([10349], [])
    assert statuses(client, 1)[-1] == "Submitted"
    (only,) = client.say(ticket(3, tif="", what_if=True))
    assert only.code == 10349


@pytest.mark.behaviour("SIM-ASK-07")
def test_a_correction_moves_the_average_cost_and_a_bust_is_no_day_trade() -> None:
    lab = Lab()
    client = lab.connect()
    client.say(at_market(total_quantity=Decimal(10)))
    (first,) = client.all(ExecDetails)
    (held,) = lab.venue.positions()
    lab.hall.publish(lab.venue.apply(ReviseExecution(first.exec_id, Decimal(str(first.price)) - 1)))
    (corrected,) = lab.venue.positions()
    assert corrected.avg_cost == held.avg_cost - 1
    again = client.say(ReqExecutions(req_id=4))
    lab.hall.publish(
        lab.venue.apply(ReviseExecution(next(m.exec_id for m in again if isinstance(m, ExecDetails)), None))
    )
    assert lab.venue.positions() == ()
    assert not lab.venue.backoffice.account.has_day_trades
