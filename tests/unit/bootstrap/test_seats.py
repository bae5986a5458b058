"""How the processes of one home divide TWS's market data lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.bootstrap import seats
from sumppump.kernel.errors import GatewayUnavailable


@given(lines=st.integers(5, 100), readers=st.integers(0, seats.MOST_READERS))
def test_all_shares_together_are_never_more_than_all_lines(lines: int, readers: int) -> None:
    """TWS counts the lines of all its clients together; the 101st is refused."""
    writer, reader = seats.shares(lines, readers)
    assert writer + readers * reader <= lines
    assert writer >= max(1, lines // seats.WRITERS_PART)
    assert 0 <= reader <= seats.READER_LINES


def test_a_writer_alone_has_all_lines_and_gives_some_up_for_each_reader(tmp_path: Path) -> None:
    """As long as the reader's lock is held, and no longer."""
    writer = seats.line_share(tmp_path, 95, is_reader=False)
    assert writer() == 95
    first, second = seats.take_seat(tmp_path), seats.take_seat(tmp_path)
    assert (first.holder(), second.holder(), writer()) == ("1", "2", 55)
    first.release()
    assert writer() == 75


def test_a_new_reader_uses_no_line_until_the_writer_has_noticed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise both would hold the same lines for a moment, and TWS would say 101."""
    seat = seats.take_seat(tmp_path)
    assert seats.line_share(tmp_path, 95, is_reader=True)() == 0
    monkeypatch.setattr(seats, "SETTLING_S", 0.0)
    assert seats.line_share(tmp_path, 95, is_reader=True)() == 20
    seat.release()


def test_one_process_too_many_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TWS lets in 32 clients."""
    monkeypatch.setattr(seats, "MOST_READERS", 1)
    seat = seats.take_seat(tmp_path)
    with pytest.raises(GatewayUnavailable, match="too many processes"):
        seats.take_seat(tmp_path)
    seat.release()
