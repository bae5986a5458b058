"""Orders that go wrong, or are told of as TWS tells on a bad day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.exchange.lab import FRIDAY, Lab, Speaker, near_option
from tests.protocol.exchange.tickets import at_market, codes, once, statuses, ticket, wait

from sumppump.exchange.orders.quirks import Commission, Quirks, Rejection
from sumppump.exchange.reports import Refusal
from sumppump.exchange.venue import Venue
from sumppump.exchange.wire.account_requests import CancelOrder, ReqGlobalCancel, ReqOpenOrders
from sumppump.exchange.wire.contracts import Contract, OrderLeg
from sumppump.exchange.wire.order_answers import (
    CommissionReport,
    ExecDetails,
    OpenOrder,
    OpenOrderEnd,
    OrderStatus,
)

NO_PERMISSION = Refusal(460, "No trading permissions.")


def started(**quirks: Any) -> tuple[Lab, Speaker]:
    """A lab whose orders all have these quirks, and a client."""
    lab = Lab()
    lab.venue.books.quirks.usual = Quirks(**quirks)
    return lab, lab.connect()


@pytest.mark.behaviour("SIM-QUIRK-01")
def test_what_is_said_twice_by_default() -> None:
    _, client = started()
    client.say(at_market(1), ticket(2), ticket(2, lmt_price=301.0), CancelOrder(order_id=2))
    assert statuses(client, 1) == ["PreSubmitted", "Filled", "Filled"]
    assert statuses(client, 2)[-5:] == ["Submitted", "Submitted", "Submitted", "PendingCancel", "Cancelled"]


@pytest.mark.behaviour("SIM-QUIRK-02")
def test_a_silent_order_is_listed_and_nothing_else() -> None:
    lab, client = started(is_silent=True)
    assert client.say(at_market(1), ticket(2), CancelOrder(order_id=2)) == []
    assert client.say(ticket(3)) == []
    assert wait(lab, client, 5) == []
    opened, status, end = client.say(ReqOpenOrders())
    assert (opened.order_id, status.status, end) == (3, "Submitted", OpenOrderEnd())
    assert [one.quantity for one in lab.venue.positions()] == [1]


@pytest.mark.behaviour("SIM-QUIRK-03")
def test_executions_can_come_before_any_status_and_commissions_much_later() -> None:
    lab, client = started(status_ms=(900, 900), commission_ms=(600_000, 600_000))
    (execution,) = client.say(at_market())
    assert isinstance(execution, ExecDetails)
    late = wait(lab, client, 1)
    assert [type(one) for one in late][:2] == [OpenOrder, OrderStatus]
    assert statuses(client) == ["PreSubmitted", "Filled", "Filled"]
    lab.jump(FRIDAY + timedelta(seconds=599))
    assert not [one for one in client.listen() if isinstance(one, CommissionReport)]
    lab.jump(FRIDAY + timedelta(seconds=601))
    assert [one.exec_id for one in client.listen() if isinstance(one, CommissionReport)] == [
        execution.exec_id
    ]


@pytest.mark.behaviour("SIM-QUIRK-03")
def test_a_drawn_delay_is_the_same_in_a_second_run() -> None:
    runs = []
    for _ in range(2):
        lab, client = started(status_ms=(100, 3000), notice_ms=(0, 2000), commission_ms=(10, 5000))
        client.say(at_market(1), ticket(2), CancelOrder(order_id=2))
        lab.wait(6)
        runs.append((client.listen(), client.heard))
    assert runs[0] == runs[1]
    assert runs[0][0]


@pytest.mark.behaviour("SIM-QUIRK-04")
@pytest.mark.parametrize(
    ("form", "told"),
    [(Commission.NEVER, []), (Commission.MINUS_ONE, [-1.0]), (Commission.UNSET, [1.7976931348623157e308])],
)
def test_a_commission_can_be_told_wrongly(form: Commission, told: list[float]) -> None:
    lab, client = started(commission=form)
    client.say(at_market())
    wait(lab, client, 1)
    assert [one.commission for one in client.all(CommissionReport)] == told


@pytest.mark.behaviour("SIM-QUIRK-05")
@pytest.mark.parametrize(
    ("form", "words", "said"),
    [
        (Rejection.STATUS_THEN_CODE, ["Inactive"], [201]),
        (Rejection.CODE_ONLY, [], [201]),
        (Rejection.STATUS_ONLY, ["Inactive"], []),
    ],
)
def test_a_rejection_has_three_forms(form: Rejection, words: list[str], said: list[int]) -> None:
    _, client = started(rejection=form)
    client.say(at_market(total_quantity=100_000))
    assert statuses(client) == words
    assert codes(client) == said


@pytest.mark.behaviour("SIM-QUIRK-06")
def test_a_dialog_holds_an_order_and_lets_it_go_after_ninety_seconds() -> None:
    lab, client = started(hold_ms=90_000)
    assert client.say(ticket(), ReqOpenOrders()) == [OpenOrderEnd()]
    assert wait(lab, client, 89.9) == []
    assert once([one.status for one in wait(lab, client, 0.2) if isinstance(one, OrderStatus)]) == [
        "PreSubmitted",
        "Submitted",
    ]


@pytest.mark.behaviour("SIM-QUIRK-06")
def test_nobody_finds_a_held_order_to_cancel_it() -> None:
    lab, client = started(hold_ms=90_000)
    client.say(ticket(), CancelOrder(order_id=1), ReqGlobalCancel())
    assert codes(client) == [10147]
    wait(lab, client, 91)
    assert statuses(client)[-1] == "Submitted"


@pytest.mark.behaviour("SIM-QUIRK-07")
def test_an_order_can_vanish() -> None:
    lab, client = started(vanishes=True)
    assert client.say(at_market()) == []
    assert wait(lab, client, 100) == []
    assert client.say(ReqOpenOrders()) == [OpenOrderEnd()]
    assert lab.venue.executions() == ()
    assert lab.venue.next_order_id(1) == 2


@pytest.mark.behaviour("SIM-QUIRK-08")
def test_an_order_can_be_rejected_with_any_code_later() -> None:
    lab, client = started(reject=NO_PERMISSION, reject_ms=1000)
    client.say(ticket())
    assert statuses(client)[-1] == "Submitted"
    wait(lab, client, 0.9)
    assert codes(client) == []
    wait(lab, client, 0.2)
    assert (statuses(client)[-1], codes(client)) == ("Inactive", [460])


@pytest.mark.behaviour("SIM-QUIRK-08")
def test_an_order_can_be_rejected_with_any_code_at_once() -> None:
    _, client = started(reject=NO_PERMISSION, rejection=Rejection.CODE_ONLY)
    client.say(at_market())
    assert (statuses(client), codes(client)) == ([], [460])


@pytest.mark.behaviour("SIM-QUIRK-09")
def test_a_change_can_be_ignored() -> None:
    lab, client = started(ignores_changes=True)
    client.say(ticket())
    assert client.say(ticket(lmt_price=301.0)) == []
    assert lab.venue.open_orders()[0].limit == 300
    client.say(at_market(2))
    assert client.say(ticket(2)) == []


@pytest.mark.behaviour("SIM-QUIRK-10")
def test_a_change_can_make_a_second_order() -> None:
    lab, client = started(doubles_on_change=True)
    client.say(ticket(), ticket(lmt_price=301.0))
    assert [one.limit for one in lab.venue.open_orders()] == [300, 301]
    assert len({one.perm_id for one in client.all(OpenOrder)}) == 2
    assert {one.order_id for one in client.all(OpenOrder)} == {1}


@pytest.mark.behaviour("SIM-QUIRK-11")
@pytest.mark.parametrize(
    ("request_", "code"), [(ticket(lmt_price=301.0), 104), (CancelOrder(order_id=1), 10148)]
)
def test_a_fill_can_be_quicker_than_a_request(request_: Any, code: int) -> None:
    _, client = started(fills_first=True)
    client.say(ticket())
    client.say(request_)
    assert (statuses(client)[-1], codes(client)) == ("Filled", [code])
    (fill,) = client.all(ExecDetails)
    assert fill.price == 300.0


@pytest.mark.behaviour("SIM-QUIRK-12")
def test_a_cancel_can_take_two_seconds_in_which_the_order_is_pending_cancel() -> None:
    lab, client = started(cancel_ms=2000)
    client.say(ticket(), CancelOrder(order_id=1))
    assert statuses(client)[-1] == "PendingCancel"
    assert client.say(ReqOpenOrders())[1].status == "PendingCancel"
    wait(lab, client, 1.9)
    assert codes(client) == []
    wait(lab, client, 0.2)
    assert (statuses(client)[-1], codes(client)) == ("Cancelled", [202])


@pytest.mark.behaviour("SIM-QUIRK-12")
def test_a_cancel_can_be_ignored() -> None:
    lab, client = started(ignores_cancels=True)
    client.say(ticket())
    assert client.say(CancelOrder(order_id=1), ReqGlobalCancel()) == []
    assert len(lab.venue.open_orders()) == 1


@pytest.mark.behaviour("SIM-QUIRK-12")
def test_a_cancel_by_night_can_wait_for_the_open() -> None:
    lab, client = started(cancel_waits_for_open=True)
    client.say(ticket(tif="GTC"))
    lab.jump(FRIDAY + timedelta(hours=10))
    client.say(CancelOrder(order_id=1))
    lab.jump(FRIDAY + timedelta(days=3) - timedelta(minutes=31))
    client.listen()
    assert (statuses(client)[-1], codes(client)) == ("PendingCancel", [])
    lab.jump(FRIDAY + timedelta(days=3) - timedelta(minutes=30))
    client.listen()
    assert (statuses(client)[-1], codes(client)) == ("Cancelled", [202])


@pytest.mark.behaviour("SIM-QUIRK-13")
def test_submitted_can_come_after_filled() -> None:
    _, client = started(late_statuses=5)
    client.say(at_market())
    assert statuses(client) == ["PreSubmitted", "Filled", "Filled", *["Submitted"] * 5]


@pytest.mark.behaviour("SIM-QUIRK-13")
def test_an_order_can_seem_inactive_and_then_be_filled() -> None:
    lab, client = started(seems_inactive=True, fills_first=True)
    client.say(ticket())
    assert statuses(client) == ["PreSubmitted", "Submitted", "Inactive"]
    assert len(lab.venue.open_orders()) == 1
    client.say(CancelOrder(order_id=1))
    assert statuses(client)[-1] == "Filled"


@pytest.mark.behaviour("SIM-QUIRK-14")
def test_quirks_are_laid_out_for_single_orders() -> None:
    lab, client = started()
    lab.venue.books.quirks.lay_out(Quirks(is_silent=True), Quirks(reject=NO_PERMISSION))
    client.say(ticket(1), ticket(2), ticket(3))
    assert [statuses(client, n)[-1:] for n in (1, 2, 3)] == [[], ["Inactive"], ["Submitted"]]
    lab.venue.books.quirks.usual = Quirks(fill_repeats=0)
    client.say(at_market(4), CancelOrder(order_id=3))
    assert statuses(client, 4) == ["PreSubmitted", "Filled"]
    assert statuses(client, 3)[-2:] == ["PendingCancel", "Cancelled"]


@pytest.mark.behaviour("SIM-QUIRK-15")
def test_what_is_put_off_does_not_depend_on_how_time_is_cut_up_or_on_a_restart() -> None:
    usual = Quirks(hold_ms=1300, reject=NO_PERMISSION, reject_ms=77_777)
    ends = []
    for cuts in ([], [900, 1250, 1, 60_000], [300_000]):
        lab, client = started()
        lab.venue.books.quirks.lay_out(usual, replace(usual, reject=None, cancel_ms=123_456))
        client.say(ticket(1), ticket(2))
        venue = lab.venue
        for cut in cuts:
            venue.advance(venue.now + timedelta(milliseconds=cut))
            venue = Venue.restore(venue.snapshot())
        venue.advance(FRIDAY + timedelta(minutes=8))
        ends.append((venue.completed_orders(), venue.open_orders(), venue.snapshot()))
    assert ends[0] == ends[1] == ends[2]
    assert [one.order_id for one in ends[0][0]] == [1]


@pytest.mark.behaviour("SIM-QUIRK-16")
def test_presubmitted_can_be_left_out() -> None:
    _, client = started(skips_pre_submitted=True, submits_before_fill=True)
    client.say(ticket(1), at_market(2))
    assert statuses(client, 1) == ["Submitted"]
    assert once(statuses(client, 2)) == ["Submitted", "Filled"]


@pytest.mark.behaviour("SIM-QUIRK-17")
def test_a_what_if_can_go_wrong() -> None:
    lab, client = started()
    lab.venue.books.quirks.lay_out(
        Quirks(is_silent=True), Quirks(blank_what_if=True), Quirks(reject=Refusal(110, "tick"))
    )
    assert client.say(ticket(1, what_if=True)) == []
    blank = client.say(ticket(2, what_if=True))
    assert {one.init_margin_change for one in blank} == {"1.7976931348623157E308"}
    client.say(ticket(3, what_if=True))
    assert codes(client, 3) == [110]
    assert lab.venue.open_orders() == ()


@pytest.mark.behaviour("SIM-QUIRK-18")
def test_a_combo_s_legs_can_fill_unevenly() -> None:
    lab, client = started(uneven_legs=True, legs_ms=40_000)
    low, high = near_option(lab, "C"), near_option(lab, "C", offset=5)
    legs = (
        OrderLeg(con_id=low.con_id, action="BUY", exchange="SMART"),
        OrderLeg(con_id=high.con_id, action="SELL", exchange="SMART"),
    )
    bag = Contract(symbol="SPY", sec_type="BAG", exchange="SMART", currency="USD")
    client.say(ticket(contract=bag, legs=legs, lmt_price=5.0, total_quantity=Decimal(5)))
    assert [(one.instrument.con_id, one.shares) for one in client.all(ExecDetails)] == [
        (low.con_id, 3),
        (high.con_id, 1),
    ]
    assert [(one.listing.con_id, one.quantity) for one in lab.venue.positions()] == sorted(
        [(low.con_id, 3), (high.con_id, -1)]
    )
    assert statuses(client)[-1] == "PreSubmitted"
    wait(lab, client, 40)
    assert [(one.instrument.sec_type, one.shares) for one in client.all(ExecDetails)[2:]] == [
        ("BAG", 5),
        ("OPT", 2),
        ("OPT", 4),
    ]
    assert statuses(client)[-1] == "Filled"
    assert {abs(one.quantity) for one in lab.venue.positions()} == {5}
    charged = sum(one.commission for one in client.all(CommissionReport))
    plain_lab, plain = started()
    plain.say(ticket(contract=bag, legs=legs, lmt_price=5.0, total_quantity=Decimal(5)))
    assert charged == pytest.approx(sum(one.commission for one in plain.all(CommissionReport)), abs=0.011)
    assert plain_lab.venue.seed == lab.venue.seed
