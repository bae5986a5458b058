"""Where everything stands: what is open, what waits, what is over, and only steps that can work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.server import fakes
from tests.unit.server.test_calls import call, drafted, text_of

from sumppump.domain.journal import TradeRecord
from sumppump.domain.orders import OrderState
from sumppump.domain.tickets import TicketKind
from sumppump.domain.trade import TradeState
from sumppump.server.app import DeskServer

pytestmark = pytest.mark.anyio


def trade(state: TradeState, strategy_id: str = "", symbol: str = "SPY") -> TradeRecord:
    return TradeRecord(
        strategy_id=strategy_id or f"drf_{state}", symbol=symbol, title=f"{symbol} spread", state=state
    )


async def session(server: DeskServer, **arguments: Any) -> dict[str, Any]:
    result = await call(server, "trade_get_session_status", **arguments)
    assert result.structured_content is not None, text_of(result)
    return dict(result.structured_content)


HELD = (
    TradeState.EXECUTING, TradeState.PARTIAL, TradeState.FILLS_CONFIRMED, TradeState.STOPS_PLACED,
    TradeState.STOP_DECLINED, TradeState.MONITORING, TradeState.UNKNOWN, TradeState.ERROR,
)  # fmt: skip


@pytest.mark.parametrize("state", list(TradeState))
async def test_only_what_holds_or_works_something_is_open(
    server: DeskServer, execution: fakes.FakeExecution, state: TradeState
) -> None:
    """Claim: cancelled, rejected, closed and never sent trades are history. Provenance: regression."""
    execution.trade_rows = [trade(state)]
    answer = await session(server)
    assert answer["summary"].startswith(f"{int(state in HELD)} open trade(s)")
    assert bool(answer["next_steps"]) is (state in HELD)
    assert [row["state"] for row in answer["trades"]] == [state]


async def test_a_trade_whose_draft_is_gone_never_advises_to_stage_it(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: after a restart trade_execute would be refused. Provenance: regression."""
    execution.trade_rows = [trade(TradeState.STRATEGY_SELECTED), trade(TradeState.RISK_VALIDATED)]
    answer = await session(server)
    assert "trade_execute" not in str(answer)
    assert all("its draft is gone" in row["due"] for row in answer["trades"])


async def test_a_staged_draft_is_no_draft_and_its_trade_waits_for_the_person(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: one thing is counted once, and no focus contradicts it. Provenance: regression."""
    draft_id = await drafted(server)
    assert (await session(server))["summary"].endswith("0 ticket(s) waiting for the person, 1 draft(s).")
    await call(server, "trade_execute", strategy_id=draft_id)
    view = execution.board["tkt_1"]
    execution.board["tkt_1"] = replace(view, ticket=replace(view.ticket, strategy_id=draft_id))
    execution.trade_rows = [trade(TradeState.RISK_VALIDATED, draft_id)]
    execution.conversation.focus = None
    await call(server, "trade_get_quote", symbol="SPY")
    answer = await session(server)
    assert answer["summary"] == "0 open trade(s), 1 ticket(s) waiting for the person, 0 draft(s)."
    assert (answer["drafts"], answer["focus"]) == ([], None)
    assert answer["next_steps"] == [f"SPY ({draft_id}): a person approves or declines the ticket."]
    execution.board["tkt_1"] = replace(execution.board["tkt_1"], state=OrderState.EXPIRED, seconds_left=0.0)
    execution.trade_rows = [trade(TradeState.STRATEGY_SELECTED, draft_id)]
    answer = await session(server)
    assert answer["summary"] == "0 open trade(s), 0 ticket(s) waiting for the person, 1 draft(s)."
    assert "trade_execute with the strategy_id" in answer["next_steps"][0]


async def test_what_is_due_comes_first_and_history_is_short(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: five past trades at most, the open ones before them. Provenance: our decision."""
    past = [trade(TradeState.CLOSED, f"drf_{number}") for number in range(9)]
    execution.trade_rows = [*past, trade(TradeState.MONITORING, "drf_held")]
    answer = await session(server)
    assert [row["strategy_id"] for row in answer["trades"]] == ["drf_held", *(f"drf_{n}" for n in range(5))]
    assert answer["older_trades"] == 4


async def test_an_order_that_was_not_sent_has_no_number(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: null, never 0, in every answer. Provenance: README; house law 1."""
    await call(server, "trade_execute", strategy_id=await drafted(server))
    answer = await session(server)
    assert answer["tickets"][0]["order_id"] is None
    status = await call(server, "trade_get_order_status", ticket_id="tkt_1")
    assert status.structured_content is not None
    assert status.structured_content["order_id"] is None
    assert status.structured_content["summary"].startswith("Bull call spread · SPY · 1×: AWAIT_HUMAN.")


async def test_a_change_that_was_made_keeps_its_own_state(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: what became of the order later does not rewrite the ticket. Provenance: regression."""
    await call(server, "trade_modify_order", order_id="12", new_limit_price=2.2)
    (view,) = execution.board.values()
    assert view.ticket.kind is TicketKind.MODIFY
    for state, shown in (
        (OrderState.CANCELLED, "APPROVED"), (OrderState.FILLED, "APPROVED"),
        (OrderState.MODIFY_UNKNOWN, "MODIFY_UNKNOWN"), (OrderState.DECLINED, "DECLINED"),
    ):  # fmt: skip
        execution.board[view.ticket.ticket_id] = replace(view, state=state)
        assert (await session(server))["tickets"][0]["state"] == shown


def busy(execution: fakes.FakeExecution, *, opened: int, closed: int, tickets: int) -> None:
    """The end of a day: trades that are held, trades that are over, and tickets that were decided."""
    held = [trade(TradeState.FILLS_CONFIRMED, f"drf_open_{number}") for number in range(opened)]
    past = [trade(TradeState.CLOSED, f"drf_past_{number}") for number in range(closed)]
    execution.trade_rows = [*past, *held]
    for _ in range(tickets):
        made = execution._make(TicketKind.OPEN)
        view = execution.board[made.ticket_id]
        execution.board[made.ticket_id] = replace(view, state=OrderState.FILLED, seconds_left=0.0)


async def test_the_end_of_a_busy_day_is_short_and_says_each_step_once(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: 11 held, 20 over, 30 tickets in 3,500 characters. Provenance: a trader's day took 8,126."""
    busy(execution, opened=11, closed=20, tickets=30)
    result = await call(server, "trade_get_session_status")
    text = text_of(result)
    assert len(text) < 3_500
    assert text.count("trade_set_stop_loss)") == 1
    assert "11 open trade(s), 0 ticket(s) waiting" in text
    assert len(str(result.structured_content)) < 8_000


async def test_every_ticket_and_trade_is_on_one_page(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: paging to the end names each once, with its state. Provenance: the tools page, last section."""
    busy(execution, opened=3, closed=31, tickets=45)
    tickets, trades, cursor = [], [], None
    while True:
        answer = await session(server, cursor=cursor)
        tickets += [(row["ticket_id"], row["state"]) for row in answer["tickets"]]
        trades += [row["strategy_id"] for row in answer["trades"]]
        if (cursor := answer["next_cursor"]) is None:
            break
    assert sorted(tickets) == sorted((f"tkt_{number}", "FILLED") for number in range(1, 46))
    assert sorted(trades) == sorted(row.strategy_id for row in execution.trade_rows)
    assert (answer["older_tickets"], answer["older_trades"]) == (0, 0)


async def test_a_set_kill_switch_is_the_only_step(server: DeskServer, execution: fakes.FakeExecution) -> None:
    """Claim: nobody is sent to make a ticket that would be refused. Provenance: regression."""
    await drafted(server)
    execution.trade_rows = [trade(TradeState.FILLS_CONFIRMED)]
    switch = "the kill switch is on: enough"
    execution.condition = replace(execution.condition, killed="enough", refusal=switch)
    answer = await session(server)
    (step,) = answer["next_steps"]
    assert "kill --clear" in step
    assert answer["orders_allowed"] is False
    assert answer["orders_refused_because"] == switch


async def test_a_finding_about_the_account_forbids_no_order_and_stands_here_alone(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: a warning is no refusal, and is said once. Provenance: regression."""
    less = "the account holds less than the journal for SPY spread: +1 SPY 600C not there; look"
    execution.condition = replace(execution.condition, missing=(less,))
    answer = await session(server)
    other = await call(server, "trade_get_open_orders")
    assert answer["missing"] == [less]
    assert answer["orders_allowed"] is True
    assert less not in text_of(other)
