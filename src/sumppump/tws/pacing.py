"""Not more messages a second than TWS takes: one bucket of tokens, and lanes for those who wait.

Orders and cancels never wait: the reads leave room for them, and wait for what they took (`bucket`).
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable
from enum import IntEnum
from itertools import count

from sumppump.kernel.errors import GatewayUnavailable
from sumppump.tws.bucket import Bucket


class Lane(IntEnum):
    """Who goes first among those who wait."""

    CONTROL = 0
    URGENT = 1
    QUESTION = 2
    REQUEST = 3
    RELEASE = 4


CONTROL_AHEAD_S = 60.0
URGENT_AHEAD_S = 30.0
QUESTION_AHEAD_S = 10.0
RELEASE_AFTER_S = 2.0


class Ticket:
    """A place among those who wait; `act` is called once, with a token, and None gives the place up."""

    __slots__ = ("act", "fail")

    def __init__(self, act: Callable[[], object], fail: Callable[[str], object]) -> None:
        self.act: Callable[[], object] | None = act
        self.fail = fail

    def give_up(self) -> None:
        """Wait no more; costs no token."""
        self.act = None


class Pacer:
    """A token bucket that holds and refills `rate` tokens a second, some of them kept for `working` orders.

    Who waits is served by the moment it came: control as if it had come long ago, quotes for orders a
    little less long, and what is a question of its own, such as what is held, before the hundreds of lines
    of a chain that came with it. Releases go as if they had come `release_after_s` later: behind requests,
    but not for ever, since under a lasting load they would pile up without bound.
    """

    def __init__(
        self, rate: int, working: Callable[[], int] = int, *, release_after_s: float = RELEASE_AFTER_S
    ) -> None:
        self._due = {
            Lane.CONTROL: -CONTROL_AHEAD_S,
            Lane.URGENT: -URGENT_AHEAD_S,
            Lane.QUESTION: -QUESTION_AHEAD_S,
            Lane.REQUEST: 0.0,
            Lane.RELEASE: release_after_s,
        }
        self._bucket = Bucket(rate, time.monotonic())
        self._working = working
        self._waiting: list[tuple[float, int, Ticket]] = []
        self._turns = count()
        self._timer: asyncio.TimerHandle | None = None
        self._is_serving = False
        self._closed = ""

    @property
    def waiting(self) -> int:
        """Messages that have not had their turn."""
        return sum(ticket.act is not None for _, _, ticket in self._waiting)

    async def turn(self, lane: Lane = Lane.REQUEST) -> None:
        """Wait for a token; the caller writes its message before the next await.

        Raises:
            GatewayUnavailable: the connection ended first.
        """
        if self._closed:
            raise GatewayUnavailable(self._closed)
        if self._took_at_once():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def serve() -> None:
            if not future.done():
                future.set_result(None)

        def fail(why: str) -> None:
            if not future.done():
                future.set_exception(GatewayUnavailable(why))

        ticket = self.book(serve, lane, fail)
        try:
            await future
        finally:
            ticket.give_up()

    def book(
        self,
        act: Callable[[], object],
        lane: Lane,
        fail: Callable[[str], object],
        *,
        since: float | None = None,
    ) -> Ticket:
        """Have `act` called with a token when it is its turn, never from within this call.

        Args:
            act: writes one message; what it books itself may be served in the same breath.
            lane: who goes first.
            fail: called with the reason when the connection ends first.
            since: monotonic moment from which it has waited, now without it.
        """
        ticket = Ticket(act, fail)
        came = time.monotonic() if since is None else since
        heapq.heappush(self._waiting, (came + self._due[lane], next(self._turns), ticket))
        self._arm()
        return ticket

    def jump(self) -> None:
        """Take a token now, whatever is left."""
        self._bucket.spend(time.monotonic())

    def drain(self) -> None:
        """TWS said that we are too fast (100): start again from an empty bucket."""
        self._bucket.empty(time.monotonic())

    def close(self, reason: str) -> None:
        """Nobody gets a turn any more: who waits fails with GatewayUnavailable."""
        self._closed = self._closed or reason
        if self._timer is not None:
            self._timer.cancel()
        waiting, self._waiting = self._waiting, []
        for _, _, ticket in waiting:
            if ticket.act is not None:
                ticket.give_up()
                ticket.fail(reason)

    def _took_at_once(self) -> bool:
        return not self._waiting and self._bucket.take(time.monotonic(), self._working())

    def _arm(self) -> None:
        if self._timer is None and self._waiting and not self._is_serving and not self._closed:
            delay = self._bucket.wait_s(time.monotonic(), self._working())
            self._timer = asyncio.get_running_loop().call_later(delay, self._serve)

    def _serve(self) -> None:
        self._timer = None
        self._is_serving = True
        try:
            while self._next_is_there() and self._bucket.take(time.monotonic(), self._working()):
                _, _, ticket = heapq.heappop(self._waiting)
                if (act := ticket.act) is not None:
                    ticket.give_up()
                    act()
        finally:
            self._is_serving = False
            self._arm()

    def _next_is_there(self) -> bool:
        """Whether somebody waits; who has given up is passed over."""
        while self._waiting and self._waiting[0][2].act is None:
            heapq.heappop(self._waiting)
        return bool(self._waiting)
