"""Several clients at once say anything in any order, come and go, while time passes in any pieces."""

from __future__ import annotations

import math
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.protocol.exchange.any_request import any_request
from tests.protocol.exchange.lab import Lab, Speaker

from sumppump.exchange.session import Stage
from sumppump.exchange.wire.account_answers import CurrentTime
from sumppump.exchange.wire.account_requests import ReqCurrentTime, StartApi
from sumppump.exchange.wire.codec import encode_request
from sumppump.exchange.wire.framing import frame
from sumppump.exchange.wire.layout import REQUESTS
from sumppump.exchange.wire.place_order import PlaceOrder

CLASSES = tuple(cls for cls in REQUESTS.values() if cls is not StartApi)
VERSIONS = (157, 176, 178)
MOST_CLIENTS = 4
MOST_OWED = 32 * 1024 * 1024
IS_DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
PIECES = st.sampled_from((0.05, 0.1, 0.3, 1.0, 2.5, 11.0))
NONSENSE = st.one_of(
    st.binary(max_size=40).map(frame),
    st.lists(st.text(max_size=6), max_size=30).map(lambda texts: frame("\0".join([*texts, ""]).encode())),
    st.binary(min_size=1, max_size=8),
)


class Crowd(RuleBasedStateMachine):
    """A hall and whoever is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.lab = Lab()
        self.clients: list[Speaker] = []

    def one(self, data: st.DataObject) -> Speaker:
        return data.draw(st.sampled_from(self.clients))

    @precondition(lambda self: len(self.clients) < MOST_CLIENTS)
    @rule(version=st.sampled_from(VERSIONS), client_id=st.integers(0, 3))
    def enters(self, version: int, client_id: int) -> None:
        client = self.lab.connect(client_id, version=version)
        client.listen()
        self.clients.append(client)

    @precondition(lambda self: self.clients)
    @rule(data=st.data())
    def leaves(self, data: st.DataObject) -> None:
        client = self.one(data)
        self.lab.leave(client)
        self.clients.remove(client)

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), is_order=st.booleans())
    def says(self, data: st.DataObject, is_order: bool) -> None:
        client = self.one(data)
        classes = (PlaceOrder,) if is_order else CLASSES
        client.say(data.draw(any_request(classes, client.version)))

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), count=st.integers(2, 70))
    def repeats_itself(self, data: st.DataObject, count: int) -> None:
        client = self.one(data)
        message = data.draw(any_request(CLASSES, client.version))
        client.send(encode_request(message, client.version) * count)

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), cut=st.floats(0, 1))
    def says_it_in_two_pieces(self, data: st.DataObject, cut: float) -> None:
        client = self.one(data)
        whole = encode_request(data.draw(any_request(CLASSES, client.version)), client.version)
        at = int(cut * len(whole))
        client.send(whole[:at])
        self.lab.wait(0.1)
        client.send(whole[at:])

    @precondition(lambda self: self.clients)
    @rule(data=st.data(), nonsense=NONSENSE)
    def mumbles(self, data: st.DataObject, nonsense: bytes) -> None:
        self.one(data).send(nonsense)

    @rule(seconds=PIECES)
    def waits(self, seconds: float) -> None:
        self.lab.wait(seconds)

    @invariant()
    def everybody_can_read_what_comes(self) -> None:
        """In the client's own layout; a client that was closed takes nobody else along."""
        for client in list(self.clients):
            owed = client.session.owed
            client.listen()
            assert owed < MOST_OWED
            if client.session.stage is Stage.CLOSED:
                self.lab.leave(client)
                self.clients.remove(client)

    def teardown(self) -> None:
        """A newcomer is served as if nothing had happened, and the account's sums are numbers."""
        for client in self.clients:
            self.lab.leave(client)
        newcomer = self.lab.connect(9)
        assert any(isinstance(answer, CurrentTime) for answer in newcomer.say(ReqCurrentTime()))
        values: dict[tuple[str, str], Any] = {
            (row.key, row.currency): row.value for row in self.lab.venue.account_values()
        }
        assert math.isfinite(float(values["NetLiquidation", "USD"]))


@pytest.mark.behaviour("SIM-INPUT-03")
def test_no_crowd_of_clients_can_stop_the_exchange() -> None:
    """Every declared request in any order, half frames, floods and nonsense, from several clients at once."""
    run_state_machine_as_test(
        Crowd,
        settings=settings(
            max_examples=400 if IS_DEEP else 10,
            stateful_step_count=40 if IS_DEEP else 20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
