"""No message is one too many for TWS: reads leave room for the cancels of everything that works."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.makers import order, status
from tests.protocol.gateway.scripted import ScriptedTws

from sumppump.exchange.pacing import TokenBucket
from sumppump.tws.bucket import HEADROOM, MOST_KEPT, Bucket
from sumppump.tws.pacing import Pacer

TWS_RATE, OUR_RATE, FAMILY, BETWEEN_FAMILIES_S = 50, 45, 3, 0.25


@dataclass
class Wire:
    """Our bucket and that of TWS, which lets through or drops; moments in seconds."""

    at: float = 0.0
    working: int = 0
    dropped: int = 0
    passed: list[float] = field(default_factory=list)
    ours: Bucket = field(default_factory=lambda: Bucket(OUR_RATE, 0.0))
    theirs: TokenBucket = field(default_factory=lambda: TokenBucket(rate=TWS_RATE, capacity=TWS_RATE, at=0.0))

    def _leaves(self) -> None:
        self.passed.append(self.at)
        self.dropped += not self.theirs.take(self.at)

    def read(self, most: int) -> None:
        """As many reads as get a token."""
        for _ in range(most):
            if not self.ours.take(self.at, self.working):
                return
            self._leaves()

    def order(self) -> None:
        """An order goes at once and works from then on."""
        self.ours.spend(self.at)
        self._leaves()
        self.working += 1

    def cancel_all(self) -> None:
        """A cancel for everything that works, in one breath."""
        for _ in range(self.working):
            self.ours.spend(self.at)
            self._leaves()
        self.working = 0


steps = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.floats(0.0, 0.5), st.integers(1, 120)),
        st.tuples(st.just("order"), st.floats(BETWEEN_FAMILIES_S, 2.0), st.integers(1, FAMILY)),
        st.tuples(st.just("cancel"), st.floats(0.0, 2.0), st.just(0)),
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(steps)
def test_tws_drops_nothing_whatever_is_read_ordered_and_cancelled(plan: list[tuple[str, float, int]]) -> None:
    """Reads as many as may go, families of orders, and everything that works cancelled in one breath."""
    wire = Wire()
    for kind, wait_s, count in plan:
        wire.at += wait_s
        if kind == "read":
            wire.read(count)
        elif kind == "cancel":
            wire.cancel_all()
        elif wire.working + count <= MOST_KEPT:
            for _ in range(count):
                wire.order()
        wire.read(count)
    assert wire.dropped == 0


def test_with_nothing_to_cancel_a_full_bucket_is_all_for_the_reads() -> None:
    wire = Wire()
    wire.read(100)
    assert len(wire.passed) == OUR_RATE


def test_reads_leave_a_token_for_each_order_that_works() -> None:
    wire = Wire(working=20)
    wire.read(100)
    assert len(wire.passed) == TWS_RATE - 20
    assert OUR_RATE - len(wire.passed) == 20 - HEADROOM


def test_a_bucket_smaller_than_its_reserve_still_lets_reads_through() -> None:
    assert Bucket(2, 0.0).take(0.0, working=40)


async def test_reads_that_wait_go_on_once_there_is_room_beside_the_cancels() -> None:
    pacer = Pacer(400, lambda: MOST_KEPT)
    reads = [asyncio.create_task(pacer.turn()) for _ in range(440)]
    await asyncio.sleep(0)
    assert pacer.waiting
    await asyncio.gather(*reads)
    assert not pacer.waiting


async def test_orders_count_from_the_moment_they_leave_until_tws_says_they_are_done(
    tws: ScriptedTws, connect: Connect
) -> None:
    rig = await connect()
    events = rig.gateway.broker._events
    order_id = rig.gateway.broker.reserve_order_id()
    rig.gateway.broker.transmit(rig.gateway.broker.encode(order(), order_id), order_id)
    assert events.working_count == 1
    tws.peer.say(status(order_id, 101, "Filled"))
    await rig.until(lambda: events.working_count == 0)
