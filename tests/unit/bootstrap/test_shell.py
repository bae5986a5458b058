"""The command that a person is told to type really starts this program with this home."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sumppump.bootstrap.shell import command_line


def test_the_program_beside_our_python_is_named_in_full() -> None:
    """A host's configuration puts nothing on the person's PATH."""
    assert command_line("/a b/.venv/bin/python", None, platform="linux") == "'/a b/.venv/bin/sumppump'"


def test_a_home_of_its_own_travels_with_the_command() -> None:
    """The terminal would otherwise clear the switch of another home."""
    said = command_line("/v/bin/python", Path("/my home"), platform="darwin")
    assert said == "SUMPPUMP_HOME='/my home' /v/bin/sumppump"
    said = command_line("C:\\v\\python.exe", Path("h"), platform="win32")
    assert said.startswith("$env:SUMPPUMP_HOME='h'; & '")


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell's quoting")
def test_a_shell_runs_what_is_said(tmp_path: Path) -> None:
    """Blanks and quotes of a folder's name survive."""
    folder = tmp_path / "it's here"
    folder.mkdir()
    program = folder / "sumppump"
    program.write_text('#!/bin/sh\necho "$SUMPPUMP_HOME $*"\n')
    program.chmod(0o700)
    said = command_line(str(folder / "python"), folder, platform="linux")
    done = subprocess.run(f"{said} kill --clear", shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{folder} kill --clear"
