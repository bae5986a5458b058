"""Ending background tasks for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


async def end_all(tasks: Iterable[asyncio.Task[object]]) -> None:
    """Cancel tasks until they are over.

    `asyncio.wait_for` of Python 3.11 swallows a cancel that comes in the same turn as its result, so one
    cancel is not enough for a task that waits in a loop.
    """
    waiting = {task for task in tasks if not task.done()}
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=0.2)
