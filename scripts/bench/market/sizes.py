"""How much a model has to read: the default chain and the offer of the `read` profile, by a real server."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, TextContent, Tool

from scripts.bench.figures import Figure
from sumppump.bootstrap.exchange_process import control

CHAIN = "trade_get_options_chain"
ANSWER_BYTES, ANSWER_TOKENS, OFFER_BYTES = 8_000, 2_500, 24_000
CHARACTERS_PER_TOKEN = 4


def text_of(result: CallToolResult) -> str:
    """All text of an answer."""
    return "".join(part.text for part in result.content if isinstance(part, TextContent))


def compact(value: object) -> str:
    """JSON as it travels."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def offer_bytes(tools: Sequence[Tool]) -> int:
    """Name, description and input schema of every tool."""
    return sum(
        len((tool.name + (tool.description or "") + compact(tool.input_schema)).encode()) for tool in tools
    )


async def asked(client: Client, arguments: dict[str, Any]) -> tuple[str, str]:
    """A chain's text and its structured content."""
    result = await client.call_tool(CHAIN, arguments)
    assert isinstance(result, CallToolResult)
    assert not result.is_error, text_of(result)
    return text_of(result), compact(result.structured_content)


async def measure() -> list[Figure]:
    """Bytes and tokens of the larger of text and structured content; the worst of several underlyings."""
    with tempfile.TemporaryDirectory(prefix="sumppump-bench-", ignore_cleanup_errors=True) as home:
        env = {**os.environ, "SUMPPUMP_HOME": home, "SUMPPUMP_TOOLSETS": "read"}
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "sumppump", "serve", "--sim", "--read-only"], env=env
        )
        async with Client(server) as client:
            tools = (await client.list_tools()).tools
            answers = {symbol: await asked(client, {"symbol": symbol}) for symbol in ("SPY", "SPX", "AAPL")}
        control(Path(home), "stop")
    said = [answer for pair in answers.values() for answer in pair]
    note = ", ".join(
        f"{symbol} text {len(text.encode()):,}, structured {len(structure.encode()):,}"
        for symbol, (text, structure) in answers.items()
    )
    offer = offer_bytes(tools)
    return [
        Figure(
            name="default chain answer / 8 kB",
            value=max(len(answer.encode()) for answer in said) / ANSWER_BYTES,
            target=1.0,
            note=f"{note} bytes",
        ),
        Figure(
            name="default chain answer / 2,500 tokens",
            value=max(len(answer) for answer in said) / CHARACTERS_PER_TOKEN / ANSWER_TOKENS,
            target=1.0,
            note=f"{max(len(answer) for answer in said) / CHARACTERS_PER_TOKEN:,.0f} tokens of 4 characters",
        ),
        Figure(
            name="tools/list of the read profile / 24 kB",
            value=offer / OFFER_BYTES,
            target=1.0,
            note=f"{offer:,} bytes in {len(tools)} tools",
        ),
    ]
