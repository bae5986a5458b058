"""Numbers and moments as a person reads them; a missing one is a dash, never a zero."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from sumppump.domain.tickets import LegFacts
from sumppump.kernel.money import CENT, Money, Premium
from sumppump.kernel.text import clean

MISSING = "–"
_TOOL_NAMES = re.compile(r" \(trade_[a-z_]+[^()]*\)")
# Not strftime: that would speak the machine's language.
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def cash(money: Money | None) -> str:
    """An amount without its sign, for example `$1,250.00`; the words around it say who pays."""
    if money is None:
        return MISSING
    figure = f"{abs(money.amount).quantize(CENT, ROUND_HALF_EVEN):,f}"
    sign = _SIGNS.get(money.currency)
    return f"{sign}{figure}" if sign else f"{figure} {money.currency}"


def signed_cash(money: Money | None) -> str:
    """An amount with its sign, for example `+$12.50`."""
    if money is None or money.amount == 0:
        return cash(money)
    return f"{'−' if money.amount < 0 else '+'}{cash(money)}"


def short_cash(money: Money, *, signed: bool = False) -> str:
    """An amount in whole units for a narrow column, for example `−$12,340`."""
    whole = money.amount.quantize(Decimal(1), ROUND_HALF_EVEN)
    minus = "−" if whole < 0 else "+" if signed and whole > 0 else ""
    return f"{minus}{_SIGNS.get(money.currency, '')}{abs(whole):,f}"


def price(premium: Premium | None) -> str:
    """A premium per share in words of who pays, for example `2.50 debit`."""
    if premium is None:
        return MISSING
    word = " credit" if premium.is_credit else " debit" if premium.amount > 0 else ""
    return f"{plain_price(premium)}{word}"


def plain_price(premium: Premium | None) -> str:
    """A premium per share without its sign, with at least two decimals."""
    return MISSING if premium is None else decimal(abs(premium.amount))


def decimal(value: Decimal) -> str:
    """A price level with at least two decimals and no more than it has."""
    exponent = value.normalize().as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{value:,.{places}f}"


def strike(value: Decimal) -> str:
    """A strike as it is quoted: `500`, `502.5`."""
    return f"{value.normalize():,f}"


def number(value: float | None, places: int) -> str:
    """A signed figure with a real minus sign, for example `−12.40`."""
    return MISSING if value is None else f"{value:+,.{places}f}".replace("-", "−")


def percent(value: float | None) -> str:
    """A fraction in per cent, for example `43 %`; tiny and near-certain ones are not rounded away."""
    if value is None:
        return MISSING
    if 0 < value < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < value < 1 else f"{value:.0%}".replace("%", " %")


def day(value: date) -> str:
    """A date with its weekday, for example `Fri 18 Dec 2026`."""
    return f"{_WEEKDAYS[value.weekday()]} {value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """A time of day to the second, for example `14:35:10`."""
    return f"{value:%H:%M:%S}"


def span(seconds: float) -> str:
    """A length of time, for example `4 min 32 s`."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def age(seconds: float | None) -> str:
    """How old something is; `age unknown` where nobody can say."""
    if seconds is None:
        return "age unknown"
    return f"{seconds:.1f} s old" if seconds < 10 else f"{span(seconds)} old"


def count(quantity: int, one: str, many: str = "") -> str:
    """A number of things, for example `3 contracts`."""
    return f"{quantity:,} {one if quantity == 1 else many or one + 's'}"


def contract(symbol: str, leg: LegFacts) -> str:
    """What a leg trades, for example `SPY Fri 18 Dec 2026 500 call`; names from outside stay text."""
    if leg.expiry is None or leg.strike is None or leg.right is None:
        return f"{clean(leg.label, limit=60)} {'share' if leg.quantity == 1 else 'shares'}"
    return f"{clean(symbol, limit=20)} {day(leg.expiry)} {strike(leg.strike)} {leg.right.word}"


def for_a_person(step: str) -> str:
    """A step without the names of tools that stand in it for the model."""
    return sentence(_TOOL_NAMES.sub("", step))


def sentence(text: str, *, limit: int = 280) -> str:
    """Text as a sentence: cleaned, capped, with a capital at its head."""
    cleaned = clean(text, limit=limit)
    return cleaned[:1].upper() + cleaned[1:]
