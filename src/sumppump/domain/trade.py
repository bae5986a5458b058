"""The life of one trade as one table: which event leads where, and which step is due.

Events come from three sides: the conversation (looked, selected), the journal (validated, sent) and the
broker (filled, rejected …). What the table does not list changes nothing: a late word of the broker never
moves a trade backwards.
"""

from __future__ import annotations

from enum import StrEnum

from sumppump.kernel.errors import OutOfStep


class TradeState(StrEnum):
    """Where a trade stands."""

    IDLE = "IDLE"
    ANALYZING = "ANALYZING"
    STRATEGY_SELECTED = "STRATEGY_SELECTED"
    RISK_VALIDATED = "RISK_VALIDATED"
    EXECUTING = "EXECUTING"
    PARTIAL = "PARTIAL"
    FILLS_CONFIRMED = "FILLS_CONFIRMED"
    STOPS_PLACED = "STOPS_PLACED"
    STOP_DECLINED = "STOP_DECLINED"
    MONITORING = "MONITORING"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"
    ERROR = "ERROR"

    @property
    def holds_position(self) -> bool:
        """Whether something is held that could be protected or closed."""
        return self in _HOLDING


class TradeEvent(StrEnum):
    """What can happen to a trade."""

    LOOKED = "looked"
    SELECTED = "selected"
    VALIDATED = "validated"
    TICKET_DEAD = "ticket_dead"
    ABANDONED = "abandoned"
    SENT = "sent"
    FOUND = "found"
    PART_FILLED = "part_filled"
    FILLED = "filled"
    STOP_WORKING = "stop_working"
    STOP_GONE = "stop_gone"
    STOP_DECLINED = "stop_declined"
    WATCHED = "watched"
    EXITED = "exited"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    DOUBTED = "doubted"
    NOT_FOUND = "not_found"


class Step(StrEnum):
    """What a caller may ask of a trade."""

    OPEN = "open"
    STOP = "stop"
    CLOSE = "close"
    DECLINE_STOP = "decline_stop"


_S, _E = TradeState, TradeEvent
_HOLDING = frozenset({_S.PARTIAL, _S.FILLS_CONFIRMED, _S.STOPS_PLACED, _S.STOP_DECLINED, _S.MONITORING})
_FILLS = {_E.PART_FILLED: _S.PARTIAL, _E.FILLED: _S.FILLS_CONFIRMED}
_ENDS = {_E.REJECTED: _S.REJECTED, _E.CANCELLED: _S.CANCELLED, _E.DOUBTED: _S.UNKNOWN, _E.NOT_FOUND: _S.ERROR}
_AGAIN = {_E.SELECTED: _S.STRATEGY_SELECTED, _E.VALIDATED: _S.RISK_VALIDATED}

TABLE: dict[TradeState, dict[TradeEvent, TradeState]] = {
    _S.IDLE: {_E.LOOKED: _S.ANALYZING, **_AGAIN},
    _S.ANALYZING: {_E.LOOKED: _S.ANALYZING, **_AGAIN},
    _S.STRATEGY_SELECTED: {_E.LOOKED: _S.ANALYZING, **_AGAIN, _E.ABANDONED: _S.CANCELLED},
    _S.RISK_VALIDATED: {
        **_AGAIN,
        _E.TICKET_DEAD: _S.STRATEGY_SELECTED,
        _E.ABANDONED: _S.CANCELLED,
        _E.SENT: _S.EXECUTING,
    },
    _S.EXECUTING: {_E.FOUND: _S.EXECUTING, **_FILLS, **_ENDS},
    _S.PARTIAL: {**_FILLS, _E.DOUBTED: _S.UNKNOWN, _E.EXITED: _S.CLOSED},
    _S.UNKNOWN: {_E.FOUND: _S.EXECUTING, **_FILLS, **_ENDS},
    # Evidence that comes late wins: what was given up may turn out to live, or to be filled.
    _S.ERROR: {**_AGAIN, _E.SENT: _S.EXECUTING, _E.FOUND: _S.EXECUTING, **_FILLS, **_ENDS},
    _S.REJECTED: {**_AGAIN, _E.FOUND: _S.EXECUTING, **_FILLS},
    _S.CANCELLED: {**_AGAIN, _E.FOUND: _S.EXECUTING, **_FILLS},
    _S.FILLS_CONFIRMED: {
        _E.STOP_WORKING: _S.STOPS_PLACED,
        _E.STOP_DECLINED: _S.STOP_DECLINED,
        _E.EXITED: _S.CLOSED,
    },
    _S.STOPS_PLACED: {
        _E.WATCHED: _S.MONITORING,
        _E.STOP_GONE: _S.FILLS_CONFIRMED,
        _E.EXITED: _S.CLOSED,
    },
    _S.MONITORING: {_E.STOP_GONE: _S.FILLS_CONFIRMED, _E.EXITED: _S.CLOSED},
    _S.STOP_DECLINED: {_E.STOP_WORKING: _S.STOPS_PLACED, _E.EXITED: _S.CLOSED},
    _S.CLOSED: {},
}

DUE: dict[TradeState, str] = {
    _S.IDLE: "look at the market (trade_get_quote, trade_get_options_chain)",
    _S.ANALYZING: "choose a strategy (trade_calculate_strategy)",
    _S.STRATEGY_SELECTED: "make a ticket (trade_execute with the strategy_id)",
    _S.RISK_VALIDATED: "a person approves or declines the ticket",
    _S.EXECUTING: "wait for the fill (trade_get_order_status), or cancel (trade_cancel_order)",
    _S.PARTIAL: "wait for the rest, or cancel it (trade_cancel_order), then protect what was filled",
    _S.FILLS_CONFIRMED: (
        "set a stop (trade_set_stop_loss), or write down that the person wants none (trade_set_stop_loss with"
        " decline=true and the reason)"
    ),
    _S.STOPS_PLACED: "watch the position (trade_get_positions); close it when the time comes (trade_close)",
    _S.STOP_DECLINED: "watch the position, which has no stop; close it when the time comes (trade_close)",
    _S.MONITORING: "watch the position (trade_get_positions); close it when the time comes (trade_close)",
    _S.CLOSED: "nothing: the trade is over",
    _S.REJECTED: "read why it was rejected; change the strategy (trade_calculate_strategy) and ask again",
    _S.CANCELLED: "nothing is held; make a new ticket if it is still wanted",
    _S.UNKNOWN: "wait for the reconcile; look into TWS; do not send anything again",
    _S.ERROR: "the broker does not show the order; the person looks into TWS before anything is sent again",
}

_ALLOWED: dict[Step, frozenset[TradeState]] = {
    Step.OPEN: frozenset(
        {
            *(_S.IDLE, _S.ANALYZING, _S.STRATEGY_SELECTED, _S.RISK_VALIDATED),
            *(_S.REJECTED, _S.CANCELLED, _S.ERROR),
        }
    ),
    Step.STOP: _HOLDING,
    Step.CLOSE: _HOLDING - {_S.PARTIAL},
    Step.DECLINE_STOP: frozenset({_S.FILLS_CONFIRMED, _S.STOP_DECLINED}),
}


def advance(state: TradeState, event: TradeEvent) -> TradeState:
    """Where `event` leads from `state`; the same state where the table has no way."""
    return TABLE[state].get(event, state)


def require(state: TradeState, step: Step) -> None:
    """Let a step pass that is in order.

    Raises:
        OutOfStep: another step is due first; the message and `next_steps` name it.
    """
    if state in _ALLOWED[step]:
        return
    raise OutOfStep(
        f"the trade is {state}, so '{step.value.replace('_', ' ')}' is out of order",
        expected=" or ".join(sorted(_ALLOWED[step])),
        found=state.value,
        next_steps=[f"Due now: {DUE[state]}."],
    )
