"""Tells subscribed hosts that a resource has changed: both eras, a few times a second at most.

What changed is not said, only where to look again. An order or a position that the broker reports, every
call that can change something, and ticks of subscribed quotes mark resources; one task sends the marks. A
host that has gone, or that does not take a message in time, is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import anyio
from mcp.server.connection import Connection
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.session import ServerSession
from mcp.server.subscriptions import ListenHandler, SubscriptionBus
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import ResourceUpdated
from mcp_types import (
    INVALID_PARAMS,
    EmptyResult,
    SubscribeRequestParams,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
    UnsubscribeRequestParams,
)

from sumppump.data.live_service import LiveService
from sumppump.kernel.errors import SumpPumpError
from sumppump.ports.broker import BrokerEvent, LinkChanged, PositionsChanged
from sumppump.server.quote_watch import MOST_QUOTES, QUOTE, QuoteWatch, is_quote

ORDERS, SESSION, PORTFOLIO = "sumppump://orders", "sumppump://session", "sumppump://portfolio"
AUDIT = "sumppump://audit/recent"
FIXED = (ORDERS, SESSION, PORTFOLIO, AUDIT)
PAUSE_S = 0.25
SEND_LIMIT_S = 5.0
MOST_STREAMS = 64
MOST_BUFFERED = 256


@dataclass(slots=True)
class Announcer:
    """Who listens to what, and what has changed since the last word.

    Attributes:
        bus: reaches hosts of 2026-07-28; `subscribers` holds those of the handshake era by resource, one
            session for each connection (a session object is made for every request), until it ends.
        quotes: the lines of subscribed quotes.
    """

    bus: SubscriptionBus
    live: LiveService
    pause_s: float = PAUSE_S
    subscribers: dict[str, dict[int, ServerSession]] = field(default_factory=dict)
    quotes: QuoteWatch = field(init=False)
    _stream: ListenHandler = field(init=False)
    _known: set[int] = field(default_factory=set)
    _changed: set[str] = field(default_factory=set)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.quotes = QuoteWatch(self.live, self.mark)
        self._stream = ListenHandler(
            self.bus, max_subscriptions=MOST_STREAMS, max_buffered_events=MOST_BUFFERED
        )

    def mark(self, uris: Iterable[str]) -> None:
        """These resources read differently now."""
        self._changed.update(uris)
        self._wake.set()

    def hear(self, event: BrokerEvent) -> None:
        """Mark what an event of the broker changes."""
        moves_positions = isinstance(event, PositionsChanged | LinkChanged)
        self.mark((PORTFOLIO, SESSION) if moves_positions else (ORDERS, SESSION))
        self.quotes.hear(event)

    async def run(self) -> None:
        """Send marks, and follow what is subscribed to, until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.quotes.run)
            tasks.start_soon(self._send_marks)

    async def _send_marks(self) -> None:
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
            if not await _is_told(session, uri):
                self._forget(uri, connection)

    def _remember(self, connection: Connection) -> int:
        """The key of a connection, whose end is heard from now on."""
        key = id(connection)
        if key not in self._known:
            self._known.add(key)
            connection.exit_stack.callback(self._gone, key)
        return key

    def _gone(self, connection: int) -> None:
        self._known.discard(connection)
        for uri in [uri for uri, listening in self.subscribers.items() if connection in listening]:
            self._forget(uri, connection)

    def _forget(self, uri: str, connection: int) -> None:
        listening = self.subscribers.get(uri, {})
        listening.pop(connection, None)
        if not listening:
            self.subscribers.pop(uri, None)
        self.quotes.leave(uri, connection)

    def serve(self, server: Server[Any]) -> None:
        """Answer `resources/subscribe` and `unsubscribe` of the handshake era, and `subscriptions/listen`."""
        server.add_request_handler("resources/subscribe", SubscribeRequestParams, self._subscribe)
        server.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, self._unsubscribe)
        server.add_request_handler("subscriptions/listen", SubscriptionsListenRequestParams, self._listen)

    async def _subscribe(
        self, context: ServerRequestContext[Any], params: SubscribeRequestParams
    ) -> EmptyResult:
        uri, connection = str(params.uri), self._remember(_connection(context))
        if is_quote(uri):
            try:
                await self.quotes.join_now(uri, connection)
            except SumpPumpError as error:
                raise MCPError(code=INVALID_PARAMS, message=error.message) from error
        elif uri not in FIXED:
            raise MCPError(
                code=INVALID_PARAMS, message=f"updates are sent for {', '.join(FIXED)} and {QUOTE}{{symbol}}"
            )
        self.subscribers.setdefault(uri, {})[connection] = context.session
        return EmptyResult()

    async def _unsubscribe(
        self, context: ServerRequestContext[Any], params: UnsubscribeRequestParams
    ) -> EmptyResult:
        self._forget(str(params.uri), id(_connection(context)))
        return EmptyResult()

    async def _listen(
        self, context: ServerRequestContext[Any], params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        """One stream of the newer era; its quotes are followed while it is open."""
        listener = object()
        uris = list(params.notifications.resource_subscriptions or ())[:MOST_QUOTES]
        for uri in uris:
            self.quotes.join(uri, listener)
        try:
            return await self._stream(context, params)
        finally:
            for uri in uris:
                self.quotes.leave(uri, listener)


async def _is_told(session: ServerSession, uri: str) -> bool:
    """Whether a host took the news in time. The SDK drops what goes to a closed connection."""
    with anyio.move_on_after(SEND_LIMIT_S) as limit:
        await session.send_resource_updated(uri)
    return not limit.cancelled_caught


def _connection(context: ServerRequestContext[Any]) -> Connection:
    """What stays the same between two requests of one connection, and knows its end."""
    return context.session._connection  # the SDK (pinned) offers no other way to hear of the end
