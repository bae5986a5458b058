"""Every call goes through one pipeline: budget, arguments, tool, answer or refusal, one audit row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp_types import CallToolResult
from tests.support.fake_market import FakeClock
from tests.unit.server import fakes
from tests.unit.server.conftest import connected

from sumppump.server.app import DeskServer, build_server
from sumppump.server.desk import Desk

pytestmark = pytest.mark.anyio
ERROR_KEYS = {"code", "message", "expected", "found", "who", "next_steps", "retry"}
TOP_KEYS = {"summary", "warnings", "as_of", "environment", "data_quality"}


async def call(server: DeskServer, tool: str, mode: str = "auto", **arguments: Any) -> CallToolResult:
    async with connected(server, mode) as client:
        return await client.call_tool(tool, arguments)


async def drafted(server: DeskServer) -> str:
    result = await call(server, "trade_calculate_strategy", strategy_type="bull_call_spread", symbol="SPY")
    assert result.structured_content is not None
    return str(result.structured_content["strategy_id"])


def code_of(result: CallToolResult) -> str:
    assert result.is_error
    assert result.structured_content is not None
    assert set(result.structured_content) >= ERROR_KEYS | TOP_KEYS
    code = str(result.structured_content["code"])
    assert code in text_of(result)
    return code


def text_of(result: CallToolResult) -> str:
    return "".join(part.text for part in result.content if part.type == "text")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_an_answer_has_the_same_head_in_both_eras(server: DeskServer, mode: str) -> None:
    """Claim: summary, warnings, age, environment, quality head every answer. Provenance: tools page."""
    result = await call(server, "trade_get_session_status", mode)
    assert result.structured_content is not None
    assert set(result.structured_content) >= TOP_KEYS
    assert result.structured_content["environment"] == {"mode": "SIM", "account": "SIM…417"}
    assert text_of(result).startswith("SIM · SIM…417\n")


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("trade_execute", {}, "missing_argument"),
        ("trade_execute", {"strategy_id": "a", "ticket_id": "b"}, "invalid_argument"),
        ("trade_execute", {"strategy_id": "a", "quantity": 1.5}, "invalid_quantity"),
        ("trade_execute", {"strategy_id": "a", "quantity": "many"}, "invalid_quantity"),
        ("trade_execute", {"strategy_id": "a", "limit_price": "1,5"}, "invalid_limit_price"),
        ("trade_execute", {"strategy_id": "a", "order_type": "MKT"}, "invalid_order_type"),
        ("trade_execute", {"strategy_id": "a", "tif": "IOC"}, "invalid_tif"),
        ("trade_execute", {"strategy_id": "a", "qty": 5}, "unknown_argument"),
        ("trade_execute", {"strategy_id": "drf_gone"}, "draft_gone"),
        ("trade_execute", {"ticket_id": "tkt_nope"}, "ticket_gone"),
        ("trade_execute", {"strategy_id": {"a": 1}}, "invalid_strategy_id"),
        ("trade_close", {}, "missing_argument"),
        ("trade_close", {"symbol": "SPY", "close_type": "yolo"}, "invalid_close_type"),
        ("trade_set_stop_loss", {}, "missing_argument"),
        ("trade_set_stop_loss", {"position_id": "p", "decline": True}, "missing_argument"),
        ("trade_set_stop_loss", {"position_id": "p", "decline": "maybe"}, "invalid_decline"),
        ("trade_modify_order", {"new_limit_price": 1}, "missing_argument"),
        ("trade_cancel_order", {}, "missing_argument"),
        ("trade_get_order_status", {"order_id": 999}, "unknown_order"),
        ("trade_get_order_status", {"ticket_id": "nope"}, "unknown_order"),
        ("trade_nope", {}, "unknown_tool"),
    ],
)
async def test_bad_input_is_a_stable_code_and_stages_nothing(
    server: DeskServer, execution: fakes.FakeExecution, tool: str, arguments: dict[str, Any], code: str
) -> None:
    """Claim: nothing reaches the services. Provenance: design, section 8; tools page, last section."""
    assert code_of(await call(server, tool, **arguments)) == code
    assert not execution.sent
    assert not execution.board


async def test_an_unknown_argument_names_the_nearest_one(server: DeskServer) -> None:
    """Claim: a misspelt argument is never dropped. Provenance: our decision (SDK drops it silently)."""
    result = await call(server, "trade_execute", strategy_id="a", limit="2.15")
    assert result.structured_content is not None
    assert result.structured_content["next_steps"] == ["Did you mean limit_price?"]


async def test_strings_are_read_and_the_answer_says_how(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: coercion is echoed in both channels. Provenance: design, section 8."""
    draft = await drafted(server)
    result = await call(server, "trade_execute", strategy_id=draft, quantity="2", limit_price="$2.15")
    assert result.structured_content is not None
    assert result.structured_content["read_as"] == [
        "quantity: '2' read as 2",
        "limit_price: '$2.15' read as 2.15",
    ]
    assert "quantity: '2' read as 2" in text_of(result)
    kind, said = execution.calls[0]
    assert (kind, said["quantity"], str(said["limit"])) == ("open", 2, "2.15")


async def test_an_exception_nobody_foresaw_keeps_its_text_to_itself(
    server: DeskServer, execution: fakes.FakeExecution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim: internals never leak. Provenance: MCP facts, trap 4."""

    def broken(_: object) -> None:
        raise RuntimeError("secret path /etc/somewhere")

    monkeypatch.setattr(execution, "status", broken)
    result = await call(server, "trade_get_order_status", order_id=12)
    assert code_of(result) == "internal"
    assert "/etc/somewhere" not in json.dumps(result.structured_content) + text_of(result)


async def test_every_call_leaves_one_audit_row_without_secrets(
    server: DeskServer, audit: fakes.MemoryAudit
) -> None:
    """Claim: one row per call, refused ones too; a code is never in it. Provenance: controls, audit log."""
    await call(server, "trade_get_session_status")
    await call(server, "trade_execute", ticket_id="tkt_9", confirm_token=fakes.CODE)
    await call(server, "trade_nope")
    assert [(row["tool"], row["outcome"]) for _, row in audit.rows] == [
        ("trade_get_session_status", "ok"),
        ("trade_execute", "ticket_gone"),
        ("trade_nope", "unknown_tool"),
    ]
    assert fakes.CODE not in json.dumps([dict(row) for _, row in audit.rows])


async def test_calls_over_the_budget_are_refused_until_time_passes(desk: Desk, clock: FakeClock) -> None:
    """Claim: a bucket of a minute's calls that fills evenly. Provenance: settled 18."""
    server = build_server(desk, calls_per_minute=2)
    async with connected(server) as client:
        for _ in range(2):
            assert not (await client.call_tool("trade_get_session_status", {})).is_error
        refused = await client.call_tool("trade_get_session_status", {})
        assert code_of(refused) == "rate_limited"
        clock.seconds += 30
        assert not (await client.call_tool("trade_get_session_status", {})).is_error


async def test_cancel_and_kill_work_when_the_budget_is_used_up(
    desk: Desk, execution: fakes.FakeExecution
) -> None:
    """Claim: what makes things safer is never refused for its number. Provenance: design, section 3."""
    server = build_server(desk, calls_per_minute=1)
    async with connected(server) as client:
        await client.call_tool("trade_get_session_status", {})
        assert not (await client.call_tool("trade_cancel_order", {"order_id": "12"})).is_error
        assert not (await client.call_tool("trade_kill_switch", {"reason": "test"})).is_error
    assert [name for name, _ in execution.calls] == ["cancel", "kill"]


async def test_an_alarm_heads_every_answer(server: DeskServer, execution: fakes.FakeExecution) -> None:
    """Claim: text line one and the first warning say it, on errors too. Provenance: T-22."""
    await execution.kill("runaway")
    for tool in ("trade_get_session_status", "trade_nope"):
        result = await call(server, tool)
        assert result.structured_content is not None
        assert result.structured_content["warnings"][0] == "KILL SWITCH is on: runaway"
        assert text_of(result).splitlines()[0] == "SIM · SIM…417 · KILL SWITCH is on: runaway"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_no_arguments_whatever_crash_a_tool_or_send_anything(
    server: DeskServer, execution: fakes.FakeExecution, data: st.DataObject
) -> None:
    """Claim: any JSON object gives an answer or a coded refusal, and 0 sends. Provenance: fuzzed."""
    card = data.draw(st.sampled_from(await server.list_tools()))
    names = st.sampled_from(sorted(card.input_schema["properties"]) or ["x"]) | st.text(max_size=8)
    arguments = data.draw(st.dictionaries(names, JSON, max_size=4))
    result = await server.call_tool(card.name, arguments)
    assert isinstance(result, CallToolResult)
    if result.is_error:
        assert code_of(result) not in ("", "internal")
    assert not execution.sent
