"""Opening the page in the person's own browser, apart from our standard streams.

Python's `webbrowser` (which honours BROWSER) runs in a child whose stdin, stdout and stderr are not ours:
a browser that prints would otherwise speak MCP to the host. The address goes to that child through a
pipe and so stays out of its arguments; the browser that it starts is given the address as an argument,
which programs of the same user can see until the secret in it is spent.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable

from loguru import logger

_CHILD = "import sys, webbrowser; sys.exit(0 if webbrowser.open(sys.stdin.readline().strip()) else 3)"

Opener = Callable[[str], None]


def open_in_browser(address: str) -> None:
    """Ask the person's browser to show `address`; returns at once and never raises."""
    threading.Thread(target=_open, args=(address,), name="open the browser", daemon=True).start()


def _open(address: str) -> None:
    try:
        code = _run(address)
    except OSError as problem:
        logger.warning("No browser could be started: {}", type(problem).__name__)
        return
    if code != 0:
        logger.warning("No browser showed the approval page; `sumppump approve` works in a terminal.")


def _run(address: str) -> int:
    # No time-out: a text browser may stay in front for as long as the person reads.
    return subprocess.run(
        [sys.executable, "-I", "-c", _CHILD],
        input=address + "\n",
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        env=dict(os.environ),
        # A Ctrl-C for the server is not one for the browser.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    ).returncode
