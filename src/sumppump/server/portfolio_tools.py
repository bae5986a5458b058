"""Tools that read what is held and what the account is worth."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.portfolio.positions import GroupBy
from sumppump.server.coercion import choice
from sumppump.server.desk import Call
from sumppump.server.parameters import MaybeTicker, enum
from sumppump.server.portfolio_views import (
    AccountAnswer,
    PositionsAnswer,
    account_answer,
    positions_answer,
)
from sumppump.server.registry import Kind, Tool, Toolset

GROUPS = tuple(group.value for group in GroupBy)


async def trade_get_positions(
    call: Call,
    symbol: MaybeTicker = None,
    group_by: Annotated[
        str, choice(*GROUPS), enum(*GROUPS), Field(description="strategy, or leg for single contracts")
    ] = "strategy",
) -> PositionsAnswer:
    """Shows what is held, grouped into strategies, with profit or loss, Greeks, days to expiry and legs.

    Use trade_get_open_orders for orders that still work, trade_get_account_summary for cash and margin.
    """
    return positions_answer(await call.desk.portfolio.positions(symbol, group_by))


async def trade_get_account_summary(call: Call) -> AccountAnswer:
    """Gives the account in figures: net liquidation, cash, buying power, margins, profit or loss today.

    Use trade_get_positions for what is held. A figure the broker did not give is null.
    """
    return account_answer(await call.desk.account.summary())


TOOLS = (
    Tool(
        run=trade_get_positions,
        title="Positions",
        toolset=Toolset.PORTFOLIO,
        kind=Kind.READ,
        answer=PositionsAnswer,
    ),
    Tool(
        run=trade_get_account_summary,
        title="Account",
        toolset=Toolset.PORTFOLIO,
        kind=Kind.READ,
        answer=AccountAnswer,
    ),
)
