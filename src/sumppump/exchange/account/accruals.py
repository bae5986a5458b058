"""What the account has earned or owes and has not been paid yet: interest by currency, dividends by pay date.

Interest may be negative. A dividend belongs to whoever held the shares at the close before the ex-date; who
was short owes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class DividendDue:
    """A dividend between ex-date and pay date; `amount` for the whole position, negative when owed."""

    con_id: int
    ex_date: date
    pay_date: date
    amount: Decimal


@dataclass(slots=True)
class Accruals:
    """Everything that waits for its day.

    Attributes:
        interest: accrued since the month began, by currency.
        closed_interest: what the month before has left to be paid.
        dividends: between ex-date and pay date.
        accrued_until: the last day for which interest has accrued.
    """

    interest: dict[str, Decimal] = field(default_factory=dict)
    closed_interest: dict[str, Decimal] = field(default_factory=dict)
    dividends: tuple[DividendDue, ...] = ()
    accrued_until: date | None = None

    def interest_in(self, currency: str) -> Decimal:
        """All interest in a currency that is still to be paid."""
        zero = Decimal(0)
        return self.interest.get(currency, zero) + self.closed_interest.get(currency, zero)

    @property
    def currencies(self) -> frozenset[str]:
        """Currencies in which interest is due."""
        return frozenset(self.interest) | frozenset(self.closed_interest)

    @property
    def dividends_due(self) -> Decimal:
        """All dividends that are still to be paid, in the base currency."""
        return sum((one.amount for one in self.dividends), start=Decimal(0))
