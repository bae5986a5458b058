"""The whole program in one loop: embedded exchange, real socket, real gateway, journal on disk, MCP server.

Only two things are played: the host, by the SDK's client, and the person, who sees the codes.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from mcp import Client
from mcp_types import CallToolResult
from tests.support.fake_schedule import FakeSchedule
from tests.support.memory_watchlists import MemoryWatchlists

from sumppump.bootstrap.ideas import idea_service, opportunity_service
from sumppump.bootstrap.market import Looks, market_desk
from sumppump.bootstrap.portfolio import portfolio_desk
from sumppump.domain.orders import Environment
from sumppump.domain.tickets import Ticket
from sumppump.exchange.control import Plain
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.execution.desk import TradingDesk
from sumppump.execution.engine import Engine
from sumppump.execution.ledger import Ledger
from sumppump.execution.service import ExecutionService
from sumppump.execution.settings import ExecutionSettings
from sumppump.portfolio.positions import PortfolioService
from sumppump.risk.limits import Limits
from sumppump.risk.modes import ModeFacts, WriteGate, write_gate
from sumppump.risk.order_stress import OrderStresser
from sumppump.risk.policy import RiskPolicy
from sumppump.server.app import DeskServer, build_server
from sumppump.server.desk import Desk
from sumppump.store.audit import FileAudit
from sumppump.store.charts import FileCharts
from sumppump.store.equity import SqliteEquity
from sumppump.store.inbox import SqliteInbox
from sumppump.store.journal import SqliteJournal
from sumppump.store.kill_flag import FileKillFlag
from sumppump.strategies.drafts import DraftBook
from sumppump.strategies.service import StrategyService
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings


@dataclass(slots=True)
class Person:
    """Who is shown the tickets, and the only one who sees the codes."""

    codes: dict[str, str] = field(default_factory=dict)

    def present(self, ticket: Ticket, code: str) -> None:
        self.codes[ticket.ticket_id] = code

    def withdraw(self, ticket_id: str) -> None:
        return None


@dataclass(slots=True)
class Stack:
    """A running program and its exchange."""

    exchange: EmbeddedServer
    gateway: TwsGateway
    desk: Desk
    server: DeskServer
    person: Person
    home: Path
    said: list[str] = field(default_factory=list)

    def drop_connections(self) -> None:
        """Cut every client of the exchange off."""
        self.exchange.run(Plain.DROP)

    def placed(self) -> int:
        """Orders that the exchange has ever accepted: the ground truth."""
        return len(self.exchange.venue.open_orders()) + len(self.exchange.venue.completed_orders())


@dataclass(slots=True)
class Host:
    """A conversation; every answer is kept as a model would have seen it."""

    stack: Stack
    client: Client

    async def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured answer, refusals included."""
        result = await self.client.call_tool(tool, arguments)
        assert isinstance(result, CallToolResult)
        text = "".join(part.text for part in result.content if part.type == "text")
        self.stack.said.append(text)
        assert text.startswith("SIM · ")
        assert result.structured_content is not None
        return dict(result.structured_content)

    async def until(
        self, tool: str, holds: Callable[[dict[str, Any]], object], **arguments: Any
    ) -> dict[str, Any]:
        """Ask again and again until the answer is as wanted."""
        answer: dict[str, Any] = {}
        with anyio.move_on_after(30):
            # A host has nothing but asking again.
            while not holds(answer := await self.ask(tool, **arguments)):  # noqa: ASYNC110
                await anyio.sleep(0.1)
        assert holds(answer), answer
        return answer

    async def approve(self, ticket_id: str) -> dict[str, Any]:
        """The person types the code in the chat."""
        code = self.stack.person.codes[ticket_id]
        return await self.ask("trade_execute", ticket_id=ticket_id, confirm_token=code)


@asynccontextmanager
async def running(
    home: Path, *, auto: bool = False, exchange: EmbeddedServer | None = None, client_id: int = 17
) -> AsyncIterator[Stack]:
    """The program on an exchange of its own, or on one that already runs."""
    venue = exchange or EmbeddedServer(SimSettings(idle_exit_s=None))
    if exchange is None:
        await venue.start()
    gateway = TwsGateway(TwsSettings(port=venue.port, client_id=client_id, backoff_min_s=0.05))
    stack = _assembled(venue, gateway, home, auto=auto)
    await gateway.start()
    await stack.desk.execution.start()
    try:
        yield stack
    finally:
        await stack.desk.execution.stop()
        await gateway.stop()
        if exchange is None:
            await venue.close()


@asynccontextmanager
async def talking(stack: Stack, mode: str = "auto", **options: Any) -> AsyncIterator[Host]:
    """A host's conversation, once the program has found its exchange."""
    problem: BaseException | None = None
    async with Client(stack.server, mode=mode, **options) as client:
        host = Host(stack, client)
        await host.until("trade_get_session_status", lambda answer: answer["connected"])
        try:
            yield host
        except BaseException as error:  # noqa: BLE001 - raised again outside the client's task groups
            problem = error
    if problem is not None:
        raise problem


def _assembled(venue: EmbeddedServer, gateway: TwsGateway, home: Path, *, auto: bool) -> Stack:
    clock, directory, market = gateway.clock, gateway.directory, gateway.market
    broker, accounts, person = gateway.broker, gateway.accounts, Person()
    settings = ExecutionSettings(
        round_times_s=(0.0, 0.2, 0.5), absent_span_s=0.3, settle_after_reconnect_s=0.0
    )
    journal = SqliteJournal(home)
    audit = FileAudit(home, boot_id=journal.boot_id)

    def gate() -> WriteGate:
        return write_gate(
            ModeFacts(environment=Environment.SIM, port=venue.port, account=broker.link().account)
        )

    engine = Engine(
        broker=broker,
        accounts=accounts,
        ledger=Ledger(journal, audit, clock, version="test"),
        flag=FileKillFlag(home),
        settings=settings,
        writes_off=lambda: gate().reason,
    )
    limits = Limits(options_level=3)
    portfolio = PortfolioService(
        accounts=accounts,
        directory=directory,
        market=market,
        clock=clock,
        book=lambda: engine.ledger.book,
    )
    strategies = StrategyService(
        directory=directory, market=market, clock=clock, drafts=DraftBook(clock.monotonic)
    )
    execution = ExecutionService(
        TradingDesk(
            environment=Environment.SIM,
            clock=clock,
            broker=broker,
            accounts=accounts,
            market=market,
            directory=directory,
            strategies=strategies,
            portfolio=portfolio,
            policy=RiskPolicy(limits),
            engine=engine,
            people=person,
            inbox=SqliteInbox(home),
            gate=gate,
            settings=settings,
            boot_mono=time.monotonic(),
            stress=OrderStresser(portfolio=portfolio, directory=directory, market=market, clock=clock),
            auto_approve=auto,
        )
    )
    seen = market_desk(
        directory=directory,
        market=market,
        looks=Looks(depth=gateway.depth, tape=gateway.tape, news=gateway.news, scanner=gateway.scanner),
        memory=FakeSchedule(),
        clock=clock,
        link=broker.link,
        lists=MemoryWatchlists(),
    )
    desk = Desk(
        environment=Environment.SIM,
        clock=clock,
        broker=broker,
        market=seen,
        portfolio=portfolio_desk(
            holdings=portfolio,
            accounts=accounts,
            broker=broker,
            directory=directory,
            market=market,
            memory=FakeSchedule(),
            clock=clock,
            limits=limits,
            equity=SqliteEquity(home),
        ),
        strategies=strategies,
        ideas=idea_service(
            directory=directory,
            market=market,
            clock=clock,
            looks=seen,
            strategies=strategies,
            objections=execution.objections,
            room=execution.room,
        ),
        opportunities=opportunity_service(
            looks=seen, strategies=strategies, rehearse=execution.rehearse, options_level=4
        ),
        execution=execution,
        charts=FileCharts(home),
        audit=audit,
    )
    return Stack(venue, gateway, desk, build_server(desk, calls_per_minute=100_000), person, home)
