"""Connections: one protocol object per TWS client, one per control connection."""

from __future__ import annotations

import asyncio
import hmac
import socket
import struct
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from loguru import logger

from sumppump.exchange.control import parse
from sumppump.kernel.errors import SumpPumpError

if TYPE_CHECKING:
    from sumppump.exchange.control import ControlCommand
    from sumppump.exchange.server import EmbeddedServer
    from sumppump.exchange.session import ClientSession

MAX_CONTROL_LINE = 4096
MAX_HELD = 64 * 1024 * 1024
ROOM = 512 * 1024
"""Unread bytes beyond which a long answer waits for its client to read; the next turn looks again."""


class ClientDoor(asyncio.Protocol):
    """A TWS client's connection."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._held = bytearray()
        self.session: ClientSession | None = None
        self._goes_on = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.session = self._server.enter(self)
        self.flush()

    def data_received(self, data: bytes) -> None:
        """Bytes from the client."""
        if self._server.is_holding:
            self._held += data
            if len(self._held) > MAX_HELD:
                self.drop()
            return
        if self.session is not None:
            self._server.receive(self.session, data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._transport = None
        if self.session is not None:
            self._server.left(self)

    def release(self) -> None:
        """Process what came in while the doors were held."""
        held, self._held = bytes(self._held), bytearray()
        if held:
            self.data_received(held)

    def flush(self) -> None:
        """Write what is owed; drop a client that does not read, close one that is done."""
        transport, session = self._transport, self.session
        if transport is None or session is None or self._server.is_holding:
            return
        data = session.take(whole=False)
        for piece in pieces(data, session.piece):
            transport.write(piece)
        is_busy = session.is_unfinished or session.is_at_work
        if is_busy and not self._goes_on and transport.get_write_buffer_size() < ROOM:
            # Other clients are served between two slices: of a timer, the loop looks at the sockets first.
            self._goes_on = True
            asyncio.get_running_loop().call_later(0, self._go_on)
        if transport.get_write_buffer_size() > self._server.settings.max_output:
            logger.warning("client {} does not read what it asked for and is dropped", session.client_id)
            self.drop()
        elif session.is_closed:
            if session.ended:
                logger.warning("a connection is closed: {}", session.ended)
            self._end(transport, reset=session.is_reset)

    def _go_on(self) -> None:
        self._goes_on = False
        if self._transport is not None and self.session is not None and not self._server.is_holding:
            self._server.go_on(self.session)
            self.flush()

    def _end(self, transport: asyncio.Transport, *, reset: bool) -> None:
        if not reset:
            transport.close()
            return
        connection = transport.get_extra_info("socket")
        if connection is not None:
            # Closed without lingering, a socket says RST instead of FIN.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    def drop(self) -> None:
        """Cut the connection at once."""
        if self._transport is not None:
            self._transport.abort()


def said(error: SumpPumpError) -> str:
    """An error in one line, its parts between tabs; `place.control` puts it together again."""
    parts = [error.message]
    parts += [f"expected {error.expected}"] if error.expected else []
    parts += [f"found {error.found}"] if error.found else []
    parts += [f"next {step}" for step in error.next_steps]
    return "\t".join(part.replace("\t", " ") for part in parts)


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """The bytes of several writes; with size 0, of one."""
    step = size or max(len(data), 1)
    return (data[start : start + step] for start in range(0, len(data), step))


class ControlDoor(asyncio.Protocol):
    """A control connection: the secret, then one command per line.

    A web page may make a browser post text to any port of this machine; without the secret in the very
    first line the connection is closed before anything else is looked at.
    """

    def __init__(self, secret: str, run: Callable[[ControlCommand], str]) -> None:
        self._secret = secret.encode()
        self._run = run
        self._buffer = bytearray()
        self._is_trusted = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Lines."""
        self._buffer += data
        while b"\n" in self._buffer and self._transport is not None:
            line, _, rest = bytes(self._buffer).partition(b"\n")
            self._buffer = bytearray(rest)
            self._line(line)
        if len(self._buffer) > MAX_CONTROL_LINE:
            self._close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        self._transport = None

    def _line(self, line: bytes) -> None:
        if not self._is_trusted:
            self._is_trusted = hmac.compare_digest(line.strip(), self._secret)
            if not self._is_trusted:
                self._close()
            return
        try:
            answer = f"ok {self._run(parse(line.decode('utf-8', 'replace')))}"
        except SumpPumpError as error:
            answer = f"error {error.code} {said(error)}"
        if self._transport is not None:
            self._transport.write(answer.replace("\n", " ").encode() + b"\n")

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None
