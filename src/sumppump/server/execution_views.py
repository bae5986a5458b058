"""Answers about tickets and orders: all that the person is shown, never what only they may see."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from sumppump.domain.orders import Fill, MarginPreview, Order, OrderState
from sumppump.domain.tickets import LegFacts, OrderGreeks, PlannedOrder, Ticket, TicketFacts
from sumppump.execution.reports import OrderReport, Outcome, TicketView, WorkingOrder
from sumppump.server.views import BROKER, Answer, QualityView, View, cash, moment, num, quality_of

APPROVAL_REQUIRED = "approval_required"
HOW_TO_APPROVE = (
    "Show the person what they pay or receive and the max loss. They approve on the page that SumpPump "
    "opened in their browser, with `sumppump approve` in a terminal, or by typing the code from there in "
    "this chat: pass it as confirm_token.",
    "Then ask trade_get_order_status with this ticket_id.",
)


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
    """The broker's what-if: what the order takes (+) or frees (-), in cash."""

    initial_change: float | None
    maintenance_change: float | None
    equity_with_loan_after: float | None
    commission: float | None


class PlannedOrderView(View):
    """An order of the family; prices per share, signed."""

    role: str
    order_type: str
    quantity: int
    limit_price: float | None
    stop_price: float | None
    tif: str
    order_ref: str


class FillView(View):
    """One execution, as executed."""

    at: str
    con_id: int
    side: str
    quantity: float | None
    price: float | None
    is_leg: bool


class ReportView(View):
    """What became of one order; prices per share, signed."""

    state: str
    evidence: str
    order_id: int
    perm_ids: list[int]
    order_ref: str
    quantity: int
    filled: float | None
    avg_fill_price: float | None
    commission: float | None


class TicketAnswer(Answer):
    """A ticket that waits for the person, or what became of it."""

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
    fees: float | None = None
    greeks: TicketGreeksView | None = None
    margin: MarginView | None = None
    margin_reason: str = ""
    account_warning: str = ""
    legs: list[TicketLegView] = Field(default_factory=list)
    orders: list[PlannedOrderView] = Field(default_factory=list)
    changes: list[str] = Field(default_factory=list)
    must_type_amount: bool = False
    seconds_left: float | None = None
    order: ReportView | None = None
    next_steps: list[str] = Field(default_factory=list)


class OrderAnswer(Answer):
    """The life of one order or ticket from the journal; prices per share, signed.

    `recorded_at` is this machine's time of the last change, in UTC; the exchange's time stands at the fills.
    """

    state: str
    evidence: str
    ticket_id: str = ""
    strategy_id: str = ""
    order_id: int = 0
    perm_ids: list[int] = Field(default_factory=list)
    order_ref: str = ""
    order_type: str = ""
    quantity: int = 0
    filled: float | None = 0.0
    avg_fill_price: float | None = None
    limit_price: float | None = None
    stop_price: float | None = None
    tif: str = ""
    commission: float | None = None
    is_protective: bool = False
    why_held: str = ""
    broker_says: list[str] = Field(default_factory=list)
    fills: list[FillView] = Field(default_factory=list)
    children: list[ReportView] = Field(default_factory=list)
    recorded_at: str = ""
    next_steps: list[str] = Field(default_factory=list)


class WorkingOrderView(View):
    """One working order; prices per share, signed."""

    order_id: int
    order_ref: str
    state: str
    symbol: str
    description: str
    order_type: str
    quantity: float | None
    filled: float | None
    limit_price: float | None
    stop_price: float | None
    tif: str
    ours: bool
    perm_id: int
    parent_id: int
    client_id: int
    why_held: str


class OpenOrdersAnswer(Answer):
    """All working orders of the account."""

    orders: list[WorkingOrderView] = Field(default_factory=list)


class CancelView(View):
    """What became of one cancel."""

    status: str
    message: str
    order_id: int
    order_ref: str
    ticket_id: str


class CancelAnswer(Answer):
    """What became of the cancels."""

    status: str
    results: list[CancelView] = Field(default_factory=list)
    next_steps: list[str] = Field(default_factory=list)


class KillAnswer(Answer):
    """The kill switch is on."""

    status: str
    message: str
    next_steps: list[str] = Field(default_factory=list)


def waiting(ticket: Ticket, *, seconds_left: float, monotonic: float, message: str = "") -> TicketAnswer:
    """A ticket that waits for a person."""
    facts = ticket.facts
    lead = message or f"{facts.title}: {facts.cash_words}."
    return _about(ticket).model_copy(
        update={
            "summary": f"{lead} Nothing is sent until the person approves this ticket.",
            "warnings": list(facts.warnings),
            "data_quality": _quality(facts, monotonic),
            "status": APPROVAL_REQUIRED,
            "message": message,
            "must_type_amount": ticket.requires_typed_amount,
            "seconds_left": num(seconds_left, 0),
            "next_steps": [*HOW_TO_APPROVE, *_amount_steps(ticket)],
        }
    )


def _amount_steps(ticket: Ticket) -> tuple[str, ...]:
    if not ticket.requires_typed_amount:
        return ()
    return ("The person has to type the amount too: confirm_token is then the code, a space, the amount.",)


def decided(view: TicketView) -> TicketAnswer:
    """A ticket that has been decided, and what became of its order."""
    report = view.report
    return _about(view.ticket).model_copy(
        update={
            "summary": f"{view.ticket.facts.title}: {view.state}. {report.evidence}",
            "status": view.state.value,
            "order": report_view(report),
            "next_steps": list(report.next_steps),
        }
    )


def _about(ticket: Ticket) -> TicketAnswer:
    """The facts of a ticket, whatever became of it."""
    facts, main = ticket.facts, ticket.main
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
        max_loss_reason=facts.max_loss_reason,
        max_profit=cash(facts.max_profit),
        max_profit_reason=facts.max_profit_reason,
        breakevens=[num(price, 4) for price in facts.breakevens],
        probability_of_profit=num(facts.probability_of_profit, 4),
        probability_reason=facts.probability_reason,
        net_bid=num(facts.net_bid),
        net_mid=num(facts.net_mid),
        net_ask=num(facts.net_ask),
        spot=num(facts.spot),
        fees=cash(facts.fees),
        greeks=_greeks(facts.greeks),
        margin=_margin(facts.margin),
        margin_reason=facts.margin_reason,
        account_warning=facts.account_warning,
        legs=[_leg(leg) for leg in facts.legs],
        orders=[_planned(planned) for planned in ticket.orders],
        changes=list(facts.changes),
    )


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
        initial_change=cash(margin.initial_change),
        maintenance_change=cash(margin.maintenance_change),
        equity_with_loan_after=cash(margin.equity_with_loan_after),
        commission=cash(margin.commission),
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


def report_view(report: OrderReport) -> ReportView:
    """One order of a family, short."""
    return ReportView(
        state=report.state.value,
        evidence=report.evidence,
        order_id=report.order_id,
        perm_ids=list(report.perm_ids),
        order_ref=report.order_ref,
        quantity=report.quantity,
        filled=num(report.filled),
        avg_fill_price=num(report.avg_fill_price),
        commission=cash(report.commission),
    )


def order_answer(report: OrderReport) -> OrderAnswer:
    """One order in full."""
    order: Order | None = report.order
    return OrderAnswer(
        summary=_order_summary(report),
        state=report.state.value,
        evidence=report.evidence,
        ticket_id=report.ticket_id,
        strategy_id=report.strategy_id,
        order_id=report.order_id,
        perm_ids=list(report.perm_ids),
        order_ref=report.order_ref,
        order_type="" if order is None else order.order_type.value,
        quantity=report.quantity,
        filled=num(report.filled),
        avg_fill_price=num(report.avg_fill_price),
        limit_price=None if order is None else num(order.limit),
        stop_price=None if order is None else num(order.stop),
        tif="" if order is None else order.tif.value,
        commission=cash(report.commission),
        is_protective=report.is_protective,
        why_held=report.why_held,
        broker_says=list(report.broker_says),
        fills=[_fill(fill) for fill in report.fills],
        children=[report_view(child) for child in report.children],
        recorded_at="" if report.updated_at is None else report.updated_at.isoformat(timespec="seconds"),
        next_steps=list(report.next_steps),
    )


def _order_summary(report: OrderReport) -> str:
    what = report.order.combo.words() if report.order else "The order"
    price = "" if report.avg_fill_price is None else f" at {report.avg_fill_price} per share"
    done = f", {report.filled} of {report.quantity} filled{price}" if report.quantity else ""
    return f"{what}: {report.state}{done}. {report.evidence}"


def _fill(fill: Fill) -> FillView:
    return FillView(
        at=moment(fill.at),
        con_id=fill.con_id,
        side=fill.side,
        quantity=num(fill.quantity),
        price=num(fill.price),
        is_leg=fill.is_leg,
    )


def open_orders_answer(orders: Sequence[WorkingOrder]) -> OpenOrdersAnswer:
    """All working orders."""
    foreign = sum(not order.ours for order in orders)
    others = f", {foreign} of them not SumpPump's (shown, never touched)" if foreign else ""
    return OpenOrdersAnswer(
        summary=f"{len(orders)} working order(s){others}." if orders else "No working orders.",
        data_quality=BROKER,
        orders=[_working(order) for order in orders],
    )


def _working(order: WorkingOrder) -> WorkingOrderView:
    return WorkingOrderView(
        order_id=order.order_id,
        order_ref=order.order_ref,
        state=order.state.value,
        symbol=order.symbol,
        description=order.description,
        order_type=order.order_type,
        quantity=num(order.quantity),
        filled=num(order.filled),
        limit_price=num(order.limit),
        stop_price=num(order.stop),
        tif=order.tif,
        ours=order.ours,
        perm_id=order.perm_id,
        parent_id=order.parent_id,
        client_id=order.client_id,
        why_held=order.why_held,
    )


def cancel_answer(outcomes: Sequence[Outcome]) -> CancelAnswer:
    """What became of one or several cancels."""
    results = [_cancelled(outcome) for outcome in outcomes]
    waits = any(outcome.ticket for outcome in outcomes)
    return CancelAnswer(
        summary=" ".join(outcome.message for outcome in outcomes) or "No order of SumpPump to cancel.",
        status=_joint_status(results),
        results=results,
        next_steps=list(HOW_TO_APPROVE) if waits else [],
    )


def _joint_status(results: Sequence[CancelView]) -> str:
    states = {result.status for result in results}
    return states.pop() if len(states) == 1 else ("MIXED" if states else "NOTHING_TO_CANCEL")


def _cancelled(outcome: Outcome) -> CancelView:
    report = outcome.report
    return CancelView(
        status=APPROVAL_REQUIRED if outcome.ticket else outcome.state.value,
        message=outcome.message,
        order_id=0 if report is None else report.order_id,
        order_ref="" if report is None else report.order_ref,
        ticket_id=outcome.ticket.ticket_id if outcome.ticket else outcome.ticket_id,
    )
