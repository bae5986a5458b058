"""Ticks to their lines by request id; who listens is told once for all that came in one piece."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from sumppump.tws.line import Line
from sumppump.tws.ticks import FEEDS


class TickRouter:
    """The inbox's `TickSink`.

    Attributes:
        open: the lines with a subscription, by its request id.
    """

    def __init__(self, on_error: Callable[[Line, int, str], None]) -> None:
        self.open: dict[int, Line] = {}
        self._on_error = on_error
        self._news: dict[Line, None] = {}

    def number(self, request_id: int, tick: int, value: float) -> None:
        """See `inbox.TickSink`."""
        if (line := self.open.get(request_id)) is not None:
            line.incoming.number(tick, value)
            self._ticked(line)

    def greeks(self, request_id: int, tick: int, values: Sequence[float | None]) -> None:
        """See `inbox.TickSink`."""
        if (line := self.open.get(request_id)) is not None:
            line.incoming.computed(tick, values)
            self._ticked(line)

    def text(self, request_id: int, tick: int, value: str) -> None:
        """See `inbox.TickSink`."""
        if (line := self.open.get(request_id)) is not None:
            line.incoming.text(tick, value)
            self._ticked(line)

    def data_type(self, request_id: int, kind: int) -> None:
        """See `inbox.TickSink`."""
        if (line := self.open.get(request_id)) is not None and kind in FEEDS:
            line.incoming.feed = FEEDS[kind]

    def failed(self, request_id: int, code: int, text: str) -> None:
        """See `inbox.TickSink`."""
        if (line := self.open.get(request_id)) is not None:
            self._on_error(line, code, text)
            self.changed(line)

    def _ticked(self, line: Line) -> None:
        if line.stale:
            line.ticked()
        self.changed(line)

    def changed(self, line: Line) -> None:
        """Have those told who wait for this line or follow it."""
        if not self._news:
            asyncio.get_running_loop().call_soon(self._tell)
        self._news[line] = None

    def _tell(self) -> None:
        news, self._news = self._news, {}
        for line in news:
            line.tell()
