"""The writer's lock: held by the operating system for as long as the process lives, whatever kills it."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from sumppump.store.files import open_private

# A byte far behind the text: Windows locks are mandatory, and others must be able to read who holds it.
_BYTE = 4096


class WriterLock:
    """An exclusive lock on a file; the text in it says who took it last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this process holds it."""
        return self._descriptor is not None

    def acquire(self, who: str) -> bool:
        """Take it if it is free; True when it is ours now."""
        if self.held:
            return True
        descriptor = open_private(self._path, os.O_RDWR | os.O_CREAT)
        if not _lock(descriptor):
            os.close(descriptor)
            return False
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, who.encode())
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give it back; the text stays, and means nothing without the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> str:
        """Who wrote their name last; "" when nobody did or it cannot be read."""
        with contextlib.suppress(OSError):
            return self._path.read_text(encoding="utf-8", errors="replace").strip("\0 \n")[:120]
        return ""


def is_locked(path: Path) -> bool:
    """Whether some process, this one included, holds the lock of a file; no such file is free."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _lock(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
