"""The small listed market of `tests.support`, and the services on it."""

from __future__ import annotations

import pytest
from tests.support.fake_market import FakeClock, FakeDirectory, FakeMarket

from sumppump.data.chains import ChainService
from sumppump.data.quotes import QuoteService


@pytest.fixture
def clock() -> FakeClock:
    """Wednesday, 10:00 in New York."""
    return FakeClock()


@pytest.fixture
def directory() -> FakeDirectory:
    """SPY with four expiries, SPX with two classes."""
    return FakeDirectory()


@pytest.fixture
def market(clock: FakeClock) -> FakeMarket:
    """Quotes of a model at a spot of 600."""
    return FakeMarket(clock)


@pytest.fixture
def quotes(directory: FakeDirectory, market: FakeMarket, clock: FakeClock) -> QuoteService:
    """The service under test."""
    return QuoteService(directory=directory, market=market, clock=clock)


@pytest.fixture
def chains(directory: FakeDirectory, market: FakeMarket, clock: FakeClock) -> ChainService:
    """The service under test."""
    return ChainService(directory=directory, market=market, clock=clock)
