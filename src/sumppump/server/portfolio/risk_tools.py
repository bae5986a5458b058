"""What everything held could lose."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.server.coercion import Count, Number
from sumppump.server.desk import Call
from sumppump.server.portfolio.risk_views import RiskAnswer, risk_answer
from sumppump.server.registry import portfolio_tool


async def trade_get_portfolio_risk(
    call: Call,
    confidence: Annotated[Number, Field(description="0.8 to 0.995; default 0.95")] = None,
    horizon_days: Annotated[Count, Field(description="Trading days, 1 to 20")] = 1,
) -> RiskAnswer:
    """Gives value at risk, expected shortfall, stress by crashes and historical days, and concentration.

    Use trade_analyze_greeks for Greeks and moves of your choice, trade_get_account_summary for margin.
    """
    level = 0.95 if confidence is None else float(confidence)
    return risk_answer(await call.desk.portfolio.risk.risk(level, horizon_days))


TOOLS = (portfolio_tool(trade_get_portfolio_risk, "Portfolio risk", RiskAnswer),)
