"""ib_async 2.1, unmodified, asks for history, news and scans as its notebooks do."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import ib_async
import pytest

from sumppump.exchange.control import Step
from sumppump.exchange.server import EmbeddedServer, SimSettings

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
TSLA = ib_async.Stock("TSLA", "SMART", "USD", conId=76792991)


@pytest.fixture
async def server() -> AsyncIterator[EmbeddedServer]:
    made = EmbeddedServer(SimSettings(start=START, frozen=True))
    await made.start()
    yield made
    await made.close()


@pytest.fixture
async def ib(server: EmbeddedServer, caplog: pytest.LogCaptureFixture) -> AsyncIterator[ib_async.IB]:
    """Fails a test in which ib_async logged an exception of its decoder."""
    client = ib_async.IB()
    client.RequestTimeout = 10.0
    await client.connectAsync("127.0.0.1", server.port, clientId=21, timeout=10.0)
    yield client
    client.disconnect()
    broken = [r for r in caplog.records if r.name == "ib_async.Decoder" and r.levelno >= logging.ERROR]
    assert not broken


async def test_bars_of_stocks_and_of_currencies(ib: ib_async.IB) -> None:
    euro = ib_async.Forex("EURUSD")
    hours = await ib.reqHistoricalDataAsync(euro, "", "60 D", "1 hour", "MIDPOINT", True, 1)
    days = await ib.reqHistoricalDataAsync(TSLA, "", "1 M", "1 day", "TRADES", True)
    assert len(hours) > 1000
    assert len(days) > 20
    assert days[0].date < days[-1].date
    head = await ib.reqHeadTimeStampAsync(TSLA, "TRADES", useRTH=True, formatDate=2)
    assert head == datetime(2010, 6, 29, 13, 30, tzinfo=UTC)


async def test_bars_that_are_kept_up_to_date_grow(ib: ib_async.IB, server: EmbeddedServer) -> None:
    euro, grown = ib_async.Forex("EURUSD"), list[bool]()
    bars = await ib.reqHistoricalDataAsync(
        euro, "", "900 S", "10 secs", "MIDPOINT", True, 1, keepUpToDate=True
    )
    before = len(bars)
    bars.updateEvent += lambda _, has_new_bar: grown.append(has_new_bar)
    for _ in range(12):
        server.run(Step(5.0))
        await ib.reqCurrentTimeAsync()
    assert True in grown
    assert len(bars) >= before + 5
    assert all(one.date < other.date for one, other in pairwise(bars))
    ib.cancelHistoricalData(bars)


async def test_ticks_of_the_past_until_now(ib: ib_async.IB) -> None:
    """The loop of the notebook: each answer begins where the last one ended."""
    start, found = datetime(2026, 11, 20, 14, 55, tzinfo=UTC), 0
    while start < START:
        ticks = await ib.reqHistoricalTicksAsync(TSLA, start, "", 1000, "TRADES", useRth=False)
        if not ticks:
            break
        found += len(ticks)
        start = ticks[-1].time + timedelta(seconds=1)
    assert found > 100
    quotes = await ib.reqHistoricalTicksAsync(TSLA, "", START, 50, "BID_ASK", useRth=True)
    assert all(tick.priceBid < tick.priceAsk for tick in quotes)


async def test_a_histogram_and_a_schedule(ib: ib_async.IB) -> None:
    histogram = await ib.reqHistogramDataAsync(TSLA, True, "1 week")
    assert sum(row.count for row in histogram) > 1_000_000
    schedule = await ib.reqHistoricalScheduleAsync(TSLA, numDays=5)
    assert schedule.timeZone == "US/Eastern"
    assert len(schedule.sessions) == 5


async def test_news_from_headline_to_article(ib: ib_async.IB) -> None:
    providers = await ib.reqNewsProvidersAsync()
    codes = "+".join(provider.code for provider in providers)
    headlines = await ib.reqHistoricalNewsAsync(TSLA.conId, codes, "", "", 10)
    assert isinstance(headlines, list)
    latest = headlines[0]
    article = await ib.reqNewsArticleAsync(latest.providerCode, latest.articleId)
    assert article.articleText


async def test_scans_with_the_filters_of_the_notebook(ib: ib_async.IB) -> None:
    xml = await ib.reqScannerParametersAsync()
    tree = ElementTree.fromstring(xml)
    assert "changePercAbove" in {one.text for one in tree.findall(".//AbstractField/code")}
    assert "TOP_PERC_GAIN" in {one.text for one in tree.findall(".//ScanType/scanCode")}
    assert "STK.US.MAJOR" in {one.text for one in tree.findall(".//locationCode")}
    wanted = ib_async.ScannerSubscription(
        instrument="STK", locationCode="STK.US.MAJOR", scanCode="TOP_PERC_GAIN"
    )
    filters = [ib_async.TagValue("changePercAbove", "-50"), ib_async.TagValue("priceAbove", "5")]
    rows = await ib.reqScannerDataAsync(wanted, [], filters)
    assert [row.rank for row in rows] == list(range(len(rows)))
    assert len(rows) > 5
