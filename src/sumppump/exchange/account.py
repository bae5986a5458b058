"""The account: cash, positions, and what both are worth at the market's marks.

Costs are averages that include commissions, as TWS reports them. Closing realises the difference; opening
realises nothing. What is told per day (profit, closed positions) begins anew with each session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sumppump.exchange.instruments import Listing
from sumppump.exchange.margin import Holding, Requirement, requirement
from sumppump.exchange.reports import AccountValue, PnL, PortfolioRow, PositionView

CURRENCY = "USD"
_ZERO = Decimal(0)
_CENT = Decimal("0.01")
_DAY_TRADING_POWER = 4  # buying power per unit of available funds


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One line of the account.

    Attributes:
        cost: what the position cost, commissions included; signed like the quantity.
        realized: realised since the session began.
        paid_today: cash that went into the line since the session began, commissions included.
        value_before: value at the last close, for the day's profit.
    """

    con_id: int
    quantity: int = 0
    cost: Decimal = _ZERO
    realized: Decimal = _ZERO
    paid_today: Decimal = _ZERO
    value_before: Decimal = _ZERO

    @property
    def avg_cost(self) -> Decimal:
        """Cost per contract; 0 for a closed line, as on the wire."""
        return self.cost / self.quantity if self.quantity else _ZERO


@dataclass(frozen=True, slots=True)
class Trade:
    """A change of one position: `quantity` signed, `price` per share, `commission` >= 0."""

    listing: Listing
    quantity: int
    price: Decimal
    commission: Decimal

    @property
    def value(self) -> Decimal:
        """Cash paid (plus) or received (minus) without the commission."""
        return self.price * self.quantity * self.listing.multiplier


def traded(position: Position, trade: Trade) -> tuple[Position, Decimal | None]:
    """The line after a trade, and what it realised; None if it only opened."""
    paid = trade.value + trade.commission
    before, after = position.quantity, position.quantity + trade.quantity
    opens_only = before == 0 or (before > 0) == (trade.quantity > 0)
    if opens_only:
        grown = replace(
            position, quantity=after, cost=position.cost + paid, paid_today=position.paid_today + paid
        )
        return grown, None
    closed = min(abs(trade.quantity), abs(before))
    share = Decimal(closed) / abs(trade.quantity)
    cost_closed = position.cost * closed / abs(before)
    realized = -(paid * share) - cost_closed
    crossed = abs(trade.quantity) > abs(before)
    cost = paid * (1 - share) if crossed else position.cost - cost_closed
    line = replace(
        position,
        quantity=after,
        cost=cost if after else _ZERO,
        realized=position.realized + realized,
        paid_today=position.paid_today + paid,
    )
    return line, realized


Marks = Callable[[Listing], Decimal]


@dataclass(slots=True)
class Account:
    """Cash and lines; `find` gives the listing of a con id, also of one that has expired."""

    name: str
    cash: Decimal
    find: Callable[[int], Listing]
    lines: dict[int, Position] = field(default_factory=dict)
    value_before: Decimal = _ZERO  # net liquidation at the last close

    def book(self, trade: Trade) -> Decimal | None:
        """Enters a trade; returns what it realised, None if it opened."""
        con_id = trade.listing.con_id
        line, realized = traded(self.lines.get(con_id, Position(con_id=con_id)), trade)
        self.lines[con_id] = line
        self.cash -= trade.value + trade.commission
        return realized

    def quantity(self, con_id: int) -> int:
        """Signed quantity held."""
        line = self.lines.get(con_id)
        return line.quantity if line else 0

    def open_lines(self) -> tuple[Position, ...]:
        """Lines with a quantity, by con id."""
        return tuple(self.lines[con_id] for con_id in sorted(self.lines) if self.lines[con_id].quantity)

    def begin_day(self, marks: Marks) -> None:
        """Closes the day's books: lines without quantity go, the others start from their value now."""
        self.value_before = self.net_liquidation(marks)
        self.lines = {
            line.con_id: Position(
                con_id=line.con_id,
                quantity=line.quantity,
                cost=line.cost,
                value_before=self._value(line, marks),
            )
            for line in self.open_lines()
        }

    # -- values -----------------------------------------------------------------------------
    def _value(self, line: Position, marks: Marks) -> Decimal:
        listing = self.find(line.con_id)
        return marks(listing) * line.quantity * listing.multiplier if line.quantity else _ZERO

    def _split_value(self, marks: Marks) -> tuple[Decimal, Decimal]:
        """Value of the stocks, and of the options."""
        stocks = options = _ZERO
        for line in self.open_lines():
            if self.find(line.con_id).is_option:
                options += self._value(line, marks)
            else:
                stocks += self._value(line, marks)
        return stocks, options

    def net_liquidation(self, marks: Marks) -> Decimal:
        """Cash plus the value of all positions."""
        return self.cash + sum(self._split_value(marks), start=_ZERO)

    def position_view(self, con_id: int) -> PositionView:
        """One position as a client sees it; quantity 0 after closing."""
        line = self.lines.get(con_id, Position(con_id=con_id))
        return PositionView(self.name, self.find(con_id), line.quantity, line.avg_cost)

    def portfolio_row(self, con_id: int, marks: Marks) -> PortfolioRow:
        """One position at the mark."""
        view, line = self.position_view(con_id), self.lines[con_id]
        value = self._value(line, marks)
        unrealized = value - line.cost
        return PortfolioRow(view, marks(view.listing), value, unrealized, line.realized)

    def pnl(self, marks: Marks) -> PnL:
        """Profit and loss of the account."""
        rows = [self.portfolio_row(con_id, marks) for con_id in sorted(self.lines)]
        return PnL(
            daily=self.net_liquidation(marks) - self.value_before,
            unrealized=sum((row.unrealized for row in rows), start=_ZERO),
            realized=sum((row.realized for row in rows), start=_ZERO),
        )

    def pnl_single(self, con_id: int, marks: Marks) -> PnL | None:
        """Profit and loss of one line, None if there was none today."""
        line = self.lines.get(con_id)
        if line is None:
            return None
        row = self.portfolio_row(con_id, marks)
        daily = row.market_value - line.value_before - line.paid_today
        return PnL(daily, row.unrealized, row.realized, line.quantity, row.market_value)

    # -- margin -----------------------------------------------------------------------------
    def with_trades(self, trades: Iterable[Trade]) -> Account:
        """A copy of the account in which these trades have happened."""
        after = Account(self.name, self.cash, self.find, dict(self.lines), self.value_before)
        for trade in trades:
            after.book(trade)
        return after

    def margin(self, marks: Marks, under: Mapping[str, Decimal]) -> Requirement:
        """What the rule book demands; `under` has the price of each underlying that is held."""
        return requirement(
            Holding(listing, line.quantity, marks(listing), under[listing.symbol])
            for line in self.open_lines()
            for listing in (self.find(line.con_id),)
        )

    def equity_with_loan(self, marks: Marks) -> Decimal:
        """Cash plus stocks; options do not count."""
        return self.cash + self._split_value(marks)[0]

    def figures(self, marks: Marks, need: Requirement) -> Figures:
        """The sums that the account's rows are made of."""
        stocks, options = self._split_value(marks)
        gross = sum((abs(self._value(line, marks)) for line in self.open_lines()), start=_ZERO)
        return Figures(self.name, self.cash, stocks, options, gross, need, self.pnl(marks))


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums of an account at one moment, in its currency."""

    account: str
    cash: Decimal
    stocks: Decimal
    options: Decimal
    gross: Decimal
    need: Requirement
    pnl: PnL

    @property
    def equity(self) -> Decimal:
        """Equity with loan value."""
        return self.cash + self.stocks

    @property
    def net(self) -> Decimal:
        """Net liquidation value."""
        return self.equity + self.options

    @property
    def available(self) -> Decimal:
        """Available funds."""
        return self.equity - self.need.initial

    @property
    def excess(self) -> Decimal:
        """Excess liquidity."""
        return self.equity - self.need.maintenance


def account_rows(figures: Figures) -> tuple[AccountValue, ...]:
    """The rows that a client sees, keys in alphabetical order."""
    rows = [AccountValue(key, value, "") for key, value in _words(figures).items()]
    rows += [AccountValue(key, _money(value), CURRENCY) for key, value in _amounts(figures).items()]
    rows += [
        AccountValue(key, _money(value), currency)
        for key, value in _ledger(figures).items()
        for currency in ("BASE", CURRENCY)
    ]
    return tuple(sorted(rows, key=lambda row: (row.key, row.currency)))


def _words(figures: Figures) -> dict[str, str]:
    net = figures.net
    return {
        "AccountCode": figures.account,
        "AccountReady": "true",
        "AccountType": "INDIVIDUAL",
        "Currency": CURRENCY,
        "Cushion": f"{figures.excess / net if net else _ZERO:.6f}",
        "Leverage-S": f"{figures.gross / net if net else _ZERO:.2f}",
    }


def _amounts(figures: Figures) -> dict[str, Decimal]:
    need = figures.need
    return {
        "AvailableFunds": figures.available,
        "BuyingPower": max(figures.available, _ZERO) * _DAY_TRADING_POWER,
        "EquityWithLoanValue": figures.equity,
        "ExcessLiquidity": figures.excess,
        "FullAvailableFunds": figures.available,
        "FullExcessLiquidity": figures.excess,
        "FullInitMarginReq": need.initial,
        "FullMaintMarginReq": need.maintenance,
        "GrossPositionValue": figures.gross,
        "InitMarginReq": need.initial,
        "LookAheadAvailableFunds": figures.available,
        "LookAheadExcessLiquidity": figures.excess,
        "LookAheadInitMarginReq": need.initial,
        "LookAheadMaintMarginReq": need.maintenance,
        "MaintMarginReq": need.maintenance,
        "NetLiquidation": figures.net,
        "RegTEquity": figures.equity,
        "RegTMargin": need.initial,
        "TotalCashValue": figures.cash,
    }


def _ledger(figures: Figures) -> dict[str, Decimal]:
    return {
        "CashBalance": figures.cash,
        "ExchangeRate": Decimal(1),
        "NetLiquidationByCurrency": figures.net,
        "OptionMarketValue": figures.options,
        "RealizedPnL": figures.pnl.realized,
        "StockMarketValue": figures.stocks,
        "TotalCashBalance": figures.cash,
        "UnrealizedPnL": figures.pnl.unrealized,
    }


def _money(amount: Decimal) -> str:
    return format(amount.quantize(_CENT), "f")
