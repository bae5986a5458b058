"""A cold chain of 100 contracts with Greeks alone; `bench market` has every size, and the naive ways."""

from __future__ import annotations

from scripts.bench.figures import Figure
from scripts.bench.market.chains import cold

CONTRACTS = 100


async def measure() -> list[Figure]:
    """One cold chain."""
    return await cold((CONTRACTS,), target=1.2)
