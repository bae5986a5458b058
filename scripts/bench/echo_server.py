"""A server that knows nothing: it sends what it was told to send, over the same kind of socket.

    python -m scripts.bench.echo_server CORE

A client's first frame holds two numbers, `times` and `size`. With `times` 0 every later frame is answered by
one of `size` bytes: a round trip. Otherwise the second frame is sent back `times` times: a flood.
"""

from __future__ import annotations

import asyncio
import struct
import sys

from scripts.bench.sim_server import announce, pin
from sumppump.exchange.wire.framing import FrameReader, frame

ORDERS = struct.Struct(">II")


class Echo(asyncio.Protocol):
    """One client."""

    def __init__(self) -> None:
        self._frames = FrameReader()
        self._left = -1
        self._answer = b""
        self._may_write = asyncio.Event()
        self._may_write.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """The orders, then what is to be answered."""
        for body in self._frames.feed(data):
            if self._left < 0:
                self._left, size = ORDERS.unpack(body)
                self._answer = frame(bytes(size))
            elif self._left:
                self._flood = asyncio.ensure_future(self._send(body))
            else:
                self._transport.write(self._answer)

    async def _send(self, body: bytes) -> None:
        for _ in range(self._left):
            await self._may_write.wait()
            self._transport.write(body)

    def pause_writing(self) -> None:
        """The client is behind."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._may_write.set()


async def main(core: int) -> None:
    """Serve until the process is ended."""
    pin(core)
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    announce(server.sockets[0].getsockname()[1])
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
