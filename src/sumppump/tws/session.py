"""One connection to TWS from its handshake to its end; a new one is made for every attempt.

Nothing of a connection outlives it: open questions fail, tasks are cancelled, ids are forgotten.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any

from loguru import logger

from sumppump.kernel.errors import GatewayUnavailable, ProtocolError
from sumppump.tws.clock import ServerClock
from sumppump.tws.connection import PREFIX, WireClient
from sumppump.tws.inbox import CURRENT_TIME, AccountSink, Inbox, OrderSink, TickSink
from sumppump.tws.numbers import wall_offset
from sumppump.tws.pacing import Lane, Pacer
from sumppump.tws.requests import Requests, next_request_id
from sumppump.tws.settings import TwsSettings

# The library's client, whose request methods have no annotations.
Wire = Any
# The library misreads openOrder at exactly this version (it takes `duration` from 159 on).
MISREAD_SERVER = 158
TIME_ATTEMPTS = 3


class Session:
    """A socket, its questions and its pace.

    Attributes:
        lost: resolves with the reason when the socket is gone.
        account: the account that is used, "" when it cannot be told.
    """

    def __init__(
        self,
        settings: TwsSettings,
        clock: ServerClock,
        *,
        ticks: TickSink,
        orders: OrderSink,
        account: AccountSink,
        on_notice: Callable[[Session, int, str], None],
        on_unreadable: Callable[[str], None],
    ) -> None:
        self.settings = settings
        self.requests = Requests(late_end_s=settings.late_end_s)
        self.inbox = Inbox(
            self.requests,
            ticks=ticks,
            orders=orders,
            account=account,
            on_notice=lambda code, text: on_notice(self, code, text),
            on_unreadable=on_unreadable,
        )
        self.client = WireClient(self.inbox)
        self.pacer = Pacer(settings.messages_per_s, lambda: orders.working_count)
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.client.conn.disconnected += self._on_lost
        self.opened_at = time.monotonic()
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    # --- life ---------------------------------------------------------------------------------

    async def open(self, host: str, port: int, client_id: int) -> None:
        """Shake hands and learn the server's time and our accounts.

        Raises:
            GatewayUnavailable: it did not come to that.
        """
        settings = self.settings
        await self.client.open(host, port, client_id, settings.handshake_timeout_s)
        version = self.client.serverVersion()
        if version == MISREAD_SERVER or version > self.client.MaxClientVersion:
            raise GatewayUnavailable(f"server version {version} cannot be read safely")
        self.opened_at = time.monotonic()
        await self._first_time(settings.handshake_timeout_s)
        self._learn_zone()
        await self.write(lambda client: client.reqMarketDataType(settings.market_data_type))

    async def _first_time(self, timeout_s: float) -> None:
        """Insist a little: TWS drops a second question within a second, also across a quick reconnect."""
        for attempt in range(1, TIME_ATTEMPTS + 1):
            try:
                await self.sync_clock(timeout_s=timeout_s / TIME_ATTEMPTS)
            except GatewayUnavailable:
                if self.lost.done() or attempt == TIME_ATTEMPTS:
                    raise
            else:
                return

    def close(self, reason: str) -> None:
        """End everything that hangs on this connection."""
        self.client.hang_up()
        self._on_lost(reason)
        for task in self._tasks:
            task.cancel()

    async def closed(self) -> None:
        """Wait for what `close` has ended."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.client.conn.transport is not None:
            await self.client.conn.gone.wait()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something for as long as the connection lives; not at all when it has ended."""
        if self.lost.done():
            work.close()
            return
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.opt(exception=error).error("a task of the connection to TWS failed")

    def _on_lost(self, text: str) -> None:
        reason = self.client.conn.fault or text or "TWS closed the connection"
        self.requests.close(reason)
        self.inbox.books.close(reason)
        self.pacer.close(reason)
        if not self.lost.done():
            self.lost.set_result(reason)

    def _learn_zone(self) -> None:
        """TWS writes times of executions in its own zone; its first frame shows what its clock says."""
        shown = self.client.conn.first_frame[PREFIX:].split(b"\0")[1].decode(errors="replace")
        try:
            self.inbox.zone = wall_offset(shown, self._clock.at(self.opened_at))
        except ValueError:
            return

    @property
    def account(self) -> str:
        """The account that is used: the one of the settings, or the only one."""
        accounts = self.inbox.accounts
        if self.settings.account:
            return self.settings.account if self.settings.account in accounts else ""
        return accounts[0] if len(accounts) == 1 else ""

    # --- talking ------------------------------------------------------------------------------

    async def write(self, send: Callable[[Wire], None], *, lane: Lane = Lane.REQUEST) -> None:
        """Send a message that has no answer, when it is its turn."""
        await self.pacer.turn(lane)
        self._write(send)

    async def write_if_open(self, send: Callable[[Wire], None], *, lane: Lane = Lane.RELEASE) -> None:
        """Send a message that only tidies up: behind the others, and not at all when the socket is gone."""
        with contextlib.suppress(GatewayUnavailable):
            await self.write(send, lane=lane)

    def write_now(self, send: Callable[[Wire], None]) -> None:
        """Send a message that has had its turn."""
        self._write(send)

    async def ask(
        self,
        send: Callable[[Wire, int], None],
        *,
        what: str,
        timeout_s: float | None = None,
        request_id: int = 0,
        lane: Lane = Lane.QUESTION,
    ) -> list[Any]:
        """Send a request with an id and wait for all of its rows; see `Requests.ask`."""
        request_id = request_id or next_request_id()
        await self.pacer.turn(lane)
        return await self.requests.ask(
            request_id,
            lambda: self._write(lambda client: send(client, request_id)),
            what=what,
            timeout_s=timeout_s or self.settings.request_timeout_s,
        )

    async def ask_keyed(
        self,
        key: str,
        send: Callable[[Wire], None],
        *,
        timeout_s: float | None = None,
        lane: Lane = Lane.QUESTION,
        strict: bool = True,
    ) -> list[Any]:
        """Send a request that has no id and wait for its End; see `Requests.ask_keyed`."""
        return await self.requests.ask_keyed(
            key,
            lambda: self.write(send, lane=lane),
            timeout_s=timeout_s or self.settings.request_timeout_s,
            strict=strict,
        )

    async def sync_clock(self, *, timeout_s: float) -> None:
        """Ask the server's time; GatewayUnavailable when it says nothing."""
        sent = 0.0

        def send(client: Wire) -> None:
            nonlocal sent
            sent = time.monotonic()
            client.reqCurrentTime()

        answer = await self.ask_keyed(
            CURRENT_TIME, send, timeout_s=timeout_s, lane=Lane.CONTROL, strict=False
        )
        self._clock.told(answer[-1], sent=sent, received=time.monotonic())

    def put_check(self, *, may_queue: bool) -> None:
        """Refuse before any byte, unless a write now goes to an open socket with nothing before it.

        Raises:
            GatewayUnavailable: nothing was written.
        """
        conn = self.client.conn
        if not self.client.isReady() or not conn.can_write:
            raise GatewayUnavailable("there is no open socket to TWS; nothing was sent")
        if not may_queue and (self.client._msgQ or conn.is_backed_up):
            raise GatewayUnavailable("earlier messages have not left this machine yet; nothing was sent")

    def put(self, frame: bytes, *, jumps: bool = True) -> None:
        """Write a whole frame now; `put_check` comes first, in the same tick.

        `jumps` takes a token whatever is left: orders and cancels do not wait for their turn.
        """
        if jumps:
            self.pacer.jump()
        self.client.conn.sendMsg(frame)  # type: ignore[no-untyped-call]

    def _write(self, send: Callable[[Wire], None]) -> None:
        if not self.client.isReady() or not self.client.conn.can_write:
            raise GatewayUnavailable("there is no open socket to TWS")
        before = self.client.conn.numMsgSent
        send(self.client)
        if self.client.conn.numMsgSent != before + 1:
            raise ProtocolError("a message was queued instead of written")
