"""Scans: the first whole result is taken and the scan is cancelled; nothing found is no error."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.protocol.gateway.conftest import Connect, Open
from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.data.scan_rules import ScanType, Thresholds, rule_of
from sumppump.domain.scans import ScanFilter
from sumppump.exchange.wire.scans import ScannerData, ScanRow
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest, NotSubscribed, SumpPumpError

CODE = "HIGH_OPT_IMP_VOLAT"


def two_rows(peer: Peer, request: Any) -> None:
    """A stock, something else, and a stock, in no order."""
    rows = (
        ScanRow(rank=2, con_id=3, symbol="LAST", sec_type="STK"),
        ScanRow(rank=1, con_id=2, symbol="BOND", sec_type="BOND"),
        ScanRow(rank=0, con_id=1, symbol="BEST", sec_type="STK"),
    )
    peer.say(ScannerData(req_id=request.req_id, rows=rows))


async def test_every_code_that_we_use_is_a_scan_of_the_exchange(open_pair: Open) -> None:
    """Valid codes and location; ranked, without doubles."""
    _, gateway = await open_pair(frozen=True)
    codes = {code for kind in ScanType for code in rule_of(kind, Thresholds()).codes}
    assert len(codes) == 5
    for code in codes:
        hits = await gateway.scanner.scan(code, rows=5)
        assert [hit.rank for hit in hits] == [0, 1, 2, 3, 4]
        assert len({hit.con_id for hit in hits}) == 5


async def test_a_filter_is_applied_by_the_scanner_itself(open_pair: Open) -> None:
    """avgOptVolumeAbove leaves out what has few options traded."""
    _, gateway = await open_pair(frozen=True)
    everything = await gateway.scanner.scan(CODE, rows=50)
    liquid = await gateway.scanner.scan(
        CODE, rows=50, filters=[ScanFilter(tag="avgOptVolumeAbove", value=100_000)]
    )
    assert 0 < len(liquid) < len(everything)


async def test_a_scan_that_finds_nothing_is_empty(open_pair: Open) -> None:
    """165 is an answer, not a failure."""
    _, gateway = await open_pair(frozen=True)
    assert await gateway.scanner.scan("HALTED", rows=5) == ()


async def test_a_scan_is_cancelled_after_its_first_result(tws: ScriptedTws, connect: Connect) -> None:
    """Ten are all that TWS runs; what is no stock is left out, the rest comes by rank."""
    rig = await connect()
    tws.on("ReqScannerSubscription", two_rows)
    hits = await rig.gateway.scanner.scan(CODE, rows=5)
    assert [hit.symbol for hit in hits] == ["BEST", "LAST"]
    await rig.until(lambda: tws.peer.got("CancelScannerSubscription"))
    (cancel,) = tws.peer.got("CancelScannerSubscription")
    (request,) = tws.peer.got("ReqScannerSubscription")
    assert cancel.req_id == request.req_id
    assert (request.instrument, request.location, request.scan_code) == ("STK", "STK.US.MAJOR", CODE)


async def test_an_empty_scan_is_cancelled_too(tws: ScriptedTws, connect: Connect) -> None:
    """It would go on and tell again every half minute."""
    rig = await connect()
    tws.on(
        "ReqScannerSubscription", lambda peer, request: peer.error(request.req_id, 165, "no items retrieved")
    )
    assert await rig.gateway.scanner.scan(CODE, rows=5) == ()
    await rig.until(lambda: tws.peer.got("CancelScannerSubscription"))


REFUSALS: dict[str, tuple[str, type[SumpPumpError], str]] = {
    "code": ("service error message:invalid scan code: X", InvalidRequest, "invalid_request"),
    "permission": ("No market data permissions for scanner", NotSubscribed, "not_subscribed"),
    "too many": ("Only 10 simultaneous API scanner subscriptions", GatewayUnavailable, "request_refused"),
}


@pytest.mark.parametrize(("text", "kind", "name"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_a_refused_scan_says_why_and_is_not_cancelled(
    tws: ScriptedTws, connect: Connect, text: str, kind: type[SumpPumpError], name: str
) -> None:
    """Code 162 means all of them."""
    rig = await connect()
    tws.on("ReqScannerSubscription", lambda peer, request: peer.error(request.req_id, 162, text))
    with pytest.raises(kind) as caught:
        await rig.gateway.scanner.scan(CODE, rows=5)
    assert caught.value.code == name
    await rig.gateway.sync_clock()
    assert not tws.peer.got("CancelScannerSubscription")


async def test_more_scans_than_tws_runs_wait_for_their_turn(open_pair: Open) -> None:
    """Fourteen callers, ten places, no refusal."""
    _, gateway = await open_pair(frozen=True)
    found = await asyncio.gather(*(gateway.scanner.scan(CODE, rows=3) for _ in range(14)))
    assert all(len(hits) == 3 for hits in found)


async def test_a_silent_scan_ends_and_is_taken_back(tws: ScriptedTws, connect: Connect) -> None:
    """By its deadline."""
    rig = await connect()
    with pytest.raises(GatewayUnavailable) as caught:
        await rig.gateway.scanner.scan(CODE, rows=5, deadline_s=0.02)
    assert caught.value.code == "no_answer"
    await rig.until(lambda: tws.peer.got("CancelScannerSubscription"))


async def test_a_cancelled_call_takes_its_scan_back(tws: ScriptedTws, connect: Connect) -> None:
    """The person stopped waiting."""
    rig = await connect()
    asking = asyncio.ensure_future(rig.gateway.scanner.scan(CODE, rows=5))
    await rig.until(lambda: tws.peer.got("ReqScannerSubscription"))
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await rig.until(lambda: tws.peer.got("CancelScannerSubscription"))


async def test_a_connection_lost_mid_way_ends_the_wait(tws: ScriptedTws, connect: Connect) -> None:
    """And nothing is left to cancel."""
    rig = await connect()
    tws.on("ReqScannerSubscription", lambda peer, _: peer.transport.abort())
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.scanner.scan(CODE, rows=5)
