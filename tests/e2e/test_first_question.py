"""A host asks as soon as it can; the first answer is a quote, not "connecting"."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from sumppump.bootstrap.exchange_process import control
from sumppump.cli.demo import server_environment

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """One loop is enough."""
    return "asyncio"


async def test_the_first_question_after_the_handshake_is_answered_with_a_quote(tmp_path: Path) -> None:
    """Starting the exchange and connecting take a second or two; the call waits for what is under way."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "sumppump", "serve", "--sim"],
        env=server_environment(tmp_path, tmp_path / "browser.txt"),
    )
    try:
        async with Client(server) as client:
            result = await client.call_tool("trade_get_quote", {"symbol": "SPY"})
    finally:
        control(tmp_path, "stop")
    assert not result.is_error
    assert result.structured_content is not None
    assert result.structured_content["bid"] > 0


async def test_a_tws_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    """Only what is under way is waited for: a refused connection is an answer."""
    environment = server_environment(tmp_path, tmp_path / "browser.txt") | {"TWS_PORT": "9"}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "sumppump", "serve", "--sim"], env=environment
    )
    async with Client(server, read_timeout_seconds=8) as client:
        result = await client.call_tool("trade_get_quote", {"symbol": "SPY"})
    assert result.is_error
    assert result.structured_content is not None
    assert result.structured_content["code"] == "gateway_unavailable"
