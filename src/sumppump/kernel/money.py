"""Two kinds of amount that must never be mixed: premium per share, and cash.

A positive `Premium` is a debit (we pay), a negative one a credit (we receive): the
sign that a BUY order on a BAG carries on the TWS wire. `Money` is cash in a currency.
The only way from one to the other is `Premium.cash`, which takes the multiplier.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import total_ordering

CENT = Decimal("0.01")


@total_ordering
@dataclass(frozen=True, slots=True)
class Premium:
    """A price per share; plus is a debit, minus a credit."""

    amount: Decimal

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal) or not self.amount.is_finite():
            raise ValueError(f"a premium is a finite Decimal, not {self.amount!r}")

    @classmethod
    def of(cls, value: str | int | float | Decimal) -> Premium:
        """Premium of a number in any spelling; floats go through their shortest decimal form."""
        return cls(value if isinstance(value, Decimal) else Decimal(str(value)))

    def __add__(self, other: Premium) -> Premium:
        return Premium(self.amount + other.amount)

    def __sub__(self, other: Premium) -> Premium:
        return Premium(self.amount - other.amount)

    def __neg__(self) -> Premium:
        return Premium(-self.amount)

    def __abs__(self) -> Premium:
        return Premium(abs(self.amount))

    def __mul__(self, factor: int | Decimal) -> Premium:
        return Premium(self.amount * factor)

    __rmul__ = __mul__

    def __lt__(self, other: Premium) -> bool:
        return self.amount < other.amount

    def __float__(self) -> float:
        return float(self.amount)

    def __str__(self) -> str:
        return format(self.amount, "f")

    @property
    def is_credit(self) -> bool:
        """Whether the buyer of this receives cash."""
        return self.amount < 0

    def rounded_to(self, tick: Decimal, *, rounding: str = ROUND_HALF_EVEN) -> Premium:
        """The nearest multiple of `tick` (currency per share, > 0)."""
        if tick <= 0:
            raise ValueError(f"a tick is > 0, not {tick}")
        return Premium((self.amount / tick).quantize(Decimal(1), rounding=rounding) * tick)

    def cash(self, *, multiplier: int, quantity: int, currency: str = "USD") -> Money:
        """Cash of `quantity` contracts at this premium; plus is paid, minus received."""
        return Money(self.amount * multiplier * quantity, currency)


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount of cash. Adding two currencies is a bug and raises ValueError."""

    amount: Decimal
    currency: str = "USD"

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal) or not self.amount.is_finite():
            raise ValueError(f"money is a finite Decimal, not {self.amount!r}")

    @classmethod
    def of(cls, value: str | int | float | Decimal, currency: str = "USD") -> Money:
        """Money of a number in any spelling."""
        return cls(value if isinstance(value, Decimal) else Decimal(str(value)), currency)

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.amount

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.amount), self.currency)

    def __mul__(self, factor: int | Decimal) -> Money:
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __float__(self) -> float:
        return float(self.amount)

    def __str__(self) -> str:
        return f"{self.amount.quantize(CENT):,f} {self.currency}"


def whole_sum(amounts: Iterable[Money | None]) -> Money | None:
    """The sum; None where a part is not known, or where there is none.

    Raises:
        ValueError: of two currencies.
    """
    parts = list(amounts)
    known = [amount for amount in parts if amount is not None]
    if not known or len(known) < len(parts):
        return None
    return sum(known[1:], start=known[0])
