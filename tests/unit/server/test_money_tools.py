"""Tools that stage: a person decides, in the chat by code, on the page, or in the host's own form."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from mcp import Client
from mcp_types import ElicitRequestParams, ElicitResult
from tests.unit.server import fakes
from tests.unit.server.conftest import connected
from tests.unit.server.test_calls import call, code_of, drafted, text_of

from sumppump.domain.orders import Environment
from sumppump.domain.tickets import Channel, ExitFacts
from sumppump.kernel.money import Money, Premium
from sumppump.server.app import DeskServer, build_server

pytestmark = pytest.mark.anyio


async def staged(server: DeskServer, **arguments: Any) -> dict[str, Any]:
    result = await call(server, "trade_execute", strategy_id=await drafted(server), **arguments)
    assert not result.is_error
    assert result.structured_content is not None
    return dict(result.structured_content)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_stage_answers_at_once_that_a_person_has_to_approve(
    server: DeskServer, execution: fakes.FakeExecution, mode: str
) -> None:
    """Claim: approval_required with the ticket and all it costs; nothing is sent. Provenance: design 3.2."""
    result = await call(server, "trade_execute", mode, strategy_id=await drafted(server))
    answer = result.structured_content
    assert answer is not None
    assert (answer["status"], answer["ticket_id"]) == ("approval_required", "tkt_1")
    assert (answer["max_loss"], answer["max_profit"], answer["limit_price"]) == (213.0, 287.0, 2.13)
    assert "you PAY $213.00" in text_of(result)
    assert not execution.sent


async def test_the_code_that_a_person_typed_sends_and_the_same_call_again_does_not(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: a spent ticket gives the same result and sends nothing. Provenance: tools page, last section."""
    ticket_id = (await staged(server))["ticket_id"]
    first = await call(server, "trade_execute", ticket_id=ticket_id, confirm_token=fakes.CODE)
    again = await call(server, "trade_execute", ticket_id=ticket_id, confirm_token=fakes.CODE)
    report = await call(server, "trade_execute", ticket_id=ticket_id)
    for result in (first, again, report):
        assert result.structured_content is not None
        assert result.structured_content["status"] == "FILLED"
        assert result.structured_content["order"]["order_id"] == 12
    assert execution.sent == [ticket_id]


async def test_a_guessed_code_is_refused(server: DeskServer, execution: fakes.FakeExecution) -> None:
    """Claim: approval_refused, nothing sent, the ticket goes on waiting. Provenance: settled 1."""
    ticket_id = (await staged(server))["ticket_id"]
    refused = await call(server, "trade_execute", ticket_id=ticket_id, confirm_token="AAA-AAA")
    assert code_of(refused) == "approval_refused"
    assert not execution.sent


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("trade_close", {"position_id": "pos_1"}),
        ("trade_close", {"symbol": "SPY"}),
        ("trade_set_stop_loss", {"position_id": "pos_1", "stop_pct": 50}),
        ("trade_modify_order", {"order_id": 12, "new_limit_price": 2.2}),
    ],
)
async def test_a_code_finds_the_ticket_that_the_same_call_made(
    server: DeskServer, execution: fakes.FakeExecution, tool: str, arguments: dict[str, Any]
) -> None:
    """Claim: tools without ticket_id take the code beside what they named before. Provenance: tools page."""
    made = await call(server, tool, **arguments)
    assert made.structured_content is not None
    assert made.structured_content["status"] == "approval_required"
    done = await call(server, tool, **arguments, confirm_token=fakes.CODE)
    assert done.structured_content is not None
    assert done.structured_content["status"] == "FILLED"
    assert execution.sent == [made.structured_content["ticket_id"]]


async def test_a_percentage_of_nothing_is_not_everything(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: 0 reaches the service as 0, to be refused there. Provenance: regression."""
    await call(server, "trade_close", symbol="SPY", percentage=0)
    assert execution.calls[-1][1]["percentage"] == 0


async def test_a_percentage_is_echoed_as_what_it_closes(server: DeskServer) -> None:
    """Claim: 34 % of three is said in combos. Provenance: tools page, read_as."""
    result = await call(server, "trade_close", symbol="SPY", percentage=34)
    assert result.structured_content is not None
    assert result.structured_content["read_as"] == ["percentage: 34 read as Buy 1 bull call spread on SPY"]


async def test_an_exit_says_what_it_makes_of_the_position(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: the one figure that the person decides on is in the answer. Provenance: regression."""
    await call(server, "trade_close", symbol="SPY")
    view = execution.board["tkt_1"]
    exits = (
        ExitFacts(at="at the trigger", price=Premium.of("-3.50"), result=Money.of("-350"), percent=-50.0),
        ExitFacts(at="at the limit", price=Premium.of("-3.15"), result=Money.of("-385"), percent=-55.0),
    )
    facts = replace(view.ticket.facts, entry=Premium.of("7.00"), exits=exits)
    execution.board["tkt_1"] = replace(view, ticket=replace(view.ticket, facts=facts))
    result = await call(server, "trade_execute", ticket_id="tkt_1")
    assert result.structured_content is not None
    assert result.structured_content["entry_price"] == 7.0
    assert result.structured_content["exits"][-1] == {
        "at": "at the limit", "price": -3.15, "result": -385.0, "percent": -55.0
    }  # fmt: skip
    assert "Filled at the limit, that is a loss of at most 385.00 USD, before fees." in text_of(result)


async def test_a_code_without_any_waiting_ticket_is_refused(server: DeskServer) -> None:
    """Claim: a code alone never makes an order. Provenance: design 3.3."""
    assert code_of(await call(server, "trade_close", symbol="SPY", confirm_token=fakes.CODE)) == "ticket_gone"


async def test_a_cancel_acts_at_once_and_a_stop_asks_first(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: only a protective stop's cancel takes a ticket. Provenance: settled 9."""
    plain = await call(server, "trade_cancel_order", order_id="12")
    assert plain.structured_content is not None
    assert plain.structured_content["status"] == "CANCELLED"
    stop = await call(server, "trade_cancel_order", order_id=13)
    assert stop.structured_content is not None
    assert stop.structured_content["status"] == "approval_required"
    done = await call(server, "trade_cancel_order", order_id=13, confirm_token=fakes.CODE)
    assert not done.is_error
    assert len(execution.sent) == 1


async def test_declining_a_stop_is_written_down_with_its_reason(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: decline=true with reason. Provenance: settled 12."""
    result = await call(
        server, "trade_set_stop_loss", position_id="pos_1", decline="yes", reason="small and defined"
    )
    assert not result.is_error
    assert ("decline_stop", ("pos_1", "small and defined")) in execution.calls


async def test_the_kill_switch_says_that_only_a_person_clears_it(server: DeskServer) -> None:
    """Claim: status KILLED and the way out, which is not a tool. Provenance: settled 8."""
    result = await call(server, "trade_kill_switch", reason="test")
    assert result.structured_content is not None
    assert result.structured_content["status"] == "KILLED"
    assert "sumppump kill --clear" in text_of(result)
    assert not any("clear" in tool.name for tool in await server.list_tools())


class Person:
    """The one behind the host's form."""

    def __init__(self, action: str, **content: Any) -> None:
        self.reply = ElicitResult(action=action, content=content or None)  # type: ignore[arg-type]
        self.asked: list[str] = []

    async def __call__(self, _: object, params: ElicitRequestParams) -> ElicitResult:
        self.asked.append(params.message)
        return self.reply


async def by_form(server: DeskServer, person: Person, mode: str = "auto") -> dict[str, Any]:
    draft = await drafted(server)
    async with connected(server, mode, elicitation_callback=person) as client:
        result = await client.call_tool("trade_execute", {"strategy_id": draft})
    assert result.structured_content is not None
    return dict(result.structured_content)


async def test_a_form_that_is_filled_in_approves_on_the_simulator(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: typed symbol, one approval, one order. Provenance: settled 5."""
    person = Person("accept", type_to_confirm="spy")
    assert (await by_form(server, person))["status"] == "FILLED"
    assert execution.sent == ["tkt_1"]
    assert ("approve", ("tkt_1", Channel.ELICITATION, None, "spy")) in execution.calls
    assert "you PAY $213.00" in person.asked[0]
    assert len(person.asked) == 1


@pytest.mark.parametrize(
    "person",
    [Person("accept"), Person("accept", type_to_confirm=""), Person("accept", type_to_confirm="string"),
     Person("accept", confirm=True), Person("decline"), Person("cancel")],
)  # fmt: skip
async def test_anything_but_the_typed_word_leaves_the_ticket_waiting(
    server: DeskServer, execution: fakes.FakeExecution, person: Person
) -> None:
    """Claim: hosts that accept, decline or cancel by themselves send nothing. Provenance: MCP facts 2.3."""
    assert (await by_form(server, person))["status"] == "approval_required"
    assert not execution.sent


async def test_a_large_loss_wants_its_amount_typed(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: the symbol is not enough where an amount is asked. Provenance: settled 5."""
    execution.typed = Money.of("3000")
    assert (await by_form(server, Person("accept", type_to_confirm="SPY")))["status"] == "approval_required"
    assert (await by_form(server, Person("accept", type_to_confirm="3,000.00")))["status"] == "FILLED"


async def test_a_live_ticket_is_never_approved_by_a_form(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: the form is not even shown. Provenance: settled 5."""
    execution.environment = Environment.LIVE
    person = Person("accept", type_to_confirm="SPY")
    assert (await by_form(server, person))["status"] == "approval_required"
    assert not person.asked
    assert not execution.sent


async def test_a_handshake_era_host_is_never_asked_because_that_would_wait(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: no tool waits for a person. Provenance: settled 5."""
    person = Person("accept", type_to_confirm="SPY")
    assert (await by_form(server, person, mode="legacy"))["status"] == "approval_required"
    assert not person.asked
    assert not execution.sent


async def test_no_answer_carries_what_only_the_person_may_see(server: DeskServer, desk: Any) -> None:
    """Claim: code and page never appear in any answer. Provenance: settled 1 and 2."""
    said: list[str] = []
    await staged(server)
    async with connected(server) as client:
        for tool, arguments in EVERYTHING:
            said.append(await everything_of(client, tool, arguments))
    assert fakes.CODE not in "".join(said)
    assert "127.0.0.1" not in "".join(said)
    assert "http" not in "".join(said)


EVERYTHING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("trade_execute", {"ticket_id": "tkt_1"}),
    ("trade_get_order_status", {"ticket_id": "tkt_1"}),
    ("trade_get_session_status", {}),
    ("trade_get_open_orders", {}),
    ("trade_get_positions", {}),
    ("trade_get_account_summary", {}),
    ("trade_execute", {"ticket_id": "tkt_1", "confirm_token": "AAA-AAA"}),
)


async def everything_of(client: Client, tool: str, arguments: dict[str, Any]) -> str:
    result = await client.call_tool(tool, arguments)
    return json.dumps(result.structured_content) + text_of(result)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"reason": "x" * 5000},
        {"reason": ["a", 1]},
        {"reason": None},
        {"reson": "typo"},
        {"reason": "\x00"},
    ],
)
async def test_the_kill_switch_never_fails_on_its_words(
    server: DeskServer, execution: fakes.FakeExecution, arguments: dict[str, Any]
) -> None:
    """Claim: whatever the reason is, the switch is set. Provenance: regression."""
    result = await call(server, "trade_kill_switch", **arguments)
    assert not result.is_error, text_of(result)
    assert 1 <= len(execution.condition.killed) <= 200


async def test_many_openings_that_wait_are_enough(server: DeskServer, execution: fakes.FakeExecution) -> None:
    """Claim: the eleventh draft is refused with a stable code; exits never are. Provenance: our decision."""
    for number in range(10):
        view = await staged(server)
        ticket = execution.board[view["ticket_id"]].ticket
        execution.board[ticket.ticket_id] = replace(
            execution.board[ticket.ticket_id], ticket=replace(ticket, strategy_id=f"drf_{number}")
        )
    refused = await call(server, "trade_execute", strategy_id=await drafted(server))
    assert code_of(refused) == "too_many_waiting"
    assert not (await call(server, "trade_close", symbol="SPY")).is_error


async def test_where_nothing_may_be_sent_a_stage_is_a_preview(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: not `approval_required`, and nobody is told to approve. Provenance: settled 16."""
    execution.condition = replace(execution.condition, writes_off="ORDERS_ENABLED is false")
    answer = await staged(server)
    assert answer["status"] == "PREVIEWED"
    assert answer["summary"].endswith("This is a preview; it cannot be sent.")
    assert "ORDERS_ENABLED is false" in answer["next_steps"][0]
    assert "approve" not in " ".join(answer["next_steps"])


async def test_without_a_page_nobody_is_sent_to_one(desk: Any) -> None:
    """Claim: SUMPPUMP_APPROVAL=terminal shows no page and no code. Provenance: settled 2."""
    terminal = build_server(replace(desk, has_page=False, command="/v/bin/sumppump"), profile="full")
    steps = " ".join((await staged(terminal))["next_steps"])
    assert "/v/bin/sumppump approve" in steps
    assert "page" not in steps
    assert "code" not in steps


async def test_an_opening_is_offered_for_the_day_only(server: DeskServer) -> None:
    """Claim: what C-16 always refuses is not offered. Provenance: regression."""
    refused = await call(server, "trade_execute", strategy_id="drf_1", tif="GTC")
    assert code_of(refused) == "invalid_tif"


async def test_a_quantity_is_written_in_digits(server: DeskServer) -> None:
    """Claim: "1e3" is no number of contracts. Provenance: regression."""
    refused = await call(server, "trade_execute", strategy_id="drf_1", quantity="1e3")
    assert code_of(refused) == "invalid_quantity"
