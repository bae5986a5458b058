"""How alive the market data is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.server.coercion import Symbols
from sumppump.server.desk import Call
from sumppump.server.market.feed_views import FeedsAnswer, feeds_answer
from sumppump.server.registry import market_tool


async def trade_check_market_data(
    call: Call,
    symbols: Annotated[Symbols, Field(description="E.g. [SPY, ESZ6]; default: some of each kind")] = None,
) -> FeedsAnswer:
    """Checks how alive market data is: feed per symbol, missing subscriptions, lines in use, broken farms.

    Use it when quotes are missing or old; trade_get_quote is enough for a price.
    """
    return feeds_answer(await call.desk.market.feeds.check(symbols or ()))


TOOLS = (market_tool(trade_check_market_data, "Market data check", FeedsAnswer),)
