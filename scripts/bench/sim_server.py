"""The exchange on one core with TWS's limits lifted: what `bench exchange` measures.

python -m scripts.bench.sim_server CORE SPEED TURN_S
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.server import SimSettings, serve

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
UNLIMITED = 10**9


def pin(core: int) -> None:
    """Keep this process on one core, where the platform can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def announce(port: int) -> None:
    """Say where clients connect."""
    print(port, flush=True)


def main(core: str, speed: str, turn_s: str) -> None:
    """Serve until the process is ended."""
    pin(int(core))
    rules = Rules(rate=UNLIMITED, lines=UNLIMITED)
    settings = SimSettings(
        start=START, speed=float(speed), turn_s=float(turn_s), rules=rules, idle_exit_s=None
    )
    asyncio.run(serve(settings, on_ready=announce))


if __name__ == "__main__":
    main(*sys.argv[1:])
