"""The program under test on virtual time: the real engine, decider and closer on a fake venue and disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, cast

from tests.crash.disk import Disk, DiskFlag, DiskJournal, MemoryAudit, MemoryInbox, Point
from tests.support.fake_broker import FakeBroker
from tests.support.fake_market import MONTH, SPY, FakeDirectory, make_option
from tests.support.fake_venue import FakeVenue

from sumppump.domain.account import AccountFigures
from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import Instrument, Right
from sumppump.domain.orders import Environment, Order, OrderType, Purpose, TimeInForce
from sumppump.domain.quotes import Bar, Quote
from sumppump.domain.tickets import PlannedOrder, Role, Ticket, TicketKind
from sumppump.execution.desk import TradingDesk
from sumppump.execution.engine import Engine
from sumppump.execution.ledger import Ledger
from sumppump.execution.service import ExecutionService
from sumppump.execution.settings import ExecutionSettings
from sumppump.execution.sheets import Wording, order_facts
from sumppump.execution.staging import Content
from sumppump.execution.survey import Bounds, Survey
from sumppump.kernel.clock import Clock
from sumppump.kernel.money import Money, Premium
from sumppump.ports.broker import SentFrame
from sumppump.risk.limits import Limits
from sumppump.risk.modes import WriteGate
from sumppump.risk.policy import RiskPolicy

LONG = make_option(SPY, MONTH, 600, Right.CALL)
SHORT = make_option(SPY, MONTH, 605, Right.CALL)
SPREAD = Combo((Leg(contract=LONG, ratio=1), Leg(contract=SHORT, ratio=-1)))
CALL = Combo((Leg(contract=LONG, ratio=1),))
PRICES = {SPY.con_id: "600.00", LONG.con_id: "10.00", SHORT.con_id: "8.00"}

FAST = ExecutionSettings(
    heartbeat_s=0.5,
    silent_s=1.0,
    ack_wait_s=0.5,
    round_times_s=(0.0, 1.0, 2.0, 4.0, 8.0),
    read_timeout_s=2.0,
    absent_span_s=5.0,
    cancel_confirm_s=2.0,
    close_fill_s=3.0,
    kill_retry_s=0.5,
    settle_after_reconnect_s=0.5,
)


class StillMarket:
    """Quotes that never move unless a test moves them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.prices = {con_id: Decimal(price) for con_id, price in PRICES.items()}

    async def quotes(self, instruments: Sequence[Instrument], **_: object) -> Sequence[Quote]:
        return [self.quote(each) for each in instruments]

    def quote(self, instrument: Instrument) -> Quote:
        price = self.prices[instrument.con_id]
        return Quote(
            instrument=instrument,
            as_of=self._clock.now(),
            taken=self._clock.monotonic(),
            bid=Premium(price - Decimal("0.05")),
            ask=Premium(price + Decimal("0.05")),
        )

    async def bars(self, instrument: Instrument, **_: object) -> Sequence[Bar]:
        return ()

    def lines(self) -> tuple[int, int]:
        return 0, 100


class PlainMathematics:
    """Instead of a StrategyService: the worst loss of a combo is what it costs."""

    async def analyse(self, combo: Combo, *, quantity: int, premium: Premium, **_: object) -> Bounds:
        return Bounds(max_loss=abs(combo.cash(premium, quantity=quantity)), permission_level=2)


class FakePeople:
    """Where tickets are shown; remembers the codes, as a person's eyes would."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.shown: list[str] = []

    def present(self, ticket: Ticket, code: str) -> None:
        self.codes[ticket.ticket_id] = code
        self.shown.append(ticket.ticket_id)

    def withdraw(self, ticket_id: str) -> None:
        self.codes.pop(ticket_id, None)


@dataclass(slots=True, eq=False)
class ClockedBroker(FakeBroker):
    """A FakeBroker whose account figures are as young as they look."""

    clock: Clock = field(kw_only=True)
    point: Point = field(kw_only=True)

    def transmit(self, frame: bytes, order_id: int) -> SentFrame:
        self.point("before write")
        sent = FakeBroker.transmit(self, frame, order_id)
        self.point("after write")
        return sent

    def transmit_cancel(self, order_id: int) -> SentFrame:
        self.point("before cancel write")
        sent = FakeBroker.transmit_cancel(self, order_id)
        self.point("after cancel write")
        return sent

    async def figures(self) -> AccountFigures:
        found = await FakeBroker.figures(self)
        now = self.clock.monotonic()
        return replace(found, taken=now, daily_pnl_taken=now)


class Program:
    """One process of SumpPump."""

    def __init__(
        self,
        clock: Clock,
        venue: FakeVenue,
        disk: Disk,
        *,
        settings: ExecutionSettings = FAST,
        environment: Environment = Environment.SIM,
        auto: bool = False,
        inbox: MemoryInbox | None = None,
        limits: Limits | None = None,
        point: Point = lambda where: None,
    ) -> None:
        self.clock, self.venue, self.disk = clock, venue, disk
        self.broker = ClockedBroker(venue, clock=clock, point=point)
        self.market = StillMarket(clock)
        self.people = FakePeople()
        self.inbox = inbox or MemoryInbox()
        self.journal = DiskJournal(disk, point)
        self.audit = MemoryAudit()
        self.ledger = Ledger(self.journal, self.audit, clock, version="test")
        self.gate = WriteGate(allowed=True)
        self.engine = Engine(
            broker=self.broker,
            accounts=self.broker,
            ledger=self.ledger,
            flag=DiskFlag(disk),
            settings=settings,
            writes_off=lambda: self.gate.reason,
        )
        self.directory = FakeDirectory()
        nobody = cast(Any, None)
        self.desk = TradingDesk(
            environment=environment,
            clock=clock,
            broker=self.broker,
            accounts=self.broker,
            market=self.market,
            directory=self.directory,
            strategies=cast(Any, PlainMathematics()),
            portfolio=nobody,
            policy=RiskPolicy(limits or Limits(similar_window=1.0, duplicate_window=0.5)),
            engine=self.engine,
            people=self.people,
            inbox=self.inbox,
            gate=lambda: self.gate,
            settings=settings,
            boot_mono=clock.monotonic(),
            auto_approve=auto,
        )
        self.service = ExecutionService(self.desk)

    async def start(self) -> None:
        await self.service.start()
        await self.ledger.until(lambda: self.engine.gates.reconciled, 30.0)

    # --- tickets made by hand: no mathematics, so that a run costs a millisecond ---------------

    def order(self, combo: Combo = SPREAD, limit: str = "2.00", quantity: int = 1, **more: Any) -> Order:
        facts: dict[str, Any] = {
            "order_type": OrderType.LMT, "tif": TimeInForce.DAY, "purpose": Purpose.OPEN,
            "account": self.venue.account, "environment": Environment.SIM,
            "order_ref": self.ledger.new_ref(),
        }  # fmt: skip
        return Order(combo=combo, quantity=quantity, limit=Premium.of(limit), **(facts | more))

    def content(
        self, *orders: tuple[Role, Order], kind: TicketKind = TicketKind.OPEN, **more: Any
    ) -> Content:
        main = orders[0][1]
        quotes = {
            each.con_id: self.market.quote(each) for each in (SPY, *(leg.contract for leg in main.combo.legs))
        }
        survey = Survey(underlying=SPY, quotes=quotes, positions=())
        words = Wording(title="Test order", action="Test.", strategy="test")
        facts = order_facts(main, survey, words, ())
        loss = Money.of("200.00") if kind is TicketKind.OPEN else None
        return Content(
            kind=kind,
            strategy_id=more.pop("strategy_id", "stg_1"),
            orders=tuple(PlannedOrder(role=role, order=order) for role, order in orders),
            facts=replace(facts, max_loss=loss),
            bounds=Bounds(max_loss=loss or Money.of(0), permission_level=2),
            underlying_id=SPY.con_id,
            **more,
        )

    def issue(self, content: Content) -> Ticket:
        async def wish() -> Content:
            return content

        return self.service._tickets.issue(content, wish, asked=content.orders[0].order.order_ref)

    def open_ticket(self, **order: Any) -> Ticket:
        return self.issue(self.content((Role.MAIN, self.order(**order))))

    def bracket_ticket(self) -> Ticket:
        main = self.order()
        child = {
            "combo": SPREAD.reversed, "protects": main.order_ref, "parent_ref": main.order_ref,
            "oca_group": "OCA-1", "tif": TimeInForce.GTC,
        }  # fmt: skip
        target = self.order(limit="-3.00", purpose=Purpose.TARGET, **child)
        stop = self.order(
            limit="-0.90",
            stop=Premium.of("-1.00"),
            order_type=OrderType.STP_LMT,
            purpose=Purpose.STOP,
            **child,
        )
        return self.issue(self.content((Role.MAIN, main), (Role.TARGET, target), (Role.STOP, stop)))
