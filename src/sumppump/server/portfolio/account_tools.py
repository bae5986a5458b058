"""What the account is worth."""

from __future__ import annotations

from sumppump.server.desk import Call
from sumppump.server.portfolio.account_views import AccountAnswer, account_answer
from sumppump.server.registry import portfolio_tool


async def trade_get_account_summary(call: Call) -> AccountAnswer:
    """Gives the account in figures: net liquidation, cash, buying power, margins, profit or loss today.

    Use trade_get_positions for what is held. A figure the broker did not give is null.
    """
    return account_answer(await call.desk.portfolio.account.summary())


TOOLS = (portfolio_tool(trade_get_account_summary, "Account", AccountAnswer),)
