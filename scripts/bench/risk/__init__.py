"""Figures of strategies and risk: each part measures its own, `measure` runs them one after the other."""

from __future__ import annotations

from scripts.bench.figures import Figure
from scripts.bench.rooms import measured

PARTS = ("profiles", "books", "candidates", "ideas", "paths", "greeks")


async def measure() -> list[Figure]:
    """All parts that there are."""
    return await measured(__name__, PARTS)
