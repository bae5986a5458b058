"""Same seed, start and commands: the same bytes, however time is cut up, and after a restart too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.exchange.builders import START, Client, combo, option, sides, single, spec, stock, top, venue

from sumppump.exchange.events import Event
from sumppump.exchange.venue import Venue
from sumppump.kernel.errors import StoreFailed

ROOT = Path(__file__).parents[3]


def story(at: Venue, cuts: Sequence[int]) -> list[Event]:
    """Orders of many kinds, and ten minutes that pass in pieces of these milliseconds."""
    client = Client(at)
    events: list[Event] = []
    call, high = option(at, 680), option(at, 690)
    ask = sides(top(at, call))[1]
    events += client.place(combo((call, 1), (high, -1)), spec(quantity=7, limit=Decimal("5.95")))
    events += client.place(single(call), spec(quantity=30, limit=ask - Decimal("0.02")))
    events += client.place(single(stock(at)), spec(quantity=100, kind="MKT"))
    events += client.place(single(stock(at)), spec("SELL", 100, "TRAIL", aux=Decimal("0.40"), tif="GTC"))
    end = START + timedelta(minutes=10)
    for cut in cuts:
        events += at.advance(min(at.now + timedelta(milliseconds=cut), end))
        at.quotes([call.con_id, high.con_id])
    events += at.advance(end)
    return events


@pytest.mark.behaviour("SIM-SERVE-21")
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), cuts=st.lists(st.integers(1, 90_000), max_size=25))
def test_time_may_be_cut_up_in_any_way(seed: int, cuts: list[int]) -> None:
    whole, pieces = venue(seed), venue(seed)
    assert story(whole, []) == story(pieces, cuts)
    assert whole.snapshot() == pieces.snapshot()


@pytest.mark.behaviour("SIM-SERVE-22")
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), at_ms=st.integers(0, 600_000))
def test_a_restart_changes_nothing(seed: int, at_ms: int) -> None:
    """State saved and found again: orders, positions, cash, executions, ids, clock, and the market itself."""
    straight, restarted = venue(seed), venue(seed)
    for one in (straight, restarted):
        client = Client(one)
        client.place(single(option(one, 680)), spec(quantity=30, limit=Decimal("8.00")))
        client.place(single(stock(one)), spec(quantity=100, kind="MKT"))
        client.place(single(stock(one)), spec("SELL", 100, "STP", aux=Decimal("681.00"), tif="GTC"))
    restarted.advance(START + timedelta(milliseconds=at_ms))
    restarted = Venue.restore(restarted.snapshot())
    end = START + timedelta(minutes=12)
    straight.advance(START + timedelta(milliseconds=at_ms))
    assert straight.advance(end) == restarted.advance(end)
    assert straight.snapshot() == restarted.snapshot()
    assert straight.account_values() == restarted.account_values()
    assert straight.open_orders() == restarted.open_orders()
    assert straight.executions() == restarted.executions()
    assert straight.portfolio() == restarted.portfolio()
    assert straight.next_order_id(1) == restarted.next_order_id(1)


@pytest.mark.behaviour("SIM-SERVE-22")
def test_a_state_that_is_saved_often_is_saved_as_if_for_the_first_time() -> None:
    at = venue()
    client = Client(at)
    for limit in ("8.00", "700.00"):
        client.place(single(stock(at)), spec(quantity=100, limit=Decimal(limit)))
        at.snapshot()
        at.advance(at.now + timedelta(minutes=1))
    assert at.executions()
    assert at.snapshot() == Venue.restore(at.snapshot()).snapshot()


_CHILD = """
import hashlib
from tests.unit.exchange.builders import options, venue
from tests.unit.exchange.test_same_bytes import story
at = venue(7)
events = story(at, [250] * 40)
quotes = at.quotes([one.con_id for one in options(at, "AAPL", 3)])
print(hashlib.sha256(repr((events, quotes)).encode() + at.snapshot()).hexdigest())
"""


@pytest.mark.behaviour("SIM-SERVE-23")
def test_another_process_with_another_hash_seed_says_the_same() -> None:
    """Nothing depends on the order of sets, on the wall clock or on the process."""
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    answers = {
        subprocess.run(
            [sys.executable, "-c", _CHILD],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path},
            capture_output=True, text=True, check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }  # fmt: skip
    assert len(answers) == 1


@pytest.mark.behaviour("SIM-SERVE-24")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda state: b"",
        lambda state: b"{",
        lambda state: b"[]",
        lambda state: b"\xff",
        lambda state: json.dumps({**json.loads(state), "version": 99}).encode(),
        lambda state: json.dumps({**json.loads(state), "cash": "much"}).encode(),
        lambda state: json.dumps({**json.loads(state), "orders": [{"perm_id": 1}]}).encode(),
        lambda state: json.dumps({**json.loads(state), "seed": "7"}).encode(),
        lambda state: json.dumps({**json.loads(state), "more": 1}).encode(),
    ],
)
def test_a_spoiled_state_is_refused_as_a_whole(spoil: object) -> None:
    """Never half a state: an account that was guessed would be worse than none."""
    state = venue().snapshot()
    assert callable(spoil)
    with pytest.raises(StoreFailed) as caught:
        Venue.restore(spoil(state))
    assert caught.value.code == "exchange_state_unreadable"
    assert caught.value.next_steps


@pytest.mark.behaviour("SIM-SERVE-25")
def test_accounts_are_sim_and_seven_digits() -> None:
    """What no real account ever is."""
    names = {venue(seed).account for seed in range(200)}
    assert len(names) > 190
    assert all(name.startswith("SIM") and name[3:].isdecimal() and len(name) == 10 for name in names)
    assert venue(account="SIM0000001").account == "SIM0000001"
