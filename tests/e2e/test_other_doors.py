"""Positions that leave by expiry or by another trade's order: the machines end, and no exit outlives them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.stack import Host, Stack, running, talking

from sumppump.domain.journal import TradeRecord
from sumppump.domain.leg_ends import LegFate
from sumppump.domain.trade import TradeState
from sumppump.exchange.commands import OrderAssignment
from sumppump.exchange.control import Advance
from sumppump.exchange.moments import read_moment
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.kernel.clock import NEW_YORK

pytestmark = pytest.mark.anyio

HALF_DAY = datetime(2026, 11, 27, 11, 0, tzinfo=NEW_YORK)


@pytest.fixture
def anyio_backend() -> str:
    """The gateway wants asyncio."""
    return "asyncio"


@asynccontextmanager
async def half_day(home: Path, *, auto: bool = True) -> AsyncIterator[tuple[Stack, Host]]:
    """A program and its host on the shortened session after Thanksgiving, two hours before its close."""
    exchange = EmbeddedServer(SimSettings(idle_exit_s=None, start=HALF_DAY))
    await exchange.start()
    try:
        async with running(home, auto=auto, exchange=exchange) as stack, talking(stack) as host:
            yield stack, host
    finally:
        await exchange.close()


async def staged(
    host: Host, *, stop: float | None = None, target: float | None = None, **wish: Any
) -> dict[str, Any]:
    """A ticket for a strategy at a price that is filled at once."""
    draft = await host.ask("trade_calculate_strategy", **wish)
    price = sum((_touch(leg) for leg in draft["legs"]), 0.05)
    return await host.ask(
        "trade_execute",
        strategy_id=draft["strategy_id"],
        limit_price=round(price, 2),
        stop_loss_pct=stop,
        take_profit_pct=target,
    )


def _touch(leg: Mapping[str, Any]) -> float:
    units = float(leg["ratio"]) / (1 if leg["right"] else 100)  # a stock leg counts shares
    return units * (float(leg["ask"]) if leg["side"] == "BUY" else -float(leg["bid"]))


async def filled(host: Host, ticket: Mapping[str, Any]) -> str:
    """The strategy_id of a ticket whose order has been filled."""
    report = await host.until(
        "trade_get_order_status", lambda r: r["state"] == "FILLED", ticket_id=ticket["ticket_id"]
    )
    return str(report["strategy_id"])


async def opened(host: Host, **wish: Any) -> str:
    """A strategy that is held; its strategy_id."""
    return await filled(host, await staged(host, **wish))


def trade(stack: Stack, strategy_id: str) -> TradeRecord:
    """A trade as the journal knows it."""
    return next(each for each in stack.desk.execution.trades() if each.strategy_id == strategy_id)


async def stop_for(host: Host, position: Mapping[str, Any]) -> dict[str, Any]:
    """A ticket that guards a position."""
    return await host.ask("trade_set_stop_loss", position_id=position["position_id"], stop_pct=50)


async def over(host: Host, stack: Stack, *strategies: str) -> list[TradeRecord]:
    """The trades once the session status calls them closed."""

    def are_closed(status: Mapping[str, Any]) -> bool:
        states = {trade["strategy_id"]: trade["state"] for trade in status["trades"]}
        return all(states[each] == "CLOSED" for each in strategies)

    await host.until("trade_get_session_status", are_closed)
    return [trade(stack, each) for each in strategies]


async def test_every_trade_that_expires_is_closed_with_what_became_of_each_leg(tmp_path: Path) -> None:
    """Two trades hold the same call: what expires has gone from both, whoever held it."""
    async with half_day(tmp_path) as (stack, host):
        condor = await opened(host, strategy_type="iron_condor", symbol="SPX", dte=0, width=10)
        straddle = await opened(host, strategy_type="straddle", symbol="SPY", dte=0)
        call = await opened(host, strategy_type="long_call", symbol="SPY", dte=0, target=900)
        stack.exchange.run(Advance(to=read_moment("close+5m")))
        trades = await over(host, stack, condor, straddle, call)
        await host.until("trade_get_open_orders", lambda answer: not answer["orders"])
        status = await host.ask("trade_get_session_status")
    cash, two, one = trades
    assert (status["warnings"], status["missing"]) == ([], [])
    came = [trade for trade in trades if any(leg.shares for leg in trade.leg_ends)]
    assert len(status["left_over"]) == len(came)
    assert all("100 SPY, left of " in each for each in status["left_over"])
    assert {leg.fate for leg in cash.leg_ends} <= {LegFate.EXPIRED, LegFate.CASH_SETTLED}
    assert all(leg.price is not None for trade in trades for leg in trade.leg_ends)
    assert {leg.fate for leg in two.leg_ends} == {LegFate.EXPIRED, LegFate.EXERCISED}
    assert one.leg_ends[0].fate is next(
        leg.fate for leg in two.leg_ends if leg.con_id == one.leg_ends[0].con_id
    )
    assert [trade.left_at for trade in trades] == [HALF_DAY.replace(hour=13)] * 3
    assert abs(sum(leg.shares for leg in two.leg_ends)) == 100
    assert "shares of SPY" in two.reason


async def test_an_assignment_before_expiry_ends_the_trade_with_what_was_delivered(tmp_path: Path) -> None:
    """The covered call's shares are called away weeks before its expiry: nothing is left to guard."""
    async with half_day(tmp_path) as (stack, host):
        covered = await opened(host, strategy_type="covered_call", symbol="AAPL", dte=20)
        (position,) = (await host.ask("trade_get_positions"))["positions"]
        (call,) = [leg["con_id"] for leg in position["legs"] if leg["quantity"] < 0]
        stack.exchange.venue.apply(OrderAssignment((call,)))
        stack.exchange.run(Advance(to=read_moment("close+5m")))
        (ended,) = await over(host, stack, covered)
        left = (await host.ask("trade_get_session_status"))["left_over"]
    assert {leg.fate for leg in ended.leg_ends} == {LegFate.DELIVERED, LegFate.ASSIGNED}
    assert ended.reason.startswith("before expiry: ")
    assert ended.left_at == HALF_DAY.replace(hour=13)
    assert left == []


async def test_a_day_that_was_slept_through_still_ends_its_trades(tmp_path: Path) -> None:
    """From Friday to Monday in one step: the machine's clock and the broker's lists know of it only later."""
    async with half_day(tmp_path) as (stack, host):
        straddle = await opened(host, strategy_type="straddle", symbol="SPY", dte=0)
        call = await opened(host, strategy_type="long_call", symbol="SPY", dte=0)
        stack.exchange.run(Advance(to=read_moment("2026-11-30T09:31")))
        trades = await over(host, stack, straddle, call)
        status = await host.ask("trade_get_session_status")
    assert all(trade.reason.startswith("expired") for trade in trades)
    assert status["warnings"] == []


async def test_an_order_that_closes_a_held_contract_says_so_and_takes_the_exits_with_it(
    tmp_path: Path,
) -> None:
    """The calendar sells the very call that is held: its stop would sell a call that is not there."""
    async with half_day(tmp_path, auto=False) as (stack, host):
        first = await staged(host, strategy_type="long_call", symbol="AAPL", dte=30, stop=50)
        await host.approve(first["ticket_id"])
        call = await filled(host, first)
        second = await staged(host, strategy_type="calendar_call", symbol="AAPL", dte=30)
        sent = await host.approve(second["ticket_id"])
        calendar = await filled(host, second)
        held, sold = await over(host, stack, call, calendar)
        await host.until("trade_get_open_orders", lambda answer: not answer["orders"])
        (stop,) = (await host.ask("trade_get_order_status", ticket_id=first["ticket_id"]))["children"]
        (position,) = (await host.ask("trade_get_positions"))["positions"]
        (left,) = (await host.ask("trade_get_session_status"))["left_over"]
        await host.approve((await stop_for(host, position))["ticket_id"])
        await stack.desk.execution.reconcile()
        after = await host.ask("trade_get_session_status")
        past = (await host.ask("trade_get_history"))["trades"]
    said = " ".join(second["warnings"])
    assert "This order closes your held +1 AAPL" in said
    assert f"order {stop['order_id']} (stop)" in said
    assert sent["warnings"] == second["warnings"][:2]
    assert stop["state"] == "CANCELLED"
    assert [leg.fate for leg in held.leg_ends] == [LegFate.OFFSET]
    assert sorted(leg.fate for leg in sold.leg_ends) == sorted([LegFate.OFFSET, LegFate.KEPT])
    assert [leg["quantity"] for leg in position["legs"]] == [1]
    assert next(trip["pnl"] for trip in past if trip["strategy_id"] == call) is not None
    assert left.startswith(f"+1 {position['legs'][0]['label']}, left of Calendar call")
    assert (after["left_over"], after["missing"], after["warnings"]) == ([], [], [])
    assert after["summary"].startswith("1 open trade(s)")


async def test_trades_that_share_only_some_legs_both_go_on(tmp_path: Path) -> None:
    """A ladder of spreads: together they are what the account holds, and each keeps its own stop."""
    async with half_day(tmp_path) as (stack, host):
        spread = {"strategy_type": "bull_call_spread", "symbol": "SPY", "dte": 20}
        low = await opened(host, **spread, strikes=[670, 675], stop=50)
        high = await opened(host, **spread, strikes=[675, 680], stop=50)
        await stack.desk.execution.reconcile()
        working = [order["state"] for order in (await host.ask("trade_get_open_orders"))["orders"]]
        states = [trade(stack, each).state for each in (low, high)]
    assert working == ["LIVE", "LIVE"]
    assert states == [TradeState.MONITORING] * 2


async def test_a_close_that_is_filled_answers_with_its_result(tmp_path: Path) -> None:
    """After fees, in the answer of the close itself; what its limit would have made is no news then."""
    async with half_day(tmp_path) as (_, host):
        await opened(host, strategy_type="bull_call_spread", symbol="SPY", dte=20, width=5)
        closed = await host.ask("trade_close", symbol="SPY", close_type="market")
        report = await host.ask("trade_get_order_status", ticket_id=closed["ticket_id"])
    assert closed["status"] == "FILLED"
    assert closed["order"]["result_after_fees"] == report["result_after_fees"] is not None
    assert "Result after fees: " in closed["summary"]
    assert closed["exits"] == []
    assert closed["next_steps"]
    assert str(closed).count("opens nothing new") == 1
