"""Figures of the market desk: each part measures its own, `measure` runs them one after the other."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

from scripts.bench.figures import Figure

PARTS = ("kernels", "smiles", "chains", "live", "lanes", "sizes")


async def measure() -> list[Figure]:
    """All parts that there are."""
    found: list[Figure] = []
    for part in PARTS:
        name = f"scripts.bench.market.{part}"
        if find_spec(name):
            found += await importlib.import_module(name).measure()
    return found
