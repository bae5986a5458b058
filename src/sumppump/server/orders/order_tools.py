"""Tools that read orders, tickets and trades. All but the list of working orders come from the journal."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sumppump.server.coercion import OptionalText, Whole
from sumppump.server.desk import Call
from sumppump.server.orders.order_views import OpenOrdersAnswer, OrderAnswer, open_orders_answer, order_answer
from sumppump.server.orders.session_views import SessionAnswer, session_answer
from sumppump.server.parameters import MaybeTicker, OrderId, one_of, order_key
from sumppump.server.registry import Kind, Tool, ToolFunction, Toolset
from sumppump.server.views import Answer


async def trade_get_open_orders(call: Call) -> OpenOrdersAnswer:
    """Lists every working order of the account, also those that SumpPump did not place, and whose they are.

    Use trade_get_order_status for the life of one order, including finished ones.
    """
    return open_orders_answer(await call.desk.execution.open_orders())


async def trade_get_order_status(
    call: Call,
    ticket_id: Annotated[
        OptionalText, Field(description="ticket_id of trade_execute, trade_close or trade_set_stop_loss")
    ] = None,
    order_id: OrderId = None,
) -> OrderAnswer:
    """Tells what became of one ticket or order: state with its evidence, fills, fees, and what is due next.

    Use trade_get_open_orders for all working orders, trade_get_session_status for all trades and tickets.
    """
    key = one_of(ticket_id, order_id, "ticket_id or order_id")
    report = call.desk.execution.status(ticket_id or order_key(key))
    if ticket_id is None or report.ticket_id != ticket_id:
        return order_answer(report)
    return order_answer(report, call.desk.execution.ticket(ticket_id).ticket)


async def trade_get_session_status(
    call: Call,
    symbol: MaybeTicker = None,
    cursor: Annotated[Whole, Field(description="next_cursor, for older trades and tickets")] = None,
) -> SessionAnswer:
    """Shows where every trade stands, which step is due, the tickets, the drafts, and all alarms.

    Use it first in a conversation and whenever something is unclear; it asks nothing over the wire. Use
    trade_get_order_status for one order in full.
    """
    return session_answer(call.desk, symbol, cursor)


def _read(run: ToolFunction, title: str, answer: type[Answer], **marks: bool) -> Tool:
    return Tool(run=run, title=title, toolset=Toolset.PORTFOLIO, kind=Kind.READ, answer=answer, **marks)


TOOLS = (
    _read(trade_get_open_orders, "Working orders", OpenOrdersAnswer),
    _read(trade_get_order_status, "One order", OrderAnswer, is_local=True),
    _read(trade_get_session_status, "Trades, tickets and alarms", SessionAnswer, is_local=True),
)
