"""The market data lines as one budget: taken, shared, left open a moment, given back.

TWS counts lines of all clients together and counts them when messages arrive, so a cancel leaves before the
subscription that needs its place. Two callers of one contract share its line.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence

from ib_async.contract import Contract

from sumppump.domain.instruments import Instrument, OptionContract
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.tws.notices import NO_LINE_LEFT
from sumppump.tws.pacing import Lane
from sumppump.tws.requests import next_request_id
from sumppump.tws.session import Session
from sumppump.tws.settings import TwsSettings
from sumppump.tws.ticks import FEEDS, TickBook

OPEN_INTEREST = "101"
RETRY_LIMIT_S = 10.0

Test = Callable[[TickBook], bool]


class Line:
    """One subscription: its book, and those who wait for something in it."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.request_id = 0
        self.book = TickBook()
        self.users = 0
        self.idle_since = 0.0
        self.lost = ""
        self.listeners: list[Callable[[], None]] = []
        self._waiters: list[tuple[Test, asyncio.Future[None]]] = []

    async def reached(self, test: Test, timeout_s: float) -> bool:
        """Wait until the book passes a test or the line ends; False when neither came in time.

        Raises:
            GatewayUnavailable: the connection ended.
        """
        if self.lost:
            raise GatewayUnavailable(self.lost)
        if self.book.ended or test(self.book):
            return True
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((test, future))
        await asyncio.wait({future}, timeout=max(0.0, timeout_s))
        self._waiters = [waiter for waiter in self._waiters if waiter[1] is not future]
        if self.lost:
            raise GatewayUnavailable(self.lost)
        return future.done()

    def changed(self) -> None:
        """Something came: wake those whose test passes now."""
        for test, future in self._waiters:
            if not future.done() and (self.lost or self.book.ended or test(self.book)):
                future.set_result(None)
        for listener in self.listeners:
            listener()

    @property
    def is_over(self) -> bool:
        """Whether nothing will come any more."""
        return bool(self.lost or self.book.ended)


class LineBudget:
    """All lines of this process; also the inbox's `TickSink`."""

    def __init__(self, settings: TwsSettings, session: Callable[[], Session]) -> None:
        self._settings, self._session = settings, session
        self.limit = settings.line_limit
        self._by_contract: dict[int, Line] = {}
        self._by_request: dict[int, Line] = {}
        self._idle: OrderedDict[int, Line] = OrderedDict()
        self._leaving = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._reaping = False

    @property
    def used(self) -> int:
        """Lines that TWS may count against us now."""
        return len(self._by_contract) + self._leaving

    # --- taking and giving back ---------------------------------------------------------------

    async def acquire(self, instrument: Instrument) -> Line:
        """A line for this contract, shared if there is one; waits while all are in use."""
        while True:
            session = self._session()
            line = self._by_contract.get(instrument.con_id)
            if line is not None and not line.is_over:
                break
            if self.used < self.limit or self._evict(session):
                line = self._open(session, instrument)
                break
            await self._room()
        line.users += 1
        self._idle.pop(instrument.con_id, None)
        return line

    def release(self, line: Line) -> None:
        """The caller needs it no more; it stays open for a moment."""
        line.users -= 1
        if line.users > 0:
            return
        if self._by_contract.get(line.instrument.con_id) is line:
            if line.is_over:
                self._forget(line)
            else:
                line.idle_since = time.monotonic()
                self._idle[line.instrument.con_id] = line
                self._reap_later()
        self._wake()

    def _open(self, session: Session, instrument: Instrument) -> Line:
        line = Line(instrument)
        self._by_contract[instrument.con_id] = line
        session.spawn(self._subscribe(session, line))
        return line

    async def _subscribe(self, session: Session, line: Line) -> None:
        try:
            await session.pacer.turn()
            if self._by_contract.get(line.instrument.con_id) is not line:
                return
            line.request_id = next_request_id()
            self._by_request[line.request_id] = line
            generic = OPEN_INTEREST if isinstance(line.instrument, OptionContract) else ""
            contract = wire_contract(line.instrument)
            session.write_now(
                lambda client: client.reqMktData(line.request_id, contract, generic, False, False, [])
            )
        except GatewayUnavailable as error:
            line.lost = error.message
            self._forget(line)
            line.changed()

    def _evict(self, session: Session) -> bool:
        """Give up the line that has been idle longest; its cancel goes before what needs the place."""
        if not self._idle:
            return False
        _, line = self._idle.popitem(last=False)
        self._forget(line)
        session.spawn(self._cancel(session, line, Lane.REQUEST))
        return True

    async def _cancel(self, session: Session, line: Line, lane: Lane) -> None:
        if line.request_id:
            await session.write_if_open(lambda client: client.cancelMktData(line.request_id), lane=lane)

    async def _room(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._wake()
            raise

    def _wake(self) -> None:
        while self._queue:
            future = self._queue.popleft()
            if not future.done():
                future.set_result(None)
                return

    def _forget(self, line: Line) -> None:
        if self._by_contract.get(line.instrument.con_id) is line:
            del self._by_contract[line.instrument.con_id]
        self._by_request.pop(line.request_id, None)
        self._idle.pop(line.instrument.con_id, None)

    # --- closing what nobody needs ------------------------------------------------------------

    def _reap_later(self) -> None:
        with contextlib.suppress(GatewayUnavailable):
            session = self._session()
            if not self._reaping:
                self._reaping = True
                session.spawn(self._reap(session))

    async def _reap(self, session: Session) -> None:
        try:
            while self._idle:
                line = next(iter(self._idle.values()))
                wait_s = line.idle_since + self._settings.linger_s - time.monotonic()
                if wait_s > 0:
                    await asyncio.sleep(wait_s)
                    continue
                self._leave(session, line)
        finally:
            self._reaping = False

    def _leave(self, session: Session, line: Line) -> None:
        """Cancel behind everything else; until the message is written the line still counts."""
        self._forget(line)
        self._leaving += 1
        session.spawn(self._left(session, line))

    async def _left(self, session: Session, line: Line) -> None:
        try:
            await self._cancel(session, line, Lane.RELEASE)
        finally:
            self._leaving -= 1
            self._wake()

    # --- what happens to the connection -------------------------------------------------------

    def drop_idle(self) -> None:
        """Lines that nobody uses may have gone silent: close them, so that the next caller gets new ones."""
        with contextlib.suppress(GatewayUnavailable):
            session = self._session()
            for line in list(self._idle.values()):
                self._leave(session, line)

    def connection_ended(self, reason: str) -> None:
        """All lines are gone with the connection."""
        lines, self._by_contract = list(self._by_contract.values()), {}
        self._by_request.clear()
        self._idle.clear()
        self._leaving, self._reaping, self.limit = 0, False, self._settings.line_limit
        for line in lines:
            line.lost = line.lost or reason
            line.changed()
        for _ in range(len(self._queue)):
            self._wake()

    def subscribe_again(self, session: Session) -> None:
        """TWS has lost our subscriptions (1101): those in use are asked for anew."""
        self._by_request.clear()
        for line in list(self._idle.values()):
            self._forget(line)
        for line in list(self._by_contract.values()):
            line.book.values.clear()
            line.book.greeks = None
            session.spawn(self._subscribe(session, line))

    # --- TickSink -----------------------------------------------------------------------------

    def number(self, request_id: int, tick: int, value: float) -> None:
        """See `inbox.TickSink`."""
        if (line := self._by_request.get(request_id)) is not None:
            line.book.number(tick, value)
            line.changed()

    def greeks(self, request_id: int, tick: int, values: Sequence[float | None]) -> None:
        """See `inbox.TickSink`."""
        if (line := self._by_request.get(request_id)) is not None:
            line.book.computed(tick, values)
            line.changed()

    def data_type(self, request_id: int, kind: int) -> None:
        """See `inbox.TickSink`."""
        if (line := self._by_request.get(request_id)) is not None and kind in FEEDS:
            line.book.feed = FEEDS[kind]

    def failed(self, request_id: int, code: int, text: str) -> None:
        """See `inbox.TickSink`."""
        line = self._by_request.get(request_id)
        if line is None:
            return
        line.book.failed(code, text)
        if line.book.ended:
            self._forget(line)
            if code == NO_LINE_LEFT:
                self._shrink()
            self._wake()
        line.changed()

    def _shrink(self) -> None:
        """Other clients have the rest: do with what we hold, for a while."""
        self.limit = max(1, len(self._by_contract))
        asyncio.get_running_loop().call_later(RETRY_LIMIT_S, self._restore_limit)

    def _restore_limit(self) -> None:
        self.limit = self._settings.line_limit
        self._wake()


def wire_contract(instrument: Instrument) -> Contract:
    """A contract as market data and history are asked for it: by its id."""
    return Contract(
        conId=instrument.con_id, symbol=instrument.symbol, secType=instrument.sec_type.value,
        exchange=instrument.exchange, currency=instrument.currency,
    )  # fmt: skip
