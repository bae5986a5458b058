"""The journal: durable, append-only, chained, one writer, nobody else's eyes."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from tests.crash.disk import Disk
from tests.crash.program import Program
from tests.support.fake_market import FakeClock
from tests.support.fake_venue import FakeVenue

from sumppump.domain import events as ev
from sumppump.domain.orders import BrokerOrder, BrokerStatus, Fill, OrderState
from sumppump.domain.tickets import Channel, Role, Ticket
from sumppump.kernel.errors import StoreFailed, WritesOff
from sumppump.kernel.money import Money
from sumppump.store.codec import decode, encode, kind_of
from sumppump.store.journal import SqliteJournal

POSIX = pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX matters")


@pytest.fixture
def ticket() -> Ticket:
    """A ticket with a combo, quotes, a bracket and every figure."""
    program = Program(FakeClock(), FakeVenue(), Disk())
    main = program.order()
    target = replace(main, combo=main.combo.reversed, order_ref=program.ledger.new_ref())
    program.ledger.take_over()
    return program.issue(program.content((Role.MAIN, main), (Role.TARGET, target)))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    opened = SqliteJournal(tmp_path / "home")
    assert opened.become_writer()
    yield opened
    opened.close()


def booted(number: int) -> ev.Booted:
    return ev.Booted(boot_id="b", boot_number=number, version="1")


def every_event(ticket: Ticket) -> list[ev.Event]:
    order, ref = ticket.orders[0].order, ticket.orders[0].order.order_ref
    at = datetime(2026, 11, 18, 15, 0, 1, 2, tzinfo=UTC)
    told = BrokerOrder(
        order_ref=ref, perm_id=7, order_id=1, client_id=17, status=BrokerStatus.SUBMITTED,
        limit=Decimal("-1.10"), quantity=Decimal(1), con_ids=(1, 2),
    )  # fmt: skip
    fill = Fill(
        exec_base="a.b", revision=1, order_ref=ref, perm_id=7, order_id=1, client_id=17, account="SIM1",
        con_id=1, sec_type="BAG", symbol="SPY", side="BUY", quantity=Decimal(1), price=Decimal("-2.05"),
        at=at, commission=Money.of("0.65"),
    )  # fmt: skip
    return [
        booted(1),
        ev.Staged(ticket=ticket, digest=ticket.digest()),
        ev.Decided(ticket_id="t", state=OrderState.APPROVED, channel=Channel.CODE, reason="…"),
        ev.Sending(order=order, role=Role.MAIN, ticket_id="t", strategy_id="s", order_id=1, client_id=17,
                   parent_id=0, digest="d", frame_sha256="f", mono=1.25, at=at),
        ev.CancelSending(order_ref=ref, order_id=1, reason="r", mono=2.5),
        ev.ModifySending(order=order, ticket_id="t", order_id=1, digest="d", frame_sha256="f", mono=3.0),
        ev.Seen(order_ref=ref, order=told),
        ev.Executed(order_ref=ref, fill=fill),
        ev.Charged(exec_base="a.b", revision=2, commission=Money.of("1.30"), realized_pnl=Money.of(-5)),
        ev.Noticed(order_ref=ref, code=201, text="no"),
        ev.Doubted(order_ref=ref, reason="silence", mono=9.0),
        ev.Resolved(order_ref=ref, evidence="list"),
        ev.Settled(order_ref=ref, state=OrderState.NOT_FOUND, evidence="absent"),
        ev.Halted(reason="r"),
        ev.HaltCleared(channel=Channel.TERMINAL, acknowledged=("SP1-X",)),
        ev.Killed(reason="r", everything=True),
        ev.KillCleared(channel=Channel.TERMINAL),
        ev.StopDeclined(strategy_id="s", reason="r"),
        ev.Watched(strategy_id="s"),
        ev.Adopted(strategy_id="s", symbol="SPY", title="t", quantity=2),
        ev.LeftElsewhere(strategy_id="s", held=1, evidence="e"),
        ev.Anchored(log="l", count=3, head="h"),
    ]  # fmt: skip


def test_every_kind_of_event_comes_back_as_it_was_written(ticket: Ticket) -> None:
    """Decimals, times, unions and nested orders survive the text; no kind is forgotten here."""
    events = every_event(ticket)
    assert {type(event) for event in events} == set(get_args(ev.Event))
    assert [decode(kind_of(event), encode(event)) for event in events] == events


def test_a_ticket_read_back_has_the_digest_that_was_written(ticket: Ticket) -> None:
    """Another process shows and hands back the very same ticket."""
    event = decode("Staged", encode(ev.Staged(ticket=ticket, digest=ticket.digest())))
    assert isinstance(event, ev.Staged)
    assert event.ticket.digest() == event.digest


def test_what_was_appended_is_read_by_another_process(journal: SqliteJournal, tmp_path: Path) -> None:
    """A reader sees rows as they come, in order, and only new ones."""
    reader = SqliteJournal(tmp_path / "home")
    journal.append(booted(1), booted(2))
    assert [row.seq for row in reader.read()] == [1, 2]
    journal.append(booted(3))
    assert [row.event for row in reader.read(2)] == [booted(3)]
    reader.close()


def test_only_the_holder_of_the_lock_appends(journal: SqliteJournal, tmp_path: Path) -> None:
    """X20: the second says who holds it, and takes over once it is free."""
    second = SqliteJournal(tmp_path / "home")
    assert not second.become_writer()
    assert str(os.getpid()) in second.holder()
    with pytest.raises(WritesOff, match="another process"):
        second.append(booted(9))
    journal.append(booted(1))
    journal.close()
    assert second.become_writer()
    assert [row.seq for row in second.append(booted(2))] == [2]
    second.close()


@pytest.mark.parametrize("statement", ["UPDATE ev SET body = '{}'", "DELETE FROM ev WHERE seq = 1"])
def test_rows_are_never_changed_or_deleted(journal: SqliteJournal, tmp_path: Path, statement: str) -> None:
    """Triggers refuse both, whoever asks."""
    journal.append(booted(1))
    db = sqlite3.connect(tmp_path / "home" / "journal.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)
    db.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ev SET body = replace(body, '\"1\"', '\"2\"') WHERE seq = 2",
        "UPDATE ev SET ts_utc = '2020-01-01T00:00:00+00:00' WHERE seq = 2",
        "UPDATE ev SET kind = 'Watched' WHERE seq = 2",
        "DELETE FROM ev WHERE seq = 2",
        "DELETE FROM ev WHERE seq = 1",
    ],
)
def test_a_journal_that_was_tampered_with_is_refused(tmp_path: Path, statement: str) -> None:
    """Whoever removes the triggers still breaks the chain."""
    journal = SqliteJournal(tmp_path)
    journal.become_writer()
    journal.append(booted(1), booted(2), booted(3))
    journal.close()
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        db.executescript("DROP TRIGGER ev_no_update; DROP TRIGGER ev_no_delete;")
        db.execute(statement)
    db.close()
    with pytest.raises(StoreFailed) as refused:
        SqliteJournal(tmp_path)
    assert refused.value.code == "journal_damaged"


def test_a_corrupt_file_is_refused_and_not_repaired(tmp_path: Path) -> None:
    """F-63: no trading on a journal that cannot be read."""
    journal = SqliteJournal(tmp_path)
    journal.become_writer()
    journal.append(*(booted(number) for number in range(200)))
    journal.close()
    path = tmp_path / "journal.sqlite"
    content = bytearray(path.read_bytes())
    content[4096:6000] = b"\xff" * 1904
    path.write_bytes(content)
    with pytest.raises(StoreFailed):
        SqliteJournal(tmp_path)


def test_a_full_disk_writes_nothing_and_says_so(journal: SqliteJournal) -> None:
    """F-62: the transaction is refused whole; what was there stays readable."""
    journal.append(booted(1))
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreFailed) as refused:
        journal.append(booted(2), *(ev.Halted(reason="x" * 4000) for _ in range(20)))
    assert refused.value.code == "store_failed"
    assert [row.seq for row in journal.read()] == [1]


def test_commits_are_on_the_disk_and_not_only_in_its_queue(journal: SqliteJournal) -> None:
    """WAL with NORMAL may lose the last commits when the power goes."""
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_that_another_program_holds_does_not_hold_the_loop(
    journal: SqliteJournal, tmp_path: Path
) -> None:
    """The loop that kills must not wait: refused at once, and written when the file is free."""
    other = sqlite3.connect(tmp_path / "home" / "journal.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreFailed):
        journal.append(booted(1))
    other.execute("ROLLBACK")
    other.close()
    assert [row.seq for row in journal.append(booted(1))] == [1]


def test_a_row_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """Nothing is guessed about an event that this version does not know."""
    with pytest.raises(StoreFailed) as refused:
        decode("Teleported", "{}")
    assert refused.value.code == "journal_unreadable"
    with pytest.raises(StoreFailed):
        decode("Booted", '{"boot_id": 1}')


@POSIX
def test_files_and_folders_are_readable_by_their_owner_alone(journal: SqliteJournal, tmp_path: Path) -> None:
    """L-13: 0700 and 0600, also beside the database."""
    journal.append(booted(1))
    home = tmp_path / "home"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}, modes


@POSIX
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_links_in_the_place_of_files_are_refused(tmp_path: Path, link: object) -> None:
    """L-13: neither symbolic nor hard links are followed."""
    home, victim = tmp_path / "home", tmp_path / "victim"
    home.mkdir(mode=0o700)
    victim.write_bytes(b"")
    link(victim, home / "journal.sqlite")  # type: ignore[operator]
    with pytest.raises(StoreFailed) as refused:
        SqliteJournal(home)
    assert refused.value.code == "unsafe_path"


@POSIX
def test_a_home_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """L-13: the folder itself may not be a link either."""
    (tmp_path / "real").mkdir()
    (tmp_path / "home").symlink_to(tmp_path / "real")
    with pytest.raises(StoreFailed):
        SqliteJournal(tmp_path / "home")
