"""What is held and what it made, as a person asks for it: the whole way through the exchange over stdio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp_types import ImageContent, TextContent
from tests.e2e.program import Talk, home_with_exchange, talking

from sumppump.bootstrap.exchange_process import control

pytestmark = pytest.mark.anyio


async def opened(talk: Talk, kind: str, symbol: str, **how: Any) -> str:
    """A trade through a ticket that approves itself on the simulator; its strategy_id."""
    draft = await talk.ask("trade_calculate_strategy", strategy_type=kind, symbol=symbol, **how)
    ticket = await talk.ask("trade_execute", strategy_id=draft["strategy_id"])
    await filled(talk, ticket)
    return str(draft["strategy_id"])


async def filled(talk: Talk, ticket: dict[str, Any]) -> None:
    """Wait for the fill of a ticket's order."""
    await talk.until(
        "trade_get_order_status", lambda r: r["state"] == "FILLED", ticket_id=ticket["ticket_id"]
    )


async def test_a_spread_is_shown_summed_up_closed_and_remembered(tmp_path: Path) -> None:
    """Positions name their trade, betas carry their error, the result is in the history after the close."""
    with home_with_exchange(tmp_path):
        async with talking(tmp_path, SUMPPUMP_APPROVAL="auto") as talk:
            spread = await opened(talk, "bull_call_spread", "SPY", width=5, dte=30)
            straddle = await opened(talk, "long_straddle", "AAPL", dte=30)
            held = await talk.until("trade_get_positions", lambda r: len(r["positions"]) == 2)
            summary = await talk.ask("trade_get_portfolio_summary")
            (spy,) = [each for each in held["positions"] if each["symbol"] == "SPY"]
            await filled(talk, await talk.ask("trade_close", position_id=spy["position_id"]))
            past = await talk.until(
                "trade_get_history", lambda r: r["trades"] and r["trades"][0]["pnl"] is not None
            )
            after = await talk.ask(
                "trade_get_portfolio_summary", include_greeks=False, include_closed_today=True
            )
            losses = await talk.ask("trade_get_history", min_pnl=10_000)
    assert {tuple(each["strategy_ids"]) for each in held["positions"]} == {(spread,), (straddle,)}
    assert all(each["next_event"]["days"] >= 0 for each in held["positions"])
    (apple,) = [each for each in summary["underlyings"] if each["symbol"] == "AAPL"]
    assert apple["beta_error"] > 0
    assert apple["beta_days"] > 200
    assert summary["greeks"]["beta_weighted_error"] > 0
    assert summary["session_state"] == [{"state": "FILLS_CONFIRMED", "trades": 2}]
    (trip,) = past["trades"]
    assert (trip["strategy_id"], trip["pnl_from"], trip["exits"]) == (spread, "executions", ["close"])
    assert trip["entry_premium"] > 0 > trip["exit_premium"]
    assert past["statistics"]["trades"] == 1
    assert len(trip["audit_ids"]) == 2
    assert len(past["executions"]) == 6
    assert after["closed_today"]["total_pnl"] == trip["pnl"]
    assert losses["trades"] == []


async def test_equity_is_remembered_day_by_day_and_drawn_from_the_second_on(tmp_path: Path) -> None:
    """A weekend later the account has two days; the next program on the same home knows them too."""
    with home_with_exchange(tmp_path):
        async with talking(tmp_path, SUMPPUMP_APPROVAL="auto") as talk:
            await opened(talk, "long_straddle", "SPY", dte=7)
            first = await talk.ask("trade_get_history", as_chart=True)
            await anyio.to_thread.run_sync(control, tmp_path, "advance 2026-11-30T10:30")
            second = await talk.until("trade_get_history", lambda r: r["equity"]["days_seen"] == 2)
        async with talking(tmp_path) as talk:
            drawn = await talk.client.call_tool("trade_get_history", {"as_chart": True})
    assert first["chart"] is None
    assert first["equity"]["days_seen"] == 1
    assert (second["equity"]["first_day"], second["equity"]["first"]) == (
        first["equity"]["first_day"],
        pytest.approx(first["equity"]["last"], rel=0.01),
    )
    words, image = drawn.content
    assert isinstance(words, TextContent)
    assert isinstance(image, ImageContent)
    assert "date|equity|drawdown" in words.text
    assert (await anyio.Path(second["chart"]).read_bytes()).startswith(b"\x89PNG")
