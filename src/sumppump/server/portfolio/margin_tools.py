"""How near a margin call is."""

from __future__ import annotations

from sumppump.server.desk import Call
from sumppump.server.portfolio.margin_views import MarginAnswer, margin_answer
from sumppump.server.registry import portfolio_tool


async def trade_check_margin_risk(call: Call) -> MarginAnswer:
    """Checks margin: cushion, usage, level, Regulation T estimate, and the market move to a margin call.

    Use trade_get_account_summary for balances alone, trade_execute for what one order takes.
    """
    return margin_answer(await call.desk.portfolio.margin.report())


TOOLS = (portfolio_tool(trade_check_margin_risk, "Margin risk", MarginAnswer),)
