"""A whole story per test, through the MCP client down to the bytes of the exchange and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mcp_types import ElicitRequestParams, ElicitResult
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


async def test_an_order_survives_a_broken_line_and_is_told_from_the_journal(tmp_path: Path) -> None:
    """Claim: approved, cut, found by its reference; the twin sends nothing. Provenance: design 1.2."""
    async with running(tmp_path) as stack, talking(stack) as host:
        draft = await host.ask("trade_calculate_strategy", strategy_type="long_call", symbol="SPY", dte=30)
        ticket = await host.ask(
            "trade_execute", strategy_id=draft["strategy_id"], limit_price=draft["net_ask"]
        )
        await host.approve(ticket["ticket_id"])
        stack.drop_connections()
        report = await host.until(
            "trade_get_order_status", lambda a: a["state"] == "FILLED", ticket_id=ticket["ticket_id"]
        )
        assert report["filled"] == 1
        twin = await host.ask("trade_execute", ticket_id=ticket["ticket_id"])
        assert (twin["status"], twin["order"]["order_ref"]) == ("FILLED", report["order_ref"])
        assert stack.placed() == 1


async def test_after_a_restart_everything_is_known_again(tmp_path: Path) -> None:
    """Claim: tickets, orders and trades come from the journal. Provenance: tools page, session status."""
    async with running(tmp_path) as first:
        async with talking(first) as host:
            ticket = await bought_spread(host)
        await first.desk.execution.stop()
        await first.gateway.stop()
        async with running(tmp_path, exchange=first.exchange) as second, talking(second) as host:
            report = await host.ask("trade_get_order_status", ticket_id=ticket["ticket_id"])
            assert report["state"] == "FILLED"
            session = await host.ask("trade_get_session_status")
            assert [trade["state"] for trade in session["trades"]] == ["FILLS_CONFIRMED"]
            assert [each["ticket_id"] for each in session["tickets"]] == [ticket["ticket_id"]]


async def test_five_wrong_codes_void_a_ticket_and_nothing_is_sent(tmp_path: Path) -> None:
    """Claim: five tries, then even the right code is worth nothing. Provenance: settled 1."""
    async with running(tmp_path) as stack, talking(stack) as host:
        draft = await host.ask("trade_calculate_strategy", strategy_type="long_put", symbol="SPY")
        ticket = await host.ask("trade_execute", strategy_id=draft["strategy_id"])
        for guess in ("AAA-AAA", "BBB-BBB", "CCC-CCC", "DDD-DDD", "EEE-EEE"):
            refused = await host.ask("trade_execute", ticket_id=ticket["ticket_id"], confirm_token=guess)
            assert refused["who"] == "approval"
        assert refused["code"] == "code_void"
        assert "ticket" in (await host.approve(ticket["ticket_id"]))["code"]
        assert stack.placed() == 0


async def test_a_working_order_can_be_changed_with_approval_and_cancelled_without(tmp_path: Path) -> None:
    """Claim: modify takes a ticket, cancel acts at once. Provenance: settled 9, orders R11."""
    async with running(tmp_path) as stack, talking(stack) as host:
        draft = await host.ask("trade_calculate_strategy", strategy_type="long_call", symbol="SPY", dte=30)
        far = round(draft["net_mid"] * 0.95, 2)
        ticket = await host.ask("trade_execute", strategy_id=draft["strategy_id"], limit_price=far)
        await host.approve(ticket["ticket_id"])
        live = await host.until(
            "trade_get_order_status", lambda a: a["state"] == "LIVE", ticket_id=ticket["ticket_id"]
        )
        change = await host.ask(
            "trade_modify_order", order_id=live["order_id"], new_limit_price=round(far + 0.01, 2)
        )
        assert change["status"] == "approval_required", change
        changed = await host.approve(change["ticket_id"])
        assert changed.get("status") == "LIVE", changed
        await host.until(
            "trade_get_open_orders", lambda a: a["orders"][0]["limit_price"] == round(far + 0.01, 2)
        )
        done = await host.ask("trade_cancel_order", order_id=live["order_id"])
        assert done["status"] in ("CANCELLED", "CANCEL_SENDING"), done
        await host.until("trade_get_open_orders", lambda a: not a["orders"])


async def test_the_kill_switch_stops_everything_new_and_no_tool_clears_it(tmp_path: Path) -> None:
    """Claim: a ticket that waits is worth nothing after it; every answer says so. Provenance: settled 8."""
    async with running(tmp_path) as stack, talking(stack) as host:
        draft = await host.ask("trade_calculate_strategy", strategy_type="long_call", symbol="SPY")
        ticket = await host.ask("trade_execute", strategy_id=draft["strategy_id"])
        assert (await host.ask("trade_kill_switch", reason="test"))["status"] == "KILLED"
        refused = await host.approve(ticket["ticket_id"])
        assert refused["code"], refused
        assert "KILL SWITCH" in refused["warnings"][0]
        assert "code" in await host.ask("trade_execute", strategy_id=draft["strategy_id"])
        assert stack.placed() == 0


async def test_on_the_simulator_a_test_may_approve_by_itself(tmp_path: Path) -> None:
    """Claim: SUMPPUMP_APPROVAL=auto answers with the order's own state. Provenance: tools page."""
    async with running(tmp_path, auto=True) as stack, talking(stack) as host:
        draft = await host.ask("trade_calculate_strategy", strategy_type="iron_condor", symbol="SPY", dte=30)
        ticket = await host.ask(
            "trade_execute", strategy_id=draft["strategy_id"], limit_price=draft["net_ask"]
        )
        assert ticket["status"] != "approval_required", ticket
        await host.until(
            "trade_get_order_status", lambda a: a["state"] == "FILLED", ticket_id=ticket["ticket_id"]
        )
        (position,) = (await host.until("trade_get_positions", lambda a: a["positions"]))["positions"]
        assert position["strategy"] == "iron_condor"
        declined = await host.ask(
            "trade_set_stop_loss", position_id=position["position_id"], decline=True, reason="defined risk"
        )
        assert declined["status"] == "STOP_DECLINED", declined
        session = await host.ask("trade_get_session_status")
        assert session["trades"][0]["state"] == "STOP_DECLINED"


async def test_a_host_that_shows_forms_may_ask_the_person_itself(tmp_path: Path) -> None:
    """Claim: the typed symbol approves on the simulator, once. Provenance: settled 5."""
    asked: list[str] = []

    async def person(_: object, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"type_to_confirm": "SPY"})

    async with running(tmp_path) as stack, talking(stack, elicitation_callback=person) as host:
        draft = await host.ask("trade_calculate_strategy", strategy_type="long_put", symbol="SPY", dte=30)
        sent = await host.ask("trade_execute", strategy_id=draft["strategy_id"], limit_price=draft["net_ask"])
        assert sent["status"] != "approval_required", sent
        await host.until(
            "trade_get_order_status", lambda a: a["state"] == "FILLED", ticket_id=sent["ticket_id"]
        )
        assert len(asked) == 1
        assert stack.placed() == 1


async def test_a_second_process_on_one_home_is_read_only_and_says_who_writes(tmp_path: Path) -> None:
    """Claim: one writer; the other refuses to stage. Provenance: settled 26."""
    async with (
        running(tmp_path) as first,
        running(tmp_path, exchange=first.exchange, client_id=18) as second,
        talking(second) as host,
    ):
        draft = await host.ask("trade_calculate_strategy", strategy_type="long_call", symbol="SPY")
        refused = await host.ask("trade_execute", strategy_id=draft["strategy_id"])
        assert refused["code"] == "read_only", refused
        assert any("read-only" in warning for warning in refused["warnings"])
        assert first.placed() == 0


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "named"),
    [
        ("trade_get_quote", {"symbol": "SPYX"}, "unknown_contract", "SPYX"),
        ("trade_get_quote", {"symbol": "SPY 2030-01-18 600C"}, "expiry_not_listed", "2030-01-18"),
        ("trade_calculate_strategy", {"symbol": "SPY", "strategy_type": "long_call", "strikes": [600.37]},
         "strike_not_listed", "600.37"),
        ("trade_close", {"symbol": "SPY"}, None, "SPY"),
        ("trade_set_stop_loss", {"position_id": "pos_SPY_NOPE", "stop_pct": 50}, None, "pos_SPY_NOPE"),
        ("trade_cancel_order", {"order_id": "4711"}, None, "4711"),
        ("trade_modify_order", {"order_id": "4711", "new_limit_price": 1}, None, "4711"),
    ],
)  # fmt: skip
async def test_what_is_not_there_is_said_with_its_name_and_its_neighbours(
    tmp_path: Path, tool: str, arguments: dict[str, Any], code: str | None, named: str
) -> None:
    """Claim: a refusal names what was asked for and what to do. Provenance: tools page, last section."""
    async with running(tmp_path) as stack, talking(stack) as host:
        refused = await host.ask(tool, **arguments)
        assert refused["code"] == code if code else refused["code"] != "internal", refused
        assert named in refused["message"] + str(refused["found"])
        assert refused["next_steps"]


async def test_every_answer_of_a_conversation_fits_its_size(tmp_path: Path) -> None:
    """Claim: at most 8 kB of text by default. Provenance: tools page; settled 20."""
    async with running(tmp_path) as stack, talking(stack) as host:
        for tool in ("trade_get_quote", "trade_get_options_chain", "trade_get_price_history"):
            await host.ask(tool, symbol="SPY")
        for tool in ("trade_get_positions", "trade_get_account_summary", "trade_check_market_data"):
            await host.ask(tool)
        await host.ask("trade_find_contract", query="SPY")
        await bought_spread(host)
        await host.ask("trade_get_positions")
        assert max(len(text.encode()) for text in stack.said) <= 8_000
