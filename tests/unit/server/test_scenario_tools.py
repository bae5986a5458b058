"""Scenarios as a model asks for them: one number or many, as text or not, and the answer says how."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.support.fake_market import MONTH, SPY, make_option
from tests.unit.risk.held import Account, held
from tests.unit.server.test_calls import call

from sumppump.domain.instruments import Right
from sumppump.server.app import build_server
from sumppump.server.desk import Desk

ROWS = [held(2, make_option(SPY, MONTH, 600, Right.CALL)), held(-3, make_option(SPY, MONTH, 580, Right.PUT))]


async def asked(desk: Desk, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structure of an answer on an account that holds two kinds of options."""
    server = build_server(replace(desk, portfolio=Account(list(ROWS)).desk), profile="read")
    result = await call(server, tool, **arguments)
    return dict(result.structured_content or {})


@pytest.mark.parametrize("days", [7, "7", [7], "[7]"])
async def test_one_number_is_a_list_of_one(desk: Desk, days: object) -> None:
    """Claim: lists did not take plain numbers away. Provenance: tools page, parameters of this tool."""
    said = await asked(desk, "trade_analyze_greeks", time_decay_days=days, iv_change=5)
    assert (said["decay"]["days"], said["volatility"]["iv_change"]) == (7.0, 5.0)
    assert [(plane["days"], plane["iv_change"]) for plane in said["grid"]] == [
        (0.0, 0.0), (0.0, 5.0), (7.0, 0.0), (7.0, 5.0),
    ]  # fmt: skip


async def test_now_among_the_dates_does_not_silence_what_time_and_volatility_do(
    desk: Desk,
) -> None:
    """Claim: a list that begins with 0 says of decay and of the rows what one without it says."""
    with_now = await asked(desk, "trade_analyze_greeks", time_decay_days=[0, 1, 3], iv_change=[0, 5])
    without = await asked(desk, "trade_analyze_greeks", time_decay_days=[1, 3], iv_change=[5])
    assert with_now["decay"]["days"] == 1.0
    for figures in ("decay", "volatility", "scenarios"):
        assert with_now[figures] == without[figures]
    only_now = await asked(desk, "trade_analyze_greeks", time_decay_days=0)
    assert only_now["decay"]["days"] == only_now["decay"]["pnl"] == 0.0


async def test_dates_and_changes_of_volatility_make_a_grid_over_the_moves(desk: Desk) -> None:
    """Claim: spot, volatility and date together, every row as long as the scenarios. Provenance: RK rows."""
    said = await asked(
        desk,
        "trade_analyze_greeks",
        scenario_moves=[-10, 0, 10],
        time_decay_days="1, 7, 21",
        iv_change=[-5, 5],
    )
    assert len(said["grid"]) == 4 * 3
    assert {len(plane["pnl"]) for plane in said["grid"]} == {3}
    assert [row["move_pct"] for row in said["scenarios"]] == [-10.0, 0.0, 10.0]
    assert any("time_decay_days" in words for words in said["read_as"])


@pytest.mark.parametrize("words", ["sticky_delta", "Sticky Delta", "sticky-delta"])
async def test_the_rule_of_smiles_is_asked_for_in_any_spelling_and_said(desk: Desk, words: str) -> None:
    """Claim: the tool says which rule it used. Provenance: issue of strategies and risk, section 2."""
    moving = await asked(desk, "trade_analyze_greeks", smile=words)
    staying = await asked(desk, "trade_analyze_greeks")
    assert (moving["smile"], staying["smile"]) == ("sticky_delta", "sticky_strike")
    assert any(line.startswith("sticky delta") for line in moving["method"])
    assert moving["scenarios"][0]["pnl"] != pytest.approx(staying["scenarios"][0]["pnl"], abs=20.0)
    assert moving["totals"] == staying["totals"]


async def test_another_rule_is_refused_with_both_words(desk: Desk) -> None:
    said = await asked(desk, "trade_analyze_greeks", smile="sticky tape")
    assert "sticky_strike, sticky_delta" in said["expected"]


@pytest.mark.parametrize("level", ["95%", 95, "0.95", 0.95])
async def test_a_confidence_may_be_written_in_percent(desk: Desk, level: object) -> None:
    """Claim: percent are read as such and echoed. Provenance: settled, 13."""
    said = await asked(desk, "trade_get_portfolio_risk", confidence=level)
    assert {row["confidence"] for row in said["var"]} >= {0.95}
    assert bool(said["read_as"]) == (level != 0.95)
