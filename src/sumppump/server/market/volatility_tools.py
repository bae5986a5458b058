"""Volatility of one underlying, and the curve of the volatility index."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.server.coercion import Flag
from sumppump.server.desk import Call
from sumppump.server.market.vix_views import VixAnswer, vix_answer
from sumppump.server.market.volatility_picture import volatility_sketch
from sumppump.server.market.volatility_views import VolatilityAnswer, volatility_answer
from sumppump.server.parameters import Ticker
from sumppump.server.pictures import with_picture
from sumppump.server.registry import market_tool
from sumppump.server.views import Pictured


async def trade_get_volatility_analysis(
    call: Call,
    symbol: Ticker,
    as_chart: Annotated[Flag, Field(description="true: smiles and term structure as an image")] = False,
) -> VolatilityAnswer | Pictured:
    """Measures volatility: implied and past, IV rank and percentile, skew, term structure, expected move.

    Use trade_get_options_chain for single contracts, trade_get_vix_term_structure for the market as a whole.
    What cannot be computed is null with its reason in `missing`.
    """
    reading = await call.desk.market.volatility.analysis(symbol)
    call.desk.execution.conversation.look(reading.underlying.symbol)
    answer = volatility_answer(reading, call.desk.clock.monotonic())
    sketch = volatility_sketch(call.desk, reading)
    return await with_picture(call.desk, answer, sketch, as_chart=as_chart, at_once=True)


async def trade_get_vix_term_structure(call: Call) -> VixAnswer:
    """Shows the VIX and its futures: the curve, contango in percent, slope per month and the regime.

    Use trade_get_volatility_analysis for one underlying.
    """
    return vix_answer(await call.desk.market.vix.curve(), call.desk.clock.monotonic())


TOOLS = (
    market_tool(trade_get_volatility_analysis, "Volatility analysis", None),
    market_tool(trade_get_vix_term_structure, "VIX term structure", VixAnswer),
)
