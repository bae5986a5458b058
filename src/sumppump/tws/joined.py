"""Equal questions that are open at the same time are one question with one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Open(Generic[Answer]):
    task: asyncio.Task[Answer]
    waiting: int = 0


class Joined(Generic[Answer]):
    """Who asks second waits for the first one's answer; who leaves last takes the question back."""

    def __init__(self) -> None:
        self._open: dict[Hashable, _Open[Answer]] = {}

    async def ask(self, key: Hashable, question: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """The answer to an equal question that is open, else to this one; errors are everybody's."""
        one = self._open.get(key)
        if one is None:
            one = self._open[key] = _Open(asyncio.ensure_future(question()))
            one.task.add_done_callback(lambda task: self._ended(key, task))
        one.waiting += 1
        try:
            # A caller who is cancelled leaves the others their answer.
            return await asyncio.shield(one.task)
        finally:
            one.waiting -= 1
            if not one.waiting and not one.task.done():
                self._ended(key, one.task)
                one.task.cancel()

    def _ended(self, key: Hashable, task: asyncio.Task[Answer]) -> None:
        if (one := self._open.get(key)) is not None and one.task is task:
            del self._open[key]
