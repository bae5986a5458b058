"""All tools, family by family, in the order in which a host lists them."""

from __future__ import annotations

from sumppump.server.market import (
    chain_tools,
    contract_tools,
    corporate_tools,
    crypto_fx_tools,
    depth_tools,
    feed_tools,
    history_tools,
    live_tools,
    news_tools,
    quote_tools,
    scan_tools,
    schedule_tools,
    trade_tools,
    volatility_tools,
    watchlist_tools,
)
from sumppump.server.orders import execution_tools, order_tools
from sumppump.server.portfolio import (
    account_tools,
    assignment_tools,
    greeks_tools,
    margin_tools,
    position_tools,
    risk_tools,
    summary_tools,
    trade_history_tools,
)
from sumppump.server.strategy import draft_tools, idea_tools

TOOLS = (
    *quote_tools.TOOLS,
    *watchlist_tools.TOOLS,
    *chain_tools.TOOLS,
    *history_tools.TOOLS,
    *schedule_tools.TOOLS,
    *corporate_tools.TOOLS,
    *feed_tools.TOOLS,
    *contract_tools.TOOLS,
    *depth_tools.TOOLS,
    *trade_tools.TOOLS,
    *news_tools.TOOLS,
    *scan_tools.TOOLS,
    *live_tools.TOOLS,
    *volatility_tools.TOOLS,
    *crypto_fx_tools.TOOLS,
    *position_tools.TOOLS,
    *account_tools.TOOLS,
    *summary_tools.TOOLS,
    *greeks_tools.TOOLS,
    *margin_tools.TOOLS,
    *risk_tools.TOOLS,
    *trade_history_tools.TOOLS,
    *assignment_tools.TOOLS,
    *order_tools.TOOLS,
    *draft_tools.TOOLS,
    *idea_tools.TOOLS,
    *execution_tools.TOOLS,
)
