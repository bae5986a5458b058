"""Option chains."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.data.chain_request import ChainRequest
from sumppump.data.chains import COLUMNS
from sumppump.domain.instruments import Right
from sumppump.server.coercion import Count, Day, Flag, Number, OptionalText, Whole, Words, choice
from sumppump.server.desk import Call
from sumppump.server.market.chain_views import ChainAnswer, chain_answer
from sumppump.server.parameters import Ticker, TradingClass, among, enum, fraction, up_to
from sumppump.server.registry import market_tool

MOST_ROWS = 120


async def trade_get_options_chain(
    call: Call,
    symbol: Ticker,
    expiry: Annotated[
        Day, Field(description="Listed expiry, ISO date, e.g. 2026-12-18; or min_dte and max_dte")
    ] = None,
    min_dte: Annotated[Whole, Field(description="Calendar days to expiry, at least, e.g. 20")] = None,
    max_dte: Annotated[Whole, Field(description="Calendar days to expiry, at most, e.g. 45")] = None,
    strikes_around: Annotated[
        Whole, Field(description="Strikes on each side of the money, e.g. 5; default 10")
    ] = None,
    strike_range_pct: Annotated[
        Number, Field(description="Instead: percent of the price on each side, e.g. 5")
    ] = None,
    min_delta: Annotated[Number, Field(description="Instead: absolute delta at least, e.g. 0.15")] = None,
    max_delta: Annotated[Number, Field(description="Absolute delta at most, e.g. 0.35")] = None,
    right: Annotated[
        str | None,
        choice("C", "P", call="C", calls="C", put="P", puts="P"),
        enum("C", "P"),
        Field(description="C for calls, P for puts; default both"),
    ] = None,
    trading_class: TradingClass = None,
    fields: Annotated[Words, Field(description=f"Only these columns of: {', '.join(COLUMNS)}")] = None,
    include_stats: Annotated[Flag, Field(description="Ratios, volatility, expected move, skew")] = True,
    limit: Annotated[Count, Field(description=f"Rows of one answer, 1 to {MOST_ROWS}")] = 60,
    cursor: Annotated[
        OptionalText, Field(description="next_cursor of the answer before, all else unchanged")
    ] = None,
) -> ChainAnswer:
    """Lists options of one underlying with quotes, Greeks and statistics, nearest the money first.

    Use trade_get_quote for a single contract, trade_calculate_strategy to combine several. Without expiry
    and days the nearest monthly expiry is taken.
    """
    columns = among(fields, COLUMNS, "fields")
    request = ChainRequest(
        symbol=symbol,
        expiry=expiry,
        min_dte=min_dte,
        max_dte=max_dte,
        strikes_around=strikes_around,
        strike_range_pct=fraction(strike_range_pct),
        min_delta=fraction(min_delta),
        max_delta=fraction(max_delta),
        right=None if right is None else Right(right),
        trading_class=trading_class or "",
        include_stats=include_stats,
        limit=up_to(limit, MOST_ROWS, "limit"),
        cursor=cursor,
    )
    chain = await call.desk.market.chains.chain(request)
    call.desk.execution.conversation.look(chain.underlying.symbol)
    return chain_answer(chain, columns)


TOOLS = (market_tool(trade_get_options_chain, "Options chain", ChainAnswer),)
