"""How a person starts this very program in a terminal: a host's configuration puts nothing on their PATH."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path


def command_line(executable: str, home: Path | None, *, platform: str = sys.platform) -> str:
    """The words to type before a command such as `kill --clear`.

    Args:
        executable: the Python that runs us; the program lies beside it.
        home: the folder of all state, where it is not the usual one.
        platform: as `sys.platform`.
    """
    if platform == "win32":
        program = f"& '{Path(executable).with_name('sumppump.exe')}'"
        return program if home is None else f"$env:SUMPPUMP_HOME='{home}'; {program}"
    program = shlex.quote(str(Path(executable).with_name("sumppump")))
    return program if home is None else f"SUMPPUMP_HOME={shlex.quote(str(home))} {program}"
