"""The sums of an account at one moment, by currency and by segment.

Real accounts have a securities segment (`-S`) and a commodities segment (`-C`); cash is swept between them.
Here the sweep is exact at any moment: the commodities segment holds what its futures require and no more
(our decision), everything else is in the securities segment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from operator import add, attrgetter

from sumppump.exchange.account.margin import Requirement

_ZERO, _CENT = Decimal(0), Decimal("0.01")
_STOCK_POWER = 4  # dollars of stock per dollar of available funds: its initial margin is 25 %
_PATTERN_EQUITY = Decimal(25_000)
_FREE_DAY_TRADES = 3


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an account has in one currency, or all of it in the base currency.

    Attributes:
        coins, stocks, options: values of positions that are paid in full.
        futures: what futures have gained since they were settled last.
        interest, dividends: accrued and not paid yet.
        gross: absolute values of the positions that are paid in full.
        short_stocks: what the shares that were sold short are worth, >= 0.
    """

    cash: Decimal = _ZERO
    stocks: Decimal = _ZERO
    options: Decimal = _ZERO
    coins: Decimal = _ZERO
    futures: Decimal = _ZERO
    interest: Decimal = _ZERO
    dividends: Decimal = _ZERO
    realized: Decimal = _ZERO
    unrealized: Decimal = _ZERO
    gross: Decimal = _ZERO
    short_stocks: Decimal = _ZERO

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(*map(add, _EVERY(self), _EVERY(other)))

    def at_rate(self, rate: Decimal) -> Amounts:
        """The same in another currency."""
        return Amounts(*(amount * rate for amount in _EVERY(self)))

    @property
    def equity(self) -> Decimal:
        """What counts as equity with loan value: neither options nor what has only accrued."""
        return self.cash + self.stocks + self.coins + self.futures

    @property
    def net(self) -> Decimal:
        """What everything is worth."""
        return self.equity + self.options + self.interest + self.dividends


_EVERY = attrgetter(*(field.name for field in fields(Amounts)))


@dataclass(frozen=True, slots=True)
class Worth:
    """Amounts by currency; `rate` gives units of the base currency for one of another."""

    by_currency: Mapping[str, Amounts]
    rate: Callable[[str], Decimal]

    def of(self, currency: str) -> Amounts:
        """The amounts in one currency."""
        return self.by_currency.get(currency, Amounts())

    @property
    def base(self) -> Amounts:
        """All amounts in the base currency."""
        rated = (one.at_rate(self.rate(currency)) for currency, one in self.by_currency.items())
        return sum(rated, start=Amounts())

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency that has a row, in alphabetical order."""
        return tuple(sorted(self.by_currency))


@dataclass(frozen=True, slots=True)
class Standing:
    """What an order is judged by, in the base currency: equity with loan value, and the margin that holds."""

    equity: Decimal
    initial: Decimal
    maintenance: Decimal

    @property
    def room(self) -> Decimal:
        """Available funds: what is left for further orders."""
        return self.equity - self.initial

    @property
    def excess(self) -> Decimal:
        """Excess liquidity."""
        return self.equity - self.maintenance

    def in_cents(self) -> Standing:
        """As it is told."""
        return Standing(*(amount.quantize(_CENT) for amount in (self.equity, self.initial, self.maintenance)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Sums of an account in the base currency.

    Attributes:
        worth, total: amounts by currency, and all of them in the base currency.
        need: margin now.
        night: margin after the next change, which is the one that holds overnight.
        equity_before: equity with loan value at the last close.
        day_trades: counted in the last five sessions.
    """

    account: str
    worth: Worth
    total: Amounts
    need: Requirement
    night: Requirement
    equity_before: Decimal = _ZERO
    day_trades: int = 0
    is_ready: bool = True

    @property
    def equity(self) -> Decimal:
        """Equity with loan value."""
        return self.total.equity

    @property
    def net(self) -> Decimal:
        """Net liquidation value."""
        return self.total.net

    @property
    def available(self) -> Decimal:
        """Available funds."""
        return self.equity - self.need.initial

    @property
    def excess(self) -> Decimal:
        """Excess liquidity."""
        return self.equity - self.need.maintenance

    @property
    def buying_power(self) -> Decimal:
        """The value of the shares that can be bought within the day (IBKR: available funds times four)."""
        return max(self.available, _ZERO) * _STOCK_POWER

    @property
    def memorandum(self) -> Decimal:
        """The special memorandum account (SMA): what Regulation T leaves at the end of the day.

        TWS keeps a running balance; here it is what a balance that starts today comes to (our decision).
        """
        return self.equity - self.need.futures_initial - self.need.regulated

    @property
    def day_trades_left(self) -> int:
        """-1 for as many as one likes."""
        if self.net >= _PATTERN_EQUITY:
            return -1
        return max(_FREE_DAY_TRADES - self.day_trades, 0)

    @property
    def commodities(self) -> Decimal:
        """Equity that is swept to the commodities segment."""
        return self.need.futures_initial
