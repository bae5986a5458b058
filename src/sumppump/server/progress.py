"""Progress of a long read, told to hosts that sent a progress token, in either protocol era.

What counts is called from the loop's thread and must not wait, so a task of its own sends; it sends few
enough notifications that no host is flooded, and each says more than the one before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from sumppump.server.desk import Call

STEPS = 10


@dataclass(slots=True)
class Progress:
    """Counts, and passes on about `STEPS` of the counts.

    Attributes:
        thing: what is counted, in the plural.
    """

    thing: str
    _waiting: asyncio.Queue[tuple[int, int] | None] = field(default_factory=asyncio.Queue)
    _last: int = 0

    def told(self, done: int, total: int) -> None:
        """`done` of `total` have come; `total` may grow."""
        if done == total or done - self._last >= max(1, total // STEPS):
            self._last = done
            self._waiting.put_nowait((done, total))

    def over(self) -> None:
        """Nothing more will be told."""
        self._waiting.put_nowait(None)

    async def send(self, call: Call) -> None:
        """Pass on what is told until it is over."""
        while (told := await self._waiting.get()) is not None:
            done, total = told
            await call.context.report_progress(done, total, f"{done} of {total} {self.thing}")


@contextlib.asynccontextmanager
async def progress_of(call: Call, thing: str) -> AsyncIterator[Progress]:
    """Something to count with while a call is under way."""
    progress = Progress(thing)
    task = asyncio.create_task(progress.send(call))
    try:
        yield progress
        progress.over()
        await task  # what was told goes out before the answer does
    finally:
        task.cancel()
