"""Quotes: subscribe, wait for the numbers and not for a while, take them, and give the lines back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect, Rig
from tests.protocol.gateway.pictures import MODEL, full, picture
from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.domain.instruments import SecType, Underlying
from sumppump.domain.quotes import Feed, GreeksSource, Quote
from sumppump.exchange.wire.market_answers import TickGeneric, TickOptionComputation, TickPrice
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.kernel.money import Premium


async def one(rig: Rig, **said: Any) -> Quote:
    """The quote of the 500 call."""
    (quote,) = await rig.gateway.market.quotes([makers.call(500)], **said)
    return quote


async def test_a_quote_has_both_sides_greeks_and_their_source(tws: ScriptedTws, connect: Connect) -> None:
    """Protocol 3.3: model Greeks are tick 13; those of bid, ask and last are not taken for them."""
    rig = await connect()
    tws.on("ReqMktData", full)
    quote = await one(rig)
    assert (quote.bid, quote.ask, quote.last) == tuple(map(Premium.of, ("1.5", "1.6", "1.55")))
    assert (quote.bid_size, quote.ask_size, quote.last_size, quote.volume) == (10, 20, 3, 1234)
    assert (quote.close, quote.open_interest, quote.feed) == (Premium.of("1.4"), 777, Feed.LIVE)
    assert quote.greeks is not None
    assert (quote.greeks.iv, quote.greeks.theta, quote.greeks.source) == (0.2, -0.1, GreeksSource.IBKR_MODEL)
    assert (quote.greeks.underlying_price, quote.greeks.pv_dividend) == (681.0, 0.0)
    assert (quote.notice, quote.greeks_missing) == ("", "")
    assert quote.as_of.utcoffset() is not None


@pytest.mark.parametrize("nothing", ["-1.00", "0", "NaN", "1.7976931348623157E308", "inf", "-5"])
async def test_no_spelling_of_nothing_becomes_a_price(
    tws: ScriptedTws, connect: Connect, nothing: str
) -> None:
    """F-39, I-43: -1 with size 0 says "no quote"; NaN and 1.797e308 must not travel on."""
    rig = await connect()

    def answer(peer: Peer, request: Any) -> None:
        for tick in ("1", "2", "4", "9", "14", "6", "7"):
            peer.fields("1", "6", str(request.req_id), tick, nothing, "0", "0")
        peer.say(TickOptionComputation(req_id=request.req_id, tick_type=13, **MODEL))

    tws.on("ReqMktData", answer)
    quote = await one(rig)
    prices = (quote.bid, quote.ask, quote.last, quote.open, quote.high, quote.low, quote.close, quote.mid)
    assert prices == (None,) * 8
    assert (quote.bid_size, quote.ask_size, quote.last_size) == (None, None, None)
    assert quote.greeks is not None
    assert rig.gateway.broker.link().decoder_errors == 0


@pytest.mark.parametrize("missing", ["implied_vol", "delta", "gamma", "vega", "theta"])
async def test_greeks_with_a_hole_are_no_greeks_and_are_waited_for(
    tws: ScriptedTws, connect: Connect, missing: str
) -> None:
    """Protocol 3.2: -1 and -2 mean "not computable"; TWS computes a moment later."""
    rig = await connect()

    def answer(peer: Peer, request: Any) -> None:
        holed = MODEL | {missing: None}
        peer.say(*picture(request.req_id)[:6])
        peer.say(TickOptionComputation(req_id=request.req_id, tick_type=13, **holed))
        asyncio.get_running_loop().call_soon(
            lambda: peer.say(TickOptionComputation(req_id=request.req_id, tick_type=13, **MODEL))
        )

    tws.on("ReqMktData", answer)
    quote = await one(rig)
    assert quote.greeks is not None


async def test_greeks_that_never_come_are_marked_missing_at_the_deadline(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Never 0, and the prices are not thrown away with them."""
    rig = await connect()
    tws.on("ReqMktData", lambda peer, request: peer.say(*picture(request.req_id)[:6]))
    quote = await one(rig, deadline_s=0.1)
    assert (quote.greeks, quote.bid) == (None, Premium.of("1.5"))
    assert quote.greeks_missing
    assert (await one(rig, greeks=False)).greeks_missing == ""


async def test_nothing_at_all_is_a_quote_without_numbers_and_a_notice(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Port: what has not come by the deadline is None, and why is said."""
    rig = await connect()
    tws.peer.error(-1, 2103, "Market data farm connection is broken:usopt")
    quote = await one(rig, deadline_s=0.05)
    assert (quote.bid, quote.ask, quote.feed) == (None, None, Feed.NONE)
    assert "usopt" in quote.notice


async def test_delayed_data_is_read_under_its_own_numbers_and_said(
    tws: ScriptedTws, connect: Connect
) -> None:
    """10167 comes before the ticks 66 to 76 and 83, and does not end the request."""
    rig = await connect()

    def answer(peer: Peer, request: Any) -> None:
        peer.error(request.req_id, 10167, "Requested market data is not subscribed. Displaying delayed data.")
        peer.say(*picture(request.req_id, delayed=True))

    tws.on("ReqMktData", answer)
    quote = await one(rig)
    assert (quote.feed, quote.bid, quote.volume) == (Feed.DELAYED, Premium.of("1.5"), 1234)
    assert quote.greeks is not None
    assert quote.greeks.source is GreeksSource.DELAYED_MODEL
    assert "delayed" in quote.notice
    assert rig.gateway.broker.link().feed is Feed.DELAYED


@pytest.mark.parametrize("code", [354, 10089, 10168, 10186, 10197, 200])
async def test_an_error_that_ends_a_line_ends_the_wait(tws: ScriptedTws, connect: Connect, code: int) -> None:
    """No data to wait for: the answer comes at once, without numbers and with TWS's code."""
    rig = await connect()
    tws.on("ReqMktData", lambda peer, request: peer.error(request.req_id, code, "words"))
    async with asyncio.timeout(2):
        quote = await one(rig, deadline_s=60)
    assert (quote.bid, quote.greeks) == (None, None)
    assert str(code) in quote.notice
    assert rig.gateway.market.lines()[0] == 0
    assert not tws.peer.got("CancelMktData")


@pytest.mark.parametrize("code", [10090, 10091])
async def test_a_partial_refusal_does_not_end_the_wait(tws: ScriptedTws, connect: Connect, code: int) -> None:
    """The other ticks still come (the library prints an error and gives up)."""
    rig = await connect()

    def answer(peer: Peer, request: Any) -> None:
        peer.error(request.req_id, code, "Part of requested market data is not subscribed.")
        peer.say(*picture(request.req_id))

    tws.on("ReqMktData", answer)
    quote = await one(rig)
    assert quote.bid == Premium.of("1.5")
    assert "not subscribed" in quote.notice


async def test_two_callers_of_one_contract_share_its_line(tws: ScriptedTws, connect: Connect) -> None:
    """One line, one subscription, both answered; the third finds it still open."""
    rig = await connect()
    tws.on("ReqMktData", full)
    first, second = await asyncio.gather(one(rig), one(rig))
    third = await one(rig)
    assert first.bid == second.bid == third.bid
    assert len(tws.peer.got("ReqMktData")) == 1
    assert rig.gateway.market.lines() == (1, 95)


async def test_lines_are_given_back_after_a_moment(tws: ScriptedTws, connect: Connect) -> None:
    """TWS has 100 lines for all its clients together."""
    rig = await connect(linger_s=0.01)
    tws.on("ReqMktData", full)
    await rig.gateway.market.quotes([makers.call(strike) for strike in range(1, 11)])
    await rig.until(lambda: len(tws.peer.got("CancelMktData")) == 10)
    asked = {request.req_id for request in tws.peer.got("ReqMktData")}
    assert {request.req_id for request in tws.peer.got("CancelMktData")} == asked
    assert rig.gateway.market.lines()[0] == 0


async def test_the_budget_is_never_exceeded_as_tws_counts_it(tws: ScriptedTws, connect: Connect) -> None:
    """TWS counts in the order of messages: at no moment more subscriptions than cancels by over the limit."""
    rig = await connect(line_limit=5, messages_per_s=1000)
    open_lines, highest = set(), 0

    def subscribed(peer: Peer, request: Any) -> None:
        nonlocal highest
        open_lines.add(request.req_id)
        highest = max(highest, len(open_lines))
        full(peer, request)

    tws.on("ReqMktData", subscribed)
    tws.on("CancelMktData", lambda peer, request: open_lines.discard(request.req_id))
    quotes = await rig.gateway.market.quotes([makers.call(strike) for strike in range(1, 61)])
    assert all(quote.bid is not None for quote in quotes)
    assert [quote.instrument.con_id for quote in quotes] == list(range(1001, 1061))
    assert highest == 5


async def test_what_gets_no_line_in_time_is_said_and_not_waited_for(
    tws: ScriptedTws, connect: Connect
) -> None:
    """A chain larger than the time allows ends with what it has."""
    rig = await connect(line_limit=2)
    quotes = await rig.gateway.market.quotes([makers.call(k) for k in range(1, 5)], deadline_s=0.1)
    assert len(quotes) == 4
    assert sum("free" in quote.notice for quote in quotes) == 2
    assert rig.gateway.market.lines()[0] <= 2


async def test_tws_without_a_line_left_makes_us_wait_for_our_own(tws: ScriptedTws, connect: Connect) -> None:
    """101: other clients hold the rest; we go on with what we have."""
    rig = await connect(messages_per_s=1000)
    granted: set[int] = set()

    def subscribed(peer: Peer, request: Any) -> None:
        if len(granted) >= 3:
            peer.error(request.req_id, 101, "Max number of tickers has been reached")
        else:
            granted.add(request.req_id)
            full(peer, request)

    tws.on("ReqMktData", subscribed)
    tws.on("CancelMktData", lambda peer, request: granted.discard(request.req_id))
    quotes = await rig.gateway.market.quotes([makers.call(strike) for strike in range(1, 21)], deadline_s=5.0)
    assert all(quote.bid is not None for quote in quotes)


async def test_a_broken_farm_closes_what_lies_open(tws: ScriptedTws, connect: Connect) -> None:
    """F-22: after 2103 ticks stop silently; the next caller gets a new subscription and no old picture."""
    rig = await connect(linger_s=60.0)
    tws.on("ReqMktData", full)
    await one(rig)
    tws.peer.error(-1, 2103, "Market data farm connection is broken:usopt")
    await rig.until(lambda: tws.peer.got("CancelMktData"))
    await one(rig)
    assert len(tws.peer.got("ReqMktData")) == 2


async def test_who_waits_for_quotes_hears_that_the_connection_ended(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Port: GatewayUnavailable, for those with a line and for those who wait for one."""
    rig = await connect(line_limit=2, backoff_min_s=60.0)
    ask = asyncio.create_task(rig.gateway.market.quotes([makers.call(k) for k in range(1, 9)], deadline_s=60))
    await rig.until(lambda: len(tws.peer.got("ReqMktData")) == 2)
    tws.peer.transport.abort()
    with pytest.raises(GatewayUnavailable):
        await ask
    assert rig.gateway.market.lines() == (0, 2)


async def test_a_cancelled_caller_leaves_no_line_behind(tws: ScriptedTws, connect: Connect) -> None:
    """Cancelling a read is free."""
    rig = await connect(linger_s=0.01, line_limit=3)
    ask = asyncio.create_task(rig.gateway.market.quotes([makers.call(k) for k in range(1, 9)], deadline_s=60))
    await rig.until(lambda: len(tws.peer.got("ReqMktData")) == 3)
    ask.cancel()
    await asyncio.gather(ask, return_exceptions=True)
    await rig.until(lambda: len(tws.peer.got("CancelMktData")) == 3)
    assert rig.gateway.market.lines() == (0, 3)


async def test_an_index_has_a_last_price_and_no_sides(tws: ScriptedTws, connect: Connect) -> None:
    """SPX and VIX are not traded; waiting for a bid would be waiting for ever."""
    rig = await connect()
    index = Underlying(con_id=416904, symbol="SPX", sec_type=SecType.IND, exchange="CBOE")
    tws.on(
        "ReqMktData",
        lambda peer, request: peer.say(
            TickPrice(req_id=request.req_id, tick_type=4, price=6800.5, size=Decimal(0)),
            TickPrice(req_id=request.req_id, tick_type=9, price=6790.0, size=Decimal(0)),
        ),
    )
    async with asyncio.timeout(2):
        (quote,) = await rig.gateway.market.quotes([index], deadline_s=60)
    assert (quote.last, quote.bid, quote.last_size) == (Premium.of("6800.5"), None, None)


async def test_a_part_of_a_coin_is_not_none_of_it(tws: ScriptedTws, connect: Connect) -> None:
    """0.37 of a coin must not read like nobody bidding; whole sizes stay whole."""
    rig = await connect()
    coin = Underlying(con_id=479624278, symbol="BTC", sec_type=SecType.CRYPTO, exchange="PAXOS")
    tws.on(
        "ReqMktData",
        lambda peer, request: peer.say(
            TickPrice(req_id=request.req_id, tick_type=1, price=90_350.5, size=Decimal("0.37")),
            TickPrice(req_id=request.req_id, tick_type=2, price=90_356.75, size=Decimal(2)),
        ),
    )
    (quote,) = await rig.gateway.market.quotes([coin], deadline_s=2)
    assert (quote.bid_size, quote.ask_size) == (0.37, 2)
    assert isinstance(quote.ask_size, int)


async def test_a_halt_is_told(tws: ScriptedTws, connect: Connect) -> None:
    """Generic tick 49: -1 is "not known", 0 is not halted."""
    rig = await connect()

    def answer(peer: Peer, request: Any) -> None:
        peer.say(TickGeneric(req_id=request.req_id, tick_type=49, value=1.0), *picture(request.req_id))

    tws.on("ReqMktData", answer)
    assert (await one(rig)).halted is True


async def test_requests_are_sent_at_the_pace_that_tws_allows(tws: ScriptedTws, connect: Connect) -> None:
    """L8: a full bucket at once, then 45 a second; never above 50 by the bucket that TWS counts with."""
    rig = await connect()
    loop, times = asyncio.get_running_loop(), list[float]()

    def stamped(answer: Callable[[Peer, Any], None]) -> Callable[[Peer, Any], None]:
        def take(peer: Peer, request: Any) -> None:
            times.append(loop.time())
            answer(peer, request)

        return take

    tws.on("ReqMktData", stamped(full))
    await rig.gateway.market.quotes([makers.call(strike) for strike in range(1, 81)])
    level, highest = 0.0, 0.0
    for before, now in zip([times[0], *times], times, strict=False):
        level = max(0.0, level - (now - before) * 50) + 1
        highest = max(highest, level)
    assert highest <= 50
    assert len(times) == 80


async def test_no_notice_of_a_quote_is_an_order_s(tws: ScriptedTws, connect: Connect) -> None:
    """Request ids and order ids share TWS's number space; ours never meet."""
    rig = await connect()
    tws.on("ReqMktData", full)
    await one(rig)
    request_id = tws.peer.got("ReqMktData")[0].req_id
    assert request_id > 10**9 > rig.gateway.broker.reserve_order_id()
