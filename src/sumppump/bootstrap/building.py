"""Every concrete part, joined to one program. Nothing connects or sends before `Program.start`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields

from loguru import logger

from sumppump import __version__
from sumppump.approval.desk import BrowserDesk
from sumppump.bootstrap.ideas import idea_service, opportunity_service
from sumppump.bootstrap.live_sharing import LiveSharing
from sumppump.bootstrap.market import Looks, market_desk
from sumppump.bootstrap.portfolio import portfolio_desk
from sumppump.bootstrap.seats import line_share, take_seat
from sumppump.bootstrap.settings import ApprovalMode, Settings, TradingMode
from sumppump.bootstrap.shared_lines import SharedLines
from sumppump.bootstrap.shell import command_line
from sumppump.data.announced import DividendShelf
from sumppump.data.quote_cache import QuoteCache
from sumppump.domain import events as ev
from sumppump.domain.orders import Environment
from sumppump.exchange.listing.symbols import SHARES
from sumppump.execution.desk import TradingDesk
from sumppump.execution.engine import Engine
from sumppump.execution.ledger import Ledger
from sumppump.execution.service import ExecutionService
from sumppump.execution.settings import ExecutionSettings
from sumppump.portfolio.positions import PortfolioService
from sumppump.ports.approval import ApprovalDesk, NoDesk
from sumppump.ports.broker import Broker, BrokerEvent, LinkChanged
from sumppump.risk.limits import Limits
from sumppump.risk.modes import ModeFacts, WriteGate, write_gate
from sumppump.risk.order_stress import OrderStresser
from sumppump.risk.policy import RiskPolicy
from sumppump.server.desk import Desk
from sumppump.session.conversation import Conversation
from sumppump.store.audit import FileAudit
from sumppump.store.charts import FileCharts
from sumppump.store.equity import SqliteEquity
from sumppump.store.inbox import SqliteInbox
from sumppump.store.journal import SqliteJournal
from sumppump.store.kill_flag import FileKillFlag
from sumppump.store.lock import WriterLock
from sumppump.store.watchlists import FileWatchlists
from sumppump.strategies.drafts import DraftBook
from sumppump.strategies.service import StrategyService
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import Endpoint, TwsSettings

FIRST_WAIT_S = 10.0

_ENVIRONMENTS = {
    TradingMode.SIM: Environment.SIM,
    TradingMode.PAPER: Environment.PAPER,
    TradingMode.LIVE: Environment.LIVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One running SumpPump.

    Attributes:
        desk: what the tools speak to.
        seat: the reader's lock that keeps its client id, None in the writer.
        sharing: what the writer follows, for the other processes; shared: the same, seen from one of them.
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

    async def start(self) -> None:
        """Begin to connect and to follow, in the background; returns at once."""
        await self.gateway.start()
        await self.execution.start()
        if self.journal.is_writer():
            await self.sharing.begin()

    async def stop(self) -> None:
        """End everything that was started; orders stay as they are at the broker."""
        if self.browser is not None:
            await self.browser.stop()
        await self.sharing.end()
        await self.shared.close()
        await self.execution.stop()
        await self.gateway.stop()
        self.audit.close()
        self.inbox.close()
        self.journal.close()
        if self.seat is not None:
            self.seat.release()


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
    home = settings.home
    journal = SqliteJournal(home)
    seat = None if not read_only and journal.become_writer() else take_seat(home)
    gateway = TwsGateway(
        _tws_settings(settings, read_only, seat),
        endpoint=endpoint,
        line_share=line_share(home, settings.market_data_lines, is_reader=seat is not None),
    )
    clock = gateway.clock
    audit = FileAudit(home, boot_id=journal.boot_id)
    ledger = Ledger(journal, audit, clock, version=__version__)
    audit.on_checkpoint = lambda log, count, head: ledger.note(ev.Anchored(log=log, count=count, head=head))
    limits = limits_of(settings)
    audit.record("start", {"version": __version__, "limits": limits.digest(), "mode": settings.trading_mode})
    gate = _gate(settings, gateway, read_only)
    engine = Engine(
        broker=gateway.broker,
        accounts=gateway.accounts,
        ledger=ledger,
        flag=FileKillFlag(home),
        settings=_windows(settings),
        writes_off=lambda: gate().reason,
        may_write=not read_only,
    )
    # Orders belong to the client id that placed them: whoever writes is that client.
    engine.on_takeover.append(lambda: gateway.use_client_id(settings.tws_client_id))
    dividends = DividendShelf()
    strategies = StrategyService(
        directory=gateway.directory,
        market=gateway.market,
        clock=clock,
        drafts=DraftBook(clock.monotonic),
        dividends=dividends,
    )
    portfolio = PortfolioService(
        accounts=gateway.accounts,
        directory=gateway.directory,
        market=gateway.market,
        clock=clock,
        book=lambda: ledger.book,
        dividends=dividends,
        followed=lambda symbol: looks.live.board.options_on(symbol),
    )
    inbox = SqliteInbox(home)
    execution: ExecutionService
    browser = (
        BrowserDesk(lambda: execution, clock) if settings.sumppump_approval is ApprovalMode.PAGE else None
    )
    people: ApprovalDesk = browser or NoDesk()
    execution = ExecutionService(
        TradingDesk(
            environment=_ENVIRONMENTS[settings.trading_mode],
            clock=clock,
            broker=gateway.broker,
            accounts=gateway.accounts,
            market=gateway.market,
            directory=gateway.directory,
            strategies=strategies,
            portfolio=portfolio,
            policy=RiskPolicy(limits=limits),
            engine=engine,
            people=people,
            inbox=inbox,
            gate=gate,
            settings=_windows(settings),
            boot_mono=clock.monotonic(),
            stress=OrderStresser(
                portfolio=portfolio, directory=gateway.directory, market=gateway.market, clock=clock
            ),
            auto_approve=settings.sumppump_approval is ApprovalMode.AUTO,
        )
    )
    shared = SharedLines(home, gateway.market, clock, lambda: not journal.is_writer())
    looks = market_desk(
        directory=gateway.directory,
        market=gateway.market,
        looks=Looks(depth=gateway.depth, tape=gateway.tape, news=gateway.news, scanner=gateway.scanner),
        clock=clock,
        link=gateway.broker.link,
        lists=FileWatchlists(home),
        memory=gateway.schedule,
        lines=shared,
        dividends=dividends,
    )
    desk = Desk(
        environment=_ENVIRONMENTS[settings.trading_mode],
        clock=clock,
        broker=gateway.broker,
        market=looks,
        portfolio=portfolio_desk(
            holdings=portfolio,
            accounts=gateway.accounts,
            broker=gateway.broker,
            directory=gateway.directory,
            market=gateway.market,
            memory=gateway.schedule,
            position_pnl=gateway.position_pnl,
            clock=clock,
            limits=limits,
            equity=SqliteEquity(home),
        ),
        strategies=strategies,
        ideas=idea_service(
            directory=gateway.directory,
            market=gateway.market,
            clock=clock,
            looks=looks,
            strategies=strategies,
        ),
        opportunities=opportunity_service(
            looks=looks,
            strategies=strategies,
            rehearse=execution.dry_run,
            options_level=settings.options_level,
        ),
        execution=execution,
        charts=FileCharts(home),
        audit=audit,
        options_level=settings.options_level,
        command=command_line(sys.executable, settings.sumppump_home),
        has_page=browser is not None,
        under_way=lambda orders: _under_way(gateway, execution, orders),
    )
    _forget_quotes(desk.market.quotes.cache, execution.conversation, gateway.broker)
    execution.conversation.moved.append(desk.market.chains.shelf.turn_to)
    sharing = LiveSharing(home, desk.market.live.board)
    engine.on_takeover.append(sharing.begin_soon)
    logger.info("SumpPump {} in mode {}", __version__, settings.trading_mode)
    return Program(
        settings=settings,
        desk=desk,
        gateway=gateway,
        execution=execution,
        engine=engine,
        journal=journal,
        audit=audit,
        inbox=inbox,
        browser=browser,
        seat=seat,
        sharing=sharing,
        shared=shared,
    )


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
        link, health = gateway.broker.link(), execution.health()
        is_connecting = not link.connected and link.reason in ("not started", "connecting")
        is_reading = orders and link.connected and health.writer and not health.reconciled
        if not is_connecting and not is_reading:
            return
        await asyncio.sleep(0.02)


def limits_of(settings: Settings) -> Limits:
    """The limits as a person has set them; what has no setting keeps its default.

    Raises:
        InvalidRequest: they contradict each other.
    """
    set_by_person = {each.name for each in fields(Limits)} & set(type(settings).model_fields)
    return Limits(**{name: getattr(settings, name) for name in set_by_person})


def _windows(settings: Settings) -> ExecutionSettings:
    return ExecutionSettings(
        ticket_life_s=settings.confirmation_timeout,
        typed_amount_above=settings.typed_amount_above,
        silent_s=settings.unknown_after,
    )


def _tws_settings(settings: Settings, read_only: bool, seat: WriterLock | None) -> TwsSettings:
    number = 0 if seat is None else int(seat.holder())
    return TwsSettings(
        host=settings.tws_host,
        port=settings.port,
        client_id=settings.tws_client_id + number,
        account=settings.tws_account or "",
        read_only=read_only,
        reads_along=seat is not None,
        line_limit=settings.market_data_lines,
        # The embedded exchange is on this machine: a second is a long time there.
        backoff_min_s=0.25 if settings.own_exchange else 1.0,
        symbols=SHARES if settings.own_exchange else (),
    )


def _gate(settings: Settings, gateway: TwsGateway, read_only: bool) -> Callable[[], WriteGate]:
    environment = _ENVIRONMENTS[settings.trading_mode]

    def gate() -> WriteGate:
        if settings.sumppump_approval is ApprovalMode.AUTO and environment is not Environment.SIM:
            return WriteGate(
                allowed=False,
                code="auto_needs_simulator",
                reason="SUMPPUMP_APPROVAL=auto works with a simulator account only, so nothing is sent",
                next_step="Set SUMPPUMP_APPROVAL=page.",
            )
        link = gateway.broker.link()
        return write_gate(
            ModeFacts(
                environment=environment,
                port=link.port,
                account=link.account,
                expected_account=settings.tws_account or "",
                orders_enabled=settings.orders_enabled,
                acknowledged=settings.acknowledgement.is_file(),
                read_only=read_only,
                is_lost=link.was_connected and not link.connected,
            )
        )

    return gate
