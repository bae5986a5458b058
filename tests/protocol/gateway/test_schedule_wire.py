"""Message 106 as TWS may send it: read, refused, garbled, or not known to an old server."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.scripted import ScriptedTws

from sumppump.exchange.wire.market_answers import HistoricalSchedule, Session
from sumppump.kernel.errors import MarketDataError, NotSubscribed


def schedule(req_id: int, zone: str, *sessions: tuple[str, str, str]) -> HistoricalSchedule:
    """An answer with these sessions."""
    rows = tuple(Session(start=start, end=end, ref_date=day) for start, end, day in sessions)
    return HistoricalSchedule(req_id=req_id, start="", end="", time_zone=zone, sessions=rows)


HALF_DAY = ("20261127-09:30:00", "20261127-13:00:00", "20261127")


@pytest.mark.parametrize("zone", ["US/Eastern", "America/New_York", "Zeit der Ostküste"])
async def test_sessions_are_moments_whatever_tws_calls_its_zone(
    tws: ScriptedTws, connect: Connect, zone: str
) -> None:
    """A zone that nobody knows is New York's: the contracts here trade there."""
    rig = await connect()
    tws.on("ReqHistoricalData", lambda peer, request: peer.say(schedule(request.req_id, zone, HALF_DAY)))
    (found,) = await rig.gateway.schedule.past_sessions(makers.SPY, days=1)
    assert found.day == date(2026, 11, 27)
    assert (found.opens, found.closes) == (
        datetime(2026, 11, 27, 14, 30, tzinfo=UTC),
        datetime(2026, 11, 27, 18, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize("garbled", [("soon", "20261127-13:00:00", "20261127"), (*HALF_DAY[:2], "today")])
async def test_a_garbled_schedule_is_an_error_of_ours(
    tws: ScriptedTws, connect: Connect, garbled: tuple[str, str, str]
) -> None:
    """Not a crash, and not a session that was guessed."""
    rig = await connect()
    tws.on("ReqHistoricalData", lambda peer, request: peer.say(schedule(request.req_id, "", garbled)))
    with pytest.raises(MarketDataError) as caught:
        await rig.gateway.schedule.past_sessions(makers.SPY, days=1)
    assert caught.value.code == "no_schedule"


async def test_a_refused_schedule_says_why(tws: ScriptedTws, connect: Connect) -> None:
    """By the table of refused histories."""
    rig = await connect()
    text = "No market data permissions for ARCA STK"
    tws.on("ReqHistoricalData", lambda peer, request: peer.error(request.req_id, 162, text))
    with pytest.raises(NotSubscribed):
        await rig.gateway.schedule.past_sessions(makers.SPY, days=1)
