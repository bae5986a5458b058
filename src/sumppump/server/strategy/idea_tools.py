"""Tools that look for trades, and look at one from every side. Drafts are kept; nothing is sent."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.kernel.clock import NEW_YORK
from sumppump.server.coercion import Day, Flag, Number, Numbers, OptionalText, Text, Whole
from sumppump.server.desk import Call
from sumppump.server.parameters import Ticker, enum, not_past
from sumppump.server.registry import Kind, Tool, Toolset
from sumppump.server.strategy.idea_views import IdeasAnswer, ideas_answer
from sumppump.server.strategy.opportunity_views import OpportunityAnswer, opportunity_answer
from sumppump.strategies.ideas.wish import Wish
from sumppump.strategies.request import StrategyRequest
from sumppump.strategies.shape import Outlook


async def trade_suggest_strikes(
    call: Call,
    symbol: Ticker,
    outlook: Annotated[OptionalText, enum(*Outlook), Field(description="Your view")] = None,
    strategy_type: Annotated[OptionalText, Field(description="One shape only, e.g. iron_condor")] = None,
    min_dte: Annotated[Whole, Field(description="Calendar days, default 20")] = None,
    max_dte: Annotated[Whole, Field(description="Default 60")] = None,
    max_loss: Annotated[Number, Field(description="Dollars for one combo, e.g. 500")] = None,
    budget: Annotated[Number, Field(description="Dollars one combo may tie up, e.g. 2000")] = None,
    min_pop: Annotated[Number, Field(description="Probability of profit, e.g. 0.6")] = None,
    min_delta: Annotated[Number, Field(description="Of the options sold, e.g. 0.1")] = None,
    max_delta: Annotated[Number, Field(description="e.g. 0.3")] = None,
    max_width: Annotated[Number, Field(description="Dollars between strikes, e.g. 10")] = None,
    above_level: Annotated[Flag, Field(description="Also above OPTIONS_LEVEL")] = False,
) -> IdeasAnswer:
    """Ranks option strategies over the whole chain by a stated score; the best five are drafts.

    Use trade_calculate_strategy when you know the strikes, trade_analyze_opportunity to test one.
    """
    wish = Wish.read(
        symbol=symbol,
        level=call.desk.options_level,
        outlook=outlook,
        strategy_type=strategy_type,
        min_dte=min_dte,
        max_dte=max_dte,
        max_loss=max_loss,
        budget=budget,
        min_pop=min_pop,
        min_delta=min_delta,
        max_delta=max_delta,
        max_width=max_width,
        above_level=above_level,
    )
    found = await call.desk.ideas.suggest(wish)
    monotonic = call.desk.clock.monotonic()
    return ideas_answer(found, monotonic=monotonic, options_level=call.desk.options_level, read_as=wish.notes)


async def trade_analyze_opportunity(
    call: Call,
    symbol: Ticker,
    strategy_type: Annotated[Text, Field(description="e.g. bull_put_spread")],
    strikes: Annotated[Numbers, Field(description="Listed strikes, rising, e.g. [580, 590]")],
    expiry: Annotated[Day, Field(description="Listed, e.g. 2026-12-18; default: about 30 days")] = None,
    run_full_analysis: Annotated[Flag, Field(description="false: no news, no volatility")] = True,
) -> OpportunityAnswer:
    """Tests one trade: news, volatility, chain, strategy, risk, each pass, fail or unknown with its figures.

    Use trade_calculate_strategy for the draft alone, trade_suggest_strikes to find strikes.
    """
    today = call.desk.clock.now().astimezone(NEW_YORK).date()
    request = StrategyRequest.read(
        strategy_type=strategy_type, symbol=symbol, strikes=strikes, expiry=not_past(expiry, today, "expiry")
    )
    found = await call.desk.opportunities.analyse(request, is_full=run_full_analysis)
    if found.draft is not None:
        name = found.draft.strategy_type.words
        call.desk.execution.conversation.select(found.draft.symbol, found.draft.strategy_id, name)
    return opportunity_answer(found, monotonic=call.desk.clock.monotonic())


TOOLS = (
    Tool(
        run=trade_suggest_strikes,
        title="Find candidate trades",
        toolset=Toolset.STRATEGY,
        kind=Kind.DRAFT,
        answer=IdeasAnswer,
        is_repeatable=True,
    ),
    Tool(
        run=trade_analyze_opportunity,
        title="Test one trade",
        toolset=Toolset.STRATEGY,
        kind=Kind.DRAFT,
        answer=OpportunityAnswer,
        is_repeatable=True,
    ),
)
