"""The journal on SQLite: append-only, chained by hashes, on disk before `append` returns.

WAL with `synchronous=FULL` (NORMAL may lose the last commits when the power goes), `fullfsync` where the
platform has it, `BEGIN IMMEDIATE`, triggers that refuse UPDATE and DELETE, an integrity check and a walk
along the chain at the start. Only the holder of the writer's lock appends; other processes read.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sumppump.domain.events import Event, Recorded
from sumppump.kernel.errors import StoreFailed, WritesOff
from sumppump.store.codec import decode, encode, kind_of
from sumppump.store.files import ensure_private_file, must_be_local, private_dir
from sumppump.store.lock import WriterLock

GENESIS = "0" * 64
# Only another program could hold the file, for the lock is ours: the loop that kills must not wait for it.
BUSY_S = 0.25
_SCHEMA = """
CREATE TABLE IF NOT EXISTS ev(
  seq INTEGER PRIMARY KEY, ts_utc TEXT NOT NULL, mono_ns INTEGER NOT NULL, boot_id TEXT NOT NULL,
  order_ref TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
  prev_hash TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS ev_no_update BEFORE UPDATE ON ev
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER IF NOT EXISTS ev_no_delete BEFORE DELETE ON ev
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""
_Row = tuple[int, str, int, str, str, str, str, str, str]


def _machine_time() -> datetime:
    return datetime.now(UTC)


def row_hash(previous: str, seq: int, at: str, boot_id: str, kind: str, body: str) -> str:
    """SHA-256 over the row before and everything that is read back from this one."""
    text = "\n".join((previous, str(seq), at, boot_id, kind, body))
    return hashlib.sha256(text.encode()).hexdigest()


class SqliteJournal:
    """`ports.store.Journal` on one file under the home folder."""

    def __init__(
        self,
        home: Path,
        *,
        boot_id: str | None = None,
        machine_time: Callable[[], datetime] = _machine_time,
        name: str = "journal.sqlite",
    ) -> None:
        """Open and check the journal under `home`; do not take the lock yet.

        Raises:
            StoreFailed: damaged, unreadable, or in a place that is not ours alone.
        """
        private_dir(home)
        must_be_local(home)
        self._boot_id = boot_id or secrets.token_hex(8)
        self._time = machine_time
        self._path = ensure_private_file(home / name)
        self._lock = WriterLock(home / "writer.lock")
        self._seq, self._head = 0, GENESIS
        self._db = self._open()
        self._verify()

    # --- the port -----------------------------------------------------------------------------

    @property
    def boot_id(self) -> str:
        """See the port."""
        return self._boot_id

    def is_writer(self) -> bool:
        """See the port."""
        return self._lock.held

    def holder(self) -> str:
        """See the port."""
        return "" if self._lock.held else self._lock.holder()

    def become_writer(self) -> bool:
        """See the port."""
        return self._lock.acquire(f"process {os.getpid()}")

    def read(self, after: int = 0) -> Sequence[Recorded]:
        """See the port."""
        rows = self._rows(after)
        return tuple(
            Recorded(seq=seq, at=datetime.fromisoformat(at), boot_id=boot, event=decode(kind, body))
            for seq, at, _, boot, _, kind, body, _, _ in rows
        )

    def append(self, *events: Event) -> Sequence[Recorded]:
        """See the port."""
        if not self._lock.held:
            raise WritesOff(
                f"another process writes the journal: {self._lock.holder() or 'unknown'}",
                code="not_the_writer",
                next_steps=["Use the session that started first, or end it and try again."],
            )
        bodies = [encode(event) for event in events]
        at = self._time()
        try:
            rows = self._commit(events, bodies, at)
        except (sqlite3.Error, OSError) as error:
            self._roll_back()
            raise _failed(error) from error
        self._seq, self._head = rows[-1][0], rows[-1][-1]
        return tuple(
            Recorded(seq=row[0], at=at, boot_id=self._boot_id, event=event)
            for row, event in zip(rows, events, strict=True)
        )

    def head(self) -> tuple[int, str]:
        """Number and hash of the last row."""
        return self._seq, self._head

    def close(self) -> None:
        """See the port."""
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
        self._lock.release()

    # --- private ------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        try:
            db = sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_S, check_same_thread=False)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "fullfsync=1", "trusted_schema=0"):
                db.execute(f"PRAGMA {pragma}").fetchall()
            db.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise _damaged(str(error)) from error
        for beside in ("-wal", "-shm"):
            with contextlib.suppress(OSError):
                os.chmod(f"{self._path}{beside}", 0o600)
        return db

    def _verify(self) -> None:
        try:
            found = self._db.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.Error as error:
            raise _damaged(str(error)) from error
        if found != "ok":
            raise _damaged(str(found)[:200])
        self._rows(0)

    def _rows(self, after: int) -> list[_Row]:
        """Rows after `after`; the chain is followed from the last row that was checked."""
        try:
            rows: list[_Row] = self._db.execute(
                "SELECT seq, ts_utc, mono_ns, boot_id, order_ref, kind, body, prev_hash, hash"
                " FROM ev WHERE seq > ? ORDER BY seq",
                (min(after, self._seq),),
            ).fetchall()
        except sqlite3.Error as error:
            raise _damaged(str(error)) from error
        for row in rows:
            if row[0] > self._seq:
                self._follow(row)
        return [row for row in rows if row[0] > after]

    def _follow(self, row: _Row) -> None:
        seq, at, _, boot, _, kind, body, previous, own = row
        if seq != self._seq + 1 or previous != self._head:
            raise _damaged(f"row {seq} does not follow row {self._seq}")
        if row_hash(previous, seq, at, boot, kind, body) != own:
            raise _damaged(f"row {seq} was changed")
        self._seq, self._head = seq, own

    def _commit(self, events: Sequence[Event], bodies: list[str], at: datetime) -> list[_Row]:
        self._rows(self._seq)  # what a former writer left after we looked last
        self._db.execute("BEGIN IMMEDIATE")
        seq, head, rows = self._seq, self._head, []
        for event, body in zip(events, bodies, strict=True):
            seq, kind, text = seq + 1, kind_of(event), at.isoformat()
            own = row_hash(head, seq, text, self._boot_id, kind, body)
            rows.append((seq, text, time.monotonic_ns(), self._boot_id, _ref(event), kind, body, head, own))
            head = own
        self._db.executemany("INSERT INTO ev VALUES (?,?,?,?,?,?,?,?,?)", rows)
        self._db.execute("COMMIT")
        return rows

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def _ref(event: Event) -> str:
    order = getattr(event, "order", None)
    return str(getattr(event, "order_ref", "") or getattr(order, "order_ref", ""))


def _failed(error: Exception) -> StoreFailed:
    return StoreFailed(
        "the journal could not be written, so nothing was sent",
        expected="a durable write",
        found=str(error)[:200],
        next_steps=["Check the disk of SUMPPUMP_HOME (space, permissions), then try again."],
    )


def _damaged(found: str) -> StoreFailed:
    return StoreFailed(
        "the journal is damaged; nothing will be sent",
        code="journal_damaged",
        expected="an intact, unbroken chain of rows",
        found=found,
        next_steps=[
            "Look into TWS for your orders.",
            "Keep the file for examination and restore a backup, or start with an empty SUMPPUMP_HOME.",
        ],
    )
