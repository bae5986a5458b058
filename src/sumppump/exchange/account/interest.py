"""Interest on balances and fees on borrowed shares: accrued every day, paid once a month.

IBKR's tiers around a benchmark per currency: balances above the first 10,000 earn the benchmark less 0.5 %,
in proportion where the account is worth less than 100,000; debits cost the benchmark and 1.5 %, 1 % beyond
100,000 and 0.75 % beyond 1,000,000 (published; the benchmarks are those of late 2025 and unverified). What a
short sale brought earns nothing. Borrowed shares cost a general rate of 0.25 % a year on 102 % of their
value. A month's interest is paid on the third trading day of the next.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from sumppump.exchange.account.account import Account
from sumppump.exchange.account.figures import Amounts, Worth
from sumppump.exchange.account.valuation import BASE, Marks
from sumppump.exchange.calendar.trading_days import is_trading_day

_ZERO = Decimal(0)
BENCHMARKS = {
    "USD": Decimal("0.0383"),
    "EUR": Decimal("0.0193"),
    "GBP": Decimal("0.0397"),
    "JPY": Decimal("0.0048"),
    "CHF": _ZERO,
    "CAD": Decimal("0.0226"),
    "AUD": Decimal("0.0358"),
}
DEBIT_TIERS = (
    # up to a balance in the base currency, what is asked beyond the benchmark
    (Decimal(100_000), Decimal("0.0150")),
    (Decimal(1_000_000), Decimal("0.0100")),
    (Decimal("Infinity"), Decimal("0.0075")),
)
_CREDIT_FROM, _CREDIT_LESS = Decimal(10_000), Decimal("0.0050")
_FULL_RATE_FROM = Decimal(100_000)
_BORROW_RATE, _COLLATERAL = Decimal("0.0025"), Decimal("1.02")
_DAYS_OF_YEAR = {"GBP": 365}
_PAID_ON_TRADING_DAY = 3
_GRAIN = Decimal("0.000001")


def accrue(account: Account, marks: Marks, today: date) -> None:
    """Brings interest up to today, by the balances as they are, and pays what is due on the way."""
    accruals = account.accruals
    day = accruals.accrued_until or today
    while day < today:
        day += timedelta(1)
        if day.day == 1:
            _close_month(account)
        for currency, amount in _of_a_day(account, marks).items():
            accruals.interest[currency] = accruals.interest.get(currency, _ZERO) + amount
        if _pays_on(day):
            _pay(account)
    accruals.accrued_until = today


def _close_month(account: Account) -> None:
    accruals = account.accruals
    for currency in accruals.currencies:
        accruals.closed_interest[currency] = accruals.interest_in(currency)
    accruals.interest = {}


def _pay(account: Account) -> None:
    for currency, amount in sorted(account.accruals.closed_interest.items()):
        account.pay(-amount, currency)
    account.accruals.closed_interest = {}


def _pays_on(day: date) -> bool:
    first = day.replace(day=1)
    before = sum(is_trading_day(first + timedelta(ahead)) for ahead in range((day - first).days))
    return is_trading_day(day) and before == _PAID_ON_TRADING_DAY - 1


def _of_a_day(account: Account, marks: Marks) -> dict[str, Decimal]:
    """What a night earns or costs, by currency."""
    worth = account.worth(marks)
    total = worth.base
    fee = -total.short_stocks * _COLLATERAL * _BORROW_RATE / 360
    amounts = {one: _on_balance(worth, one, total) for one in account.balances}
    amounts[BASE] = amounts.get(BASE, _ZERO) + fee
    return {currency: amount.quantize(_GRAIN) for currency, amount in amounts.items() if amount}


def _on_balance(worth: Worth, currency: str, total: Amounts) -> Decimal:
    rate = worth.rate(currency)
    free = worth.of(currency).cash * rate - (total.short_stocks if currency == BASE else _ZERO)
    benchmark = BENCHMARKS.get(currency, _ZERO)
    year = debit_a_year(free, benchmark) if free < 0 else credit_a_year(free, benchmark, total.net)
    return year / _DAYS_OF_YEAR.get(currency, 360) / rate


def credit_a_year(balance: Decimal, benchmark: Decimal, net: Decimal) -> Decimal:
    """What a balance earns in a year, >= 0; amounts in the base currency."""
    part = min(max(net, _ZERO) / _FULL_RATE_FROM, Decimal(1))
    return max(balance - _CREDIT_FROM, _ZERO) * max(benchmark - _CREDIT_LESS, _ZERO) * part


def debit_a_year(balance: Decimal, benchmark: Decimal) -> Decimal:
    """What a negative balance costs in a year, <= 0; amounts in the base currency."""
    cost, floor = _ZERO, _ZERO
    for ceiling, beyond in DEBIT_TIERS:
        cost += max(min(-balance, ceiling) - floor, _ZERO) * (benchmark + beyond)
        floor = ceiling
    return -cost
