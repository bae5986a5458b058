"""What getting out of a trade costs: the quotes' width, and more where few hold its options."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.support.fake_volatility import VolatileMarket
from tests.unit.strategies.conftest import Bench

from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Quote
from sumppump.strategies.drafts import Draft, DraftBook
from sumppump.strategies.ideas.liquidity import Liquidity, leaving
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.service import StrategyService


class HeldMarket(VolatileMarket):
    """A market that tells what is held and traded of each option, by con_id."""

    def quote(self, instrument: Instrument, *, greeks: bool = True) -> Quote:
        found = super().quote(instrument, greeks=greeks)
        return replace(found, open_interest=40 + instrument.con_id % 2, volume=60, bid_size=9, ask_size=7)


class SilentMarket(VolatileMarket):
    """A market that tells prices alone."""

    def quote(self, instrument: Instrument, *, greeks: bool = True) -> Quote:
        return replace(super().quote(instrument, greeks=greeks), open_interest=None, volume=None)


async def draft_of(bench: Bench, market: VolatileMarket, kind: str) -> Draft:
    book = DraftBook(bench.clock.monotonic)
    service = StrategyService(directory=bench.directory, market=market, clock=bench.clock, drafts=book)
    return await service.build(StrategyRequest.read(strategy_type=kind, symbol="SPY"))


def test_leaving_costs_as_much_as_entering_in_a_deep_market_and_three_times_in_an_empty_one() -> None:
    assert [float(leaving(held)) for held in (1_000_000, 100, 0)] == pytest.approx([1.0, 2.0, 3.0], abs=1e-3)


def test_what_is_not_told_counts_as_nothing_held() -> None:
    assert leaving(None) == leaving(0)


async def test_the_thinnest_leg_decides(bench: Bench) -> None:
    found = Liquidity.of(await draft_of(bench, HeldMarket(clock=bench.clock), "iron_condor"))
    assert found.open_interest in (40, 41)
    assert found.volume == 60
    assert found.quoted == 7
    assert found.enter is not None
    assert found.leave is not None
    held = (found.open_interest or 0) + 60
    assert found.leave.amount == (found.enter.amount * leaving(held)).quantize(Decimal("0.01"))


async def test_a_ratio_takes_as_many_of_what_is_quoted(bench: Bench) -> None:
    found = Liquidity.of(await draft_of(bench, HeldMarket(clock=bench.clock), "call_ratio_spread"))
    assert found.quoted == 4  # two calls are sold to a bid for nine


async def test_a_market_that_tells_nothing_is_unknown_and_not_deep(bench: Bench) -> None:
    found = Liquidity.of(await draft_of(bench, SilentMarket(clock=bench.clock), "long_call"))
    assert (found.open_interest, found.volume) == (None, None)
    assert found.enter is not None
    assert found.leave is not None
    assert found.leave.amount == found.enter.amount * 3
