"""Every concrete part, joined to one program. Nothing connects or sends before `Program.start`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass

from loguru import logger

from sumppump import __version__
from sumppump.approval.desk import BrowserDesk
from sumppump.bootstrap.foundation import Foundation, laid
from sumppump.bootstrap.ideas import idea_service, opportunity_service
from sumppump.bootstrap.live_sharing import LiveSharing
from sumppump.bootstrap.market import Looks, market_desk
from sumppump.bootstrap.portfolio import portfolio_desk
from sumppump.bootstrap.settings import ApprovalMode, Settings
from sumppump.bootstrap.shared_lines import SharedLines
from sumppump.bootstrap.shell import command_line
from sumppump.data.announced import DividendShelf
from sumppump.data.quote_cache import QuoteCache
from sumppump.execution.desk import TradingDesk
from sumppump.execution.engine import Engine
from sumppump.execution.service import ExecutionService
from sumppump.portfolio.positions import PortfolioService
from sumppump.ports.approval import ApprovalDesk, NoDesk
from sumppump.ports.broker import Broker, BrokerEvent, LinkChanged
from sumppump.risk.early_closes import EarlyCloses
from sumppump.risk.order_stress import OrderStresser
from sumppump.risk.policy import RiskPolicy
from sumppump.server.desk import Desk, MarketDesk, PortfolioDesk
from sumppump.session.conversation import Conversation
from sumppump.store.audit import FileAudit
from sumppump.store.charts import FileCharts
from sumppump.store.equity import SqliteEquity
from sumppump.store.inbox import SqliteInbox
from sumppump.store.journal import SqliteJournal
from sumppump.store.lock import WriterLock
from sumppump.store.watchlists import FileWatchlists
from sumppump.strategies.drafts import DraftBook
from sumppump.strategies.service import StrategyService
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import Endpoint

FIRST_WAIT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One running SumpPump.

    Attributes:
        desk: what the tools speak to.
        seat: the reader's lock that keeps its client id, None in the writer.
        sharing: what the writer follows, for the other processes; shared: the same, seen from one of them.
        early: asks for the closes that risk will need.
    """

    settings: Settings
    desk: Desk
    gateway: TwsGateway
    execution: ExecutionService
    engine: Engine
    journal: SqliteJournal
    audit: FileAudit
    inbox: SqliteInbox
    browser: BrowserDesk | None
    seat: WriterLock | None
    sharing: LiveSharing
    shared: SharedLines
    early: EarlyCloses

    async def start(self) -> None:
        """Begin to connect and to follow, in the background; returns at once."""
        self.early.begin()
        await self.gateway.start()
        await self.execution.start()
        if self.journal.is_writer():
            await self.sharing.begin()

    async def stop(self) -> None:
        """End everything that was started; orders stay as they are at the broker."""
        if self.browser is not None:
            await self.browser.stop()
        await self.early.end()
        await self.sharing.end()
        await self.shared.close()
        await self.execution.stop()
        await self.gateway.stop()
        self.audit.close()
        self.inbox.close()
        self.journal.close()
        if self.seat is not None:
            self.seat.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Services:
    """What looks at the market and the account, and what sends."""

    shared: SharedLines
    looks: MarketDesk
    strategies: StrategyService
    holdings: PortfolioService
    inbox: SqliteInbox
    browser: BrowserDesk | None
    execution: ExecutionService


def build(settings: Settings, *, read_only: bool = False, endpoint: Endpoint | None = None) -> Program:
    """Join the parts.

    Args:
        settings: everything a person has set.
        read_only: no tool that writes, no frame that orders.
        endpoint: where TWS is, asked before every attempt to connect; the settings' host and port without it.

    Raises:
        StoreFailed: the home folder cannot be used.
        InvalidRequest: limits that contradict each other.
    """
    base = laid(settings, read_only=read_only, endpoint=endpoint)
    services = _services(base)
    desk = _desk(base, services)
    sharing = LiveSharing(settings.home, desk.market.live.board)
    base.engine.on_takeover.append(sharing.begin_soon)
    _turn_with(services.execution.conversation, desk.market, base.gateway.broker)
    logger.info("SumpPump {} in mode {}", __version__, settings.trading_mode)
    return Program(
        settings=settings,
        desk=desk,
        gateway=base.gateway,
        execution=services.execution,
        engine=base.engine,
        journal=base.journal,
        audit=base.audit,
        inbox=services.inbox,
        browser=services.browser,
        seat=base.seat,
        sharing=sharing,
        shared=services.shared,
        early=EarlyCloses(books=desk.portfolio.risk.books, broker=base.gateway.broker),
    )


def _services(base: Foundation) -> _Services:
    gateway, dividends = base.gateway, DividendShelf()
    shared = SharedLines(base.settings.home, gateway.market, base.clock, lambda: not base.journal.is_writer())
    looks = _looks(base, shared, dividends)
    strategies = StrategyService(
        directory=gateway.directory,
        market=gateway.market,
        clock=base.clock,
        drafts=DraftBook(base.clock.monotonic),
        dividends=dividends,
    )
    holdings = PortfolioService(
        accounts=gateway.accounts,
        directory=gateway.directory,
        market=gateway.market,
        clock=base.clock,
        book=lambda: base.ledger.book,
        dividends=dividends,
        followed=looks.live.board.options_on,
    )
    inbox = SqliteInbox(base.settings.home)
    execution, browser = _execution(base, strategies, holdings, inbox)
    return _Services(
        shared=shared,
        looks=looks,
        strategies=strategies,
        holdings=holdings,
        inbox=inbox,
        browser=browser,
        execution=execution,
    )


def _looks(base: Foundation, shared: SharedLines, dividends: DividendShelf) -> MarketDesk:
    gateway = base.gateway
    return market_desk(
        directory=gateway.directory,
        market=gateway.market,
        looks=Looks(depth=gateway.depth, tape=gateway.tape, news=gateway.news, scanner=gateway.scanner),
        clock=base.clock,
        link=gateway.broker.link,
        lists=FileWatchlists(base.settings.home),
        memory=gateway.schedule,
        lines=shared,
        dividends=dividends,
    )


def _execution(
    base: Foundation, strategies: StrategyService, holdings: PortfolioService, inbox: SqliteInbox
) -> tuple[ExecutionService, BrowserDesk | None]:
    """What sends, and the page on which a person approves; None where no page is wanted."""
    gateway, approval = base.gateway, base.settings.sumppump_approval
    execution: ExecutionService
    browser = BrowserDesk(lambda: execution, base.clock) if approval is ApprovalMode.PAGE else None
    people: ApprovalDesk = browser or NoDesk()
    execution = ExecutionService(
        TradingDesk(
            environment=base.environment,
            clock=base.clock,
            broker=gateway.broker,
            accounts=gateway.accounts,
            market=gateway.market,
            directory=gateway.directory,
            strategies=strategies,
            portfolio=holdings,
            policy=RiskPolicy(limits=base.limits),
            engine=base.engine,
            people=people,
            inbox=inbox,
            gate=base.gate,
            settings=base.windows,
            boot_mono=base.clock.monotonic(),
            stress=OrderStresser(
                portfolio=holdings, directory=gateway.directory, market=gateway.market, clock=base.clock
            ),
            auto_approve=approval is ApprovalMode.AUTO,
        )
    )
    return execution, browser


def _desk(base: Foundation, services: _Services) -> Desk:
    """What the tools speak to."""
    settings, gateway, execution = base.settings, base.gateway, services.execution
    looks, strategies = services.looks, services.strategies
    return Desk(
        environment=base.environment,
        clock=base.clock,
        broker=gateway.broker,
        market=looks,
        portfolio=_portfolio(base, services.holdings),
        strategies=strategies,
        ideas=idea_service(
            directory=gateway.directory,
            market=gateway.market,
            clock=base.clock,
            looks=looks,
            strategies=strategies,
            objections=execution.objections,
            room=execution.room,
        ),
        opportunities=opportunity_service(
            looks=looks,
            strategies=strategies,
            rehearse=execution.rehearse,
            options_level=settings.options_level,
        ),
        execution=execution,
        charts=FileCharts(settings.home),
        audit=base.audit,
        options_level=settings.options_level,
        command=command_line(sys.executable, settings.sumppump_home),
        has_page=services.browser is not None,
        under_way=lambda orders: _under_way(gateway, execution, orders),
    )


def _portfolio(base: Foundation, holdings: PortfolioService) -> PortfolioDesk:
    gateway = base.gateway
    return portfolio_desk(
        holdings=holdings,
        accounts=gateway.accounts,
        broker=gateway.broker,
        directory=gateway.directory,
        market=gateway.market,
        memory=gateway.schedule,
        position_pnl=gateway.position_pnl,
        clock=base.clock,
        limits=base.limits,
        equity=SqliteEquity(base.settings.home),
    )


def _turn_with(conversation: Conversation, market: MarketDesk, broker: Broker) -> None:
    """Let what is kept of the market follow the symbol under discussion."""
    _forget_quotes(market.quotes.cache, conversation, broker)
    conversation.moved.append(market.chains.shelf.turn_to)


def _forget_quotes(cache: QuoteCache, conversation: Conversation, broker: Broker) -> None:
    """What was quoted belongs to the symbol under discussion, and to the connection as it was."""

    def told(event: BrokerEvent) -> None:
        if isinstance(event, LinkChanged):
            cache.forget()

    conversation.moved.append(lambda symbol: cache.forget(but=symbol))
    broker.subscribe(told)


async def _under_way(gateway: TwsGateway, execution: ExecutionService, orders: bool) -> None:
    """Wait for what has begun and not failed yet: the first connection, and the first reading of orders."""
    until = gateway.clock.monotonic() + FIRST_WAIT_S
    while gateway.clock.monotonic() < until:
        link = gateway.broker.link()
        is_connecting = not link.connected and link.reason in ("not started", "connecting")
        if not is_connecting and not (orders and link.connected and _reads_orders(execution)):
            return
        await asyncio.sleep(0.02)


def _reads_orders(execution: ExecutionService) -> bool:
    health = execution.health()
    return health.writer and not health.reconciled
