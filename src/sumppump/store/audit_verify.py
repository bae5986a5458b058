"""Verify audit logs and journal against each other, from their bytes alone.

Standard library only, nothing of the program that wrote them: `python audit_verify.py HOME`. It uses every
checkpoint and every anchor it can see. Exit codes: 0 intact, 1 a row or mark does not match, 2 shorter than
a checkpoint says, 3 a gap in the numbers, 4 journal and audit disagree. What it cannot prove: the work of
somebody who also has the key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

GENESIS = "0" * 64


class Result(IntEnum):
    """What was found; the number is the exit code."""

    OK = 0
    MISMATCH = 1
    TRUNCATED = 2
    GAP = 3
    DISAGREE = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit."""

    result: Result
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """All findings and what was read."""

    findings: tuple[Finding, ...]
    logs: int
    rows: int
    journal_rows: int
    checkpoints: int

    @property
    def result(self) -> Result:
        """The first finding's code; OK when there is none."""
        return self.findings[0].result if self.findings else Result.OK


@dataclass(slots=True)
class _Log:
    name: str
    hashes: list[str]
    journal_heads: list[tuple[int, int, str]]
    finding: Finding | None = None


def verify(home: Path) -> Report:
    """Read everything under `home` and say what does not fit."""
    try:
        key = bytes.fromhex((home / "keys" / "audit.key").read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return Report((Finding(Result.MISMATCH, "keys/audit.key", "the key cannot be read"),), 0, 0, 0, 0)
    names = sorted({path.stem for part in ("audit", "checkpoints") for path in (home / part).glob("*.jsonl")})
    logs = {name: _read_log(home / "audit" / f"{name}.jsonl", key) for name in names}
    findings = [log.finding for log in logs.values() if log.finding]
    marks = 0
    for name in names:
        count, more = _check_marks(home / "checkpoints" / f"{name}.jsonl", logs[name], key)
        marks += count
        findings += more
    hashes, anchors, more = _read_journal(home / "journal.sqlite")
    findings += more
    findings += _disagreements(logs, hashes, anchors)
    rows = sum(len(log.hashes) for log in logs.values())
    return Report(tuple(findings), len(logs), rows, len(hashes), marks)


def _read_log(path: Path, key: bytes) -> _Log:
    log = _Log(path.stem, [], [])
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return log  # its checkpoints, if there are any, will tell that rows are missing
    # A process that was killed may leave half a row at the very end: no row, and no checkpoint knows it.
    for line in lines[:-1]:
        log.finding = _take_row(line, log, key)
        if log.finding:
            return log
    return log


def _take_row(line: bytes, log: _Log, key: bytes) -> Finding | None:
    number, where = len(log.hashes) + 1, f"{log.name} row {len(log.hashes) + 1}"
    row = _object(line)
    if row is None:
        return Finding(Result.MISMATCH, where, "not a row")
    if row.get("seq") != number:
        return Finding(Result.GAP, where, f"carries number {row.get('seq')}")
    body = {name: value for name, value in row.items() if name != "zhash"}
    previous = log.hashes[-1] if log.hashes else row.get("facts", {}).get("genesis")
    if row.get("prev") != previous or not _mac_fits(body, row.get("zhash"), line, key):
        return Finding(Result.MISMATCH, where, "its hash does not match")
    log.hashes.append(row["zhash"])
    if row.get("kind") == "journal_head":
        log.journal_heads.append((number, row["facts"]["seq"], row["facts"]["hash"]))
    return None


def _mac_fits(body: dict[str, Any], mac: object, line: bytes, key: bytes, name: str = "zhash") -> bool:
    text = _canonical(body)
    own = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    # The line must be the canonical text and nothing else: equal values in another spelling are a change.
    return mac == own and line == f'{text[:-1]},"{name}":"{own}"}}'.encode()


def _check_marks(path: Path, log: _Log, key: bytes) -> tuple[int, list[Finding]]:
    found: list[Finding] = []
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    if not lines and log.hashes:
        found.append(Finding(Result.TRUNCATED, f"checkpoints/{log.name}", "no checkpoint is left"))
    for number, line in enumerate(lines, 1):
        where = f"checkpoints/{log.name} line {number}"
        mark = _object(line)
        body = {name: value for name, value in (mark or {}).items() if name != "zmac"}
        if mark is None or not _mac_fits(body, mark.get("zmac"), line, key, "zmac"):
            found.append(Finding(Result.MISMATCH, where, "its signature does not match"))
        elif log.finding is None:
            found += _compare(where, log, mark["count"], mark["head"], Result.MISMATCH)
    return len(lines), found


def _compare(where: str, log: _Log, count: int, head: str, unequal: Result) -> Iterator[Finding]:
    if count > len(log.hashes):
        yield Finding(Result.TRUNCATED, where, f"knows {count} rows, the log has {len(log.hashes)}")
    elif log.hashes[count - 1] != head:
        yield Finding(unequal, where, f"row {count} had another hash")


def _read_journal(path: Path) -> tuple[list[str], list[dict[str, Any]], list[Finding]]:
    hashes: list[str] = []
    anchors: list[dict[str, Any]] = []
    if not path.exists():
        return hashes, anchors, []
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        rows = db.execute(
            "SELECT seq, ts_utc, boot_id, kind, body, prev_hash, hash FROM ev ORDER BY seq"
        ).fetchall()
        db.close()
    except sqlite3.Error as error:
        return hashes, anchors, [Finding(Result.MISMATCH, "journal", str(error))]
    for seq, at, boot, kind, body, previous, own in rows:
        if seq != len(hashes) + 1:
            return hashes, anchors, [Finding(Result.GAP, "journal", f"row {len(hashes) + 1} is missing")]
        text = "\n".join((previous, str(seq), at, boot, kind, body))
        fits = previous == (hashes[-1] if hashes else GENESIS)
        if not fits or hashlib.sha256(text.encode()).hexdigest() != own:
            return hashes, anchors, [Finding(Result.MISMATCH, f"journal row {seq}", "was changed")]
        hashes.append(own)
        if kind == "Anchored":
            anchors.append(json.loads(body))
    return hashes, anchors, []


def _disagreements(
    logs: dict[str, _Log], hashes: list[str], anchors: list[dict[str, Any]]
) -> Iterator[Finding]:
    for anchor in anchors:
        where = f"journal's anchor of {anchor['log']}"
        log = logs.get(anchor["log"])
        if log is None:
            yield Finding(Result.DISAGREE, where, "the log is gone")
        elif log.finding is None:
            yield from _compare(where, log, anchor["count"], anchor["head"], Result.DISAGREE)
    for log in logs.values():
        for number, seq, own in log.journal_heads:
            if seq and (seq > len(hashes) or hashes[seq - 1] != own):
                yield Finding(
                    Result.DISAGREE, f"{log.name} row {number}", f"journal row {seq} is another or gone"
                )


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _canonical(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def main(arguments: list[str]) -> int:
    """Verify the home folder named first; write what was found; the exit code is the result."""
    report = verify(Path(arguments[0]))
    for finding in report.findings:
        sys.stdout.write(f"{finding.result.name.lower()}: {finding.where}: {finding.what}\n")
    sys.stdout.write(
        f"{report.logs} logs, {report.rows} rows, {report.checkpoints} checkpoints,"
        f" {report.journal_rows} journal rows: {report.result.name.lower()}\n"
    )
    return int(report.result)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
