"""Past prices."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from sumppump.data.history_request import DATA_TYPES, HV, IV, HistoryRequest
from sumppump.server.coercion import Flag, Text, choice
from sumppump.server.desk import Call
from sumppump.server.market.history_views import HistoryAnswer, history_answer
from sumppump.server.market.price_picture import bars_sketch
from sumppump.server.parameters import enum
from sumppump.server.pictures import with_picture
from sumppump.server.progress import progress_of
from sumppump.server.registry import market_tool
from sumppump.server.views import Pictured


async def trade_get_price_history(
    call: Call,
    symbol: Annotated[Text, Field(description="SPY, SPX, 'SPY 2026-12-18 500C', ESZ6, EUR.USD, BTC-USD")],
    duration: Annotated[Text, Field(description="Number and d, w, m (months) or y, e.g. 5 d")] = "5 d",
    bar_size: Annotated[Text, Field(description="E.g. 5 mins, 1 hour, 1 day")] = "1 hour",
    data_type: Annotated[
        str,
        choice(*DATA_TYPES, iv=IV, hv=HV),
        enum(*DATA_TYPES),
        Field(description="Which figure"),
    ] = "TRADES",
    rth_only: Annotated[Flag, Field(description="Regular trading hours only")] = True,
    as_chart: Annotated[Flag, Field(description="true: the bars as an image instead of data")] = False,
) -> HistoryAnswer | Pictured:
    """Gives past prices or volatilities of any contract as bars, with change, range and moving averages.

    Use trade_get_quote for the price now. Moving averages are null when there are too few bars.
    """
    request = HistoryRequest.read(
        symbol, duration=duration, bar_size=bar_size, data_type=data_type, rth_only=rth_only
    )
    async with progress_of(call, "seconds that IBKR's pacing of small bars asks for") as progress:
        history = await call.desk.market.history.history(
            request, waiting=lambda wait_s: progress.told(1, math.ceil(wait_s))
        )
    answer, sketched = history_answer(history), bars_sketch(call.desk, history)
    return await with_picture(call.desk, answer, sketched, as_chart=as_chart)


TOOLS = (market_tool(trade_get_price_history, "Price history", None),)
