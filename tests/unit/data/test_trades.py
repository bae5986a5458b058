"""The tape of one contract: the newest first, sums that hold, quotes where there are no trades."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from tests.support.fake_looks import FakeTape
from tests.support.fake_market import FakeClock, FakeDirectory, FakeMarket

from sumppump.data.meaning import Meanings
from sumppump.data.trades import TradeService
from sumppump.domain.quotes import Bar
from sumppump.kernel.errors import GatewayUnavailable, NotSubscribed


@pytest.fixture
def tape() -> FakeTape:
    """A trade a second."""
    return FakeTape()


@pytest.fixture
def service(directory: FakeDirectory, tape: FakeTape, market: FakeMarket, clock: FakeClock) -> TradeService:
    """The service under test."""
    return TradeService(
        meanings=Meanings(directory=directory, clock=clock), tape=tape, market=market, clock=clock
    )


@pytest.mark.parametrize("text", ["SPY", "SPY 2026-12-18 600C", "SPX"])
async def test_as_many_trades_as_asked_the_newest_first(service: TradeService, text: str) -> None:
    """TWS gives whole seconds, and so perhaps more."""
    found = await service.recent(text, 3)
    assert [trade.price for trade in found.trades] == [
        Decimal("600.00"),
        Decimal("599.99"),
        Decimal("599.98"),
    ]
    assert (found.size, found.span_s, found.prices) == (303, 2.0, (Decimal("599.98"), Decimal("600.00")))
    assert found.vwap == (600 * 100 + Decimal("599.99") * 101 + Decimal("599.98") * 102) / 303
    assert found.bar is not None


async def test_a_pair_shows_quotes(service: TradeService) -> None:
    """Its market has no tape; a missing side stays missing."""
    found = await service.recent("EUR.USD", 4)
    assert found.is_quoted_only
    assert len(found.quotes) == 4
    assert found.quotes[0].at > found.quotes[-1].at
    assert {quote.ask for quote in found.quotes} == {None}
    assert (found.trades, found.vwap, found.size, found.prices) == ((), None, None, None)


async def test_no_trades_are_none_and_not_zero(service: TradeService, tape: FakeTape) -> None:
    """No sum, no average, no span."""
    tape.told = 0
    found = await service.recent("SPY", 5)
    assert (found.trades, found.vwap, found.size, found.span_s) == ((), None, None, None)


async def test_a_bar_that_does_not_come_does_not_spoil_the_trades(
    service: TradeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Null with the reason."""

    async def refuse(*_: Any, **__: Any) -> Sequence[Bar]:
        raise GatewayUnavailable("TWS gave no history of SPY")

    monkeypatch.setattr(FakeMarket, "bars", refuse)
    found = await service.recent("SPY", 5)
    assert (found.bar, found.bar_missing, len(found.trades)) == (None, "TWS gave no history of SPY", 5)


async def test_a_refused_tape_is_the_answer(service: TradeService, tape: FakeTape) -> None:
    """Nothing else stands in for it."""
    tape.fails = NotSubscribed("no ticks of SPY", ib_code=10187)
    with pytest.raises(NotSubscribed):
        await service.recent("SPY", 5)
