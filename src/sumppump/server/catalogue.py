"""All tools, family by family, in the order in which a host lists them."""

from __future__ import annotations

from sumppump.server import execution_tools, market_tools, order_tools, portfolio_tools, strategy_tools

TOOLS = (
    *market_tools.TOOLS,
    *portfolio_tools.TOOLS,
    *order_tools.TOOLS,
    *strategy_tools.TOOLS,
    *execution_tools.TOOLS,
)
