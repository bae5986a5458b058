"""A whole story per test, through the MCP client down to the bytes of the exchange and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.e2e.stack import Host, running, talking

pytestmark = pytest.mark.anyio


async def bought_spread(host: Host) -> dict[str, Any]:
    """A bull call spread on SPY, approved by the person's code, filled."""
    draft = await host.ask(
        "trade_calculate_strategy", strategy_type="bull_call_spread", symbol="SPY", width=5, dte=30
    )
    ticket = await host.ask("trade_execute", strategy_id=draft["strategy_id"], limit_price=draft["net_ask"])
    assert ticket["status"] == "approval_required", ticket
    await host.approve(ticket["ticket_id"])
    await host.until(
        "trade_get_order_status", lambda a: a["state"] == "FILLED", ticket_id=ticket["ticket_id"]
    )
    return ticket


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_from_a_look_at_the_market_to_a_closed_and_protected_trade(tmp_path: Path, mode: str) -> None:
    """Claim: quote, chain, draft, ticket, code, fill, stop, close, CLOSED. Provenance: design 3 and 4."""
    async with running(tmp_path) as stack, talking(stack, mode) as host:
        assert (await host.ask("trade_get_quote", symbol="SPY"))["mid"] > 0
        chain = await host.ask(
            "trade_get_options_chain", symbol="SPY", min_dte=20, max_dte=45, strikes_around=3
        )
        assert chain["rows"]
        ticket = await bought_spread(host)
        (position,) = (await host.until("trade_get_positions", lambda a: a["positions"]))["positions"]
        assert (position["strategy"], position["quantity"]) == ("bull_call_spread", 1)
        stop = await host.ask("trade_set_stop_loss", position_id=position["position_id"], stop_pct=50)
        await host.approve(stop["ticket_id"])
        await host.until(
            "trade_get_order_status", lambda a: a["state"] == "LIVE", ticket_id=stop["ticket_id"]
        )
        (working,) = (await host.ask("trade_get_open_orders"))["orders"]
        assert (working["order_type"], working["order_ref"][:4]) == ("STP LMT", "SP1-")
        close = await host.ask("trade_close", position_id=position["position_id"], close_type="market")
        await host.approve(close["ticket_id"])
        await host.until(
            "trade_get_order_status", lambda a: a["state"] == "FILLED", ticket_id=close["ticket_id"]
        )
        assert (await host.until("trade_get_positions", lambda a: not a["positions"]))["positions"] == []
        assert (await host.ask("trade_get_open_orders"))["orders"] == []
        session = await host.ask("trade_get_session_status")
        assert [trade["state"] for trade in session["trades"]] == ["CLOSED"]
        assert ticket["ticket_id"] in {each["ticket_id"] for each in session["tickets"]}
        assert not any(code in text for code in stack.person.codes.values() for text in stack.said)
