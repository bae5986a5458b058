"""Books as they are shown: as many levels as asked, and what is missing is said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.fake_looks import FakeDepth, rows
from tests.support.fake_market import NOW, FakeClock, FakeDirectory

from sumppump.data.depth import SIZES, DepthService
from sumppump.data.meaning import Meanings
from sumppump.domain.depth import Side
from sumppump.kernel.errors import InvalidRequest, NotSubscribed, UnknownContract


@pytest.fixture
def depth() -> FakeDepth:
    """600.00 bid, 600.02 asked."""
    return FakeDepth()


@pytest.fixture
def service(directory: FakeDirectory, depth: FakeDepth, clock: FakeClock) -> DepthService:
    """The service under test."""
    return DepthService(meanings=Meanings(directory=directory, clock=clock), depth=depth)


async def test_rows_of_one_price_are_one_level(service: DepthService) -> None:
    """Five levels are five prices, whoever rests there."""
    reading = await service.book("spy", 2)
    assert [(str(level.price), level.size, level.cumulative) for level in reading.book.bids] == [
        ("600.00", 400, 400),
        ("599.99", 400, 800),
    ]
    assert reading.warnings == ()


@pytest.mark.parametrize("text", ["SPY 2026-12-18 600C", "SPY   261218C00600000"])
async def test_a_written_option_is_read_like_a_ticker(
    service: DepthService, depth: FakeDepth, text: str
) -> None:
    """The contract itself is asked for, not its underlying."""
    await service.book(text)
    assert depth.asked == ["SPY 2026-12-18 600C"]


@pytest.mark.parametrize(
    ("bids", "asks", "said"),
    [
        ((), (), "no row came"),
        ((), rows(("600.02", 100)), "no bids"),
        (rows(("600.00", 100)), (), "no asks"),
        (rows(("600.03", 100)), rows(("600.02", 100)), "crossed"),
        (rows(("600.00", 100)), rows(("600.02", 100)), "only 1 of 5 levels"),
    ],
)
async def test_what_is_odd_about_a_book_is_said(
    service: DepthService, depth: FakeDepth, bids: tuple[object, ...], asks: tuple[object, ...], said: str
) -> None:
    """Empty, one-sided, crossed, shallow."""
    depth.bids, depth.asks = bids, asks  # type: ignore[assignment]
    assert said in " ".join((await service.book("SPY", 5)).warnings)


async def test_exchanges_that_are_not_in_the_book_are_named(service: DepthService, depth: FakeDepth) -> None:
    """The account does not see them."""
    depth.missing = ("NYSE", "IEX")
    assert "NYSE, IEX" in " ".join((await service.book("SPY")).warnings)


async def test_a_broken_farm_makes_a_book_doubtful(service: DepthService, depth: FakeDepth) -> None:
    """What did not come is not known to be absent."""
    depth.broken = ("usfarm",)
    assert "usfarm" in (await service.book("SPY")).warnings[0]


async def test_every_size_is_reckoned_for_both_sides(service: DepthService) -> None:
    """600 are offered: 1,000 cannot be bought, and the reason says so."""
    found = await service.analytics("SPY")
    assert [(each.side, each.quantity) for each in found.sweeps] == [
        (side, size) for side in Side for size in SIZES
    ]
    by_size = {(each.side, each.quantity): each for each in found.sweeps}
    assert by_size[Side.BUY, 1000].vwap is None
    assert "only 600 are offered" in by_size[Side.BUY, 1000].reason
    assert by_size[Side.SELL, 1000].vwap is not None


async def test_concentration_is_by_price_and_by_exchange(service: DepthService) -> None:
    """By hand: bids 400, 400, 300 of 1,100; ARCA 900, NYSE 500, NASDAQ 300 of 1,700."""
    found = await service.analytics("SPY")
    assert found.bid_concentration == pytest.approx((400**2 + 400**2 + 300**2) / 1100**2)
    assert found.places == (("ARCA", 900), ("NYSE", 500), ("NASDAQ", 300))
    assert found.place_concentration == pytest.approx((900**2 + 500**2 + 300**2) / 1700**2)


async def test_a_refusal_comes_through_as_it_is(service: DepthService, depth: FakeDepth) -> None:
    """And what cannot be meant never asks."""
    depth.fails = NotSubscribed("no depth", ib_code=354)
    with pytest.raises(NotSubscribed):
        await service.book("SPY")
    with pytest.raises(UnknownContract):
        await service.analytics("NOPE")
    with pytest.raises(InvalidRequest):
        await service.book("$$$")
    assert depth.asked == ["SPY"]


async def test_a_book_of_a_closed_market_says_so(depth: FakeDepth) -> None:
    """Claim: the exchange may show rows by night; they are nobody's offers now."""
    directory = FakeDirectory(hours="20261118:0930-20261118:1600;20261119:0930-20261119:1600")
    evening = FakeClock(NOW + timedelta(hours=8))
    reading = await DepthService(meanings=Meanings(directory=directory, clock=evening), depth=depth).book(
        "SPY", 1
    )
    assert reading.warnings[0].startswith("the market is closed until Thu 2026-11-19 09:30")
