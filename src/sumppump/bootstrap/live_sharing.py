"""What the writer follows, told to the other processes on its home: one line for all instead of one each.

The writer listens on the loopback; port and secret lie in a file that only the home's owner can read, and
both sides prove that they know the secret. A reader names contracts, and the quotes of those that the writer
has a line for come with each flush. Nothing but quotes can be had. What the writer has no line for, and
everything once it has gone, a reader follows on lines of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from loguru import logger
from pydantic import TypeAdapter

from sumppump.data.live import LiveBoard
from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Quote
from sumppump.kernel.errors import GatewayUnavailable, StoreFailed
from sumppump.store.files import open_private

FILE = "live.port"
GREETING_S = 2.0
MOST_BUFFERED = 1_000_000
"""Bytes that may wait for a reader; beyond that its news waits, one a contract."""
MOST_HELD = 100
MOST_LINE = 1_000_000
QUOTE: TypeAdapter[Quote] = TypeAdapter(Quote)
CONTRACTS: TypeAdapter[list[Instrument]] = TypeAdapter(list[Instrument])


def proof(secret: str, role: str, nonce: str) -> str:
    """What only who knows the secret can answer to a nonce: a port may be anybody's after a crash."""
    return hmac.new(secret.encode(), f"{role} {nonce}".encode(), hashlib.sha256).hexdigest()


@dataclass(slots=True, eq=False)
class _Reader:
    """One other process: what it holds, and what it has not been told yet."""

    name: str
    board: LiveBoard
    to: asyncio.StreamWriter
    held: set[int] = field(default_factory=set)
    untold: set[int] = field(default_factory=set)

    async def listen(self, lines: asyncio.StreamReader) -> None:
        """Do what it asks until it is gone."""
        self.board.on_change.append(self.tell)
        self.board.on_end.append(self.ended)
        try:
            while line := await lines.readline():
                await self._take(json.loads(line))
        finally:
            self.board.on_change.remove(self.tell)
            self.board.on_end.remove(self.ended)
            self.board.release(self.name)

    async def _take(self, asked: dict[str, Any]) -> None:
        self.board.release(self.name, asked.get("drop", ()))
        self.held.difference_update(asked.get("drop", ()))
        if "hold" in asked:
            wanted = CONTRACTS.validate_python(asked["hold"])
            got = await self._hold(wanted[: MOST_HELD - len(self.held)])
            self._say({"held": sorted(got), "id": asked["id"]})
            self.tell(frozenset(got))

    async def _hold(self, contracts: Sequence[Instrument]) -> frozenset[int]:
        try:
            got = await self.board.hold(self.name, contracts)
        except GatewayUnavailable as error:
            logger.info("{} cannot share lines now: {}", self.name, error.message)
            return frozenset()
        self.held |= got
        return got

    def tell(self, changed: frozenset[int]) -> None:
        """Send what is new of what it holds; the newest alone, when it reads slowly."""
        self.untold |= changed & self.held
        if self.to.transport.get_write_buffer_size() > MOST_BUFFERED:
            return
        for con_id in list(self.untold):
            if (quote := self.board.quote(con_id)) is not None:
                self.to.write(b'{"quote":' + QUOTE.dump_json(quote) + b"}\n")
                self.untold.discard(con_id)

    def ended(self, instrument: Instrument, reason: str) -> None:
        """A line of it has gone by itself."""
        if instrument.con_id in self.held:
            self.held.discard(instrument.con_id)
            self._say({"ended": instrument.con_id, "reason": reason})

    def _say(self, told: dict[str, Any]) -> None:
        self.to.write(json.dumps(told).encode() + b"\n")


@dataclass(slots=True, eq=False)
class LiveSharing:
    """The writer's door."""

    home: Path
    board: LiveBoard
    _secret: str = field(default_factory=secrets.token_hex)
    _has_begun: bool = False
    _server: asyncio.Server | None = None
    _beginning: asyncio.Task[None] | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def begin_soon(self) -> None:
        """Begin in the background: this process has just become the writer."""
        self._beginning = self._beginning or asyncio.get_running_loop().create_task(self.begin())

    async def begin(self) -> None:
        """Listen, and say where; once. Without a door the others follow on lines of their own."""
        if self._has_begun:
            return
        self._has_begun = True
        try:
            self._server = await asyncio.start_server(self._greet, "127.0.0.1", 0, limit=MOST_LINE)
            self._say_where(self._server.sockets[0].getsockname()[1])
        except (OSError, StoreFailed) as error:
            logger.warning("what is followed is not shared with other programs: {}", error)

    def _say_where(self, port: int) -> None:
        descriptor = open_private(self.home / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{port} {self._secret}")

    async def end(self) -> None:
        """Close the door and everything behind it."""
        if self._beginning is not None:
            await asyncio.gather(self._beginning, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            for to in self._open:
                to.close()
            (self.home / FILE).unlink(missing_ok=True)

    async def _knows_the_secret(self, lines: asyncio.StreamReader, to: asyncio.StreamWriter) -> bool:
        """Prove to the other side that we know it, and have it prove the same; nobody says it."""
        ours = secrets.token_hex(16)
        async with asyncio.timeout(GREETING_S):
            theirs = (await lines.readline()).decode().strip()
            to.write(f"{proof(self._secret, 'writer', theirs)} {ours}\n".encode())
            said = (await lines.readline()).decode().strip()
        return hmac.compare_digest(said, proof(self._secret, "reader", ours))

    async def _greet(self, lines: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        self._open.add(to)
        try:
            if await self._knows_the_secret(lines, to):
                name = f"process {next(self._numbers)}"
                await _Reader(name, self.board, to).listen(lines)
        except (OSError, ValueError, TimeoutError, TypeError, LookupError) as error:
            logger.info("a connection for live quotes ended: {}", error)
        finally:
            self._open.discard(to)
            to.close()
