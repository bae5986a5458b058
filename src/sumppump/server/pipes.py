"""The process's own pipes, taken before anything can print on them.

MCP's messages travel over the descriptors 0 and 1. Whatever a library, an import or a child process prints
must miss them, so the program's first act is `claim`: the two pipes move to private descriptors, 0 becomes
the null device and 1 becomes stderr. Only the standard library is imported here.

Reading and writing happen in two daemon threads on raw descriptors. A blocked read then can neither hold
up the end of the process (buffered files and worker threads do) nor can a host that stops reading block
the loop that watches orders.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

MAX_LINE = 4 * 1024 * 1024
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Pipes:
    """Private descriptors of the host's two pipes."""

    read_fd: int
    write_fd: int


_claimed: Pipes | None = None


def claim() -> Pipes:
    """Take stdin and stdout for MCP, once in the life of the process; later calls get the same pipes."""
    global _claimed
    if _claimed is None:
        _claimed = Pipes(read_fd=_private(0), write_fd=_private(1))
        _point(0, os.open(os.devnull, os.O_RDONLY))
        _point(1, _stderr_or_null())
    return _claimed


def _private(fd: int) -> int:
    """A duplicate outside the standard range, never inherited by children."""
    spare: list[int] = []
    try:
        while (copy := os.dup(fd)) <= 2:
            spare.append(copy)
    finally:
        for low in spare:
            os.close(low)
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        msvcrt.setmode(copy, os.O_BINARY)
    return copy


def _stderr_or_null() -> int:
    try:
        return os.dup(2)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def _point(fd: int, target: int) -> None:
    os.dup2(target, fd)
    os.close(target)
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - needed on Windows only
        import msvcrt  # noqa: PLC0415

        # Children started by handle would otherwise still find the old pipe.
        ctypes.windll.kernel32.SetStdHandle(-10 - fd, msvcrt.get_osfhandle(fd))


class LineReader(threading.Thread):
    """Hands every line of a descriptor to `deliver`, then None at the end of input.

    `deliver` is called in this thread. At most `ahead` lines are in flight; `taken` says that one is done.
    A line over MAX_LINE arrives as an empty one: the caller answers that it cannot be read.
    """

    def __init__(self, fd: int, deliver: Callable[[bytes | None], None], *, ahead: int = 256) -> None:
        super().__init__(name="mcp-stdin", daemon=True)
        self._fd = fd
        self._deliver = deliver
        self._credit = threading.Semaphore(ahead)

    def taken(self) -> None:
        """One delivered line has been dealt with."""
        self._credit.release()

    def run(self) -> None:
        """Read until the other side closes; a loop that is gone ends it too."""
        try:
            self._read_lines()
            self._deliver(None)
        except RuntimeError:  # the event loop is closed: nobody is left to hear anything
            return

    def _read_lines(self) -> None:
        pending, too_long = bytearray(), False
        while chunk := self._read():
            *ends, rest = chunk.split(b"\n")
            for end in ends:
                line = bytes(pending + end)
                if too_long or line.strip():
                    self._hand_on(b"" if too_long else line)
                pending, too_long = bytearray(), False
            pending += rest
            if len(pending) > MAX_LINE:
                pending, too_long = bytearray(), True
        if pending.strip():
            self._hand_on(bytes(pending))

    def _read(self) -> bytes:
        try:
            return os.read(self._fd, _CHUNK)
        except OSError:
            return b""

    def _hand_on(self, line: bytes) -> None:
        self._credit.acquire()
        self._deliver(line)


class LineWriter(threading.Thread):
    """Writes lines to a descriptor in order; `lost` is called once when the other side is gone."""

    def __init__(self, fd: int, lost: Callable[[], None]) -> None:
        super().__init__(name="mcp-stdout", daemon=True)
        self._fd = fd
        self._lost = lost
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    @property
    def waiting(self) -> int:
        """Lines that are queued, about: the other side does not read as fast as we write."""
        return self._lines.qsize()

    def put(self, line: bytes) -> None:
        """Queue one line, with its line end; never blocks."""
        self._lines.put(line)

    def close(self, timeout_s: float) -> None:
        """Write what is queued, for at most `timeout_s` seconds."""
        self._lines.put(None)
        self.join(timeout_s)

    def run(self) -> None:
        """Write until closed or until the other side is gone."""
        try:
            while (line := self._lines.get()) is not None:
                self._write(line)
        except OSError:
            self._report_loss()

    def _write(self, line: bytes) -> None:
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(self._fd, rest) :]

    def _report_loss(self) -> None:
        try:
            self._lost()
        except RuntimeError:  # the event loop is closed already
            return
