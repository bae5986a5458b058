"""What everything held could lose."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.data.arguments import ticker
from sumppump.server.coercion import Count, Flag, OptionalText, Share
from sumppump.server.desk import Call
from sumppump.server.pictures import with_picture
from sumppump.server.portfolio.risk_picture import risk_sketch
from sumppump.server.portfolio.risk_views import RiskAnswer, risk_answer
from sumppump.server.registry import portfolio_tool
from sumppump.server.views import Pictured


async def trade_get_portfolio_risk(
    call: Call,
    confidence: Annotated[Share, Field(description="0.8 to 0.995; default 0.95")] = None,
    horizon_days: Annotated[Count, Field(description="Trading days, 1 to 20")] = 1,
    symbol: Annotated[
        OptionalText, Field(description="Lists its correlations and weight; losses stay the whole book's")
    ] = None,
    as_chart: Annotated[Flag, Field(description="true: with moves and volatility as an image")] = False,
) -> RiskAnswer | Pictured:
    """Gives value at risk, expected shortfall, stress by crashes and historical days, and concentration.

    Use trade_analyze_greeks for Greeks and moves of your choice, trade_get_account_summary for margin.
    """
    level = 0.95 if confidence is None else float(confidence)
    report = await call.desk.portfolio.risk.risk(level, horizon_days)
    sketch = risk_sketch(call.desk, report)
    answer = risk_answer(report, ticker(symbol) if symbol else None)
    return await with_picture(call.desk, answer, sketch, as_chart=as_chart)


TOOLS = (portfolio_tool(trade_get_portfolio_risk, "Portfolio risk", None),)
