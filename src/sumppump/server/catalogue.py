"""All tools, family by family, in the order in which a host lists them."""

from __future__ import annotations

from sumppump.server import execution_tools, order_tools

TOOLS = (*order_tools.TOOLS, *execution_tools.TOOLS)
