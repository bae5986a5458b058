"""The table of faults: complete, well formed, refused with a reason where it cannot be, deterministic."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.protocol.trouble.scenes import filling, resting, stage, ticked

from sumppump.exchange.entitlements import EVERYTHING
from sumppump.exchange.orders.quirks import AS_RECORDED
from sumppump.exchange.trouble.faults import BY_NAME, FAULTS, NOT_OURS, fault_named
from sumppump.exchange.trouble.parameters import parameters_of
from sumppump.exchange.trouble.quirky import Quirky
from sumppump.exchange.wire.account_requests import CancelOrder, ReqExecutions, ReqPositions
from sumppump.exchange.wire.codec import encode_request
from sumppump.kernel.errors import InvalidRequest

NUMBERS = [f"F-{number:02d}" for number in range(1, 73)]


@pytest.mark.behaviour("SIM-FAULT-01")
def test_every_fault_is_ours_or_has_a_reason() -> None:
    ours = {name for name in BY_NAME if name.startswith("F-")}
    assert sorted(ours | set(NOT_OURS)) == NUMBERS
    assert ours & set(NOT_OURS) == set()
    for name in NOT_OURS:
        with pytest.raises(InvalidRequest) as caught:
            fault_named(name)
        assert caught.value.code == "fault_not_ours"


@pytest.mark.parametrize("name", list(BY_NAME))
def test_every_fault_can_be_made_with_its_own_parameters(name: str) -> None:
    """A preset that its effect does not know would only show when somebody needs it."""
    fault = fault_named(name.lower())
    assert fault.words.endswith(".")
    assert fault.effect() is not fault.effect()
    known = {one.name for one in parameters_of(fault.kind)}
    assert set(fault.preset) <= known


@pytest.mark.behaviour("SIM-FAULT-04")
@pytest.mark.parametrize(
    ("name", "parameters", "code", "hint"),
    [
        ("F-99", {}, "unknown_fault", "F-59"),
        ("F-22", {"second": "3"}, "bad_parameter", "seconds"),
        ("F-22", {"farm": "markt"}, "bad_parameter", "market"),
        ("F-22", {"seconds": "-1"}, "bad_parameter", ""),
        ("F-22", {"seconds": "nan"}, "bad_parameter", ""),
        ("F-22", {"flaps": "1.5"}, "bad_parameter", ""),
        ("F-22", {"idle": "maybe"}, "bad_parameter", ""),
    ],
)
def test_nonsense_is_refused_with_what_is_meant(
    name: str, parameters: dict[str, str], code: str, hint: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        fault_named(name).effect(**parameters)
    assert caught.value.code == code
    assert caught.value.expected
    assert hint in " ".join(caught.value.next_steps)


def played(names: list[str], seed: int) -> bytes:
    """Everything that one client hears of a short day with these faults."""
    here = stage(seed=seed)
    here.lab.venue.advance(here.lab.venue.now)
    out = bytearray()
    for number, name in enumerate(names, start=1):
        here.lab.hall.trouble.cause(name, lasts=2.0)
        asked = (filling(here.lab, 2 * number), resting(here.lab, 2 * number + 1), ReqPositions())
        for message in (*asked, CancelOrder(order_id=2 * number + 1), ReqExecutions(req_id=900 + number)):
            here.lab.hall.receive(here.client.session, encode_request(message, 178), here.lab.at)
        here.lab.wait(3.0)
        out += here.client.session.take()
    return bytes(out)


@pytest.mark.behaviour("SIM-FAULT-02")
@pytest.mark.parametrize("name", list(BY_NAME))
def test_the_same_fault_gives_the_same_bytes(name: str) -> None:
    assert played([name], 7) == played([name], 7)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from([fault.name for fault in FAULTS]), min_size=2, max_size=2))
def test_so_do_any_two_of_them(names: list[str]) -> None:
    assert played(names, 11) == played(names, 11)


@pytest.mark.behaviour("SIM-FAULT-03")
@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_healed_fault_leaves_no_trace(name: str) -> None:
    """Whoever is still connected ticks again; whoever is not can connect and be served."""
    here = stage()
    here.cause(name)
    here.lab.wait(2.0)
    here.heal()
    trouble = here.lab.hall.trouble
    assert trouble.running == ()
    assert not trouble.stops_quotes
    assert trouble.next_at is None
    client = here.lab.connect(9)
    assert client.session.is_open
    here.client = client
    here.stream()
    assert ticked(here.wait(3.0))


@example(names=["F-70", "F-43"], lots=random.Random(1))
@settings(max_examples=25, deadline=None)
@given(
    names=st.lists(st.sampled_from([fault.name for fault in FAULTS]), min_size=2, max_size=4),
    lots=st.randoms(use_true_random=False),
)
def test_nor_do_several_in_whatever_order_they_are_healed(names: list[str], lots: random.Random) -> None:
    """Permissions, halts and quirks are as they were before the first."""
    here = stage()
    for name in names:
        orders = {"orders": 0} if "orders" in {one.name for one in parameters_of(BY_NAME[name].kind)} else {}
        here.cause(name, **(orders if issubclass(BY_NAME[name].kind, Quirky) else {}))
    lots.shuffle(names)
    for name in names:
        here.heal(name)
    venue, shared = here.lab.venue, here.lab.hall.shared
    assert venue.books.halted == set()
    assert (venue.books.quirks.usual, list(venue.books.quirks.upcoming)) == (AS_RECORDED, [])
    assert (shared.entitlements, shared.rules, dict(shared.halts)) == (EVERYTHING, here.lab.hall.rules, {})
    assert shared.filter_answers is None


@pytest.mark.parametrize("lasts", [(3.0, 6.0), (6.0, 3.0)])
@pytest.mark.parametrize("name", ["X-03", "F-70", "F-19"])
def test_the_same_fault_twice_ends_with_the_later_one(name: str, lasts: tuple[float, float]) -> None:
    here = stage()
    for one in lasts:
        here.lab.hall.trouble.cause(name, lasts=one, **({"orders": 0} if name == "F-19" else {}))
    here.lab.wait(4.0)
    books, shared = here.lab.venue.books, here.lab.hall.shared
    assert (shared.entitlements, books.halted, books.quirks.usual) != (EVERYTHING, set(), AS_RECORDED)
    here.lab.wait(3.0)
    assert (shared.entitlements, books.halted, books.quirks.usual) == (EVERYTHING, set(), AS_RECORDED)
