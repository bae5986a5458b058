"""Volatility and the VIX's curve as a host sees them: names, nulls with reasons, sizes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.support.fake_market import VX_MONTHS, FakeClock
from tests.support.fake_volatility import VIX, VixDirectory, VolatileMarket
from tests.unit.server import fakes
from tests.unit.server.test_calls import call, text_of

from sumppump.data.bar_shelf import BarShelf
from sumppump.data.vix import VixService
from sumppump.data.volatility import VolatilityService
from sumppump.domain.quotes import Feed
from sumppump.server.app import DeskServer, build_server

pytestmark = pytest.mark.anyio


@pytest.fixture
def market(clock: FakeClock) -> VolatileMarket:
    levels = {VIX.con_id: "18", VX_MONTHS[0].con_id: "20", VX_MONTHS[1].con_id: "21"}
    return VolatileMarket(clock, levels=levels)


@pytest.fixture
def server(
    execution: fakes.FakeExecution, audit: fakes.MemoryAudit, clock: FakeClock, market: VolatileMarket
) -> DeskServer:
    desk = fakes.desk(execution, audit, clock)
    parts: dict[str, Any] = {"directory": VixDirectory(), "market": market, "clock": clock}
    shelf = BarShelf(market=market, clock=clock)
    services = replace(
        desk.market, volatility=VolatilityService(**parts, shelf=shelf), vix=VixService(**parts)
    )
    return build_server(replace(desk, market=services), profile="read")


async def facts(server: DeskServer, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await call(server, tool, **arguments)
    assert not result.is_error, text_of(result)
    assert result.structured_content is not None
    assert len(text_of(result)) <= 8_000
    assert len(json.dumps(result.structured_content, allow_nan=False)) <= 8_000
    return dict(result.structured_content)


async def test_an_analysis_has_the_agreed_figures(server: DeskServer) -> None:
    """Claim: names and scales of the agreed table. Provenance: tools page, last section."""
    found = await facts(server, "trade_get_volatility_analysis", symbol="SPY")
    assert (found["iv"], found["iv_rank"], found["iv_percentile"], found["samples"]) == (
        0.3,
        100.0,
        99.6,
        252,
    )
    assert all(isinstance(found[f"hv_{window}"], float) for window in (10, 20, 30, 60))
    assert found["iv_hv_ratio"] == pytest.approx(found["iv"] / found["hv_30"], abs=1e-3)
    assert found["missing"] == []
    assert found["surface"]["refused"] == []
    assert [row["expiry"] for row in found["term_structure"]] == ["2026-11-27", "2026-12-18", "2027-01-15"]


async def test_what_cannot_be_computed_is_null_with_its_reason(
    server: DeskServer, market: VolatileMarket
) -> None:
    """Claim: no figure of a short history is made up, and each null is explained once."""
    market.past = {name: bars[-5:] for name, bars in market.past.items()}
    found = await facts(server, "trade_get_volatility_analysis", symbol="SPY")
    nulls = ("hv_10", "hv_20", "hv_30", "hv_60", "parkinson", "yang_zhang", "iv_rank", "iv_percentile")
    assert [found[name] for name in nulls] == [None] * 8
    assert found["state"] is None
    reasons = {row["name"]: row["code"] for row in found["missing"]}
    assert {reasons[name] for name in nulls} == {"too_few_bars"}


async def test_the_vix_curve_says_its_regime_and_by_what_rule(server: DeskServer) -> None:
    """Claim: contango in percent, the months with their days; the thresholds stand in the answer."""
    found = await facts(server, "trade_get_vix_term_structure")
    assert (found["spot"], found["regime"], found["contango_pct"]) == (18.0, "contango", 5.0)
    assert [(row["contract"], row["dte"], row["price"]) for row in found["futures"]] == [
        ("VXZ6", 28, 20.0),
        ("VXF7", 63, 21.0),
    ]
    assert "above +1 %" in found["regime_rule"]


async def test_an_unquoted_month_is_null(server: DeskServer, market: VolatileMarket) -> None:
    """Claim: neither 0 nor a neighbour's price stands for it."""
    market.missing.add(VX_MONTHS[1].con_id)
    found = await facts(server, "trade_get_vix_term_structure")
    assert (found["regime"], found["contango_pct"], found["futures"][1]["price"]) == (None, None, None)
    assert {row["name"] for row in found["missing"]} >= {"regime", "contango_pct", "price of VXF7"}


async def test_a_curve_of_delayed_or_last_prices_says_so(server: DeskServer, market: VolatileMarket) -> None:
    """Claim: a regime that is not the market's now carries a warning, not only a word in data_quality."""
    market.feed = Feed.DELAYED
    found = await facts(server, "trade_get_vix_term_structure")
    assert found["data_quality"]["state"] == "delayed"
    assert "some data is delayed" in found["warnings"]
