"""The newest rows of the audit, whichever process wrote them and however long its log is."""

from __future__ import annotations

from pathlib import Path

from sumppump.store.audit import FileAudit
from sumppump.store.audit_recent import TAIL_BYTES


def test_rows_of_two_processes_come_in_the_order_of_time(tmp_path: Path) -> None:
    """Claim: writer and reader are shown together, newest last. Provenance: settled 26."""
    first, second = FileAudit(tmp_path, boot_id="boot1"), FileAudit(tmp_path, boot_id="boot2")
    for number in range(6):
        (first if number % 2 else second).record("tool_call", {"number": number})
    rows = first.recent(4)
    assert [row["facts"] for row in rows] == [{"number": number} for number in (2, 3, 4, 5)]
    assert {str(row["log"])[-5:] for row in rows} == {"boot1", "boot2"}
    assert set(rows[0]) == {"log", "seq", "at", "kind", "facts"}, "hashes are for verify"


def test_the_end_of_a_long_log_is_enough(tmp_path: Path) -> None:
    """Claim: reading does not grow with the log."""
    audit = FileAudit(tmp_path, boot_id="boot1")
    for number in range(300):
        audit.record("tool_call", {"number": number, "text": "x" * (TAIL_BYTES // 100)})
    assert [row["seq"] for row in audit.recent(3)] == [299, 300, 301]


def test_a_damaged_row_is_left_to_verify(tmp_path: Path) -> None:
    audit = FileAudit(tmp_path, boot_id="boot1")
    audit.record("tool_call", {"number": 1})
    log = next((tmp_path / "audit").glob("*.jsonl"))
    with log.open("ab") as file:
        file.write(b'{"seq": 3, "at": "20\n[]\n')
    assert [row["kind"] for row in audit.recent(5)] == ["genesis", "tool_call"]


def test_secrets_are_not_in_it(tmp_path: Path) -> None:
    """Claim: a code is "[typed]" here as in the log. Provenance: law 4."""
    audit = FileAudit(tmp_path, boot_id="boot1")
    audit.record("approval", {"confirm_token": "7KQ-M2X"})
    assert "7KQ-M2X" not in str(audit.recent(5))
