"""Past prices and corporate dates as a host reads them: small, with reasons where a figure is null."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.support.fake_market import FakeClock, FakeDirectory, FakeMarket
from tests.unit.server.conftest import connected

from sumppump.data.bar_shelf import BarShelf
from sumppump.data.history import HistoryService
from sumppump.data.meaning import Meanings
from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Bar
from sumppump.server.app import DeskServer, build_server
from sumppump.server.desk import Desk

pytestmark = pytest.mark.anyio


class Long(FakeMarket):
    """A day of small bars with long numbers."""

    async def bars(self, instrument: Instrument, **_: object) -> Sequence[Bar]:  # type: ignore[override]
        first, price = datetime(2026, 11, 18, 14, 30, 5, tzinfo=UTC), Decimal("1234.567891")
        return [
            Bar(
                start=first + timedelta(seconds=5 * at), open=price, high=price + at, low=price - at,
                close=price, volume=123_456_789,
            )
            for at in range(600)
        ]  # fmt: skip


async def asked(server: DeskServer, tool: str, **arguments: str) -> tuple[dict[str, Any], str]:
    """Structure and text of one call."""
    async with connected(server) as client:
        result = await client.call_tool(tool, arguments)
    assert result.structured_content is not None
    return result.structured_content, result.content[0].text  # type: ignore[union-attr]


async def test_a_long_history_is_cut_with_a_hint_and_stays_small(desk: Desk, clock: FakeClock) -> None:
    """Claim: at most 8 kB each, the figures are of all bars, the hint tells of the rest. Tools page."""
    meanings = Meanings(directory=FakeDirectory(), clock=clock)
    shelf = BarShelf(market=Long(clock=clock), clock=clock)
    history = HistoryService(meanings=meanings, shelf=shelf, clock=clock)
    server = build_server(replace(desk, market=replace(desk.market, history=history)))
    said, text = await asked(
        server, "trade_get_price_history", symbol="SPY", bar_size="5 secs", duration="3600 s"
    )
    assert max(len(json.dumps(said)), len(text.encode())) <= 8_000
    assert said["bars_total"] == said["bars_left_out"] + len(said["bars"]) == 600
    assert said["high"] == 1833.567891
    assert "'2 mins'" in said["hint"]


async def test_what_nobody_here_can_know_is_null_with_its_reason(server: DeskServer) -> None:
    """Claim: no invented earnings date, no split, no dividend of 0. Provenance: settled 22."""
    said, _ = await asked(server, "trade_get_corporate_dates", symbol="SPY")
    assert (said["next_earnings"], said["splits"]) == (None, None)
    assert "Wall Street Horizon" in said["earnings_reason"]
    assert "adjusted for splits" in said["splits_reason"]
    assert set(said["dividends"].values()) == {None}
    assert said["past_dividends"] == []
    assert said["next_steps"]


class Paced(FakeMarket):
    """A market whose rules want fourteen and a bit seconds first."""

    async def bars(  # type: ignore[override]
        self, instrument: Instrument, *, waiting: Callable[[float], None] | None = None, **_: object
    ) -> Sequence[Bar]:
        if waiting is not None:
            waiting(14.2)
        return await FakeMarket.bars(self, instrument, duration="1 D", bar_size="5 secs")


async def test_a_wait_for_the_pacing_rules_is_said_while_it_lasts(desk: Desk, clock: FakeClock) -> None:
    """Claim: a host that asks for progress hears how long. Provenance: IBKR's historical data limitations."""
    meanings = Meanings(directory=FakeDirectory(), clock=clock)
    shelf = BarShelf(market=Paced(clock=clock), clock=clock)
    history = HistoryService(meanings=meanings, shelf=shelf, clock=clock)
    server = build_server(replace(desk, market=replace(desk.market, history=history)))
    heard: list[str] = []

    async def told(_done: float, _total: float | None, message: str | None) -> None:
        heard.append(message or "")

    arguments = {"symbol": "SPY", "bar_size": "5 secs", "duration": "60 s"}
    async with connected(server) as client:
        await client.call_tool("trade_get_price_history", arguments, progress_callback=told)
    assert any("of 15 seconds" in message for message in heard)
