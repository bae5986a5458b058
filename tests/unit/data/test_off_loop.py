"""What takes long runs in a thread beside the loop, and at once on a loop that has no threads."""

from __future__ import annotations

import threading

import pytest
from tests.support.sim_loop import SimLoop

from sumppump.data.off_loop import off_loop


def whose(*, loud: bool = False) -> int:
    """The thread that this runs in."""
    if loud:
        raise ValueError("loud")
    return threading.get_ident()


async def test_the_work_is_done_in_another_thread_and_its_result_comes_back() -> None:
    assert await off_loop(whose) != threading.get_ident()


async def test_what_the_work_raises_is_raised_where_it_is_awaited() -> None:
    with pytest.raises(ValueError, match="loud"):
        await off_loop(whose, loud=True)


def test_a_loop_without_threads_does_the_work_itself_and_at_once() -> None:
    """The crash tests run every step of the program in an order that the seed decides."""
    loop, seen = SimLoop(seed=1), list[int]()

    async def story() -> None:
        seen.append(await off_loop(whose))
        with pytest.raises(ValueError, match="loud"):
            await off_loop(whose, loud=True)
        seen.append(loop.steps)

    assert loop.run(story())
    assert seen[0] == threading.get_ident()
    assert seen[1] < 10
    assert not loop.problems
    loop.bury()
