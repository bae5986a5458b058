"""Incidents of others, had again by name and seed: the fault, what is done, and what a client sees.

The numbers are those of the project's list of public threads. Left out are the incidents whose fault
begins inside the program under test (see `NOT_OURS`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.exchange.lab import SPY
from tests.protocol.trouble.scenes import (
    Stage,
    bought_meanwhile,
    codes,
    filling,
    of,
    resting,
    spread,
    stage,
    ticked,
)

from sumppump.exchange.wire import account_answers as say
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_answers import ContractDataEnd
from sumppump.exchange.wire.market_requests import ReqContractDetails
from sumppump.exchange.wire.order_answers import (
    CommissionReport,
    CompletedOrdersEnd,
    ExecDetails,
    ExecDetailsEnd,
    OpenOrder,
    OrderStatus,
)

Seen = list[Any]
Act = Callable[[Stage], None]
LATE = (say.CurrentTime, CompletedOrdersEnd)
TOLD = (OpenOrder, OrderStatus, ExecDetails)
BAG = Contract(symbol="SPY", sec_type="BAG", exchange="SMART", currency="USD")


def asks(*makes: Callable[[Stage], Any], wait: float = 1.0) -> Act:
    """Say these messages, one after the other, and listen each time."""

    def act(here: Stage) -> None:
        for make in makes:
            here.ask(make(here))
            here.wait(wait)

    return act


def waits(seconds: float) -> Act:
    return lambda here: void(here.wait(seconds))


def void(_: object) -> None:
    """Nothing is made of it."""


def after(*acts: Act) -> Act:
    def act(here: Stage) -> None:
        for one in acts:
            one(here)

    return act


def rests(here: Stage) -> Any:
    return resting(here.lab)


def fills(here: Stage) -> Any:
    return filling(here.lab)


def changes(here: Stage) -> Any:
    return replace(resting(here.lab), lmt_price=0.02)


def cancels(_: Stage) -> Any:
    return ask.CancelOrder(order_id=1)


def previews(here: Stage) -> Any:
    return replace(filling(here.lab), what_if=True)


def combos(here: Stage) -> Any:
    return spread(here.lab, quantity=5)


def says(message: Any) -> Callable[[Stage], Any]:
    return lambda _: message


def fills_meanwhile(here: Stage) -> None:
    here.lab.hall.publish(here.lab.venue.apply(bought_meanwhile(here.lab, 1)))


def connects_again(here: Stage) -> None:
    here.client = here.lab.connect(1)


def statuses(seen: Seen) -> list[str]:
    return [one.status for one in of(OrderStatus, seen)]


def fills_of(seen: Seen) -> list[tuple[str, Decimal]]:
    return [(one.instrument.sec_type, one.shares) for one in of(ExecDetails, seen)]


def working(here: Stage) -> int:
    return len(here.lab.venue.open_orders())


@dataclass(frozen=True)
class Incident:
    """One incident.

    Attributes:
        numbers: in the list.
        before: what is done before the fault begins.
        act: what is done then.
        sees: what has to be true of the place and of all that was heard since the fault began.
    """

    numbers: str
    fault: str
    sees: Callable[[Stage, Seen], bool]
    act: Act = void
    before: Act = void
    parameters: Mapping[str, Any] = field(default_factory=dict)
    start: datetime = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def row(numbers: str, fault: str, sees: Callable[[Stage, Seen], bool], **more: Any) -> Incident:
    return Incident(numbers, fault, sees, **more)


INCIDENTS = (
    row("01", "F-01", lambda h, s: not of(OpenOrder, s) and working(h) == 0, act=asks(rests, wait=30.0)),
    row("02 49", "F-02", lambda h, s: statuses(s)[-1:] == ["Submitted"], act=asks(rests, wait=91.0)),
    row("02 49", "F-02", lambda h, s: not of(OpenOrder, s) and working(h) == 0, act=asks(rests, wait=89.0)),
    row("03", "F-03", lambda h, s: h.client.session.is_reset and working(h) == 0, act=asks(rests)),
    row(
        "03 17 39",
        "F-04",
        lambda h, s: len({one.perm_id for one in of(OpenOrder, s) if one.order_id == 1}) == 2,
        before=asks(rests),
        act=after(asks(rests), asks(says(ask.ReqOpenOrders()))),
    ),
    row(
        "04",
        "F-05",
        lambda h, s: (
            1102 in codes(s) and not statuses(s) and [one.req_id for one in of(ExecDetails, s)] == [5]
        ),
        act=after(fills_meanwhile, waits(61.0), asks(says(ask.ReqExecutions(req_id=5)))),
    ),
    row(
        "05",
        "F-06",
        lambda h, s: h.client.session.is_closed and not h.lab.hall.connect(0.0).is_open,
        act=waits(30.0),
        start=datetime(2026, 11, 21, 4, 44, 45, tzinfo=UTC),
    ),
    row(
        "05 15",
        "F-15",
        lambda h, s: h.client.session.is_closed,
        act=waits(30.0),
        start=datetime(2026, 11, 21, 4, 39, 45, tzinfo=UTC),
    ),
    row("06", "F-07", lambda h, s: 200 in codes(s) and not statuses(s), act=asks(fills)),
    row("06", "F-07", lambda h, s: 460 in codes(s), act=asks(fills), parameters={"code": 460}),
    row(
        "07",
        "F-08",
        lambda h, s: codes(s) == [10147] and working(h) == 1,
        before=asks(rests),
        act=asks(cancels),
    ),
    row(
        "08",
        "F-09",
        lambda h, s: "Filled" in statuses(s) and 104 in codes(s),
        act=asks(rests, changes),
    ),
    row(
        "09",
        "F-10",
        lambda h, s: statuses(s)[-1] == "Submitted" and statuses(s).count("Filled") > 5,
        act=asks(fills),
    ),
    row(
        "11 36",
        "F-12",
        lambda h, s: fills_of(s) == [("OPT", 3), ("OPT", 1), ("OPT", 2), ("OPT", 4)],
        act=asks(combos, wait=45.0),
        parameters={"combo": "missing"},
    ),
    row(
        "11 36",
        "F-12",
        lambda h, s: fills_of(s) == [("OPT", 3), ("OPT", 1), ("BAG", 5), ("OPT", 2), ("OPT", 4)],
        act=asks(combos, wait=15.0),
        parameters={"seconds": 10},
    ),
    row(
        "11 36",
        "F-12",
        lambda h, s: fills_of(s) == [("OPT", 3), ("OPT", 1), ("OPT", 2), ("OPT", 4), ("BAG", 5)],
        act=asks(combos, wait=25.0),
        parameters={"combo": "late", "seconds": 10},
    ),
    row(
        "12",
        "F-13",
        lambda h, s: [one.client_id for one in of(OpenOrder, s)] == [77],
        act=asks(says(ask.ReqOpenOrders()), says(ask.ReqAllOpenOrders())),
    ),
    row("13", "F-14", lambda h, s: codes(s)[:20] == [10197] * 20, act=waits(5.0)),
    row(
        "16",
        "F-16",
        lambda h, s: len({one.perm_id for one in h.lab.venue.open_orders()}) == 2,
        act=asks(rests, changes),
    ),
    row("18", "F-17", lambda h, s: working(h) == 1, before=asks(rests), act=waits(120.0)),
    row(
        "19 29",
        "F-18",
        lambda h, s: bool(of(say.Position, s)) and not of(say.PositionEnd, s),
        before=asks(fills),
        act=asks(says(ask.ReqPositions())),
    ),
    row(
        "19 35",
        "F-19",
        lambda h, s: bool(of(ExecDetails, s)) and not of(CommissionReport, s),
        act=asks(fills),
    ),
    row(
        "19",
        "F-19",
        lambda h, s: [one.commission for one in of(CommissionReport, s)] == [-1.0],
        act=asks(fills),
        parameters={"says": "minus one", "seconds": 0},
    ),
    row(
        "20",
        "F-20",
        lambda h, s: statuses(s)[-1] == "Inactive" and 201 in codes(s),
        act=asks(rests, wait=3.0),
    ),
    row(
        "21",
        "F-21",
        lambda h, s: len(of(say.Position, s)) == 1 and not of(OpenOrder, s),
        act=asks(says(ask.ReqPositions())),
    ),
    row(
        "22 51",
        "F-22",
        lambda h, s: 2104 in codes(s) and not ticked(s[-5:]),
        act=waits(60.0),
        parameters={"streams": "dead"},
    ),
    row("23", "F-23", lambda h, s: codes(s).count(2103) > 1 and h.client.session.is_open, act=waits(90.0)),
    row(
        "23",
        "F-24",
        lambda h, s: codes(h.client.heard) == [326] and h.client.session.is_closed,
        before=lambda h: h.lab.leave(h.client),
        act=connects_again,
    ),
    row(
        "24",
        "F-25",
        lambda h, s: (
            next(type(one) for one in s if isinstance(one, OpenOrder | OrderStatus | ExecDetails))
            is ExecDetails
        ),
        act=asks(fills, wait=4.0),
    ),
    row(
        "25",
        "F-26",
        lambda h, s: [(one.order_id, one.order_ref) for one in of(OpenOrder, s)] == [(0, "")] * 5,
        act=asks(says(ask.ReqAllOpenOrders())),
    ),
    row(
        "28",
        "F-29",
        lambda h, s: (
            [type(one) for one in s if isinstance(one, LATE)] == [say.CurrentTime, CompletedOrdersEnd]
        ),
        before=asks(fills),
        act=after(
            asks(says(ask.ReqCompletedOrders()), wait=50.0), asks(says(ask.ReqCurrentTime()), wait=15.0)
        ),
    ),
    row(
        "30",
        "F-30",
        lambda h, s: bool(of(ExecDetails, s)) and not of(ExecDetailsEnd, s),
        before=asks(fills),
        act=asks(says(ask.ReqExecutions(req_id=5))),
    ),
    row("32", "F-32", lambda h, s: 10349 in codes(s) and "Filled" in statuses(s), act=asks(fills)),
    row(
        "33",
        "F-33",
        lambda h, s: codes(s) == [110] and str(h.lab.venue.open_orders()[0].spec.limit) == "0.01",
        before=asks(rests),
        act=asks(changes),
    ),
    row("34", "F-34", lambda h, s: not of(OpenOrder, s), act=asks(previews)),
    row("34", "F-34", lambda h, s: codes(s) == [110], act=asks(previews), parameters={"how": "error"}),
    row(
        "34",
        "F-34",
        lambda h, s: [one.commission for one in of(OpenOrder, s)] == [None],
        act=asks(previews),
        parameters={"how": "unset"},
    ),
    row("37", "F-35", lambda h, s: 201 in codes(s) and "Inactive" not in statuses(s), act=asks(rests)),
    row(
        "37",
        "F-35",
        lambda h, s: 201 not in codes(s) and "Inactive" in statuses(s),
        act=asks(rests),
        parameters={"told": "status only"},
    ),
    row(
        "38",
        "F-36",
        lambda h, s: statuses(s).index("Inactive") < statuses(s).index("Filled"),
        act=asks(rests, cancels),
    ),
    row(
        "41",
        "F-37",
        lambda h, s: not of(ContractDataEnd, s) and h.lab.connect(2).greeting == [],
        act=asks(says(ReqContractDetails(req_id=3, contract=SPY))),
        parameters={"contracts_too": True},
    ),
    row("42", "F-38", lambda h, s: b"Asia/Shanghai" in h.lab.connect(2).greeting[0]),
    row(
        "43",
        "F-39",
        lambda h, s: -1.0 in [one.price for one in s if hasattr(one, "price")],
        act=waits(5.0),
        parameters={"value": "-1", "one_in": 1},
    ),
    row(
        "45",
        "F-41",
        lambda h, s: not of(ContractDataEnd, s) and not codes(s),
        act=asks(says(ReqContractDetails(req_id=3, contract=BAG)), wait=60.0),
    ),
    row(
        "47",
        "F-43",
        lambda h, s: h.client.session.is_closed and not h.lab.hall.connect(0.0).is_open,
        act=waits(60.0),
    ),
    row(
        "48",
        "F-44",
        lambda h, s: of(say.Position, s)[0].instrument.con_id != h.lab.venue.positions()[0].listing.con_id,
        before=asks(fills),
        act=asks(says(ask.ReqPositions())),
    ),
    row(
        "50",
        "F-45",
        lambda h, s: s == [] and h.client.session.is_open,
        act=asks(says(ask.ReqCurrentTime()), wait=20.0),
    ),
)


def had_again(one: Incident, seed: int) -> tuple[Stage, Seen]:
    here = stage(seed=seed, start=one.start)
    one.before(here)
    here.client.listen()
    heard = len(here.client.heard)
    here.cause(one.fault, **one.parameters)
    one.act(here)
    here.client.listen()
    return here, here.client.heard[heard:]


@pytest.mark.behaviour("SIM-SCENE-06")
@pytest.mark.parametrize("one", INCIDENTS, ids=lambda one: f"{one.numbers}-{one.fault}")
def test_an_incident_can_be_had_again(one: Incident) -> None:
    """With the same seed it is the same to the last message."""
    here, seen = had_again(one, 7)
    assert one.sees(here, seen), seen
    assert repr(had_again(one, 7)[1]) == repr(seen)
