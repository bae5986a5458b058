"""Live updates: quotes and chains that are kept current, for everybody in this process."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.data.chain_request import ChainRequest
from sumppump.domain.instruments import Right
from sumppump.kernel.errors import InvalidRequest
from sumppump.server.coercion import Day, OptionalText, Whole, Words
from sumppump.server.desk import Call
from sumppump.server.market.live_views import LiveAnswer, live_answer
from sumppump.server.parameters import OptionRight, StrikesAround, TradingClass
from sumppump.server.registry import Kind, Tool, ToolFunction, Toolset


async def trade_start_live_updates(
    call: Call,
    symbols: Annotated[
        Words, Field(description="Tickers or options whose quotes to follow, e.g. [SPY, AAPL]")
    ] = None,
    symbol: Annotated[OptionalText, Field(description="Ticker whose chain to follow, e.g. SPY")] = None,
    expiry: Annotated[Day, Field(description="Of the chain, ISO date, e.g. 2026-12-18")] = None,
    min_dte: Annotated[Whole, Field(description="Instead: days to expiry at least, e.g. 0")] = None,
    max_dte: Annotated[Whole, Field(description="Days to expiry at most, e.g. 0 for today")] = None,
    strikes_around: StrikesAround = None,
    right: OptionRight = None,
    trading_class: TradingClass = None,
) -> LiveAnswer:
    """Keeps quotes, or a chain around the money, current in memory, so that they are answered at once.

    For one look trade_get_quote or trade_get_options_chain is enough. Starting the same again joins it; a
    chain moves with the money and is closed when its options stop trading.
    """
    when = (expiry, min_dte, max_dte, strikes_around, right, trading_class)
    quotes, of = _meant(symbols or [], symbol, is_filtered=any(each is not None for each in when))
    chain = of and ChainRequest(
        symbol=of,
        expiry=expiry,
        min_dte=min_dte,
        max_dte=max_dte,
        strikes_around=strikes_around,
        right=None if right is None else Right(right),
        trading_class=trading_class or "",
    )
    return live_answer(await call.desk.market.live.start(quotes, chain or None))


async def trade_stop_live_updates(
    call: Call,
    live_id: Annotated[OptionalText, Field(description="One of trade_get_live_status, e.g. live_1")] = None,
    symbols: Annotated[Words, Field(description="Everything on these tickers, e.g. [SPY]")] = None,
) -> LiveAnswer:
    """Stops live updates for everybody and gives their lines back: one, those of some tickers, or all.

    trade_get_live_status says what there is. Quotes that a host subscribed to as resources stay.
    """
    live = call.desk.market.live
    stopped = live.stop(live_id or "", symbols or ())
    return live_answer(live.status(), stopped=stopped, asked=live_id or ", ".join(symbols or ()))


async def trade_get_live_status(call: Call) -> LiveAnswer:
    """Shows what is kept current: lines in use, updates a second, how old the oldest tick is, what is stale.

    Start with trade_start_live_updates; trade_check_market_data tells what a symbol's data is like.
    """
    return live_answer(call.desk.market.live.status())


def _meant(symbols: list[str], symbol: str | None, *, is_filtered: bool) -> tuple[list[str], str | None]:
    """Whose quotes to follow, and whose chain.

    Raises:
        InvalidRequest: nothing is named, or a filter of a chain without one ticker to go with it.
    """
    if symbol is not None or (symbols and not is_filtered):
        return symbols, symbol
    if len(symbols) == 1:
        return [], symbols[0]
    raise InvalidRequest(
        "say what to follow",
        code="missing_argument",
        expected="symbols for quotes, or symbol with an expiry or days for a chain",
        found=f"{len(symbols)} symbols" + (" and a filter of a chain" if is_filtered else ""),
        next_steps=["Call again with symbols=[SPY], or with symbol=SPY and expiry or max_dte."],
    )


def _streaming(run: ToolFunction, title: str, *, kind: Kind = Kind.DRAFT, is_local: bool = False) -> Tool:
    return Tool(
        run=run,
        title=title,
        toolset=Toolset.STREAMING,
        kind=kind,
        answer=LiveAnswer,
        is_repeatable=True,
        is_local=is_local,
    )


TOOLS = (
    _streaming(trade_start_live_updates, "Start live updates"),
    _streaming(trade_stop_live_updates, "Stop live updates", is_local=True),
    _streaming(trade_get_live_status, "Live status", kind=Kind.READ, is_local=True),
)
