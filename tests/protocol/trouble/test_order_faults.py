"""Faults of orders and executions that are in no incident of others: the rest of the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.protocol.exchange.lab import near_option
from tests.protocol.trouble.scenes import Stage, bought_meanwhile, codes, filling, of, resting, stage

from sumppump.exchange.wire import account_answers as say
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.order_answers import CompletedOrder, ExecDetails, OpenOrder, OrderStatus
from sumppump.exchange.wire.place_order import PlaceOrder
from sumppump.kernel.errors import InvalidRequest


@pytest.mark.behaviour("SIM-FAULT-07")
@pytest.mark.parametrize(("how", "shares"), [("corrected", Decimal(1)), ("bust", Decimal(0))])
def test_an_execution_is_revised_under_its_next_number(how: str, shares: Decimal) -> None:
    """Whoever asks later hears of the revision alone."""
    here = stage()
    here.cause("F-53", how=how, price=0.05)
    here.ask(filling(here.lab))
    first, second = of(ExecDetails, here.wait(7.0) and here.client.heard)
    assert (first.exec_id[:-2], second.exec_id[-2:]) == (second.exec_id[:-2], "02")
    assert second.shares == shares
    assert (round(second.price - first.price, 6) == 0.05) == (how == "corrected")
    (later,) = of(ExecDetails, here.ask(ask.ReqExecutions(req_id=5)))
    assert (later.exec_id, later.req_id) == (second.exec_id, 5)


@pytest.mark.behaviour("SIM-FAULT-07")
@pytest.mark.parametrize(("how", "held"), [("corrected", Decimal(1)), ("bust", Decimal(0))])
def test_the_account_follows_a_revision(how: str, held: Decimal) -> None:
    """Whoever watches positions hears of it; a bust gives all the money back."""
    here = stage()
    before = cash(here)
    here.ask(ask.ReqPositions())
    here.cause("F-53", how=how, price=0.05)
    here.ask(filling(here.lab))
    paid = before - cash(here)
    here.wait(7.0)
    assert of(say.Position, here.client.heard)[-1].position == held
    assert before - cash(here) == (paid + 5 if held else 0)


def test_executions_come_twice_and_are_the_same() -> None:
    here = stage()
    here.ask(filling(here.lab))
    here.wait(1.0)
    here.cause("F-54")
    first, second = of(ExecDetails, here.ask(ask.ReqExecutions(req_id=5)))
    assert first == second


@pytest.mark.behaviour("SIM-FAULT-08")
def test_a_global_cancel_reaches_every_second_order() -> None:
    """A second one reaches the rest: the fault was for one."""
    here = stage()
    here.ask(*(resting(here.lab, number) for number in (1, 2, 3, 4)))
    here.cause("F-68")
    told = here.ask(ask.ReqGlobalCancel())
    assert codes(told).count(202) == 2
    assert len(here.lab.venue.open_orders()) == 2
    here.ask(ask.ReqGlobalCancel())
    assert here.lab.venue.open_orders() == ()


@pytest.mark.behaviour("SIM-FAULT-09")
def test_after_the_login_the_account_is_another_one() -> None:
    here = stage()
    here.buy()
    here.cause("F-71")
    assert here.client.session.is_closed
    again = here.lab.connect(1)
    assert again.all(say.ManagedAccounts) == [say.ManagedAccounts(accounts="U7654321")]
    (held,) = of(say.Position, again.say(ask.ReqPositions()))
    assert held.account == "U7654321"
    assert here.lab.venue.account not in repr(again.heard)


def more_than_is_shown(here: Stage) -> tuple[PlaceOrder, int]:
    """An order at the market that the account can pay for, and how much of it can be had at once."""
    option = near_option(here.lab, "C", offset=25)
    book = here.lab.venue.quote(option.con_id)
    assert book is not None
    assert book.ask is not None
    order = replace(
        resting(here.lab, price=float(book.ask)),
        contract=Contract(con_id=option.con_id, exchange="SMART"),
        total_quantity=Decimal(3 * book.ask_size),
    )
    return order, book.ask_size


@pytest.mark.behaviour("SIM-FAULT-10")
def test_the_connection_ends_at_a_partial_fill_and_the_rest_at_the_close() -> None:
    here = stage()
    here.cause("F-72")
    order, shown = more_than_is_shown(here)
    here.ask(order)
    assert here.client.session.is_reset
    here.cause("F-69", percent=6.0, seconds=1)
    here.lab.jump(datetime(2026, 11, 20, 21, 5, tzinfo=UTC))
    again = here.lab.connect(1)
    (done,) = of(CompletedOrder, again.say(ask.ReqCompletedOrders()))
    bought = sum(one.shares for one in of(ExecDetails, again.say(ask.ReqExecutions(req_id=5))))
    assert done.status == "Cancelled"
    assert shown <= bought == done.filled_quantity < order.total_quantity


def market(here: object) -> float:
    lab = here.lab  # type: ignore[attr-defined]
    book = lab.venue.quote(lab.con_id("SPY"))
    assert book is not None
    return float(book.ask)


@pytest.mark.behaviour("SIM-FAULT-11")
def test_read_only_refuses_orders_and_nothing_else() -> None:
    here = stage()
    here.ask(resting(here.lab))
    here.cause("X-02")
    told = here.ask(resting(here.lab, 2), ask.CancelOrder(order_id=1), ask.ReqGlobalCancel())
    assert codes(told) == [321, 321, 321]
    assert len(of(OpenOrder, here.ask(ask.ReqOpenOrders()))) == 1


@pytest.mark.behaviour("SIM-FAULT-12")
def test_a_silent_order_works_and_lists_have_it() -> None:
    here = stage()
    here.cause("X-06")
    assert not of(OrderStatus, here.ask(resting(here.lab)) + here.wait(5.0))
    assert len(of(OpenOrder, here.ask(ask.ReqOpenOrders()))) == 1


@pytest.mark.behaviour("SIM-FAULT-13")
@pytest.mark.parametrize("percent", [-5.0, 4.0])
def test_the_market_moves_as_ordered(percent: float) -> None:
    here = stage()
    before = market(here)
    here.cause("F-69", percent=percent, seconds=30)
    here.lab.wait(35.0)
    assert market(here) / before - 1 == pytest.approx(percent / 100, abs=0.004)


def test_somebody_else_s_hands_touch_orders_and_positions() -> None:
    here = stage()
    here.ask(resting(here.lab))
    here.cause("F-21", does="cancel")
    assert 202 in codes(here.client.listen())
    here.cause("F-21", symbol="AAPL", action="SELL")
    here.wait(1.0)
    assert [one.quantity for one in here.lab.venue.positions()] == [-100]


def test_executions_of_another_zone_are_told_in_its_time() -> None:
    here = stage()
    here.cause("F-38", tz="Asia/Shanghai")
    here.lab.hall.publish(here.lab.venue.apply(bought_meanwhile(here.lab, 1)))
    (one,) = of(ExecDetails, here.wait(1.0))
    assert one.time.startswith("20261120 23:00:0")
    assert one.time.endswith(" Asia/Shanghai")


def test_what_comes_too_fast_gets_100_and_is_lost() -> None:
    here = stage()
    here.cause("X-07", rate=3)
    told = here.ask(*(ask.ReqCurrentTime() for _ in range(5)))
    assert codes(told) == [100, 100]
    assert len(of(say.CurrentTime, told)) >= 1
    here.lab.wait(1.0)
    assert of(say.CurrentTime, here.ask(ask.ReqCurrentTime()))


def test_an_unlisted_contract_is_not_traded_by_hand() -> None:
    """A symbol that nobody knows is a slip, and refused when the fault is ordered."""
    here = stage()
    with pytest.raises(InvalidRequest) as caught:
        here.cause("F-21", symbol="NOPE")
    assert caught.value.code == "bad_parameter"
    assert here.lab.venue.positions() == ()
    assert here.lab.hall.trouble.running == ()


def cash(here: Stage) -> Decimal:
    return here.lab.venue.backoffice.account.cash
