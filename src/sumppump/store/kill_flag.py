"""The kill switch as a file: any process of the user can set it, and a look at it costs one system call."""

from __future__ import annotations

import os
from pathlib import Path

from sumppump.kernel.errors import StoreFailed
from sumppump.kernel.text import clean
from sumppump.store.files import open_private, private_dir

_ALL = "ALL\n"


class FileKillFlag:
    """`ports.store.KillFlag` on `KILL` in the home folder."""

    def __init__(self, home: Path) -> None:
        self._path = private_dir(home) / "KILL"

    def reason(self) -> str | None:
        """See the port."""
        try:
            text = self._path.read_bytes()[:2000].decode("utf-8", errors="replace")
        except FileNotFoundError:
            return None
        except OSError as error:
            return f"the kill flag cannot be read ({error.strerror})"
        return clean(text.removeprefix(_ALL)) or "no reason given"

    def wants_everything(self) -> bool:
        """See the port."""
        try:
            return self._path.read_bytes().startswith(_ALL.encode())
        except OSError:
            return False

    def raise_flag(self, reason: str, *, everything: bool = False) -> None:
        """See the port."""
        if self.reason() is not None and (self.wants_everything() or not everything):
            return
        descriptor = open_private(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            os.write(descriptor, ((_ALL if everything else "") + clean(reason)).encode())
            os.fsync(descriptor)
        except OSError as error:  # the empty file is a set switch all the same
            raise StoreFailed("the kill flag could not be written whole", found=str(error)) from error
        finally:
            os.close(descriptor)

    def lower(self) -> None:
        """See the port."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreFailed("the kill flag could not be removed", found=str(error)) from error
