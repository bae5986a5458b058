"""Things to do after a while, each under a name and never twice at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timers:
    """Timers of the running loop by name."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.TimerHandle] = {}

    def after(self, delay_s: float, name: str, act: Callable[[], None]) -> None:
        """Do it once; a timer of this name that runs already is left alone."""
        if name not in self._running:

            def ring() -> None:
                del self._running[name]
                act()

            self._running[name] = asyncio.get_running_loop().call_later(delay_s, ring)

    def stop(self) -> None:
        """None of them rings any more."""
        for timer in self._running.values():
            timer.cancel()
        self._running.clear()
