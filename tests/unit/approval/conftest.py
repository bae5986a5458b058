from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from loguru import logger
from tests.unit.approval import stories
from tests.unit.approval.visitor import Visitor

from sumppump.approval.desk import BrowserDesk
from sumppump.domain.tickets import Ticket


@dataclass
class HandClock:
    """A clock that only a test moves."""

    seconds: float = 1000.0

    def now(self) -> object:
        return stories.NOON

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Room:
    """A desk that is really served, the decisions behind it, and the addresses that a browser was given."""

    desk: BrowserDesk
    decisions: stories.FakeDecisions
    clock: HandClock
    opened: list[str]

    def present(self, ticket: Ticket, code: str = stories.CODE) -> str:
        """Show a ticket and return the address that the browser was given."""
        self.desk.present(self.decisions.add(ticket), code)
        return self.opened[-1]

    @property
    def port(self) -> int:
        return urlsplit(self.opened[-1]).port or 0

    def stranger(self) -> Visitor:
        """A browser that was never paired."""
        return Visitor(self.port)

    async def person(self, ticket: Ticket) -> Visitor:
        """The person's browser, paired and looking at the ticket."""
        address = self.present(ticket)
        visitor = self.stranger()
        assert (await visitor.follow(address)).status == 200
        return visitor


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    decisions, clock, opened = stories.FakeDecisions(), HandClock(), list[str]()
    desk = BrowserDesk(
        lambda: decisions,
        clock,  # type: ignore[arg-type]
        opener=opened.append,
        wall=lambda: stories.NOON,
    )
    yield Room(desk, decisions, clock, opened)
    await desk.stop()


@pytest.fixture
def logs() -> Iterator[list[str]]:
    """Every log line that is written, at any level, with its traceback."""
    lines = list[str]()
    sink = logger.add(lines.append, level=0, backtrace=True, diagnose=True)
    yield lines
    logger.remove(sink)
