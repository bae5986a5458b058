from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sumppump.approval import opener

ADDRESS = "http://127.0.0.1:1/pair/a-secret-of-one-use"
_BROWSER = """
import os, sys
from pathlib import Path
print("hello from the browser", flush=True)
heard = sys.stdin.read()
Path(sys.argv[1]).write_text(f"{sys.argv[2]}\\n{heard!r}\\n")
"""


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A browser that prints, reads its standard input, and leaves what it was given in a file."""
    script, seen = tmp_path / "browser.py", tmp_path / "seen.txt"
    script.write_text(_BROWSER)
    monkeypatch.setenv("BROWSER", f"{sys.executable} {script} {seen} %s")
    return seen


@pytest.mark.skipif(os.name == "nt", reason="BROWSER is not read on Windows")
def test_the_browser_gets_the_address_and_none_of_our_streams(
    browser: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A BROWSER command that prints would otherwise write into the MCP conversation."""
    opener.open_in_browser(ADDRESS)
    for thread in threading.enumerate():
        if thread.name == "open the browser":
            thread.join(timeout=20)
    assert browser.read_text().splitlines() == [ADDRESS, "''"]
    printed = capfd.readouterr()
    assert printed.out == ""
    assert ADDRESS not in printed.err


def test_the_address_is_in_no_argument_of_the_child_that_we_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs of the same user see arguments; only the browser's own cannot be helped."""
    started: list[tuple[list[str], dict[str, object]]] = []

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        started.append((command, options))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    assert opener._run(ADDRESS) == 0
    ((command, options),) = started
    assert not any(ADDRESS in argument for argument in command)
    assert ADDRESS not in str(options["env"])
    assert options["input"] == f"{ADDRESS}\n"
    assert (options["stdout"], options["stderr"]) == (subprocess.DEVNULL, subprocess.DEVNULL)


@pytest.mark.skipif(os.name == "nt", reason="BROWSER is not read on Windows")
def test_a_machine_without_a_browser_is_no_error_and_leaks_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], logs: list[str]
) -> None:
    monkeypatch.setenv("BROWSER", shutil.which("false") or "false")
    opener._open(ADDRESS)
    assert capfd.readouterr().out == ""
    (line,) = logs
    assert "sumppump approve" in line
    assert "a-secret" not in line


def test_a_child_that_cannot_start_is_no_error(monkeypatch: pytest.MonkeyPatch, logs: list[str]) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    opener._open(ADDRESS)
    (line,) = logs
    assert "a-secret" not in line
