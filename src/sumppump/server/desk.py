"""Everything a tool may speak to, in one value. It outlives every connection of a host."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from mcp.server.mcpserver import Context

from sumppump.data.chains import ChainService
from sumppump.data.contracts import ContractService
from sumppump.data.corporate import CorporateService
from sumppump.data.crypto_fx import CryptoFxService
from sumppump.data.depth import DepthService
from sumppump.data.feeds import FeedService
from sumppump.data.history import HistoryService
from sumppump.data.live_service import LiveService
from sumppump.data.news import NewsService
from sumppump.data.quotes import QuoteService
from sumppump.data.scans import ScanService
from sumppump.data.schedule import ScheduleService
from sumppump.data.trades import TradeService
from sumppump.data.vix import VixService
from sumppump.data.volatility import VolatilityService
from sumppump.data.watchlists import WatchlistService
from sumppump.domain.account import LinkStatus
from sumppump.domain.orders import Environment
from sumppump.execution.opportunity import OpportunityService
from sumppump.execution.service import ExecutionService
from sumppump.kernel.clock import Clock
from sumppump.kernel.text import masked_account
from sumppump.portfolio.account import AccountService
from sumppump.portfolio.assignment import AssignmentService
from sumppump.portfolio.equity import EquityService
from sumppump.portfolio.positions import PortfolioService
from sumppump.portfolio.trade_history import TradeHistoryService
from sumppump.ports.broker import Broker
from sumppump.ports.market import Charts
from sumppump.ports.store import Audit
from sumppump.risk.margin import MarginService
from sumppump.risk.portfolio_greeks import GreeksService
from sumppump.risk.portfolio_risk import RiskService
from sumppump.risk.summary import SummaryService
from sumppump.server.easel import Easel
from sumppump.server.views import Header
from sumppump.strategies.ideas.service import IdeaService
from sumppump.strategies.service import StrategyService


async def _at_once(orders: bool) -> None:
    """Nothing to wait for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketDesk:
    """The services that look at the market, one for each family of market tools."""

    quotes: QuoteService
    chains: ChainService
    history: HistoryService
    corporate: CorporateService
    crypto_fx: CryptoFxService
    schedule: ScheduleService
    feeds: FeedService
    volatility: VolatilityService
    vix: VixService
    contracts: ContractService
    depth: DepthService
    trades: TradeService
    news: NewsService
    scans: ScanService
    watchlists: WatchlistService
    live: LiveService


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioDesk:
    """The services that look at the account and what it holds, one for each family of portfolio tools."""

    holdings: PortfolioService
    account: AccountService
    greeks: GreeksService
    risk: RiskService
    history: TradeHistoryService
    equity: EquityService
    summary: SummaryService
    assignment: AssignmentService
    margin: MarginService


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The services behind the tools.

    Attributes:
        has_page: whether tickets open in the person's browser.
        options_level: the highest IBKR level that the policy lets through.
        command: how the person starts this program in a terminal, for advice.
        under_way: waits while the first connection of this process is being made, and with `orders` until the
            broker's lists have been read; a host's first question should not be answered "connecting".
    """

    environment: Environment
    clock: Clock
    broker: Broker
    market: MarketDesk
    portfolio: PortfolioDesk
    strategies: StrategyService
    ideas: IdeaService
    opportunities: OpportunityService
    execution: ExecutionService
    charts: Charts
    audit: Audit
    easel: Easel = field(default_factory=Easel)
    options_level: int = 4
    command: str = "sumppump"
    has_page: bool = True
    under_way: Callable[[bool], Awaitable[None]] = _at_once

    def header(self) -> Header:
        """What stands at the head of every answer now; nothing is asked over the wire."""
        link = self.broker.link()
        return Header(
            mode=self.environment.value,
            account=masked_account(link.account) if link.account else "",
            as_of=self.clock.now(),
            warnings=(*self.execution.health().alarms(), *_link_warnings(link)),
        )

    def approving(self) -> tuple[str, ...]:
        """What is due so that a waiting ticket is sent, or why it cannot be."""
        if reason := self.execution.health().writes_off:
            return (f"This is a preview: {reason}. Only the person can change that, in the settings.",)
        terminal = f"in a terminal with: {self.command} approve"
        page = (
            "on the page that SumpPump opened in their browser, by typing the code that it shows in this "
            f"chat (pass it as confirm_token), or {terminal}"
        )
        return (
            "Show the person what they pay or receive and what they can lose. They approve "
            f"{page if self.has_page else terminal}",
            "Then ask trade_get_order_status with this ticket_id.",
        )


@dataclass(frozen=True, slots=True)
class Call:
    """What a tool gets beside its arguments."""

    desk: Desk
    context: Context[Any, Any]


def _link_warnings(link: LinkStatus) -> tuple[str, ...]:
    if not link.connected:
        return (f"NOT CONNECTED to TWS: {link.reason or 'connecting'}",)
    if not link.broker_online:
        return ("TWS has lost its connection to IB: figures are stale, orders are held back",)
    if link.farms_down:
        return (f"data farms down: {', '.join(link.farms_down)}",)
    return ()
