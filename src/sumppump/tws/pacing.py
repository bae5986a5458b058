"""Not more messages a second than TWS takes: one bucket of tokens, and lanes for those who wait.

Orders and cancels never wait; they may take the bucket below zero, and the rest waits for that.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from enum import IntEnum
from itertools import count

from sumppump.kernel.errors import GatewayUnavailable


class Lane(IntEnum):
    """Who goes first among those who wait."""

    CONTROL = 0
    REQUEST = 1
    RELEASE = 2


CONTROL_AHEAD_S = 60.0
RELEASE_AFTER_S = 2.0


class Pacer:
    """A token bucket that holds and refills `rate` tokens a second.

    Who waits is served by the moment it came: control as if it had come long ago, releases as if they had
    come `release_after_s` later. Tidying up goes behind requests, but not for ever: under a lasting load it
    would pile up without bound.
    """

    def __init__(self, rate: int, *, release_after_s: float = RELEASE_AFTER_S) -> None:
        self._due = {Lane.CONTROL: -CONTROL_AHEAD_S, Lane.REQUEST: 0.0, Lane.RELEASE: release_after_s}
        self._rate = float(rate)
        self._tokens = float(rate)
        self._stamp = time.monotonic()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._turns = count()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = ""

    @property
    def waiting(self) -> int:
        """Messages that have not had their turn."""
        return len(self._waiting)

    async def turn(self, lane: Lane = Lane.REQUEST) -> None:
        """Wait for a token; the caller writes its message before the next await.

        Raises:
            GatewayUnavailable: the connection ended first.
        """
        if self._closed:
            raise GatewayUnavailable(self._closed)
        self._refill()
        if not self._waiting and self._tokens >= 1:
            self._tokens -= 1
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self._stamp + self._due[lane], next(self._turns), future))
        self._arm()
        await future

    def jump(self) -> None:
        """Take a token now, whatever is left."""
        self._refill()
        self._tokens -= 1

    def drain(self) -> None:
        """TWS said that we are too fast (100): start again from an empty bucket."""
        self._refill()
        self._tokens = min(self._tokens, 0.0)

    def close(self, reason: str) -> None:
        """Nobody gets a turn any more: who waits fails with GatewayUnavailable."""
        self._closed = self._closed or reason
        if self._timer is not None:
            self._timer.cancel()
        for _, _, future in self._waiting:
            if not future.done():
                future.set_exception(GatewayUnavailable(reason))
        self._waiting.clear()

    def _refill(self) -> None:
        now = time.monotonic()
        self._tokens = min(self._rate, self._tokens + (now - self._stamp) * self._rate)
        self._stamp = now

    def _arm(self) -> None:
        if self._timer is None and self._waiting:
            delay = max(0.0, (1 - self._tokens) / self._rate)
            self._timer = asyncio.get_running_loop().call_later(delay, self._serve)

    def _serve(self) -> None:
        self._timer = None
        self._refill()
        while self._waiting and self._tokens >= 1:
            _, _, future = heapq.heappop(self._waiting)
            if not future.done():
                self._tokens -= 1
                future.set_result(None)
        self._arm()
