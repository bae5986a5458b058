"""Memory of the server over 100,000 tool calls, after a warm-up."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mcp import Client

from scripts.bench.figures import Figure
from scripts.bench.stdio import servers
from sumppump.bootstrap.exchange_process import control

WARM_UP = 20_000
CALLS = 100_000
# What a conversation asks all day, answered by ourselves; now and then something that goes over the wire.
LOCAL = (
    ("trade_get_session_status", {}),
    ("trade_get_session_status", {"symbol": "SPY"}),
    ("trade_get_order_status", {"ticket_id": "tkt_unknown"}),
    ("trade_calculate_strategy", {"strategy_type": "bull_call_spread", "symbol": "SPY", "quantity": 0}),
)
WIRE = (
    ("trade_get_account_summary", {}),
    ("trade_get_open_orders", {}),
    ("trade_get_quote", {"symbol": "SPY"}),
)
# 45 messages a second is all that TWS takes: more of these would measure the waiting.
MIX = LOCAL * 30 + WIRE


def resident_kib(pid: int) -> int:
    """Memory that a process holds, in KiB."""
    if sys.platform == "linux":
        text = Path(f"/proc/{pid}/status").read_text()
        return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1])
    return int(subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True).stdout)


async def calls(client: Client, count: int) -> None:
    """So many calls, in turn."""
    for number in range(count):
        name, arguments = MIX[number % len(MIX)]
        await client.call_tool(name, arguments)


async def measure() -> list[Figure]:
    """Resident memory after the calls against after the warm-up."""
    if sys.platform == "win32":
        return []
    with tempfile.TemporaryDirectory(prefix="sumppump-bench-", ignore_cleanup_errors=True) as home:
        ours, _ = servers(home)
        async with Client(ours) as client:
            pid = int((Path(home) / "writer.lock").read_text().split()[1])
            await calls(client, WARM_UP)
            before = resident_kib(pid)
            started = time.perf_counter()
            await calls(client, CALLS)
            seconds = time.perf_counter() - started
            after = resident_kib(pid)
        control(Path(home), "stop")
    return [
        Figure(
            name=f"memory after {CALLS:,} more calls / after {WARM_UP:,}",
            value=after / before,
            target=1.05,
            note=f"{after / 1024:.1f} MiB / {before / 1024:.1f} MiB, {CALLS / seconds:,.0f} calls/s",
        )
    ]
