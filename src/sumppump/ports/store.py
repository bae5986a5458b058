"""What is written down, seen from the use cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sumppump.domain.events import Event, Recorded


class Journal(Protocol):
    """The append-only record that state is folded from. One process writes, the others read."""

    @property
    def boot_id(self) -> str:
        """Names this process in the rows it writes."""
        ...

    def is_writer(self) -> bool:
        """Whether this process holds the writer's lock."""
        ...

    def holder(self) -> str:
        """Who holds it otherwise, in words; "" when nobody does."""
        ...

    def become_writer(self) -> bool:
        """Take the lock if it is free; True when this process writes now."""
        ...

    def read(self, after: int = 0) -> Sequence[Recorded]:
        """Rows with a higher `seq`, oldest first; cheap when there are none.

        Raises:
            StoreFailed: the file is damaged or cannot be read.
        """
        ...

    def append(self, *events: Event) -> Sequence[Recorded]:
        """Write events in one transaction; on disk when it returns.

        Raises:
            StoreFailed: nothing of it was written.
            WritesOff: another process is the writer.
        """
        ...

    def head(self) -> tuple[int, str]:
        """Number and hash of the last row known."""
        ...

    def close(self) -> None:
        """Let go of file and lock."""
        ...


Fact = str | int | float | bool | None | Sequence["Fact"] | Mapping[str, "Fact"]


class Audit(Protocol):
    """The keyed, chained log of every tool call and order event."""

    def record(self, kind: str, facts: Mapping[str, Fact], *, durable: bool = False) -> int:
        """Write one row and return its number; `durable` waits for the disk. Codes are never written.

        Raises:
            StoreFailed: it could not be written.
        """
        ...

    def head(self) -> tuple[str, int, str]:
        """Name of the log, rows so far, and the hash of the last one."""
        ...

    def recent(self, count: int) -> Sequence[Mapping[str, Fact]]:
        """The newest rows of every process on this home, newest last: log, seq, at, kind, facts.

        Raises:
            StoreFailed: they cannot be read.
        """
        ...

    def close(self) -> None:
        """Write a last checkpoint and let go of the file."""
        ...


class KillFlag(Protocol):
    """The file that stops everything; any process of the user may set it."""

    def reason(self) -> str | None:
        """Why the switch is on; None when it is off. An unreadable flag counts as on."""
        ...

    def wants_everything(self) -> bool:
        """Whether `--all` was asked."""
        ...

    def raise_flag(self, reason: str, *, everything: bool = False) -> None:
        """Set it; a flag that is set stays as it is but for `everything`."""
        ...

    def lower(self) -> None:
        """Clear it."""
        ...


class Verdict(StrEnum):
    """What a person asked for from another process."""

    APPROVE = "approve"
    DECLINE = "decline"
    CLEAR_KILL = "clear_kill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A person's decision from `sumppump approve` or `sumppump kill --clear`, on its way to the writer.

    Attributes:
        number: rising. subject: ticket_id, "" for CLEAR_KILL. digest: of the ticket that was shown.
        amount: as typed, "" where none was asked.
    """

    number: int
    verdict: Verdict
    subject: str = ""
    digest: str = ""
    amount: str = ""


class Inbox(Protocol):
    """Decisions handed from a person's terminal to the writer, and the writer's answers."""

    def post(self, verdict: Verdict, *, subject: str = "", digest: str = "", amount: str = "") -> int:
        """Leave a decision; its number."""
        ...

    def answer_to(self, number: int) -> str | None:
        """What the writer answered; None while it has not."""
        ...

    def waiting(self) -> Sequence[Handover]:
        """Decisions that came since this process looked last; cheap when there are none."""
        ...

    def answer(self, number: int, text: str) -> None:
        """Tell the terminal what became of its decision."""
        ...

    def skip_old(self) -> None:
        """Forget what was posted before this process became the writer: those tickets are dead.

        Raises:
            StoreFailed: the inbox cannot be read now.
        """
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...
