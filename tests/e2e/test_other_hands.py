"""Somebody else trades the same account: the truth is the exchange's, and no order of ours stays behind."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from ib_async import IB, Contract, MarketOrder
from tests.e2e.program import home_with_exchange, talking

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """ib_async wants asyncio."""
    return "asyncio"


async def sell_by_hand(ib: IB, legs: list[dict[str, Any]]) -> None:
    """Close every leg with a market order of another client and wait for the fills."""
    for leg in legs:
        (details,) = await ib.reqContractDetailsAsync(Contract(conId=leg["con_id"]))
        assert details.contract is not None
        action = "SELL" if leg["quantity"] > 0 else "BUY"
        trade = ib.placeOrder(details.contract, MarketOrder(action, abs(leg["quantity"])))
        while not trade.isDone():
            await asyncio.wait_for(trade.statusEvent, 10)


async def test_a_stop_is_gone_soon_after_its_position_was_sold_by_hand(tmp_path: Path) -> None:
    """Left alone it would open the reversed spread (decision 10); a second client sees the truth."""
    with home_with_exchange(tmp_path):
        async with talking(tmp_path, SUMPPUMP_APPROVAL="auto") as talk:
            draft = await talk.ask(
                "trade_calculate_strategy", strategy_type="bull_call_spread", symbol="SPY", width=5, dte=30
            )
            opened = await talk.ask("trade_execute", strategy_id=draft["strategy_id"])
            await talk.until(
                "trade_get_order_status", lambda r: r["state"] == "FILLED", ticket_id=opened["ticket_id"]
            )
            (position,) = (await talk.ask("trade_get_positions"))["positions"]
            stop = await talk.ask("trade_set_stop_loss", position_id=position["position_id"], stop_pct=50)
            ib = IB()
            running = json.loads((tmp_path / "exchange" / "port.json").read_text())
            await ib.connectAsync("127.0.0.1", running["port"], clientId=77)
            try:
                await sell_by_hand(ib, position["legs"])
                await talk.until(
                    "trade_get_order_status", lambda r: r["state"] == "CANCELLED", ticket_id=stop["ticket_id"]
                )
                working = await ib.reqAllOpenOrdersAsync()
            finally:
                ib.disconnect()
            status = await talk.until(
                "trade_get_session_status", lambda r: [t["state"] for t in r["trades"]] == ["CLOSED"]
            )
    assert working == []
    assert status["warnings"] == []
