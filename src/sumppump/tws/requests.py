"""Questions and their answers: one by one where TWS gives no id, and never without an end.

A question ends with its own End message, an error, a time-out or the end of the connection; nothing else.
An empty answer is only an answer when its End was seen. Errors of requests are `BrokerRejected`; callers
translate them.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sumppump.kernel.errors import BrokerRejected, GatewayUnavailable

# Orders count from TWS's next valid id; far above them an error's id tells which of the two it means.
FIRST_REQUEST_ID = 1_000_000_000
_request_ids = count(FIRST_REQUEST_ID)


def next_request_id() -> int:
    """An id that no other request of this process has had."""
    return next(_request_ids)


def is_remark(code: int) -> bool:
    """Whether an error of this code leaves its request alive."""
    return code == 10167 or 2100 <= code < 2170


@dataclass(slots=True, eq=False)
class Pending:
    """A question that waits: rows so far, and the future of its end."""

    future: asyncio.Future[None]
    rows: list[Any] = field(default_factory=list)

    def end(self) -> None:
        """Its End message was seen."""
        if not self.future.done():
            self.future.set_result(None)

    def fail(self, error: Exception) -> None:
        """It will not be answered."""
        if not self.future.done():
            self.future.set_exception(error)


class Requests:
    """Every question that is open on one connection."""

    def __init__(self, *, late_end_s: float) -> None:
        self._open: dict[Hashable, Pending] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._owed: defaultdict[str, deque[float]] = defaultdict(deque)
        self._late_end_s = late_end_s
        self._closed = ""

    # --- asking -------------------------------------------------------------------------------

    async def ask(
        self, request_id: int, send: Callable[[], None], *, what: str, timeout_s: float
    ) -> list[Any]:
        """Send a request with an id and wait for its rows.

        Raises:
            BrokerRejected: TWS answered with an error.
            GatewayUnavailable: no answer in time, or the connection ended.
        """
        with self._opened(request_id) as pending:
            send()
            return await self._answer(pending, what, timeout_s)

    async def ask_keyed(
        self, key: str, send: Callable[[], Awaitable[None]], *, timeout_s: float, strict: bool = True
    ) -> list[Any]:
        """As `ask`, for requests that TWS answers without an id: one at a time (P-1).

        `strict` keeps the late answer of a question that timed out away from the next one.
        """
        async with self._locks[key]:
            with self._opened(key) as pending:
                await send()
                try:
                    return await self._answer(pending, key, timeout_s)
                finally:
                    if strict and (not pending.future.done() or pending.future.cancelled()):
                        self._owed[key].append(time.monotonic() + self._late_end_s)

    def _opened(self, key: Hashable) -> _Opened:
        if self._closed:
            raise GatewayUnavailable(self._closed)
        return _Opened(self._open, key)

    async def _answer(self, pending: Pending, what: str, timeout_s: float) -> list[Any]:
        try:
            async with asyncio.timeout(timeout_s):
                await pending.future
        except TimeoutError:
            # A loop that was blocked sees the time-out and the answer in the same turn.
            if not pending.future.done() or pending.future.cancelled():
                raise GatewayUnavailable(
                    f"TWS did not answer {what} in {timeout_s:g} s",
                    code="no_answer",
                    next_steps=["Try again in a moment."],
                ) from None
            pending.future.result()
        return pending.rows

    # --- answers, called by the inbox ---------------------------------------------------------

    def row(self, key: Hashable, item: object) -> None:
        """One row of an answer; rows that nobody waits for are dropped."""
        if (pending := self._open.get(key)) is not None:
            pending.rows.append(item)

    def end(self, key: Hashable) -> None:
        """The End message of an answer."""
        pending = self._open.get(key)
        if isinstance(key, str) and self._was_owed(key):
            # This End belongs to a question that timed out, and so do the rows before it.
            if pending is not None:
                pending.rows.clear()
        elif pending is not None:
            pending.end()

    def fail(self, key: Hashable, code: int, text: str) -> bool:
        """An error for a request. Returns whether it was one of ours."""
        pending = self._open.get(key)
        if pending is not None and not is_remark(code):
            pending.fail(BrokerRejected(code, text))
        return pending is not None

    def close(self, reason: str) -> None:
        """The connection ended: every question fails, and new ones do at once."""
        self._closed = reason
        for pending in list(self._open.values()):
            pending.fail(GatewayUnavailable(reason))

    def is_open(self, key: Hashable) -> bool:
        """Whether somebody waits for this answer."""
        return key in self._open

    def _was_owed(self, key: str) -> bool:
        owed, now = self._owed[key], time.monotonic()
        while owed and owed[0] < now:
            owed.popleft()
        if owed:
            owed.popleft()
            return True
        return False


class _Opened:
    """Keeps a question in the table for exactly as long as somebody waits for it."""

    def __init__(self, table: dict[Hashable, Pending], key: Hashable) -> None:
        self._table, self._key = table, key
        self._pending = Pending(asyncio.get_running_loop().create_future())

    def __enter__(self) -> Pending:
        self._table[self._key] = self._pending
        return self._pending

    def __exit__(self, *_: object) -> None:
        self._table.pop(self._key, None)
        if not self._pending.future.done():
            self._pending.future.cancel()
        elif not self._pending.future.cancelled():
            self._pending.future.exception()
