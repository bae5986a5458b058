"""Dividends, splits, earnings."""

from __future__ import annotations

from sumppump.server.desk import Call
from sumppump.server.market.corporate_views import CorporateAnswer, corporate_answer
from sumppump.server.parameters import Ticker
from sumppump.server.registry import market_tool


async def trade_get_corporate_dates(call: Call, symbol: Ticker) -> CorporateAnswer:
    """Tells next and past dividends of a share; earnings and splits are null with the reason.

    Use trade_get_quote for its price, trade_get_extended_schedule for holidays.
    """
    return corporate_answer(await call.desk.market.corporate.dates(symbol))


TOOLS = (market_tool(trade_get_corporate_dates, "Corporate dates", CorporateAnswer),)
