"""How alive the data is, from real requests, with everything that is missing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.support.fake_market import SPX, SPY, FakeClock, FakeDirectory, FakeMarket

from sumppump.data.feeds import FeedReport, FeedService
from sumppump.domain.account import LinkStatus
from sumppump.domain.instruments import Instrument, OptionContract
from sumppump.domain.quotes import Feed, Quote
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
    reading, option = report.readings
    assert (reading.symbol, reading.kind, reading.feed, reading.missing) == ("SPY", "STK", Feed.LIVE, ())
    assert (option.symbol, option.kind, option.feed) == ("SPY 2026-11-27 600C", "OPT", Feed.LIVE)
    assert report.subscriptions == ()
    assert (report.lines_used, report.lines_limit, report.may_trade, report.warnings) == (0, 100, True, ())


async def test_the_worst_feed_is_the_overall_one() -> None:
    """SPX is quoted, SPY is silent."""
    desk = Desk()
    desk.market.missing.add(SPY.con_id)
    report = await desk.check("SPX", "SPY")
    assert [reading.feed for reading in report.readings][:2] == [Feed.LIVE, Feed.NONE]
    assert report.overall is Feed.NONE
    assert report.may_trade
    assert (report.working, report.status) == (2, "PARTIAL")
    assert "SPY: No market data came in time." in report.warnings


async def test_an_index_is_live_without_what_no_index_has() -> None:
    """Indexes are not traded; their last price is the price."""
    reading = (await Desk().check("SPX")).readings[0]
    assert reading.feed is Feed.LIVE
    assert reading.missing == ("close",)
    assert reading.symbol == SPX.symbol


async def test_an_unknown_symbol_is_a_row_and_not_the_end() -> None:
    """The others are still checked."""
    report = await Desk().check("SPY", "NOPE")
    assert [reading.feed for reading in report.readings][:2] == [Feed.LIVE, Feed.NONE]
    assert "NOPE" in report.readings[1].notice


async def test_delayed_data_means_no_orders() -> None:
    """Orders need live quotes."""
    desk = Desk()
    desk.market.feed = Feed.DELAYED
    report = await desk.check("SPY")
    assert not report.may_trade
    assert "delayed data for SPY, SPY 2026-11-27 600C: orders need live quotes" in report.warnings


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


async def test_each_symbol_is_asked_for_once_and_some_of_each_kind_by_default() -> None:
    """spy and SPY are one; without symbols stocks, an index, a future, and an option beside them."""
    desk = Desk()
    assert [each.symbol for each in (await desk.check("spy", "SPY")).readings] == [
        "SPY", "SPY 2026-11-27 600C",
    ]  # fmt: skip
    assert desk.market.asked == [("SPY",), ("SPY 2026-11-27 600C",)]
    kinds = [reading.kind for reading in (await Desk().check()).readings]
    assert kinds == ["STK", "", "", "IND", "FUT", "OPT"]  # AAPL and NVDA are not listed here


@dataclass(slots=True)
class Unsubscribed(FakeMarket):
    """Without options, and with a farm that broke."""

    def quote(self, instrument: Instrument, *, greeks: bool = True) -> Quote:
        found = FakeMarket.quote(self, instrument, greeks=greeks)
        if isinstance(instrument, OptionContract):
            words = {"notice": "not subscribed: OPRA (TWS 354)", "missing_subscription": "OPRA"}
            return Quote(instrument=instrument, as_of=found.as_of, taken=found.taken, feed=Feed.NONE, **words)
        return replace(found, is_stale=True)


async def test_exactly_the_missing_subscription_is_named_with_what_lacks_it() -> None:
    """An option is tried beside the stock, because it is another subscription."""
    report = await Desk(market=Unsubscribed()).check("SPY")
    assert report.subscriptions == (("OPRA", ("SPY 2026-11-27 600C",)),)
    assert report.readings[1].notice == "not subscribed: OPRA (TWS 354)"
    assert report.readings[1].feed is Feed.NONE


async def test_stale_figures_are_nothing_to_trade_on() -> None:
    """Live was what they were before the farm broke."""
    report = await Desk(market=Unsubscribed()).check("SPY")
    assert report.readings[0].is_stale
    assert not report.may_trade
    assert "no fresh quote for SPY" in report.warnings


class Weekend(FakeMarket):
    """Last prices and nobody's offers."""

    def quote(self, instrument: Instrument, *, greeks: bool = True) -> Quote:
        return replace(FakeMarket.quote(self, instrument, greeks=greeks), bid=None, ask=None)


async def test_a_live_feed_without_bid_and_ask_is_nothing_to_trade_on() -> None:
    """Claim: no order can be priced on last prices; an index alone never could."""
    report = await Desk(market=Weekend()).check("SPY", "SPX")
    assert {reading.feed for reading in report.readings} == {Feed.LIVE}
    assert not report.may_trade


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
