"""Tells subscribed hosts that a resource has changed: both eras, a few times a second at most.

What changed is not said, only where to look again. An order or a position that the broker reports, and every
call that can change something, marks resources; one task sends the marks. A host that has gone is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import anyio
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.session import ServerSession
from mcp.server.subscriptions import SubscriptionBus
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import ResourceUpdated
from mcp_types import (
    INVALID_PARAMS,
    EmptyResult,
    SubscribeRequestParams,
    UnsubscribeRequestParams,
)

from sumppump.ports.broker import BrokerEvent, LinkChanged, PositionsChanged

ORDERS, SESSION, PORTFOLIO = "sumppump://orders", "sumppump://session", "sumppump://portfolio"
PAUSE_S = 0.25


@dataclass(slots=True)
class Announcer:
    """Who listens to what, and what has changed since the last word.

    Attributes:
        bus: reaches hosts of 2026-07-28; `subscribers` holds those of the handshake era by resource, one
            session for each connection (a session object is made for every request).
    """

    bus: SubscriptionBus
    pause_s: float = PAUSE_S
    subscribers: dict[str, dict[int, ServerSession]] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def mark(self, uris: Iterable[str]) -> None:
        """These resources read differently now."""
        self._changed.update(uris)
        self._wake.set()

    def hear(self, event: BrokerEvent) -> None:
        """Mark what an event of the broker changes."""
        moves_positions = isinstance(event, PositionsChanged | LinkChanged)
        self.mark((PORTFOLIO, SESSION) if moves_positions else (ORDERS, SESSION))

    async def run(self) -> None:
        """Send marks until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = sorted(self._changed), set()
            for uri in changed:
                await self.bus.publish(ResourceUpdated(uri=uri))
                await self._tell_handshake_era(uri)
            await anyio.sleep(self.pause_s)

    async def _tell_handshake_era(self, uri: str) -> None:
        for connection, session in list(self.subscribers.get(uri, {}).items()):
            try:
                await session.send_resource_updated(uri)
            except (anyio.ClosedResourceError, anyio.BrokenResourceError, MCPError):
                del self.subscribers[uri][connection]

    def serve(self, server: Server[Any]) -> None:
        """Answer `resources/subscribe` and `resources/unsubscribe` of the handshake era."""
        server.add_request_handler("resources/subscribe", SubscribeRequestParams, self._subscribe)
        server.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, self._unsubscribe)

    async def _subscribe(
        self, context: ServerRequestContext[Any], params: SubscribeRequestParams
    ) -> EmptyResult:
        uri = str(params.uri)
        if uri not in (ORDERS, SESSION, PORTFOLIO):
            raise MCPError(
                code=INVALID_PARAMS, message=f"updates are sent for {ORDERS}, {SESSION} and {PORTFOLIO}"
            )
        self.subscribers.setdefault(uri, {})[_connection(context)] = context.session
        return EmptyResult()

    async def _unsubscribe(
        self, context: ServerRequestContext[Any], params: UnsubscribeRequestParams
    ) -> EmptyResult:
        self.subscribers.get(str(params.uri), {}).pop(_connection(context), None)
        return EmptyResult()


def _connection(context: ServerRequestContext[Any]) -> int:
    """What stays the same between two requests of one handshake-era connection: what it said of itself."""
    return id(context.session.client_params)
