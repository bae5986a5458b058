"""Bars of the past: in our words, at the pace that IBKR allows, never without an end."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.exchange.wire.market_answers import (
    Bar,
    HistoricalData,
)
from sumppump.kernel.errors import (
    GatewayUnavailable,
    InvalidRequest,
    MarketDataError,
    NotSubscribed,
    SumpPumpError,
    UnknownContract,
)


def bar(at: str, **changes: Any) -> Bar:
    """One bar."""
    said: dict[str, Any] = {
        "date": at, "open": 1.0, "high": 2.0, "low": 0.5, "close": 1.5, "volume": Decimal(10),
        "average": 1.2, "count": 3,
    }  # fmt: skip
    return Bar(**(said | changes))


def history(request: Any, *bars: Bar) -> HistoricalData:
    """An answer with these bars."""
    return HistoricalData(req_id=request.req_id, start="", end="", bars=bars)


async def test_bars_come_oldest_first_with_their_moment(tws: ScriptedTws, connect: Connect) -> None:
    """Daily bars begin at midnight in New York, others at an epoch; a volume of -1 is none."""
    rig = await connect()
    tws.on(
        "ReqHistoricalData",
        lambda peer, request: peer.say(
            history(request, bar("1772463600", volume=Decimal(-1)), bar("20260227"))
        ),
    )
    first, second = await rig.gateway.market.bars(makers.SPY, duration="5 D", bar_size="1 hour")
    assert first.start == datetime(2026, 2, 27, 5, 0, tzinfo=UTC)
    assert second.start == datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    assert (first.close, first.volume, second.volume) == (Decimal("1.5"), 10, None)


@pytest.mark.parametrize(
    "words", [{"duration": "5 days"}, {"duration": "0 D"}, {"bar_size": "7 mins"}, {"what": "EVERYTHING"}]
)
async def test_words_that_tws_does_not_know_are_refused_here(
    tws: ScriptedTws, connect: Connect, words: dict[str, str]
) -> None:
    """Error 320 or 321 would be the alternative, and the library waits for ever on the latter."""
    rig = await connect()
    said: dict[str, Any] = {"duration": "5 D", "bar_size": "1 hour"} | words
    with pytest.raises(InvalidRequest):
        await rig.gateway.market.bars(makers.SPY, **said)
    assert not tws.peer.got("ReqHistoricalData")


HISTORY_ERRORS: dict[str, tuple[int, str, type[SumpPumpError], str]] = {
    "pacing": (162, "Historical data request pacing violation", GatewayUnavailable, "history_pacing"),
    "no data": (162, "HMDS query returned no data: SPY@SMART Trades", MarketDataError, "no_history"),
    "permission": (162, "No market data permissions for ARCA STK", NotSubscribed, "not_subscribed"),
    "other": (
        162,
        "Trading TWS session is connected from a different IP",
        GatewayUnavailable,
        "request_refused",
    ),
    "validation": (321, "Error validating request.-'bW' : cause - ...", InvalidRequest, "invalid_request"),
    "gone": (366, "No historical data query found for ticker id", GatewayUnavailable, "request_refused"),
    "unknown": (200, "No security definition has been found", UnknownContract, "unknown_contract"),
    "step": (162, "Service error message:invalid step: 1", InvalidRequest, "too_many_bars"),
    "many": (162, "Only 50 simultaneous API requests allowed.", GatewayUnavailable, "history_busy"),
    "down": (162, "HMDS server disconnect occurred.", GatewayUnavailable, "history_down"),
    "subscription": (354, "Requested market data is not subscribed.", NotSubscribed, "not_subscribed"),
    "kind": (10299, "Expected what to show is AGGTRADES", InvalidRequest, "invalid_data_type"),
    "end": (10314, "End Date/Time: The date entered is invalid", InvalidRequest, "invalid_end"),
    "nobody knows": (9999, "something new", GatewayUnavailable, "request_refused"),
}


@pytest.mark.parametrize(("code", "text", "kind", "name"), HISTORY_ERRORS.values(), ids=HISTORY_ERRORS.keys())
async def test_a_refused_history_says_why(
    tws: ScriptedTws, connect: Connect, code: int, text: str, kind: type[SumpPumpError], name: str
) -> None:
    """Code 162 has many meanings, told apart by the text alone."""
    rig = await connect()
    tws.on("ReqHistoricalData", lambda peer, request: peer.error(request.req_id, code, text))
    with pytest.raises(kind) as caught:
        await rig.gateway.market.bars(makers.SPY, duration="5 D", bar_size="1 hour")
    assert caught.value.code == name
    assert caught.value.next_steps
    assert text in (caught.value.found or "") + caught.value.message


async def test_a_silent_history_ends_and_is_cancelled(tws: ScriptedTws, connect: Connect) -> None:
    """Never hang; the question is taken back so that its late answer costs nothing."""
    rig = await connect(request_timeout_s=0.02)
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.market.bars(makers.SPY, duration="5 D", bar_size="1 hour")
    await rig.until(lambda: tws.peer.got("CancelHistoricalData"))


def answering(tws: ScriptedTws) -> list[str]:
    """A TWS that gives one bar to each request; returns the sizes that were asked for, as they come."""
    sizes: list[str] = []

    def answer(peer: Peer, request: Any) -> None:
        sizes.append(request.bar_size)
        peer.say(history(request, bar("1772463600")))

    tws.on("ReqHistoricalData", answer)
    return sizes


async def test_small_bars_wait_their_turn(tws: ScriptedTws, connect: Connect) -> None:
    """IBKR: no identical request within 15 s; a larger bar does not wait behind it. The wait is said."""
    rig = await connect(history_pacing_s=15.0, histories_at_once=1)
    sizes, waits = answering(tws), list[float]()
    ask = rig.gateway.market.bars
    await ask(makers.SPY, duration="60 S", bar_size="5 secs")
    again = asyncio.ensure_future(ask(makers.SPY, duration="60 S", bar_size="5 secs", waiting=waits.append))
    await ask(makers.SPY, duration="1 D", bar_size="1 hour")
    assert sizes == ["5 secs", "1 hour"]
    again.cancel()
    assert [round(wait) for wait in waits] == [15]


async def test_small_bars_come_after_their_wait(tws: ScriptedTws, connect: Connect) -> None:
    """Queued, not refused."""
    rig = await connect(history_pacing_s=0.02)
    sizes = answering(tws)
    for _ in range(3):
        await rig.gateway.market.bars(makers.SPY, duration="60 S", bar_size="5 secs")
    assert sizes == ["5 secs"] * 3


async def test_a_wait_beyond_the_deadline_is_refused_at_once_with_its_length(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Nobody waits in vain: the error says how long, and what is not paced."""
    rig = await connect(history_pacing_s=15.0)
    answering(tws)
    ask = rig.gateway.market.bars
    await ask(makers.SPY, duration="60 S", bar_size="5 secs")
    with pytest.raises(GatewayUnavailable) as caught:
        await ask(makers.SPY, duration="60 S", bar_size="5 secs", deadline_s=3.0)
    assert caught.value.code == "history_pacing"
    assert "15 s" in caught.value.message


async def test_equal_requests_under_way_are_one(tws: ScriptedTws, connect: Connect) -> None:
    """Two callers, one message, the same bars; when one gives up the other still has its answer."""
    rig = await connect()
    asked: list[tuple[Peer, Any]] = []
    tws.on("ReqHistoricalData", lambda peer, request: asked.append((peer, request)))
    first, second, third = (
        asyncio.ensure_future(rig.gateway.market.bars(makers.SPY, duration="1 Y", bar_size="1 day"))
        for _ in range(3)
    )
    await rig.until(lambda: asked)
    third.cancel()
    peer, request = asked[0]
    peer.say(history(request, bar("20260227")))
    assert await first == await second
    assert len(asked) == 1
    assert not tws.peer.got("CancelHistoricalData")


async def test_a_history_that_nobody_waits_for_any_more_is_taken_back(
    tws: ScriptedTws, connect: Connect
) -> None:
    """A cancelled call leaves nothing open at TWS."""
    rig = await connect()
    call = asyncio.ensure_future(rig.gateway.market.bars(makers.SPY, duration="1 Y", bar_size="1 day"))
    await rig.until(lambda: tws.peer.got("ReqHistoricalData"))
    call.cancel()
    await rig.until(lambda: tws.peer.got("CancelHistoricalData"))


@pytest.mark.parametrize(("what", "volume"), [("MIDPOINT", None), ("TRADES", 0), ("ADJUSTED_LAST", 0)])
async def test_only_trades_have_a_volume(
    tws: ScriptedTws, connect: Connect, what: str, volume: int | None
) -> None:
    """Nothing stands in for the volume of quotes; no trade in a bar of trades is 0."""
    rig = await connect()
    tws.on(
        "ReqHistoricalData",
        lambda peer, request: peer.say(history(request, bar("1772463600", volume=Decimal(0)))),
    )
    (only,) = await rig.gateway.market.bars(makers.SPY, duration="1 D", bar_size="1 hour", what=what)
    assert only.volume == volume
