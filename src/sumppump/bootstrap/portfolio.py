"""The services that look at the account and what it holds, joined to the ports."""

from __future__ import annotations

from sumppump.kernel.clock import Clock
from sumppump.portfolio.account import AccountService
from sumppump.portfolio.assignment import AssignmentService
from sumppump.portfolio.equity import EquityService, NotingAccounts
from sumppump.portfolio.expiry_closes import ExpiryCloses
from sumppump.portfolio.positions import PortfolioService
from sumppump.portfolio.trade_history import TradeHistoryService
from sumppump.ports.broker import Accounts, Broker
from sumppump.ports.equity import EquityLog, NoEquityLog
from sumppump.ports.market import ContractDirectory, MarketData
from sumppump.ports.position_pnl import PositionPnl
from sumppump.ports.schedule import TradingSchedule
from sumppump.risk.closes import DailyCloses
from sumppump.risk.closing_prices import ClosingPrices
from sumppump.risk.day_service import DayPnlService
from sumppump.risk.gone_ex import GoneEx
from sumppump.risk.held_book import HeldBooks
from sumppump.risk.limits import Limits
from sumppump.risk.margin import MarginService
from sumppump.risk.portfolio_greeks import GreeksService
from sumppump.risk.portfolio_risk import RiskService
from sumppump.risk.smile_look import SmileLook
from sumppump.risk.summary import SummaryService
from sumppump.server.desk import PortfolioDesk


def portfolio_desk(
    *,
    holdings: PortfolioService,
    accounts: Accounts,
    broker: Broker,
    directory: ContractDirectory,
    market: MarketData,
    memory: TradingSchedule,
    clock: Clock,
    limits: Limits,
    position_pnl: PositionPnl | None = None,
    equity: EquityLog | None = None,
) -> PortfolioDesk:
    """Join the parts; nothing is asked yet. Without an equity log no value of the account is kept."""
    log = equity or NoEquityLog()
    accounts = NotingAccounts(accounts, log, clock)
    books = HeldBooks(
        portfolio=holdings,
        accounts=accounts,
        directory=directory,
        closes=DailyCloses(market=market, clock=clock),
        look=SmileLook(directory=directory, market=market, clock=clock),
        clock=clock,
    )
    history = TradeHistoryService(
        broker=broker,
        book=holdings.book,
        clock=clock,
        closes=ExpiryCloses(directory=directory, market=market, clock=clock),
    )
    return PortfolioDesk(
        holdings=holdings,
        account=AccountService(accounts=accounts, clock=clock),
        greeks=GreeksService(books=books),
        margin=MarginService(books=books),
        risk=RiskService(books=books, limits=limits),
        history=history,
        equity=EquityService(accounts=accounts, log=log),
        summary=SummaryService(
            books=books,
            accounts=accounts,
            directory=directory,
            history=history,
            day=DayPnlService(
                broker=broker,
                directory=directory,
                market=market,
                memory=memory,
                gone_ex=GoneEx(market=market),
                closing=ClosingPrices(market=market),
                position_pnl=position_pnl,
            ),
            clock=clock,
        ),
        assignment=AssignmentService(holdings=holdings, directory=directory, market=market, clock=clock),
    )
