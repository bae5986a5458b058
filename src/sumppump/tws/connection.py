"""Bytes in and out: the library's socket with a cap on frames, and its client without a throttle.

Whole frames only reach the library. A length of zero or above the cap ends the connection at once:
from there on nothing in the stream can be trusted, and nothing of it is buffered.
"""

from __future__ import annotations

import asyncio
import math
import struct
import sys
import time
from collections.abc import Callable
from decimal import Decimal

from ib_async.client import Client
from ib_async.connection import Connection
from ib_async.contract import Contract

from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest
from sumppump.kernel.text import clean, wire_safe
from sumppump.tws.decoder import WireDecoder
from sumppump.tws.inbox import Inbox

FRAME_CAP = 16 * 1024 * 1024 - 1
PREFIX = 4
LENGTH = struct.Struct(">I")
# Windows' loop hands bytes over on its next turn, so what was just written is no backlog there; elsewhere a
# single byte that stays means that the system's buffer is full.
FRESH_BYTES = 16_384 if sys.platform == "win32" else 0


class GuardedConnection(Connection):
    """The library's protocol object, counting and refusing.

    Attributes:
        frames: since the connect.
        last_data: monotonic seconds of the last byte.
        fault: why we dropped the connection ourselves, or "".
        first_frame: the handshake's answer, for TWS's own clock text.
    """

    def __init__(self, on_frame: Callable[[bytes], None]) -> None:
        self._on_frame = on_frame
        super().__init__()  # type: ignore[no-untyped-call]

    def reset(self) -> None:
        """Forget the previous connection; called by the library before each connect."""
        super().reset()  # type: ignore[no-untyped-call]
        self.frames = 0
        self.last_data = time.monotonic()
        self.fault = ""
        self.first_frame = b""
        self.gone = asyncio.Event()
        self._buffer = bytearray()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed; the library tells its listeners."""
        self._buffer.clear()
        super().connection_lost(exc)  # type: ignore[no-untyped-call]
        self.gone.set()

    def data_received(self, data: bytes) -> None:
        """Cut the stream into frames and hand each one on."""
        if self.fault:
            return
        self.last_data = time.monotonic()
        self._buffer += data
        used = 0
        while (end := self._frame_end(used)) and not self.fault:
            frame = bytes(self._buffer[used:end])
            used = end
            self.frames += 1
            self.first_frame = self.first_frame or frame
            self._on_frame(frame)
        del self._buffer[:used]

    def _frame_end(self, start: int) -> int:
        """Where the frame at `start` ends, 0 while it is incomplete."""
        if len(self._buffer) - start < PREFIX:
            return 0
        (length,) = LENGTH.unpack_from(self._buffer, start)
        if not 0 < length <= FRAME_CAP:
            self.give_up(f"a frame of {length} bytes makes no sense")
            return 0
        end = start + PREFIX + length
        return end if len(self._buffer) >= end else 0

    def give_up(self, reason: str) -> None:
        """Drop the connection without another byte."""
        self.fault = self.fault or reason
        self._buffer.clear()
        if self.transport is not None:
            self.transport.abort()

    @property
    def backlog(self) -> int:
        """Bytes written that the system has not taken yet."""
        return self.transport.get_write_buffer_size() if self.transport is not None else 0

    @property
    def is_backed_up(self) -> bool:
        """Whether earlier bytes wait for the peer to read."""
        return self.backlog > FRESH_BYTES

    @property
    def can_write(self) -> bool:
        """Whether a write now goes to an open socket."""
        return self.transport is not None and not self.transport.is_closing()


class WireClient(Client):
    """The library's client with our connection, decoder and no throttle of its own (P-2, P-9)."""

    MaxRequests = 0

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)  # type: ignore[no-untyped-call]
        self._inbox = inbox
        self.conn: GuardedConnection = GuardedConnection(self._take_frame)
        self.conn.disconnected += self._onSocketDisconnected
        self.decoder = WireDecoder(inbox)

    def _take_frame(self, frame: bytes) -> None:
        """To the decoder, once hands are shaken: whole frames need no second search for their ends."""
        try:
            if self._apiReady:
                *fields, _ = frame[PREFIX:].decode(errors="backslashreplace").split("\0")
                self.decoder.interpret(fields)  # type: ignore[no-untyped-call]
            else:
                self._onSocketHasData(frame)  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 - a bad frame is counted, the socket lives on
            self._inbox.unreadable(f"{type(error).__name__} in a frame of {len(frame)} bytes")

    def send(self, *fields: object, makeEmpty: bool = True) -> None:
        """Encode a message; no text may add a field to it (P-12), no number may be nonsense (P-11)."""
        for value in fields:
            _refuse_nonsense(value)
        super().send(*fields, makeEmpty=makeEmpty)  # type: ignore[no-untyped-call]

    async def open(self, host: str, port: int, client_id: int, timeout_s: float) -> None:
        """Connect and shake hands.

        Raises:
            GatewayUnavailable: nobody listens, no answer in time, or TWS hung up.
        """
        lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def on_lost(text: str) -> None:
            if not lost.done():
                lost.set_result(text)

        def on_trouble(text: str) -> None:
            if "version" in text:
                on_lost(text)

        self.conn.disconnected += on_lost
        self.apiError += on_trouble
        attempt = asyncio.ensure_future(self.connectAsync(host, port, client_id, 0))  # type: ignore[no-untyped-call]
        try:
            await asyncio.wait({attempt, lost}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            self._raise_unless_open(attempt, lost)
        finally:
            self.conn.disconnected -= on_lost
            self.apiError -= on_trouble
            lost.cancel()
            if not attempt.done():
                attempt.cancel()
            await asyncio.gather(attempt, return_exceptions=True)

    def _raise_unless_open(self, attempt: asyncio.Future[None], lost: asyncio.Future[str]) -> None:
        if attempt.done() and not attempt.cancelled() and attempt.exception() is None and not lost.done():
            return
        failure = attempt.exception() if attempt.done() and not attempt.cancelled() else None
        if self.conn.fault:
            reason = self.conn.fault
        elif lost.done():
            reason = f"TWS closed the connection during the handshake {lost.result()}".rstrip()
        elif failure is not None:
            reason = f"{type(failure).__name__}: {failure}"
        else:
            reason = "TWS accepted the connection and did not answer the handshake"
        raise GatewayUnavailable(reason)

    def hang_up(self) -> None:
        """Close the socket; harmless when it is closed."""
        # The library takes an end that it has not been told of for an error of the peer.
        self.connState = Client.DISCONNECTED
        if self.conn.transport is not None:
            self.conn.transport.abort()


def _refuse_nonsense(value: object) -> None:
    if isinstance(value, Contract):
        for part in (value.symbol, value.secType, value.lastTradeDateOrContractMonth, value.right,
                     value.multiplier, value.exchange, value.primaryExchange, value.currency,
                     value.localSymbol, value.tradingClass, value.strike):  # fmt: skip
            _refuse_nonsense(part)
    elif isinstance(value, str) and wire_safe(value) != value:
        raise InvalidRequest("a text for TWS is printable ASCII", found=clean(repr(value), limit=60))
    elif isinstance(value, float | Decimal) and not math.isfinite(value):
        raise InvalidRequest("a number for TWS is finite", found=repr(value))
