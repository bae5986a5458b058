"""At most one order, and certain knowledge afterwards, wherever the program is killed.

Source: the crash matrix of the order journal and its figures D1 to D3; the venue is the oracle.
"""

from __future__ import annotations

import pytest
from tests.crash.harness import Points, World
from tests.crash.stories import STORIES

SEEDS = (1, 2)


def _run(
    name: str, seed: int, *, crash_at: int | None = None, point: int | None = None
) -> tuple[list[str], int, int]:
    """Lies after the recovery; steps of the loop and durable points that the story took."""
    points = Points(point)
    with World(seed) as world:
        steps = world.run(STORIES[name], crash_at=crash_at, points=points)
        world.recover()
        return world.lies(), steps, len(points.seen)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", STORIES)
def test_killed_at_any_step_nothing_is_sent_twice_and_nothing_is_lost(name: str, seed: int) -> None:
    """Every step of every story: 0 duplicates, 0 orphans, 0 ghosts, and no state that the venue denies."""
    lies, steps, _ = _run(name, seed)
    assert lies == []
    for step in range(1, steps):
        assert _run(name, seed, crash_at=step)[0] == [], f"killed at step {step} of {steps}, seed {seed}"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", STORIES)
def test_killed_before_and_after_every_commit_and_write_it_is_the_same(name: str, seed: int) -> None:
    """Within one turn of the loop: before and after each commit, between a commit and its write."""
    _, _, points = _run(name, seed)
    for point in range(1, points + 1):
        assert _run(name, seed, point=point)[0] == [], f"killed at point {point} of {points}, seed {seed}"


@pytest.mark.parametrize("name", ["open_and_fill", "open_bracket", "stop_then_close", "kill_switch"])
def test_killed_again_in_the_recovery_it_is_the_same(name: str) -> None:
    """X17 and D3: the program dies after a write, and again at every durable point of the recovery."""
    first = _first_write(name)
    with World(3) as world:
        world.run(STORIES[name], points=Points(first))
        second = Points()
        world.recover(points=second)
        assert world.lies() == []
    for point in range(1, len(second.seen) + 1):
        with World(3) as world:
            world.run(STORIES[name], points=Points(first))
            world.recover(points=Points(point))
            world.recover()
            assert world.lies() == [], f"killed at {first}, then at point {point} of the recovery"


def _first_write(name: str) -> int:
    points = Points()
    with World(3) as world:
        world.run(STORIES[name], points=points)
    writes = [number for number, where in enumerate(points.seen, 1) if where == "after write"]
    return writes[-1]
