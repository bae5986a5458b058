"""`sumppump sim`: the exchange in this process."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sumppump.bootstrap.exchange_process import home_of_port
from sumppump.bootstrap.logs import set_up_logs
from sumppump.exchange import server
from sumppump.exchange.server import SimSettings
from sumppump.store.files import private_dir


def run_exchange(
    options: SimSettings, *, on_ready: Callable[[int], None], state: Path | None, home: Path
) -> None:
    """Serve until a signal, a control line or idleness ends it.

    Args:
        options: how; its `home` is chosen here.
        on_ready: called with the port once clients can connect.
        state: where its state is kept, if a person named a folder.
        home: of the program; a port keeps its state below it. On a free port nothing is kept: nobody could
            come back to it.
    """
    set_up_logs(home, "WARNING", name="exchange")
    port = options.port or _free_port(options.host)
    folder = state or home_of_port(home, port)
    if state is None:
        for each in (folder.parent, folder):
            private_dir(each)
    try:
        asyncio.run(server.serve(replace(options, port=port, home=folder), on_ready=on_ready))
    finally:
        if options.port == 0 and state is None:
            shutil.rmtree(folder, ignore_errors=True)


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
