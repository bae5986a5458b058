"""A trader looks at contracts of every kind and keeps a list, over real pipes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.program import home_with_exchange, talking

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One exchange for all: starting one takes seconds."""
    with home_with_exchange(tmp_path_factory.mktemp("home")) as folder:
        yield folder


async def test_every_kind_is_quoted_and_a_list_outlives_the_program(home: Path) -> None:
    """Claim: one answer for all kinds, and readers see the lists. Provenance: tools page, settled 22."""
    symbols = ["SPY", "ES", "EUR/USD", "BTC-USD", "NOPE"]
    async with talking(home) as talk:
        board = await talk.ask("trade_get_watchlist_quotes", symbols=symbols, save_as="desk")
        assert len(board["quotes"]) == 4
        assert [row["symbol"] for row in board["errors"]] == ["NOPE"]
        assert (await talk.ask("trade_get_index_quote", symbol="VIX"))["last"] > 0
        index = await talk.ask("trade_get_index_quote", symbol="DJX")
        assert (index["code"], index["found"]) == ("unknown_contract", "DJX")
        found = await talk.ask("trade_find_contract", query="SPX 2026-12-18 6800C")
        assert {row["trading_class"] for row in found["candidates"]} == {"SPX", "SPXW"}
    async with talking(home, "legacy", "--read-only") as reader:
        lists = (await reader.ask("trade_manage_watchlist"))["watchlists"]
        assert lists == [{"name": "desk", "symbols": symbols[:-1]}]
        again = await reader.ask("trade_get_watchlist_quotes", watchlist="DESK")
        assert len(again["quotes"]) == 4


async def test_the_check_tries_each_kind_of_feed(home: Path) -> None:
    """Claim: shares, an option, an index, a future; nothing is missing here. Provenance: tools page."""
    async with talking(home) as talk:
        report = await talk.ask("trade_check_market_data")
        assert {row["asset_type"] for row in report["feeds"]} == {"STK", "OPT", "IND", "FUT"}
        assert {row["feed"] for row in report["feeds"]} == {"live"}
        assert (report["missing_subscriptions"], report["can_trade_on_it"]) == ([], True)
