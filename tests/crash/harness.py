"""Kill the program at a step, let the venue and the disk live on, start another, and look for lies.

The venue is the ground truth. What a crash does to frames in flight is drawn from the seed: some first ones
reach the broker after all, up to seconds later, the rest are gone; orders may fill while nobody listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.crash.disk import Disk
from tests.crash.program import Program
from tests.support.fake_venue import FakeVenue, HeldOrder, NewOrder, acknowledge
from tests.support.sim_loop import Crash, LoopClock, SimLoop

from sumppump.domain.orders import BrokerStatus, OrderState
from sumppump.kernel.errors import SumpPumpError

Story = Callable[[Program, random.Random], Awaitable[None]]
Build = Callable[..., Program]
SETTLE_S = 16.0

_WORKS = {OrderState.LIVE, OrderState.PARTIAL}
_TRUTH = {
    BrokerStatus.FILLED: {OrderState.FILLED},
    BrokerStatus.CANCELLED: {OrderState.CANCELLED},
    BrokerStatus.INACTIVE: {OrderState.REJECTED},
    BrokerStatus.SUBMITTED: _WORKS,
    BrokerStatus.PRE_SUBMITTED: _WORKS,
    BrokerStatus.PENDING_SUBMIT: _WORKS,
}
_NOT_THERE = {OrderState.NOT_FOUND, OrderState.HUMAN_CLOSED}


async def nobody(program: Program, rng: random.Random) -> None:
    """A story in which only the program acts."""


@dataclass(slots=True)
class Points:
    """Places where something becomes durable or leaves the process; dies at one of them.

    Attributes:
        crash_at: number of the place, from 1; None for never. seen: the places in the order passed.
    """

    crash_at: int | None = None
    seen: list[str] = field(default_factory=list)
    is_dead: bool = False

    def __call__(self, where: str) -> None:
        if self.is_dead:
            raise Crash  # nothing of a dead process runs, not even its cleanup
        self.seen.append(where)
        if self.crash_at is not None and len(self.seen) >= self.crash_at:
            self.is_dead = True
            raise Crash


@dataclass(slots=True)
class World:
    """One run: what outlives the program, and the loops that died.

    Attributes:
        build: makes the program; a sabotaged one in the controls of the harness itself.
        reads_fail: the broker's lists never come to their End while the second program runs.
        forgets_ids: TWS hands out order ids from 1 again after the crash (incident 3).
        clock_jumps_back: every process begins at the same moment as the first.
        frames_survive: whether what was in flight at the crash arrives; None leaves it to the seed.
        fills_in_the_dark: whether something fills while nobody listens; None leaves it to the seed.
    """

    seed: int
    build: Build = Program
    reads_fail: bool = False
    forgets_ids: bool = False
    clock_jumps_back: bool = False
    frames_survive: bool | None = None
    fills_in_the_dark: bool | None = None
    venue: FakeVenue = field(default_factory=FakeVenue)
    disk: Disk = field(default_factory=Disk)
    loops: list[SimLoop] = field(default_factory=list)
    programs: list[Program] = field(default_factory=list)
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.venue.latency_s = lambda: self.random.uniform(0.0005, 0.05)
        self.venue.on_new = self._arrives

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        for loop in self.loops:
            loop.bury()

    # --- running ------------------------------------------------------------------------------

    def run(
        self,
        story: Story,
        *,
        crash_at: int | None = None,
        points: Points | None = None,
        prepare: Callable[[SimLoop], None] = lambda loop: None,
        settle_s: float = 0.0,
    ) -> int:
        """Run a story in a new process; the number of steps it took."""
        begin = self.loops[-1].now_s + 1.0 if self.loops and not self.clock_jumps_back else 0.0
        loop = SimLoop(self.seed + len(self.loops), crash_at=crash_at, begin_s=begin)
        self.loops.append(loop)

        async def life() -> None:
            prepare(loop)
            program = self.build(LoopClock(loop), self.venue, self.disk, point=points or Points())
            self.programs.append(program)
            if self.reads_fail and len(self.programs) > 1:
                program.broker.failing |= {"open_orders", "executions", "completed_orders", "positions"}
            await program.start()
            with contextlib.suppress(SumpPumpError):  # a refusal is an answer; the truth is checked below
                await story(program, self.random)
            await asyncio.sleep(settle_s)
            await program.service.stop()

        if not loop.run(life()):
            self._lose_frames()
        if self.programs:
            self.programs[-1].broker.crash()
        self.disk.crash()
        return loop.steps

    def _lose_frames(self) -> None:
        """The kernel may have sent a first part of what was written; the rest died with the process."""
        reached = self.random.randint(0, len(self.venue.in_flight))
        if self.frames_survive is not None:
            reached = len(self.venue.in_flight) if self.frames_survive else 0
        while len(self.venue.in_flight) > reached:
            self.venue.in_flight.pop()

    def recover(
        self, story: Story = nobody, *, crash_at: int | None = None, points: Points | None = None
    ) -> int:
        """Start again, mostly with nobody at the keyboard; late frames surface, orders fill, time passes."""
        delays = sorted(self.random.uniform(0.0, 3.0) for _ in self.venue.in_flight)

        def surface(loop: SimLoop) -> None:
            for delay in delays:
                loop.call_later(delay, self.venue.arrive)

        fills = self.random.random() < 0.5
        if fills if self.fills_in_the_dark is None else self.fills_in_the_dark:
            self._fill_something()
        if self.forgets_ids:
            self.venue.next_id_by_client.clear()
        return self.run(story, crash_at=crash_at, points=points, prepare=surface, settle_s=SETTLE_S)

    def _arrives(self, venue: FakeVenue, held: HeldOrder) -> None:
        """Acknowledged, refused, or taken without a word (incident 1)."""
        fate = self.random.random()
        if fate < 0.02:
            held.status = BrokerStatus.SUBMITTED
        elif fate < 0.06:
            venue.reject(held.ref, 201, "Order rejected - reason: margin")
        else:
            acknowledge(venue, held)

    def _fill_something(self) -> None:
        working = [held for held in self.venue.working() if not held.why_held]
        if working:
            self.venue.fill(self.random.choice(working).ref)

    # --- the truth ----------------------------------------------------------------------------

    def lies(self) -> list[str]:
        """Everything that the last program says and the venue denies; empty when it speaks the truth."""
        book = self.programs[-1].ledger.book
        found = [f"orphan {held.ref}" for held in self.venue.orders.values() if held.ref not in book.orders]
        for ref in book.orders:
            found += self._about(ref)
        problems = [problem for loop in self.loops for problem in loop.problems]
        return found + self._unapproved() + problems

    def _about(self, ref: str) -> list[str]:
        record, copies = self.programs[-1].ledger.book.orders[ref], self.venue.count(ref)
        if copies > 1:
            return [f"duplicate {ref}: {copies} orders"]
        if record.reopened:
            return [f"spoke too soon {ref}: NOT_FOUND, and then it was there"]
        if self.reads_fail and record.is_unknown:
            return []  # nobody could know, and it says so
        if copies == 0:
            return [] if record.state in _NOT_THERE else [f"ghost {ref}: {record.state}"]
        held = self.venue.held(ref)
        found = []
        if record.state not in _TRUTH[held.status] and not (self.reads_fail and record.is_working):
            found.append(f"lie {ref}: {record.state}, the venue has {held.status}")
        if int(record.filled) != held.filled and not self.reads_fail:
            found.append(f"fills {ref}: {record.filled}, the venue has {held.filled}")
        return found

    def _unapproved(self) -> list[str]:
        """Frames that no decision allowed, and programs that wrote more than was allowed."""
        found = []
        for program in self.programs:
            wire = program.engine.dispatch.wire
            if wire.written > wire.issued:
                found.append(f"out is not in: {wire.written} written, {wire.issued} approved")
        sent = {command.order.order_ref for command in self.venue.arrived if isinstance(command, NewOrder)}
        allowed = {
            planned.order.order_ref
            for each in self.programs[-1].ledger.book.tickets.values()
            if each.state is OrderState.APPROVED
            for planned in each.ticket.orders
        }
        held_back = {new.order.order_ref for new in self.venue.staged}
        lost = {ref for ref in sent - held_back if not self.venue.count(ref)}
        found += [f"lost {ref}: it arrived, and another order stands in its place" for ref in sorted(lost)]
        return found + [f"unapproved {ref}" for ref in sorted(sent - allowed)]
