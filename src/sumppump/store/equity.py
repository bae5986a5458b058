"""What the account was worth, one row a day, in a small SQLite file beside the journal.

Not part of the proof: it is not chained, and a value that a power cut takes was one of many of its day.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from sumppump.kernel.errors import StoreFailed
from sumppump.kernel.money import Money
from sumppump.ports.equity import EquityDay
from sumppump.store.files import ensure_private_file, private_dir

NAME = "equity.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS equity(
  account TEXT NOT NULL, day TEXT NOT NULL, at TEXT NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL,
  PRIMARY KEY(account, day));
"""
_KEEP = "INSERT OR REPLACE INTO equity VALUES (?,?,?,?,?)"
_READ = "SELECT day, at, amount, currency FROM equity WHERE account = ? ORDER BY day"


class SqliteEquity:
    """`ports.equity.EquityLog` on `equity.sqlite` under the home folder; opened when it is first needed."""

    def __init__(self, home: Path) -> None:
        self._path = home / NAME

    def note(self, account: str, seen: EquityDay) -> None:
        """See the port."""
        row = (account, seen.day.isoformat(), seen.at.isoformat(), str(seen.nlv.amount), seen.nlv.currency)
        with self._open() as db:
            db.execute(_KEEP, row)

    def days(self, account: str) -> Sequence[EquityDay]:
        """See the port."""
        with self._open() as db:
            rows = db.execute(_READ, (account,)).fetchall()
        return [
            EquityDay(date.fromisoformat(day), datetime.fromisoformat(at), Money(Decimal(amount), currency))
            for day, at, amount, currency in rows
        ]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            private_dir(self._path.parent)
            with closing(sqlite3.connect(ensure_private_file(self._path), timeout=1.0)) as db:
                db.execute("PRAGMA synchronous=OFF").fetchall()
                db.executescript(_SCHEMA)
                with db:
                    yield db
        except (sqlite3.Error, ValueError, ArithmeticError) as error:
            raise StoreFailed(f"{NAME} could not be used", found=str(error)[:200]) from error
