"""Twenty positions in fourteen underlyings: every answer about them has at most 8,000 bytes, JSON and text.

What does not find room is counted, and named is how to reach it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any

import pytest
from tests.unit.portfolio.test_trade_history import WORTH, Past, fill, traded
from tests.unit.risk.wide import NAMES, wide_account, wide_book
from tests.unit.server import fakes
from tests.unit.server.conftest import connected
from tests.unit.server.test_calls import call, code_of, text_of

from sumppump.domain.journal import TradeRecord
from sumppump.domain.orders import OrderState
from sumppump.domain.tickets import TicketKind
from sumppump.domain.trade import TradeState
from sumppump.server import calls
from sumppump.server.app import DeskServer, build_server
from sumppump.server.calls import MAX_BYTES
from sumppump.server.desk import Desk
from sumppump.server.portfolio.trade_history_views import history_answer
from sumppump.server.room import fullest
from sumppump.server.text import render
from sumppump.server.views import Answer

pytestmark = pytest.mark.anyio
MOST = 8_000


@pytest.fixture
def wide(desk: Desk) -> DeskServer:
    """A server on an account that holds the wide book."""
    return build_server(replace(desk, portfolio=wide_account().desk), profile="read")


async def short(server: DeskServer, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structure of an answer that is short in both forms."""
    result = await call(server, tool, **arguments)
    assert not result.is_error, text_of(result)
    said = dict(result.structured_content or {})
    structure = json.dumps(said, separators=(",", ":"), ensure_ascii=False)
    assert len(structure.encode()) <= MOST
    assert len(text_of(result).encode()) <= MOST
    return said


async def pages(server: DeskServer, tool: str, **arguments: Any) -> list[dict[str, Any]]:
    """Every page, each of them short."""
    found = [await short(server, tool, **arguments)]
    while (cursor := found[-1]["next_cursor"]) is not None:
        found.append(await short(server, tool, cursor=cursor, **arguments))
    return found


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("trade_get_positions", {}),
        ("trade_get_portfolio_summary", {"include_closed_today": True}),
        ("trade_analyze_greeks", {}),
        ("trade_analyze_greeks", {
            "smile": "sticky_delta", "time_decay_days": [1, 7, 14, 30], "iv_change": [-5, 5],
        }),
        ("trade_analyze_greeks", {"include_individual": True, "symbol": "SPY"}),
        ("trade_get_portfolio_risk", {}),
        ("trade_get_portfolio_risk", {"confidence": 0.97, "horizon_days": 5}),
        ("trade_get_portfolio_risk", {"symbol": "SPY"}),
        ("trade_check_margin_risk", {}),
        ("trade_get_assignment_risk", {}),
    ],
)  # fmt: skip
async def test_every_answer_about_a_wide_book_is_short(
    wide: DeskServer, tool: str, arguments: dict[str, Any]
) -> None:
    """Claim: 8,000 bytes of text and of structure. Provenance: tools page, budgets; regression, 8,250."""
    assert (await short(wide, tool, **arguments))["summary"]


async def test_each_strategy_and_leg_of_a_wide_book_is_on_one_page(wide: DeskServer) -> None:
    """Claim: strategies first, then legs, each once. Provenance: regression, the answer was refused."""
    found = await pages(wide, "trade_analyze_greeks", include_individual=True)
    rows = [row for page in found for row in page["individual"]]
    sources = [row["source"] == "sum of its legs" for row in rows]
    legs = [row["label"] for row in rows if row["source"] != "sum of its legs"]
    assert sources == sorted(sources, reverse=True)
    assert sorted(legs) == sorted(row.instrument.label for row in wide_book())
    assert {page["individual_count"] for page in found} == {len(rows)}
    assert found[0]["scenarios"]
    assert all(page["totals"] == found[0]["totals"] for page in found)
    assert not any(page["scenarios"] for page in found[1:])


async def test_a_symbol_asks_for_its_strategies_and_legs_alone(wide: DeskServer) -> None:
    """Claim: named, it needs no other flag; the sums stay the whole book's. Provenance: our decision."""
    said, whole = [await short(wide, "trade_analyze_greeks", symbol=name) for name in ("aapl", None)]
    assert [row["label"] for row in said["individual"]] == [
        "AAPL bull_call_spread", "AAPL", "AAPL 2026-12-18 600C", "AAPL 2026-12-18 620C",
    ]  # fmt: skip
    assert said["by_underlying"][0]["symbol"] == "AAPL"
    assert (said["totals"], whole["individual"]) == (whole["totals"], [])


async def test_a_cursor_that_begins_no_page_of_legs_is_refused(wide: DeskServer) -> None:
    """Claim: what was listed may have changed. Provenance: tools page."""
    assert code_of(await call(wide, "trade_analyze_greeks", cursor=99)) == "invalid_cursor"


@pytest.mark.parametrize("tool", ["trade_analyze_greeks", "trade_get_positions", "trade_check_margin_risk"])
async def test_an_answer_that_is_too_long_names_only_parameters_of_its_tool(
    wide: DeskServer, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    """Claim: no advice that the tool would refuse. Provenance: regression, `limit` of the Greeks."""
    monkeypatch.setattr(calls, "MAX_BYTES", 100)
    result = await call(wide, tool)
    assert code_of(result) == "answer_too_large"
    (step,) = dict(result.structured_content or {})["next_steps"]
    async with connected(wide) as client:
        (card,) = [each for each in (await client.list_tools()).tools if each.name == tool]
    words = set(step.rstrip(".").removeprefix("Ask for less: ").split(", "))
    assert words <= set(card.input_schema["properties"]) or step == f"{tool} cannot be asked for less."


async def test_correlations_leave_out_what_follows_one_index_and_count_what_is_not_shown(
    wide: DeskServer,
) -> None:
    """Claim: SPX, XSP and SPY are one source, said once. Provenance: regression, three pairs of 1.00."""
    said = await short(wide, "trade_get_portfolio_risk")
    shown, note = said["correlation"], said["correlation_note"]
    assert all(row["correlation"] < 0.9 for row in shown)
    assert "SPX, SPY, XSP (S&P 500)" in note
    sources = len(NAMES) - 2
    count = sources * (sources - 1) // 2
    assert f"{len(shown)} of {count} pairs, {count - len(shown)} not shown" in note
    assert sum(row["name"].endswith(" others") for row in said["by_underlying"]) == 1


async def test_one_symbol_shows_all_of_its_correlations(wide: DeskServer) -> None:
    """Claim: one with each other source, and the losses stay the whole book's. Provenance: our decision."""
    said, whole = [await short(wide, "trade_get_portfolio_risk", symbol=name) for name in ("SPY", None)]
    pairs = [row["pair"].split("/") for row in said["correlation"]]
    assert {name for pair in pairs for name in pair} == set(NAMES) - {"SPX", "XSP"}
    assert all("SPY" in pair for pair in pairs)
    assert said["by_underlying"][0]["name"] == "SPY"
    assert (said["var"], said["stress"]) == (whole["var"], whole["stress"])


async def test_units_name_the_delta_of_a_position_and_that_of_a_leg(wide: DeskServer) -> None:
    """Claim: one counts shares, the other is per share. Provenance: regression."""
    units = (await short(wide, "trade_get_positions", symbol="AAPL"))["greek_units"]
    assert "delta shares" in units
    assert "delta of a leg: per share" in units


async def test_every_closed_trade_and_execution_is_on_one_page() -> None:
    """Claim: cursor goes on in both lists until both are told. Provenance: regression, 10 of 42."""
    past = traded(*["-6.00"] * 23)
    past.fills = [fill(number, "0", order_ref=f"SP1-{number:026d}") for number in range(42)]
    found = await past.history()
    trades, executions, cursor = [], [], None
    while True:
        page = history_answer(found, WORTH, cursor)
        assert len(page.model_dump_json().encode()) <= MOST
        assert len(render("SIM", page.payload()).encode()) <= MOST
        trades += [each.strategy_id for each in page.trades]
        executions += [each.order_ref for each in page.executions or ()]
        if (cursor := page.next_cursor) is None:
            break
    assert trades == [each.trade_id for each in found.trips]
    assert executions == [each.order_ref for each in found.executions or ()]
    assert page.warnings == ["all 23 trades were on the pages before", "41 to 42 of 42 executions are listed"]


async def test_a_short_past_has_no_further_page() -> None:
    """Claim: no cursor, no warning. Provenance: our decision."""
    page = history_answer(await Past().history(), WORTH)
    assert (page.next_cursor, page.warnings) == (None, [])


@pytest.mark.parametrize("waiting", [False, True])
@pytest.mark.parametrize("count", [18, 40])
async def test_the_session_of_a_busy_day_is_short_and_pages_reach_all(
    server: DeskServer, execution: fakes.FakeExecution, count: int, waiting: bool
) -> None:
    """Claim: 18 trades held in as many names, with their tickets. Provenance: regression, 8,959 bytes."""
    execution.trade_rows = [
        TradeRecord(
            strategy_id=f"drf_{number:026d}", symbol=name, state=TradeState.STOP_DECLINED,
            title=f"Iron condor · {name} · 2× · 2027-01-15 560/580/620/640",
            reason="the person wants no stop: a mental stop at twice the credit",
        )
        for number, name in zip(range(count), cycle(NAMES), strict=False)
    ]  # fmt: skip
    for _ in range(count):
        made = execution._make(TicketKind.OPEN)
        if not waiting:
            view = execution.board[made.ticket_id]
            execution.board[made.ticket_id] = replace(view, state=OrderState.FILLED, seconds_left=0.0)
    found = await pages(server, "trade_get_session_status")
    trades = [row["strategy_id"] for page in found for row in page["trades"]]
    tickets = [row["ticket_id"] for page in found for row in page["tickets"]]
    assert trades == [row.strategy_id for row in execution.trade_rows]
    assert len(tickets) == len(set(tickets)) == count


@dataclass(frozen=True)
class _Sizes:
    """Sizes that were tried."""

    tried: list[int]

    def build(self, size: int) -> Answer:
        self.tried.append(size)
        return Answer(summary="x" * size)


def test_the_fullest_answer_that_has_room_is_given_else_the_last() -> None:
    """Claim: nothing is built beyond the first that fits. Provenance: our decision."""
    sizes = _Sizes([])
    assert len(fullest(sizes.build, [9_000, 5_000, 10]).summary) == 5_000
    assert sizes.tried == [9_000, 5_000]
    assert len(fullest(sizes.build, [30_000, MAX_BYTES]).summary) == MAX_BYTES
