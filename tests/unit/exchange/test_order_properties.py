"""Orders of every type, thrown at the market at random: what must hold whatever they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.exchange.builders import START, Client, fills, of, option, single, stock, top, venue

from sumppump.exchange.commands import Condition, OrderSpec, Watch
from sumppump.exchange.events import Event, OrderStatusChanged
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.orders.orders import KINDS
from sumppump.exchange.venue import Venue

BASE = venue()
SPY, CALL = stock(BASE), option(BASE, 680)

Step = tuple[str, bool, str, int, int, str, int, int, int]
steps = st.tuples(
    st.sampled_from(sorted(KINDS)),
    st.booleans(),  # buys
    st.sampled_from(["stock", "call"]),
    st.integers(1, 300),  # quantity
    st.integers(-30, 30),  # cents from the middle
    st.sampled_from(["DAY", "GTC", "IOC", "FOK", "OPG"]),
    st.sampled_from([0, 0, 1, 4, 8]),  # trigger method
    st.sampled_from([0, 0, 0, 7]),  # seconds until a condition holds
    st.integers(0, 40),  # seconds until the next one
)


def terms(client: Client, step: Step) -> tuple[Listing, OrderSpec]:
    kind, buys, what, quantity, cents, tif, method, holds, _ = step
    listing = SPY if what == "stock" else CALL
    quote = top(client.at, listing)
    middle = ((quote.bid or Decimal(0)) + (quote.ask or Decimal(0))) / 2
    level = max((middle + Decimal(cents) / 100).quantize(Decimal("0.01")), Decimal("0.01"))
    rule = KINDS[kind]
    later = Condition(watches=Watch.TIME, at=client.at.now + timedelta(seconds=holds))
    is_trail, is_peg = rule.trails, rule.peg is not None
    return listing, OrderSpec(
        action="BUY" if buys else "SELL",
        quantity=Decimal(quantity),
        order_type=kind,
        limit=level if rule.needs_limit or (is_peg and cents % 2) else None,
        aux=Decimal("0.01") if is_peg else Decimal(abs(cents) + 1) / 100 if is_trail else level,
        limit_offset=Decimal("0.05") if rule.offsets_limit else None,
        tif=tif,
        trigger_method=method,
        conditions=(later,) if holds else (),
        min_quantity=quantity // 3,
        display_size=quantity // 2,
    )


def run(at: Venue, story: Sequence[Step], cuts: Sequence[int] = ()) -> list[Event]:
    client, events = Client(at), []
    for step in story:
        listing, spec = terms(client, step)
        events += client.place(single(listing), spec)
        until = client.at.now + timedelta(seconds=step[-1])
        for cut in cuts:
            events += at.advance(min(until, at.now + timedelta(milliseconds=cut)))
        events += at.advance(until)
    return events


@pytest.mark.behaviour("SIM-ORDER-18")
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), story=st.lists(steps, min_size=1, max_size=7))
def test_no_fill_is_worse_than_its_limit_and_nothing_is_created(seed: int, story: list[Step]) -> None:
    at = venue(seed)
    events = run(at, story)
    filled: dict[int, Decimal] = defaultdict(Decimal)
    for event in events:
        if isinstance(event, OrderStatusChanged):
            view = event.order
            assert view.filled + view.remaining == view.spec.quantity
            assert view.filled >= 0
            assert view.remaining >= 0
            if KINDS[view.spec.order_type].needs_limit and view.filled and view.limit is not None:
                sign = 1 if view.spec.action == "BUY" else -1
                assert sign * (view.last_fill_price - view.limit) <= 0
    for fill in fills(events):
        filled[fill.perm_id] += fill.shares
    for order in at.books.orders.values():
        assert filled[order.perm_id] == order.filled <= order.quantity


@pytest.mark.behaviour("SIM-ORDER-18")
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), story=st.lists(steps, min_size=1, max_size=7))
def test_an_order_that_has_ended_is_never_heard_of_again(seed: int, story: list[Step]) -> None:
    ended: set[int] = set()
    for event in of(OrderStatusChanged, run(venue(seed), story)):
        assert event.order.perm_id not in ended
        if event.order.state.is_terminal:
            ended.add(event.order.perm_id)


@pytest.mark.behaviour("SIM-ORDER-18")
@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    story=st.lists(steps, min_size=1, max_size=5),
    cuts=st.lists(st.integers(1, 20_000), max_size=5),
)
def test_every_order_type_does_the_same_however_time_is_cut_up(
    seed: int, story: list[Step], cuts: list[int]
) -> None:
    whole, pieces = venue(seed), venue(seed)
    assert run(whole, story) == run(pieces, story, cuts)
    end = START + timedelta(minutes=30)
    whole.advance(end)
    for minute in (11, 17, 30):
        pieces.advance(START + timedelta(minutes=minute))
    assert whole.snapshot() == pieces.snapshot()
