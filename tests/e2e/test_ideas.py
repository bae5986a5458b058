"""From a view of the market to a ticket through the whole program on the exchange."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.e2e.stack import running, talking

pytestmark = pytest.mark.anyio


async def test_a_view_becomes_a_ranked_draft_a_look_and_a_ticket(tmp_path: Path) -> None:
    """The same strikes throughout; every rank shows its parts and stays within an answer's room."""
    async with running(tmp_path) as stack, talking(stack) as host:
        ideas = await host.ask(
            "trade_suggest_strikes", symbol="SPY", outlook="bullish", max_loss=600, min_pop=0.4
        )
        assert len(json.dumps(ideas)) <= 8_000
        assert len(host.stack.said[-1]) <= 8_000
        assert ideas["candidates_priced"] > 1_000
        assert ideas["contracts_quoted"] <= 100
        best = ideas["candidates"][0]
        assert best["max_loss"] <= 600
        assert best["probability_of_profit"] >= 0.4
        look = await host.ask(
            "trade_analyze_opportunity", symbol="SPY", strategy_type="bull_put_spread", strikes=[640, 645]
        )
        assert {step["name"] for step in look["steps"]} >= {"news", "volatility", "chain", "strategy", "risk"}
        assert all(step["status"] in ("pass", "fail", "unknown") for step in look["steps"])
        ticket = await host.ask("trade_execute", strategy_id=best["strategy_id"])
        assert ticket["status"] == "approval_required"
