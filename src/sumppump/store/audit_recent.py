"""The newest rows of the audit logs: read from their ends, so that their length does not matter."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from sumppump.kernel.errors import StoreFailed
from sumppump.ports.store import Fact

MOST_LOGS = 8
TAIL_BYTES = 131_072
_SHOWN = ("seq", "at", "kind", "facts")


def recent_rows(folder: Path, count: int) -> Sequence[Mapping[str, Fact]]:
    """The newest `count` rows of the newest logs together, newest last.

    Raises:
        StoreFailed: a log cannot be read.
    """
    try:
        logs = sorted(folder.glob("*.jsonl"), reverse=True)[:MOST_LOGS]
        rows = [row for log in logs for row in _tail(log, count)]
    except OSError as error:
        raise StoreFailed("the audit log cannot be read", code="audit_failed", found=str(error)) from error
    return sorted(rows, key=lambda row: str(row["at"]))[-count:]


def _tail(log: Path, count: int) -> list[dict[str, Fact]]:
    with log.open("rb") as file:
        begins = max(0, file.seek(0, 2) - TAIL_BYTES)
        file.seek(begins)
        lines = file.read().splitlines()[1 if begins else 0 :]
    found = (_row(line) for line in lines[-count:])
    return [{"log": log.stem} | row for row in found if row is not None]


def _row(line: bytes) -> dict[str, Fact] | None:
    """A row as it is shown; None for what is none, which `sumppump audit verify` is there to report."""
    try:
        read = json.loads(line)
        return {name: read[name] for name in _SHOWN}
    except (ValueError, LookupError, TypeError):
        return None
