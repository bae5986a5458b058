"""The sums of an account at one moment, by currency and by segment.

Real accounts have a securities segment (`-S`) and a commodities segment (`-C`); cash is swept between them.
Here the sweep is exact at any moment: the commodities segment holds what its futures require and no more
(our decision), everything else is in the securities segment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.margin import Requirement

_ZERO = Decimal(0)
_DAY_TRADING_POWER = 4  # buying power per unit of available funds
_OPEN_POSITIONS = ("stocks", "options", "coins", "futures")
_WITH_LOAN_VALUE = ("cash", "stocks", "coins", "futures")
_PATTERN_EQUITY = Decimal(25_000)
_FREE_DAY_TRADES = 3


@dataclass(frozen=True, slots=True)
class Worth:
    """Amounts by kind and currency.

    Attributes:
        sums: (kind, currency) -> amount; kinds are cash, stocks, options, coins, futures (what they have
            gained since the last settlement), interest, dividends, realized, unrealized.
        gross: absolute values of all positions that are paid in full, base currency.
        short_stocks: what the shares that were sold short are worth, >= 0, base currency.
        rate: units of the base currency for one of another.
    """

    sums: Mapping[tuple[str, str], Decimal]
    gross: Decimal
    short_stocks: Decimal
    rate: Callable[[str], Decimal]

    def of(self, kind: str, currency: str) -> Decimal:
        """The amount of a kind in one currency."""
        return self.sums.get((kind, currency), _ZERO)

    def total(self, *kinds: str) -> Decimal:
        """The amount of some kinds in the base currency."""
        wanted = ((currency, amount) for (kind, currency), amount in self.sums.items() if kind in kinds)
        return sum((amount * self.rate(currency) for currency, amount in wanted), start=_ZERO)

    def net_in(self, currency: str) -> Decimal:
        """What all positions and balances in one currency are worth in it."""
        kinds = ("cash", *_OPEN_POSITIONS, "interest", "dividends")
        return sum((self.of(kind, currency) for kind in kinds), start=_ZERO)

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency that has a row, in alphabetical order."""
        return tuple(sorted({currency for _, currency in self.sums}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Sums of an account in the base currency.

    Attributes:
        need: margin now.
        night: margin after the next change, which is the one that holds overnight.
        equity_before: equity with loan value at the last close.
        day_trades: counted in the last five sessions.
    """

    account: str
    worth: Worth
    need: Requirement
    night: Requirement
    equity_before: Decimal = _ZERO
    day_trades: int = 0
    is_ready: bool = True

    @property
    def cash(self) -> Decimal:
        """Balances of all currencies."""
        return self.worth.total("cash")

    @property
    def options(self) -> Decimal:
        """Value of the options."""
        return self.worth.total("options")

    @property
    def accrued(self) -> Decimal:
        """Interest and dividends that are earned and not paid yet."""
        return self.worth.total("interest", "dividends")

    @property
    def equity(self) -> Decimal:
        """Equity with loan value: options and what has only accrued do not count."""
        return self.worth.total(*_WITH_LOAN_VALUE)

    @property
    def net(self) -> Decimal:
        """Net liquidation value."""
        return self.equity + self.options + self.accrued

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
        """What can be bought within the day; twice the funds for accounts below the day-trading minimum."""
        times = _DAY_TRADING_POWER if self.net >= _PATTERN_EQUITY else 2
        return max(self.available, _ZERO) * times

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
