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
NODE_CLIENTS = {"stoqey": "@stoqey/ib@1.6.7"}


@dataclass(frozen=True, slots=True)
class ClientProgram:
    """One client in its environment.

    Attributes:
        name: of the client, and of `drive_NAME`.
        command: what runs its script, without the script and its argument.
        home: the environment; node finds packages from here.
    """

    name: str
    command: tuple[str, ...]
    script: Path
    home: Path


def folder() -> Path:
    default = Path.home() / ".cache" / "sumppump-clients"
    return Path(os.environ.get("SUMPPUMP_CLIENTS", default))


def python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def program(name: str) -> ClientProgram | None:
    """The client if it has been installed."""
    here, home = Path(__file__).parent, folder() / name
    if name in PYTHON_CLIENTS:
        interpreter = python_of(home)
        found = ClientProgram(name, (str(interpreter),), here / f"drive_{name}.py", home)
        return found if interpreter.exists() and (home / "installed").exists() else None
    found = ClientProgram(name, ("node",), here / f"drive_{name}.js", home)
    return found if (home / "installed").exists() else None


def install(name: str) -> None:
    home = folder() / name
    if name in PYTHON_CLIENTS:
        venv.create(home, with_pip=True)
        command = [str(python_of(home)), "-m", "pip", "install", "--quiet", PYTHON_CLIENTS[name]]
    else:
        home.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(home), NODE_CLIENTS[name]]
    subprocess.run(command, check=True)
    (home / "installed").write_text("yes\n", encoding="utf-8")


if __name__ == "__main__":
    for client in (*PYTHON_CLIENTS, *NODE_CLIENTS):
        if program(client) is None:
            install(client)
