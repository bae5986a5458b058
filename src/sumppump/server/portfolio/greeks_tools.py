"""The Greeks of everything held."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.server.coercion import Flag, Number, Numbers
from sumppump.server.desk import Call
from sumppump.server.parameters import fraction
from sumppump.server.portfolio.greeks_views import GreeksAnswer, greeks_answer
from sumppump.server.registry import portfolio_tool


async def trade_analyze_greeks(
    call: Call,
    scenario_moves: Annotated[
        Numbers, Field(description="Market moves in percent; default -10,-5,-2,0,2,5,10")
    ] = None,
    time_decay_days: Annotated[Number, Field(description="Calendar days, e.g. 7; default 1")] = None,
    iv_change: Annotated[Number, Field(description="Change of all volatility in points, e.g. 5")] = None,
    include_individual: Annotated[Flag, Field(description="Also each strategy and leg")] = False,
) -> GreeksAnswer:
    """Gives the Greeks of everything held, by underlying and in total, and reprices it all under scenarios.

    Use trade_get_positions for profit or loss and bounds of single positions.
    """
    moves = None if scenario_moves is None else [float(each) for each in scenario_moves]
    days = 1.0 if time_decay_days is None else float(time_decay_days)
    report = await call.desk.portfolio.greeks.analysis(moves, days, fraction(iv_change))
    return greeks_answer(report, include_individual=include_individual)


TOOLS = (portfolio_tool(trade_analyze_greeks, "Greeks", GreeksAnswer),)
