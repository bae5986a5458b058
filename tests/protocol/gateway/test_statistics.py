"""What the broker says of an underlying beside its prices, and the first picture of each kind of contract."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.bad_days import bad_day
from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.domain.instruments import SecType
from sumppump.domain.quotes import Feed
from sumppump.domain.statistics import Dividends, Figure, MarketStatistics
from sumppump.exchange.wire.market_answers import TickGeneric, TickPrice, TickSize, TickString
from sumppump.tws import statistics

GENERICS = "100,101,104,105,106,165,411,456"
PRICES = {1: 680.0, 2: 680.1, 19: 480.5, 20: 700.25}
SIZES = {27: 5_000_000, 28: 9_000_000, 29: 1_200_000, 30: 1_500_000, 87: 4_000_000, 21: 612_345}
GENERIC = {23: 0.155, 24: 0.172}


def figures(req_id: int) -> list[Any]:
    """Every statistic of a share."""
    return [
        *(TickPrice(req_id=req_id, tick_type=t, price=v, size=Decimal(0)) for t, v in PRICES.items()),
        *(TickSize(req_id=req_id, tick_type=t, size=Decimal(v)) for t, v in SIZES.items()),
        TickString(req_id=req_id, tick_type=59, value="6.8,7.1,20261218,1.98"),
        *(TickGeneric(req_id=req_id, tick_type=t, value=v) for t, v in GENERIC.items()),
    ]


async def test_statistics_are_read_from_the_ticks_that_the_page_names(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Protocol 3.3; tick 21 counts hundreds of shares. Answered when all have come, not at the deadline."""
    rig = await connect()
    tws.on("ReqMktData", lambda peer, request: peer.say(*figures(request.req_id)))
    async with asyncio.timeout(2):
        (found,) = await rig.gateway.market.statistics([makers.SPY], deadline_s=60)
    assert found == MarketStatistics(
        con_id=makers.SPY.con_id, implied_vol=0.172, historical_vol=0.155, call_volume=1_200_000,
        put_volume=1_500_000, call_open_interest=5_000_000, put_open_interest=9_000_000,
        average_option_volume=4_000_000, average_volume=61_234_500, low_52w=480.5, high_52w=700.25,
        dividends=Dividends(
            past_12m=6.8, next_12m=7.1, next_date=date(2026, 12, 18), next_amount=1.98
        ),
    )  # fmt: skip
    assert tws.peer.got("ReqMktData")[0].generic_ticks == GENERICS


async def test_a_figure_that_does_not_come_is_none_and_not_waited_for_long(
    tws: ScriptedTws, connect: Connect
) -> None:
    """A share without options: after a pause in the news that is the answer."""
    rig = await connect(quiet_s=0.05)
    tws.on("ReqMktData", lambda peer, request: peer.say(*figures(request.req_id)[:4]))
    async with asyncio.timeout(2):
        (found,) = await rig.gateway.market.statistics([makers.SPY], deadline_s=60)
    assert found == MarketStatistics(con_id=makers.SPY.con_id, low_52w=480.5, high_52w=700.25)


async def test_chosen_figures_are_asked_for_alone_and_waited_for_through_a_pause(
    tws: ScriptedTws, connect: Connect
) -> None:
    """The broker reckons some of them late; the others cost it nothing."""
    rig = await connect(quiet_s=0.01)
    loop = asyncio.get_running_loop()

    def answer(peer: Peer, request: Any) -> None:
        said = figures(request.req_id)
        peer.say(*said[:2])
        loop.call_later(0.1, lambda: peer.say(*said))

    tws.on("ReqMktData", answer)
    chosen = frozenset({Figure.IMPLIED_VOL, Figure.HISTORICAL_VOL})
    async with asyncio.timeout(2):
        (found,) = await rig.gateway.market.statistics([makers.SPY], deadline_s=60, figures=chosen)
    assert (found.implied_vol, found.historical_vol) == (0.172, 0.155)
    assert tws.peer.got("ReqMktData")[0].generic_ticks == "104,106,411"


async def test_nothing_at_all_is_none_everywhere_at_the_deadline(tws: ScriptedTws, connect: Connect) -> None:
    """Never 0."""
    rig = await connect()
    (found,) = await rig.gateway.market.statistics([makers.SPY], deadline_s=0.05)
    assert found == MarketStatistics(con_id=makers.SPY.con_id, are_dividends_late=True)


DIVIDENDS = frozenset({Figure.DIVIDENDS})


async def test_dividends_alone_are_waited_for_after_the_first_prices(
    tws: ScriptedTws, connect: Connect
) -> None:
    """The text comes when it comes: the first number is not the end."""
    rig = await connect()
    loop = asyncio.get_running_loop()

    def answer(peer: Peer, request: Any) -> None:
        said = figures(request.req_id)
        peer.say(said[0])
        loop.call_later(0.1, lambda: peer.say(*said))

    tws.on("ReqMktData", answer)
    async with asyncio.timeout(2):
        (found,) = await rig.gateway.market.statistics([makers.SPY], deadline_s=60, figures=DIVIDENDS)
    assert found.dividends is not None
    assert found.dividends.next_amount == 1.98
    assert not found.are_dividends_late


async def test_a_line_that_tells_prices_and_no_dividend_says_that_none_is_announced(
    tws: ScriptedTws, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence beside other news is an answer once it has lasted; long before a patient deadline."""
    monkeypatch.setattr(statistics, "TEXT_S", 0.05)
    rig = await connect()
    tws.on("ReqMktData", lambda peer, request: peer.say(figures(request.req_id)[0]))
    async with asyncio.timeout(2):
        (found,) = await rig.gateway.market.statistics([makers.SPY], deadline_s=60, figures=DIVIDENDS)
    assert (found.dividends, found.are_dividends_late) == (None, False)


async def test_prices_just_before_the_deadline_leave_the_dividend_late(
    tws: ScriptedTws, connect: Connect
) -> None:
    """It had no time to come, so nothing is concluded from its absence."""
    rig = await connect()
    tws.on("ReqMktData", lambda peer, request: peer.say(figures(request.req_id)[0]))
    (found,) = await rig.gateway.market.statistics([makers.SPY], deadline_s=0.2, figures=DIVIDENDS)
    assert (found.dividends, found.are_dividends_late) == (None, True)


async def test_an_index_is_never_late_with_a_dividend(tws: ScriptedTws, connect: Connect) -> None:
    """It pays none itself."""
    index = replace(makers.SPY, symbol="SPX", sec_type=SecType.IND)
    rig = await connect()
    (found,) = await rig.gateway.market.statistics([index], deadline_s=0.05, figures=DIVIDENDS)
    assert not found.are_dividends_late


async def test_a_list_that_tws_does_not_take_is_asked_again_without_the_unlisted_number(
    tws: ScriptedTws, connect: Connect
) -> None:
    """104 is documented, but not in the list of TWS's 321; 411 says the same for regular hours."""
    rig = await connect()

    def answer(peer: Peer, request: Any) -> None:
        if "104" in request.generic_ticks:
            peer.error(request.req_id, 321, "Error validating request.-'bW' : cause - Incorrect generic tick")
        else:
            said = [tick for tick in figures(request.req_id) if tick.tick_type != 23]
            peer.say(*said, TickGeneric(req_id=request.req_id, tick_type=58, value=0.148))

    tws.on("ReqMktData", answer)
    (found,) = await rig.gateway.market.statistics([makers.SPY], deadline_s=2.0)
    assert [request.generic_ticks for request in tws.peer.got("ReqMktData")] == [
        GENERICS,
        GENERICS.replace("104,", ""),
    ]
    assert (found.historical_vol, found.implied_vol) == (0.148, 0.172)


@pytest.mark.parametrize("symbol", ["SPY", "AAPL", "SPX"])
async def test_the_exchange_answers_with_figures_that_make_sense(symbol: str) -> None:
    """Shares and an index; an index has no volume of its own."""
    async with bad_day(speed=1.0) as day:
        underlying = await day.gateway.directory.underlying(symbol)
        (found,) = await day.gateway.market.statistics([underlying])
        assert found.implied_vol is not None
        assert found.historical_vol is not None
        assert 0.03 < found.implied_vol < 1.5
        assert 0.03 < found.historical_vol < 1.5
        assert found.low_52w is not None
        assert found.high_52w is not None
        assert found.low_52w < found.high_52w
        assert min(found.call_volume or 0, found.put_volume or 0, found.call_open_interest or 0) > 0
        has_none = symbol == "SPX"
        assert ((found.dividends is None), (found.average_volume is None)) == (has_none, has_none)


async def test_every_kind_of_contract_has_a_first_picture_of_its_own() -> None:
    """FX has no last trade, an index no sides, a future open interest; nothing is waited for in vain."""
    async with bad_day(speed=1.0) as day:
        directory, market = day.gateway.directory, day.gateway.market
        pair, coin = await directory.pair("EUR.USD"), await directory.coin("BTC")
        index = await directory.underlying("SPX")
        future = (await directory.futures("ES"))[0]
        async with asyncio.timeout(5):
            quotes = await market.quotes([pair, coin, index, future], deadline_s=60)
        assert all(quote.feed is Feed.LIVE and quote.notice == "" for quote in quotes)
        fx, crypto, spx, es = quotes
        assert (fx.instrument.sec_type, fx.last, fx.mid is None) == (SecType.CASH, None, False)
        assert (crypto.mid is None, crypto.last is None) == (False, False)
        assert (spx.mid, spx.last is None) == (None, False)
        assert es.mid is not None
        assert (es.open_interest or 0) > 0
