"""Quotes of single contracts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.data.meaning import OFFERED
from sumppump.server.coercion import Text, choice
from sumppump.server.desk import Call
from sumppump.server.market.quote_views import QuoteAnswer, quote_answer
from sumppump.server.parameters import enum
from sumppump.server.registry import market_tool

ASSET_TYPES = tuple(kind.value for kind in OFFERED)
_ALIASES = {
    "stock": "STK", "etf": "STK", "option": "OPT", "index": "IND", "future": "FUT", "futures": "FUT",
    "forex": "CASH", "fx": "CASH", "coin": "CRYPTO",
}  # fmt: skip
_KIND = choice(*ASSET_TYPES, **_ALIASES)


async def trade_get_quote(
    call: Call,
    symbol: Annotated[Text, Field(description="E.g. SPY, SPY 2026-12-18 500C, ESZ6, EUR/USD, BTC-USD")],
    asset_type: Annotated[
        str | None,
        _KIND,
        enum(*ASSET_TYPES),
        Field(description="Default: what the symbol looks like"),
    ] = None,
) -> QuoteAnswer:
    """Quotes one share, ETF, option, index, future, currency pair or coin, with Greeks for options.

    Use trade_get_watchlist_quotes for several, trade_get_options_chain for many options of one underlying.
    """
    reading = await call.desk.market.quotes.quote(symbol, asset_type or "")
    call.desk.execution.conversation.look(reading.instrument.symbol)
    return quote_answer(reading, call.desk.clock.monotonic())


TOOLS = (market_tool(trade_get_quote, "Quote", QuoteAnswer),)
