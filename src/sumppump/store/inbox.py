"""Decisions on their way from a person's terminal to the writer: a small SQLite file beside the journal.

Not part of the proof: the writer judges each decision as if it came from the page, and journals what it did.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from sumppump.kernel.errors import StoreFailed
from sumppump.ports.store import Handover, Verdict
from sumppump.store.files import ensure_private_file, private_dir

_SCHEMA = """
CREATE TABLE IF NOT EXISTS decision(
  number INTEGER PRIMARY KEY AUTOINCREMENT, verdict TEXT NOT NULL, subject TEXT NOT NULL,
  digest TEXT NOT NULL, amount TEXT NOT NULL, answer TEXT);
"""


class SqliteInbox:
    """`ports.store.Inbox` on `inbox.sqlite` in the home folder."""

    def __init__(self, home: Path) -> None:
        path = ensure_private_file(private_dir(home) / "inbox.sqlite")
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=5.0, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=DELETE").fetchall()
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise _failed(error) from error
        self._untold: dict[int, str] = {}
        self._version = -1
        self._last = 0

    def post(self, verdict: Verdict, *, subject: str = "", digest: str = "", amount: str = "") -> int:
        """See the port."""
        try:
            row = self._db.execute(
                "INSERT INTO decision(verdict, subject, digest, amount) VALUES (?,?,?,?)",
                (verdict.value, subject, digest, amount),
            )
        except sqlite3.Error as error:
            raise _failed(error) from error
        return int(row.lastrowid or 0)

    def answer_to(self, number: int) -> str | None:
        """See the port."""
        try:
            row = self._db.execute("SELECT answer FROM decision WHERE number = ?", (number,)).fetchone()
        except sqlite3.Error:
            return None  # busy: asked again in a moment
        return None if row is None or row[0] is None else str(row[0])

    def waiting(self) -> Sequence[Handover]:
        """See the port."""
        self._tell()
        try:
            # data_version moves only when another connection has written: the usual poll reads no table.
            version = int(self._db.execute("PRAGMA data_version").fetchone()[0])
            if version == self._version:
                return ()
            rows = self._db.execute(
                "SELECT number, verdict, subject, digest, amount FROM decision"
                " WHERE number > ? AND answer IS NULL ORDER BY number",
                (self._last,),
            ).fetchall()
        except sqlite3.Error:
            return ()  # busy: the next look, a moment later, finds it
        self._version = version
        self._last = max([self._last, *(int(row[0]) for row in rows)])
        return tuple(
            Handover(number=number, verdict=Verdict(verdict), subject=subject, digest=digest, amount=amount)
            for number, verdict, subject, digest, amount in rows
            if verdict in frozenset(Verdict)
        )

    def answer(self, number: int, text: str) -> None:
        """See the port."""
        self._untold[number] = text
        self._tell()

    def _tell(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # busy: told at the next look
            for number in tuple(self._untold):
                row = (self._untold[number], number)
                self._db.execute("UPDATE decision SET answer = ? WHERE number = ?", row)
                del self._untold[number]

    def skip_old(self) -> None:
        """See the port."""
        try:
            # From now on this is the writer's: its loop never waits for another process's lock.
            self._db.execute("PRAGMA busy_timeout=0").fetchall()
            row = self._db.execute("SELECT coalesce(max(number), 0) FROM decision").fetchone()
        except sqlite3.Error as error:
            raise _failed(error) from error
        self._last = int(row[0])

    def close(self) -> None:
        """See the port."""
        with contextlib.suppress(sqlite3.Error):
            self._db.close()


def _failed(error: Exception) -> StoreFailed:
    return StoreFailed("the inbox could not be used", found=str(error)[:200], next_steps=["Check the disk."])
