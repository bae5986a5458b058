"""Pictures under the home folder, readable by their owner alone."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

from sumppump.store.files import ensure_private_file, open_private, private_dir


class FileCharts:
    """`ports.market.Charts` on the folder `charts`; the oldest go when there are too many."""

    def __init__(self, home: Path, *, keep: int = 500) -> None:
        self._folder = private_dir(private_dir(home) / "charts")
        self._keep = keep

    def directory(self) -> str:
        """See the port."""
        return str(self._folder)

    def path(self, name: str) -> str:
        """See the port; anything but letters, digits, `-` and `_` in `name` becomes `_`."""
        return str(self._folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:80] or 'chart'}.png")

    def write_png(self, name: str, content: bytes) -> str:
        """See the port."""
        path = Path(self.path(name))
        if os.path.lexists(path):
            ensure_private_file(path)
        fresh = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}.new")
        try:
            with open(open_private(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
                file.write(content)
            fresh.replace(path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        self._tidy()
        return str(path)

    def _tidy(self) -> None:
        pictures = sorted(self._folder.glob("*.png"), key=lambda path: path.stat().st_mtime)
        for old in pictures[: -self._keep]:
            old.unlink(missing_ok=True)
