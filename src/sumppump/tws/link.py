"""The task that keeps us connected: in the background, with the same client id, for as long as we run.

Nobody waits for it. Who needs TWS asks for the `session` and gets one, or GatewayUnavailable with the reason.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from loguru import logger

from sumppump.domain.account import LinkStatus
from sumppump.domain.quotes import Feed
from sumppump.kernel.errors import GatewayUnavailable, SumpPumpError
from sumppump.ports.broker import LinkChanged
from sumppump.tws.clock import ServerClock
from sumppump.tws.notices import FARMS_UP, Effect, SparingLog, effect_of, farm_named, line_code
from sumppump.tws.session import Session
from sumppump.tws.settings import Endpoint, TwsSettings

# The first questions for the time come faster, so that a clock that runs N times as fast is known soon; TWS
# drops a second one within a second (seen with Gateway 10.45).
FIRST_BEATS, FIRST_BEAT_S = 2, 1.5
LAG_S = 1.0
NEXT_STEPS = ("Reads may be repeated in a moment.", "Check that TWS or IB Gateway runs and its API is on.")


class Link:
    """The connection over time.

    Attributes:
        on_change: called with every LinkChanged.
        on_up: called with each new session, after its start-up.
        on_data_lost: called when TWS has forgotten our subscriptions (1101).
        on_down: called with the reason when a session has ended.
        on_account_taken: called when another client took over the account's updates (2100).
        on_stale: called when ticks may have stopped (farms, a competing session, 1100), with the reason and
            whether TWS will say when they should flow again.
        on_resumed: called when ticks should flow again (a farm is back, 1102).
    """

    def __init__(
        self,
        settings: TwsSettings,
        clock: ServerClock,
        make_session: Callable[[Link], Session],
        endpoint: Endpoint | None = None,
    ) -> None:
        self._settings, self._clock, self._make_session = settings, clock, make_session
        self._endpoint = endpoint
        self._host, self._port = settings.host, settings.port
        self.client_id = settings.client_id
        self.is_reader = settings.read_only or settings.reads_along
        self.on_change: list[Callable[[LinkChanged], None]] = []
        self.on_up: list[Callable[[Session], None]] = []
        self.on_data_lost: list[Callable[[Session], None]] = []
        self.on_down: list[Callable[[str], None]] = []
        self.on_stale: list[Callable[[str, bool], None]] = []
        self.on_resumed: list[Callable[[], None]] = []
        self.on_account_taken: list[Callable[[], None]] = []
        self.lines: Callable[[], tuple[int, int]] = lambda: (0, settings.line_limit)
        self.feed = Feed.LIVE
        self.decoder_errors = 0
        self._session: Session | None = None
        self._task: asyncio.Task[None] | None = None
        self._broker_online = True
        self._farms_down: set[str] = set()
        self._reason = "not started"
        self._was_connected = False
        self._hint = ""
        self._reconcile_said = False
        self._log = SparingLog()

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to connect; returns at once."""
        if self._task is None:
            self._reason = "connecting"
            self._task = asyncio.create_task(self._run(), name="tws-link")

    async def stop(self) -> None:
        """End the connection and the attempts."""
        if self._task is None:
            return
        task, self._task = self._task, None
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self._reason = "stopped"

    async def _run(self) -> None:
        wait_s = self._settings.backoff_min_s
        while True:
            reason, was_up = await self._live()
            if was_up:
                wait_s = self._settings.backoff_min_s
            self._reason = self._hint or reason
            self._say(LinkChanged(status=self.status()))
            logger.info("no connection to TWS: {}; next attempt in {:g} s", self._reason, wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, self._settings.backoff_max_s)

    async def _live(self) -> tuple[str, bool]:
        """One connection from beginning to end; returns why it ended and whether it had been up."""
        self._broker_online, self._hint = True, ""
        self._farms_down.clear()
        session = self._make_session(self)
        reason = "stopped"
        try:
            await self._open(session)
            self._up(session)
            reason = await self._watch(session)
        except SumpPumpError as error:
            reason = error.message
        except Exception as error:  # noqa: BLE001 - the owner of the connection must outlive any of them
            logger.exception("the connection to TWS failed")
            reason = f"{type(error).__name__} in the connection"
        finally:
            was_up, self._session = self._session is session, None
            session.close(reason)
            await session.closed()
            for forget in self.on_down:
                forget(reason)
        return reason, was_up

    async def _open(self, session: Session) -> None:
        if self._endpoint is not None:
            self._host, self._port = await self._endpoint()
        client_id = self.client_id
        await session.open(self._host, self._port, client_id)
        if client_id != self.client_id:
            raise GatewayUnavailable(f"reconnecting as client {self.client_id}")

    def use_client_id(self, client_id: int) -> None:
        """Be this client, and the one that writes; a connection under another id ends and comes back.

        Orders belong to the id that placed them: a change sent under another one would be a second order.
        """
        self.is_reader = self._settings.read_only
        if client_id == self.client_id:
            return
        self.client_id = client_id
        if self._session is not None:
            self._session.close(f"reconnecting as client {client_id}")

    def _up(self, session: Session) -> None:
        self._session, self._reason = session, ""
        self._was_connected = True
        logger.info("connected to TWS, server version {}", session.client.serverVersion())
        for start in self.on_up:
            start(session)
        self._say(LinkChanged(status=self.status(), needs_reconcile=True))

    async def _watch(self, session: Session) -> str:
        beats = 0
        while True:
            pause = self._settings.heartbeat_s
            is_soon = beats < FIRST_BEATS or self._clock.is_unsure
            pause = min(pause, FIRST_BEAT_S) if is_soon else pause
            asleep = time.monotonic()
            await asyncio.wait({session.lost}, timeout=pause)
            _complain_of_lag(time.monotonic() - asleep - pause)
            if session.lost.done():
                return session.lost.result()
            beats += 1
            await self._beat(session)

    async def _beat(self, session: Session) -> None:
        """Ask the time. Silence is only the end when not a single byte has come since."""
        asked = time.monotonic()
        try:
            await session.sync_clock(timeout_s=self._settings.heartbeat_s)
        except GatewayUnavailable:
            if not session.lost.done() and session.client.conn.last_data < asked:
                session.client.conn.give_up(f"TWS has been silent for {time.monotonic() - asked:.0f} s")

    # --- what others ask ----------------------------------------------------------------------

    def session(self) -> Session:
        """The connection, or GatewayUnavailable with the reason why there is none."""
        if self._session is None or self._session.lost.done():
            raise GatewayUnavailable(
                f"there is no connection to TWS: {self._reason or 'it has just ended'}", next_steps=NEXT_STEPS
            )
        return self._session

    def online_session(self) -> Session:
        """As `session`, and TWS itself is connected to IB."""
        session = self.session()
        if not self._broker_online:
            raise GatewayUnavailable("TWS has lost its connection to IB (1100)", next_steps=NEXT_STEPS[:1])
        return session

    def is_online(self) -> bool:
        """Whether TWS is connected to IB, as far as it has said."""
        return self._broker_online

    def status(self) -> LinkStatus:
        """How we stand now."""
        session = self._session if self._session is not None and not self._session.lost.done() else None
        used, limit = self.lines()
        return LinkStatus(
            connected=session is not None,
            broker_online=session is not None and self._broker_online,
            account=session.account if session is not None else "",
            host=self._host,
            port=self._port,
            client_id=self.client_id,
            since_s=None if session is None else time.monotonic() - session.opened_at,
            farms_down=tuple(sorted(self._farms_down)),
            reason="" if session is not None and self._broker_online else self._why(session),
            lines_used=used,
            lines_limit=limit,
            decoder_errors=self.decoder_errors,
            server_version=0 if session is None else session.client.serverVersion(),
            feed=self.feed,
            was_connected=self._was_connected,
            server_time=self._clock.is_server_time,
        )

    def _why(self, session: Session | None) -> str:
        if session is not None:
            return "TWS has lost its connection to IB (1100)"
        return self._reason or "the connection has just ended"

    # --- what TWS says ------------------------------------------------------------------------

    def notice(self, session: Session, code: int, text: str) -> None:
        """A message of TWS about the connection itself."""
        effect = effect_of(code)
        act = {
            Effect.BROKER_LOST: self._broker_lost,
            Effect.DATA_LOST: lambda: self._broker_back(session, data_lost=True),
            Effect.DATA_KEPT: lambda: self._broker_back(session, data_lost=False),
            Effect.PORT_MOVED: lambda: self._hints(f"TWS has moved to another port: {text}"),
            Effect.ID_TAKEN: lambda: self._hints(f"client id {self.client_id} is in use (326)"),
            Effect.FARM_DOWN: lambda: self._farm(text, down=True, ticks=True),
            Effect.FARM_UP: lambda: self._farm(text, down=False, ticks=True),
            Effect.SIDE_FARM_DOWN: lambda: self._farm(text, down=True, ticks=False),
            Effect.SIDE_FARM_UP: lambda: self._farm(text, down=False, ticks=False),
            Effect.COMPETING: lambda: self._went_stale(
                f"{line_code(code, text).words} (TWS {code})", is_announced=False
            ),
            Effect.TOO_FAST: session.pacer.drain,
            Effect.ACCOUNT_TAKEN: self._account_taken,
        }.get(effect)
        if act is None:
            logger.debug("TWS says {}: {}", code, text)
            return
        self._log.says(code, text, level="DEBUG" if effect in FARMS_UP else "INFO")
        act()

    def unreadable(self, reason: str) -> None:
        """A frame that could not be read: count it, and have everything checked."""
        self.decoder_errors += 1
        logger.warning("a message of TWS could not be read ({}); orders will be reconciled", reason)
        if not self._reconcile_said:
            self._reconcile_said = True
            asyncio.get_running_loop().call_soon(self._say_reconcile)

    def _say_reconcile(self) -> None:
        self._reconcile_said = False
        self._say(LinkChanged(status=self.status(), needs_reconcile=True))

    def _broker_lost(self) -> None:
        if self._broker_online:
            self._broker_online = False
            self._went_stale("TWS has lost its connection to IB (TWS 1100)")
            self._say(LinkChanged(status=self.status()))

    def _broker_back(self, session: Session, *, data_lost: bool) -> None:
        self._broker_online = True
        if data_lost:
            for resubscribe in self.on_data_lost:
                resubscribe(session)
        else:
            self._resumed()
        self._say(LinkChanged(status=self.status(), data_lost=data_lost, needs_reconcile=True))

    def _farm(self, text: str, *, down: bool, ticks: bool) -> None:
        """A farm breaks or is back; only a market data farm concerns ticks."""
        farm, before = farm_named(text), len(self._farms_down)
        (self._farms_down.add if down else self._farms_down.discard)(farm)
        if len(self._farms_down) == before:
            return
        if ticks and down:
            self._went_stale(f"the market data farm {farm} is broken (TWS 2103)")
        elif ticks:
            self._resumed()
        self._say(LinkChanged(status=self.status()))

    def _account_taken(self) -> None:
        for forget in self.on_account_taken:
            forget()

    def _hints(self, reason: str) -> None:
        self._hint = reason

    def _went_stale(self, reason: str, *, is_announced: bool = True) -> None:
        for mark in self.on_stale:
            mark(reason, is_announced)

    def _resumed(self) -> None:
        for expect in self.on_resumed:
            expect()

    def _say(self, event: LinkChanged) -> None:
        for listener in list(self.on_change):
            listener(event)


def _complain_of_lag(late_s: float) -> None:
    """F-40: this process stood still (a disk, memory, the processor); what came meanwhile is read now."""
    if late_s >= LAG_S:
        logger.warning("this process stood still for {:.1f} s; quotes and orders were that late", late_s)
