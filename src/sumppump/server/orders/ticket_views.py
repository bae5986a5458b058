"""Answers about tickets: all that the person is shown, never what only they may see."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pydantic import Field

from sumppump.domain.orders import MarginPreview, OrderState
from sumppump.domain.tickets import (
    ExitFacts,
    LegFacts,
    OrderGreeks,
    PlannedOrder,
    RuleMargin,
    StressRow,
    Ticket,
    TicketFacts,
)
from sumppump.execution.reports import TicketView
from sumppump.server.orders.order_views import (
    APPROVAL_REQUIRED,
    ReportView,
    filled_words,
    report_view,
    result_words,
)
from sumppump.server.views import Answer, QualityView, View, cash, num, quality_of

_UNTIL = "Nothing is sent until the person approves this ticket."
_PREVIEW = "This is a preview; it cannot be sent."

ALL_ALIKE = "every underlying moves by the same percent"


class TicketLegView(View):
    """One leg of what is asked; prices and Greeks per share."""

    con_id: int
    label: str
    side: str
    ratio: int
    quantity: int
    bid: float | None
    ask: float | None
    iv: float | None
    delta: float | None


class TicketGreeksView(View):
    """Sums over the order: shares, shares per 1, currency a day, currency a point."""

    delta: float | None
    gamma: float | None
    theta: float | None
    vega: float | None


class MarginView(View):
    """The broker's what-if in cash: before and after the order, and what it takes (+) or frees (-)."""

    initial_before: float | None
    initial_after: float | None
    initial_change: float | None
    maintenance_before: float | None
    maintenance_after: float | None
    maintenance_change: float | None
    equity_with_loan_after: float | None
    commission: float | None


class RuleMarginView(View):
    """Regulation T for the account in cash, without the order and with it filled: an estimate."""

    initial_before: float | None
    initial_after: float | None
    maintenance_before: float | None
    maintenance_after: float | None
    note: str


class PlannedOrderView(View):
    """An order of the family; prices per share, signed."""

    role: str
    order_type: str
    quantity: int
    limit_price: float | None
    stop_price: float | None
    tif: str
    order_ref: str


class ExitView(View):
    """What leaving at a price (signed, per share) makes of the position: cash before fees, + is profit."""

    at: str
    price: float | None
    result: float | None
    percent: float | None


class StressView(View):
    """P&L of the account if all prices move so, or all volatilities: as held, and with the order filled."""

    name: str
    held: float | None
    with_order: float | None


class TicketAnswer(Answer):
    """A ticket that waits for the person, or what became of it; only its page gets `payoff`, `earlier`."""

    status: str
    ticket_id: str
    strategy_id: str = ""
    message: str = ""
    action: str = ""
    cash_words: str = ""
    price_words: str = ""
    cash: float | None = None
    limit_price: float | None = None
    stop_price: float | None = None
    quantity: int = 0
    max_loss: float | None = None
    max_loss_reason: str = ""
    max_profit: float | None = None
    max_profit_reason: str = ""
    breakevens: list[float | None] = Field(default_factory=list)
    probability_of_profit: float | None = None
    probability_reason: str = ""
    net_bid: float | None = None
    net_mid: float | None = None
    net_ask: float | None = None
    spot: float | None = None
    entry_price: float | None = None
    exits: list[ExitView] = Field(default_factory=list)
    fees: float | None = None
    fees_note: str = ""
    greeks: TicketGreeksView | None = None
    margin: MarginView | None = None
    margin_reason: str = ""
    margin_by_rule: RuleMarginView | None = None
    margin_by_rule_reason: str = ""
    stress: list[StressView] = Field(default_factory=list)
    stress_reason: str = ""
    stress_note: str = ""
    events: list[str] = Field(default_factory=list)
    account_warning: str = ""
    legs: list[TicketLegView] = Field(default_factory=list)
    orders: list[PlannedOrderView] = Field(default_factory=list)
    changes: list[str] = Field(default_factory=list)
    must_type_amount: bool = False
    seconds_left: float | None = None
    order: ReportView | None = None
    next_steps: list[str] = Field(default_factory=list)
    payoff: list[tuple[float, float]] = Field(default_factory=list, exclude=True)
    earlier: list[tuple[str, list[tuple[float, float]]]] = Field(default_factory=list, exclude=True)


def waiting(
    ticket: Ticket,
    *,
    seconds_left: float,
    monotonic: float,
    message: str = "",
    approving: Sequence[str] = (),
    is_preview: bool = False,
) -> TicketAnswer:
    """A ticket that waits for a person; `approving` is what is due then."""
    facts = ticket.facts
    lead = message or f"{facts.title}: {facts.cash_words}.{exit_words(facts)}"
    return _about(ticket).model_copy(
        update={
            "summary": f"{lead} {_PREVIEW if is_preview else _UNTIL}",
            "warnings": list(facts.warnings),
            "data_quality": _quality(facts, monotonic),
            "status": OrderState.PREVIEWED.value if is_preview else APPROVAL_REQUIRED,
            "message": message,
            "must_type_amount": ticket.requires_typed_amount,
            "seconds_left": num(seconds_left, 0),
            "next_steps": [*approving, *_amount_steps(ticket)],
        }
    )


def exit_words(facts: TicketFacts) -> str:
    """What the order's own limit makes of the position, a sentence with a blank before it; or ""."""
    if not facts.exits:
        return ""
    last = facts.exits[-1].result
    way = "a loss of at most" if last.amount < 0 else "a profit of at least"
    return f" Filled {facts.exits[-1].at}, that is {way} {abs(last)}, before fees."


def _amount_steps(ticket: Ticket) -> tuple[str, ...]:
    if not ticket.requires_typed_amount:
        return ()
    return ("The person has to type the amount too: confirm_token is then the code, a space, the amount.",)


def decided(view: TicketView) -> TicketAnswer:
    """A ticket that has been decided, and what became of its order."""
    report = view.report
    about = _about(view.ticket)
    is_done = view.state is OrderState.FILLED  # what the limit would have made of it is no news then
    return about.model_copy(
        update={
            "summary": f"{view.ticket.facts.title}: {view.state}{filled_words(report)}. {report.evidence}"
            f"{result_words(report)}",
            "warnings": list(view.ticket.facts.overlaps) if report.order_id else [],
            "status": view.state.value,
            "order": report_view(report),
            "exits": [] if is_done else about.exits,
            "next_steps": list(report.next_steps),
        }
    )


def _about(ticket: Ticket) -> TicketAnswer:
    """The facts of a ticket, whatever became of it; a reason that holds for several figures is said once."""
    facts, main = ticket.facts, ticket.main
    reasons = (facts.max_loss_reason, facts.max_profit_reason, facts.probability_reason)
    loss_reason, profit_reason, chance_reason = _once(reasons)
    return TicketAnswer(
        summary=facts.title,
        status=OrderState.AWAIT_HUMAN.value,
        ticket_id=ticket.ticket_id,
        strategy_id=ticket.strategy_id,
        limit_price=None if main is None else num(main.limit),
        stop_price=None if main is None else num(main.stop),
        quantity=0 if main is None else main.quantity,
        action=facts.action_words,
        cash_words=facts.cash_words,
        price_words=facts.price_words,
        cash=cash(facts.cash),
        max_loss=cash(facts.max_loss),
        max_loss_reason=loss_reason,
        max_profit=cash(facts.max_profit),
        max_profit_reason=profit_reason,
        breakevens=[num(price, 4) for price in facts.breakevens],
        probability_of_profit=num(facts.probability_of_profit, 4),
        probability_reason=chance_reason,
        net_bid=num(facts.net_bid),
        net_mid=num(facts.net_mid),
        net_ask=num(facts.net_ask),
        spot=num(facts.spot),
        entry_price=num(facts.entry),
        exits=[_exit(each) for each in facts.exits],
        fees=cash(facts.fees),
        fees_note=facts.fees_note,
        greeks=_greeks(facts.greeks),
        margin=_margin(facts.margin),
        margin_reason=facts.margin_reason,
        margin_by_rule=_rule_margin(facts.rule_margin),
        margin_by_rule_reason=facts.rule_margin_reason,
        stress=[_stress(row) for row in facts.stress],
        stress_reason=facts.stress_reason,
        stress_note=_stress_note(facts),
        events=list(facts.events),
        account_warning=facts.account_warning,
        legs=[_leg(leg) for leg in facts.legs],
        orders=[_planned(planned) for planned in ticket.orders],
        changes=list(facts.changes),
        payoff=_points(facts.payoff),
        earlier=[(each.label, _points(each.points)) for each in facts.earlier],
    )


def _once(words: Sequence[str]) -> list[str]:
    return [said if said not in words[:place] else "" for place, said in enumerate(words)]


def _points(of: Sequence[tuple[Decimal, Decimal]]) -> list[tuple[float, float]]:
    return [(float(price), float(pnl)) for price, pnl in of]


def _quality(facts: TicketFacts, monotonic: float) -> QualityView:
    return quality_of(facts.quotes, monotonic)


def _greeks(greeks: OrderGreeks | None) -> TicketGreeksView | None:
    if greeks is None:
        return None
    return TicketGreeksView(
        delta=num(greeks.delta, 2),
        gamma=num(greeks.gamma, 4),
        theta=num(greeks.theta, 2),
        vega=num(greeks.vega, 2),
    )


def _margin(margin: MarginPreview | None) -> MarginView | None:
    if margin is None:
        return None
    return MarginView(
        initial_before=cash(margin.initial_before),
        initial_after=cash(margin.initial_after),
        initial_change=cash(margin.initial_change),
        maintenance_before=cash(margin.maintenance_before),
        maintenance_after=cash(margin.maintenance_after),
        maintenance_change=cash(margin.maintenance_change),
        equity_with_loan_after=cash(margin.equity_with_loan_after),
        commission=cash(margin.commission),
    )


def _rule_margin(margin: RuleMargin | None) -> RuleMarginView | None:
    if margin is None:
        return None
    return RuleMarginView(
        initial_before=cash(margin.initial_before),
        initial_after=cash(margin.initial_after),
        maintenance_before=cash(margin.maintenance_before),
        maintenance_after=cash(margin.maintenance_after),
        note=margin.note,
    )


def _stress(row: StressRow) -> StressView:
    return StressView(name=row.name, held=cash(row.held), with_order=cash(row.with_order))


def _stress_note(facts: TicketFacts) -> str:
    """What the rows rest on: another rule than that of trade_get_portfolio_risk, whose moves go by beta."""
    parts = (ALL_ALIKE if facts.stress else "", facts.stress_note)
    return "; ".join(part for part in parts if part)


def _exit(exits: ExitFacts) -> ExitView:
    return ExitView(
        at=exits.at, price=num(exits.price), result=cash(exits.result), percent=num(exits.percent, 1)
    )


def _leg(leg: LegFacts) -> TicketLegView:
    return TicketLegView(
        con_id=leg.con_id,
        label=leg.label,
        side=leg.side,
        ratio=leg.ratio,
        quantity=leg.quantity,
        bid=num(leg.bid),
        ask=num(leg.ask),
        iv=num(leg.iv, 4),
        delta=num(leg.delta, 4),
    )


def _planned(planned: PlannedOrder) -> PlannedOrderView:
    order = planned.order
    return PlannedOrderView(
        role=planned.role.value,
        order_type=order.order_type.value,
        quantity=order.quantity,
        limit_price=num(order.limit),
        stop_price=num(order.stop),
        tif=order.tif.value,
        order_ref=order.order_ref,
    )
