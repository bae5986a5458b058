"""Round trips over stdio and the time from spawn to the first list of tools, against the bare SDK."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mcp import Client, StdioServerParameters

from scripts.bench.figures import Figure, micros, percentile
from sumppump.bootstrap.exchange_process import control

CALLS = 400
SPAWNS = 7


def servers(home: str) -> tuple[StdioServerParameters, StdioServerParameters]:
    """Ours on its own exchange, and the bare one."""
    env = {
        **os.environ,
        "SUMPPUMP_HOME": home,
        "SUMPPUMP_APPROVAL": "terminal",
        "CALLS_PER_MINUTE": "1000000",
    }
    ours = StdioServerParameters(command=sys.executable, args=["-m", "sumppump", "serve", "--sim"], env=env)
    return ours, StdioServerParameters(command=sys.executable, args=["-m", "scripts.bench.bare_server"])


@asynccontextmanager
async def connected(server: StdioServerParameters) -> AsyncIterator[Client]:
    """A client with the first round trips behind it."""
    async with Client(server) as client:
        yield client


async def spawn_seconds(server: StdioServerParameters) -> float:
    """From starting the process to its list of tools."""
    started = time.perf_counter()
    async with Client(server) as client:
        await client.list_tools()
        return time.perf_counter() - started


async def call_seconds(client: Client, tool: str) -> float:
    """One call."""
    started = time.perf_counter()
    await client.call_tool(tool, {})
    return time.perf_counter() - started


async def measure() -> list[Figure]:
    """Both figures; the two servers take turns so that the machine's moods fall on both."""
    with tempfile.TemporaryDirectory(prefix="sumppump-bench-", ignore_cleanup_errors=True) as home:
        ours, bare = servers(home)
        async with connected(ours) as client, connected(bare) as reference:
            for _ in range(50):
                await call_seconds(client, "trade_get_session_status")
                await call_seconds(reference, "status")
            pairs = [
                (
                    await call_seconds(client, "trade_get_session_status"),
                    await call_seconds(reference, "status"),
                )
                for _ in range(CALLS)
            ]
            # The exchange stays with the first server, so spawning below does not start one each time.
            spawns = [(await spawn_seconds(ours), await spawn_seconds(bare)) for _ in range(SPAWNS)]
        control(Path(home), "stop")
    mine, theirs = (percentile([pair[side] for pair in pairs], 0.5) for side in (0, 1))
    slow, slow_bare = (percentile([pair[side] for pair in pairs], 0.99) for side in (0, 1))
    up, up_bare = (percentile([pair[side] for pair in spawns], 0.5) for side in (0, 1))
    return [
        Figure(
            name="round trip of trade_get_session_status, p50 / bare SDK",
            value=mine / theirs,
            target=2.0,
            note=f"{micros(mine)} / {micros(theirs)}; p99 {micros(slow)} / {micros(slow_bare)}",
        ),
        Figure(
            name="spawn to first tools/list / bare SDK",
            value=up / up_bare,
            target=2.0,
            note=f"{micros(up)} / {micros(up_bare)}",
        ),
    ]
