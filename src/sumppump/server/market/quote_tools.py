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
    "stock": "STK", "equity": "STK", "etf": "STK", "option": "OPT", "options": "OPT", "index": "IND",
    "future": "FUT", "futures": "FUT", "forex": "CASH", "fx": "CASH", "currency": "CASH", "coin": "CRYPTO",
}  # fmt: skip
INDEXES = ("SPX", "NDX", "RUT", "VIX", "DJX", "XSP")
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
    return await _quoted(call, symbol, asset_type or "")


async def trade_get_index_quote(
    call: Call,
    symbol: Annotated[str, choice(*INDEXES), enum(*INDEXES), Field(description="Which index, e.g. SPX")],
) -> QuoteAnswer:
    """Quotes one of the indexes that options are written on: level, range and change.

    Use trade_get_quote for anything else.
    """
    return await _quoted(call, symbol, "IND")


async def _quoted(call: Call, symbol: str, asset_type: str) -> QuoteAnswer:
    reading = await call.desk.market.quotes.quote(symbol, asset_type)
    call.desk.execution.conversation.look(reading.instrument.symbol)
    return quote_answer(reading, call.desk.clock.monotonic())


TOOLS = (
    market_tool(trade_get_quote, "Quote", QuoteAnswer),
    market_tool(trade_get_index_quote, "Index quote", QuoteAnswer),
)
