"""A desk of fakes and a server on it, in both protocol eras."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client
from tests.unit.server import fakes

from sumppump.domain.orders import Environment
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
def clock() -> fakes.FakeClock:
    return fakes.FakeClock()


@pytest.fixture
def desk(execution: fakes.FakeExecution, audit: fakes.MemoryAudit, clock: fakes.FakeClock) -> Desk:
    services: dict[str, Any] = {"strategies": fakes.FakeStrategies()}
    return Desk(
        environment=Environment.SIM,
        clock=clock,
        broker=fakes.fake_broker(),
        execution=execution,
        charts=fakes.MemoryCharts(),
        audit=audit,
        **services,
    )


@pytest.fixture
def server(desk: Desk) -> DeskServer:
    return build_server(desk, profile="full")


@asynccontextmanager
async def connected(server: DeskServer, mode: str = "auto", **options: Any) -> AsyncIterator[Client]:
    """A host's connection in memory."""
    async with Client(server, mode=mode, **options) as client:
        yield client
