"""A scripted TWS, and gateways that are connected to it and leave nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from tests.protocol.gateway.houses import FRIDAY
from tests.protocol.gateway.scripted import Pulse, ScriptedTws

from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.ports.broker import BrokerEvent
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings

Event = TypeVar("Event")


@dataclass
class Rig:
    """A gateway under test with everything that it has told."""

    gateway: TwsGateway
    pulse: Pulse
    events: list[BrokerEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gateway.broker.subscribe(self.events.append)
        self.gateway.broker.subscribe(self.pulse.beat)

    def all(self, kind: type[Event]) -> list[Event]:
        """The events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def connected(self) -> bool:
        """Whether the gateway says so."""
        return self.gateway.broker.link().connected

    async def until(self, claim: Callable[[], object], timeout_s: float = 5.0) -> None:
        """Wait until the claim holds."""
        await self.pulse.until(claim, timeout_s)


Connect = Callable[..., Awaitable[Rig]]
Pair = tuple[EmbeddedServer, TwsGateway]
Open = Callable[..., Awaitable[Pair]]


@pytest.fixture
async def tws() -> AsyncIterator[ScriptedTws]:
    """A scripted TWS that listens."""
    server = ScriptedTws()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def connect(tws: ScriptedTws) -> AsyncIterator[Connect]:
    """Make gateways to the scripted TWS; afterwards no task of theirs is left."""
    rigs: list[Rig] = []

    async def make(*, wait: bool = True, **settings: Any) -> Rig:
        said: dict[str, Any] = {
            "port": tws.port, "backoff_min_s": 0.01, "backoff_max_s": 0.05, "request_timeout_s": 2.0,
            "handshake_timeout_s": 2.0, "settle_s": 0.02, "what_if_grace_s": 0.02, "symbol_pacing_s": 0.01,
            "pnl_wait_s": 0.05,
        }  # fmt: skip
        rig = Rig(TwsGateway(TwsSettings(**(said | settings))), tws.pulse)
        rigs.append(rig)
        await rig.gateway.start()
        if wait:
            await rig.until(lambda: rig.connected)
        return rig

    before = asyncio.all_tasks()
    yield make
    for rig in rigs:
        await rig.gateway.stop()
    assert asyncio.all_tasks() - before - {asyncio.current_task()} == set()


@pytest.fixture
async def open_pair() -> AsyncIterator[Open]:
    """An exchange and a gateway that is connected to it."""
    pairs: list[Pair] = []

    async def make(*, settings: dict[str, Any] | None = None, **sim: Any) -> Pair:
        simulated: dict[str, Any] = {"seed": 5, "start": FRIDAY, "speed": 10.0} | sim
        server = EmbeddedServer(SimSettings(**simulated))
        await server.start()
        said: dict[str, Any] = {"port": server.port, "backoff_min_s": 0.05} | (settings or {})
        gateway = TwsGateway(TwsSettings(**said))
        pairs.append((server, gateway))
        pulse = Pulse()
        gateway.broker.subscribe(pulse.beat)
        await gateway.start()
        await pulse.until(lambda: gateway.broker.link().connected)
        return server, gateway

    yield make
    for server, gateway in pairs:
        await gateway.stop()
        await server.close()
