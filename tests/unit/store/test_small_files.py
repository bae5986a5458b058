"""The kill flag, the inbox, the pictures. Sources: C-20, the terminal channel, L-13."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sumppump.kernel.errors import StoreFailed
from sumppump.ports.store import Verdict
from sumppump.store.charts import FileCharts
from sumppump.store.inbox import SqliteInbox
from sumppump.store.kill_flag import FileKillFlag


def test_a_flag_set_by_one_process_is_seen_by_another(tmp_path: Path) -> None:
    """C-20: the file is the switch."""
    mine, other = FileKillFlag(tmp_path), FileKillFlag(tmp_path)
    assert other.reason() is None
    mine.raise_flag("enough\n\x1b[31m")
    assert (other.reason(), other.wants_everything()) == ("enough [31m", False)
    other.lower()
    assert mine.reason() is None


def test_a_flag_that_is_set_keeps_its_first_reason_and_may_only_widen(tmp_path: Path) -> None:
    """A second caller cannot weaken the switch; `--all` can be added."""
    flag = FileKillFlag(tmp_path)
    flag.raise_flag("first", everything=True)
    flag.raise_flag("second")
    assert (flag.reason(), flag.wants_everything()) == ("first", True)


def test_an_empty_flag_made_by_hand_counts(tmp_path: Path) -> None:
    """`touch KILL` is enough."""
    (tmp_path / "KILL").touch()
    assert FileKillFlag(tmp_path).reason() == "no reason given"


@pytest.mark.skipif(os.name != "posix", reason="a folder in the file's place reads as an error on POSIX")
def test_a_flag_that_cannot_be_read_counts_as_set(tmp_path: Path) -> None:
    """C-26: whatever is missing in a check refuses."""
    (tmp_path / "KILL").mkdir()
    assert "cannot be read" in str(FileKillFlag(tmp_path).reason())


def test_a_decision_travels_to_the_writer_once_and_its_answer_comes_back(tmp_path: Path) -> None:
    """Settled 7: the terminal hands over through the store."""
    terminal, writer = SqliteInbox(tmp_path), SqliteInbox(tmp_path)
    writer.skip_old()
    assert writer.waiting() == ()
    number = terminal.post(Verdict.APPROVE, subject="tkt_1", digest="d", amount="4,200")
    (found,) = writer.waiting()
    assert (found.number, found.verdict, found.subject, found.digest, found.amount) == (
        number,
        Verdict.APPROVE,
        "tkt_1",
        "d",
        "4,200",
    )
    assert writer.waiting() == ()
    assert terminal.answer_to(number) is None
    writer.answer(number, "sent")
    assert terminal.answer_to(number) == "sent"
    terminal.close()
    writer.close()


def test_decisions_for_a_process_that_has_ended_are_not_taken(tmp_path: Path) -> None:
    """Their tickets are dead, and a person decided on other figures."""
    terminal, writer = SqliteInbox(tmp_path), SqliteInbox(tmp_path)
    terminal.post(Verdict.APPROVE, subject="tkt_old")
    writer.skip_old()
    terminal.post(Verdict.DECLINE, subject="tkt_new")
    assert [each.subject for each in writer.waiting()] == ["tkt_new"]
    terminal.close()
    writer.close()


def test_pictures_are_private_and_their_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    """L-13: a name from outside is only letters, digits and dashes."""
    charts = FileCharts(tmp_path)
    path = Path(charts.write_png("../../etc/SPY payoff", b"png"))
    assert path.parent == Path(charts.directory())
    assert path.read_bytes() == b"png"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_only_the_newest_pictures_stay(tmp_path: Path) -> None:
    """The folder does not grow for ever."""
    charts = FileCharts(tmp_path, keep=2)
    for number in range(4):
        path = Path(charts.write_png(f"p{number}", b"png"))
        os.utime(path, (number, number))
    charts.write_png("p9", b"png")
    assert len(list(tmp_path.rglob("*.png"))) == 2


@pytest.mark.skipif(os.name != "posix", reason="links are a POSIX matter")
def test_a_picture_does_not_overwrite_what_a_link_points_to(tmp_path: Path) -> None:
    """L-13: links are refused."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    charts = FileCharts(tmp_path)
    (Path(charts.directory()) / "p.png").symlink_to(victim)
    with pytest.raises(StoreFailed):
        charts.write_png("p", b"png")
    assert victim.read_bytes() == b"mine"
