"""An event loop with virtual time and a seed: the same seed runs the same schedule, step by step.

Time jumps to the next timer whenever nothing is ready, so an hour costs nothing; handles that are ready
together run in an order drawn from the seed; a loop that would wait for ever fails at once; and a run can
be killed at any step, with nothing of the program running afterwards: no `finally`, no callback.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any


class Crash(KeyboardInterrupt):
    """The process dies here.

    No code of the program may catch it; and of all exceptions asyncio lets only this kind through, instead of
    storing it in a task.
    """


class HungAwait(AssertionError):
    """Nothing is ready and no timer runs: somebody awaits what can never come."""


class _VirtualSelector:
    def __init__(self, loop: SimLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise HungAwait("nothing is ready and no timer runs")
        self._loop.now_s += max(0.0, timeout)
        return []

    def close(self) -> None:
        """Nothing is held open."""


class SimLoop(asyncio.BaseEventLoop):
    """See the module.

    Attributes:
        now_s: virtual seconds. steps: turns of the loop so far. crash_at: the turn at which it dies.
        problems: errors that nobody caught, in callbacks or tasks, while it ran.
    """

    def __init__(self, seed: int, *, crash_at: int | None = None, begin_s: float = 0.0) -> None:
        super().__init__()
        self.random = random.Random(seed)
        self.now_s = begin_s
        self.steps = 0
        self.crash_at = crash_at
        self.problems: list[str] = []
        self._selector = _VirtualSelector(self)

    def __del__(self, _warn: object = None) -> None:
        """Nothing of the system is held open, so there is nothing to warn of."""

    def time(self) -> float:
        """Virtual seconds."""
        return self.now_s

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """What others do in a thread is done here and now."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - raised where it is awaited
            future.set_exception(error)
        return future

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep what went wrong while the loop lived; what the burial of a dead one says is no news."""
        error = context.get("exception")
        if self.is_running() and not isinstance(error, Crash):
            self.problems.append(f"{context.get('message')}: {error!r}")

    def _process_events(self, event_list: object) -> None:
        """There are no sockets."""

    def _write_to_self(self) -> None:
        """There are no other threads."""

    def _run_once(self) -> None:
        ready: Any = self._ready  # type: ignore[attr-defined]
        if len(ready) > 1:
            shuffled = list(ready)
            self.random.shuffle(shuffled)
            ready.clear()
            ready.extend(shuffled)
        super()._run_once()  # type: ignore[misc]
        self.steps += 1
        if self.crash_at is not None and self.steps >= self.crash_at:
            raise Crash

    def run(self, story: Coroutine[Any, Any, Any], *, limit_s: float = 3600.0) -> bool:
        """Run a story; True when it came to its end, False when the loop was killed in it."""
        task = self.create_task(story)
        self.call_later(limit_s, lambda: task.done() or task.cancel("the story took too long"))
        try:
            self.run_until_complete(task)
        except Crash:
            return False
        return True

    def bury(self) -> None:
        """Let go of a dead loop without a sound. Only after everything has been checked."""
        for task in asyncio.all_tasks(self):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            coroutine: Any = task.get_coro()
            with contextlib.suppress(BaseException):
                coroutine.close()
        self.close()


class LoopClock:
    """The program's clocks on virtual time."""

    def __init__(self, loop: SimLoop, began: datetime | None = None) -> None:
        self._loop = loop
        self._began = began or datetime(2026, 11, 18, 15, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self._loop.now_s)

    def monotonic(self) -> float:
        return self._loop.now_s


def every_step(run: Callable[[int | None], int]) -> int:
    """Call `run(None)` for the number of its steps, then `run(k)` for each; how many runs that were."""
    steps = run(None)
    for step in range(1, steps + 1):
        run(step)
    return steps
