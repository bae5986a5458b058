"""Tools that look at the market. None of them changes anything."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.data.chain_request import ChainRequest
from sumppump.data.chains import COLUMNS
from sumppump.data.history import DATA_TYPES, HistoryRequest
from sumppump.data.quotes import OFFERED
from sumppump.domain.instruments import Right
from sumppump.server.chain_views import ChainAnswer, chain_answer
from sumppump.server.coercion import Count, Day, Flag, Number, OptionalText, Text, Whole, Words, choice
from sumppump.server.desk import Call
from sumppump.server.history_views import HistoryAnswer, history_answer
from sumppump.server.market_views import (
    ContractsAnswer,
    FeedsAnswer,
    QuoteAnswer,
    contracts_answer,
    feeds_answer,
    quote_answer,
)
from sumppump.server.parameters import Ticker, TradingClass, among, enum, fraction, up_to
from sumppump.server.pictures import history_picture
from sumppump.server.registry import Kind, Tool, ToolFunction, Toolset
from sumppump.server.views import Answer, Pictured

ASSET_TYPES = tuple(kind.value for kind in OFFERED)
MOST_ROWS = 120


async def trade_get_quote(
    call: Call,
    symbol: Annotated[Text, Field(description="Ticker, or an option such as SPY 2026-12-18 500C")],
    asset_type: Annotated[
        str | None,
        choice(*ASSET_TYPES, stock="STK", etf="STK", option="OPT", index="IND"),
        enum(*ASSET_TYPES),
        Field(description="Default: what the text looks like"),
    ] = None,
) -> QuoteAnswer:
    """Quotes one share, ETF, index or option: bid, ask, last, mid, change, width, and Greeks for options.

    Use trade_get_options_chain for many options at once, trade_find_contract when a symbol is unclear.
    """
    reading = await call.desk.quotes.quote(symbol, asset_type or "")
    call.desk.execution.conversation.look(reading.instrument.symbol)
    return quote_answer(reading, call.desk.clock.monotonic())


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
    chain = await call.desk.chains.chain(request)
    call.desk.execution.conversation.look(chain.underlying.symbol)
    return chain_answer(chain, columns)


async def trade_get_price_history(
    call: Call,
    symbol: Ticker,
    duration: Annotated[Text, Field(description="Number and d, w, m (months) or y, e.g. 5 d")] = "5 d",
    bar_size: Annotated[Text, Field(description="E.g. 5 mins, 1 hour, 1 day")] = "1 hour",
    data_type: Annotated[
        str, choice(*DATA_TYPES), enum(*DATA_TYPES), Field(description="Which price")
    ] = "TRADES",
    rth_only: Annotated[Flag, Field(description="Regular trading hours only")] = True,
    as_chart: Annotated[Flag, Field(description="true: the bars as an image instead of data")] = False,
) -> HistoryAnswer | Pictured:
    """Gives past prices of an underlying as bars, with change, range and moving averages.

    Use trade_get_quote for the price now. Moving averages are null when there are too few bars.
    """
    history = await call.desk.history.history(
        HistoryRequest.read(
            symbol, duration=duration, bar_size=bar_size, data_type=data_type, rth_only=rth_only
        )
    )
    if not as_chart:
        return history_answer(history, chart=None)
    picture = await history_picture(call.desk, history)
    return Pictured(history_answer(history, chart=picture.path), picture.png, frozenset({"bars"}))


async def trade_check_market_data(
    call: Call,
    symbols: Annotated[Words, Field(description="Tickers to try, e.g. [SPY, AAPL]; default three")] = None,
) -> FeedsAnswer:
    """Checks how alive the market data is: live, delayed or missing per symbol, lines in use, broken farms.

    Use it when quotes are missing or old; trade_get_quote is enough for a price.
    """
    return feeds_answer(await call.desk.feeds.check(symbols or ()))


async def trade_find_contract(
    call: Call,
    query: Annotated[Text, Field(description="Ticker, name, con_id or option, e.g. SPY 2026-12-18 500C")],
) -> ContractsAnswer:
    """Finds what a symbol, name, con_id or written option can mean, with listed expiries and trading hours.

    Use it when another tool says that a contract is unknown or ambiguous; trade_get_quote for its price.
    """
    return contracts_answer(await call.desk.contracts.find(query))


def _market(run: ToolFunction, title: str, answer: type[Answer] | None) -> Tool:
    return Tool(run=run, title=title, toolset=Toolset.MARKET, kind=Kind.READ, answer=answer)


TOOLS = (
    _market(trade_get_quote, "Quote", QuoteAnswer),
    _market(trade_get_options_chain, "Options chain", ChainAnswer),
    _market(trade_get_price_history, "Price history", None),
    _market(trade_check_market_data, "Market data check", FeedsAnswer),
    _market(trade_find_contract, "Find a contract", ContractsAnswer),
)
