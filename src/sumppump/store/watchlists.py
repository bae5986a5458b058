"""Watchlists in one small file, replaced whole: a reader sees the old lists or the new ones, never half."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from sumppump.kernel.errors import StoreFailed
from sumppump.ports.watchlists import Lists
from sumppump.store.files import ensure_private_file, open_private, private_dir

NAME = "watchlists.json"
MOST_BYTES = 1_000_000


class FileWatchlists:
    """`ports.watchlists.Watchlists` on `watchlists.json` under the home folder.

    Changes of one process follow one another; of two processes that change at the same moment the later one
    wins.
    """

    def __init__(self, home: Path) -> None:
        self._path = private_dir(home) / NAME

    def read(self) -> Lists:
        """See the port."""
        if not self._path.exists():
            return {}
        try:
            return _lists(json.loads(self._text()))
        except (OSError, ValueError) as error:
            raise _damaged(str(error)) from error

    def change(self, edit: Callable[[Lists], Lists]) -> Lists:
        """See the port."""
        lists = edit(self.read())
        fresh = ensure_private_file(self._path.with_suffix(f".{os.getpid()}.new"))
        try:
            with open(open_private(fresh, os.O_WRONLY | os.O_TRUNC), "w", encoding="utf-8") as file:
                json.dump({name: list(symbols) for name, symbols in lists.items()}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise StoreFailed("the watchlists could not be written", found=str(error)) from error
        return lists

    def _text(self) -> str:
        with open(open_private(self._path, os.O_RDONLY), encoding="utf-8") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise ValueError("the file is too large")
        return text


def _lists(found: object) -> Lists:
    if not isinstance(found, dict):
        raise ValueError("not an object of lists")
    for symbols in found.values():
        if not isinstance(symbols, list) or not all(isinstance(each, str) for each in symbols):
            raise ValueError("a watchlist is not a list of symbols")
    return found


def _damaged(reason: str) -> StoreFailed:
    return StoreFailed(
        f"{NAME} cannot be read",
        code="watchlists_damaged",
        expected="the file as SumpPump wrote it",
        found=reason[:120],
        next_steps=[f"Mend or remove {NAME} in the folder SUMPPUMP_HOME; nothing else depends on it."],
    )
