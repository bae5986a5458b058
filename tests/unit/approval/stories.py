"""Tickets for tests of the channels: what execution would hand over, with nothing behind it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.orders import (
    Environment,
    MarginPreview,
    Order,
    OrderState,
    OrderType,
    Purpose,
    TimeInForce,
)
from sumppump.domain.tickets import (
    Channel,
    EarlierCurve,
    ExitFacts,
    LegFacts,
    OrderGreeks,
    PlannedOrder,
    Role,
    RuleMargin,
    StressRow,
    Ticket,
    TicketFacts,
    TicketKind,
)
from sumppump.execution.reports import OrderReport, Outcome, TicketView
from sumppump.kernel.errors import SumpPumpError, TicketGone
from sumppump.kernel.money import Money, Premium

NOON = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
EXPIRY = date(2026, 12, 18)
CODE = "K7Q-2MD"
ACCOUNT = "SIM1234417"


def option(strike: str, right: Right = Right.CALL, *, con_id: int = 0, symbol: str = "SPY") -> OptionContract:
    return OptionContract(
        con_id=con_id or int(Decimal(strike) * 10) + (0 if right is Right.CALL else 1),
        symbol=symbol,
        right=right,
        strike=Decimal(strike),
        expiry=EXPIRY,
        last_trade=datetime(2026, 12, 18, 21, tzinfo=UTC),
        multiplier=100,
    )


def leg_facts(leg: Leg, quantity: int) -> LegFacts:
    contract = leg.contract
    assert isinstance(contract, OptionContract)
    return LegFacts(
        con_id=contract.con_id,
        label=contract.label,
        side="BUY" if leg.ratio > 0 else "SELL",
        ratio=abs(leg.ratio),
        quantity=abs(leg.ratio) * quantity,
        right=contract.right,
        strike=contract.strike,
        expiry=contract.expiry,
    )


def order_of(combo: Combo, limit: str, *, quantity: int = 1, ref: str = "SP1-MAIN") -> Order:
    return Order(
        combo=combo,
        quantity=quantity,
        order_type=OrderType.LMT,
        limit=Premium.of(limit),
        account=ACCOUNT,
        environment=Environment.SIM,
        order_ref=ref,
    )


def ticket_of(order: Order, facts: TicketFacts, **changes: object) -> Ticket:
    ticket = Ticket(
        ticket_id="tkt_4Q8ZT1M0WXB7KD29",
        kind=TicketKind.OPEN,
        strategy_id="str_1",
        orders=(PlannedOrder(role=Role.MAIN, order=order),),
        facts=facts,
        environment=Environment.SIM,
        account=ACCOUNT,
        boot_id="boot",
        created_at=NOON,
        created=100.0,
        expires=400.0,
        life_s=300.0,
    )
    return replace(ticket, **changes)  # type: ignore[arg-type]


STRESS = tuple(
    StressRow(name=name, held=Money.of(held), with_order=Money.of(with_order))
    for name, held, with_order in (
        ("−20 %", "-124550.20", "-131100.10"),
        ("−10 %", "-61200", "-67750.4"),
        ("+10 %", "58400", "51850"),
        ("vol +10", "-3100", "-5240"),
    )
)


def _points(*of: tuple[float, float]) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple((Decimal(str(price)), Decimal(str(cash))) for price, cash in of)


def _earlier(label: str, *of: tuple[float, float]) -> EarlierCurve:
    return EarlierCurve(label=label, points=_points(*of))


def bull_call_spread(**changes: object) -> Ticket:
    """One bull call spread on SPY for 2.13 debit: 213 dollars at most, 287 to gain."""
    combo = Combo((Leg(contract=option("690"), ratio=1), Leg(contract=option("695"), ratio=-1)))
    facts = TicketFacts(
        title="Bull call spread · SPY · 1×",
        action_words=f"Open 1 bull call spread on SPY: {combo.words()}.",
        strategy="bull_call_spread",
        symbol="SPY",
        legs=tuple(leg_facts(leg, 1) for leg in combo.legs),
        cash_words="you PAY at most $213.00 (2.13 per share)",
        price_words="limit 2.13 debit, LMT DAY",
        cash=Money.of("213"),
        net_bid=Premium.of("2.09"),
        net_mid=Premium.of("2.13"),
        net_ask=Premium.of("2.17"),
        spot=Decimal("689.42"),
        max_loss=Money.of("213"),
        max_profit=Money.of("287"),
        breakevens=(Decimal("692.13"),),
        probability_of_profit=0.437,
        greeks=OrderGreeks(delta=7.2, gamma=0.31, theta=-2.41, vega=4.18),
        margin=_margin("213", "213"),
        fees=Money.of("1.30"),
        payoff=_points((660, -213), (690, -213), (692.13, 0), (695, 287), (720, 287)),
        earlier=(
            _earlier("today", (660, -120), (680, -35), (690, 8), (700, 60), (720, 140)),
            _earlier("half-way", (660, -165), (680, -60), (690, 10), (700, 95), (720, 200)),
        ),
        likely=(Decimal("664.10"), Decimal("715.70")),
        quote_taken=98.8,
        stress=STRESS,
        quote_as_of=NOON,
    )
    return ticket_of(order_of(combo, "2.13"), facts, **changes)


def iron_condor(**changes: object) -> Ticket:
    """Ten iron condors with target and stop, warnings and a typed amount: as much as one screen must hold."""
    wings = (
        (option("640", Right.PUT), 1),
        (option("650", Right.PUT), -1),
        (option("725"), -1),
        (option("735"), 1),
    )
    combo = Combo(tuple(Leg(contract=contract, ratio=ratio) for contract, ratio in wings))
    main = order_of(combo, "-3.45", quantity=10)
    closing = replace(
        main, combo=combo.reversed, purpose=Purpose.TARGET, order_ref="SP1-TARGET", tif=TimeInForce.GTC
    )
    target = replace(closing, limit=Premium.of("1.73"))
    stop = replace(
        closing,
        order_type=OrderType.STP_LMT,
        stop=Premium.of("6.90"),
        limit=Premium.of("7.59"),
        purpose=Purpose.STOP,
        order_ref="SP1-STOP",
    )
    facts = TicketFacts(
        title="Iron condor · SPY · 10×",
        action_words=f"Open 10 iron condor on SPY: {combo.words()}.",
        strategy="iron_condor",
        symbol="SPY",
        legs=tuple(leg_facts(leg, 10) for leg in combo.legs),
        cash_words="you RECEIVE at least $3,450.00 (3.45 per share)",
        price_words="limit 3.45 credit, LMT DAY",
        cash=Money.of("-3450"),
        net_bid=Premium.of("-3.55"),
        net_mid=Premium.of("-3.45"),
        net_ask=Premium.of("-3.35"),
        spot=Decimal("689.42"),
        max_loss=Money.of("6550"),
        max_profit=Money.of("3450"),
        breakevens=(Decimal("646.55"), Decimal("728.45")),
        probability_of_profit=0.683,
        greeks=OrderGreeks(delta=-3.4, gamma=-1.92, theta=61.3, vega=-214.6),
        margin=_margin("6550", "21840.55"),
        fees=Money.of("26.40"),
        payoff=_points((610, -6550), (640, -6550), (650, 3450), (725, 3450), (735, -6550), (765, -6550)),
        earlier=(
            _earlier("today", (610, -4900), (640, -1900), (665, 150), (690, 420), (725, -1300), (765, -5000)),
            _earlier(
                "half-way", (610, -5900), (640, -2600), (665, 900), (690, 1600), (725, -1200), (765, -6100)
            ),
        ),
        likely=(Decimal("657.30"), Decimal("723.10")),
        quote_taken=98.8,
        stress=STRESS,
        quote_as_of=NOON,
        stress_note="without ES 2026-12-18 future and 2 more",
        events=(
            "Ex-dividend 2026-12-18, 1.80 a share",
            "725C: early assignment 12% likely, above 727.40 at the close of 2026-12-17",
        ),
        rule_margin=RuleMargin(
            initial_before=Money.of("15290.55"),
            initial_after=Money.of("21840.55"),
            maintenance_before=Money.of("15290.55"),
            maintenance_after=Money.of("21840.55"),
        ),
        warnings=("The stop is a limit order: in a fast market it may not be filled.",),
    )
    return ticket_of(
        main,
        facts,
        orders=(
            PlannedOrder(role=Role.MAIN, order=main),
            PlannedOrder(role=Role.TARGET, order=target),
            PlannedOrder(role=Role.STOP, order=stop),
        ),
        **{"typed_amount": Money.of("6550"), **changes},
    )


def stop(**changes: object) -> Ticket:
    """A protective stop on a bull call spread that is held: it opens nothing; entered at 2.13."""
    combo = Combo((Leg(contract=option("690"), ratio=-1), Leg(contract=option("695"), ratio=1)))
    order = replace(
        order_of(combo, "-0.96", ref="SP1-STOP"),
        order_type=OrderType.STP_LMT,
        stop=Premium.of("-1.06"),
        tif=TimeInForce.GTC,
        purpose=Purpose.STOP,
    )
    facts = TicketFacts(
        title="Stop · SPY · 1×",
        action_words=f"Place a stop under 1 bull call spread on SPY: {combo.words()}.",
        strategy="stop",
        symbol="SPY",
        legs=tuple(leg_facts(leg, 1) for leg in combo.legs),
        cash_words="if it triggers, you RECEIVE at least $96.00 (0.96 per share)",
        price_words="stop 1.06 credit, limit 0.96 credit, STP LMT GTC",
        max_loss_reason="this order opens nothing new",
        max_profit_reason="this order opens nothing new",
        margin_reason="the broker's what-if gives none: no answer in time",
        stress_reason="what is held could not be quoted in time",
        entry=Premium.of("2.13"),
        exits=(
            ExitFacts(at="at the mid now", price=Premium.of("-2.20"), result=Money.of("7"), percent=3.29),
            ExitFacts(at="at the trigger", price=Premium.of("-1.06"), result=Money.of("-107"), percent=-50.2),
            ExitFacts(at="at the limit", price=Premium.of("-0.96"), result=Money.of("-117"), percent=-54.9),
        ),
    )
    return ticket_of(order, facts, **{"kind": TicketKind.STOP, **changes})


def stop_of_a_condor(**changes: object) -> Ticket:
    """A stop on ten iron condors with warnings: the fullest page that opens nothing."""
    condor = iron_condor()
    planned = condor.orders[-1]
    facts = replace(
        condor.facts,
        title="Stop for Iron condor · SPY · 10×",
        action_words="Guard 10 held, entered at 3.45 credit.",
        legs=tuple(leg_facts(leg, 10) for leg in planned.order.combo.legs),
        cash_words="if it triggers, you PAY at most $7,590.00 (7.59 per share)",
        price_words="stop 6.90 debit, limit 7.59 debit, STP LMT GTC",
        max_loss=None,
        max_loss_reason="this order opens nothing new",
        max_profit=None,
        probability_of_profit=None,
        breakevens=(),
        greeks=None,
        margin=None,
        payoff=(),
        entry=Premium.of("-3.45"),
        exits=(
            ExitFacts(at="at the mid now", price=Premium.of("3.60"), result=Money.of("-150"), percent=-4.3),
            ExitFacts(at="at the trigger", price=Premium.of("6.90"), result=Money.of("-3450"), percent=-100),
            ExitFacts(at="at the limit", price=Premium.of("7.59"), result=Money.of("-4140"), percent=-120),
        ),
        warnings=(
            "The stop moves away: $1,380.00 more can be lost than with the old one.",
            "A fast market can pass the limit of a stop; then it is not filled.",
        ),
        changes=("stop 5.52 debit → 6.90 debit", "limit 6.07 debit → 7.59 debit"),
    )
    return ticket_of(planned.order, facts, **{"kind": TicketKind.MODIFY, **changes})


def close(**changes: object) -> Ticket:
    """The close of two of three bull call spreads, entered at 2.13, for 2.98: a profit of 170."""
    combo = Combo((Leg(contract=option("690"), ratio=-1), Leg(contract=option("695"), ratio=1)))
    order = replace(order_of(combo, "-2.98", quantity=2, ref="SP1-CLOSE"), purpose=Purpose.CLOSE)
    facts = TicketFacts(
        title="Close Bull call spread · SPY · 3×",
        action_words="Close 2 of 3 held, entered at 2.13 debit.",
        strategy="close",
        symbol="SPY",
        legs=tuple(leg_facts(leg, 2) for leg in combo.legs),
        cash_words="you RECEIVE at least $596.00 (2.98 per share)",
        price_words="limit 2.98 credit, LMT DAY",
        cash=Money.of("-596"),
        net_bid=Premium.of("-3.17"),
        net_mid=Premium.of("-3.15"),
        net_ask=Premium.of("-3.13"),
        spot=Decimal("689.42"),
        max_loss_reason="this order opens nothing new",
        max_profit_reason="this order opens nothing new",
        margin_reason="the broker's what-if gives none: no answer in time",
        entry=Premium.of("2.13"),
        exits=(
            ExitFacts(at="at the mid now", price=Premium.of("-3.15"), result=Money.of("204"), percent=47.9),
            ExitFacts(at="at the limit", price=Premium.of("-2.98"), result=Money.of("170"), percent=39.9),
        ),
        quote_taken=98.8,
        stress=STRESS,
        quote_as_of=NOON,
    )
    return ticket_of(order, facts, **{"kind": TicketKind.CLOSE, **changes})


def cancel_of_a_stop(**changes: object) -> Ticket:
    """A ticket without any order: a working stop is to be taken away."""
    ticket = stop()
    facts = replace(
        ticket.facts,
        title="Cancel the stop · SPY · 1×",
        action_words="Cancel the working stop on SPY.",
        cash_words="no cash moves",
        max_loss_reason="without its stop the position can lose its whole max loss",
        warnings=("The position has NO STOP afterwards.",),
        exits=ticket.facts.exits[1:],
    )
    return replace(
        ticket,
        orders=(),
        facts=facts,
        kind=TicketKind.CANCEL_STOP,
        target_ref="SP1-STOP",
        **changes,  # type: ignore[arg-type]
    )


def _margin(change: str, after: str) -> MarginPreview:
    before = Money(Decimal(after) - Decimal(change))
    return MarginPreview(
        initial_before=before,
        initial_after=Money.of(after),
        maintenance_before=before,
        maintenance_after=Money.of(after),
        equity_with_loan_after=Money.of("249787"),
        commission=Money.of("1.30"),
    )


@dataclass
class FakeDecisions:
    """Execution without a broker: counts what it was asked, and can be told how to answer."""

    ticket_by_id: dict[str, Ticket] = field(default_factory=dict)
    state_by_id: dict[str, OrderState] = field(default_factory=dict)
    report_by_id: dict[str, OrderReport] = field(default_factory=dict)
    seconds_left: float = 272.0
    asked: list[tuple[str, str, str | None, str | None]] = field(default_factory=list)
    raises: Exception | None = None
    replacement: Ticket | None = None

    def add(self, ticket: Ticket, state: OrderState = OrderState.AWAIT_HUMAN) -> Ticket:
        self.ticket_by_id[ticket.ticket_id] = ticket
        self.state_by_id[ticket.ticket_id] = state
        return ticket

    def tickets(self) -> list[TicketView]:
        return [self.ticket(ticket_id) for ticket_id in self.ticket_by_id]

    def ticket(self, ticket_id: str) -> TicketView:
        if ticket_id not in self.ticket_by_id:
            raise TicketGone("no such ticket")
        ticket, state = self.ticket_by_id[ticket_id], self.state_by_id[ticket_id]
        report = self.report_by_id.get(ticket_id) or OrderReport(
            state=state, evidence="", ticket_id=ticket_id
        )
        left = self.seconds_left if state is OrderState.AWAIT_HUMAN else 0.0
        return TicketView(
            ticket=ticket, state=state, digest=ticket.digest(), seconds_left=left, report=report
        )

    async def approve(
        self,
        ticket_id: str,
        channel: Channel,
        *,
        code: str | None = None,
        amount: str | None = None,
        digest: str | None = None,
    ) -> Outcome:
        self.asked.append(("approve", ticket_id, amount, digest))
        if self.raises is not None:
            raise self.raises
        if self.replacement is not None:
            self.add(self.replacement)
            return self._turn(ticket_id, OrderState.SUPERSEDED, self.replacement)
        return self._turn(ticket_id, OrderState.SENDING)

    async def decline(self, ticket_id: str, channel: Channel) -> Outcome:
        self.asked.append(("decline", ticket_id, None, None))
        return self._turn(ticket_id, OrderState.DECLINED)

    def _turn(self, ticket_id: str, state: OrderState, ticket: Ticket | None = None) -> Outcome:
        self.state_by_id[ticket_id] = state
        return Outcome(state=state, message=f"the ticket is now {state}", ticket_id=ticket_id, ticket=ticket)


def failing(problem: SumpPumpError) -> FakeDecisions:
    return FakeDecisions(raises=problem)
