"""Orders that depend on each other: brackets, and groups of which one cancels the others."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.unit.exchange.builders import (
    Client,
    fills,
    of,
    option,
    sides,
    single,
    spec,
    states,
    stock,
    top,
    venue,
)

from sumppump.exchange.events import (
    Event,
    OrderCancelled,
    OrderOpened,
)

FAR_BELOW, FAR_ABOVE = Decimal("300.00"), Decimal("900.00")


@pytest.fixture
def client() -> Client:
    return Client(venue())


def bracket(client: Client, target: Decimal, stop: Decimal) -> list[Event]:
    """A bought share lot with a profit target and a stop, staged and then transmitted together."""
    query = single(stock(client.at))
    ask = sides(top(client.at, stock(client.at)))[1]
    silent = client.place(query, spec(quantity=100, limit=ask, transmit=False))
    silent = [*silent, *client.place(query, spec("SELL", 100, limit=target, parent_id=1, transmit=False))]
    assert silent == []
    assert client.at.open_orders() == ()
    return list(client.place(query, spec("SELL", 100, "STP", aux=stop, parent_id=1)))


@pytest.mark.behaviour("SIM-LIFE-19")
def test_a_bracket_appears_at_once_and_its_children_start_when_the_parent_is_filled(client: Client) -> None:
    """Protocol page 5.4, 5: silent until the last one transmits, then the family in the order of ids."""
    events = bracket(client, FAR_ABOVE, FAR_BELOW)
    first_told: list[int] = []
    for event in of(OrderOpened, events):
        if event.order.order_id not in first_told:
            first_told.append(event.order.order_id)
    assert first_told == [1, 2, 3]
    assert states(events, 1) == ["PreSubmitted", "Filled"]
    assert states(events, 2)[-1] == "Submitted"
    assert states(events, 3)[-1] == "PreSubmitted:trigger"


@pytest.mark.behaviour("SIM-LIFE-20")
def test_children_wait_for_a_parent_that_rests(client: Client) -> None:
    query = single(stock(client.at))
    client.place(query, spec(quantity=100, limit=FAR_BELOW, transmit=False))
    events = client.place(query, spec("SELL", 100, limit=FAR_ABOVE, parent_id=1))
    assert states(events, 1) == ["PreSubmitted", "Submitted"]
    assert states(events, 2) == ["PreSubmitted:child"]
    cancelled = client.cancel(1)
    assert [notice.order_id for notice in of(OrderCancelled, cancelled)] == [1, 2]


@pytest.mark.behaviour("SIM-LIFE-21")
def test_one_exit_cancels_the_other(client: Client) -> None:
    last = top(client.at, stock(client.at)).last or Decimal(0)
    bracket(client, last + Decimal("0.25"), last - Decimal("0.25"))
    events = client.wait(6 * 3600 - 1)
    sold = [fill for fill in fills(events) if fill.side == "SLD"]
    assert sum(fill.shares for fill in sold) == 100
    assert len({fill.order_id for fill in sold}) == 1
    assert client.at.positions() == ()
    assert client.at.open_orders() == ()
    assert states(events)[-1] == "Cancelled"


@pytest.mark.behaviour("SIM-LIFE-22")
def test_a_partly_filled_parent_that_is_cancelled_leaves_its_children_for_that_part(client: Client) -> None:
    """Our decision, so that what was bought does not stay without its stop."""
    call = option(client.at, 700)
    quote = top(client.at, call)
    client.place(single(call), spec(quantity=quote.ask_size + 50, limit=quote.ask, transmit=False))
    client.place(single(call), spec("SELL", quote.ask_size + 50, "STP", aux=Decimal("0.10"), parent_id=1))
    client.cancel(1)
    (child,) = client.at.open_orders()
    assert (child.order_id, child.remaining, child.why_held) == (2, quote.ask_size, "trigger")
    assert child.spec.quantity == quote.ask_size


@pytest.mark.behaviour("SIM-LIFE-23")
@pytest.mark.parametrize(("oca_type", "left"), [(1, []), (2, [(1, 5)]), (3, [(1, 5)]), (0, [(1, 5)])])
def test_a_group_is_cancelled_or_reduced_by_what_one_of_it_fills(
    client: Client, oca_type: int, left: list[tuple[int, int]]
) -> None:
    query = single(stock(client.at))
    group: dict[str, Any] = {"oca_group": "exit", "oca_type": oca_type}
    client.place(query, spec(quantity=15, limit=FAR_BELOW, **group))
    client.place(query, spec(quantity=10, kind="MKT", **group))
    assert [(order.order_id, order.remaining) for order in client.at.open_orders()] == left


# -- refusals ---------------------------------------------------------------------------------------
