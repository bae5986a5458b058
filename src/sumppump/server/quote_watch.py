"""Quotes that hosts have subscribed to: each on a line for as long as somebody listens.

Whoever listens is told where to look again, never what changed. A quote that cannot be followed yet (no
connection, no line) is tried again whenever the connection changes. The last listener to go gives its line
back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from loguru import logger

from sumppump.data.live_service import LiveService
from sumppump.domain.instruments import Instrument
from sumppump.kernel.errors import GatewayUnavailable, SumpPumpError
from sumppump.ports.broker import BrokerEvent, LinkChanged

QUOTE = "sumppump://quote/"
MOST_QUOTES = 100


@dataclass(slots=True)
class QuoteWatch:
    """Who listens to which quote.

    Attributes:
        mark: told the resources that read differently now.
    """

    live: LiveService
    mark: Callable[[Iterable[str]], None]
    _listeners: dict[str, set[Hashable]] = field(default_factory=dict)
    _uris: dict[int, set[str]] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.live.board.on_change.append(self._changed)
        self.live.board.on_end.append(self._ended)

    def join(self, uri: str, listener: Hashable) -> None:
        """Somebody listens; the quote is followed as soon as it can be."""
        if is_quote(uri) and (uri in self._listeners or len(self._listeners) < MOST_QUOTES):
            self._listeners.setdefault(uri, set()).add(listener)
            self._wake.set()

    async def join_now(self, uri: str, listener: Hashable) -> None:
        """The same, with a word about a symbol that cannot be followed at all.

        Raises:
            SumpPumpError: unknown, ambiguous, or no line is free. A lost connection is waited out instead.
        """
        if uri not in self._followed():
            try:
                await self._follow(uri)
            except GatewayUnavailable:
                logger.info("{} is followed once there is a connection", uri)
        self.join(uri, listener)

    def leave(self, uri: str, listener: Hashable) -> None:
        """Somebody does not listen any more; the last one gives the line back."""
        listeners = self._listeners.get(uri, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(uri, None)
            self._let_go(uri)

    def hear(self, event: BrokerEvent) -> None:
        """The connection changed: what could not be followed is tried again."""
        if isinstance(event, LinkChanged):
            self._wake.set()

    async def run(self) -> None:
        """Follow what is listened to, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            for uri in sorted(self._listeners.keys() - self._followed()):
                await self._try(uri)

    async def _try(self, uri: str) -> None:
        try:
            await self._follow(uri)
        except SumpPumpError as error:
            logger.info("{} cannot be followed now: {}", uri, error.message)
        if uri not in self._listeners:  # everybody left while it was being followed
            self._let_go(uri)

    async def _follow(self, uri: str) -> None:
        instrument = await self.live.watch(unquote(uri.removeprefix(QUOTE)), uri)
        self._uris.setdefault(instrument.con_id, set()).add(uri)

    def _followed(self) -> set[str]:
        return {uri for uris in self._uris.values() for uri in uris}

    def _let_go(self, uri: str) -> None:
        self.live.unwatch(uri)
        for con_id in [each for each, uris in self._uris.items() if uri in uris]:
            self._uris[con_id].discard(uri)
            if not self._uris[con_id]:
                del self._uris[con_id]

    def _changed(self, con_ids: frozenset[int]) -> None:
        uris = [uri for con_id in con_ids & self._uris.keys() for uri in self._uris[con_id]]
        if uris:
            self.mark(uris)

    def _ended(self, instrument: Instrument, reason: str) -> None:
        if uris := self._uris.pop(instrument.con_id, set()):
            logger.info("{} is not followed any more: {}", instrument.label, reason)
            self.mark(uris)


def is_quote(uri: str) -> bool:
    """Whether a resource is a quote."""
    return uri.startswith(QUOTE) and len(uri) > len(QUOTE)
