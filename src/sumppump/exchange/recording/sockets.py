"""The doors of recorder and player: a proxy in front of a TWS, and a port that plays a golden file.

Both listen on this machine alone; the recorder also speaks to a TWS on this machine alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TextIO

from loguru import logger

from sumppump.exchange.recording.golden import Line, Way, body_of, fields_of, hello_line, read_golden
from sumppump.exchange.recording.masking import Masker
from sumppump.exchange.recording.player import Player, Recording
from sumppump.exchange.wire.framing import PRELUDE, FrameReader, frame
from sumppump.kernel.errors import InvalidRequest, ProtocolError

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_CHUNK = 65_536
_UNREAD = 16 * 1024 * 1024
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Recorder:
    """Writes down what goes past, masked; one file a connection.

    Args:
        tws: host and port of the TWS.
        out: the file of the first connection; the next ones get `-2`, `-3` before the suffix.

    Raises:
        InvalidRequest: `not_loopback`, or `bad_setting` if the file cannot be written.
    """

    def __init__(self, tws: tuple[str, int], out: Path) -> None:
        if tws[0] not in LOOPBACK:
            raise InvalidRequest(
                f"{tws[0]} is not this machine",
                code="not_loopback",
                expected="a TWS on 127.0.0.1: its protocol has no password",
                found=tws[0],
            )
        if out.is_dir() or not os.access(out if out.exists() else out.absolute().parent, os.W_OK):
            raise InvalidRequest(
                f"{out} cannot be written",
                code="bad_setting",
                expected="--out with a file in a folder that exists",
                found=str(out),
            )
        self._tws = tws
        self._out = out
        self._connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until either side ends."""
        self._connections += 1
        number = self._connections
        try:
            theirs = await asyncio.open_connection(*self._tws)
        except OSError as error:
            logger.error("no TWS answers on {}:{}: {}", *self._tws, error)
            writer.close()
            return
        with self._file(number).open("w", encoding="utf-8") as file:
            tape = Tape(file, asyncio.get_running_loop().time)
            await _both(
                _pump(reader, theirs[1], tape.client),
                _pump(theirs[0], writer, tape.server),
            )
        logger.info("{} messages are in {}", tape.lines, self._file(number))
        for each in (writer, theirs[1]):
            each.close()

    def _file(self, number: int) -> Path:
        if number == 1:
            return self._out
        return self._out.with_name(f"{self._out.stem}-{number}{self._out.suffix}")


async def _both(*ways: Awaitable[None]) -> None:
    tasks = [asyncio.ensure_future(one) for one in ways]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: Callable[[bytes], None]
) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            note(data)
            writer.write(data)
            await writer.drain()


class Tape:
    """One connection on its way into a file."""

    def __init__(self, file: TextIO, clock: Callable[[], float]) -> None:
        self._file = file
        self._clock = clock
        self._began = clock()
        self._masker = Masker()
        self._client = FrameReader(PRELUDE)
        self._server = FrameReader()
        self._is_greeted = False
        self.lines = 0

    def client(self, data: bytes) -> None:
        """Bytes of the client."""
        for body in self._bodies(self._client, data):
            if self._is_greeted:
                self._write(Line(Way.CLIENT, tuple(self._masker.client(fields_of(body))), at=self._at()))
            else:
                self._is_greeted = True
                self._write(hello_line(body, self._at()))

    def server(self, data: bytes) -> None:
        """Bytes of TWS."""
        for body in self._bodies(self._server, data):
            fields = self._masker.server(list(fields_of(body)))
            self._write(Line(Way.SERVER, tuple(fields), at=self._at()))

    def _bodies(self, reader: FrameReader, data: bytes) -> list[bytes]:
        try:
            return reader.feed(data)
        except ProtocolError as error:
            logger.warning("what goes past is no TWS protocol and is not written down: {}", error.found)
            return []

    def _at(self) -> float:
        return self._clock() - self._began

    def _write(self, line: Line) -> None:
        self.lines += 1
        self._file.write(line.written() + "\n")
        self._file.flush()


class Replayer(asyncio.Protocol):
    """One client that a recording is played to."""

    def __init__(self, recording: Recording) -> None:
        self._player = Player(recording)
        self._frames = FrameReader(PRELUDE)
        self._transport: asyncio.Transport | None = None
        self._is_greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Bytes of the client; nonsense ends the connection."""
        try:
            for body in self._frames.feed(data):
                self._answer(self._hear(body))
        except ProtocolError as error:
            logger.warning("the client is let go: {}; expected {}", error.message, error.expected)
            self._close()

    def _hear(self, body: bytes) -> Iterable[tuple[str, ...]]:
        if self._is_greeted:
            return self._player.hear(body)
        self._is_greeted = True
        return [self._player.greet(body)]

    def _answer(self, answers: Iterable[tuple[str, ...]]) -> None:
        if self._transport is None:
            return
        self._transport.write(b"".join(frame(body_of(fields)) for fields in answers))
        if self._transport.get_write_buffer_size() > _UNREAD:
            self._close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        self._transport = None

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None


def recording_of(file: Path) -> Recording:
    """The recording in a file.

    Raises:
        InvalidRequest: `bad_recording`.
    """
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            f"{file} cannot be read", code="bad_recording", expected="a golden file", found=str(error)
        ) from error
    return Recording(read_golden(text))


async def listen_recorder(recorder: Recorder, port: int) -> asyncio.Server:
    """Let clients through to TWS."""
    return await asyncio.start_server(recorder.serve, "127.0.0.1", port)


async def listen_replayer(recording: Recording, port: int) -> asyncio.Server:
    """Play a recording to whoever connects."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Replayer(recording), "127.0.0.1", port)
