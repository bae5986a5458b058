"""The demo's browser: instead of a window it leaves the address in a file that only the demo reads.

`python -m sumppump.cli.demo_browser FILE ADDRESS`, as the BROWSER of the demo's server.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Append the address that the server opened."""
    file, address = arguments
    handle = os.open(Path(file), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{address}\n".encode())
    finally:
        os.close(handle)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
