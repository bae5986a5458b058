"""The harness must catch a program that lacks a safeguard: a test that cannot fail proves nothing.

Source: figure D7 of the reliability goals. Each safeguard is taken out alone and must be caught in at most
500 seeds; the unharmed program passes the same search.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest
from tests.crash.harness import Build, Points, Story, World, nobody
from tests.crash.program import Program
from tests.crash.stories import open_and_fill, open_three

from sumppump.domain import events as ev
from sumppump.domain.order_record import OrderRecord
from sumppump.domain.orders import BrokerOrder, OrderState
from sumppump.domain.tickets import Channel, PlannedOrder, Role, Ticket
from sumppump.kernel.errors import GatewayUnavailable

MOST_SEEDS = 500


class RecordsAfterTheWrite(Program):
    """Writes to the socket first and to the journal afterwards."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        dispatch: Any = self.engine.dispatch
        dispatch.send = lambda ticket, planned, beside=(): _send_then_record(
            dispatch, ticket, planned, beside
        )


def _send_then_record(
    dispatch: Any, ticket: Ticket, planned: Sequence[PlannedOrder], beside: Sequence[ev.Event]
) -> None:
    frames = dispatch._encode(ticket, planned)
    dispatch.wire.permit([frame for _, frame in frames])
    dispatch._write([(sending.order, sending.order_id, frame) for sending, frame in frames])
    dispatch._ledger.commit(*beside, *(sending for sending, _ in frames))


class Resubmits(Program):
    """Sends again what the broker does not show, as retrying programs do."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        reconciler: Any = self.engine.reconciler
        reconciler._count_absence = self._send_again

    def _send_again(self, record: OrderRecord, *_: object) -> None:
        self.broker.transmit(self.broker.encode(record.order, record.order_id + 500), record.order_id + 500)


class KnowsOrdersByTheirSessionId(Program):
    """Takes an order id for an identity, as if TWS never gave one twice."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        tracker: Any = self.engine.tracker
        tracker.see = self._see
        dispatch: Any = self.engine.dispatch
        dispatch._highest_id = lambda client_id, given: max([0, *given.values()])
        self._honest = type(tracker).see.__get__(tracker)

    def _see(self, order: BrokerOrder) -> None:
        by_id = {record.order_id: record for record in self.ledger.book.orders.values()}
        record = by_id.get(order.order_id)
        self._honest(order) if record is None else self.ledger.note(
            ev.Seen(order_ref=record.ref, order=order)
        )


class TakesSilenceForNothing(Program):
    """Reads a list that did not come as an empty one."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        reconciler: Any = self.engine.reconciler
        honest = reconciler._listed

        async def listed(reading: Any) -> Any:
            try:
                return await honest(reading)
            except (GatewayUnavailable, TimeoutError):
                return ()

        reconciler._listed = listed


class LooksOnce(Program):
    """Believes one absence, and so tells the person "not there" before the order surfaces."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        reconciler: Any = self.engine.reconciler
        reconciler._count_absence = self._believe

    def _believe(self, record: OrderRecord, *_: object) -> None:
        self.ledger.note(ev.Settled(order_ref=record.ref, state=OrderState.NOT_FOUND, evidence="looked once"))


class IgnoresTheLock(Program):
    """Two processes write at once."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        journal: Any = self.journal
        self._writes = False
        journal.is_writer = lambda: self._writes
        journal.become_writer = self._barge_in

    def _barge_in(self) -> bool:
        self._writes = True
        return True


async def one_more(program: Program, rng: random.Random) -> None:
    """After the restart the person opens something else."""
    await asyncio.sleep(10.0)
    order = program.order(limit="2.15")
    ticket = program.issue(program.content((Role.MAIN, order), strategy_id="stg_later"))
    await program.service.approve(ticket.ticket_id, Channel.PAGE)


def _killed_somewhere(
    seed: int, story: Story, *, build: Build = Program, after: Story = nobody, **world: bool
) -> list[str]:
    """Lies after one crash at a step and one at a durable point, both drawn from the seed."""
    rng = random.Random(seed)
    found: list[str] = []
    for points, step in ((Points(rng.randint(1, 30)), None), (Points(), rng.randint(1, 60))):
        with World(seed, build=build, **world) as trial:
            trial.run(story, crash_at=step, points=points)
            trial.recover(after)
            found += trial.lies()
    return found


# name: the sabotaged program, what the person does before and after the crash, what the world does
SABOTAGES: dict[str, tuple[Build, Story, Story, dict[str, bool]]] = {
    "record after write": (RecordsAfterTheWrite, open_and_fill, nobody, {}),
    "resubmit": (Resubmits, open_three, nobody, {}),
    "order id is identity": (KnowsOrdersByTheirSessionId, open_three, one_more, {"forgets_ids": True}),
    "no answer is an empty list": (TakesSilenceForNothing, open_three, nobody, {"reads_fail": True}),
    "one look is enough": (LooksOnce, open_three, nobody, {}),
}


@pytest.mark.parametrize("name", SABOTAGES)
def test_the_harness_catches_a_missing_safeguard(name: str) -> None:
    """A lie is found within 500 seeds."""
    build, story, after, world = SABOTAGES[name]
    caught = (s for s in range(MOST_SEEDS) if _killed_somewhere(s, story, build=build, after=after, **world))
    assert next(caught, None) is not None


@pytest.mark.parametrize("name", SABOTAGES)
def test_with_the_safeguard_the_same_search_finds_nothing(name: str) -> None:
    """The unharmed program speaks the truth in the same worlds."""
    _, story, after, world = SABOTAGES[name]
    assert [s for s in range(25) if _killed_somewhere(s, story, after=after, **world)] == []


def _two_at_once(seed: int, build: Build) -> list[str]:
    """Two processes of one home, both asked to open something at the same moment."""
    with World(seed, build=build) as world:
        other: list[Program] = []

        async def both(program: Program, rng: random.Random) -> None:
            second = build(program.clock, world.venue, world.disk)
            other.append(second)
            await second.service.start()
            await asyncio.sleep(0.5)
            await asyncio.gather(
                *(_open_as(each, f"stg_{place}", rng) for place, each in enumerate((program, second))),
                return_exceptions=True,
            )
            second.broker.crash()
            await second.service.stop()

        world.run(both)
        world.build = Program
        world.recover()
        return world.lies()


async def _open_as(program: Program, strategy_id: str, rng: random.Random) -> None:
    await asyncio.sleep(rng.uniform(0.0, 0.01))
    order = program.order(limit="2.05")
    ticket = program.issue(program.content((Role.MAIN, order), strategy_id=strategy_id))
    await program.service.approve(ticket.ticket_id, Channel.PAGE)


def test_the_harness_catches_two_writers() -> None:
    """X20 without its lock is caught; with it, the second process sends nothing and nothing is wrong."""
    caught = (seed for seed in range(MOST_SEEDS) if _two_at_once(seed, IgnoresTheLock))
    assert next(caught, None) is not None
    assert [seed for seed in range(25) if _two_at_once(seed, Program)] == []
