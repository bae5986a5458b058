"""What an account was worth, day by day, as this program saw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sumppump.kernel.money import Money


@dataclass(frozen=True, slots=True)
class EquityDay:
    """The last net liquidation value seen on one day in New York.

    Attributes:
        at: exchange time at which it was so.
        nlv: as the broker said it, in the base currency.
    """

    day: date
    at: datetime
    nlv: Money


class EquityLog(Protocol):
    """One value a day for each account; a value seen later takes the place of the day's earlier one."""

    def note(self, account: str, seen: EquityDay) -> None:
        """Keep what was seen.

        Raises:
            StoreFailed: it could not be kept.
        """
        ...

    def days(self, account: str) -> Sequence[EquityDay]:
        """Every day on which something was seen, rising; the others are not known.

        Raises:
            StoreFailed: the file cannot be read.
        """
        ...


class NoEquityLog:
    """Keeps nothing, for a program without a home."""

    def note(self, account: str, seen: EquityDay) -> None:
        """Forget it."""

    def days(self, account: str) -> Sequence[EquityDay]:
        """None."""
        return ()
