"""Who asks for what is being fetched already joins that fetch.

Every caller may give up by itself: the fetch goes on for the others and ends with the last of them, which
gives back whatever it holds. A failure is everybody's failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")
Told = Callable[[int, int], None]
"""Called with how many of how many have come."""


def _nobody(done: int, total: int) -> None:
    """For callers who want no progress."""


@dataclass(slots=True, eq=False)
class _Flight(Generic[Result]):
    listeners: list[Told] = field(default_factory=list)
    task: asyncio.Task[Result] | None = None

    def tell(self, done: int, total: int) -> None:
        for listener in self.listeners:
            listener(done, total)


@dataclass(frozen=True, slots=True)
class Flights(Generic[Key, Result]):
    """Fetches under way, by what is asked."""

    _under_way: dict[Key, _Flight[Result]] = field(default_factory=dict)

    async def join(
        self,
        key: Key,
        fetch: Callable[[Told], Coroutine[Any, Any, Result]],
        told: Told | None = None,
    ) -> Result:
        """The result of the fetch under this key, begun by whoever asks first.

        Args:
            key: what is asked.
            fetch: begins it; gets what it may report progress to.
            told: hears of progress from now on, from the loop's thread.
        """
        flight = self._under_way.get(key) or self._begin(key, fetch)
        listener, task = told or _nobody, flight.task
        assert task is not None
        flight.listeners.append(listener)
        try:
            return await asyncio.shield(task)
        finally:
            flight.listeners.remove(listener)
            if not flight.listeners:
                task.cancel()  # harmless when it is done
                self._ended(key, flight)

    def _begin(self, key: Key, fetch: Callable[[Told], Coroutine[Any, Any, Result]]) -> _Flight[Result]:
        flight: _Flight[Result] = _Flight()
        flight.task = asyncio.create_task(fetch(flight.tell))
        flight.task.add_done_callback(lambda task: self._landed(key, flight, task))
        self._under_way[key] = flight
        return flight

    def _landed(self, key: Key, flight: _Flight[Result], task: asyncio.Task[Result]) -> None:
        self._ended(key, flight)
        if not task.cancelled():
            task.exception()  # its callers may all have gone: then nobody else looks at it

    def _ended(self, key: Key, flight: _Flight[Result]) -> None:
        if self._under_way.get(key) is flight:
            del self._under_way[key]
