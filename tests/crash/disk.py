"""What survives a crash: rows, the kill flag, the lock that the operating system takes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sumppump.domain.events import Event, Recorded
from sumppump.kernel.errors import StoreFailed, WritesOff
from sumppump.ports.store import Fact, Handover, Verdict
from sumppump.store.codec import decode, encode, kind_of

MACHINE_TIME = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)


# Called wherever something becomes durable or leaves the process; raises Crash to kill it right there.
Point = Callable[[str], None]


@dataclass(slots=True)
class Disk:
    """Durable things of one home folder; rows are kept as text, as on a real disk.

    Attributes:
        fails: every append fails (disk full) while True. commits: appends so far.
    """

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    writer: object | None = None
    flag: str | None = None
    everything: bool = False
    fails: bool = False
    commits: int = 0
    boots: int = 0

    def crash(self) -> None:
        """The operating system takes the lock back; what was committed stays."""
        self.writer = None


class DiskJournal:
    """`ports.store.Journal` on a `Disk`."""

    def __init__(self, disk: Disk, point: Point) -> None:
        disk.boots += 1
        self._disk = disk
        self._boot_id = f"boot{disk.boots}"
        self._point = point

    @property
    def boot_id(self) -> str:
        return self._boot_id

    def is_writer(self) -> bool:
        return self._disk.writer is self

    def holder(self) -> str:
        return "" if self._disk.writer in (None, self) else "another process"

    def become_writer(self) -> bool:
        if self._disk.writer is None:
            self._disk.writer = self
        return self._disk.writer is self

    def read(self, after: int = 0) -> Sequence[Recorded]:
        return [
            Recorded(seq=seq, at=MACHINE_TIME, boot_id=boot, event=decode(kind, body))
            for seq, (boot, kind, body) in enumerate(self._disk.rows[after:], start=after + 1)
        ]

    def append(self, *events: Event) -> Sequence[Recorded]:
        if not self.is_writer():
            raise WritesOff("another process writes", code="not_the_writer")
        if self._disk.fails:
            raise StoreFailed("the disk is full")
        rows = [(self._boot_id, kind_of(event), encode(event)) for event in events]
        kinds = "+".join(kind for _, kind, _ in rows)
        self._point(f"before commit {kinds}")
        self._disk.rows += rows
        self._disk.commits += 1
        self._point(f"after commit {kinds}")
        first = len(self._disk.rows) - len(rows) + 1
        return [
            Recorded(seq=first + place, at=MACHINE_TIME, boot_id=self._boot_id, event=event)
            for place, event in enumerate(events)
        ]

    def head(self) -> tuple[int, str]:
        return len(self._disk.rows), ""

    def close(self) -> None:
        if self.is_writer():
            self._disk.writer = None


class MemoryAudit:
    """`ports.store.Audit` that only counts."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, Mapping[str, Fact]]] = []

    def record(self, kind: str, facts: Mapping[str, Fact], *, durable: bool = False) -> int:
        self.rows.append((kind, facts))
        return len(self.rows)

    def head(self) -> tuple[str, int, str]:
        return "memory", len(self.rows), ""

    def recent(self, count: int) -> list[Mapping[str, Fact]]:
        return [facts for _, facts in self.rows[-count:]]

    def close(self) -> None:
        """Nothing is open."""


class DiskFlag:
    """`ports.store.KillFlag` on a `Disk`."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def reason(self) -> str | None:
        return self._disk.flag

    def wants_everything(self) -> bool:
        return self._disk.everything

    def raise_flag(self, reason: str, *, everything: bool = False) -> None:
        self._disk.flag = self._disk.flag or reason
        self._disk.everything = self._disk.everything or everything

    def lower(self) -> None:
        self._disk.flag, self._disk.everything = None, False


@dataclass(slots=True)
class MemoryInbox:
    """`ports.store.Inbox` in memory."""

    posted: list[Handover] = field(default_factory=list)
    answers: dict[int, str] = field(default_factory=dict)
    taken: int = 0

    def post(self, verdict: Verdict, *, subject: str = "", digest: str = "", amount: str = "") -> int:
        number = len(self.posted) + 1
        self.posted.append(
            Handover(number=number, verdict=verdict, subject=subject, digest=digest, amount=amount)
        )
        return number

    def answer_to(self, number: int) -> str | None:
        return self.answers.get(number)

    def waiting(self) -> Sequence[Handover]:
        fresh = self.posted[self.taken :]
        self.taken = len(self.posted)
        return fresh

    def answer(self, number: int, text: str) -> None:
        self.answers[number] = text

    def skip_old(self) -> None:
        self.taken = len(self.posted)

    def close(self) -> None:
        """Nothing is open."""
