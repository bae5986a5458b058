"""Conversations run on asyncio, by anyio's plugin, as the SDK's client wants."""

from __future__ import annotations

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
