"""Single ticks of the past: oldest first, at the pace of small bars, a refusal says what is missing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect, Open
from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.exchange.entitlements import Entitlements, Feed
from sumppump.exchange.wire.history_answers import (
    BidAskTick,
    HistoricalBidAsks,
    HistoricalTrades,
    TradeTick,
)
from sumppump.kernel.errors import (
    GatewayUnavailable,
    MarketDataError,
    NotSubscribed,
    SumpPumpError,
    UnknownContract,
)

UNTIL = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def trades(request: Any, *ticks: TradeTick, done: bool = True) -> HistoricalTrades:
    """An answer with these trades."""
    return HistoricalTrades(req_id=request.req_id, ticks=ticks, is_done=done)


def tick(second: int, price: float = 10.0, size: int = 100, **changes: Any) -> TradeTick:
    """One trade."""
    said: dict[str, Any] = {
        "epoch_s": int(UNTIL.timestamp()) - second, "price": price, "size": Decimal(size), "exchange": "ARCA",
    }  # fmt: skip
    return TradeTick(**(said | changes))


@pytest.mark.parametrize("symbol", ["SPY", "AAPL"])
async def test_the_last_trades_lie_around_the_quote(open_pair: Open, symbol: str) -> None:
    """Real ticks: oldest first, not later than asked, near the market."""
    _, gateway = await open_pair(frozen=True)
    known = await gateway.directory.underlying(symbol)
    (quote,) = await gateway.market.quotes([known])
    found = await gateway.tape.trades(known, until=gateway.clock.now(), count=20)
    assert quote.mid is not None
    assert len(found) >= 20
    assert [trade.at for trade in found] == sorted(trade.at for trade in found)
    assert all(abs(trade.price / quote.mid.amount - 1) < Decimal("0.01") for trade in found)
    assert all(trade.size and trade.exchange for trade in found)


async def test_an_option_has_a_tape_too(open_pair: Open) -> None:
    """Written options lead here."""
    _, gateway = await open_pair(frozen=True)
    spy = await gateway.directory.underlying("SPY")
    (chain,) = await gateway.directory.option_classes(spy)
    listed = await gateway.directory.options(spy, chain.expiries[3])
    assert await gateway.tape.trades(listed[len(listed) // 2], until=gateway.clock.now(), count=5)


async def test_a_pair_has_quotes_where_others_have_trades(open_pair: Open) -> None:
    """Bid below ask, oldest first."""
    _, gateway = await open_pair(frozen=True)
    pair = await gateway.directory.pair("EUR.USD")
    found = await gateway.tape.quotes(pair, until=gateway.clock.now(), count=10)
    assert len(found) >= 10
    assert all(each.bid is not None and each.ask is not None and each.bid < each.ask for each in found)


async def test_ticks_need_a_live_subscription(open_pair: Open) -> None:
    """Also where delayed quotes are allowed; the exchange's own words say of what."""
    server, gateway = await open_pair(frozen=True)
    spy = await gateway.directory.underlying("SPY")
    server.hall.shared.entitlements = Entitlements(by_kind={"STK": Feed.DELAYED})
    with pytest.raises(NotSubscribed, match="ARCA STK") as caught:
        await gateway.tape.trades(spy, until=gateway.clock.now(), count=5)
    assert caught.value.ib_code == 10187


async def test_an_answer_in_parts_is_taken_whole(tws: ScriptedTws, connect: Connect) -> None:
    """Until TWS says that it is done; sizes of nothing are none, marks are read."""

    def answer(peer: Peer, request: Any) -> None:
        peer.say(
            trades(request, tick(2, mask=2, conditions=" 4 I"), done=False), trades(request, tick(1, size=0))
        )

    rig = await connect()
    tws.on("ReqHistoricalTicks", answer)
    first, second = await rig.gateway.tape.trades(makers.SPY, until=UNTIL, count=2)
    assert (first.is_unreported, first.conditions, first.size) == (True, "4 I", 100)
    assert (second.is_unreported, second.size) == (False, None)
    (request,) = tws.peer.got("ReqHistoricalTicks")
    assert (request.start, request.end, request.count) == ("", "20260302-15:00:00", 2)
    assert (request.what_to_show, bool(request.use_rth)) == ("TRADES", False)


async def test_a_side_without_a_price_is_missing(tws: ScriptedTws, connect: Connect) -> None:
    """0 and -1 mean that nobody quotes; their size says nothing either."""

    def answer(peer: Peer, request: Any) -> None:
        one = BidAskTick(
            epoch_s=int(UNTIL.timestamp()), bid=-1.0, ask=1.5, bid_size=Decimal(7), ask_size=Decimal(3)
        )
        peer.say(HistoricalBidAsks(req_id=request.req_id, ticks=(one,), is_done=True))

    rig = await connect()
    tws.on("ReqHistoricalTicks", answer)
    (quote,) = await rig.gateway.tape.quotes(makers.SPY, until=UNTIL, count=1)
    assert (quote.bid, quote.bid_size, quote.ask, quote.ask_size) == (None, None, Decimal("1.5"), 3)


REFUSALS: dict[str, tuple[int, str, type[SumpPumpError], str]] = {
    "permission": (10187, "Failed to request historical ticks:No market data permissions", NotSubscribed,
                   "not_subscribed"),
    "no data": (10187, "Failed to request historical ticks:No data", MarketDataError, "no_history"),
    "other": (10187, "Failed to request historical ticks:Invalid", GatewayUnavailable, "request_refused"),
    "unknown": (200, "No security definition has been found", UnknownContract, "unknown_contract"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "text", "kind", "name"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_refused_ticks_say_why(
    tws: ScriptedTws, connect: Connect, code: int, text: str, kind: type[SumpPumpError], name: str
) -> None:
    """Code 10187 has several meanings, told apart by the text alone."""
    rig = await connect()
    tws.on("ReqHistoricalTicks", lambda peer, request: peer.error(request.req_id, code, text))
    with pytest.raises(kind) as caught:
        await rig.gateway.tape.trades(makers.SPY, until=UNTIL, count=5)
    assert caught.value.code == name


async def test_ticks_are_paced_with_the_small_bars(tws: ScriptedTws, connect: Connect) -> None:
    """Not six for one contract within 2 s: the sixth is held back here, where TWS would refuse it."""
    rig = await connect()
    tws.on("ReqHistoricalTicks", lambda peer, request: peer.say(trades(request, tick(1))))
    for count in range(1, 6):
        await rig.gateway.tape.trades(makers.SPY, until=UNTIL, count=count)
    sixth = asyncio.ensure_future(rig.gateway.tape.trades(makers.SPY, until=UNTIL, count=6))
    await rig.gateway.sync_clock()
    assert len(tws.peer.got("ReqHistoricalTicks")) == 5
    sixth.cancel()
    await asyncio.gather(sixth, return_exceptions=True)


async def test_the_same_question_again_does_not_wait(tws: ScriptedTws, connect: Connect) -> None:
    """Within 15 s TWS takes no equal request: each names a second of its own."""
    rig = await connect()
    tws.on("ReqHistoricalTicks", lambda peer, request: peer.say(trades(request, tick(1))))
    for _ in range(3):
        await rig.gateway.tape.trades(makers.SPY, until=UNTIL, count=5)
    ends = [request.end for request in tws.peer.got("ReqHistoricalTicks")]
    assert ends == ["20260302-15:00:00", "20260302-15:00:01", "20260302-15:00:02"]


async def test_silence_and_a_lost_connection_end_the_wait(tws: ScriptedTws, connect: Connect) -> None:
    """Never hang."""
    rig = await connect(request_timeout_s=0.02)
    with pytest.raises(GatewayUnavailable) as caught:
        await rig.gateway.tape.trades(makers.SPY, until=UNTIL, count=5)
    assert caught.value.code == "no_answer"
    tws.on("ReqHistoricalTicks", lambda peer, _: peer.transport.abort())
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.tape.trades(makers.SPY, until=UNTIL, count=6)


async def test_a_cancelled_call_lets_the_next_one_through(tws: ScriptedTws, connect: Connect) -> None:
    """Its place at the history desk is given back."""
    rig = await connect()
    asking = [
        asyncio.ensure_future(rig.gateway.tape.trades(makers.SPY, until=UNTIL, count=count))
        for count in range(1, 5)
    ]
    await rig.until(lambda: len(tws.peer.got("ReqHistoricalTicks")) == 4)
    for each in asking:
        each.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    tws.on("ReqHistoricalTicks", lambda peer, request: peer.say(trades(request, tick(1))))
    assert len(await rig.gateway.tape.trades(makers.SPY, until=UNTIL, count=9)) == 1
