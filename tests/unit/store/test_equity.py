"""The account's value, one a day: the last one seen, of each account its own, exact to the cent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sumppump.kernel.errors import StoreFailed
from sumppump.kernel.money import Money
from sumppump.ports.equity import EquityDay
from sumppump.store.equity import NAME, SqliteEquity


def seen(day: int, hour: int, nlv: str) -> EquityDay:
    return EquityDay(date(2026, 11, day), datetime(2026, 11, day, hour, tzinfo=UTC), Money.of(nlv))


def test_a_day_keeps_the_last_value_seen(tmp_path: Path) -> None:
    """Two processes on one home write into the same days."""
    one, other = SqliteEquity(tmp_path), SqliteEquity(tmp_path)
    one.note("SIM1", seen(27, 15, "100000.10"))
    other.note("SIM1", seen(27, 16, "100250.35"))
    one.note("SIM1", seen(30, 15, "99000"))
    assert list(other.days("SIM1")) == [seen(27, 16, "100250.35"), seen(30, 15, "99000")]


def test_each_account_has_days_of_its_own(tmp_path: Path) -> None:
    """A paper account's past is no part of a live one's."""
    log = SqliteEquity(tmp_path)
    log.note("DU1", seen(27, 15, "1"))
    assert log.days("U1") == []


def test_the_file_is_the_owners_alone(tmp_path: Path) -> None:
    """What an account is worth is nobody else's business."""
    SqliteEquity(tmp_path).note("U1", seen(27, 15, "1"))
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_a_damaged_file_is_an_error_of_the_store(tmp_path: Path) -> None:
    """Not an empty past."""
    (tmp_path / NAME).write_bytes(b"not a database, but long enough to be looked at as one" * 20)
    with pytest.raises(StoreFailed, match=NAME):
        SqliteEquity(tmp_path).days("U1")
