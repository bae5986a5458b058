"""What a host may read without calling a tool: the same answers, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError
from mcp_types import InputRequiredResult

if TYPE_CHECKING:
    from sumppump.server.app import DeskServer

JSON = "application/json"
STATIC = (
    ("sumppump://orders", "trade_get_open_orders", "Working orders", "Every working order of the account."),
    (
        "sumppump://session",
        "trade_get_session_status",
        "Trades and tickets",
        "State of every trade and ticket, and the step that is due.",
    ),
    (
        "sumppump://portfolio",
        "trade_get_positions",
        "Positions",
        "Positions grouped into strategies with profit, loss and Greeks.",
    ),
)


def add_resources(server: DeskServer) -> None:
    """Offer the resources whose tools this process has."""
    for uri, tool, title, description in STATIC:
        if server.has(tool):
            _add_static(server, uri, tool, title, description)
    if server.has("trade_get_quote"):

        @server.resource(
            "sumppump://quote/{symbol}",
            title="Quote",
            description="Bid, ask, last and mid of a ticker, e.g. sumppump://quote/SPY.",
            mime_type=JSON,
        )
        async def quote(symbol: str, context: Context) -> str:
            return await _read(server, "trade_get_quote", {"symbol": symbol}, context)


def _add_static(server: DeskServer, uri: str, tool: str, title: str, description: str) -> None:
    # A fixed address takes no parameters, not even the context: nothing of the request is needed.
    @server.resource(uri, name=title, title=title, description=description, mime_type=JSON)
    async def read() -> str:
        return await _read(server, tool, {}, None)


async def _read(server: DeskServer, tool: str, arguments: dict[str, Any], context: Context | None) -> str:
    # Only the bare `Context` can be declared by a resource; it is the one that tools get.
    result = await server.call_tool(tool, arguments, cast(Any, context))
    if isinstance(result, InputRequiredResult) or result.is_error:
        content = None if isinstance(result, InputRequiredResult) else result.structured_content
        raise ResourceError(json.dumps(content))
    return json.dumps(result.structured_content, separators=(",", ":"))
