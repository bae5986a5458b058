"""A gateway on the embedded exchange on a day on which something breaks, and where each fault's test stands.

The faults are those of the reliability goals that concern market data. `TESTS` names the files that show, for
each, what a person is told, that the stream resumes, and that no number is invented meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from loguru import logger
from tests.protocol.gateway.conftest import Rig
from tests.protocol.gateway.houses import FRIDAY
from tests.protocol.gateway.scripted import Pulse

from sumppump.domain.instruments import Instrument, OptionContract, Right, Underlying
from sumppump.domain.quotes import Quote
from sumppump.exchange.control import Cause, Heal
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.ports.market import Stream
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings

HERE = "tests/protocol/gateway/"
TESTS = {
    "F-14": (f"{HERE}test_bad_days_feeds.py",),
    "F-22": (f"{HERE}test_bad_days_feeds.py", f"{HERE}test_quotes.py", f"{HERE}test_link.py"),
    "F-23": (f"{HERE}test_bad_days_feeds.py", f"{HERE}test_link.py"),
    "F-30": (f"{HERE}test_bad_days_answers.py", "tests/unit/execution/test_following.py"),
    "F-37": (f"{HERE}test_bad_days_connections.py", f"{HERE}test_link.py"),
    "F-38": (f"{HERE}test_bad_days_answers.py", f"{HERE}test_order_events.py"),
    "F-39": (f"{HERE}test_bad_days_answers.py", f"{HERE}test_quotes.py"),
    "F-40": (f"{HERE}test_bad_days_connections.py", f"{HERE}test_link.py"),
    "F-41": (f"{HERE}test_bad_days_answers.py", f"{HERE}test_contracts.py"),
    "F-45": (f"{HERE}test_bad_days_connections.py", f"{HERE}test_link.py"),
    "F-55": (f"{HERE}test_bad_days_connections.py", f"{HERE}test_link.py"),
    "F-56": (f"{HERE}test_bad_days_connections.py", f"{HERE}test_link.py"),
    "F-57": (f"{HERE}test_bad_days_answers.py", f"{HERE}test_link.py"),
    "F-58": (f"{HERE}test_bad_days_connections.py",),
    "F-59": (f"{HERE}test_bad_days_feeds.py", f"{HERE}test_link.py"),
    "F-60": (f"{HERE}test_bad_days_feeds.py", f"{HERE}test_link.py"),
    "F-61": (f"{HERE}test_bad_days_feeds.py", f"{HERE}test_link.py"),
}

SHORT: dict[str, Any] = {
    "backoff_min_s": 0.05, "backoff_max_s": 0.1, "request_timeout_s": 2.0, "handshake_timeout_s": 1.0,
    "heartbeat_s": 0.15, "resume_s": 0.1, "pause_retry_s": 0.2, "linger_s": 0.05, "settle_s": 0.05,
    "partial_s": 0.05, "messages_per_s": 45,
}  # fmt: skip


@dataclass
class BadDay:
    """The exchange, the gateway on it, and what is followed: SPY and options near the money.

    Attributes:
        logged: lines of the log since the beginning.
    """

    server: EmbeddedServer
    rig: Rig
    streams: list[Stream] = field(default_factory=list)
    contracts: list[Instrument] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    @property
    def gateway(self) -> TwsGateway:
        """The gateway under test."""
        return self.rig.gateway

    @property
    def quotes(self) -> list[Quote]:
        """What the streams say now."""
        return [stream.quote() for stream in self.streams]

    @property
    def is_current(self) -> bool:
        """Whether every stream has a market that is not stale."""
        return all(quote.bid and quote.ask and not quote.is_stale for quote in self.quotes)

    @property
    def lines_at_tws(self) -> int:
        """The exchange's own count."""
        return self.server.hall.shared.lines_in_use

    async def until(self, claim: Any) -> None:
        """Wait for something that an event or a tick brings."""
        await self.rig.until(claim, 10.0)

    def cause(self, name: str, **parameters: object) -> None:
        """Break something."""
        self.server.run(Cause(name, {key: str(value) for key, value in parameters.items()}))

    def heal(self, name: str) -> None:
        """Mend it."""
        self.server.run(Heal(name))

    async def follow(self, options: int = 6) -> None:
        """Follow SPY and its nearest calls, and wait until all have a market."""
        spy, calls = await self.listed(options)
        self.contracts = [spy, *calls]
        self.streams = list(
            await self.gateway.market.follow(self.contracts, changed=lambda _: self.rig.pulse.beat())
        )
        await self.until(lambda: self.is_current)

    async def listed(self, options: int) -> tuple[Underlying, list[OptionContract]]:
        """SPY and its calls nearest the money."""
        spy = await self.gateway.directory.underlying("SPY")
        (chain, *_) = await self.gateway.directory.option_classes(spy)
        (now,) = await self.gateway.market.quotes([spy])
        assert now.mid is not None
        spot = now.mid.amount
        listed = await self.gateway.directory.options(spy, chain.expiries[4], right=Right.CALL)
        return spy, sorted(listed, key=lambda option: abs(option.strike - spot))[:options]


@asynccontextmanager
async def bad_day(*, speed: float = 10.0, **settings: Any) -> AsyncIterator[BadDay]:
    """An exchange that runs fast, and a gateway with short windows; both end with the day."""
    server = EmbeddedServer(SimSettings(seed=5, start=FRIDAY, speed=speed))
    await server.start()
    gateway = TwsGateway(TwsSettings(**(SHORT | {"port": server.port} | settings)))
    day = BadDay(server, Rig(gateway, Pulse()))
    sink = logger.add(lambda message: day.logged.append(str(message)), level="INFO", format="{message}")
    before = asyncio.all_tasks()
    try:
        await gateway.start()
        await day.until(lambda: day.rig.connected)
        yield day
    finally:
        await gateway.stop()
        await server.close()
        logger.remove(sink)
    assert asyncio.all_tasks() <= before
