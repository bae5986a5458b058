"""A small HTTP server on 127.0.0.1 inside the loop that is already running.

It takes no signals, writes nothing to stdout, logs no address, and gives every connection one
request and five seconds to say it.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import Any

import h11
from loguru import logger
from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

READ_TIMEOUT_S = 5.0
MOST_CONNECTIONS = 32
MOST_HEADER_BYTES = 8 * 1024
STOP_TIMEOUT_S = 1.0

_HEARD = (h11.DONE, h11.MUST_CLOSE, h11.CLOSED)


class _Doorkeeper(H11Protocol):
    """uvicorn's HTTP/1.1 with a limit on connections, and a deadline for the whole request."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        else:
            self._deadline = self.loop.call_later(READ_TIMEOUT_S, self._cut_if_unheard)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def _cut_if_unheard(self) -> None:
        if self.conn.their_state not in _HEARD:
            self.transport.abort()


class Loopback:
    """One ASGI application served on 127.0.0.1, at a port that the system chose."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        self._state = ServerState()
        self._config = _config(app)
        self._config.load()
        self._stopping = asyncio.Event()
        self._task = asyncio.create_task(self._serve(listener), name="approval page")
        self._task.add_done_callback(_say_why_it_ended)
        self.port: int = listener.getsockname()[1]

    @classmethod
    def start(cls, app_for: Callable[[int], ASGIApp]) -> Loopback:
        """Serve the application that `app_for` builds for the port, as a task of the running loop.

        Raises:
            OSError: the machine has no loopback, or no port left.
            RuntimeError: no loop is running.
        """
        asyncio.get_running_loop()
        listener = _listener()
        # The socket listens already: who calls before the task has begun is kept waiting, not refused.
        return cls(app_for(listener.getsockname()[1]), listener)

    @property
    def is_serving(self) -> bool:
        """Whether requests are still answered."""
        return not self._task.done()

    async def stop(self) -> None:
        """Stop serving; unfinished answers get a second. Harmless the second time."""
        self._stopping.set()
        await asyncio.wait({self._task})

    async def _serve(self, listener: socket.socket) -> None:
        # uvicorn's own Server would take the program's signals and wake the loop ten times a second.
        server = await asyncio.get_running_loop().create_server(self._doorkeeper, sock=listener)
        try:
            await self._stopping.wait()
        finally:
            server.close()
            await self._let_finish()

    def _doorkeeper(self) -> asyncio.Protocol:
        return _Doorkeeper(self._config, self._state, {})

    async def _let_finish(self) -> None:
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(set(self._state.tasks), timeout=STOP_TIMEOUT_S)
        for task in self._state.tasks:
            task.cancel()
        for connection in list(self._state.connections):
            connection.transport.abort()
        # A closed transport lets go of its socket in the loop's next turn, which must still come.
        await asyncio.sleep(0)


def _listener() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # Without it another program could bind the same port and take our requests.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(MOST_CONNECTIONS)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def _say_why_it_ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (problem := task.exception()) is not None:
        logger.error("The approval page ended: {}", type(problem).__name__)


def _config(app: ASGIApp) -> Config:
    settings: dict[str, Any] = {
        "http": _Doorkeeper,
        "ws": "none",
        "lifespan": "off",
        "loop": "none",
        "log_config": None,
        "log_level": "critical",
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "date_header": False,
        "h11_max_incomplete_event_size": MOST_HEADER_BYTES,
        "timeout_keep_alive": int(READ_TIMEOUT_S),
    }
    return Config(app, **settings)
