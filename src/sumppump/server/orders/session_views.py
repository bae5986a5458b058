"""Where everything stands, short: what waits for a person, what is due, what is open; then what is over.

From memory alone, so that it is always quick. Every ticket and trade is listed, a page at a time: what is
decided or over with hardly more than its state, since trade_get_order_status has the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import Field

from sumppump.domain.journal import TradeRecord
from sumppump.domain.orders import OrderState
from sumppump.domain.tickets import TicketKind
from sumppump.domain.trade import DUE, TradeState
from sumppump.execution.reports import Health, TicketView
from sumppump.kernel.first_few import first_few
from sumppump.server.desk import Desk
from sumppump.server.orders.order_views import known_id
from sumppump.server.parameters import offset_of
from sumppump.server.room import fits
from sumppump.server.views import Answer, View, cash, num
from sumppump.session.conversation import Focus
from sumppump.strategies.drafts import Draft

T = TypeVar("T")

PAGES = (20, 15, 12, 10, 8, 6, 4)
"""Trades, and tickets, of a page: the most for which the first page, the fullest, has room."""
MOST_DRAFTS = 5
MOST_PAST = 5
MOST_NAMED = 10
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
# Of what is held the last word of the broker is no reason; it is one where something went wrong or is over.
_EXPLAINED = frozenset({_S.STOP_DECLINED, _S.CLOSED, _S.REJECTED, _S.CANCELLED, _S.UNKNOWN, _S.ERROR})
_GONE = "nothing was sent; its draft is gone: trade_calculate_strategy makes a new one if it is still wanted"
_O = OrderState
_AFTER_A_CHANGE = frozenset({_O.LIVE, _O.PARTIAL, _O.FILLED, _O.CANCELLED, _O.REJECTED, _O.CANCEL_SENDING})


class TradeView(View):
    """One trade's state machine; `due` is the step that comes next, in full under `next_steps`."""

    strategy_id: str
    symbol: str
    title: str
    state: str
    due: str
    reason: str


class FocusView(View):
    """What the conversation is looking at; it does not outlive the process."""

    symbol: str
    state: str
    due: str


class TicketLineView(View):
    """One ticket; one that is decided with its state alone."""

    ticket_id: str
    state: str
    kind: str
    symbol: str
    order_id: int | None
    title: str = ""
    cash_words: str = ""
    strategy_id: str = ""
    seconds_left: float | None = None


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
    orders_refused_because: str
    killed: str
    halted: str
    unknown: list[str]
    missing: list[str]
    left_over: list[str]
    focus: FocusView | None
    trades: list[TradeView] = Field(default_factory=list)
    tickets: list[TicketLineView] = Field(default_factory=list)
    drafts: list[DraftLineView] = Field(default_factory=list)
    older_trades: int = 0
    older_tickets: int = 0
    next_cursor: int | None = None
    next_steps: list[str] = Field(default_factory=list)


def session_answer(desk: Desk, symbol: str | None, cursor: int | None = None) -> SessionAnswer:
    """Where everything stands, of one underlying or of all; `cursor` counts pages of what is older."""
    board = _board(desk, None if symbol is None else symbol.upper())
    rows = next((each for each in PAGES if fits(_answer(desk, board, each, 0))), PAGES[-1])
    return _answer(desk, board, rows, offset_of(cursor, _count(board, rows)))


def _count(board: _Board, rows: int) -> int:
    """How many pages there are."""
    first = min(rows, len(board.alive) + MOST_PAST)
    return max(_pages(board.trades, first, rows), _pages(board.tickets, rows, rows))


def _answer(desk: Desk, board: _Board, rows: int, page: int) -> SessionAnswer:
    health, link = desk.execution.health(), desk.broker.link()
    first, pages = min(rows, len(board.alive) + MOST_PAST), _count(board, rows)
    trades, older_trades = _page(board.trades, first, rows, page)
    tickets, older_tickets = _page(board.tickets, rows, rows, page)
    refused = health.refusal or ("" if link.connected else "not connected to TWS")
    return SessionAnswer(
        summary=_summary(board),
        connected=link.connected,
        broker_online=link.broker_online,
        orders_allowed=not refused,
        orders_refused_because=refused,
        killed=health.killed,
        halted=health.halted,
        unknown=list(health.unknown),
        missing=list(health.missing),
        left_over=list(health.left_over),
        focus=_focus(desk.execution.conversation.focus, board),
        trades=[_trade(trade, board) for trade in trades],
        tickets=[_ticket(view) for view in tickets],
        drafts=_drafts(board.drafts, desk.clock.monotonic()) if page == 0 else [],
        older_trades=older_trades,
        older_tickets=older_tickets,
        next_cursor=page + 1 if page + 1 < pages else None,
        next_steps=_next_steps(board, health, desk.command),
    )


@dataclass(frozen=True, slots=True)
class _Board:
    """What the journal and the memory of this process hold, of the symbols asked for.

    Attributes:
        trades, tickets: what is due or waits first, then newest first. alive: the trades that are not over.
        drafts: those that can be staged now, oldest first. ideas: how many more lists of candidates made.
        due: the step that is due for a trade, in words.
    """

    trades: Sequence[TradeRecord]
    alive: Sequence[TradeRecord]
    tickets: Sequence[TicketView]
    drafts: Sequence[Draft]
    ideas: int
    due: Callable[[TradeRecord], str]

    def says(self, trade: TradeRecord) -> str:
        """The step that is due; that of a dead ticket whose draft died too would be refused."""
        return _GONE if trade.state in _NEVER_SENT and trade not in self.alive else self.due(trade)


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
    # Something can be done about these next that has not been given up.
    staged = {view.ticket.strategy_id for view in tickets if _waits(view)}
    drafted = {draft.strategy_id for draft in drafts}
    alive = [
        trade
        for trade in trades
        if trade.state in _OPEN
        or trade.strategy_id in staged
        or (trade.strategy_id in drafted and trade.state is _S.STRATEGY_SELECTED)
    ]
    ordered = [*alive, *(trade for trade in trades if trade not in alive)]
    asked = [draft for draft in drafts if not draft.is_idea]
    return _Board(
        trades=ordered,
        alive=alive,
        tickets=sorted(tickets, key=_waits, reverse=True),
        drafts=asked,
        ideas=len(drafts) - len(asked),
        due=desk.execution.due,
    )


def _waits(view: TicketView) -> bool:
    return view.state is OrderState.AWAIT_HUMAN


def _pages(rows: Sequence[object], first: int, most: int) -> int:
    return 1 - (-max(0, len(rows) - first) // most)


def _page(rows: Sequence[T], first: int, most: int, page: int) -> tuple[Sequence[T], int]:
    """The rows of a page, and how many come after it; the first page may be shorter than the others."""
    start = 0 if page == 0 else first + most * (page - 1)
    end = first + most * page
    return rows[start:end], max(0, len(rows) - end)


def _summary(board: _Board) -> str:
    opened = sum(trade.state in _OPEN for trade in board.trades)
    waiting = sum(_waits(view) for view in board.tickets)
    ideas = f" and {board.ideas} of lists of ideas" if board.ideas else ""
    return (
        f"{opened} open trade(s), {waiting} ticket(s) waiting for the person, "
        f"{len(board.drafts)} draft(s){ideas}."
    )


def _next_steps(board: _Board, health: Health, command: str) -> list[str]:
    """Each step that is due once, with the trades that it is due for."""
    if health.killed:
        return [f"Nothing can be sent until a person clears the switch in a terminal: {command} kill --clear"]
    due: dict[str, list[str]] = defaultdict(list)
    for trade in board.alive:
        due[board.says(trade)].append(f"{trade.symbol} ({trade.strategy_id})")
    return [f"{first_few(trades, MOST_NAMED)}: {step}." for step, trades in due.items()]


def _focus(focus: Focus | None, board: _Board) -> FocusView | None:
    # Looking again at what is held or waits is no question of choosing a strategy.
    if focus is None or (focus.state is TradeState.ANALYZING and _is_busy(focus.symbol, board)):
        return None
    return FocusView(symbol=focus.symbol, state=focus.state.value, due=DUE[focus.state])


def _is_busy(symbol: str, board: _Board) -> bool:
    return any(trade.symbol == symbol for trade in board.alive)


def _trade(trade: TradeRecord, board: _Board) -> TradeView:
    said = board.says(trade)
    return TradeView(
        strategy_id=trade.strategy_id,
        symbol=trade.symbol,
        title=trade.title,
        state=trade.state.value,
        due=_in_short(said) if trade in board.alive else said if said is _GONE else "",
        reason=trade.reason if trade.state in _EXPLAINED else "",
    )


def _in_short(step: str) -> str:
    """The head of a step, for a table: `set a stop (trade_set_stop_loss), or …` is `set a stop`."""
    for tail in (" (", ", ", "; ", ": "):
        step = step.partition(tail)[0]
    return step


def _ticket(view: TicketView) -> TicketLineView:
    ticket = view.ticket
    line = TicketLineView(
        ticket_id=ticket.ticket_id,
        state=_ticket_state(view).value,
        kind=ticket.kind.value,
        symbol=ticket.facts.symbol,
        order_id=known_id(view.report.order_id),
    )
    if not _waits(view):
        return line
    return line.model_copy(
        update={
            "title": ticket.facts.title,
            "cash_words": ticket.facts.cash_words,
            "strategy_id": ticket.strategy_id,
            "seconds_left": num(view.seconds_left, 0),
        }
    )


def _ticket_state(view: TicketView) -> OrderState:
    """A change that was made is done, whatever became of its order later; that stands with the order."""
    is_done = view.ticket.kind is TicketKind.MODIFY and view.state in _AFTER_A_CHANGE
    return OrderState.APPROVED if is_done else view.state


def _drafts(drafts: Sequence[Draft], monotonic: float) -> list[DraftLineView]:
    """The newest drafts; the summary counts them all."""
    return [_draft(draft, monotonic) for draft in reversed(drafts[-MOST_DRAFTS:])]


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
