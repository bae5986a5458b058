"""Where everything stands: trades, tickets, drafts. From memory alone, so that it is always quick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import Field

from sumppump.domain.journal import TradeRecord
from sumppump.domain.orders import OrderState
from sumppump.domain.tickets import TicketKind
from sumppump.domain.trade import DUE, TradeState
from sumppump.execution.reports import TicketView
from sumppump.server.desk import Desk
from sumppump.server.order_views import known_id
from sumppump.server.views import Answer, View, cash, num
from sumppump.session.conversation import Focus
from sumppump.strategies.drafts import Draft

MOST_TRADES = 20
MOST_TICKETS = 20
MOST_DRAFTS = 10
MOST_PAST = 5
MOST_STEPS = 5
_S = TradeState
# Trades that hold something, have an order at the broker, or may have.
_OPEN = frozenset(
    {
        *(_S.EXECUTING, _S.PARTIAL, _S.FILLS_CONFIRMED, _S.STOPS_PLACED, _S.STOP_DECLINED, _S.MONITORING),
        *(_S.UNKNOWN, _S.ERROR),
    }
)
_CAN_BE_STAGED = frozenset({_S.STRATEGY_SELECTED, _S.REJECTED, _S.CANCELLED})
_NEVER_SENT = frozenset({_S.STRATEGY_SELECTED, _S.RISK_VALIDATED})
_GONE = "nothing was sent; its draft is gone: trade_calculate_strategy makes a new one if it is still wanted"
_O = OrderState
_AFTER_A_CHANGE = frozenset({_O.LIVE, _O.PARTIAL, _O.FILLED, _O.CANCELLED, _O.REJECTED, _O.CANCEL_SENDING})


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
    order_id: int | None
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
    """Trades, tickets and drafts: first what is due, then what is over; newest first in each."""

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
    board = _board(desk, None if symbol is None else symbol.upper())
    trades, tickets, drafts = board.trades, board.tickets, board.drafts
    health, link = desk.execution.health(), desk.broker.link()
    now = desk.clock.monotonic()
    shown = [trade for trade in trades if not board.is_over(trade)]
    shown += [trade for trade in trades if board.is_over(trade)][:MOST_PAST]
    return SessionAnswer(
        summary=_summary(board),
        connected=link.connected,
        broker_online=link.broker_online,
        orders_allowed=not health.alarms() and link.connected and health.reconciled,
        killed=health.killed,
        halted=health.halted,
        unknown=list(health.unknown),
        focus=_focus(desk.execution.conversation.focus, board),
        trades=[_trade(trade, board) for trade in shown[:MOST_TRADES]],
        tickets=[_ticket(view) for view in tickets[:MOST_TICKETS]],
        drafts=[_draft(draft, now) for draft in reversed(drafts[-MOST_DRAFTS:])],
        older_trades=len(trades) - len(shown[:MOST_TRADES]),
        older_tickets=max(0, len(tickets) - MOST_TICKETS),
        next_steps=_next_steps(board),
    )


@dataclass(frozen=True, slots=True)
class _Board:
    """What the journal and the memory of this process hold, of the symbols asked for.

    Attributes:
        trades, tickets: newest first. drafts: those that can be staged now, oldest first.
        due: the step that is due for a trade, in words.
    """

    trades: Sequence[TradeRecord]
    tickets: Sequence[TicketView]
    drafts: Sequence[Draft]
    due: Callable[[TradeRecord], str]

    @property
    def waiting(self) -> frozenset[str]:
        """strategy_ids of the trades that a ticket waits for."""
        return frozenset(view.ticket.strategy_id for view in self.tickets if _waits(view))

    def is_due(self, trade: TradeRecord) -> bool:
        """Whether something can be done about it next that has not been given up."""
        staged = trade.strategy_id in self.waiting
        drafted = any(draft.strategy_id == trade.strategy_id for draft in self.drafts)
        return trade.state in _OPEN or staged or (drafted and trade.state is _S.STRATEGY_SELECTED)

    def is_over(self, trade: TradeRecord) -> bool:
        """Whether it is history: it holds nothing, nothing of it works or waits, and its draft is gone."""
        return not self.is_due(trade)


def _board(desk: Desk, wanted: str | None) -> _Board:
    # What is only being looked at has no strategy yet and is no trade.
    trades = [t for t in desk.execution.trades() if t.strategy_id and wanted in (None, t.symbol)]
    tickets = [view for view in desk.execution.tickets() if wanted in (None, view.ticket.facts.symbol)]
    taken = {t.strategy_id for t in trades if t.state not in _CAN_BE_STAGED}
    drafts = [
        draft
        for draft in desk.strategies.drafts.all()
        if wanted in (None, draft.combo.symbol) and draft.strategy_id not in taken
    ]
    return _Board(trades, sorted(tickets, key=_waits, reverse=True), drafts, desk.execution.due)


def _waits(view: TicketView) -> bool:
    return view.state is OrderState.AWAIT_HUMAN


def _summary(board: _Board) -> str:
    opened = sum(trade.state in _OPEN for trade in board.trades)
    waiting = sum(_waits(view) for view in board.tickets)
    return (
        f"{opened} open trade(s), {waiting} ticket(s) waiting for the person, {len(board.drafts)} draft(s)."
    )


def _next_steps(board: _Board) -> list[str]:
    due = [t for t in board.trades if board.is_due(t)]
    return [f"{t.symbol} ({t.strategy_id}): {_due(t, board)}." for t in due][:MOST_STEPS]


def _due(trade: TradeRecord, board: _Board) -> str:
    if trade.state not in _NEVER_SENT or board.is_due(trade):
        return board.due(trade)
    # The ticket died and its draft with the process, or with its half hour: staging it would be refused.
    return _GONE


def _focus(focus: Focus | None, board: _Board) -> FocusView | None:
    # Looking again at what is held or waits is no question of choosing a strategy.
    if focus is None or (focus.state is TradeState.ANALYZING and _is_busy(focus.symbol, board)):
        return None
    return FocusView(symbol=focus.symbol, state=focus.state.value, due=DUE[focus.state])


def _is_busy(symbol: str, board: _Board) -> bool:
    return any(trade.symbol == symbol and board.is_due(trade) for trade in board.trades)


def _trade(trade: TradeRecord, board: _Board) -> TradeView:
    return TradeView(
        strategy_id=trade.strategy_id,
        symbol=trade.symbol,
        title=trade.title,
        state=trade.state.value,
        due=_due(trade, board),
        orders=list(trade.refs[-5:]),
        reason=trade.reason,
    )


def _ticket(view: TicketView) -> TicketLineView:
    ticket = view.ticket
    return TicketLineView(
        ticket_id=ticket.ticket_id,
        state=_ticket_state(view).value,
        kind=ticket.kind.value,
        symbol=ticket.facts.symbol,
        title=ticket.facts.title,
        # Past cash is no news; trade_get_order_status has it.
        cash_words=ticket.facts.cash_words if _waits(view) else "",
        strategy_id=ticket.strategy_id,
        order_id=known_id(view.report.order_id),
        order_ref=view.report.order_ref,
        seconds_left=num(view.seconds_left, 0) if _waits(view) else None,
    )


def _ticket_state(view: TicketView) -> OrderState:
    """A change that was made is done, whatever became of its order later; that stands with the order."""
    is_done = view.ticket.kind is TicketKind.MODIFY and view.state in _AFTER_A_CHANGE
    return OrderState.APPROVED if is_done else view.state


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
