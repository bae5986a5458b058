"""What an account holds and is worth, as the broker says it. A figure that is missing is None."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Feed
from sumppump.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """Balances and margins in the base currency; None where the broker did not say.

    Attributes:
        nlv: net liquidation value; cash, positions, and what has accrued.
        accrued_interest, accrued_dividends: earned or owed and not paid yet; both in `nlv`.
        daily_pnl: since the broker's daily reset, realised and open.
        as_of: exchange time. taken: monotonic seconds.
    """

    account: str
    as_of: datetime
    taken: float
    currency: str = "USD"
    nlv: Money | None = None
    cash: Money | None = None
    accrued_interest: Money | None = None
    accrued_dividends: Money | None = None
    buying_power: Money | None = None
    available_funds: Money | None = None
    excess_liquidity: Money | None = None
    initial_margin: Money | None = None
    maintenance_margin: Money | None = None
    equity_with_loan: Money | None = None
    gross_position_value: Money | None = None
    unrealized_pnl: Money | None = None
    realized_pnl: Money | None = None
    daily_pnl: Money | None = None
    daily_pnl_taken: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One contract held.

    Attributes:
        quantity: signed; contracts or shares.
        avg_cost: per share, commission included (IB's figure divided by the multiplier).
        market_price: per share. market_value, unrealized_pnl, realized_pnl: cash.
    """

    account: str
    instrument: Instrument
    quantity: int
    avg_cost: Decimal
    market_price: Decimal | None = None
    market_value: Money | None = None
    unrealized_pnl: Money | None = None
    realized_pnl: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """How we stand with TWS.

    Attributes:
        connected: socket up and start-up finished.
        broker_online: False between 1100 and 1101/1102.
        account: the account that was seen, "" before.
        since_s: seconds since the last connect (monotonic), None when not connected.
        farms_down: names of data farms that are broken.
        reason: a sentence when not connected.
        lines_used, lines_limit: market data lines.
        decoder_errors: frames that could not be read since the start; > 0 forces a reconcile.
        feed: what market data type TWS grants.
        was_connected: whether there was a connection before, in the life of this process.
        server_time: whether the clock is the server's; the machine's until a server has told its time.
    """

    connected: bool
    broker_online: bool
    account: str
    host: str
    port: int
    client_id: int
    since_s: float | None = None
    farms_down: tuple[str, ...] = ()
    reason: str = ""
    lines_used: int = 0
    lines_limit: int = 100
    decoder_errors: int = 0
    server_version: int = 0
    feed: Feed = Feed.LIVE
    was_connected: bool = False
    server_time: bool = False
