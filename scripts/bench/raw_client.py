"""A TWS client that only counts: blocking sockets, no objects made of what comes."""

from __future__ import annotations

import selectors
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any

from sumppump.exchange.wire.account_requests import StartApi
from sumppump.exchange.wire.codec import encode_request
from sumppump.exchange.wire.framing import PRELUDE, frame
from sumppump.exchange.wire.handshake import NEWEST

PATIENCE_S = 20.0
CHUNK = 1 << 18
LAST_NOTICE = b"4\x002\x00-1\x002158"
_LENGTH = struct.Struct(">I")


class RawClient:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        self.frames = 0
        self.bytes = 0

    def greet(self, client_id: int) -> None:
        """Shake hands and wait for the last of the start-up's notices."""
        self.socket.sendall(PRELUDE + frame(f"v{NEWEST}..{NEWEST}".encode()))
        self.bodies()
        self.say(StartApi(client_id=client_id))
        self.until(LAST_NOTICE)

    def say(self, *messages: Any) -> None:  # noqa: ANN401 - any declared request
        """Send requests."""
        self.socket.sendall(b"".join(encode_request(message, NEWEST) for message in messages))

    def bodies(self) -> list[bytes]:
        """The frames that came with the next bytes."""
        data = self._rest + self.socket.recv(CHUNK)
        found, start = [], 0
        while len(data) >= start + 4 and len(data) >= (
            end := start + 4 + _LENGTH.unpack_from(data, start)[0]
        ):
            found.append(data[start + 4 : end])
            start = end
        self._rest = data[start:]
        self.frames += len(found)
        self.bytes += start
        return found

    def until(self, head: bytes) -> list[bytes]:
        """Frames up to those that came with the first one that begins like this."""
        heard: list[bytes] = []
        while not any(body.startswith(head) for body in heard):
            heard += self.bodies()
        return heard

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


@dataclass(frozen=True, slots=True)
class Flow:
    """What came in a stretch of time: frames and bytes per second, of each client."""

    frames: tuple[float, ...]
    bytes: tuple[float, ...]


def watched(clients: list[RawClient], seconds: float) -> Flow:
    """Read from all clients as fast as they can be read."""
    before = [(one.frames, one.bytes) for one in clients]
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for one in clients:
            selector.register(one.socket, selectors.EVENT_READ, one)
        while time.perf_counter() - started < seconds:
            for key, _ in selector.select(timeout=0.1):
                key.data.bodies()
    took = time.perf_counter() - started
    gained = [
        (one.frames - frames, one.bytes - size) for one, (frames, size) in zip(clients, before, strict=True)
    ]
    return Flow(tuple(frames / took for frames, _ in gained), tuple(size / took for _, size in gained))
