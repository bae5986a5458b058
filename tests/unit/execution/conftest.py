"""Stories on virtual time: a program, its venue, and a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from tests.crash.disk import Disk
from tests.crash.program import Program
from tests.support.fake_venue import FakeVenue
from tests.support.sim_loop import LoopClock, SimLoop

Story = Callable[[Program], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture
def play() -> Play:
    """Run a story with a program that has started and reconciled; whatever fails in it fails the test."""

    def run(story: Story, *, venue: FakeVenue | None = None, disk: Disk | None = None, **how: object) -> None:
        loop = SimLoop(7)

        async def life() -> None:
            program = Program(LoopClock(loop), venue or FakeVenue(), disk or Disk(), **how)  # type: ignore[arg-type]
            await program.start()
            try:
                await story(program)
            finally:
                await program.service.stop()

        try:
            assert loop.run(life())
            assert loop.problems == []
        finally:
            loop.bury()

    return run
