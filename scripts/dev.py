#!/usr/bin/env python3
"""Everything a newcomer needs, with the standard library alone.

python3 scripts/dev.py demo     set up, then play the whole story on the embedded exchange
python3 scripts/dev.py test     set up, then run the tests
python3 scripts/dev.py setup    only set up: .venv with the pinned packages
python3 scripts/dev.py check    ruff, format, mypy, import-linter
python3 scripts/dev.py bench    figures, each a ratio within one run; a name runs one of them
python3 scripts/dev.py serve    the MCP server on the embedded exchange (stdio)
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "sumppump-setup.txt"
PINS = (ROOT / "requirements" / "run.txt", ROOT / "requirements" / "dev.txt", ROOT / "pyproject.toml")

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("importlinter.cli", "lint-imports"),
)


def fingerprint() -> str:
    """What the environment was made from; a change of it sets up anew."""
    digest = hashlib.sha256(sys.version.encode())
    for path in PINS:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def setup() -> None:
    """Make .venv from the pins, once."""
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == fingerprint():
        return
    say("setting up .venv with the pinned packages (once, about a minute)")
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "-r", str(PINS[1])], cwd=ROOT, check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", "."], cwd=ROOT, check=True)
    STAMP.write_text(fingerprint())


def say(text: str) -> None:
    """One line to the person, on stderr: `serve` owns stdout."""
    print(f"dev: {text}", file=sys.stderr, flush=True)


def run(*arguments: str) -> int:
    """Run the environment's Python and hand on its exit code."""
    return subprocess.run([str(PYTHON), *arguments], cwd=ROOT, check=False).returncode


def check() -> int:
    """Every gate, each even when one before it failed."""
    worst = 0
    for command in CHECKS:
        say(" ".join(command))
        worst = max(worst, run_check(command))
    return worst


def run_check(command: tuple[str, ...]) -> int:
    """One gate; import-linter has no module to run, only a script."""
    if command[0] == "importlinter.cli":
        script = BIN / ("lint-imports.exe" if os.name == "nt" else "lint-imports")
        return subprocess.run([str(script), "--no-cache"], cwd=ROOT, check=False).returncode
    return run("-m", *command)


def main(arguments: list[str]) -> int:
    """Dispatch one command."""
    command, *rest = arguments or ["help"]
    commands = {
        "setup": lambda: 0,
        "demo": lambda: run("-m", "sumppump", "demo", *rest),
        "test": lambda: run("-m", "pytest", *(rest or ["-n", "2", "--dist", "worksteal"])),
        "check": check,
        "bench": lambda: run("-m", "scripts.bench", *rest),
        "serve": lambda: run("-m", "sumppump", "serve", "--sim", *rest),
    }
    if command not in commands:
        print(__doc__)
        return 0 if command in ("help", "-h", "--help") else 2
    if sys.version_info < (3, 11):  # noqa: UP036 - the one file that an older Python may start
        say(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
        return 2
    setup()
    return commands[command]()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
