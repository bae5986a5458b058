"""Arithmetic beside the event loop, which also sends orders and cancels: what takes long goes through here.

Only pure functions of values that nobody changes meanwhile; so it does not matter when and where they run. A
loop without threads (the tests' deterministic one) runs them at once, by a `run_in_executor` of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Values = ParamSpec("Values")
Found = TypeVar("Found")


async def off_loop(work: Callable[Values, Found], *values: Values.args, **named: Values.kwargs) -> Found:
    """What `work` makes of the values, found in a worker thread; what it raises is raised here."""
    return await asyncio.to_thread(work, *values, **named)
