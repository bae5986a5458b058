"""Closes asked for before anybody wants them: once something is held, so that no look at risk waits for them.

A year of daily bars takes a second or two at the broker; betas and value at risk need one of each underlying.
What fails here is asked for again by whoever needs it, and told to them.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.broker import Broker, BrokerEvent, LinkChanged, PositionsChanged
from sumppump.risk.held_book import HeldBooks


@dataclass(slots=True, kw_only=True, eq=False)
class EarlyCloses:
    """Asks when the connection comes and when a position changes; for each symbol once a day."""

    books: HeldBooks
    broker: Broker
    _asking: asyncio.Task[None] | None = field(default=None)
    _is_due: bool = False
    _has_ended: bool = False

    def begin(self) -> None:
        """Listen to the broker from now on."""
        self.broker.subscribe(self._hear)

    async def end(self) -> None:
        """Ask no more."""
        self._has_ended = True
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    def _hear(self, event: BrokerEvent) -> None:
        is_news = isinstance(event, PositionsChanged) or (
            isinstance(event, LinkChanged) and event.status.connected
        )
        if not is_news or self._has_ended:
            return
        self._is_due = True
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="early closes")

    async def _ask(self) -> None:
        while self._is_due:
            self._is_due = False
            with contextlib.suppress(SumpPumpError):
                await self.books.look_up_closes()
