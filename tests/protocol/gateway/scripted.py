"""A tiny TWS on a real loopback socket that says exactly what a test tells it to.

It shakes hands, answers the time, and everything else only if the test says how: `on(kind, answer)`. Frames
are made with the exchange's wire tables, so that a test names fields and never counts them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sumppump.exchange.wire import account_answers as account
from sumppump.exchange.wire.codec import decode_request, encode_answer

ACCOUNT = "DU1234567"
CONNECTED_TEXT = "20260302 10:00:00 EST"
Answer = Callable[["Peer", Any], None]


class Pulse:
    """Wakes whoever waits for something to become true, whenever anything happens."""

    def __init__(self) -> None:
        self._happened = asyncio.Event()

    def beat(self, *_: object) -> None:
        """Something happened."""
        self._happened.set()

    async def until(self, claim: Callable[[], object], timeout_s: float = 5.0) -> None:
        """Wait until the claim holds; AssertionError after the time-out."""
        try:
            async with asyncio.timeout(timeout_s):
                while not claim():
                    self._happened.clear()
                    await self._happened.wait()
        except TimeoutError:
            raise AssertionError("it did not come true in time") from None


class Peer(asyncio.Protocol):
    """One client's connection, seen from TWS."""

    def __init__(self, tws: ScriptedTws) -> None:
        self.tws = tws
        self.requests: list[Any] = []
        self.frames: list[bytes] = []
        self.client_id = -1
        self.is_open = False
        self._buffer = b""
        self._greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.is_open = transport, True
        self.tws.peers.append(self)
        self.tws.pulse.beat()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self.tws.pulse.beat()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._greeted:
            if len(self._buffer) < 8:
                return
            self._greeted = True
            self._buffer = self._buffer[4:]
        while len(self._buffer) >= 4:
            end = 4 + int.from_bytes(self._buffer[:4], "big")
            if len(self._buffer) < end:
                break
            frame, self._buffer = self._buffer[:end], self._buffer[end:]
            self._take(frame)
        self.tws.pulse.beat()

    def _take(self, frame: bytes) -> None:
        body = frame[4:]
        if body.startswith(b"v"):
            if self.tws.shakes_hands:
                self.fields(str(self.tws.version), self.tws.connected_text)
            return
        request = decode_request(body, self.tws.version)
        self.frames.append(frame)
        self.requests.append(request)
        self.tws.answer(self, request)

    # --- what a test lets TWS say -------------------------------------------------------------

    def say(self, *messages: Any) -> None:
        """Send messages of the wire tables."""
        self.transport.write(b"".join(encode_answer(message, self.tws.version) for message in messages))

    def fields(self, *texts: str) -> None:
        """Send a message by its fields."""
        body = b"".join(text.encode() + b"\0" for text in texts)
        self.raw(len(body).to_bytes(4, "big") + body)

    def raw(self, data: bytes) -> None:
        """Send bytes."""
        self.transport.write(data)

    def error(self, id_: int, code: int, text: str) -> None:
        """Send an error."""
        self.fields("4", "2", str(id_), str(code), text, "")

    def got(self, kind: str) -> list[Any]:
        """The requests of one kind that came, by the name of their table."""
        return [request for request in self.requests if type(request).__name__ == kind]


class ScriptedTws:
    """The server: peers in the order in which they came.

    Attributes:
        shakes_hands: whether it answers the handshake at all.
        taken_ids: client ids for which it says 326 and hangs up.
        answers: what it says to a kind of request.
    """

    def __init__(self, *, version: int = 178, accounts: str = ACCOUNT, next_valid_id: int = 1) -> None:
        self.version, self.accounts, self.next_valid_id = version, accounts, next_valid_id
        self.connected_text = CONNECTED_TEXT
        born = datetime(2026, 3, 2, 15, 0, tzinfo=UTC).timestamp() - time.monotonic()
        self.now: Callable[[], float] = lambda: born + time.monotonic()
        self.shakes_hands = True
        self.taken_ids: set[int] = set()
        self.peers: list[Peer] = []
        self.pulse = Pulse()
        self.answers: dict[str, Answer] = {"StartApi": self._start, "ReqCurrentTime": self.tell_time}
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Peer(self), "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up on everyone and stop listening."""
        if self._server is not None:
            self._server.close()
            for peer in self.peers:
                peer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    def on(self, kind: str, answer: Answer) -> None:
        """Say how a kind of request is answered."""
        self.answers[kind] = answer

    def answer(self, peer: Peer, request: Any) -> None:
        """Answer as told, or not at all."""
        if (answer := self.answers.get(type(request).__name__)) is not None:
            answer(peer, request)

    @property
    def peer(self) -> Peer:
        """The newest connection."""
        return self.peers[-1]

    def _start(self, peer: Peer, request: Any) -> None:
        peer.client_id = request.client_id
        if request.client_id in self.taken_ids:
            peer.error(
                -1,
                326,
                "Unable to connect as the client id is already in use. Retry with a unique client id.",
            )
            peer.transport.close()
            return
        peer.say(
            account.ManagedAccounts(accounts=self.accounts), account.NextValidId(order_id=self.next_valid_id)
        )

    def tell_time(self, peer: Peer, _request: Any) -> None:
        """Answer with the scripted clock."""
        peer.say(account.CurrentTime(epoch_s=int(self.now())))
