"""A desk of fakes and a server on it, in both protocol eras."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client
from tests.support.fake_market import FakeClock
from tests.unit.server import fakes

from sumppump.server.app import DeskServer, build_server
from sumppump.server.desk import Desk


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def execution() -> fakes.FakeExecution:
    return fakes.FakeExecution()


@pytest.fixture
def audit() -> fakes.MemoryAudit:
    return fakes.MemoryAudit()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk(execution: fakes.FakeExecution, audit: fakes.MemoryAudit, clock: FakeClock) -> Desk:
    return fakes.desk(execution, audit, clock)


@pytest.fixture
def server(desk: Desk) -> DeskServer:
    """Every tool there is."""
    return build_server(desk, profile="full,crypto_fx")


@asynccontextmanager
async def connected(server: DeskServer, mode: str = "auto", **options: Any) -> AsyncIterator[Client]:
    """A host's connection in memory."""
    async with Client(server, mode=mode, **options) as client:
        yield client
