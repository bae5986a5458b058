"""Order books."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.data.depth import MOST_LEVELS
from sumppump.server.coercion import Count
from sumppump.server.desk import Call
from sumppump.server.market.depth_views import (
    DepthAnalyticsAnswer,
    DepthAnswer,
    depth_analytics_answer,
    depth_answer,
)
from sumppump.server.parameters import Contract, up_to
from sumppump.server.registry import market_tool


async def trade_get_market_depth(
    call: Call,
    symbol: Contract,
    levels: Annotated[Count, Field(description=f"Prices of each side, 1 to {MOST_LEVELS}")] = 5,
) -> DepthAnswer:
    """Shows the order book behind the best quote: sizes by price, who rests there, spread and imbalance.

    Use trade_get_depth_analytics for what a size would pay, trade_get_quote for the best quote alone.
    """
    reading = await call.desk.market.depth.book(symbol, up_to(levels, MOST_LEVELS, "levels"))
    return depth_answer(reading)


async def trade_get_depth_analytics(call: Call, symbol: Contract) -> DepthAnalyticsAnswer:
    """Reckons what buying or selling 100, 500 and 1,000 at once would pay, from the order book.

    Use trade_get_market_depth for the book itself. With concentration, spread and distances in basis points.
    """
    return depth_analytics_answer(await call.desk.market.depth.analytics(symbol))


TOOLS = (
    market_tool(trade_get_market_depth, "Market depth", DepthAnswer),
    market_tool(trade_get_depth_analytics, "Depth analytics", DepthAnalyticsAnswer),
)
