"""A desk of one: the strategy service on a small listed market without a wire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from tests.support.fake_market import FakeClock, FakeDirectory, FakeMarket

from sumppump.strategies.drafts import Draft, DraftBook
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.service import StrategyService

Build = Callable[..., Awaitable[Draft]]


@dataclass(frozen=True, slots=True)
class Bench:
    """The service with everything it stands on."""

    service: StrategyService
    market: FakeMarket
    directory: FakeDirectory
    clock: FakeClock

    async def build(self, strategy_type: str, symbol: str = "SPY", **arguments: object) -> Draft:
        """A draft from arguments as a caller writes them."""
        request = StrategyRequest.read(strategy_type=strategy_type, symbol=symbol, **arguments)  # type: ignore[arg-type]
        return await self.service.build(request)


@pytest.fixture
def bench() -> Bench:
    clock = FakeClock()
    market, directory = FakeMarket(clock=clock), FakeDirectory()
    service = StrategyService(
        directory=directory, market=market, clock=clock, drafts=DraftBook(clock.monotonic)
    )
    return Bench(service, market, directory, clock)
