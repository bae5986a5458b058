"""Quotes of single contracts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.data.quotes import OFFERED
from sumppump.server.coercion import Text, choice
from sumppump.server.desk import Call
from sumppump.server.market.quote_views import QuoteAnswer, quote_answer
from sumppump.server.parameters import enum
from sumppump.server.registry import market_tool

ASSET_TYPES = tuple(kind.value for kind in OFFERED)


async def trade_get_quote(
    call: Call,
    symbol: Annotated[Text, Field(description="Ticker, or an option such as SPY 2026-12-18 500C")],
    asset_type: Annotated[
        str | None,
        choice(*ASSET_TYPES, stock="STK", etf="STK", option="OPT", index="IND"),
        enum(*ASSET_TYPES),
        Field(description="Default: what the text looks like"),
    ] = None,
) -> QuoteAnswer:
    """Quotes one share, ETF, index or option: bid, ask, last, mid, change, width, and Greeks for options.

    Use trade_get_options_chain for many options at once, trade_find_contract when a symbol is unclear.
    """
    reading = await call.desk.market.quotes.quote(symbol, asset_type or "")
    call.desk.execution.conversation.look(reading.instrument.symbol)
    return quote_answer(reading, call.desk.clock.monotonic())


TOOLS = (market_tool(trade_get_quote, "Quote", QuoteAnswer),)
