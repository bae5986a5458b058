"""Where the environments of other TWS clients are, and a script that makes them.

    python tests/protocol/clients/environments.py        makes what is missing

Each client has an environment of its own, because they cannot share one: ib_insync and ib_async both
bring a package `eventkit`. `SUMPPUMP_CLIENTS` names the folder; the default is in the user's cache.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

PYTHON_CLIENTS = {"ib_insync": "ib_insync==0.9.86", "ibapi": "ibapi==9.81.1.post1"}
NODE_CLIENTS = {
    "stoqey": ("@stoqey/ib@1.6.7", "jest@29.7.0"),
    "ext_apps": ("@modelcontextprotocol/ext-apps@2.0.4", "esbuild@0.28.2"),
}
"""The last one is no client of TWS but a host of MCP Apps: the official bridge, and what packs it."""
DRIVERS = {
    "ib_async": ("drive_ib.py", "ib_async"),
    "ib_insync": ("drive_ib.py", "ib_insync"),
    "ibapi": ("drive_ibapi.py",),
    "stoqey": ("drive_stoqey.js",),
}
"""Each client's script, and what it takes before port and plan."""


@dataclass(frozen=True, slots=True)
class ClientProgram:
    """One client in its environment.

    Attributes:
        name: of the client.
        command: what runs its driver, without port and plan.
        home: the environment; node finds packages from here.
    """

    name: str
    command: tuple[str, ...]
    home: Path


def folder() -> Path:
    default = Path.home() / ".cache" / "sumppump-clients"
    return Path(os.environ.get("SUMPPUMP_CLIENTS", default))


def python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def program(name: str) -> ClientProgram | None:
    """The client if it has been installed; ib_async always is, as a part of the program itself."""
    script, *arguments = DRIVERS[name]
    home = folder() / name
    driver = (str(Path(__file__).parent / script), *arguments)
    if name == "ib_async":
        return ClientProgram(name, (sys.executable, *driver), Path(sys.prefix))
    runner = str(python_of(home)) if name in PYTHON_CLIENTS else "node"
    return ClientProgram(name, (runner, *driver), home) if is_installed(name) else None


def is_installed(name: str) -> bool:
    """Whether everything that is wanted today was installed."""
    note = folder() / name / "installed"
    return note.exists() and note.read_text("utf-8") == wanted(name)


def wanted(name: str) -> str:
    """The packages of a client."""
    return PYTHON_CLIENTS[name] if name in PYTHON_CLIENTS else " ".join(NODE_CLIENTS[name])


def install(name: str) -> None:
    home = folder() / name
    if name in PYTHON_CLIENTS:
        venv.create(home, with_pip=True)
        command = [str(python_of(home)), "-m", "pip", "install", "--quiet", PYTHON_CLIENTS[name]]
    else:
        home.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(home), *NODE_CLIENTS[name]]
    subprocess.run(command, check=True)
    (home / "installed").write_text(wanted(name), encoding="utf-8")


if __name__ == "__main__":
    for client in (*PYTHON_CLIENTS, *NODE_CLIENTS):
        if not is_installed(client):
            install(client)
