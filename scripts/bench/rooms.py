"""Rooms of benches: several modules whose figures are shown as one table."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from importlib.util import find_spec

from scripts.bench.figures import Figure


async def measured(room: str, parts: Iterable[str]) -> list[Figure]:
    """Figures of those parts of a room that there are, one after the other."""
    found: list[Figure] = []
    for part in parts:
        if find_spec(f"{room}.{part}"):
            found += await importlib.import_module(f"{room}.{part}").measure()
    return found
