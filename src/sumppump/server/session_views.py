"""Where everything stands: trades, tickets, drafts. From memory alone, so that it is always quick."""

from __future__ import annotations

from pydantic import Field

from sumppump.domain.journal import TradeRecord
from sumppump.domain.orders import OrderState
from sumppump.domain.trade import DUE, TradeState
from sumppump.execution.reports import TicketView
from sumppump.server.desk import Desk
from sumppump.server.views import Answer, View, cash, num
from sumppump.session.conversation import Focus
from sumppump.strategies.drafts import Draft

MOST_TRADES = 20
MOST_TICKETS = 20
MOST_DRAFTS = 10
_OVER = frozenset({TradeState.CLOSED, TradeState.REJECTED, TradeState.CANCELLED})


class TradeView(View):
    """One trade's state machine; `due` is the step that comes next."""

    strategy_id: str
    symbol: str
    title: str
    state: str
    due: str
    orders: list[str]
    reason: str


class FocusView(View):
    """What the conversation is looking at; it does not outlive the process."""

    symbol: str
    state: str
    due: str


class TicketLineView(View):
    """One ticket, short."""

    ticket_id: str
    state: str
    kind: str
    symbol: str
    title: str
    cash_words: str
    strategy_id: str
    order_id: int
    order_ref: str
    seconds_left: float | None


class DraftLineView(View):
    """One draft that can still be staged."""

    strategy_id: str
    symbol: str
    strategy_type: str
    quantity: int
    net_premium: float | None
    cash: float | None
    valid_for_s: float | None


class SessionAnswer(Answer):
    """Trades, tickets and drafts; newest first."""

    connected: bool
    broker_online: bool
    orders_allowed: bool
    killed: str
    halted: str
    unknown: list[str]
    focus: FocusView | None
    trades: list[TradeView] = Field(default_factory=list)
    tickets: list[TicketLineView] = Field(default_factory=list)
    drafts: list[DraftLineView] = Field(default_factory=list)
    older_trades: int = 0
    older_tickets: int = 0
    next_steps: list[str] = Field(default_factory=list)


def session_answer(desk: Desk, symbol: str | None) -> SessionAnswer:
    """Where everything stands, of one underlying or of all."""
    wanted = None if symbol is None else symbol.upper()
    # What is only being looked at has no strategy yet and is no trade.
    trades = [t for t in desk.execution.trades() if t.strategy_id and wanted in (None, t.symbol)]
    tickets = [view for view in desk.execution.tickets() if wanted in (None, view.ticket.facts.symbol)]
    drafts = [draft for draft in desk.strategies.drafts.all() if wanted in (None, draft.combo.symbol)]
    health, link = desk.execution.health(), desk.broker.link()
    now = desk.clock.monotonic()
    return SessionAnswer(
        summary=_summary(trades, tickets, drafts),
        connected=link.connected,
        broker_online=link.broker_online,
        orders_allowed=not health.alarms() and link.connected,
        killed=health.killed,
        halted=health.halted,
        unknown=list(health.unknown),
        focus=_focus(desk.execution.conversation.focus),
        trades=[_trade(trade) for trade in trades[:MOST_TRADES]],
        tickets=[_ticket(view) for view in tickets[:MOST_TICKETS]],
        drafts=[_draft(draft, now) for draft in reversed(drafts[-MOST_DRAFTS:])],
        older_trades=max(0, len(trades) - MOST_TRADES),
        older_tickets=max(0, len(tickets) - MOST_TICKETS),
        next_steps=[f"{t.symbol} ({t.strategy_id}): {DUE[t.state]}." for t in trades if t.state not in _OVER][
            :5
        ],
    )


def _summary(trades: list[TradeRecord], tickets: list[TicketView], drafts: list[Draft]) -> str:
    open_trades = sum(trade.state not in _OVER for trade in trades)
    waiting = sum(view.state is OrderState.AWAIT_HUMAN for view in tickets)
    return f"{open_trades} open trade(s), {waiting} ticket(s) waiting for the person, {len(drafts)} draft(s)."


def _focus(focus: Focus | None) -> FocusView | None:
    if focus is None:
        return None
    return FocusView(symbol=focus.symbol, state=focus.state.value, due=DUE[focus.state])


def _trade(trade: TradeRecord) -> TradeView:
    return TradeView(
        strategy_id=trade.strategy_id,
        symbol=trade.symbol,
        title=trade.title,
        state=trade.state.value,
        due=DUE[trade.state],
        orders=list(trade.refs[-5:]),
        reason=trade.reason,
    )


def _ticket(view: TicketView) -> TicketLineView:
    ticket = view.ticket
    return TicketLineView(
        ticket_id=ticket.ticket_id,
        state=view.state.value,
        kind=ticket.kind.value,
        symbol=ticket.facts.symbol,
        title=ticket.facts.title,
        cash_words=ticket.facts.cash_words,
        strategy_id=ticket.strategy_id,
        order_id=view.report.order_id,
        order_ref=view.report.order_ref,
        seconds_left=num(view.seconds_left, 0),
    )


def _draft(draft: Draft, monotonic: float) -> DraftLineView:
    return DraftLineView(
        strategy_id=draft.strategy_id,
        symbol=draft.combo.symbol,
        strategy_type=draft.strategy_type.value,
        quantity=draft.quantity,
        net_premium=num(draft.analysis.net_premium),
        cash=cash(draft.analysis.cash),
        valid_for_s=num(draft.expires - monotonic, 0),
    )
