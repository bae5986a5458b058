"""State follows from evidence, the strongest first. Sources: rules R5 to R10 and the incidents named."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.crash.program import CALL, SPREAD
from tests.support.fake_venue import BAG_CON_ID

from sumppump.domain import events as ev
from sumppump.domain.combo import Combo
from sumppump.domain.order_record import OrderRecord, begun
from sumppump.domain.orders import BrokerOrder, BrokerStatus, Environment, Fill, Order, OrderState, OrderType
from sumppump.domain.tickets import Role
from sumppump.kernel.money import Premium

AT = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
REF = "SP1-01M7QJQZC000010001KNNV44TC"


def record(combo: Combo = SPREAD, quantity: int = 2, limit: str = "2.00") -> OrderRecord:
    order = Order(
        combo=combo, quantity=quantity, order_type=OrderType.LMT, limit=Premium.of(limit), account="SIM1",
        environment=Environment.SIM, order_ref=REF,
    )  # fmt: skip
    sending = ev.Sending(
        order=order, role=Role.MAIN, ticket_id="t", strategy_id="s", order_id=1, client_id=17, parent_id=0,
        digest="", frame_sha256="", mono=0.0, at=AT,
    )  # fmt: skip
    return begun(sending, "boot")


def seen(status: BrokerStatus, **more: object) -> ev.Seen:
    facts: dict[str, object] = {"order_ref": REF, "perm_id": 7, "order_id": 1, "client_id": 17}
    return ev.Seen(order_ref=REF, order=BrokerOrder(**(facts | {"status": status} | more)))  # type: ignore[arg-type]


def fill(
    quantity: int, price: str = "2.00", *, base: str = "e1", revision: int = 1, **more: object
) -> ev.Executed:
    facts: dict[str, object] = {
        "exec_base": base, "revision": revision, "order_ref": REF, "perm_id": 7, "order_id": 1,
        "client_id": 17, "account": "SIM1", "con_id": BAG_CON_ID, "sec_type": "BAG", "symbol": "SPY",
        "side": "BUY", "quantity": Decimal(quantity), "price": Decimal(price), "at": AT,
    }  # fmt: skip
    return ev.Executed(order_ref=REF, fill=Fill(**(facts | more)))  # type: ignore[arg-type]


def leg(place: int, quantity: int, price: str, base: str) -> ev.Executed:
    contract = SPREAD.legs[place].contract
    return fill(quantity, price, base=base, con_id=contract.con_id, sec_type="OPT", is_leg=True,
                side="BUY" if place == 0 else "SELL")  # fmt: skip


def after(start: OrderRecord, *events: ev.Event) -> OrderRecord:
    for event in events:
        start = start.apply(event)
    return start


B, States = BrokerStatus, OrderState
DOUBT = ev.Doubted(order_ref=REF, reason="silence", mono=5.0)
CANCEL = ev.CancelSending(order_ref=REF, order_id=1, reason="", mono=1.0)
GONE = ev.Settled(order_ref=REF, state=States.NOT_FOUND, evidence="absent")


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), States.SENDING),
        ((seen(B.PRE_SUBMITTED),), States.LIVE),
        ((seen(B.SUBMITTED), fill(1)), States.PARTIAL),
        ((fill(2),), States.FILLED),
        ((fill(1, base="a"), fill(1, base="b")), States.FILLED),
        ((DOUBT,), States.UNKNOWN),
        ((DOUBT, seen(B.SUBMITTED)), States.LIVE),
        ((DOUBT, fill(1)), States.PARTIAL),
        ((DOUBT, GONE), States.NOT_FOUND),
        ((DOUBT, GONE, seen(B.SUBMITTED)), States.LIVE),
        ((DOUBT, GONE, fill(2)), States.FILLED),
        ((seen(B.SUBMITTED), CANCEL), States.CANCEL_SENDING),
        ((seen(B.SUBMITTED), CANCEL, DOUBT), States.CANCEL_UNKNOWN),
        ((seen(B.SUBMITTED), CANCEL, DOUBT, seen(B.SUBMITTED)), States.CANCEL_UNKNOWN),
        ((seen(B.SUBMITTED), CANCEL, fill(2)), States.FILLED),
        ((seen(B.SUBMITTED), seen(B.CANCELLED)), States.LIVE),
        (
            (seen(B.CANCELLED), ev.Settled(order_ref=REF, state=States.CANCELLED, evidence="")),
            States.CANCELLED,
        ),
        ((ev.Settled(order_ref=REF, state=States.CANCELLED, evidence=""), fill(2)), States.FILLED),
        ((seen(B.FILLED), seen(B.SUBMITTED), fill(2)), States.FILLED),
        ((seen(B.INACTIVE, why_held="locate"), seen(B.SUBMITTED)), States.LIVE),
    ],
)
def test_the_state_is_what_the_evidence_says(events: tuple[ev.Event, ...], state: OrderState) -> None:
    """A status alone is no end (R8); executions beat everything (I-38); late evidence re-opens (I-49)."""
    assert after(record(), *events).state is state


def test_a_late_status_of_lower_rank_is_not_applied() -> None:
    """Incident 9: Filled, then a late Submitted."""
    filled = after(record(), fill(2), seen(B.FILLED))
    assert after(filled, seen(B.SUBMITTED), seen(B.PENDING_SUBMIT)).status is B.FILLED


def test_a_correction_replaces_its_execution_and_a_repetition_is_no_news() -> None:
    """P-13 and fault 53: by base id, the highest revision counts."""
    once = after(record(), fill(1, "2.00", revision=1), fill(1, "2.10", revision=2))
    assert (once.filled, once.avg_fill_price) == (1, Premium.of("2.10"))
    assert once.apply(fill(1, "2.00", revision=1)) == once


def test_legs_alone_count_whole_combos_and_give_the_net_price() -> None:
    """Fault 12: the BAG's row is late or missing; 10.00 bought and 8.10 sold are 1.90 debit."""
    legs = after(record(), leg(0, 2, "10.00", "a"), leg(1, 1, "8.10", "b"))
    assert (legs.filled, legs.state, legs.is_uneven, legs.avg_fill_price) == (1, States.PARTIAL, True, None)
    even = legs.apply(leg(1, 1, "8.10", "c"))
    assert (even.filled, even.avg_fill_price) == (2, Premium.of("1.90"))
    whole = even.apply(fill(2, "1.90", base="bag"))
    assert (whole.filled, whole.avg_fill_price) == (2, Premium.of("1.90"))


def test_leg_rows_that_are_not_marked_as_legs_do_not_count_as_combos() -> None:
    """Only the BAG's own row has the combo's quantity, whatever the flag says."""
    rows = [
        fill(2, "1.90", base="bag"),
        *(replace_leg(leg(place, 2, "9.00", f"l{place}")) for place in (0, 1)),
    ]
    assert after(record(), *rows).filled == 2


def replace_leg(event: ev.Executed) -> ev.Executed:
    return ev.Executed(order_ref=REF, fill=replace(event.fill, is_leg=False))


def test_what_is_sold_alone_is_a_credit() -> None:
    """A single option that was sold at 1.50 was bought at -1.50 in our sign."""
    sold = record(CALL.reversed, quantity=1, limit="-1.50")
    option = {"con_id": CALL.legs[0].contract.con_id, "sec_type": "OPT", "side": "SELL"}
    assert after(sold, fill(1, "1.50", **option)).avg_fill_price == Premium.of("-1.50")


def test_a_modify_is_over_when_the_broker_shows_it_and_not_before() -> None:
    """R11: the old order lives on until the broker shows the new one, and when it refuses (I-33)."""
    live = after(record(), seen(B.SUBMITTED, quantity=Decimal(2), limit=Decimal("2.00")))
    wanted = replace(live.order, limit=Premium.of("2.10"))
    sent = live.apply(
        ev.ModifySending(order=wanted, ticket_id="t2", order_id=1, digest="", frame_sha256="", mono=2.0)
    )
    assert sent.state is States.MODIFY_SENDING
    old = sent.apply(seen(B.SUBMITTED, quantity=Decimal(2), limit=Decimal("2.00")))
    assert (old.state, old.order.limit) == (States.MODIFY_SENDING, Premium.of("2.00"))
    new = sent.apply(seen(B.SUBMITTED, quantity=Decimal(2), limit=Decimal("2.10")))
    assert (new.state, new.order.limit) == (States.LIVE, Premium.of("2.10"))
    kept = sent.apply(ev.Resolved(order_ref=REF, evidence="as before"))
    assert (kept.state, kept.order.limit) == (States.LIVE, Premium.of("2.00"))


EVENTS = [
    seen(B.PENDING_SUBMIT), seen(B.PRE_SUBMITTED), seen(B.SUBMITTED), seen(B.INACTIVE), seen(B.CANCELLED),
    seen(B.FILLED), fill(1, base="a"), fill(1, base="b"), DOUBT, CANCEL, GONE,
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_a_filled_order_stays_filled_whatever_else_is_heard(events: list[ev.Event]) -> None:
    """Once executions make up the quantity nothing else matters, in any order of arrival."""
    full = after(record(), *events, fill(1, base="a"), fill(1, base="b"))
    assert full.state is States.FILLED
    assert after(full, *events).state is States.FILLED


def test_the_order_in_which_executions_come_does_not_matter() -> None:
    """Fault 25: before, between and after the statuses."""
    events = [seen(B.SUBMITTED), fill(1, base="a"), fill(1, "2.20", base="b"), seen(B.FILLED)]
    ends = {(end.state, end.filled, end.avg_fill_price) for end in
            (after(record(), *order) for order in itertools.permutations(events))}  # fmt: skip
    assert ends == {(States.FILLED, Decimal(2), Premium.of("2.10"))}
