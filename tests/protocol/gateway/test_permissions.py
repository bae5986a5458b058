"""Market data that is not subscribed: a person hears code and subscription, and sees delayed data if any."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.bad_days import bad_day
from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.pictures import full, picture
from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.domain.instruments import Future, Instrument, SecType, Underlying
from sumppump.domain.quotes import Feed, GreeksSource
from sumppump.exchange.entitlements import Entitlements
from sumppump.exchange.entitlements import Feed as Access
from sumppump.tws import subscriptions
from sumppump.tws.notices import LINE_CODES
from sumppump.tws.subscriptions import subscription_named

NEEDS_MORE = (
    "Requested market data requires additional subscription for API. See link in 'Market Data Connections' "
    "dialog for more details.Delayed market data is available."
)
PARTLY = "Part of requested market data is not subscribed. Subscription-independent ticks are still active."


def stock(symbol: str, primary: str) -> Underlying:
    """A share."""
    return Underlying(con_id=1, symbol=symbol, primary_exchange=primary)


def index(symbol: str, exchange: str) -> Underlying:
    """An index."""
    return Underlying(con_id=2, symbol=symbol, sec_type=SecType.IND, exchange=exchange)


def future(symbol: str, exchange: str) -> Future:
    """A future."""
    return Future(
        con_id=3, symbol=symbol, expiry=date(2026, 12, 16), exchange=exchange, multiplier=1000,
        last_trade=datetime(2026, 12, 16, 14, 0, tzinfo=UTC),
    )  # fmt: skip


PAIR = Underlying(con_id=4, symbol="EUR", sec_type=SecType.CASH, exchange="IDEALPRO")
NAMES: list[tuple[Instrument, str, str]] = [
    (stock("IBM", "NYSE"), "", subscriptions.NETWORK_A),
    (stock("SPY", "ARCA"), "", subscriptions.NETWORK_B),
    (stock("AAPL", "NASDAQ"), "", subscriptions.NETWORK_C),
    (stock("AAPL", ""), f"{NEEDS_MORE}AAPL NASDAQ/TOP/ALL", subscriptions.NETWORK_C),
    (makers.call(500), "", subscriptions.OPRA),
    (makers.call(500), f"{PARTLY}Delayed market data is available.SPY ARCA/TOP/ALL", subscriptions.NETWORK_B),
    (index("SPX", "CBOE"), "", "CBOE Streaming Market Indexes"),
    (future("VIX", "CFE"), "", "CFE Enhanced"),
    (future("ES", "CME"), "", "CME Real-Time"),
    (stock("BMW", "IBIS"), "", "IBIS"),
    (PAIR, "", "IDEALPRO FX"),
]


@pytest.mark.parametrize(("instrument", "text", "name"), NAMES)
def test_the_missing_subscription_has_a_name(instrument: Instrument, text: str, name: str) -> None:
    """By IBKR's price list; TWS's text names a book at most (that it means this one is unverified)."""
    assert subscription_named(instrument, text) == name


@pytest.mark.parametrize("code", sorted(code for code, each in LINE_CODES.items() if each.names_subscription))
async def test_code_and_subscription_are_in_the_notice_and_in_a_field_of_their_own(
    tws: ScriptedTws, connect: Connect, code: int
) -> None:
    """Every code of the table that speaks of subscriptions, on an option: OPRA."""
    rig = await connect()
    tws.on("ReqMktData", lambda peer, request: peer.error(request.req_id, code, "words"))
    (quote,) = await rig.gateway.market.quotes([makers.call(500)], deadline_s=0.05)
    assert f"(TWS {code})" in quote.notice
    assert subscriptions.OPRA in quote.notice
    assert (quote.missing_subscription, quote.bid, quote.feed) == (subscriptions.OPRA, None, Feed.NONE)


@pytest.mark.parametrize(("kind", "asked"), [(3, 2), (4, 2), (1, 1), (2, 1)])
async def test_a_refusal_that_offers_delayed_data_is_asked_once_more_if_that_is_allowed(
    tws: ScriptedTws, connect: Connect, kind: int, asked: int
) -> None:
    """354 "Delayed market data is available": once, under type 3 or 4, and never in circles."""
    rig = await connect(market_data_type=kind)
    text = "Requested market data is not subscribed.Delayed market data is available.Error&BEST/STK/Top"
    tws.on("ReqMktData", lambda peer, request: peer.error(request.req_id, 354, text))
    async with asyncio.timeout(2):
        (quote,) = await rig.gateway.market.quotes([makers.SPY], deadline_s=60)
    assert len(tws.peer.got("ReqMktData")) == asked
    assert (quote.bid, quote.missing_subscription) == (None, subscriptions.NETWORK_B)
    assert rig.gateway.market.lines()[0] == 0


async def test_a_part_that_is_not_subscribed_holds_up_nothing_but_greeks_for_a_moment(
    tws: ScriptedTws, connect: Connect
) -> None:
    """10090 and then prices: the model's Greeks may come late, and are not waited for to the deadline."""
    rig = await connect(partial_s=0.02)

    def answer(peer: Peer, request: Any) -> None:
        peer.error(request.req_id, 10090, f"{PARTLY}Delayed market data is available.SPY ARCA/TOP/ALL")
        peer.say(*picture(request.req_id)[:6])

    tws.on("ReqMktData", answer)
    async with asyncio.timeout(2):
        (quote,) = await rig.gateway.market.quotes([makers.call(500)], deadline_s=60)
    assert quote.bid is not None
    assert quote.greeks is None
    assert f"{subscriptions.NETWORK_B} (TWS 10090)" in quote.greeks_missing


async def test_an_account_without_a_subscription_sees_delayed_data_that_say_so() -> None:
    """10167 from the exchange itself: prices, Greeks of the delayed model, and what to subscribe to."""
    async with bad_day() as day:
        day.server.hall.shared.entitlements = Entitlements(default=Access.DELAYED)
        spy, (option,) = await day.listed(1)
        stock_quote, option_quote = await day.gateway.market.quotes([spy, option])
        assert (stock_quote.feed, option_quote.feed) == (Feed.DELAYED, Feed.DELAYED)
        assert stock_quote.missing_subscription == subscriptions.NETWORK_B
        assert option_quote.greeks is not None
        assert option_quote.greeks.source is GreeksSource.DELAYED_MODEL
        assert f"delayed data: the account has no live subscription: {subscriptions.OPRA} (TWS 10167)" in (
            option_quote.notice
        )


async def test_an_option_whose_underlying_is_not_subscribed_has_prices_and_a_reason() -> None:
    """10090 from the exchange: the model needs both; the underlying's network is what is missing."""
    async with bad_day() as day:
        _, (option,) = await day.listed(1)
        day.server.hall.shared.entitlements = Entitlements(by_symbol={"SPY": Access.DELAYED})
        (quote,) = await day.gateway.market.quotes([option], deadline_s=30)
        assert quote.bid is not None
        assert (quote.greeks, quote.feed) == (None, Feed.LIVE)
        assert quote.missing_subscription == subscriptions.NETWORK_B


@pytest.mark.parametrize("code", [354, 10089])
async def test_a_subscription_that_lapses_turns_a_stream_into_a_delayed_one(code: int) -> None:
    """The stream does not end: TWS offers delayed data, and we may take it."""
    async with bad_day() as day:
        await day.follow(2)
        day.cause("X-03", code=code, feed="delayed")
        await day.until(lambda: day.is_current and all(quote.feed is Feed.DELAYED for quote in day.quotes))
        assert all("(TWS 10167)" in quote.notice for quote in day.quotes)
        assert day.lines_at_tws == len(day.streams)


async def test_a_subscription_that_lapses_without_delayed_data_ends_the_stream_and_says_which() -> None:
    """What was live is no number of now: stale, without a feed, and the stream has ended."""
    async with bad_day() as day:
        await day.follow(1)
        day.cause("X-03", code=354, feed="none")
        await day.until(lambda: all(stream.ended for stream in day.streams))
        stock_stream, option_stream = day.streams
        assert subscriptions.NETWORK_B in stock_stream.ended
        assert subscriptions.OPRA in option_stream.ended
        assert all(quote.is_stale and quote.feed is Feed.NONE for quote in day.quotes)
        assert day.gateway.market.lines()[0] == 0


async def test_a_notice_belongs_to_the_contract_that_was_refused_and_to_no_other(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Its neighbour is live; of the refused one nothing is known, and nothing is 0."""
    rig = await connect()

    def answer(peer: Peer, request: Any) -> None:
        if request.contract.con_id == 1505:
            peer.error(request.req_id, 10168, "Requested market data is not subscribed.")
        else:
            full(peer, request)

    tws.on("ReqMktData", answer)
    live, refused = await rig.gateway.market.quotes([makers.call(500), makers.call(505)])
    assert (live.missing_subscription, live.notice, live.bid is None) == ("", "", False)
    assert (refused.bid, refused.last_size, refused.volume, refused.open_interest) == (None,) * 4
