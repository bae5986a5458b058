"""One market data line: what it has said, who holds it, and who waits for something in it.

A line outlives its subscriptions: it may wait for a place, lose it, and be subscribed again. Until the first
full picture of a new subscription the old one is shown, and called stale.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import compress

from sumppump.domain.instruments import Instrument
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.ports.market import Need
from sumppump.tws.ticks import TickBook

Test = Callable[[TickBook], bool]
_NEEDS = tuple(Need)


class Line:
    """A contract's market data.

    Attributes:
        generics: the generic ticks it is asked for with, comma-separated.
        request_id: of the running subscription, 0 while there is none.
        since: monotonic moment from which it has waited for a place, or has had it.
        used_at: monotonic moment when somebody took or left it last.
        book: the picture that is shown.
        incoming: the one that ticks are written into; another than `book` until it is complete.
        stale: why ticks may have been missed, "" while the picture is current.
        ended: why nothing will come any more, "" while it lives.
        lost: why those who wait cannot have it: the connection ended; "" otherwise.
        gives_way: whether it has had its time and others as urgent may take its place.
        asked_delayed: whether it was asked for again after a refusal, in the hope of delayed data.
        listeners: called after news, at most once a turn of the loop, and at the end.
    """

    def __init__(self, instrument: Instrument, generics: str) -> None:
        self.instrument, self.generics = instrument, generics
        self.request_id = 0
        self.since = self.used_at = time.monotonic()
        self.book = self.incoming = TickBook()
        self.stale = self.ended = self.lost = ""
        self.gives_way = self.asked_delayed = False
        self.listeners: list[Callable[[], None]] = []
        self._is_paused = False
        self._holders = [0] * len(Need)
        self._waiters: list[tuple[Test, asyncio.Future[None]]] = []

    @property
    def key(self) -> tuple[int, str]:
        """Contract and generic ticks: who asks for the same shares it."""
        return self.instrument.con_id, self.generics

    @property
    def is_open(self) -> bool:
        """Whether TWS counts it."""
        return self.request_id != 0

    @property
    def wants_place(self) -> bool:
        """Whether somebody needs it and it is not subscribed."""
        return self.request_id == 0 and not self.ended and self.is_held

    # --- who holds it -------------------------------------------------------------------------

    @property
    def is_held(self) -> bool:
        """Whether anybody needs it."""
        return any(self._holders)

    @property
    def need(self) -> Need:
        """The most urgent need of those who hold it; LOOKUP when nobody does."""
        # Asked for every line at every turn: walking through an enum would cost ten times as much.
        return next(compress(_NEEDS, self._holders), Need.LOOKUP)

    def hold(self, need: Need, by: int) -> None:
        """One holder more (1) or less (-1)."""
        self._holders[need] += by
        self.used_at = time.monotonic()

    # --- waiting for it -----------------------------------------------------------------------

    async def reached(self, test: Test, timeout_s: float) -> bool:
        """Wait until the book passes a test or the line ends; False when neither came in time.

        Raises:
            GatewayUnavailable: the connection ended.
        """
        if self.lost:
            raise GatewayUnavailable(self.lost)
        if self._passes(test):
            return True
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = (test, future)
        self._waiters.append(waiter)
        try:
            await asyncio.wait({future}, timeout=max(0.0, timeout_s))
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
        if future.done():
            future.result()
        return future.done()

    def _passes(self, test: Test) -> bool:
        return bool(self.ended) or self._is_paused or (self.incoming is self.book and test(self.book))

    def tell(self) -> None:
        """Something came: wake those whose test passes now, and tell those who follow."""
        for test, future in self._waiters:
            if not future.done() and self._passes(test):
                future.set_result(None)
        for listener in tuple(self.listeners):
            listener()

    # --- what becomes of it -------------------------------------------------------------------

    def renew(self, reason: str) -> None:
        """What comes from now on is a new picture; the old one is shown until it is complete."""
        self.request_id = 0
        self.since = time.monotonic()
        self.gives_way = self._is_paused = False
        self.stale = self.stale or reason
        self.incoming = TickBook()
        if not self.book.touched:
            self.book = self.incoming

    def ticked(self) -> None:
        """A tick was written: the picture is current, or one step nearer to it."""
        if self.incoming is not self.book:
            if not self.incoming.has_market(self.instrument):
                return
            self.book = self.incoming
        self.stale, self._is_paused = "", False

    def pause(self, reason: str) -> None:
        """Nothing comes for now: who waits takes what there is."""
        self.stale, self._is_paused = reason, True

    def end(self, reason: str) -> None:
        """Nothing will come any more: the subscription was refused."""
        self.book = self.incoming
        self.stale = self.ended = reason
        self.request_id = 0

    def lose(self, reason: str) -> None:
        """The connection ended, and nobody follows it."""
        self.request_id, self.lost = 0, reason
        self._fail(reason)

    def interrupt(self, reason: str, stale: str) -> None:
        """The connection ended: who waits for it hears `reason`, who follows it waits for the next one."""
        self.renew(stale)
        self._fail(reason)
        self.tell()

    def _fail(self, reason: str) -> None:
        for _, future in self._waiters:
            if not future.done():
                future.set_exception(GatewayUnavailable(reason))
