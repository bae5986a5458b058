"""The account: balances, positions, and what both are worth at the market's marks.

Costs are averages that include commissions, as TWS reports them. Closing realises the difference; opening
realises nothing. What is told per day (profit, closed positions) begins anew with each session. Three ways
of paying: stocks, options and coins are paid in full; a future pays nothing but the daily difference of its
settlement prices; a currency pair exchanges one balance for another, and its line only remembers the rate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from sumppump.exchange.account.accruals import Accruals, DividendDue
from sumppump.exchange.account.figures import Amounts, Figures, Worth
from sumppump.exchange.account.margin import Holding, Requirement, requirement
from sumppump.exchange.account.permissions import EVERYTHING, Permissions
from sumppump.exchange.account.valuation import BASE, Marks, is_coin, is_future, is_pair
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.reports import PnL, PortfolioRow, PositionView

_ZERO = Decimal(0)
_DAYS_OF_DAY_TRADES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One line of the account; amounts in the currency of the contract.

    Attributes:
        quantity: contracts, shares or units, signed; coins have fractions.
        cost: what the position cost, commissions included; signed like the quantity.
        realized: realised since the session began.
        paid_today: cash that went into the line since the session began, commissions included.
        value_before: value at the last close, for the day's profit.
        settled_value: of a future, the value up to which its gains have been paid.
        opened_today: how much of it was opened since the session began, unsigned.
    """

    con_id: int
    quantity: Decimal = _ZERO
    cost: Decimal = _ZERO
    realized: Decimal = _ZERO
    paid_today: Decimal = _ZERO
    value_before: Decimal = _ZERO
    settled_value: Decimal = _ZERO
    opened_today: Decimal = _ZERO

    @property
    def avg_cost(self) -> Decimal:
        """Cost per contract; 0 for a closed line, as on the wire."""
        return self.cost / self.quantity if self.quantity else _ZERO


@dataclass(frozen=True, slots=True)
class Trade:
    """A change of one position: `quantity` signed, `price` per share, `commission` in the base currency."""

    listing: Listing
    quantity: Decimal
    price: Decimal
    commission: Decimal

    @property
    def value(self) -> Decimal:
        """Cash paid (plus) or received (minus) without the commission."""
        return self.price * self.quantity * self.listing.multiplier


def traded(position: Position, trade: Trade) -> tuple[Position, Decimal | None]:
    """The line after a trade, and what it realised; None if it only opened."""
    paid = trade.value + _in_its_currency(trade)
    before, after = position.quantity, position.quantity + trade.quantity
    booked = replace(
        position,
        quantity=after,
        paid_today=position.paid_today + paid,
        settled_value=position.settled_value + trade.value,
    )
    if before == 0 or (before > 0) == (trade.quantity > 0):
        opened = position.opened_today + abs(trade.quantity)
        return replace(booked, cost=position.cost + paid, opened_today=opened), None
    closed = min(abs(trade.quantity), abs(before))
    share = Decimal(closed) / abs(trade.quantity)
    cost_closed = position.cost * closed / abs(before)
    realized = -(paid * share) - cost_closed
    crossed = abs(trade.quantity) > abs(before)
    cost = paid * (1 - share) if crossed else position.cost - cost_closed
    line = replace(
        booked,
        cost=cost if after else _ZERO,
        realized=position.realized + realized,
        opened_today=Decimal(abs(after)) if crossed else position.opened_today,
    )
    return line, realized


def _in_its_currency(trade: Trade) -> Decimal:
    """The commission as the contract counts: of dollars against yen in yen, at the price of the trade."""
    if is_pair(trade.listing) and trade.listing.symbol == BASE:
        return trade.commission * trade.price
    return trade.commission


@dataclass(slots=True)
class Account:
    """Balances and lines; `find` gives the listing of a con id, also of one that has expired.

    Attributes:
        balances: cash by currency.
        value_before, equity_before: net liquidation and equity with loan value at the last close.
        day_trades: what was opened and closed on one day, by con id, of the last five sessions.
        is_ready: False while the servers are reset: values mean nothing then.
        permissions: what it may trade.
    """

    name: str
    balances: dict[str, Decimal]
    find: Callable[[int], Listing]
    lines: dict[int, Position] = field(default_factory=dict)
    accruals: Accruals = field(default_factory=Accruals)
    value_before: Decimal = _ZERO
    equity_before: Decimal = _ZERO
    day_trades: tuple[frozenset[int], ...] = (frozenset(),)
    is_ready: bool = True
    permissions: Permissions = EVERYTHING

    @property
    def has_day_trades(self) -> bool:
        """Whether there was any day trade in the last five sessions."""
        return any(self.day_trades)

    @property
    def cash(self) -> Decimal:
        """The balance in the base currency."""
        return self.balances.get(BASE, _ZERO)

    def pay(self, amount: Decimal, currency: str = BASE) -> None:
        """Takes an amount from a balance; a negative one is put there."""
        self.balances[currency] = self.balances.get(currency, _ZERO) - amount

    def book(self, trade: Trade) -> Decimal | None:
        """Enters a trade; returns what it realised, None if it opened."""
        listing = trade.listing
        before = self.lines.get(listing.con_id, Position(con_id=listing.con_id))
        line, realized = traded(before, trade)
        self.lines[listing.con_id] = line
        self.pay(trade.commission)
        if is_pair(listing):
            self.pay(-trade.quantity * listing.multiplier, listing.symbol)
        if not is_future(listing):
            self.pay(trade.value, listing.currency)
        if realized is not None and before.opened_today:
            *others, today = self.day_trades
            self.day_trades = (*others, today | {listing.con_id})
        return realized

    def quantity(self, con_id: int) -> Decimal:
        """Signed quantity held."""
        line = self.lines.get(con_id)
        return line.quantity if line else _ZERO

    def related(self, listing: Listing) -> list[tuple[Listing, Decimal]]:
        """What is held on the underlying of a contract."""
        held = ((self.find(line.con_id), line.quantity) for line in self.open_lines())
        return [one for one in held if one[0].symbol == listing.symbol]

    def open_lines(self) -> tuple[Position, ...]:
        """Lines with a quantity, by con id."""
        return tuple(self.lines[con_id] for con_id in sorted(self.lines) if self.lines[con_id].quantity)

    def begin_day(self, marks: Marks) -> None:
        """Closes the day's books: lines without quantity go, the others start from their value now."""
        self.settle_futures(marks)
        total = self.worth(marks).base
        self.value_before, self.equity_before = total.net, total.equity
        self.lines = {
            line.con_id: Position(
                con_id=line.con_id,
                quantity=line.quantity,
                cost=line.cost,
                value_before=self._value(line, marks),
                settled_value=line.settled_value,
            )
            for line in self.open_lines()
        }
        self.day_trades = (*self.day_trades, frozenset[int]())[-_DAYS_OF_DAY_TRADES:]

    def settle_futures(self, marks: Marks) -> None:
        """Pays what futures have gained since they were settled last into the cash."""
        for con_id in sorted(self.lines):
            line, listing = self.lines[con_id], self.find(con_id)
            if is_future(listing):
                value = self._value(line, marks)
                self.pay(line.settled_value - value, listing.currency)
                self.lines[con_id] = replace(line, settled_value=value)

    # -- values -----------------------------------------------------------------------------
    def _value(self, line: Position, marks: Marks) -> Decimal:
        listing = self.find(line.con_id)
        return marks(listing) * line.quantity * listing.multiplier if line.quantity else _ZERO

    def worth(self, marks: Marks) -> Worth:
        """What there is, by currency."""
        found: dict[str, Amounts] = defaultdict(Amounts)
        for line in self.lines.values():
            listing = self.find(line.con_id)
            found[listing.currency] += _amounts(line, listing, self._value(line, marks))
        for currency, balance in self.balances.items():
            found[currency] += Amounts(cash=balance)
        for currency in self.accruals.currencies:
            found[currency] += Amounts(interest=self.accruals.interest_in(currency))
        found[BASE] += Amounts(dividends=self.accruals.dividends_due)
        return Worth(found, marks.rate)

    def net_liquidation(self, marks: Marks) -> Decimal:
        """Cash plus the value of all positions and what has accrued."""
        return self.worth(marks).base.net

    def position_view(self, con_id: int) -> PositionView:
        """One position as a client sees it; quantity 0 after closing."""
        line = self.lines.get(con_id, Position(con_id=con_id))
        return PositionView(self.name, self.find(con_id), line.quantity, line.avg_cost)

    def portfolio_row(self, con_id: int, marks: Marks) -> PortfolioRow:
        """One position at the mark, in the contract's currency."""
        view, line = self.position_view(con_id), self.lines[con_id]
        value = self._value(line, marks)
        return PortfolioRow(view, marks(view.listing), value, value - line.cost, line.realized)

    def pnl(self, marks: Marks) -> PnL:
        """Profit and loss of the positions, in the base currency; interest and dividends are not in it."""
        parts = [(self._single(con_id, marks), self._rate(con_id, marks)) for con_id in sorted(self.lines)]
        return PnL(
            daily=sum((one.daily * rate for one, rate in parts), start=_ZERO),
            unrealized=sum((one.unrealized * rate for one, rate in parts), start=_ZERO),
            realized=sum((one.realized * rate for one, rate in parts), start=_ZERO),
        )

    def pnl_single(self, con_id: int, marks: Marks) -> PnL | None:
        """Profit and loss of one line, None if there was none today."""
        return self._single(con_id, marks) if con_id in self.lines else None

    def _single(self, con_id: int, marks: Marks) -> PnL:
        line, row = self.lines[con_id], self.portfolio_row(con_id, marks)
        daily = row.market_value - line.value_before - line.paid_today
        return PnL(daily, row.unrealized, row.realized, line.quantity, row.market_value)

    def _rate(self, con_id: int, marks: Marks) -> Decimal:
        return marks.rate(self.find(con_id).currency)

    # -- margin -----------------------------------------------------------------------------
    def with_trades(self, trades: Iterable[Trade]) -> Account:
        """A copy of the account in which these trades have happened."""
        after = replace(self, balances=dict(self.balances), lines=dict(self.lines))
        for trade in trades:
            after.book(trade)
        return after

    def margin(self, marks: Marks, *, is_night: bool = False) -> Requirement:
        """What the rule book demands, now or overnight."""
        return requirement(self.holdings(marks), is_night=is_night)

    def holdings(self, marks: Marks) -> list[Holding]:
        """The positions as margin sees them, prices in the base currency."""
        return [
            _holding(self.find(line.con_id), line.quantity, self.find, marks) for line in self.open_lines()
        ]

    def figures(self, marks: Marks, need: Requirement, night: Requirement | None = None) -> Figures:
        """The sums that the account's rows are made of."""
        worth = self.worth(marks)
        return Figures(
            account=self.name,
            worth=worth,
            total=worth.base,
            need=need,
            night=night or need,
            equity_before=self.equity_before,
            day_trades=sum(len(one) for one in self.day_trades),
            is_ready=self.is_ready,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """Everything of an account that has to be kept."""

    balances: tuple[tuple[str, Decimal], ...]
    lines: tuple[Position, ...]
    interest: tuple[tuple[str, Decimal], ...]
    closed_interest: tuple[tuple[str, Decimal], ...]
    dividends: tuple[DividendDue, ...]
    accrued_until: date | None
    value_before: Decimal
    equity_before: Decimal
    day_trades: tuple[tuple[int, ...], ...]
    is_ready: bool


def state_of(account: Account) -> AccountState:
    """The account as a value, the same for the same account."""
    accruals = account.accruals
    return AccountState(
        balances=tuple(sorted(account.balances.items())),
        lines=tuple(line for _, line in sorted(account.lines.items())),
        interest=tuple(sorted(accruals.interest.items())),
        closed_interest=tuple(sorted(accruals.closed_interest.items())),
        dividends=accruals.dividends,
        accrued_until=accruals.accrued_until,
        value_before=account.value_before,
        equity_before=account.equity_before,
        day_trades=tuple(tuple(sorted(one)) for one in account.day_trades),
        is_ready=account.is_ready,
    )


def load(account: Account, state: AccountState) -> None:
    """Makes the account what the state says."""
    account.balances = dict(state.balances)
    account.lines = {line.con_id: line for line in state.lines}
    account.accruals = Accruals(
        dict(state.interest), dict(state.closed_interest), state.dividends, state.accrued_until
    )
    account.value_before, account.equity_before = state.value_before, state.equity_before
    account.day_trades = tuple(frozenset(one) for one in state.day_trades)
    account.is_ready = state.is_ready


def new_account(name: str, cash: Decimal, find: Callable[[int], Listing], opened: date) -> Account:
    """An account with a balance in the base currency; interest accrues from the day it was opened."""
    accruals = Accruals(accrued_until=opened)
    return Account(name, {BASE: cash}, find, accruals=accruals, value_before=cash, equity_before=cash)


def _holding(listing: Listing, quantity: Decimal, find: Callable[[int], Listing], marks: Marks) -> Holding:
    under = find(listing.under_con_id) if listing.is_option else listing
    rate = marks.rate(listing.currency)
    return Holding(listing, quantity, marks(listing) * rate, marks(under) * rate)


def _amounts(line: Position, listing: Listing, value: Decimal) -> Amounts:
    """What one position adds to the account's amounts in its currency."""
    told = Amounts(unrealized=value - line.cost, realized=line.realized)
    if is_future(listing):
        return told + Amounts(futures=value - line.settled_value)
    if is_pair(listing):
        return told  # it is in the balances
    if is_coin(listing):
        return told + Amounts(coins=value, gross=abs(value))
    if listing.is_option:
        return told + Amounts(options=value, gross=abs(value))
    return told + Amounts(stocks=value, gross=abs(value), short_stocks=max(-value, _ZERO))
