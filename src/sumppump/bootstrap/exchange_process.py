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
from sumppump.exchange.place import CONTROL_TIMEOUT_S, Place, Running
from sumppump.exchange.place import control as control_line
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest
from sumppump.store.files import open_private, private_dir

START_TIMEOUT_S = 20.0
POLL_S = 0.05
IDLE_EXIT_S = 600.0


def home_of_port(home: Path, port: int) -> Path:
    """Where an exchange that a person starts on a port of its own keeps its state: one folder a port."""
    return home / "exchanges" / str(port)


def is_running(home: Path) -> bool:
    """Whether the exchange of this home answers."""
    return Place(home).find() is not None


def control(home: Path, line: str, *, port: int = 0, timeout_s: float = CONTROL_TIMEOUT_S) -> str:
    """Give one running exchange of this home a control line and return its answer.

    Args:
        home: of `serve`, or of `sumppump sim`.
        line: the command and its arguments.
        port: which one, where several run; 0 takes the only one.
        timeout_s: how long to wait for the answer; a jump of a year takes minutes.

    Raises:
        GatewayUnavailable: no exchange runs there.
        InvalidRequest: several run and none was named, or the exchange refused the line.
    """
    running = [each for each in _running(home) if port in (0, each.port)]
    if not running:
        raise GatewayUnavailable(
            "no embedded exchange runs in this home" + (f" on port {port}" if port else ""),
            expected=f"a running exchange under {home}",
            next_steps=["Start one with `sumppump sim` or `sumppump serve --sim`, or name its --home."],
        )
    if len(running) > 1:
        raise InvalidRequest(
            "several exchanges run in this home",
            code="several_exchanges",
            expected="--port with one of " + ", ".join(str(each.port) for each in running),
            next_steps=["Name one with --port."],
        )
    return control_line(running[0], line, timeout_s=timeout_s)


def _running(home: Path) -> list[Running]:
    homes = [home, *sorted((home / "exchanges").glob("*"))]
    return [running for each in homes if (running := Place(each).find()) is not None]


def find_or_start(settings: Settings) -> Running:
    """The exchange of the home folder, started if need be. Blocks until it answers: call it in a thread.

    Raises:
        GatewayUnavailable: it did not come up; the log says why.
    """
    place = Place(settings.home)
    if (running := place.find()) is not None:
        return running
    log = private_dir(private_dir(settings.home) / "logs") / "exchange.stderr"
    with os.fdopen(open_private(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab") as stderr:
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
