"""How the processes of one home divide the market data lines that TWS grants to all its clients together.

Every process beside the writer has a seat, a lock on a file, and so each of them can count the others. The
writer gives up lines as seats are taken; who takes one waits until it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from sumppump.kernel.errors import GatewayUnavailable
from sumppump.store.lock import WriterLock, is_locked

MOST_READERS = 31
READER_LINES = 20
WRITERS_PART = 4
"""However many readers there are, a quarter of the lines stays with the writer."""
SETTLING_S = 1.5
"""How long a new reader leaves the writer to notice it: two looks, and 20 cancels at 45 a second."""


def seat_files(home: Path) -> list[Path]:
    """The files of all seats, in order."""
    return [home / f"reader-{number}.lock" for number in range(1, MOST_READERS + 1)]


def take_seat(home: Path) -> WriterLock:
    """A client id of its own for each further process on one home.

    Raises:
        GatewayUnavailable: `too_many_processes`.
    """
    for number, path in enumerate(seat_files(home), start=1):
        lock = WriterLock(path)
        if lock.acquire(str(number)):
            return lock
    raise GatewayUnavailable(
        "too many processes use this home",
        code="too_many_processes",
        expected=f"at most {MOST_READERS} beside the writer",
        next_steps=["End one of the hosts that started SumpPump."],
    )


def shares(lines: int, readers: int) -> tuple[int, int]:
    """Lines of the writer, and of each of so many readers; never more than `lines` in all.

    >>> shares(95, 0), shares(95, 1), shares(95, 10)
    ((95, 20), (75, 20), (23, 7))
    """
    writer = max(lines // WRITERS_PART, lines - readers * READER_LINES)
    reader = min(READER_LINES, (lines - writer) // readers if readers else lines)
    return writer, reader


def line_share(home: Path, lines: int, *, is_reader: bool) -> Callable[[], int]:
    """How many lines are this process's, as the seats stand now; 0 until a new reader has been noticed."""
    since = time.monotonic()

    def share() -> int:
        if is_reader and time.monotonic() - since < SETTLING_S:
            return 0
        return shares(lines, sum(map(is_locked, seat_files(home))))[is_reader]

    return share
