"""What has been traded."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.domain.missing import Missing
from sumppump.portfolio.round_trips import Kind
from sumppump.portfolio.trade_history import HistoryQuery
from sumppump.server.coercion import Count, Flag, Number, Whole, choice
from sumppump.server.desk import Call
from sumppump.server.parameters import MaybeTicker, enum
from sumppump.server.pictures import with_picture
from sumppump.server.portfolio.equity_picture import equity_sketch
from sumppump.server.portfolio.trade_history_views import HistoryAnswer, history_answer
from sumppump.server.registry import portfolio_tool
from sumppump.server.views import Pictured

ALL = "all"
TYPES = (ALL, *(kind.value for kind in Kind))


async def trade_get_history(
    call: Call,
    days_back: Annotated[Count, Field(description="Calendar days, e.g. 30; 0 is today")] = 30,
    symbol: MaybeTicker = None,
    include_executions: Annotated[Flag, Field(description="Also today's executions")] = True,
    min_pnl: Annotated[
        Number, Field(description="Signed: -500 hides what lost more than 500, 100 what made less")
    ] = None,
    trade_type: Annotated[str, choice(*TYPES), enum(*TYPES), Field(description="What was traded")] = ALL,
    cursor: Annotated[Whole, Field(description="next_cursor of the answer before")] = None,
    as_chart: Annotated[Flag, Field(description="true: equity and drawdown as an image")] = False,
) -> HistoryAnswer | Pictured:
    """Lists closed trades with their results, win rate and profit factor, executions of today, and equity.

    Use trade_get_positions for what is still held. It knows our own orders, and of others today alone.
    """
    query = HistoryQuery(
        days_back=days_back,
        symbol=symbol,
        include_executions=include_executions,
        min_pnl=min_pnl,
        kind=None if trade_type == ALL else Kind(trade_type),
    )
    found = await call.desk.portfolio.history.history(query)
    equity = await call.desk.portfolio.equity.since(days_back)
    sketch = None if isinstance(equity, Missing) else equity_sketch(call.desk, equity)
    answer = history_answer(found, equity, cursor)
    return await with_picture(call.desk, answer, sketch, as_chart=as_chart)


TOOLS = (portfolio_tool(trade_get_history, "History", None),)
