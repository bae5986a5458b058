from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from tests.e2e_page.chrome import Chrome, missing
from tests.unit.approval.stories import CODE, NOON, FakeDecisions

from sumppump.approval.desk import BrowserDesk
from sumppump.domain.tickets import Ticket
from sumppump.kernel.clock import SystemClock


@dataclass
class Desk:
    """A served desk whose opened addresses wait for the browser under test."""

    desk: BrowserDesk
    decisions: FakeDecisions
    opened: list[str]

    def present(self, ticket: Ticket) -> str:
        self.desk.present(self.decisions.add(ticket), CODE)
        return self.opened[-1]


@pytest.fixture(scope="session")
def one_chrome() -> Iterator[Chrome]:
    if reason := missing():
        pytest.skip(reason)
    chrome = Chrome.start()
    yield chrome
    chrome.stop()


@pytest.fixture
async def chrome(one_chrome: Chrome) -> Chrome:
    await one_chrome.size(800, 600)
    await one_chrome.forget()
    return one_chrome


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    decisions, opened = FakeDecisions(), list[str]()
    served = BrowserDesk(lambda: decisions, SystemClock(), opener=opened.append, wall=lambda: NOON)
    yield Desk(served, decisions, opened)
    await served.stop()
