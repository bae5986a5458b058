"""The Greeks of everything held."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.data.arguments import ticker
from sumppump.domain.book import SmileRule
from sumppump.portfolio.positions import GroupBy
from sumppump.risk.portfolio_greeks import question_of
from sumppump.server.coercion import Flag, Numbers, OptionalText, Several, Whole, choice
from sumppump.server.desk import Call
from sumppump.server.parameters import enum, fractions
from sumppump.server.pictures import with_picture
from sumppump.server.portfolio.greeks_picture import KINDS, PNL, greeks_sketch
from sumppump.server.portfolio.greeks_views import GreeksAnswer, Individually, greeks_answer
from sumppump.server.registry import portfolio_tool
from sumppump.server.views import Pictured

SMILES = tuple(SmileRule)


async def trade_analyze_greeks(
    call: Call,
    scenario_moves: Annotated[
        Numbers, Field(description="Market moves in percent; default -10,-5,-2,0,2,5,10")
    ] = None,
    time_decay_days: Annotated[
        Several, Field(description="Calendar days, e.g. 7 or [1,7]; default 1")
    ] = None,
    iv_change: Annotated[Several, Field(description="All volatility, points, e.g. 5 or [-5,5]")] = None,
    smile: Annotated[
        str, choice(*SMILES), enum(*SMILES), Field(description="What smiles do when prices move")
    ] = SMILES[0],
    include_individual: Annotated[Flag, Field(description="Also each strategy and leg")] = False,
    symbol: Annotated[OptionalText, Field(description="Each strategy and leg of this one, e.g. SPY")] = None,
    cursor: Annotated[Whole, Field(description="next_cursor, for more strategies and legs")] = None,
    as_chart: Annotated[Flag, Field(description="true: an image")] = False,
    chart: Annotated[
        str, choice(*KINDS), enum(*KINDS), Field(description="Image: P&L or Greeks over market moves")
    ] = PNL,
) -> GreeksAnswer | Pictured:
    """Gives the Greeks of everything held, by underlying and in total, and reprices it all under scenarios.

    Use trade_get_portfolio_risk for value at risk and stress, trade_get_positions for single positions.
    """
    moves, days, points = map(fractions, (scenario_moves, time_decay_days, iv_change))
    question = question_of(moves, days, points, SmileRule(smile))
    wanted = Individually(ticker(symbol) if symbol else None, cursor)
    rows = wanted if include_individual or wanted != Individually() else None
    group_by = GroupBy.LEG if rows is None else GroupBy.STRATEGY
    report = await call.desk.portfolio.greeks.analysis(question, group_by=group_by)
    answer = greeks_answer(report, rows)
    return await with_picture(call.desk, answer, greeks_sketch(call.desk, report, chart), as_chart=as_chart)


TOOLS = (portfolio_tool(trade_analyze_greeks, "Greeks", None),)
