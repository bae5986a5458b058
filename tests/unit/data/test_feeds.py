"""How alive the data is, from real requests, with everything that is missing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.support.fake_market import SPX, SPY, FakeClock, FakeDirectory, FakeMarket

from sumppump.data.feeds import FeedReport, FeedService
from sumppump.domain.account import LinkStatus
from sumppump.domain.quotes import Feed
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest

LINK = LinkStatus(
    connected=True, broker_online=True, account="SIM1234567", host="127.0.0.1", port=1, client_id=17
)


@dataclass(slots=True)
class Desk:
    """A feed service and what it stands on."""

    link: LinkStatus = LINK
    market: FakeMarket = field(default_factory=FakeMarket)
    clock: FakeClock = field(default_factory=FakeClock)

    async def check(self, *symbols: str) -> FeedReport:
        service = FeedService(
            directory=FakeDirectory(), market=self.market, clock=self.clock, link=lambda: self.link
        )
        return await service.check(symbols)


async def test_a_live_symbol_is_live_with_lines_and_nothing_missing() -> None:
    """The plain case."""
    report = await Desk().check("SPY")
    (reading,) = report.readings
    assert (reading.symbol, reading.feed, reading.missing) == ("SPY", Feed.LIVE, ())
    assert (report.lines_used, report.lines_limit, report.may_trade, report.warnings) == (0, 100, True, ())


async def test_the_worst_feed_is_the_overall_one() -> None:
    """SPX is quoted, SPY is silent."""
    desk = Desk()
    desk.market.missing.add(SPY.con_id)
    report = await desk.check("SPX", "SPY")
    assert [reading.feed for reading in report.readings] == [Feed.LIVE, Feed.NONE]
    assert report.overall is Feed.NONE
    assert report.may_trade
    assert "SPY: No market data came in time." in report.warnings


async def test_an_index_without_bid_and_ask_is_live_and_says_what_it_lacks() -> None:
    """Indexes are not traded; their last price is the price."""
    (reading,) = (await Desk().check("SPX")).readings
    assert reading.feed is Feed.LIVE
    assert reading.missing == ("bid", "ask", "close")
    assert reading.symbol == SPX.symbol


async def test_an_unknown_symbol_is_a_row_and_not_the_end() -> None:
    """The others are still checked."""
    report = await Desk().check("SPY", "NOPE")
    assert [reading.feed for reading in report.readings] == [Feed.LIVE, Feed.NONE]
    assert "NOPE" in report.readings[1].notice


async def test_delayed_data_means_no_orders() -> None:
    """Orders need live quotes."""
    desk = Desk()
    desk.market.feed = Feed.DELAYED
    report = await desk.check("SPY")
    assert not report.may_trade
    assert "delayed data for SPY: orders need live quotes" in report.warnings


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"connected": False, "reason": "refused"}, "not connected to TWS: refused"),
        ({"broker_online": False}, "TWS has lost its own connection to the broker"),
        ({"farms_down": ("usfarm", "usopt")}, "data farms are broken: usfarm, usopt"),
    ],
)
async def test_a_broken_link_or_farm_is_a_warning(changes: dict[str, Any], words: str) -> None:
    """What a person would look for first."""
    assert words in (await Desk(link=replace(LINK, **changes)).check("SPY")).warnings


async def test_each_symbol_is_asked_for_once_and_three_known_ones_by_default() -> None:
    """spy and SPY are one."""
    desk = Desk()
    assert len((await desk.check("spy", "SPY")).readings) == 1
    assert desk.market.asked == [("SPY",)]
    assert [reading.symbol for reading in (await Desk().check()).readings] == ["SPY", "AAPL", "NVDA"]


async def test_too_many_symbols_or_none_at_all_in_a_word_are_refused() -> None:
    """Each costs a line."""
    with pytest.raises(InvalidRequest) as refused:
        await Desk().check(*(f"S{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTU"))
    assert refused.value.code == "invalid_symbols"
    with pytest.raises(InvalidRequest):
        await Desk().check("")


class _NoConnection(FakeDirectory):
    async def underlying(self, symbol: str) -> Any:
        raise GatewayUnavailable("not connected")


async def test_without_a_connection_there_is_no_report() -> None:
    """A report about nothing would read like one about dead feeds."""
    service = FeedService(
        directory=_NoConnection(), market=FakeMarket(), clock=FakeClock(), link=lambda: LINK
    )
    with pytest.raises(GatewayUnavailable):
        await service.check(("SPY",))
