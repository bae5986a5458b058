"""What a symbol, a name or a written option can mean."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.server.coercion import Text
from sumppump.server.desk import Call
from sumppump.server.market.contract_views import ContractsAnswer, contracts_answer
from sumppump.server.registry import market_tool


async def trade_find_contract(
    call: Call,
    query: Annotated[Text, Field(description="E.g. SPY, a name, SPY 2026-12-18 500C, VX, EUR/USD, a con_id")],
) -> ContractsAnswer:
    """Finds what a symbol, name, con_id or written contract can mean: class, expiry, multiplier, hours.

    Use it when another tool says that a contract is unknown or ambiguous; trade_get_quote for its price.
    """
    return contracts_answer(await call.desk.market.contracts.find(query))


TOOLS = (market_tool(trade_find_contract, "Find a contract", ContractsAnswer),)
