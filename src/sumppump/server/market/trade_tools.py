"""The tape."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.data.trades import MOST_TRADES
from sumppump.server.coercion import Count
from sumppump.server.desk import Call
from sumppump.server.market.trade_views import TradesAnswer, trades_answer
from sumppump.server.parameters import Contract, up_to
from sumppump.server.registry import market_tool


async def trade_get_recent_trades(
    call: Call,
    symbol: Contract,
    count: Annotated[Count, Field(description=f"Trades, 1 to {MOST_TRADES}")] = 20,
) -> TradesAnswer:
    """Lists the last trades of a contract with price, size, time, exchange and conditions, newest first.

    Use trade_get_price_history for bars. Quotes stand in where nothing is traded openly: currency pairs.
    """
    return trades_answer(await call.desk.market.trades.recent(symbol, up_to(count, MOST_TRADES, "count")))


TOOLS = (market_tool(trade_get_recent_trades, "Recent trades", TradesAnswer),)
