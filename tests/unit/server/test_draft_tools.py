"""trade_calculate_strategy as a host sees it: every name is offered, each draft explains itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcp_types import CallToolResult
from tests.unit.server.conftest import connected

from sumppump.server.app import DeskServer
from sumppump.strategies.catalogue import SHAPES, StrategyType

pytestmark = pytest.mark.anyio
TOOL = "trade_calculate_strategy"
MOST_BYTES = 2_600
"""Sixty names alone are 1,300 bytes of it."""


async def asked(server: DeskServer, **arguments: Any) -> CallToolResult:
    async with connected(server) as client:
        result = await client.call_tool(TOOL, arguments)
    assert isinstance(result, CallToolResult)
    return result


async def draft(server: DeskServer, kind: str, **arguments: Any) -> dict[str, Any]:
    result = await asked(server, strategy_type=kind, symbol="SPY", **arguments)
    assert not result.is_error
    return result.structured_content or {}


async def test_every_strategy_of_the_catalogue_is_offered_by_name(server: DeskServer) -> None:
    """Claim: the schema's enum is the table, within its bytes. Provenance: tools page, our decision."""
    async with connected(server) as client:
        (tool,) = [each for each in (await client.list_tools()).tools if each.name == TOOL]
    assert tool.input_schema["properties"]["strategy_type"]["enum"] == list(StrategyType)
    offered = [tool.name, tool.description, tool.input_schema]
    assert len(json.dumps(offered, separators=(",", ":"))) < MOST_BYTES


@pytest.mark.parametrize("kind", ["jade_lizard", "call_backspread", "long_box", "double_calendar"])
async def test_a_draft_explains_itself(server: DeskServer, kind: str) -> None:
    """Claim: what it does and what it wants of volatility, as the table says it."""
    answer = await draft(server, kind, dte=30)
    assert answer["explanation"].startswith(SHAPES[StrategyType(kind)].about)
    assert "volatility" in answer["explanation"]


@pytest.mark.parametrize("kind", ["short_call", "call_ratio_spread", "reverse_jade_lizard"])
async def test_unlimited_losses_have_no_number_a_reason_and_a_warning(server: DeskServer, kind: str) -> None:
    """Claim: null with a reason, level 4, and the word. Provenance: tools page, last section."""
    answer = await draft(server, kind, dte=30)
    assert answer["max_loss"] is None
    assert "without limit" in answer["max_loss_reason"]
    assert answer["permission_level"] == 4
    assert any("unlimited" in warning for warning in answer["warnings"])


@pytest.mark.parametrize(("kind", "says"), [("long_box", "you PAY"), ("jade_lizard", "you RECEIVE")])
async def test_the_summary_says_which_way_cash_goes(server: DeskServer, kind: str, says: str) -> None:
    """Claim: in capitals, before any figure. Provenance: tools page, last section."""
    assert says in (await draft(server, kind, dte=30))["summary"]


async def test_a_word_with_an_aim_of_its_own_is_read_and_said(server: DeskServer) -> None:
    """Claim: a poor man's covered call stands deep in the money on a later date than a diagonal's."""
    poor = await draft(server, "poor man's covered call", dte=9)
    plain = await draft(server, "diagonal_call", dte=9)
    assert poor["strategy_type"] == "diagonal_call"
    assert "diagonal_call" in poor["read_as"][0]
    assert poor["legs"][0]["strike"] < plain["legs"][0]["strike"]


async def test_on_the_last_day_time_is_told_in_minutes(server: DeskServer) -> None:
    """Claim: dte 0 and the minutes until the close; a month ahead days say enough."""
    today = await draft(server, "iron_condor", dte=0)
    assert (today["dte"], today["minutes_to_expiry"]) == (0, 360)
    assert (await draft(server, "iron_condor", dte=30))["minutes_to_expiry"] is None


BAD = [
    ({"strategy_type": "covered_put", "symbol": "SPY"}, "short_stock", "strategy_type"),
    ({"strategy_type": "covered_call", "symbol": "SPX"}, "invalid_strategy_type", "strategy_type"),
    ({"strategy_type": "iron_condor", "symbol": "SPY", "quantity": 0}, "invalid_quantity", "quantity"),
    ({"strategy_type": "iron_condor", "symbol": "SPY", "quantity": -1}, "invalid_quantity", "quantity"),
    ({"strategy_type": "iron_condor", "symbol": "SPY", "quantity": 1.5}, "invalid_quantity", "quantity"),
    (
        {"strategy_type": "bull_call_spread", "symbol": "SPY", "strikes": [610, 600]},
        "invalid_strikes",
        "strikes",
    ),
    (
        {"strategy_type": "call_butterfly", "symbol": "SPY", "strikes": [590, 600, 615]},
        "invalid_strikes",
        "strikes",
    ),
    (
        {"strategy_type": "bull_call_spread", "symbol": "SPY", "strikes": [600, 601.25]},
        "strike_not_listed",
        "strikes",
    ),
    ({"strategy_type": "bull_call_spread", "symbol": "SPY", "width": 700}, "width_not_listed", "width"),
]


@pytest.mark.parametrize(("arguments", "code", "field"), BAD)
async def test_what_cannot_be_built_names_its_field(
    server: DeskServer, arguments: dict[str, Any], code: str, field: str
) -> None:
    """Claim: a code, what was expected of which argument, what to do. Provenance: tools page."""
    result = await asked(server, **arguments)
    assert result.is_error
    error = result.structured_content or {}
    assert error["code"] == code
    assert error["expected"].startswith(f"{field}: ")
    assert error["next_steps"]
