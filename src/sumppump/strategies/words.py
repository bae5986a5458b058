"""Amounts as a person reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sumppump.domain.payoff import Bound, Unlimited
from sumppump.kernel.money import CENT, Money, Premium


def dollars(money: Money) -> str:
    """The size of an amount without its sign: `$1,213.00`, or `1,213.00 EUR`."""
    figure = f"{abs(money.amount).quantize(CENT):,f}"
    return f"${figure}" if money.currency == "USD" else f"{figure} {money.currency}"


def bound_words(bound: Bound | None) -> str:
    """A bound as it is written: `$213.00`, `unlimited` or `not known`."""
    if isinstance(bound, Money):
        return dollars(bound)
    return "unlimited" if isinstance(bound, Unlimited) else "not known"


def in_words(cash: Money, premium: Premium | None = None, *, is_limit: bool = False) -> str:
    """Which way cash goes: `you PAY $213.00 (2.13 per share)`; without a premium the amount alone.

    A limit may be filled better than it stands, never worse: `you PAY at most $213.00`.
    """
    if premium is None:
        return dollars(cash)
    share = f"({per_share(premium)} per share)"
    if cash.amount == 0:
        return f"you pay and receive nothing {share}"
    way, bound = ("PAY", "at most ") if cash.amount > 0 else ("RECEIVE", "at least ")
    return f"you {way} {bound if is_limit else ''}{dollars(cash)} {share}"


_FINEST = Decimal("0.0001")


def per_share(premium: Premium) -> str:
    """The size of a premium with two to four digits after the point and no idle zeros: 2.13, 0.125.

    Nothing is traded finer than a hundredth of a cent; averages over several fills are rounded to that.
    """
    size = abs(premium.amount).quantize(_FINEST)
    return format(size.quantize(CENT) if size == size.quantize(CENT) else size.normalize(), "f")


def counted(count: int, name: str) -> str:
    """How many of a strategy: `1 iron condor`, `2 iron condors`, `2 long boxes`, `2 iron butterflies`."""
    words = name.replace("_", " ")
    return f"{count} {words if count == 1 else _plural(words)}"


def _plural(words: str) -> str:
    if words.endswith("guts"):
        return words
    if words.endswith("fly"):
        return f"{words[:-1]}ies"
    return f"{words}{'es' if words.endswith('x') else 's'}"


def day(when: date) -> str:
    """A date with its weekday, for example `Fri 2026-12-18`."""
    return f"{_WEEKDAYS[when.weekday()]} {when.isoformat()}"


# Not strftime: that would speak the machine's language.
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
