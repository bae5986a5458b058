"""Trading hours and the market clock."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.server.coercion import Text
from sumppump.server.desk import Call
from sumppump.server.market.schedule_views import ScheduleAnswer, schedule_answer
from sumppump.server.registry import market_tool


async def trade_get_extended_schedule(
    call: Call,
    symbol: Annotated[Text, Field(description="Whose hours, e.g. SPY; default: US shares")] = "SPY",
) -> ScheduleAnswer:
    """Tells the exchange's time, which session is on, the next open, and sessions by day with holidays.

    Use trade_get_quote for the price in the session that is on.
    """
    schedule = await call.desk.market.schedule.schedule(symbol)
    return schedule_answer(schedule, from_broker=call.desk.broker.link().server_time)


TOOLS = (market_tool(trade_get_extended_schedule, "Trading hours and market clock", ScheduleAnswer),)
