"""The life of a trade is one table. Source: section 4 of the design, decision 12."""

from __future__ import annotations

import itertools

import pytest

from sumppump.domain.trade import DUE, TABLE, Step, TradeEvent, TradeState, advance, require
from sumppump.kernel.errors import OutOfStep

S, E = TradeState, TradeEvent


@pytest.mark.parametrize(
    ("events", "end"),
    [
        ((E.LOOKED, E.SELECTED, E.VALIDATED, E.SENT, E.FILLED), S.FILLS_CONFIRMED),
        ((E.SELECTED, E.VALIDATED, E.SENT, E.FILLED, E.STOP_WORKING, E.WATCHED, E.EXITED), S.CLOSED),
        ((E.SELECTED, E.LOOKED), S.ANALYZING),
        ((E.VALIDATED, E.TICKET_DEAD), S.STRATEGY_SELECTED),
        ((E.VALIDATED, E.SENT, E.PART_FILLED, E.FILLED), S.FILLS_CONFIRMED),
        ((E.VALIDATED, E.SENT, E.REJECTED), S.REJECTED),
        ((E.VALIDATED, E.SENT, E.CANCELLED, E.VALIDATED, E.SENT), S.EXECUTING),
        ((E.VALIDATED, E.SENT, E.DOUBTED, E.FOUND), S.EXECUTING),
        ((E.VALIDATED, E.SENT, E.DOUBTED, E.NOT_FOUND, E.FILLED), S.FILLS_CONFIRMED),
        ((E.VALIDATED, E.SENT, E.FILLED, E.STOP_DECLINED, E.EXITED), S.CLOSED),
        ((E.VALIDATED, E.SENT, E.FILLED, E.STOP_WORKING, E.STOP_GONE), S.FILLS_CONFIRMED),
        ((E.VALIDATED, E.SENT, E.CANCELLED, E.FILLED), S.FILLS_CONFIRMED),
    ],
)
def test_a_story_ends_where_a_trader_expects(events: tuple[TradeEvent, ...], end: TradeState) -> None:
    """From IDLE, event by event; the last one is evidence that came late."""
    state = TradeState.IDLE
    for event in events:
        state = advance(state, event)
    assert state is end


def test_every_state_has_a_row_and_a_due_step() -> None:
    """Nobody is left without an answer to "what now"."""
    assert set(TABLE) == set(DUE) == set(TradeState)


def test_a_closed_trade_stays_closed_whatever_is_heard() -> None:
    """Late words of the broker never re-open it."""
    assert {advance(S.CLOSED, event) for event in TradeEvent} == {S.CLOSED}


@pytest.mark.parametrize("state", sorted({S.FILLS_CONFIRMED, S.STOPS_PLACED, S.MONITORING, S.STOP_DECLINED}))
def test_a_filled_trade_never_goes_back_to_executing(state: TradeState) -> None:
    """What is held cannot become not held but by an exit."""
    reached = {state}
    for _ in TradeEvent:
        reached |= {advance(each, event) for each, event in itertools.product(reached, TradeEvent)}
    assert reached <= {S.FILLS_CONFIRMED, S.STOPS_PLACED, S.MONITORING, S.STOP_DECLINED, S.CLOSED}


@pytest.mark.parametrize("state", TradeState)
@pytest.mark.parametrize("step", Step)
def test_a_step_out_of_order_is_refused_and_the_due_one_named(step: Step, state: TradeState) -> None:
    """OutOfStep says which step is due; allowed steps pass in silence."""
    if (step, state) in ALLOWED:
        require(state, step)
        return
    with pytest.raises(OutOfStep) as refused:
        require(state, step)
    assert DUE[state] in refused.value.next_steps[0]


ALLOWED = {
    *((Step.OPEN, state) for state in (S.IDLE, S.ANALYZING, S.STRATEGY_SELECTED, S.RISK_VALIDATED)),
    *((Step.OPEN, state) for state in (S.REJECTED, S.CANCELLED, S.ERROR)),
    *((Step.STOP, state) for state in (S.PARTIAL, S.FILLS_CONFIRMED, S.STOPS_PLACED, S.STOP_DECLINED)),
    (Step.STOP, S.MONITORING),
    *((Step.CLOSE, state) for state in (S.FILLS_CONFIRMED, S.STOPS_PLACED, S.STOP_DECLINED, S.MONITORING)),
    *((Step.DECLINE_STOP, state) for state in (S.FILLS_CONFIRMED, S.STOP_DECLINED)),
}
