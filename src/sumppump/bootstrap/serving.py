"""`sumppump serve`: the MCP server over stdio, from the first byte to a clean end."""

from __future__ import annotations

import asyncio
import gc

from sumppump.bootstrap.building import Program, build
from sumppump.bootstrap.exchange_process import find_or_start
from sumppump.bootstrap.logs import set_up_logs
from sumppump.bootstrap.settings import Settings
from sumppump.server.app import build_server
from sumppump.server.stdio import run_stdio
from sumppump.tws.settings import Endpoint


def serve_stdio(settings: Settings, *, read_only: bool) -> None:
    """Serve until the host is gone or a signal asks to stop.

    Raises:
        SumpPumpError: the program cannot start as it is set up.
    """
    set_up_logs(settings.home, settings.log_level)
    asyncio.run(_serve(settings, read_only=read_only))


async def _serve(settings: Settings, *, read_only: bool) -> None:
    program = build(settings, read_only=read_only, endpoint=own_exchange(settings))
    server = build_server(
        program.desk,
        profile=settings.sumppump_toolsets,
        read_only=read_only,
        calls_per_minute=settings.calls_per_minute,
    )
    # A full collection would look at all that was imported: 80 ms without a turn for an order.
    gc.freeze()
    starting = asyncio.create_task(program.start(), name="start")
    try:
        await run_stdio(server.lowlevel)
    finally:
        await _end(program, starting)


async def _end(program: Program, starting: asyncio.Task[None]) -> None:
    await asyncio.gather(starting, return_exceptions=True)
    await program.stop()


def own_exchange(settings: Settings) -> Endpoint | None:
    """How to reach our own exchange, started when there is none; None where the settings name a port."""
    if not settings.own_exchange:
        return None

    async def endpoint() -> tuple[str, int]:
        running = await asyncio.to_thread(find_or_start, settings)
        return running.host, running.port

    return endpoint
