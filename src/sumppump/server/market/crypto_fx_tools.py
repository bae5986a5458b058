"""Coins and currency pairs; a set of tools that is added by name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.server.coercion import Text
from sumppump.server.desk import Call
from sumppump.server.market.crypto_fx_views import (
    CryptoQuoteAnswer,
    FxQuoteAnswer,
    RateAnalysisAnswer,
    crypto_quote_answer,
    fx_quote_answer,
    rate_analysis_answer,
)
from sumppump.server.registry import Kind, Tool, ToolFunction, Toolset
from sumppump.server.views import Answer

Coin = Annotated[Text, Field(description="Coin, e.g. BTC, ETH")]
Pair = Annotated[Text, Field(description="Currency pair, e.g. EUR.USD, USDJPY")]


async def trade_get_crypto_quote(
    call: Call,
    symbol: Coin,
    quote_currency: Annotated[Text, Field(description="What it is priced in: USD")] = "USD",
) -> CryptoQuoteAnswer:
    """Gives a coin's bid, ask, last, spread, and the range and volume of its session.

    Use trade_analyze_crypto for means, RSI and levels of its daily bars.
    """
    reading = await call.desk.market.crypto_fx.coin(symbol, quote_currency)
    return crypto_quote_answer(reading, call.desk.clock.monotonic())


async def trade_analyze_crypto(call: Call, symbol: Coin) -> RateAnalysisAnswer:
    """Gives facts of a coin's daily bars: SMA 20/50, RSI 14, ATR 14, volatility, support and resistance.

    Use trade_get_price_history for the bars themselves. It is no advice.
    """
    analysis = await call.desk.market.crypto_fx.coin_analysis(symbol)
    return rate_analysis_answer(analysis, call.desk.clock.monotonic())


async def trade_get_fx_quote(call: Call, pair: Pair) -> FxQuoteAnswer:
    """Gives a currency pair's bid and ask with sizes, and the spread in pips (0.0001, of yen 0.01).

    Use trade_analyze_fx_pair for means, RSI and levels of its daily bars.
    """
    return fx_quote_answer(await call.desk.market.crypto_fx.pair(pair), call.desk.clock.monotonic())


async def trade_analyze_fx_pair(call: Call, pair: Pair) -> RateAnalysisAnswer:
    """Gives facts of a pair's daily bars: SMA 20/50, RSI 14, ATR 14 also in pips, volatility, levels.

    Use trade_get_price_history for the bars themselves. It is no advice.
    """
    analysis = await call.desk.market.crypto_fx.pair_analysis(pair)
    return rate_analysis_answer(analysis, call.desk.clock.monotonic())


def _tool(run: ToolFunction, title: str, answer: type[Answer]) -> Tool:
    return Tool(run=run, title=title, toolset=Toolset.CRYPTO_FX, kind=Kind.READ, answer=answer)


TOOLS = (
    _tool(trade_get_crypto_quote, "Coin quote", CryptoQuoteAnswer),
    _tool(trade_analyze_crypto, "Coin in figures", RateAnalysisAnswer),
    _tool(trade_get_fx_quote, "Currency pair quote", FxQuoteAnswer),
    _tool(trade_analyze_fx_pair, "Currency pair in figures", RateAnalysisAnswer),
)
