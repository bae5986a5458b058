"""A desk whose services are hand-written: what a tool calls is written down, what it gets is scripted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.support.fake_broker import FakeBroker
from tests.support.fake_looks import fake_looks
from tests.support.fake_market import NOW, FakeClock, FakeDirectory, FakeMarket
from tests.support.fake_schedule import FakeSchedule
from tests.support.memory_watchlists import MemoryWatchlists

from sumppump.bootstrap.ideas import idea_service, opportunity_service
from sumppump.bootstrap.market import market_desk
from sumppump.bootstrap.portfolio import portfolio_desk
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.journal import TradeRecord
from sumppump.domain.orders import Environment, MarginPreview, Order, OrderState, OrderType
from sumppump.domain.tickets import Channel, PlannedOrder, Role, Ticket, TicketFacts, TicketKind
from sumppump.domain.trade import DUE
from sumppump.execution.dry_run import DryRun
from sumppump.execution.reports import Health, OrderReport, Outcome, TicketView, WorkingOrder
from sumppump.execution.service import ExecutionService
from sumppump.kernel.errors import ApprovalRefused, Breach, InvalidRequest, TicketGone
from sumppump.kernel.money import Money, Premium
from sumppump.portfolio.positions import PortfolioService
from sumppump.risk.limits import Limits
from sumppump.server.desk import Desk
from sumppump.session.conversation import Conversation
from sumppump.strategies.drafts import Draft, DraftBook
from sumppump.strategies.ideas.room import Room
from sumppump.strategies.service import StrategyService

CODE = "7KQ-M2X"
ACCOUNT = "SIM0000417"


@dataclass(slots=True)
class MemoryAudit:
    """Audit rows in a list."""

    rows: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def record(self, kind: str, facts: Mapping[str, Any], *, durable: bool = False) -> int:
        self.rows.append((kind, facts))
        return len(self.rows)

    def head(self) -> tuple[str, int, str]:
        return ("memory", len(self.rows), "")

    def recent(self, count: int) -> Sequence[Mapping[str, Any]]:
        numbered = enumerate(self.rows, 1)
        return [{"log": "memory", "seq": n, "at": "", "kind": k, "facts": f} for n, (k, f) in numbered][
            -count:
        ]

    def close(self) -> None:
        return None


@dataclass(slots=True)
class MemoryCharts:
    """Pictures in a mapping."""

    pictures: dict[str, bytes] = field(default_factory=dict)

    def directory(self) -> str:
        return "/charts"

    def path(self, name: str) -> str:
        return f"/charts/{name}.png"

    def write_png(self, name: str, content: bytes) -> str:
        self.pictures[name] = content
        return self.path(name)


def option(strike: int = 500, right: Right = Right.CALL, con_id: int = 1) -> OptionContract:
    return OptionContract(
        con_id=con_id,
        symbol="SPY",
        right=right,
        strike=Decimal(strike),
        expiry=date(2026, 12, 18),
        last_trade=datetime(2026, 12, 18, 21, 15, tzinfo=UTC),
        multiplier=100,
    )


SPREAD = Combo((Leg(contract=option(500), ratio=1), Leg(contract=option(505, con_id=2), ratio=-1)))


def order(ref: str = "SP1-00000000000000000000000001") -> Order:
    return Order(
        combo=SPREAD,
        quantity=1,
        order_type=OrderType.LMT,
        limit=Premium.of("2.13"),
        account=ACCOUNT,
        environment=Environment.SIM,
        order_ref=ref,
    )


def ticket(
    ticket_id: str = "tkt_1",
    *,
    kind: TicketKind = TicketKind.OPEN,
    environment: Environment = Environment.SIM,
    typed: Money | None = None,
) -> Ticket:
    return Ticket(
        ticket_id=ticket_id,
        kind=kind,
        strategy_id="drf_1",
        position_id="pos_1",
        target_ref=order().order_ref if kind in (TicketKind.MODIFY, TicketKind.CANCEL_STOP) else "",
        orders=(PlannedOrder(role=Role.MAIN, order=order()),),
        facts=TicketFacts(
            title="Bull call spread · SPY · 1×",
            action_words="Buy 1 bull call spread on SPY",
            strategy="bull_call_spread",
            symbol="SPY",
            legs=(),
            cash_words="you PAY $213.00",
            price_words="limit 2.13 debit per share",
            cash=Money.of(213),
            max_loss=Money.of(213),
            max_profit=Money.of(287),
            breakevens=(Decimal("502.13"),),
        ),
        environment=environment,
        account=ACCOUNT,
        boot_id="boot",
        created_at=NOW,
        created=1000.0,
        expires=1300.0,
        life_s=300.0,
        typed_amount=typed,
    )


class FakeExecution(ExecutionService):
    """Tickets in memory; CODE approves, an approval fills at once."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.sent: list[str] = []
        self.board: dict[str, TicketView] = {}
        self.condition = Health(reconciled=True)
        self.environment = Environment.SIM
        self.typed: Money | None = None
        self.working: Sequence[WorkingOrder] = ()
        self.trade_rows: Sequence[TradeRecord] = ()
        self.conversation = Conversation()
        self.breaches: tuple[Breach, ...] = ()
        self.margin: MarginPreview | None = None

    def _make(self, kind: TicketKind, **said: Any) -> Ticket:
        self.calls.append((kind.value, said))
        made = ticket(f"tkt_{len(self.board) + 1}", kind=kind, environment=self.environment, typed=self.typed)
        waiting = OrderReport(
            state=OrderState.AWAIT_HUMAN, evidence="It waits for a person.", ticket_id=made.ticket_id
        )
        self.board[made.ticket_id] = TicketView(
            ticket=made, state=waiting.state, digest=made.digest(), seconds_left=300.0, report=waiting
        )
        return made

    async def rehearse(self, drafts: Sequence[Draft]) -> tuple[DryRun, ...]:
        return tuple(
            DryRun(
                order=replace(order(), combo=draft.combo, limit=draft.limit_price),
                breaches=self.breaches,
                margin=self.margin,
                figures=None,
            )
            for draft in drafts
        )

    async def room(self) -> Room | None:
        return None

    async def stage_open(self, draft: Any, **said: Any) -> Ticket:
        return self._make(TicketKind.OPEN, draft=draft, **said)

    async def stage_close(self, position_id: str, **said: Any) -> Ticket:
        return self._make(TicketKind.CLOSE, position_id=position_id, **said)

    async def stage_stop(self, position_id: str, **said: Any) -> Ticket:
        return self._make(TicketKind.STOP, position_id=position_id, **said)

    async def stage_modify(self, order_id: int | str, **said: Any) -> Ticket:
        return self._make(TicketKind.MODIFY, order_id=order_id, **said)

    async def approve(
        self,
        ticket_id: str,
        channel: Channel,
        *,
        code: str | None = None,
        amount: str | None = None,
        digest: str | None = None,
    ) -> Outcome:
        self.calls.append(("approve", (ticket_id, channel, code, amount)))
        view = self.ticket(ticket_id)
        if view.state is OrderState.AWAIT_HUMAN:
            if channel is Channel.CODE and code != CODE:
                raise ApprovalRefused("this is not the code of the ticket", next_steps=["Ask the person."])
            self.sent.append(ticket_id)
            view = self._filled(view)
        return Outcome(
            state=view.state, message="Filled.", ticket_id=ticket_id, report=view.report, replayed=True
        )

    def _filled(self, view: TicketView) -> TicketView:
        report = OrderReport(
            state=OrderState.FILLED,
            evidence="Executions sum up to the quantity.",
            ticket_id=view.ticket.ticket_id,
            order_ref=order().order_ref,
            order_id=12,
            perm_ids=(900,),
            quantity=1,
            filled=Decimal(1),
            avg_fill_price=Premium.of("2.13"),
            order=order(),
            next_steps=("Set a stop (trade_set_stop_loss).",),
        )
        done = replace(view, state=OrderState.FILLED, seconds_left=0.0, report=report)
        self.board[view.ticket.ticket_id] = done
        return done

    async def decline_stop(self, position_id: str, reason: str) -> Outcome:
        self.calls.append(("decline_stop", (position_id, reason)))
        return Outcome(state=OrderState.DECLINED, message=f"No stop on {position_id}: {reason}.")

    async def cancel(self, order_id: int | str) -> Outcome:
        self.calls.append(("cancel", order_id))
        if order_id == 13:
            made = self._make(TicketKind.CANCEL_STOP, order_id=order_id)
            return Outcome(state=OrderState.AWAIT_HUMAN, message="A stop needs approval.", ticket=made)
        return Outcome(state=OrderState.CANCELLED, message=f"Order {order_id} is cancelled.")

    async def cancel_all(self) -> Sequence[Outcome]:
        return [await self.cancel(12)]

    async def kill(self, reason: str, *, everything: bool = False) -> Outcome:
        self.calls.append(("kill", reason))
        self.condition = replace(self.condition, killed=reason)
        return Outcome(state=OrderState.CANCELLED, message="Cancelled 1 working order.")

    def status(self, key: int | str) -> OrderReport:
        if isinstance(key, str) and key in self.board:
            return self.board[key].report
        if key in (12, 13, order().order_ref):
            return OrderReport(state=OrderState.LIVE, evidence="openOrder", order_ref=order().order_ref)
        raise InvalidRequest(f"nothing is known under {key!r}", code="unknown_order")

    def tickets(self) -> Sequence[TicketView]:
        return list(reversed(self.board.values()))

    def ticket(self, ticket_id: str) -> TicketView:
        if ticket_id not in self.board:
            raise TicketGone(f"there is no ticket {ticket_id!r}")
        return self.board[ticket_id]

    async def open_orders(self) -> Sequence[WorkingOrder]:
        return self.working

    def trades(self) -> Sequence[TradeRecord]:
        return self.trade_rows

    def due(self, trade: TradeRecord) -> str:
        return DUE[trade.state]

    def health(self) -> Health:
        return self.condition


def desk(execution: ExecutionService, audit: MemoryAudit, clock: FakeClock) -> Desk:
    """Real services on a small listed market, the execution given, nothing on a wire."""
    directory, market, broker = FakeDirectory(), FakeMarket(clock=clock), FakeBroker()
    looks = market_desk(
        directory=directory,
        market=market,
        looks=fake_looks(),
        memory=FakeSchedule(),
        clock=clock,
        link=broker.link,
        lists=MemoryWatchlists(),
    )
    strategies = StrategyService(
        directory=directory, market=market, clock=clock, drafts=DraftBook(clock.monotonic)
    )
    return Desk(
        environment=Environment.SIM,
        clock=clock,
        broker=broker,
        market=looks,
        portfolio=portfolio_desk(
            holdings=PortfolioService(accounts=broker, directory=directory, market=market, clock=clock),
            accounts=broker,
            broker=broker,
            directory=directory,
            market=market,
            memory=FakeSchedule(),
            clock=clock,
            limits=Limits(),
        ),
        strategies=strategies,
        ideas=idea_service(
            directory=directory,
            market=market,
            clock=clock,
            looks=looks,
            strategies=strategies,
            objections=execution.objections,
            room=execution.room,
        ),
        opportunities=opportunity_service(
            looks=looks, strategies=strategies, rehearse=execution.rehearse, options_level=4
        ),
        execution=execution,
        charts=MemoryCharts(),
        audit=audit,
    )
