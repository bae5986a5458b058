"""Books, tape, news and scans through the whole program on the exchange: figures that agree, and bad days."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.stack import Host, running, talking

from sumppump.exchange.control import Plain
from sumppump.exchange.entitlements import Entitlements, Feed

pytestmark = pytest.mark.anyio
ROOM = 8_000


async def small(host: Host, tool: str, **arguments: Any) -> dict[str, Any]:
    """An answer that is no refusal, within its size in text and structure."""
    answer = await host.ask(tool, **arguments)
    assert "code" not in answer, answer
    assert len(host.stack.said[-1].encode()) <= ROOM
    assert len(json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()) <= ROOM
    return answer


async def test_a_trader_looks_around(tmp_path: Path) -> None:
    """Book, impact, tape, quote and scan speak of the same market."""
    async with running(tmp_path) as stack, talking(stack) as host:
        stack.exchange.run(Plain.PAUSE)
        book = await small(host, "trade_get_market_depth", symbol="SPY", levels=3)
        quote = await small(host, "trade_get_quote", symbol="SPY")
        assert (book["bids"][0]["price"], book["asks"][0]["price"]) == (quote["bid"], quote["ask"])
        depth = await small(host, "trade_get_depth_analytics", symbol="SPY")
        buy = next(one for one in depth["price_impact"] if (one["side"], one["quantity"]) == ("buy", 100))
        assert buy["vwap"] >= depth["mid_price"]
        tape = await small(host, "trade_get_recent_trades", symbol="SPY", count=50)
        assert tape["low"] * 0.99 < quote["mid"] < tape["high"] * 1.01
        scan = await small(
            host, "trade_scan_market", scan_type="high_iv", symbols=["SPY", "AAPL"], min_iv_rank=0
        )
        assert {row["symbol"] for row in scan["results"]} == {"SPY", "AAPL"}
        assert all(0 <= row["iv_rank"] <= 100 and row["samples"] > 200 for row in scan["results"])


async def test_the_exchange_s_own_attacks_come_out_as_words(tmp_path: Path) -> None:
    """Its newsroom writes instructions, escape codes, markup and bidi marks into headlines and bodies."""
    async with running(tmp_path) as stack, talking(stack) as host:
        articles = [
            article
            for symbol in ("AAPL", "MSFT", "NVDA", "AMD", "TSLA", "META", "AMZN", "INTC", "IBM", "KO", "JPM")
            for article in (await small(host, "trade_get_news", symbol=symbol, num_articles=20))["articles"]
        ]
    texts = [text for one in articles for text in (one["title"], one["body"]) if text]
    assert any("IGNORE ALL" in text or "DROP TABLE" in text or "SYSTEM:" in text for text in texts)
    assert all(text.isprintable() and not set(text) & set("<>|`") for text in texts)
    assert all(one["untrusted"] is True for one in articles)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("trade_get_market_depth", {"symbol": "SPY"}), ("trade_get_recent_trades", {"symbol": "SPY"})],
)
async def test_what_is_not_subscribed_is_said_and_comes_back(
    tmp_path: Path, tool: str, arguments: dict[str, Any]
) -> None:
    """Nothing of it is kept: with the permission back the same call answers."""
    async with running(tmp_path) as stack, talking(stack) as host:
        stack.exchange.hall.shared.entitlements = Entitlements(by_kind={"STK": Feed.NONE})
        refusal = await host.ask(tool, **arguments)
        assert refusal["code"] == "not_subscribed"
        stack.exchange.hall.shared.entitlements = Entitlements()
        await small(host, tool, **arguments)
