"""The market clock as a host reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.fake_market import FakeClock, FakeDirectory
from tests.support.fake_schedule import FakeSchedule
from tests.unit.server.conftest import connected

from sumppump.data.meaning import Meanings
from sumppump.data.schedule import ScheduleService
from sumppump.domain.instruments import Underlying
from sumppump.server.app import build_server
from sumppump.server.desk import Desk

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore:Series.values returning")]
TRADING = "20261118:0400-20261118:2000;20261119:0400-20261119:2000"
LIQUID = "20261118:0930-20261118:1600;20261119:0930-20261119:1600"


class Listed(FakeDirectory):
    """Shares with hours."""

    async def underlying(self, symbol: str) -> Underlying:
        found = await FakeDirectory.underlying(self, symbol)
        return replace(found, trading_hours=TRADING, liquid_hours=LIQUID)


async def asked(desk: Desk, clock: FakeClock, **arguments: str) -> dict[str, object]:
    """The structured answer."""
    meanings = Meanings(directory=Listed(), clock=clock)
    service = ScheduleService(meanings=meanings, memory=FakeSchedule(), clock=clock)
    server = build_server(replace(desk, market=replace(desk.market, schedule=service)), profile="read")
    async with connected(server) as client:
        result = await client.call_tool("trade_get_extended_schedule", arguments)
    assert result.structured_content is not None
    return result.structured_content


async def test_the_clock_and_todays_sessions_come_without_arguments(desk: Desk, clock: FakeClock) -> None:
    """Claim: open until 16:00, four sessions in New York time. Provenance: tools page, settled 22."""
    said = await asked(desk, clock)
    assert (said["symbol"], said["is_open"], said["session_now"]) == ("SPY", True, "regular")
    assert said["session_closes"] == said["next_close"] == "2026-11-18T16:00-05:00"
    assert said["next_open"] == "2026-11-19T09:30-05:00"
    sessions = said["sessions"]
    assert isinstance(sessions, list)
    assert [each["name"] for each in sessions] == ["overnight", "pre_market", "regular", "after_hours"]
    assert "until Wed 2026-11-18 16:00 New York" in str(said["summary"])


async def test_by_night_the_answer_says_that_these_hours_are_a_rule(desk: Desk, clock: FakeClock) -> None:
    """Claim: what the contract does not say is marked. Provenance: our decision."""
    clock.advance(timedelta(hours=11).total_seconds())
    said = await asked(desk, clock)
    assert (said["is_open"], said["session_now"]) == (False, "overnight")
    assert said["trade_date"] == "2026-11-19"
    assert any("not the contract's" in warning for warning in said["warnings"])  # type: ignore[attr-defined]
