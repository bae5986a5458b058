"""Figures of the market desk: each part measures its own, `measure` runs them one after the other."""

from __future__ import annotations

from scripts.bench.figures import Figure
from scripts.bench.rooms import measured

PARTS = ("kernels", "smiles", "chains", "live", "lanes", "sizes")


async def measure() -> list[Figure]:
    """All parts that there are."""
    return await measured(__name__, PARTS)
