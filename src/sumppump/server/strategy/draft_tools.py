"""Tools that build strategies. A draft is kept in memory for half an hour; nothing is sent."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, WithJsonSchema

from sumppump.kernel.clock import NEW_YORK
from sumppump.server.coercion import Count, Day, Flag, Number, Numbers, Text, Whole, choice
from sumppump.server.desk import Call
from sumppump.server.parameters import Ticker, TradingClass, enum, not_past
from sumppump.server.pictures import with_picture
from sumppump.server.registry import Kind, Tool, Toolset
from sumppump.server.strategy.draft_picture import KINDS, PAYOFF, draft_sketch
from sumppump.server.strategy.draft_views import StrategyAnswer, strategy_answer
from sumppump.server.views import Pictured
from sumppump.strategies.catalogue import StrategyType
from sumppump.strategies.request import StrategyRequest

_NAMES = WithJsonSchema({"type": "string", "enum": [kind.value for kind in StrategyType]})


async def trade_calculate_strategy(
    call: Call,
    strategy_type: Annotated[Text, _NAMES, Field(description="e.g. bull_call_spread")],
    symbol: Ticker,
    strikes: Annotated[
        Numbers, Field(description="Listed strikes, dollars, rising, e.g. [500, 505]; or width or deltas")
    ] = None,
    width: Annotated[Number, Field(description="Dollars, e.g. 5")] = None,
    deltas: Annotated[Numbers, Field(description="Absolute, lowest strike first, e.g. [0.5, 0.3]")] = None,
    expiry: Annotated[Day, Field(description="Listed ISO date, e.g. 2026-12-18; or dte")] = None,
    dte: Annotated[Whole, Field(description="Days to the nearest listed expiry, e.g. 30")] = None,
    far_expiry: Annotated[Day, Field(description="Later ISO date of calendars and diagonals")] = None,
    trading_class: TradingClass = None,
    quantity: Annotated[Count, Field(description="Combos, at least 1")] = 1,
    as_chart: Annotated[Flag, Field(description="true: an image instead of data")] = False,
    chart: Annotated[
        str, choice(*KINDS), enum(*KINDS), Field(description="Image: P&L or Greeks over the price")
    ] = PAYOFF,
) -> StrategyAnswer | Pictured:
    """Drafts an options strategy from listed contracts: cost, max loss and profit, breakevens, odds, Greeks.

    Use trade_get_options_chain for single contracts, trade_execute to stage the draft. Strikes default to
    usual deltas, expiry to about 30 days.
    """
    today = call.desk.clock.now().astimezone(NEW_YORK).date()
    request = StrategyRequest.read(
        strategy_type=strategy_type,
        symbol=symbol,
        strikes=strikes,
        width=width,
        deltas=deltas,
        expiry=not_past(expiry, today, "expiry"),
        dte=dte,
        far_expiry=not_past(far_expiry, today, "far_expiry"),
        quantity=quantity,
        trading_class=trading_class or "",
    )
    draft = await call.desk.strategies.build(request)
    call.desk.execution.conversation.select(draft.combo.symbol, draft.strategy_id, draft.strategy_type.words)
    (refused_by,) = await call.desk.execution.objections((draft,))
    answer = strategy_answer(
        draft,
        monotonic=call.desk.clock.monotonic(),
        options_level=call.desk.options_level,
        refused_by=refused_by,
    )
    sketch = draft_sketch(call.desk, draft, chart)
    return await with_picture(call.desk, answer, sketch, as_chart=as_chart, at_once=True)


TOOLS = (
    Tool(
        run=trade_calculate_strategy,
        title="Draft a strategy",
        toolset=Toolset.STRATEGY,
        kind=Kind.DRAFT,
        is_repeatable=True,
    ),
)
