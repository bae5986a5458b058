"""Quotes of the last moments: aged, shared, and never of what is not sound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from tests.support.fake_market import BITCOIN, SPX, SPY, FakeClock, FakeMarket

from sumppump.data.quote_cache import QuoteCache
from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Feed, Quote
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.ports.market import Need


@dataclass(slots=True)
class SlowMarket(FakeMarket):
    """Answers when the gate opens; may break instead."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    broken: bool = False

    async def quotes(
        self,
        instruments: Sequence[Instrument],
        *,
        deadline_s: float = 10.0,
        greeks: bool = True,
        need: Need = Need.LOOKUP,
        arrived: Callable[[Quote], None] | None = None,
    ) -> Sequence[Quote]:
        self.asked.append(tuple(each.label for each in instruments))
        await self.gate.wait()
        if self.broken:
            raise GatewayUnavailable("the connection has just ended")
        found = [self.quote(each) for each in instruments]
        for quote in found if arrived else ():
            arrived(quote)
        return found


async def test_a_young_quote_is_handed_out_with_its_age_and_an_old_one_is_not() -> None:
    """Two seconds by the monotonic clock."""
    clock = FakeClock()
    market = FakeMarket(clock)
    cache = QuoteCache(market=market, clock=clock)
    (first,) = await cache.quotes([SPY])
    clock.advance(1.5)
    (again,) = await cache.quotes([SPY])
    assert again is first
    assert again.age_s(clock.monotonic()) == 1.5
    clock.advance(1.0)
    await cache.quotes([SPY])
    assert market.asked == [("SPY",), ("SPY",)]


async def test_two_callers_at_once_share_the_fetch() -> None:
    """The second waits for the first one's quote and asks only for what is new."""
    market = SlowMarket()
    cache = QuoteCache(market=market, clock=market.clock)
    both = asyncio.gather(cache.quotes([SPY, SPX]), cache.quotes([SPX, BITCOIN]))
    await asyncio.sleep(0)
    market.gate.set()
    first, second = await both
    assert market.asked == [("SPY", "SPX"), ("BTC.USD",)]
    assert first[1] is second[0]


async def test_a_caller_whose_partner_gives_up_asks_for_itself() -> None:
    """Cancelled or broken, the other one's fetch is not this one's end."""
    market = SlowMarket()
    cache = QuoteCache(market=market, clock=market.clock)
    first = asyncio.ensure_future(cache.quotes([SPY]))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(cache.quotes([SPY]))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    market.gate.set()
    (quote,) = await second
    assert quote.instrument == SPY
    assert market.asked == [("SPY",), ("SPY",)]


async def test_an_error_reaches_whoever_asked_and_leaves_nothing_behind() -> None:
    """The next question begins anew."""
    market = SlowMarket(broken=True)
    market.gate.set()
    cache = QuoteCache(market=market, clock=market.clock)
    with pytest.raises(GatewayUnavailable):
        await cache.quotes([SPY])
    market.broken = False
    assert len(await cache.quotes([SPY])) == 1


@pytest.mark.parametrize(
    "spoilt",
    [{"feed": Feed.NONE}, {"is_stale": True}, {"halted": True}, {"notice": "x"}, {"last": None, "bid": None}],
)
async def test_what_is_not_sound_is_not_kept(spoilt: dict[str, object]) -> None:
    """The next question may do better."""

    @dataclass(slots=True)
    class Spoilt(FakeMarket):
        def quote(self, instrument: Instrument, *, greeks: bool = True) -> Quote:
            found = FakeMarket.quote(self, instrument, greeks=greeks)
            return replace(found, **spoilt)  # type: ignore[arg-type]

    market = Spoilt()
    cache = QuoteCache(market=market, clock=market.clock)
    await cache.quotes([SPY])
    await cache.quotes([SPY])
    assert len(market.asked) == 2


async def test_another_focus_forgets_the_others() -> None:
    """The symbol that is looked at now keeps its quotes."""
    market = FakeMarket()
    cache = QuoteCache(market=market, clock=market.clock)
    await cache.quotes([SPY, SPX])
    cache.forget(but="SPX")
    await cache.quotes([SPY, SPX])
    assert market.asked == [("SPY", "SPX"), ("SPY",)]


@pytest.mark.parametrize("seconds", [-1.0, 31.0])
def test_quotes_are_never_kept_for_more_than_half_a_minute(seconds: float) -> None:
    """The design's limit."""
    with pytest.raises(ValueError, match="30"):
        QuoteCache(market=FakeMarket(), clock=FakeClock(), keep_s=seconds)
