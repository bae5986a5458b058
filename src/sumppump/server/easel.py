"""Pictures that an answer names before they are drawn: one after another in a worker thread, behind it.

A picture costs about 0.1 s and the first one of a process a second, where the figures may take milliseconds.
The same name asked for again before it was drawn is drawn once, with the later figures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from loguru import logger

Draw = Callable[[], object]


@dataclass(slots=True)
class Easel:
    """What waits to be drawn, by the name of its file."""

    _waiting: dict[str, Draw] = field(default_factory=dict)
    _painter: asyncio.Task[None] | None = field(default=None)

    def hang(self, name: str, draw: Draw) -> None:
        """Have a picture drawn and kept soon; `draw` does both in a worker thread and raises nothing new."""
        self._waiting[name] = draw
        if self._painter is None or self._painter.done():
            self._painter = asyncio.create_task(self._paint(), name="pictures")

    async def done(self) -> None:
        """Wait until nothing is left to draw."""
        if self._painter is not None:
            await self._painter

    async def _paint(self) -> None:
        while self._waiting:
            name = next(iter(self._waiting))
            try:
                await asyncio.to_thread(self._waiting.pop(name))
            except Exception:  # noqa: BLE001 - the answer is out already; the next picture must still be drawn
                logger.exception("the picture {} could not be drawn", name)
