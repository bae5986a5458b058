"""`sumppump sim`: the exchange in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from sumppump.bootstrap.logs import set_up_logs
from sumppump.exchange import server
from sumppump.exchange.server import SimSettings


def run_exchange(options: SimSettings, *, on_ready: Callable[[int], None], logs: Path) -> None:
    """Serve until a signal, a control line or idleness ends it."""
    set_up_logs(logs, "WARNING", name="exchange")
    asyncio.run(server.serve(options, on_ready=on_ready))
