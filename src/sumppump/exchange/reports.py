"""Values that the venue gives out: quotes, orders, executions, positions, margins, bars.

A missing number is None, never 0. Prices are per share; greeks are per share too, theta per calendar
day, vega per one vol point; implied volatility per year (0.23 = 23 %).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sumppump.exchange.commands import OrderSpec
from sumppump.exchange.listing.instruments import Instrument, Listing

LIQUIDATION = "Liquidation"
"""The reference of the orders by which the broker closes positions."""


class OrderState(StrEnum):
    """States of an order; the values are the wire's words."""

    PENDING_SUBMIT = "PendingSubmit"
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    PENDING_CANCEL = "PendingCancel"
    CANCELLED = "Cancelled"
    FILLED = "Filled"
    INACTIVE = "Inactive"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing can happen to the order any more."""
        return self in (OrderState.CANCELLED, OrderState.FILLED, OrderState.INACTIVE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An expected no, with TWS's code and words."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Greeks:
    """What message 21 carries. `price` is the option price that these belong to."""

    iv: float | None
    delta: float | None
    price: float | None
    pv_dividend: float | None
    gamma: float | None
    vega: float | None
    theta: float | None
    und_price: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookTop:
    """The top of the book of one instrument at one time.

    Attributes:
        at: the time of the quote; while the market is closed, that of the last close.
        close: the close of the session before.
        volume: shares or contracts traded in this session so far.
        open_interest, implied_volatility: None where they make no sense.
    """

    con_id: int
    at: datetime
    bid: Decimal | None
    ask: Decimal | None
    bid_size: int
    ask_size: int
    last: Decimal | None = None
    last_size: int = 0
    last_at: datetime | None = None
    volume: int = 0
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    close: Decimal | None = None
    open_interest: int | None = None
    implied_volatility: float | None = None
    historical_volatility: float | None = None
    model: Greeks | None = None
    bid_greeks: Greeks | None = None
    ask_greeks: Greeks | None = None
    last_greeks: Greeks | None = None


@dataclass(frozen=True, slots=True)
class MarginReport:
    """A what-if: account figures before and after an order, in the base currency."""

    init_before: Decimal
    maint_before: Decimal
    equity_before: Decimal
    init_after: Decimal
    maint_after: Decimal
    equity_after: Decimal
    commission: Decimal | None
    min_commission: Decimal | None
    max_commission: Decimal | None
    warning: str = ""

    @property
    def init_change(self) -> Decimal:
        """Initial margin after minus before."""
        return self.init_after - self.init_before

    @property
    def maint_change(self) -> Decimal:
        """Maintenance margin after minus before."""
        return self.maint_after - self.maint_before

    @property
    def equity_change(self) -> Decimal:
        """Equity with loan value after minus before."""
        return self.equity_after - self.equity_before


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One order as it stands, with the terms now in force.

    Attributes:
        parent_perm_id: 0 without a parent.
        avg_fill_price, last_fill_price: per share, 0 before the first fill, as on the wire.
        why_held: "", "trigger", "child" or "locate".
        stop_price: where a STP or TRAIL stands now.
        limit: the limit as it stands now; a pegged order's cap.
        completed_at, completed_status: set once the order has ended.
    """

    client_id: int
    order_id: int
    perm_id: int
    instrument: Instrument
    spec: OrderSpec
    state: OrderState
    filled: Decimal
    remaining: Decimal
    avg_fill_price: Decimal = Decimal(0)
    last_fill_price: Decimal = Decimal(0)
    parent_perm_id: int = 0
    oca_group: str = ""
    why_held: str = ""
    stop_price: Decimal | None = None
    limit: Decimal | None = None
    margin: MarginReport | None = None
    completed_at: datetime | None = None
    completed_status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One fill. A combo's fill is reported as one execution of the BAG and then one of each leg.

    Attributes:
        side: BOT or SLD.
        cum_quantity, avg_price: of the order (BAG row) or of the leg so far.
        liquidity: 1 added, 2 removed.
    """

    exec_id: str
    at: datetime
    client_id: int
    order_id: int
    perm_id: int
    account: str
    instrument: Instrument
    exchange: str
    side: str
    shares: Decimal
    price: Decimal
    cum_quantity: Decimal
    avg_price: Decimal
    order_ref: str
    liquidity: int

    @property
    def is_liquidation(self) -> bool:
        """Whether the broker closed a position: an order of nobody's with the broker's reference."""
        return not (self.order_id or self.client_id) and self.order_ref == LIQUIDATION


@dataclass(frozen=True, slots=True)
class CommissionReport:
    """Commission of one execution; `realized_pnl` is None where the execution opened."""

    exec_id: str
    commission: Decimal
    currency: str
    realized_pnl: Decimal | None


@dataclass(frozen=True, slots=True)
class PositionView:
    """A position; `avg_cost` is per contract (price times multiplier for options), commission included."""

    account: str
    listing: Listing
    quantity: Decimal
    avg_cost: Decimal


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """A position at the market's mark."""

    position: PositionView
    market_price: Decimal
    market_value: Decimal
    unrealized: Decimal
    realized: Decimal


@dataclass(frozen=True, slots=True)
class PnL:
    """Profit and loss of the account, or of one position when `quantity` and `value` are given."""

    daily: Decimal
    unrealized: Decimal
    realized: Decimal
    quantity: Decimal | None = None
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AccountValue:
    """One row of the account: key, value as text, currency ("" for plain words and counts)."""

    key: str
    value: str
    currency: str


@dataclass(frozen=True, slots=True)
class OptionParams:
    """Listed expiries and strikes of one exchange and trading class."""

    exchange: str
    under_con_id: int
    trading_class: str
    multiplier: int
    expirations: tuple[date, ...]
    strikes: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class ExecutionFilter:
    """Which executions; an empty field matches all, `client_id` 0 too."""

    client_id: int = 0
    account: str = ""
    since: datetime | None = None
    symbol: str = ""
    sec_type: str = ""
    exchange: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsQuery:
    """A request for bars in TWS's words.

    Attributes:
        end: None for now.
        duration: `3600 S`, `2 D`, `1 W`, `1 M`, `2 Y`.
        bar_size: `1 min`, `5 mins`, `1 hour`, `1 day`, ...
        what: TRADES, MIDPOINT, BID, ASK, BID_ASK, ...; see `bar_windows.KINDS_OF_BARS`.
    """

    con_id: int
    duration: str
    bar_size: str
    end: datetime | None = None
    what: str = "TRADES"
    use_rth: bool = True


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `volume`, `wap` and `count` are -1 where the kind of bar has none, as on the wire.

    Attributes:
        start: first moment of the bar (daily bars: the session's open).
        day: the session.
    """

    start: datetime
    day: date
    open: float
    high: float
    low: float
    close: float
    volume: int
    wap: float
    count: int
