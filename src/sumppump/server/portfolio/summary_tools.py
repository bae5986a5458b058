"""The whole account in one view."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.server.coercion import Flag, Text
from sumppump.server.desk import Call
from sumppump.server.portfolio.summary_views import SummaryAnswer, summary_answer
from sumppump.server.registry import portfolio_tool


async def trade_get_portfolio_summary(
    call: Call,
    include_greeks: Annotated[Flag, Field(description="Also Greeks and betas")] = True,
    beta_weight_symbol: Annotated[Text, Field(description="Benchmark of the betas, e.g. SPY")] = "SPY",
    include_closed_today: Annotated[Flag, Field(description="Also what was closed today")] = False,
) -> SummaryAnswer:
    """Sums up the account: value, the day's P&L by cause, Greeks with real betas, concentration, trades.

    Use trade_get_positions for each position, trade_analyze_greeks for scenarios.
    """
    found = await call.desk.portfolio.summary.summary(
        include_greeks=include_greeks,
        benchmark=beta_weight_symbol,
        include_closed_today=include_closed_today,
    )
    return summary_answer(found, [trade.state for trade in call.desk.execution.trades()])


TOOLS = (portfolio_tool(trade_get_portfolio_summary, "Portfolio", SummaryAnswer),)
