"""Answers about orders: their life from the journal, what works, what was cancelled."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from sumppump.domain.orders import Fill, Order
from sumppump.domain.tickets import Ticket
from sumppump.execution.reports import OrderReport, Outcome, WorkingOrder
from sumppump.kernel.money import Money
from sumppump.server.views import BROKER, Answer, View, cash, moment, num
from sumppump.strategies.words import dollars, per_share

APPROVAL_REQUIRED = "approval_required"
MOST_SHOWN = 30


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
    order_id: int | None
    perm_ids: list[int]
    order_ref: str
    quantity: int
    filled: float | None
    avg_fill_price: float | None
    commission: float | None
    result_after_fees: float | None


class OrderAnswer(Answer):
    """The life of one order or ticket from the journal; prices per share, signed.

    `machine_time` is this machine's own clock at the last change, in UTC; the embedded exchange has another.
    The exchange's time stands at the fills.
    """

    state: str
    evidence: str
    ticket_id: str = ""
    strategy_id: str = ""
    order_id: int | None = None
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
    result_after_fees: float | None = None
    is_protective: bool = False
    why_held: str = ""
    broker_says: list[str] = Field(default_factory=list)
    fills: list[FillView] = Field(default_factory=list)
    children: list[ReportView] = Field(default_factory=list)
    machine_time: str = ""
    next_steps: list[str] = Field(default_factory=list)


class WorkingOrderView(View):
    """One working order; prices per share, signed."""

    order_id: int | None
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
    perm_id: int | None
    parent_id: int | None
    client_id: int
    why_held: str


class OpenOrdersAnswer(Answer):
    """All working orders of the account."""

    orders: list[WorkingOrderView] = Field(default_factory=list)


class CancelView(View):
    """What became of one cancel."""

    status: str
    message: str
    order_id: int | None
    order_ref: str
    ticket_id: str


class CancelAnswer(Answer):
    """What became of the cancels."""

    status: str
    results: list[CancelView] = Field(default_factory=list)
    results_left_out: int = 0
    next_steps: list[str] = Field(default_factory=list)


class KillAnswer(Answer):
    """The kill switch is on."""

    status: str
    message: str
    next_steps: list[str] = Field(default_factory=list)


def report_view(report: OrderReport) -> ReportView:
    """One order of a family, short."""
    return ReportView(
        state=report.state.value,
        evidence=report.evidence,
        order_id=known_id(report.order_id),
        perm_ids=list(report.perm_ids),
        order_ref=report.order_ref,
        quantity=report.quantity,
        filled=num(report.filled),
        avg_fill_price=num(report.avg_fill_price),
        commission=cash(report.commission),
        result_after_fees=cash(report.result),
    )


def known_id(number: int) -> int | None:
    """An id of the broker; it gives 0 where there is none."""
    return number or None


def order_answer(report: OrderReport, ticket: Ticket | None = None) -> OrderAnswer:
    """One order in full; where a ticket was asked for, in the words of that ticket."""
    order: Order | None = report.order
    return OrderAnswer(
        summary=_order_summary(report, ticket),
        state=report.state.value,
        evidence=report.evidence,
        ticket_id=report.ticket_id,
        strategy_id=report.strategy_id,
        order_id=known_id(report.order_id),
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
        result_after_fees=cash(report.result),
        is_protective=report.is_protective,
        why_held=report.why_held,
        broker_says=list(report.broker_says),
        fills=[_fill(fill) for fill in report.fills],
        children=[report_view(child) for child in report.children],
        machine_time="" if report.updated_at is None else report.updated_at.isoformat(timespec="seconds"),
        next_steps=list(report.next_steps),
    )


def _order_summary(report: OrderReport, ticket: Ticket | None) -> str:
    named = "" if ticket is None else ticket.facts.title
    what = named or (report.order.combo.words() if report.order else "The order")
    return f"{what}: {report.state}{filled_words(report)}. {report.evidence}{result_words(report)}"


def filled_words(report: OrderReport) -> str:
    """How much of an order was filled and at what, the tail of a sentence; "" before it was sent."""
    return f", {num(report.filled):g} of {report.quantity} filled{_at(report)}" if report.order_id else ""


def result_words(report: OrderReport) -> str:
    """What an exit made, a sentence with a blank before it; why that is not known yet, or ""."""
    if report.result is not None:
        return f". Result after fees: {_signed(report.result)}."
    is_exit = report.order is not None and not report.order.purpose.adds_risk
    if is_exit and report.filled and report.commission is None:
        return ". Its result follows when the broker has reported the fees (trade_get_order_status)."
    return ""


def _signed(made: Money) -> str:
    return f"{'−' if made.amount < 0 else '+'}{dollars(made)}" if made.amount else dollars(made)


def _at(report: OrderReport) -> str:
    price = report.avg_fill_price
    return (
        ""
        if price is None
        else f" at {per_share(price)} {'credit' if price.is_credit else 'debit'} per share"
    )


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
        order_id=known_id(order.order_id),
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
        perm_id=known_id(order.perm_id),
        parent_id=known_id(order.parent_id),
        client_id=order.client_id,
        why_held=order.why_held,
    )


def cancel_answer(outcomes: Sequence[Outcome], approving: Sequence[str]) -> CancelAnswer:
    """What became of one or several cancels; `approving` is due where a ticket waits."""
    results = [_cancelled(outcome) for outcome in outcomes]
    said = [outcome.message for outcome in outcomes[:MOST_SHOWN]]
    waits = any(outcome.ticket for outcome in outcomes)
    return CancelAnswer(
        summary=" ".join(said) or "No order of SumpPump to cancel.",
        status=_joint_status(results),
        results=results[:MOST_SHOWN],
        results_left_out=max(0, len(results) - MOST_SHOWN),
        next_steps=list(approving) if waits else [],
    )


def _joint_status(results: Sequence[CancelView]) -> str:
    states = {result.status for result in results}
    return states.pop() if len(states) == 1 else ("MIXED" if states else "NOTHING_TO_CANCEL")


def _cancelled(outcome: Outcome) -> CancelView:
    report = outcome.report
    return CancelView(
        status=APPROVAL_REQUIRED if outcome.ticket else outcome.state.value,
        message=outcome.message,
        order_id=None if report is None else known_id(report.order_id),
        order_ref="" if report is None else report.order_ref,
        ticket_id=outcome.ticket.ticket_id if outcome.ticket else outcome.ticket_id,
    )
