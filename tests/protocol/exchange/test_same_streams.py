"""Same seed, start and messages: every client gets the same bytes, in whatever pieces time passes.

Clients are shown the market on grids of their own (100 and 250 ms, 5 s, ...), so two ways of passing time are
compared that both stop at every twentieth of a second.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocol.exchange.any_request import KNOWN
from tests.protocol.exchange.lab import Lab, Speaker
from tests.protocol.wire.samples import empty

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.wire import account_requests as ask
from sumppump.exchange.wire import market_requests as market
from sumppump.exchange.wire.account_requests import StartApi
from sumppump.exchange.wire.codec import encode_request
from sumppump.exchange.wire.layout import REQUESTS
from sumppump.exchange.wire.place_order import PlaceOrder

ROOT = Path(__file__).parents[3]
GRID_MS = 50
ROUNDS = 3
ROUND_MS = 3_000
STOCK, _, OPTION, EURO, FUTURE, COIN = KNOWN
ORDER_TYPES = ("LMT", "MKT", "STP", "STP LMT", "TRAIL", "TRAIL LIMIT", "MIT", "LIT", "MOC", "LOC", "REL")


def streams() -> list[Any]:
    """Requests of everything that flows."""
    return [
        *(market.ReqMktData(req_id=10 + n, contract=one) for n, one in enumerate(KNOWN)),
        *(
            market.ReqTickByTick(req_id=30 + n, contract=STOCK, kind=kind)
            for n, kind in enumerate(("Last", "AllLast", "BidAsk"))
        ),
        market.ReqMktDepth(req_id=40, contract=STOCK, rows=5, is_smart_depth=True),
        market.ReqRealTimeBars(req_id=41, contract=STOCK, what_to_show="TRADES"),
        market.ReqHistoricalData(
            req_id=42,
            contract=STOCK,
            duration="1 D",
            bar_size="5 mins",
            what_to_show="TRADES",
            keep_up_to_date=True,
        ),
        market.ReqNewsBulletins(),
        ask.ReqAccountUpdates(subscribe=True),
        ask.ReqPositions(),
        ask.ReqPnL(req_id=43),
        ask.ReqAccountSummary(req_id=44, group="All", tags="All"),
    ]


def orders(first: int) -> list[Any]:
    """One order of each type for a share, and one for an option, a currency, a future and a coin."""
    kinds = [
        PlaceOrder(
            order_id=first + n,
            contract=STOCK,
            order_type=kind,
            total_quantity=Decimal(10),
            lmt_price=600.0,
            aux_price=5.0 if kind.startswith("TRAIL") else 700.0,
        )
        for n, kind in enumerate(ORDER_TYPES)
    ]
    others = [
        PlaceOrder(order_id=first + 20 + n, contract=one, order_type="MKT", total_quantity=Decimal(1))
        for n, one in enumerate((OPTION, EURO, FUTURE, COIN))
    ]
    return [*kinds, *others]


def questions() -> list[Any]:
    """Every other declared request, as bare as it can be."""
    asked = {type(one) for one in streams()} | {PlaceOrder, StartApi}
    return [empty(cls, 178) for cls in REQUESTS.values() if cls not in asked]


def lived(pieces: list[int], seed: int = 7) -> list[str]:
    """Hashes of what three clients of three layouts hear; `pieces` cut time up further (ms)."""
    lab = Lab(Rules(rate=10**6), seed=seed)
    clients = [lab.connect(n, version=version) for n, version in enumerate((178, 176, 157))]
    sums = [hashlib.sha256() for _ in clients]
    for turn in range(ROUNDS):
        for client in clients:
            for message in (*(streams() if not turn else questions()), *orders(100 * turn + 1)):
                hear(lab, client, encode_request(message, client.version))
        pass_time(lab, pieces)
        for client, total in zip(clients, sums, strict=True):
            total.update(client.session.take())
    return [total.hexdigest() for total in sums]


@cache
def usual() -> list[str]:
    """The same for time that stops at the grid alone."""
    return lived([])


def hear(lab: Lab, client: Speaker, data: bytes) -> None:
    """Send without reading: the answers stay where the round's sum finds them."""
    lab.hall.receive(client.session, data, lab.at)


def pass_time(lab: Lab, pieces: list[int]) -> None:
    """A round of the market, which stops at every point of the grid and at the pieces between."""
    start = lab.venue.now
    stops = {*range(GRID_MS, ROUND_MS + 1, GRID_MS), *pieces}
    for stop in sorted(stops):
        lab.hall.turn(start + timedelta(milliseconds=stop), lab.at)


@pytest.mark.behaviour("SIM-INPUT-08")
@settings(max_examples=3)
@given(pieces=st.lists(st.integers(1, ROUND_MS - 1), max_size=60))
def test_time_in_finer_pieces_brings_the_same_bytes(pieces: list[int]) -> None:
    assert lived(pieces) == usual()


@pytest.mark.behaviour("SIM-INPUT-08")
def test_another_seed_brings_other_bytes() -> None:
    assert lived([], seed=8) != usual()


_CHILD = "from tests.protocol.exchange.test_same_streams import lived; print(lived([]))"


@pytest.mark.behaviour("SIM-INPUT-08")
def test_another_process_sends_the_same_bytes() -> None:
    """Nothing that a client hears depends on the order of sets, on the wall clock or on the process."""
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    child = subprocess.run(
        [sys.executable, "-c", _CHILD],
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert child.stdout.strip() == str(usual())
