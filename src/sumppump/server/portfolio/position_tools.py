"""What is held."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.portfolio.positions import GroupBy
from sumppump.server.coercion import Whole, choice
from sumppump.server.desk import Call
from sumppump.server.parameters import MaybeTicker, enum, offset_of
from sumppump.server.portfolio.position_views import PositionsAnswer, positions_answer
from sumppump.server.registry import portfolio_tool

GROUPS = tuple(group.value for group in GroupBy)


async def trade_get_positions(
    call: Call,
    symbol: MaybeTicker = None,
    group_by: Annotated[
        str, choice(*GROUPS), enum(*GROUPS), Field(description="strategy, or leg for single contracts")
    ] = "strategy",
    cursor: Annotated[Whole, Field(description="next_cursor of the answer before")] = None,
) -> PositionsAnswer:
    """Shows what is held, grouped into strategies, with profit or loss, Greeks, next event and legs.

    Use trade_get_portfolio_summary for totals, trade_get_open_orders for orders that still work.
    """
    holdings = await call.desk.portfolio.holdings.positions(symbol, group_by, with_events=True)
    return positions_answer(holdings, offset_of(cursor, len(holdings.strategies)))


TOOLS = (portfolio_tool(trade_get_positions, "Positions", PositionsAnswer),)
