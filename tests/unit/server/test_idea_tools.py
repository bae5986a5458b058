"""Claims on the tools that look for trades: figures beside every rank, unknown is never a pass."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.fake_market import MONTH, SPY, make_option
from tests.unit.server.conftest import connected
from tests.unit.server.fakes import FakeExecution

from sumppump.domain.instruments import Right
from sumppump.domain.orders import MarginPreview
from sumppump.kernel.errors import Breach
from sumppump.kernel.money import Money
from sumppump.server.app import DeskServer
from sumppump.server.desk import Desk

SPREAD = {"symbol": "SPY", "strategy_type": "bull_put_spread", "strikes": [580, 590]}
MARGIN = MarginPreview(
    initial_before=Money.of(0),
    initial_after=Money.of(1000),
    maintenance_before=Money.of(0),
    maintenance_after=Money.of(1000),
    equity_with_loan_after=Money.of(250_000),
)


async def ask(server: DeskServer, tool: str, **arguments: Any) -> dict[str, Any]:
    async with connected(server) as client:
        result = await client.call_tool(tool, arguments)
        return result.structured_content or {}


def step(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in found["steps"] if each["name"] == name)


async def test_candidates_carry_their_drafts_and_the_parts_of_their_rank(server: DeskServer) -> None:
    found = await ask(server, "trade_suggest_strikes", symbol="SPY", outlook="bullish")
    assert [row["rank"] for row in found["candidates"]] == [1, 2, 3, 4, 5]
    for row in found["candidates"]:
        costs = row["cost_to_enter"] + row["cost_to_leave"] + row["early_exercise"]
        assert row["score"] == pytest.approx((row["prudent_value"] - costs) / row["margin"], abs=1e-3)
        assert row["prudent_value"] <= row["value_by_measure"]
        assert row["refused_by"] == []
        assert (row["max_profit"] is None) == ("profit grows without limit" in row["unbounded"])
    assert len(json.dumps(found)) < 8_000
    assert "the market's own odds" in found["measure"]


async def test_what_a_limit_would_refuse_is_said_beforehand_and_stands_last(
    server: DeskServer, execution: FakeExecution
) -> None:
    execution.breaches = (
        Breach(control="C-02", code="c02", message="too much", expected="less", found="more"),
    )
    found = await ask(server, "trade_suggest_strikes", symbol="SPY", outlook="bullish")
    assert {tuple(row["refused_by"]) for row in found["candidates"]} == {("C-02: too much",)}
    assert any("refused now" in warning for warning in found["warnings"])


async def test_first_come_different_strategies_and_each_says_why(server: DeskServer) -> None:
    found = await ask(server, "trade_suggest_strikes", symbol="SPY", outlook="bullish")
    assert len({row["strategy_type"] for row in found["candidates"]}) == 5
    assert all("volatility" in row["why"] and "of the time" in row["why"] for row in found["candidates"])


async def test_every_candidate_and_every_step_is_read_on_lines_of_its_own(server: DeskServer) -> None:
    async with connected(server) as client:
        ideas = await client.call_tool("trade_suggest_strikes", {"symbol": "SPY", "outlook": "bullish"})
        look = await client.call_tool("trade_analyze_opportunity", {**SPREAD, "expiry": MONTH.isoformat()})
    said = [getattr(each.content[0], "text", "") for each in (ideas, look)]
    assert sum(line.startswith("- rank ") for line in said[0].splitlines()) == 5
    assert sum(line.startswith("- name ") for line in said[1].splitlines()) == 5
    assert "headlines" in said[1]
    assert not any("{name" in text for text in said)


async def test_a_candidate_can_be_staged_as_it_is(server: DeskServer, execution: FakeExecution) -> None:
    async with connected(server) as client:
        ideas = await client.call_tool("trade_suggest_strikes", {"symbol": "SPY", "outlook": "neutral"})
        assert ideas.structured_content is not None
        best = ideas.structured_content["candidates"][0]["strategy_id"]
        staged = await client.call_tool("trade_execute", {"strategy_id": best})
    assert not staged.is_error
    assert execution.calls[-1][1]["draft"].strategy_id == best


async def test_where_nothing_fits_the_summary_names_the_nearest(server: DeskServer) -> None:
    found = await ask(server, "trade_suggest_strikes", symbol="SPY", strategy_type="long_call", max_loss=1)
    assert found["candidates"] == []
    assert "none fits" in found["summary"]
    assert "the least" in found["summary"]


@pytest.mark.parametrize(
    ("field", "arguments"),
    [("outlook", {"outlook": "sideways"}), ("min_pop", {"min_pop": 300}), ("min_dte", {"min_dte": -1})],
)
async def test_a_bad_wish_names_its_field(server: DeskServer, field: str, arguments: dict[str, Any]) -> None:
    found = await ask(server, "trade_suggest_strikes", symbol="SPY", **arguments)
    assert found["expected"].startswith(f"{field}:")


async def test_five_steps_have_figures_thresholds_and_a_draft(
    server: DeskServer, execution: FakeExecution
) -> None:
    execution.margin = MARGIN
    found = await ask(server, "trade_analyze_opportunity", **SPREAD, expiry=MONTH.isoformat())
    names = [each["name"] for each in found["steps"]]
    assert names == ["news", "volatility", "chain", "strategy", "risk"]
    assert found["strategy_id"].startswith("str_")
    assert all(each["threshold"] and each["figures"] for each in found["steps"][2:])
    assert step(found, "strategy")["status"] == "pass"
    assert step(found, "risk")["status"] == "pass"


async def test_what_cannot_be_looked_at_is_unknown_and_never_a_pass(server: DeskServer) -> None:
    """The broker's what-if gives nothing here, and the quotes tell no open interest."""
    found = await ask(server, "trade_analyze_opportunity", **SPREAD, expiry=MONTH.isoformat())
    assert step(found, "risk")["status"] == "unknown"
    assert found["status"] != "pass"


async def test_a_broken_limit_fails_the_risk_with_its_figures(
    server: DeskServer, execution: FakeExecution
) -> None:
    execution.margin = MARGIN
    execution.breaches = (
        Breach(
            control="C-03",
            code="max_loss_too_large",
            message="max loss 900 is above 500",
            expected="at most 500",
            found="900",
        ),
    )
    found = await ask(server, "trade_analyze_opportunity", **SPREAD, expiry=MONTH.isoformat())
    assert step(found, "risk")["status"] == "fail"
    assert "C-03: max loss 900 is above 500" in step(found, "risk")["sentence"]
    assert found["status"] == "fail"


async def test_a_short_look_skips_news_and_volatility_and_says_so(server: DeskServer) -> None:
    found = await ask(
        server, "trade_analyze_opportunity", **SPREAD, expiry=MONTH.isoformat(), run_full_analysis=False
    )
    assert [each["status"] for each in found["steps"][:2]] == ["skipped", "skipped"]
    assert "News and volatility were not looked at" in found["summary"]


async def test_a_leg_without_a_market_fails_the_chain_and_not_the_tool(
    server: DeskServer, desk: Desk
) -> None:
    market: Any = desk.strategies.market
    market.missing = {make_option_id(590)}
    found = await ask(server, "trade_analyze_opportunity", **SPREAD, expiry=MONTH.isoformat())
    assert [step(found, name)["status"] for name in ("chain", "strategy", "risk")] == [
        "fail",
        "unknown",
        "unknown",
    ]
    assert found["strategy_id"] is None


def make_option_id(strike: int) -> int:
    return make_option(SPY, MONTH, strike, Right.PUT).con_id


async def test_unlisted_strikes_are_the_caller_s_to_correct(server: DeskServer) -> None:
    found = await ask(
        server,
        "trade_analyze_opportunity",
        symbol="SPY",
        strategy_type="bull_put_spread",
        strikes=[581, 591],
        expiry=MONTH.isoformat(),
    )
    assert found["code"] == "strike_not_listed"


@pytest.mark.parametrize(
    ("strikes", "stands"), [([580, 590], "sells volatility"), ([610, 620], "buys volatility")]
)
async def test_the_strikes_say_which_way_a_vertical_stands_to_volatility(
    server: DeskServer, strikes: list[int], stands: str
) -> None:
    """The put spread below the price sells it; above the price it owns it."""
    asked = {**SPREAD, "strikes": strikes, "expiry": MONTH.isoformat()}
    found = await ask(server, "trade_analyze_opportunity", **asked)
    assert stands in step(found, "volatility")["threshold"]


async def test_candidates_are_counted_among_the_drafts_and_not_listed(server: DeskServer) -> None:
    """A few questions would fill the session's list with what nobody chose."""
    async with connected(server) as client:
        await client.call_tool("trade_suggest_strikes", {"symbol": "SPY", "outlook": "bullish"})
        asked = {"symbol": "SPY", "strategy_type": "long_call"}
        await client.call_tool("trade_calculate_strategy", asked)
        session = await client.call_tool("trade_get_session_status", {})
    assert session.structured_content is not None
    assert [row["strategy_type"] for row in session.structured_content["drafts"]] == ["long_call"]
    assert "1 draft(s) and" in session.structured_content["summary"]
