"""The embedded exchange as a process of its own: started when there is none, found when there is one.

The exchange itself is not imported here: a server that starts should not wait for it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from sumppump.bootstrap.settings import Settings
from sumppump.exchange.place import Place, Running
from sumppump.exchange.place import control as control_line
from sumppump.kernel.errors import GatewayUnavailable

START_TIMEOUT_S = 20.0
POLL_S = 0.05
IDLE_EXIT_S = 600.0


def control(home: Path, line: str) -> str:
    """Give the exchange of this home one control line and return its answer.

    Raises:
        GatewayUnavailable: no exchange runs there.
        InvalidRequest: the exchange refused the line.
    """
    running = Place(home).read()
    if running is None:
        raise GatewayUnavailable(
            "no embedded exchange runs in this home",
            expected=f"a running exchange under {home}",
            next_steps=["Start one with `sumppump sim` or `sumppump serve --sim`, or name its --home."],
        )
    return control_line(running, line)


def find_or_start(settings: Settings) -> Running:
    """The exchange of the home folder, started if need be. Blocks until it answers: call it in a thread.

    Raises:
        GatewayUnavailable: it did not come up; the log says why.
    """
    place = Place(settings.home)
    if (running := place.find()) is not None:
        return running
    log = settings.home / "logs" / "exchange.stderr"
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("ab") as stderr:
        process = _start(settings, stderr.fileno())
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if (running := place.find()) is not None:
            return running
        # A second server may have started one at the same time: then ours ends and that one is found.
        if process.poll() not in (None, 2):
            break
        time.sleep(POLL_S)
    raise GatewayUnavailable(
        "the embedded exchange did not start",
        expected=f"an answer within {START_TIMEOUT_S:g} s",
        found=f"exit code {process.poll()}",
        next_steps=[f"Read {log}."],
    )


def _start(settings: Settings, stderr: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sumppump", "sim", "--home", str(settings.home)]
    command += ["--seed", str(settings.sim_seed), "--speed", str(settings.sim_speed)]
    command += ["--idle-exit", str(IDLE_EXIT_S)]
    command += ["--start", settings.sim_start.isoformat()] if settings.sim_start else []
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        cwd=settings.home,
        # It outlives this process, and a Ctrl-C here is none for it.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
        | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        env=dict(os.environ),
    )
