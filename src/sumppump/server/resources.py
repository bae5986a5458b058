"""What a host may read without calling a tool: the same answers, as JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError
from mcp_types import InputRequiredResult

from sumppump.kernel.errors import SumpPumpError
from sumppump.kernel.text import clean, with_masked_accounts
from sumppump.ports.store import Fact
from sumppump.server.announcements import AUDIT
from sumppump.server.desk import Desk
from sumppump.server.views import moment

if TYPE_CHECKING:
    from sumppump.server.app import DeskServer

JSON = "application/json"
MOST_ROWS, MOST_TEXT, MOST_BYTES = 50, 300, 16_000
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
    _add_audit(server)
    if server.has("trade_get_quote"):

        @server.resource(
            "sumppump://quote/{symbol}",
            title="Quote",
            description="Bid, ask, last and mid of a contract, e.g. sumppump://quote/SPY. While a host is "
            "subscribed it has a line of its own, and changes are told a few times a second at most.",
            mime_type=JSON,
        )
        async def quote(symbol: str, context: Context) -> str:
            return await _read(server, "trade_get_quote", {"symbol": symbol}, context)


def _add_static(server: DeskServer, uri: str, tool: str, title: str, description: str) -> None:
    # A fixed address takes no parameters, not even the context: nothing of the request is needed.
    @server.resource(uri, name=title, title=title, description=description, mime_type=JSON)
    async def read() -> str:
        return await _read(server, tool, {}, None)


def _add_audit(server: DeskServer) -> None:
    @server.resource(
        AUDIT,
        name="Recent audit",
        title="Recent audit",
        description=f"The newest {MOST_ROWS} rows of the audit, newest last; accounts are masked.",
        mime_type=JSON,
    )
    async def recent() -> str:
        return await server.audit_page()


async def recent_audit(desk: Desk) -> str:
    """The newest rows that fit into `MOST_BYTES`, with accounts masked and long texts cut.

    Raises:
        ResourceError: the log cannot be read.
    """
    try:
        rows = await asyncio.to_thread(desk.audit.recent, MOST_ROWS)
    except SumpPumpError as error:
        raise ResourceError(error.message) from error
    shown = [with_masked_accounts(json.dumps(_short(row), separators=(",", ":"))) for row in rows]
    while sum(map(len, shown)) > MOST_BYTES:
        del shown[0]
    header = {"as_of": moment(desk.clock.now()), "mode": desk.environment.value, "rows_given": len(shown)}
    return f'{json.dumps(header)[:-1]}, "rows": [{",".join(shown)}]}}'


def _short(value: Fact) -> Fact:
    """The same with texts of at most `MOST_TEXT` characters, cleaned."""
    if isinstance(value, Mapping):
        return {name: _short(item) for name, item in value.items()}
    if isinstance(value, str):
        return clean(value, limit=MOST_TEXT)
    return [_short(item) for item in value] if isinstance(value, Sequence) else value


async def _read(server: DeskServer, tool: str, arguments: dict[str, Any], context: Context | None) -> str:
    # Only the bare `Context` can be declared by a resource; it is the one that tools get.
    result = await server.call_tool(tool, arguments, cast(Any, context))
    if isinstance(result, InputRequiredResult) or result.is_error:
        content = None if isinstance(result, InputRequiredResult) else result.structured_content
        raise ResourceError(json.dumps(content))
    return json.dumps(result.structured_content, separators=(",", ":"))
