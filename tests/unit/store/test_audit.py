"""The audit log: what was done to it is seen. Source: audit section of the controls, figure Q7."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sumppump.domain import events as ev
from sumppump.store import audit_verify
from sumppump.store.audit import FileAudit
from sumppump.store.audit_verify import Result, verify
from sumppump.store.journal import SqliteJournal

ROWS = 24


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A log of a few rows with checkpoints, anchored in a journal."""
    folder = tmp_path / "home"
    journal = SqliteJournal(folder, boot_id="boot1")
    journal.become_writer()
    audit = FileAudit(folder, boot_id="boot1")

    def anchor(log: str, count: int, head: str) -> None:
        journal.append(ev.Anchored(log=log, count=count, head=head))

    audit.on_checkpoint = anchor
    for number in range(ROWS):
        if number == ROWS // 2:
            audit.checkpoint()
            seq, own = journal.head()
            audit.record("journal_head", {"seq": seq, "hash": own})
        audit.record("tool_call", {"tool": "trade_get_quote", "number": number, "account": "SIM…417"})
    audit.close()
    journal.close()
    return folder


def log_of(home: Path) -> Path:
    return next((home / "audit").glob("*.jsonl"))


def marks_of(home: Path) -> Path:
    return next((home / "checkpoints").glob("*.jsonl"))


def lines_of(home: Path) -> list[bytes]:
    return log_of(home).read_bytes().splitlines(keepends=True)


def result_with(home: Path, lines: list[bytes]) -> Result:
    log_of(home).write_bytes(b"".join(lines))
    return verify(home).result


def test_an_untouched_log_is_intact(home: Path) -> None:
    """Rows, checkpoints, journal and anchors are all read, and agree."""
    report = verify(home)
    assert (report.result, report.findings) == (Result.OK, ())
    assert (report.rows, report.checkpoints, report.journal_rows) == (ROWS + 2, 3, 2)


def test_every_flipped_byte_is_found(home: Path) -> None:
    """100 %: also a byte whose change leaves the JSON valid or equal in value."""
    path, content = log_of(home), log_of(home).read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x01]) + content[place + 1 :])
        assert verify(home).result is not Result.OK, f"byte {place}: {content[place : place + 1]!r}"


@pytest.mark.parametrize("place", range(ROWS + 2))
def test_every_deleted_row_is_found(home: Path, place: int) -> None:
    """Inside the log it is a gap; at its end the checkpoint knows more rows."""
    lines = lines_of(home)
    last = place == len(lines) - 1
    assert result_with(home, lines[:place] + lines[place + 1 :]) is (Result.TRUNCATED if last else Result.GAP)


@pytest.mark.parametrize("place", range(ROWS + 1))
def test_every_swapped_pair_and_every_duplicate_is_found(home: Path, place: int) -> None:
    """Order is part of the proof."""
    lines = lines_of(home)
    swapped = [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]
    assert result_with(home, swapped) is Result.GAP
    assert result_with(home, [*lines[: place + 1], *lines[place:]]) is Result.GAP


@pytest.mark.parametrize("kept", range(ROWS + 2))
def test_every_truncation_behind_a_checkpoint_is_found(home: Path, kept: int) -> None:
    """A shortened chain is a valid chain; only the checkpoints tell."""
    assert result_with(home, lines_of(home)[:kept]) is Result.TRUNCATED


def _forge(key: bytes, home: Path) -> None:
    """Rewrite the whole log, every hash recomputed, with some key."""
    previous, forged = "", []
    for line in lines_of(home):
        row = json.loads(line)
        previous = previous or row["facts"]["genesis"]
        body = {name: value for name, value in row.items() if name != "zhash"} | {"prev": previous}
        if row["kind"] == "tool_call":
            body["facts"] = row["facts"] | {"tool": "nothing_happened"}
        text = audit_verify._canonical(body)
        previous = audit_verify.hmac.new(key, text.encode(), audit_verify.hashlib.sha256).hexdigest()
        forged.append(f'{text[:-1]},"zhash":"{previous}"}}\n')
    log_of(home).write_text("".join(forged))


def test_a_log_rewritten_without_the_key_is_found(home: Path) -> None:
    """Anybody can recompute a plain hash; the key they do not have."""
    _forge(b"guessed", home)
    assert verify(home).result is Result.MISMATCH


def test_a_log_rewritten_with_the_key_still_contradicts_its_checkpoints(home: Path) -> None:
    """Truncated and appended again, or rewritten: every checkpoint and anchor is used."""
    _forge(bytes.fromhex((home / "keys" / "audit.key").read_text()), home)
    assert verify(home).result is Result.MISMATCH


def _drop_log(home: Path) -> None:
    log_of(home).unlink()


def _drop_marks(home: Path) -> None:
    marks_of(home).unlink()


def _drop_both(home: Path) -> None:
    _drop_log(home)
    _drop_marks(home)


def _drop_journal(home: Path) -> None:
    for path in home.glob("journal.sqlite*"):
        path.unlink()


def _drop_key(home: Path) -> None:
    (home / "keys" / "audit.key").unlink()


@pytest.mark.parametrize(
    ("done", "result"),
    [
        (_drop_log, Result.TRUNCATED),
        (_drop_marks, Result.TRUNCATED),
        (_drop_both, Result.DISAGREE),
        (_drop_journal, Result.DISAGREE),
        (_drop_key, Result.MISMATCH),
    ],
)
def test_what_is_missing_is_found(home: Path, done: Callable[[Path], None], result: Result) -> None:
    """Log, checkpoints, both, the journal, or the key."""
    done(home)
    assert verify(home).result is result


def test_an_older_journal_is_found(home: Path) -> None:
    """Exit code 4: the audit remembers a head of the journal that the journal does not have."""
    _drop_journal(home)
    journal = SqliteJournal(home)
    journal.become_writer()
    journal.append(ev.Halted(reason="another history"))
    journal.close()
    assert verify(home).result is Result.DISAGREE


def test_a_changed_checkpoint_is_found(home: Path) -> None:
    """Checkpoints carry the key's signature as well."""
    marks_of(home).write_bytes(marks_of(home).read_bytes().replace(b'"count":1,', b'"count":2,'))
    assert verify(home).result is Result.MISMATCH


def test_half_a_row_of_a_killed_process_is_no_forgery(home: Path) -> None:
    """A write that was cut off at the very end is behind every checkpoint, and not a row."""
    with log_of(home).open("ab") as file:
        file.write(b'{"at":"2026-')
    assert verify(home).result is Result.OK


def test_the_verifier_runs_alone(home: Path, tmp_path: Path) -> None:
    """Nothing of the program is imported; the exit code is the result."""
    script = tmp_path / "verify.py"
    shutil.copy(audit_verify.__file__, script)
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(home)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1].endswith(": ok")) == (0, True)
    _drop_log(home)
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(home)], capture_output=True, text=True, check=False
    )
    assert done.returncode == Result.TRUNCATED


def test_typed_codes_are_never_written(tmp_path: Path) -> None:
    """A code that a tool was given leaves no trace, however deep it was nested."""
    audit = FileAudit(tmp_path, boot_id="b")
    audit.record("tool_call", {"arguments": {"confirm_token": "K7M-4QX", "more": [{"code": "K7M-4QX"}]}})
    audit.close()
    assert b"K7M" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.jsonl"))


def test_a_checkpoint_is_due_after_100_rows_or_60_seconds(tmp_path: Path) -> None:
    """Q7: whichever comes first."""
    now = [0.0]
    audit = FileAudit(tmp_path, boot_id="b", monotonic=lambda: now[0])
    counts: list[int] = []
    audit.on_checkpoint = lambda log, count, head: counts.append(count)
    for _ in range(100):
        audit.record("tool_call", {})
    now[0] = 61.0
    audit.record("tool_call", {})
    audit.close()
    assert counts == [101, 102]
