"""Tools that look and draft, on a small listed market: their fields, and input that cannot be meant."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcp_types import ImageContent
from tests.unit.server import fakes
from tests.unit.server.conftest import connected
from tests.unit.server.test_calls import call, code_of, text_of

from sumppump.server.app import DeskServer

pytestmark = pytest.mark.anyio


async def facts(server: DeskServer, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await call(server, tool, **arguments)
    assert not result.is_error, text_of(result)
    assert result.structured_content is not None
    assert len(text_of(result)) <= 8_000
    assert len(json.dumps(result.structured_content, allow_nan=False)) <= 8_000
    return dict(result.structured_content)


async def test_a_quote_has_its_sides_and_what_is_missing_is_null(server: DeskServer) -> None:
    """Claim: bid, ask, last, mid by name; a figure that did not come is null. Provenance: tools page."""
    quote = await facts(server, "trade_get_quote", symbol="spy")
    assert (quote["bid"], quote["ask"], quote["last"], quote["mid"]) == (599.99, 600.01, 600.0, 600.0)
    assert quote["open"] is None
    assert quote["data_quality"] == {"state": "live", "age_s": 0.0, "notes": []}


@pytest.mark.parametrize("text", ["SPY 2026-12-18 600C", "SPY 12/18/26 600 call", "SPY   261218C00600000"])
async def test_an_option_is_quoted_as_people_write_it(server: DeskServer, text: str) -> None:
    """Claim: one contract, with Greeks and their source. Provenance: tools page."""
    quote = await facts(server, "trade_get_quote", symbol=text)
    assert quote["label"] == "SPY 2026-12-18 600C"
    assert quote["greeks"]["source"] == "ibkr_model"


@pytest.mark.parametrize(
    ("text", "asset_type", "label", "reading"),
    [
        ("ES", None, "ES 2026-12-18 future", "ES front month: 2026-12-18 (Fri), ESZ6"),
        ("ESH7", "future", "ES 2027-03-19 future", "ES 2027-03-19 (Fri), ESH7"),
        ("EUR/USD", "fx", "EUR.USD", "EUR.USD: USD for one EUR"),
        ("btc-usd", None, "BTC.USD", "BTC.USD: USD for one BTC"),
        ("SPX", "index", "SPX", "SPX"),
    ],
)
async def test_every_kind_is_quoted_by_what_people_write(
    server: DeskServer, text: str, asset_type: str | None, label: str, reading: str
) -> None:
    """Claim: futures, pairs, coins and indexes too, and the front month says so. Provenance: tools page."""
    quote = await facts(server, "trade_get_quote", symbol=text, asset_type=asset_type)
    assert (quote["label"], quote["reading"]) == (label, reading)


async def test_what_a_kind_never_has_is_null_with_its_reason(server: DeskServer) -> None:
    """Claim: an index has no sides, only options have Greeks. Provenance: law 1."""
    quote = await facts(server, "trade_get_index_quote", symbol="spx")
    assert (quote["bid"], quote["volume"], quote["mid"]) == (None, None, None)
    assert any("an index is computed, not traded" in reason for reason in quote["missing"])
    assert quote["greeks_missing"] == "only options have Greeks"
    assert "neither bid nor ask" not in str(quote["warnings"])


async def test_a_watchlist_is_quoted_kept_changed_and_removed(server: DeskServer) -> None:
    """Claim: errors by symbol, ranks, and lists under a name. Provenance: tools page."""
    board = await facts(server, "trade_get_watchlist_quotes", symbols="SPY, NOPE, SPX", save_as="mine")
    assert [row["symbol"] for row in board["quotes"]] == ["SPY", "SPX"]
    assert [(row["symbol"], row["code"]) for row in board["errors"]] == [("NOPE", "unknown_symbol")]
    assert (board["gainers"], board["losers"]) == (["SPY +0.42 %"], [])
    assert any("read as [SPY, NOPE, SPX]" in said for said in board["read_as"])
    again = await facts(server, "trade_get_watchlist_quotes", watchlist="MINE")
    assert [row["symbol"] for row in again["quotes"]] == ["SPY", "SPX"]
    manage = "trade_manage_watchlist"
    changed = await facts(server, manage, action="update", name="mine", symbols=["SPY"])
    assert changed["watchlists"] == [{"name": "mine", "symbols": ["SPY"]}]
    assert (await facts(server, manage, action="delete", name="mine"))["watchlists"] == []


async def test_fifty_quotes_fit_the_answer(server: DeskServer) -> None:
    """Claim: the most symbols there may be stay within 8 kB of text and of structure. Provenance: issue."""
    strikes = [f"SPY 2026-12-18 {strike}C" for strike in range(480, 730, 5)]
    board = await facts(server, "trade_get_watchlist_quotes", symbols=strikes)
    assert len(board["quotes"]) == 50


async def test_a_chain_names_its_columns_and_its_statistics(server: DeskServer) -> None:
    """Claim: the columns and figures of the agreed table. Provenance: tools page, last section."""
    chain = await facts(server, "trade_get_options_chain", symbol="SPY", expiry="2026-12-18")
    assert chain["columns"] == [
        "expiry", "strike", "right", "bid", "ask", "mid", "last", "volume", "open_interest",
        "iv", "delta", "gamma", "theta", "vega", "source",
    ]  # fmt: skip
    assert len(chain["rows"]) == 42
    assert {"put_call_ratio_volume", "put_call_ratio_open_interest", "atm_iv", "iv_by_expiry",
            "expected_move", "skew"} <= set(chain["statistics"])  # fmt: skip


async def test_a_chain_s_summary_names_the_expiry_of_each_figure(server: DeskServer) -> None:
    """Claim: an expected move without its day says nothing. Provenance: a trader's reading of the answers."""
    chain = await facts(server, "trade_get_options_chain", symbol="SPY", min_dte=5, max_dte=60, limit=20)
    first, last = chain["expiries"][0][:10], chain["expiries"][-1][:10]
    assert f"{len(chain['expiries'])} expiries {first} to {last}" in chain["summary"]
    assert f"Expected move to {first}:" in chain["summary"]


async def test_a_chain_can_be_paged_and_cut_to_columns(server: DeskServer) -> None:
    """Claim: next_cursor reaches the rest; fields leaves columns out. Provenance: tools page."""
    ask = {"symbol": "SPY", "expiry": "2026-12-18", "fields": "strike,right,delta"}
    first = await facts(server, "trade_get_options_chain", **ask, limit=30)
    assert first["columns"] == ["strike", "right", "delta"]
    second = await facts(server, "trade_get_options_chain", **ask, limit=30, cursor=first["next_cursor"])
    assert (len(first["rows"]), len(second["rows"]), second["next_cursor"]) == (30, 12, None)


async def test_the_largest_chain_stays_under_the_hard_limit(server: DeskServer) -> None:
    """Claim: 20 kB at most, whatever is asked. Provenance: tools page."""
    result = await call(
        server, "trade_get_options_chain", symbol="SPY", min_dte=0, max_dte=60, strikes_around=60, limit=120
    )
    assert not result.is_error
    assert len(json.dumps(result.structured_content)) <= 20_000


async def test_a_draft_has_every_figure_that_scripts_rely_on(server: DeskServer) -> None:
    """Claim: names and signs of the agreed fields. Provenance: tools page, last section."""
    draft = await facts(
        server, "trade_calculate_strategy", strategy_type="bull_call_spread", symbol="SPY", width=5, dte=30
    )
    assert draft["net_premium"] > 0
    assert draft["max_loss"] == pytest.approx(draft["net_premium"] * 100)
    assert draft["max_profit"] == pytest.approx(500 - draft["max_loss"])
    assert len(draft["breakevens"]) == 1
    assert 0 < draft["probability_of_profit"] < 1
    assert draft["dte"] == 30
    assert [(leg["side"], leg["ratio"], leg["right"]) for leg in draft["legs"]] == [
        ("BUY", 1, "C"),
        ("SELL", 1, "C"),
    ]
    assert "you PAY" in draft["summary"]
    assert draft["chart"].endswith(".png")


async def test_two_classes_on_one_day_are_told_apart_by_name(server: DeskServer) -> None:
    """Claim: SPX and SPXW are never mixed; the name settles it. Provenance: tools page."""
    refused = await call(server, DRAFT, symbol="SPX", strategy_type="long_call", expiry="2026-12-18")
    assert code_of(refused) == "ambiguous_contract"
    draft = await facts(
        server, DRAFT, symbol="SPX", strategy_type="long_call", expiry="2026-12-18", trading_class="SPXW"
    )
    assert len(draft["legs"]) == 1


async def test_a_written_contract_of_two_classes_is_found_with_both_names(server: DeskServer) -> None:
    """Claim: the sentence itself tells the candidates apart, not the con_ids alone."""
    found = await facts(server, "trade_find_contract", query="SPX 2026-12-18 600P")
    assert {row["trading_class"] for row in found["candidates"]} == {"SPX", "SPXW"}
    assert "of class SPX (con_id" in found["summary"]
    assert "of class SPXW (con_id" in found["summary"]


async def test_looking_and_drafting_move_the_conversation_on(
    server: DeskServer, execution: fakes.FakeExecution
) -> None:
    """Claim: quote and chain look, a draft selects, another symbol starts anew. Provenance: design 4."""
    states = []
    for tool, arguments in (
        ("trade_get_quote", {"symbol": "SPY"}),
        ("trade_calculate_strategy", {"symbol": "SPY", "strategy_type": "long_call"}),
        ("trade_get_options_chain", {"symbol": "SPY"}),
        ("trade_get_quote", {"symbol": "SPX"}),
    ):
        await facts(server, tool, **arguments)
        focus = execution.conversation.focus
        assert focus is not None
        states.append((focus.symbol, focus.state))
    assert states == [
        ("SPY", "ANALYZING"), ("SPY", "STRATEGY_SELECTED"),
        ("SPY", "STRATEGY_SELECTED"), ("SPX", "ANALYZING"),
    ]  # fmt: skip


async def test_an_unlimited_bound_is_null_with_its_reason_and_a_warning(server: DeskServer) -> None:
    """Claim: never an invented number for infinity. Provenance: tools page, last section."""
    call_option = await facts(server, "trade_calculate_strategy", strategy_type="long_call", symbol="SPY")
    assert call_option["max_profit"] is None
    assert "without limit" in call_option["max_profit_reason"]
    naked = await facts(server, "trade_calculate_strategy", strategy_type="short_straddle", symbol="SPY")
    assert naked["max_loss"] is None
    assert any("unlimited" in warning.lower() for warning in naked["warnings"])


@pytest.mark.parametrize(
    ("tool", "arguments", "most"),
    [
        ("trade_calculate_strategy", {"strategy_type": "long_put", "symbol": "SPY", "as_chart": True}, 2_500),
        ("trade_get_price_history", {"symbol": "SPY", "bar_size": "1 day", "as_chart": "yes"}, 1_800),
        ("trade_get_volatility_analysis", {"symbol": "SPY", "as_chart": True}, 3_500),
    ],
)
async def test_a_chart_comes_as_an_image_without_structure(
    server: DeskServer, tool: str, arguments: dict[str, Any], most: int
) -> None:
    """Claim: text and a PNG, no structured content. Provenance: settled 21."""
    result = await call(server, tool, **arguments)
    assert result.structured_content is None
    pictures = [part for part in result.content if isinstance(part, ImageContent)]
    assert [picture.mime_type for picture in pictures] == ["image/png"]
    assert pictures[0].data.startswith("iVBOR")
    # The figures of the picture come along in a few rows: the model does not see the image.
    assert len(text_of(result)) < most
    assert not {"bars:", "payoff:"} & set(text_of(result).splitlines())


async def test_history_has_bars_and_averages_only_from_enough_of_them(server: DeskServer) -> None:
    """Claim: five bars give no mean of twenty. Provenance: tools page."""
    history = await facts(server, "trade_get_price_history", symbol="SPY", bar_size="1 day")
    assert len(history["bars"]) == 5
    assert history["change"] == history["last_close"] - history["first_open"]
    assert all(mean["value"] is None for mean in history["moving_averages"])


CHAIN, DRAFT = "trade_get_options_chain", "trade_calculate_strategy"
SPREAD = {"strategy_type": "bull_call_spread", "symbol": "SPY"}


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "named"),
    [
        ("trade_get_quote", {}, "missing_argument", "symbol"),
        ("trade_get_quote", {"symbol": "NOPE"}, "unknown_symbol", "NOPE"),
        ("trade_get_quote", {"symbol": "SPY", "asset_type": "BOND"}, "invalid_asset_type", "asset_type"),
        ("trade_get_quote", {"symbol": "SPY 2026-12-19 600C"}, "expiry_not_listed", "2026-12-18"),
        ("trade_get_quote", {"symbol": "ES 2027-01"}, "expiry_not_listed", "2026-12-18 (ESZ6)"),
        ("trade_get_index_quote", {"symbol": "DJX"}, "unknown_symbol", "DJX"),
        ("trade_get_index_quote", {"symbol": "DAX"}, "invalid_symbol", "SPX"),
        ("trade_get_watchlist_quotes", {}, "invalid_symbols", "symbols"),
        ("trade_get_watchlist_quotes", {"watchlist": "none"}, "unknown_watchlist", "none"),
        ("trade_manage_watchlist", {"action": "create", "name": "../x", "symbols": ["SPY"]}, "invalid_name",
         "name"),
        ("trade_get_quote", {"symbol": "x" * 500}, "invalid_symbol", "symbol"),
        (CHAIN, {"symbol": "SPY", "expiry": "2026-12-19"}, "expiry_not_listed", "2026-12-18"),
        (CHAIN, {"symbol": "SPY", "min_dte": 40, "max_dte": 20}, "invalid_min_dte", "min_dte"),
        (CHAIN, {"symbol": "SPY", "min_delta": 0.5, "max_delta": 0.2}, "invalid_min_delta",
         "min_delta"),
        (CHAIN, {"symbol": "SPY", "limit": 0}, "invalid_limit", "limit"),
        (CHAIN, {"symbol": "SPY", "limit": 5000}, "invalid_limit", "limit"),
        (CHAIN, {"symbol": "SPY", "fields": ["gama"]}, "invalid_fields", "fields"),
        (CHAIN, {"symbol": "SPY", "right": "X"}, "invalid_right", "right"),
        (CHAIN, {"symbol": "SPY", "cursor": "zzz"}, "invalid_cursor", "cursor"),
        ("trade_get_price_history", {"symbol": "SPY", "duration": "soon"}, "invalid_duration", "duration"),
        ("trade_get_price_history", {"symbol": "SPY", "bar_size": "7 min"}, "invalid_bar_size", "bar_size"),
        ("trade_get_positions", {"group_by": "moon"}, "invalid_group_by", "group_by"),
        (DRAFT, {"symbol": "SPY"}, "missing_argument", "strategy_type"),
        (DRAFT, SPREAD | {"strategy_type": "moonshot"}, "unknown_strategy_type",
         "strategy_type"),
        (DRAFT, SPREAD | {"strikes": [605, 600]}, "invalid_strikes", "strikes"),
        (DRAFT, SPREAD | {"strikes": [600]}, "invalid_strikes", "strikes"),
        (DRAFT, SPREAD | {"strikes": [600, 603], "expiry": "2026-12-18"}, "strike_not_listed", "605"),
        (DRAFT, SPREAD | {"quantity": 0}, "invalid_quantity", "quantity"),
        (DRAFT, SPREAD | {"quantity": -1}, "invalid_quantity", "quantity"),
        (DRAFT, SPREAD | {"quantity": 1.5}, "invalid_quantity", "quantity"),
        (DRAFT, SPREAD | {"expiry": "2020-01-17"}, "invalid_expiry", "expiry"),
        (DRAFT, SPREAD | {"expiry": "2026-12-17"}, "expiry_not_listed", "2026-12-18"),
        (DRAFT, SPREAD | {"width": -5}, "invalid_width", "width"),
        (DRAFT, SPREAD | {"dte": -3}, "invalid_dte", "dte"),
        (DRAFT, SPREAD | {"symbol": "NOPE"}, "unknown_symbol", "NOPE"),
    ],
)  # fmt: skip
async def test_what_cannot_be_meant_is_named(
    server: DeskServer, tool: str, arguments: dict[str, Any], code: str, named: str
) -> None:
    """Claim: a stable code, and field or neighbours by name. Provenance: tools page, last section."""
    result = await call(server, tool, **arguments)
    assert code_of(result) == code
    assert named in text_of(result)


async def test_assumed_figures_and_costs_with_commissions_are_named_so(server: DeskServer) -> None:
    """Claim: a rate that nobody looked up is no fact; the broker's average cost holds its commissions."""
    draft = await facts(
        server, "trade_calculate_strategy", strategy_type="bull_call_spread", symbol="SPY", width=5, dte=30
    )
    assert "dividend_yield" in draft["assumed"]
    held = await facts(server, "trade_get_positions")
    assert "includes commissions" in held["cost_note"]


INDEX = "trade_get_index_options"


async def test_index_options_say_how_each_class_settles(server: DeskServer) -> None:
    """Claim: SPX and SPXW apart, settlement said, 0.1 is ten percent. Provenance: tools page, settled 13."""
    both = await facts(server, INDEX, symbol="SPX", expiry="2026-12-18")
    assert [each.split(", ", 2)[-1] for each in both["expiries"]] == [
        "monthly, SPX AM-settled, last trades 2026-12-17",
        "monthly, SPXW PM-settled",
    ]
    place = both["columns"].index("trading_class")
    assert {row[place] for row in both["rows"]} == {"SPX", "SPXW"}
    assert "strike_range_pct: 0.1 read as 10 %" in both["read_as"]
    one = await facts(
        server, INDEX, symbol="spx", expiry="2026-12-18", trading_class="SPXW", strike_range_pct=1
    )
    assert "trading_class" not in one["columns"]
    assert {row[1] for row in one["rows"]} == {595.0, 600.0, 605.0}


async def test_an_index_that_is_none_is_refused_by_name(server: DeskServer) -> None:
    """Claim: the error names the choices and where shares are asked for. Provenance: tools page."""
    refused = await call(server, INDEX, symbol="SPY")
    assert code_of(refused) == "invalid_symbol"
    assert "XSP" in text_of(refused)
    assert "trade_get_options_chain" in text_of(refused)


async def test_more_rows_than_an_answer_holds_are_cut_and_said(server: DeskServer) -> None:
    """Claim: a limit that 20 kB do not hold is read as what they hold. Provenance: settled 20."""
    wide = {"symbol": "SPY", "min_dte": 0, "max_dte": 60, "strikes_around": 60, "limit": 400}
    full = await call(server, CHAIN, **wide)
    assert full.structured_content is not None
    assert 100 < len(full.structured_content["rows"]) < 400
    assert "which is what one answer holds" in full.structured_content["read_as"][0]
    narrow = await call(server, CHAIN, **wide, fields="strike,right,delta")
    assert narrow.structured_content is not None
    assert len(narrow.structured_content["rows"]) == 400


async def test_a_chain_tells_how_it_gets_on_in_both_eras(server: DeskServer) -> None:
    """Claim: progress rises to the total, few enough times. Provenance: users page, the MCP specification."""
    for mode in ("auto", "legacy"):
        heard: list[tuple[float, float | None]] = []

        async def told(done: float, total: float | None, words: str | None) -> None:
            assert words is not None
            heard.append((done, total))  # noqa: B023

        async with connected(server, mode=mode) as client:
            await client.call_tool(CHAIN, {"symbol": "SPY", "expiry": "2026-12-18"}, progress_callback=told)
        assert heard == sorted(heard)
        assert 5 < len(heard) < 50
        assert heard[-1][0] == heard[-1][1]
