"""Coins and pairs as a host reads them: only when their set is named, and without advice."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.unit.server.conftest import connected

from sumppump.server.app import DeskServer, build_server
from sumppump.server.desk import Desk

pytestmark = pytest.mark.anyio
NAMES = {"trade_get_crypto_quote", "trade_analyze_crypto", "trade_get_fx_quote", "trade_analyze_fx_pair"}
ADVICE = re.compile(r"\b(BUY|SELL|HOLD|recommend\w*|confidence|target|stop.loss)\b", re.IGNORECASE)


@pytest.mark.parametrize(("profile", "offered"), [("full", False), ("read", False), ("read,crypto_fx", True)])
async def test_the_set_is_offered_by_name_alone(desk: Desk, profile: str, offered: bool) -> None:
    """Claim: no profile brings it. Provenance: settled 20."""
    async with connected(build_server(desk, profile=profile)) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
    assert (names >= NAMES) is offered
    assert bool(NAMES & names) is offered


async def asked(server: DeskServer, tool: str, **arguments: str) -> dict[str, Any]:
    async with connected(server) as client:
        result = await client.call_tool(tool, arguments)
    return result.structured_content or {}


async def test_a_pair_comes_with_pips_and_a_coin_with_its_session(server: DeskServer) -> None:
    """Claim: bid below ask; nothing is called 24 h. Provenance: tools page."""
    pair = await asked(server, "trade_get_fx_quote", pair="EURUSD")
    assert pair["bid"] < pair["ask"]
    assert (pair["pair"], pair["pip"]) == ("EUR.USD", 0.0001)
    assert pair["spread_pips"] == pytest.approx((pair["ask"] - pair["bid"]) / 0.0001, abs=0.01)
    coin = await asked(server, "trade_get_crypto_quote", symbol="btc-usd")
    assert (coin["base"], coin["quote_currency"]) == ("BTC", "USD")
    assert not any("24" in name for name in coin)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("trade_analyze_crypto", {"symbol": "BTC"}), ("trade_analyze_fx_pair", {"pair": "EUR.USD"})],
)
async def test_an_analysis_gives_no_advice_and_no_figure_of_five_bars(
    server: DeskServer, tool: str, arguments: dict[str, str]
) -> None:
    """Claim: null with reasons. Provenance: tools page, crypto_fx."""
    said = await asked(server, tool, **arguments)
    assert said["bars"] == 5
    figures = ("sma_20", "sma_50", "rsi_14", "atr_14", "volatility")
    assert {said["technicals"][name] for name in figures} == {None}
    assert len(said["gaps"]) >= 5
    assert not ADVICE.search(json.dumps(said))
