"""MCP over stdin and stdout, for both protocol eras on one pipe.

The SDK's own entry point lets the first request decide the era of the whole connection; hosts exist that
probe with `server/discover` and then send `initialize`. Here every frame goes to the era it belongs to:
two loops of the SDK, each started by its first frame, share the pipe. Answers of the host go to the
handshake era, which alone may ask; notifications go to every loop that runs, and the one that does not
know the request they name ignores them.

The end (end of input, a closed stdout, SIGINT, SIGTERM) is one path: both loops see the end of their input,
running calls are cancelled, and sends, which are shielded, finish. A watchdog ends the process if anything
behind us hangs.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectSendStream
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.models import InitializationOptions
from mcp.server.runner import serve_dual_era_loop
from mcp.shared.message import SessionMessage
from mcp_types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    PROTOCOL_VERSION_META_KEY,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

from sumppump.server.pipes import LineReader, LineWriter, Pipes, claim

GRACE_S = 4.0
MOST_WAITING = 1_000
_FLUSH_S = 1.0
_MOST_DIGITS = 1_000
_CHANGES = NotificationOptions(tools_changed=True, resources_changed=True, prompts_changed=True)
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def run_stdio(
    server: Server[Any],
    *,
    pipes: Pipes | None = None,
    grace_s: float = GRACE_S,
    last_resort: Callable[[int], object] = os._exit,
) -> None:
    """Serve until the host is gone or a signal asks to stop.

    Args:
        server: the low-level server of the MCP app.
        pipes: the host's pipes; the process's own by default.
        grace_s: seconds that this function and whatever its caller still does may take after the end.
        last_resort: ends the process with a status when they have passed.
    """
    async with (
        _open_line(pipes or claim()) as line,
        server.lifespan(server) as state,
        anyio.create_task_group() as tasks,
    ):
        watchdog = _Watchdog(grace_s, last_resort)
        eras = _Eras(server, state, line, tasks)

        def stop() -> None:
            watchdog.start()
            line.end()

        with _stop_on_signals(stop):
            async for frame in line.frames():
                await eras.route(frame)
        watchdog.start()
        eras.close()


class _Watchdog:
    """Ends the process some time after the end has begun, should anything hang."""

    def __init__(self, grace_s: float, last_resort: Callable[[int], object]) -> None:
        self._timer = threading.Timer(grace_s, last_resort, args=(0,))
        self._timer.daemon = True  # an orderly end comes first and never waits for it

    def start(self) -> None:
        """Begin to count, once."""
        if self._timer.ident is None:
            self._timer.start()


@contextmanager
def _stop_on_signals(stop: Callable[[], object]) -> Iterator[None]:
    """Have SIGINT and SIGTERM call `stop` in the loop; put back what was there before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {
        number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop)) for number in _SIGNALS
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Line:
    """The pipe, seen from the loop: frames in, frames out."""

    def __init__(self, pipes: Pipes) -> None:
        loop = asyncio.get_running_loop()
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._reader = LineReader(
            pipes.read_fd, lambda raw: _ignore(loop.call_soon_threadsafe(self._inbox.put_nowait, raw))
        )
        self._writer = LineWriter(pipes.write_fd, lambda: _ignore(loop.call_soon_threadsafe(self.end)))

    def start(self) -> None:
        """Start both threads."""
        self._reader.start()
        self._writer.start()

    def end(self) -> None:
        """No more frames, as if the host had closed its end."""
        self._inbox.put_nowait(None)

    def close(self) -> None:
        """Write what is queued."""
        self._writer.close(_FLUSH_S)

    def send(self, message: SessionMessage) -> None:
        """Queue one frame for the host; one that does not read hears no more news of resources meanwhile."""
        if self._writer.waiting > MOST_WAITING and _is_news(message.message):
            return  # it has plenty of the same to read first, and what it reads then is the newest
        text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
        self._writer.put(text.encode() + b"\n")

    async def frames(self) -> AsyncIterator[JSONRPCMessage]:
        """What the host sends; what cannot be read is answered here and goes no further."""
        while (raw := await self._inbox.get()) is not None:
            self._reader.taken()
            if (frame := self._decoded(raw)) is not None:
                yield frame

    def _decoded(self, raw: bytes) -> JSONRPCMessage | None:
        try:
            return _frame_of(raw)
        except ValidationError as error:
            is_json = error.errors()[0]["type"] != "json_invalid"
            data = ErrorData(
                code=INVALID_REQUEST if is_json else PARSE_ERROR,
                message="Not a JSON-RPC message" if is_json else "Not JSON",
            )
            self.send(SessionMessage(JSONRPCError(jsonrpc="2.0", id=None, error=data)))
            return None


def _is_news(frame: JSONRPCMessage) -> bool:
    return isinstance(frame, JSONRPCNotification) and frame.method == "notifications/resources/updated"


def _frame_of(raw: bytes) -> JSONRPCMessage:
    """The frame in a line.

    Half a character, which JavaScript writes for a cut emoji, becomes `?`, and an integer beyond every
    machine's range becomes text, so that whoever sent them gets an answer.

    Raises:
        ValidationError: no JSON, or not a message.
    """
    try:
        return jsonrpc_message_adapter.validate_json(raw, by_name=False)
    except ValidationError:
        if (whole := _readable(raw)) is None:
            raise
        return jsonrpc_message_adapter.validate_json(whole, by_name=False)


def _readable(raw: bytes) -> bytes | None:
    try:
        return json.dumps(json.loads(raw, parse_int=_whole), ensure_ascii=False).encode(errors="replace")
    except (ValueError, RecursionError):
        return None


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) < _MOST_DIGITS else digits


def _ignore(_: object) -> None:
    """Callbacks of threads have nothing to give back."""


@asynccontextmanager
async def _open_line(pipes: Pipes) -> AsyncIterator[_Line]:
    line = _Line(pipes)
    line.start()
    try:
        yield line
    finally:
        line.close()


@dataclass(frozen=True, slots=True)
class _Sender:
    """What a loop of the SDK writes to. Closing one of two says nothing about the pipe."""

    line: _Line

    async def send(self, item: SessionMessage, /) -> None:
        self.line.send(item)

    async def aclose(self) -> None:
        return None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


@dataclass(slots=True)
class _Eras:
    """One loop of the SDK for each era, started by its first frame."""

    server: Server[Any]
    state: Any
    line: _Line
    tasks: TaskGroup
    _inputs: dict[bool, MemoryObjectSendStream[SessionMessage | Exception]] = field(default_factory=dict)

    async def route(self, frame: JSONRPCMessage) -> None:
        """Give one frame to the loop or loops that it concerns."""
        message = SessionMessage(frame)
        if isinstance(frame, JSONRPCRequest):
            await self._input(_is_modern(frame)).send(message)
        elif isinstance(frame, JSONRPCNotification):
            for stream in list(self._inputs.values()) or [self._input(False)]:
                await stream.send(message)
        elif (legacy := self._inputs.get(False)) is not None:
            await legacy.send(message)

    def close(self) -> None:
        """End the input of every loop."""
        for stream in self._inputs.values():
            stream.close()

    def _input(self, modern: bool) -> MemoryObjectSendStream[SessionMessage | Exception]:
        if modern not in self._inputs:
            send, receive = anyio.create_memory_object_stream[SessionMessage | Exception](64)
            self._inputs[modern] = send
            options = self._options()
            self.tasks.start_soon(
                lambda: serve_dual_era_loop(
                    self.server,
                    receive,
                    _Sender(self.line),
                    lifespan_state=self.state,
                    init_options=options,
                )
            )
        return self._inputs[modern]

    def _options(self) -> InitializationOptions:
        return self.server.create_initialization_options(_CHANGES)


def _is_modern(request: JSONRPCRequest) -> bool:
    """Whether a request carries the envelope that 2026-07-28 puts on each one."""
    meta = (request.params or {}).get("_meta")
    return request.method != "initialize" and isinstance(meta, Mapping) and PROTOCOL_VERSION_META_KEY in meta
