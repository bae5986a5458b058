"""Option chains."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from sumppump.data.arguments import refuse
from sumppump.data.chain import CLASS_COLUMN, COLUMNS, ERROR_COLUMN
from sumppump.data.chain_request import MOST_ROWS, ChainRequest, Fill
from sumppump.domain.instruments import Right
from sumppump.server.coercion import Day, Flag, Number, OptionalText, Whole, Words, choice, note
from sumppump.server.desk import Call
from sumppump.server.market.chain_views import (
    DEFAULT_BYTES,
    MOST_BYTES,
    ChainAnswer,
    chain_answer,
    rows_that_fit,
)
from sumppump.server.parameters import (
    OptionRight,
    StrikesAround,
    Ticker,
    TradingClass,
    among,
    enum,
    fraction,
    up_to,
)
from sumppump.server.progress import progress_of
from sumppump.server.registry import market_tool

CURSOR_GOES_ON = "; next_cursor reaches the rest"
INDEXES = ("SPX", "NDX", "RUT", "VIX", "DJX", "XSP")


async def trade_get_options_chain(
    call: Call,
    symbol: Ticker,
    expiry: Annotated[
        Day, Field(description="Listed expiry, ISO date, e.g. 2026-12-18; or min_dte and max_dte")
    ] = None,
    min_dte: Annotated[Whole, Field(description="Calendar days to expiry, at least, e.g. 20")] = None,
    max_dte: Annotated[Whole, Field(description="Calendar days to expiry, at most, e.g. 45")] = None,
    strikes_around: StrikesAround = None,
    strike_range_pct: Annotated[
        Number, Field(description="Instead: percent of the price on each side, e.g. 5")
    ] = None,
    min_delta: Annotated[Number, Field(description="Instead: absolute delta at least, e.g. 0.15")] = None,
    max_delta: Annotated[Number, Field(description="Absolute delta at most, e.g. 0.35")] = None,
    right: OptionRight = None,
    trading_class: TradingClass = None,
    fields: Annotated[Words, Field(description=f"Only these columns of: {', '.join(COLUMNS)}")] = None,
    fill: Annotated[
        str,
        choice("quotes", "fitted"),
        enum("quotes", "fitted"),
        Field(description="fitted: quote some strikes, take the others' Greeks from the smile"),
    ] = "quotes",
    include_stats: Annotated[Flag, Field(description="Ratios, volatility, expected move, skew")] = True,
    limit: Annotated[
        Whole, Field(description=f"Rows of one answer, 1 to {MOST_ROWS}; default: what 8 kB hold")
    ] = None,
    cursor: Annotated[
        OptionalText, Field(description="next_cursor of the answer before, all else unchanged")
    ] = None,
) -> ChainAnswer:
    """Lists options of one underlying with quotes, Greeks and statistics, nearest the money first.

    Use trade_get_quote for a single contract, trade_calculate_strategy to combine several. Without expiry
    and days the nearest monthly expiry is taken.
    """
    columns = among(fields, (*COLUMNS, CLASS_COLUMN, ERROR_COLUMN), "fields")
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
        fill=Fill(fill),
        include_stats=include_stats,
        limit=rows_of(limit, columns),
        cursor=cursor,
    )
    return await answered(call, request, columns)


async def trade_get_index_options(
    call: Call,
    symbol: Annotated[OptionalText, Field(description=f"Index: {', '.join(INDEXES)}")],
    expiry: Annotated[Day, Field(description="Expiry, ISO date, e.g. 2026-12-18")] = None,
    strike_range_pct: Annotated[
        Number, Field(description="Each side of the level: 0.1 or 10 is 10 %")
    ] = Decimal("0.1"),
    trading_class: Annotated[
        OptionalText, Field(description="SPX (AM-settled) or SPXW (PM-settled), e.g. SPXW; default: any")
    ] = None,
    cursor: Annotated[OptionalText, Field(description="next_cursor of the answer before")] = None,
) -> ChainAnswer:
    """Lists options of an index with AM and PM settlement kept apart by trading class.

    Use trade_get_options_chain for deltas, ranges of days and columns. Without expiry the nearest monthly one
    is taken.
    """
    request = index_request(symbol or "", expiry, strike_range_pct, trading_class, cursor)
    return await answered(call, request, ())


async def answered(call: Call, request: ChainRequest, columns: tuple[str, ...]) -> ChainAnswer:
    """Fetch a chain with progress, and turn the conversation to its symbol."""
    async with progress_of(call, "contracts quoted") as progress:
        chain = await call.desk.market.chains.chain(request, progress.told)
    call.desk.execution.conversation.look(chain.underlying.symbol)
    return chain_answer(chain, columns)


def rows_of(limit: int | None, columns: tuple[str, ...]) -> int:
    """Rows of one answer: what 8 kB hold, or as many as were asked for and 20 kB hold."""
    names = columns or COLUMNS
    if limit is None:
        return min(MOST_ROWS, rows_that_fit(names, DEFAULT_BYTES))
    asked, most = up_to(limit, MOST_ROWS, "limit", beyond=CURSOR_GOES_ON), rows_that_fit(names, MOST_BYTES)
    if asked > most:
        note("limit", asked, f"{most}, which is what one answer holds{CURSOR_GOES_ON}")
    return min(asked, most)


def index_request(
    symbol: str, expiry: date | None, width: Decimal | None, trading_class: str | None, cursor: str | None
) -> ChainRequest:
    """The chain of an index; a width below 1 is a fraction: nobody wants a tenth of a percent."""
    name = symbol.strip().upper()
    if name not in INDEXES:
        refuse(
            "symbol",
            f"{symbol[:20]!r} is no index that is known here",
            expected=f"one of {', '.join(INDEXES)}",
            found=symbol[:20],
            steps=["For shares and ETFs ask trade_get_options_chain."],
        )
    percent = None if width is None else width * 100 if 0 < width < 1 else width
    if percent != width:
        note("strike_range_pct", fraction(width), f"{fraction(percent):g} %")
    return ChainRequest(
        symbol=name,
        expiry=expiry,
        strike_range_pct=fraction(percent),
        trading_class=trading_class or "",
        limit=rows_of(None, ()),
        cursor=cursor,
    )


TOOLS = (
    market_tool(trade_get_options_chain, "Options chain", ChainAnswer),
    market_tool(trade_get_index_options, "Index options", ChainAnswer),
)
