"""The audit log: one row per tool call and order event, chained by a keyed hash.

A plain chain can be recomputed by anyone who can write the file, and a shortened file is still a valid
chain. So the hash is an HMAC whose key lies in another folder, and every 100 rows or 60 s the count and
the head go to a checkpoint file in a third folder and, through the caller, into the journal. Each process
writes a log of its own, so that readers and the writer never share a file.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from loguru import logger

from sumppump.kernel.errors import StoreFailed
from sumppump.ports.store import Fact
from sumppump.store.audit_recent import recent_rows
from sumppump.store.files import open_private, private_dir

CHECKPOINT_ROWS = 100
CHECKPOINT_S = 60.0
_SECRETS = frozenset({"confirm_token", "code", "approval_code", "secret", "cookie"})


class FileAudit:
    """`ports.store.Audit` on `audit/<log>.jsonl` under the home folder."""

    def __init__(
        self,
        home: Path,
        *,
        boot_id: str,
        on_checkpoint: Callable[[str, int, str], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        private_dir(home)
        self._key = audit_key(home)
        self._name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{boot_id}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._folder = private_dir(home / "audit")
        self._file = open_private(self._folder / f"{self._name}.jsonl", flags)
        self._marks = open_private(private_dir(home / "checkpoints") / f"{self._name}.jsonl", flags)
        self.on_checkpoint = on_checkpoint
        self._monotonic = monotonic
        self._count, self._head = 0, secrets.token_hex(32)
        self._marked_count, self._marked_at = 0, monotonic()
        self._closed = False
        self.record("genesis", {"log": self._name, "genesis": self._head}, durable=True)
        self.checkpoint()

    def record(self, kind: str, facts: Mapping[str, Fact], *, durable: bool = False) -> int:
        """See the port."""
        body: dict[str, Fact] = {
            "seq": self._count + 1,
            "at": datetime.now(UTC).isoformat(),
            "kind": kind,
            "facts": _without_secrets(facts),
            "prev": self._head,
        }
        text = canonical(body)
        own = keyed(self._key, text)
        self._write(self._file, f'{text[:-1]},"zhash":"{own}"}}\n', durable=durable)
        self._count, self._head = self._count + 1, own
        due = self._count - self._marked_count >= CHECKPOINT_ROWS
        if due or self._monotonic() - self._marked_at >= CHECKPOINT_S:
            self.checkpoint()
        return self._count

    def head(self) -> tuple[str, int, str]:
        """See the port."""
        return self._name, self._count, self._head

    def recent(self, count: int) -> Sequence[Mapping[str, Fact]]:
        """See the port."""
        return recent_rows(self._folder, count)

    def checkpoint(self) -> None:
        """Put count and head out of this file's reach: another folder, the program's log, the journal."""
        if self._count == self._marked_count:
            return
        mark: dict[str, Fact] = {
            "count": self._count,
            "head": self._head,
            "at": datetime.now(UTC).isoformat(),
            "log": self._name,
        }
        text = canonical(mark)
        self._write(self._file, "", durable=True)
        self._write(self._marks, f'{text[:-1]},"zmac":"{keyed(self._key, text)}"}}\n', durable=True)
        self._marked_count, self._marked_at = self._count, self._monotonic()
        logger.debug("audit checkpoint {} {} {}", self._name, self._count, self._head)
        if self.on_checkpoint is not None:
            self.on_checkpoint(self._name, self._count, self._head)

    def close(self) -> None:
        """See the port."""
        if self._closed:
            return
        self._closed = True
        self.checkpoint()
        os.close(self._file)
        os.close(self._marks)

    def _write(self, descriptor: int, line: str, *, durable: bool) -> None:
        before = os.fstat(descriptor).st_size
        try:
            rest = line.encode()
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            if durable:
                os.fsync(descriptor)
        except OSError as error:
            # Half a row, or one that the counter does not know, would look like tampering for ever after.
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, before)
            raise StoreFailed(
                "the audit log could not be written",
                code="audit_failed",
                found=str(error),
                next_steps=["Check the disk of SUMPPUMP_HOME (space, permissions)."],
            ) from error


def audit_key(home: Path) -> bytes:
    """The key of the chain, made on first use; it lies outside the folder of the logs."""
    path = private_dir(home / "keys") / "audit.key"
    descriptor = open_private(path, os.O_RDWR | os.O_CREAT)
    try:
        found = os.read(descriptor, 200).strip()
        if not found:
            found = secrets.token_hex(32).encode()
            os.write(descriptor, found)
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return bytes.fromhex(found.decode())


def canonical(body: Mapping[str, Fact]) -> str:
    """The text that is hashed: sorted keys, no spaces, ASCII."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def keyed(key: bytes, text: str) -> str:
    """HMAC-SHA-256 in hex."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _without_secrets(value: Mapping[str, Fact]) -> dict[str, Fact]:
    return {key: "[typed]" if _is_secret(key, item) else _plain(item) for key, item in value.items()}


def _is_secret(key: str, value: Fact) -> bool:
    return key.lower() in _SECRETS and isinstance(value, str) and bool(value)


def _plain(value: Fact) -> Fact:
    if isinstance(value, Mapping):
        return _without_secrets(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not (abs(value) < float("inf")):
        return str(value)
    return value
