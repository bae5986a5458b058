"""Pages beside answers, from the server's side, in both protocol eras."""

from __future__ import annotations

import pytest
from mcp.client.extension import advertise
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from mcp_types import CallToolResult, TextResourceContents
from tests.unit.server.conftest import connected
from tests.unit.server.fakes import FakeExecution

from sumppump.server.app import DeskServer, build_server
from sumppump.server.apps.offer import PORTFOLIO, TICKET, VIEW_META, VIEW_OF_TOOL, page
from sumppump.server.catalogue import TOOLS
from sumppump.server.desk import Desk
from sumppump.server.registry import Kind

SHOWS = [advertise(EXTENSION_ID, {"mimeTypes": [APP_MIME_TYPE]})]
ERAS = ("legacy", "auto")
ASKED = {"strategy_type": "long_put", "symbol": "SPY"}


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize("uri", [TICKET, PORTFOLIO])
async def test_a_page_is_one_document_that_may_fetch_nothing(server: DeskServer, mode: str, uri: str) -> None:
    """Claim: the type that hosts render, with no domain to speak to. Provenance: MCP facts 6."""
    async with connected(server, mode) as client:
        listed = {str(each.uri): each for each in (await client.list_resources()).resources}
        [content] = (await client.read_resource(uri)).contents
    assert listed[uri].mime_type == APP_MIME_TYPE
    assert isinstance(content, TextResourceContents)
    assert content.mime_type == APP_MIME_TYPE
    assert content.meta is not None
    assert content.meta["ui"]["csp"] == {"connectDomains": [], "resourceDomains": []}
    assert content.text == page(uri)
    assert len(content.text) < 40_000


@pytest.mark.parametrize("mode", ERAS)
async def test_tools_name_their_page_and_the_offer_is_otherwise_the_same(
    server: DeskServer, mode: str
) -> None:
    """Claim: `_meta` names it to every host alike; others ignore it. Provenance: MCP facts 6."""
    async with connected(server, mode) as client:
        plain = (await client.list_tools()).tools
    async with connected(server, mode, extensions=SHOWS) as client:
        shown = (await client.list_tools()).tools
    assert [tool.model_dump() for tool in plain] == [tool.model_dump() for tool in shown]
    pages = {tool.name: tool.meta["ui"]["resourceUri"] for tool in plain if tool.meta}
    assert pages == {name: uri for name, uri in VIEW_OF_TOOL.items() if server.has(name)}
    assert pages["trade_execute"] == TICKET


def test_every_tool_that_may_answer_with_a_ticket_has_its_page() -> None:
    """Claim: whatever waits for the person is shown alike. The switch answers with what it stopped."""
    money = {tool.name for tool in TOOLS if tool.kind is Kind.MONEY} - {"trade_kill_switch"}
    assert {name for name, uri in VIEW_OF_TOOL.items() if uri == TICKET} == money | {"trade_get_order_status"}


@pytest.mark.parametrize("mode", ERAS)
async def test_only_a_host_with_pages_gets_the_points_of_the_payoff(
    server: DeskServer, execution: FakeExecution, mode: str
) -> None:
    """Claim: text and structure are the same for both; what is drawn lies beside them."""
    results = {}
    for name, extensions in (("plain", []), ("shows", SHOWS)):
        async with connected(server, mode, extensions=extensions) as client:
            draft = await client.call_tool("trade_calculate_strategy", ASKED)
            assert isinstance(draft, CallToolResult)
            assert draft.structured_content is not None
            arguments = {"strategy_id": draft.structured_content["strategy_id"]}
            results[name] = await client.call_tool("trade_execute", arguments)
    plain, shows = results["plain"], results["shows"]
    assert isinstance(plain, CallToolResult)
    assert isinstance(shows, CallToolResult)
    assert VIEW_META not in (plain.meta or {})
    assert shows.meta is not None
    assert set(shows.meta[VIEW_META]) == {"payoff", "earlier"}
    for result in (plain, shows):
        assert result.structured_content is not None
        assert "payoff" not in result.structured_content
    assert set(plain.structured_content or {}) == set(shows.structured_content or {})


async def test_a_process_that_may_not_write_has_the_pages_too(desk: Desk) -> None:
    """Claim: what is held can be shown without any tool that moves money."""
    server = build_server(desk, profile="read", read_only=True)
    assert {str(each.uri) for each in await server.list_resources()} >= {TICKET, PORTFOLIO}
