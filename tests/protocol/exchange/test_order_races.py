"""Changes, cancels and fills that come together: what a client hears last of an order is how it stands."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocol.exchange.lab import FRIDAY, Lab, Speaker
from tests.protocol.exchange.tickets import at_market, codes, once, price, statuses, ticket

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.wire.account_requests import CancelOrder
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.order_answers import ExecDetails, OpenOrder, OrderStatus

CLOSE = FRIDAY + timedelta(hours=6)
SMART = {"sec_type": "STK", "exchange": "SMART", "currency": "USD"}
OFFSETS = (-9.0, -0.03, 0.0, 0.5, 9.0)
QUANTITIES = (1, 300, 2000)
IDS = st.integers(1, 6)
NEW = st.tuples(
    st.just("place"),
    IDS,
    st.sampled_from(["BUY", "SELL"]),
    st.sampled_from(["LMT", "STP", "MKT"]),
    st.sampled_from(OFFSETS),
    st.sampled_from(QUANTITIES),
    st.sampled_from(["DAY", "IOC", "FOK"]),
    st.sampled_from([("", 0), ("group", 1), ("group", 2)]),
)
STEP = NEW | st.tuples(st.just("cancel"), IDS) | st.tuples(st.just("wait"), st.sampled_from([0.1, 2.0]))


def started() -> tuple[Lab, Speaker, float]:
    """A client, and the market's price."""
    lab = Lab()
    return lab, lab.connect(), float(price(lab))


def heard_last(client: Speaker, order_id: int) -> tuple[str, Decimal, Decimal]:
    last = [m for m in client.all(OrderStatus) if m.order_id == order_id][-1]
    return last.status, last.filled, last.remaining


def stands(lab: Lab, order_id: int) -> tuple[str, Decimal, Decimal]:
    order = lab.venue.books.find(1, order_id)
    assert order is not None
    return order.state, order.view().filled, order.view().remaining


@pytest.mark.behaviour("SIM-FLOW-28")
def test_a_change_that_fills_at_once_is_echoed_before_its_fill() -> None:
    lab, client, market = started()
    client.say(ticket(1, lmt_price=round(market - 9, 2), total_quantity=Decimal(10)))
    before = len(client.heard)
    client.say(ticket(1, lmt_price=round(market + 2, 2), total_quantity=Decimal(10)))
    told = [m.status for m in client.heard[before:] if isinstance(m, OrderStatus)]
    assert told == ["Submitted", "Submitted", "Filled", "Filled"]
    opened = [m.status for m in client.heard[before:] if isinstance(m, OpenOrder)]
    assert opened[-1] == "Filled"
    assert heard_last(client, 1) == stands(lab, 1) == ("Filled", Decimal(10), Decimal(0))


@pytest.mark.behaviour("SIM-FLOW-28")
def test_a_target_that_is_moved_through_the_market_ends_filled_and_its_stop_cancelled() -> None:
    lab, client, market = started()
    client.say(at_market(1, transmit=False))
    target = {"action": "SELL", "parent_id": 1}
    client.say(ticket(2, **target, lmt_price=round(market + 9, 2), transmit=False))
    client.say(ticket(3, **target, order_type="STP", lmt_price=None, aux_price=round(market - 9, 2)))
    lab.wait(1.0)
    client.say(ticket(2, **target, lmt_price=round(market - 2, 2)))
    assert [heard_last(client, n)[0] for n in (1, 2, 3)] == ["Filled", "Filled", "Cancelled"]
    assert once(statuses(client, 2))[-2:] == ["Submitted", "Filled"]


@pytest.mark.behaviour("SIM-FLOW-28")
def test_a_change_that_fills_in_part_tells_the_part_last_and_goes_on() -> None:
    """What is filled never grows less from one status to the next."""
    lab, client, market = started()
    client.say(ticket(1, lmt_price=round(market - 9, 2), total_quantity=Decimal(300)))
    book = lab.venue.quote(lab.con_id("SPY"))
    assert book is not None
    assert book.ask is not None
    assert book.ask_size is not None
    client.say(ticket(1, lmt_price=float(book.ask), total_quantity=Decimal(book.ask_size + 500)))
    filled = [m.filled for m in client.all(OrderStatus)]
    assert filled[-1] == book.ask_size
    assert filled == sorted(filled)
    assert heard_last(client, 1) == stands(lab, 1)
    client.say(CancelOrder(order_id=1))
    assert heard_last(client, 1)[:2] == ("Cancelled", sum(m.shares for m in client.all(ExecDetails)))


@pytest.mark.behaviour("SIM-FLOW-29")
@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"lmt_price": 999.0}, 163),
        ({"lmt_price": 1e12}, 109),
        ({"contract": Contract(symbol="NOPE", **SMART)}, 200),
    ],
)
def test_a_change_that_is_refused_is_not_the_end_of_the_order(terms: dict[str, Any], code: int) -> None:
    lab = Lab(Rules(percentage=3.0))
    client = lab.connect()
    client.say(ticket(1), ticket(1, **terms))
    assert codes(client) == [code]
    assert isinstance(client.heard[-1], OrderStatus)
    assert heard_last(client, 1) == stands(lab, 1) == ("Submitted", Decimal(0), Decimal(1))


@pytest.mark.behaviour("SIM-FLOW-29")
def test_a_change_that_the_account_cannot_pay_leaves_the_order_and_says_so() -> None:
    """Clients end an order on 201; the status that follows takes it back."""
    lab, client, _ = started()
    client.say(ticket(1))
    client.say(ticket(1, total_quantity=Decimal(100_000)))
    assert codes(client) == [201]
    assert isinstance(client.heard[-1], OrderStatus)
    assert heard_last(client, 1) == stands(lab, 1) == ("Submitted", Decimal(0), Decimal(1))


@pytest.mark.behaviour("SIM-FLOW-29")
@pytest.mark.parametrize(
    "request_", [CancelOrder(order_id=1), at_market(order_type="MOC", total_quantity=Decimal(2))]
)
def test_a_request_that_comes_too_late_for_the_close_leaves_the_order_submitted(request_: Any) -> None:
    lab = Lab(start=CLOSE - timedelta(minutes=11))
    client = lab.connect()
    client.say(at_market(order_type="MOC"))
    lab.jump(CLOSE - timedelta(minutes=9))
    client.say(request_)
    assert codes(client) == [161]
    assert heard_last(client, 1) == stands(lab, 1) == ("Submitted", Decimal(0), Decimal(1))


@pytest.mark.behaviour("SIM-FLOW-30")
@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(STEP, min_size=3, max_size=14))
def test_whatever_comes_together_the_last_status_is_how_the_order_stands(
    steps: list[tuple[Any, ...]],
) -> None:
    lab, client, market = started()
    for step in steps:
        act(lab, client, market, step)
    client.listen()
    for order_id in {m.order_id for m in client.all(OrderStatus)}:
        assert heard_last(client, order_id) == stands(lab, order_id)
        fills = sum(m.shares for m in client.all(ExecDetails) if m.order_id == order_id)
        assert fills == stands(lab, order_id)[1]


def act(lab: Lab, client: Speaker, market: float, step: tuple[Any, ...]) -> None:
    """One step of a race: an id that is used again changes its order, if the exchange still has it."""
    match step:
        case ("place", order_id, action, kind, offset, quantity, tif, (group, oca_type)):
            level = round(market + offset, 2)
            client.say(
                ticket(
                    order_id,
                    action=action,
                    order_type=kind,
                    lmt_price=level if kind == "LMT" else None,
                    aux_price=level if kind == "STP" else None,
                    total_quantity=Decimal(quantity),
                    tif=tif,
                    oca_group=group,
                    oca_type=oca_type,
                )
            )
        case ("cancel", order_id):
            client.say(CancelOrder(order_id=order_id))
        case (_, seconds):
            lab.wait(seconds)
