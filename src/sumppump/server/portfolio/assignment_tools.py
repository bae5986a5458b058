"""What may be assigned, and what expiry brings."""

from __future__ import annotations

from sumppump.server.desk import Call
from sumppump.server.portfolio.assignment_views import AssignmentAnswer, assignment_answer
from sumppump.server.registry import portfolio_tool


async def trade_get_assignment_risk(call: Call) -> AssignmentAnswer:
    """Watches written options: early exercise for dividends or interest, pin risk, shares and cash at expiry.

    Use trade_get_positions for profit or loss, trade_get_corporate_dates for the dividends of one share.
    """
    return assignment_answer(await call.desk.portfolio.assignment.radar())


TOOLS = (portfolio_tool(trade_get_assignment_risk, "Assignment radar", AssignmentAnswer),)
