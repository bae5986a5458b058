"""Dividends and splits as the account feels them, at the open of the day on which they take effect.

A dividend accrues on the ex-date to whoever held the shares at the close before, and who was short owes it;
on the pay date it becomes cash. A split changes the number of shares and leaves their cost; fractions are
paid out at the new price. Options are carried over to the strike divided by the ratio; where no such
strike is listed they are paid out at their last mark (our decision).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Protocol

from sumppump.exchange.account.account import Account
from sumppump.exchange.account.accruals import DividendDue
from sumppump.exchange.listing.instruments import Listing

_ZERO = Decimal(0)


class DividendTerms(Protocol):
    """One cash dividend, per share."""

    @property
    def ex_date(self) -> date:
        """The first day on which shares trade without it."""

    @property
    def pay_date(self) -> date:
        """The day on which it is paid."""

    @property
    def amount(self) -> Decimal:
        """Per share."""


class SplitTerms(Protocol):
    """New shares for old ones."""

    @property
    def numerator(self) -> int:
        """New shares."""

    @property
    def denominator(self) -> int:
        """Old shares."""


Dividends = Callable[[str, date, date], tuple[DividendTerms, ...]]
"""Dividends of a symbol whose ex-date lies between two dates, both included."""
Splits = Callable[[str, date, date], tuple[SplitTerms, ...]]
"""Splits of a symbol that take effect between two dates, both included."""


def go_ex(account: Account, dividends: Dividends, first: date, last: date) -> None:
    """Accrues what goes ex between two dates, for what is held now."""
    due: list[DividendDue] = []
    for line in account.open_lines():
        listing = account.find(line.con_id)
        if listing.sec_type == "STK":
            due += (
                DividendDue(line.con_id, one.ex_date, one.pay_date, one.amount * line.quantity)
                for one in dividends(listing.underlying, first, last)
            )
    account.accruals.dividends = (*account.accruals.dividends, *due)


def pay_dividends(account: Account, today: date) -> bool:
    """Pays what is due by today; whether anything was."""
    due = [one for one in account.accruals.dividends if one.pay_date <= today]
    for one in due:
        account.pay(-one.amount, account.find(one.con_id).currency)
    account.accruals.dividends = tuple(one for one in account.accruals.dividends if one.pay_date > today)
    return bool(due)


@dataclass(frozen=True, slots=True)
class Ratio:
    """New shares for each old one, as a fraction."""

    numerator: int
    denominator: int

    def of(self, quantity: Decimal) -> Decimal:
        """As many old shares in new ones."""
        return quantity * self.numerator / self.denominator


def split_shares(account: Account, stock: Listing, ratio: Ratio, new_price: Decimal) -> None:
    """Gives new shares for old ones; a fraction is paid out at the new price, and realised."""
    line = account.lines[stock.con_id]
    exact = ratio.of(line.quantity)
    whole = exact.quantize(Decimal(1), rounding=ROUND_DOWN)
    fraction = (exact - whole) * new_price
    lost = line.cost * (1 - whole / exact)
    account.pay(-fraction, stock.currency)
    account.lines[stock.con_id] = replace(
        line,
        quantity=whole,
        cost=line.cost - lost if whole else _ZERO,
        realized=line.realized + fraction - lost,
        paid_today=line.paid_today - fraction,
    )


def split_options(
    account: Account, option: Listing, ratio: Ratio, new: Listing | None, mark: Decimal
) -> None:
    """Carries options over to `new`, or pays them out at a mark per old share where there is none."""
    line = account.lines.pop(option.con_id)
    if new is None:
        proceeds = mark * line.quantity * option.multiplier
        account.pay(-proceeds, option.currency)
        account.lines[option.con_id] = replace(
            line,
            quantity=_ZERO,
            cost=_ZERO,
            realized=line.realized + proceeds - line.cost,
            paid_today=line.paid_today - proceeds,
        )
        return
    account.lines[new.con_id] = replace(line, con_id=new.con_id, quantity=ratio.of(line.quantity))
