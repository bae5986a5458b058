"""Tools that stage, cancel and stop. None of them can approve, and none waits for a person."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from sumppump.domain.orders import OrderState, OrderType, TimeInForce
from sumppump.domain.tickets import Channel, TicketKind
from sumppump.execution.reports import Outcome
from sumppump.kernel.errors import InvalidRequest, OutOfStep
from sumppump.kernel.text import clean
from sumppump.server.coercion import AnyWords, Flag, Number, OptionalText, Text, Whole, choice, note
from sumppump.server.desk import Call
from sumppump.server.orders.decisions import by_code, shown, staged, waiting_for
from sumppump.server.orders.order_views import CancelAnswer, KillAnswer, cancel_answer
from sumppump.server.orders.ticket_views import TicketAnswer
from sumppump.server.parameters import (
    ConfirmToken,
    LimitPrice,
    OrderId,
    PositionId,
    enum,
    one_of,
    order_key,
    premium,
)
from sumppump.server.registry import Kind, Tool, ToolFunction, Toolset
from sumppump.server.views import Answer, Question

ORDER_TYPES = ("LMT",)
TIFS = (TimeInForce.DAY,)
MOST_WAITING = 10
"""Openings that may wait for the person at once; exits are never turned away."""
MOST_REASON = 200
CLOSE_TYPES = ("limit", "market", "emergency")
STOP_TYPES = ("fixed", "trailing")


async def trade_execute(
    call: Call,
    strategy_id: Annotated[
        OptionalText, Field(description="Draft of trade_calculate_strategy; makes a new ticket")
    ] = None,
    ticket_id: Annotated[
        OptionalText, Field(description="A ticket made before: reports it, or with confirm_token sends it")
    ] = None,
    quantity: Annotated[
        Whole, Field(description="Contracts or combos, e.g. 2; default as in the draft")
    ] = None,
    order_type: Annotated[
        str, choice(*ORDER_TYPES, limit="LMT"), enum(*ORDER_TYPES), Field(description="Always LMT")
    ] = "LMT",
    limit_price: LimitPrice = None,
    tif: Annotated[
        str, choice(*TIFS), enum(*TIFS), Field(description="Always DAY; its exits are GTC")
    ] = "DAY",
    take_profit_pct: Annotated[
        Number, Field(description="Adds a closing target: percent of the entry's net premium, e.g. 50")
    ] = None,
    stop_loss_pct: Annotated[
        Number, Field(description="Adds a protective stop: percent of the entry's net premium, e.g. 50")
    ] = None,
    confirm_token: ConfirmToken = None,
) -> TicketAnswer | Question:
    """Stages an order of a drafted strategy as a ticket, which a person has to approve before it is sent.

    Use trade_close to get out of a position and trade_get_order_status to follow an order that was sent.
    The same ticket_id again reports the same result and never sends twice.
    """
    one_of(strategy_id, ticket_id, "strategy_id or ticket_id")
    if ticket_id is not None:
        return await by_code(call, ticket_id, confirm_token) if confirm_token else shown(call, ticket_id)
    if confirm_token:
        return await by_code(call, _draft_ticket(call, strategy_id), confirm_token)
    _must_have_room(call, strategy_id)
    ticket = await call.desk.execution.stage_open(
        call.desk.strategies.drafts.get(strategy_id or ""),
        quantity=quantity,
        order_type=OrderType(order_type),
        limit=premium(limit_price),
        tif=TimeInForce(tif),
        take_profit_pct=take_profit_pct,
        stop_loss_pct=stop_loss_pct,
    )
    return staged(call, ticket)


async def trade_close(
    call: Call,
    symbol: Annotated[
        OptionalText, Field(description="Underlying with a single position, e.g. SPY; else give position_id")
    ] = None,
    position_id: PositionId = None,
    close_type: Annotated[
        str,
        choice(*CLOSE_TYPES),
        enum(*CLOSE_TYPES),
        Field(description="limit: at the mid or limit_price; market, emergency: marketable limit, collared"),
    ] = "limit",
    limit_price: LimitPrice = None,
    percentage: Annotated[
        Number, Field(description="Percent of the position, above 0 to 100, e.g. 50; default all of it")
    ] = None,
    confirm_token: ConfirmToken = None,
) -> TicketAnswer | Question:
    """Stages a ticket that closes a position, a whole strategy as one order.

    Use trade_cancel_order for an order that is still working, and trade_set_stop_loss to stay in with a stop.
    A working stop of the position is removed first and comes back if the close is not filled.
    """
    key = one_of(position_id, symbol, "position_id or symbol")
    if confirm_token:
        return await by_code(call, _position_ticket(call, key, TicketKind.CLOSE), confirm_token)
    ticket = await call.desk.execution.stage_close(
        key,
        close_type=close_type,
        limit=premium(limit_price),
        percentage=Decimal(100) if percentage is None else percentage,
    )
    if percentage is not None:
        found = int(percentage) if percentage == int(percentage) else float(percentage)
        note("percentage", found, ticket.facts.action_words.partition(" held")[0])
    return staged(call, ticket)


async def trade_set_stop_loss(
    call: Call,
    position_id: Annotated[Text, Field(description="position_id of trade_get_positions, or strategy_id")],
    stop_price: Annotated[
        Number, Field(description="Price of the held position per share at which to get out, e.g. 1.05")
    ] = None,
    stop_pct: Annotated[
        Number, Field(description="Instead: percent of the entry's net premium lost at the trigger, e.g. 50")
    ] = None,
    stop_type: Annotated[
        str,
        choice(*STOP_TYPES),
        enum(*STOP_TYPES),
        Field(description="fixed (stop limit); trailing for shares only"),
    ] = "fixed",
    trailing_amount: Annotated[
        Number, Field(description="Dollars per share behind the price, for trailing, e.g. 2.5")
    ] = None,
    limit_offset: Annotated[
        Number,
        Field(description="Dollars per share between trigger and limit; default: larger of 10 % and 3 ticks"),
    ] = None,
    decline: Annotated[Flag, Field(description="true: the person wants no stop; give the reason")] = False,
    reason: Annotated[
        OptionalText, Field(description="Why no stop, in the person's words, with decline")
    ] = None,
    confirm_token: ConfirmToken = None,
) -> TicketAnswer | Question:
    """Stages a ticket for a protective stop on a position, or records that the person declines one.

    Use trade_close to get out now, trade_modify_order to move a stop that is already working. Stops on
    options are stop-limit orders, good till cancelled; a fast market may leave the limit behind.
    """
    if decline:
        return await _declined(call, position_id, reason)
    if confirm_token:
        return await by_code(call, _position_ticket(call, position_id, TicketKind.STOP), confirm_token)
    ticket = await call.desk.execution.stage_stop(
        position_id,
        stop_price=premium(stop_price),
        stop_pct=stop_pct,
        stop_type=stop_type,
        limit_offset=limit_offset,
        trailing_amount=trailing_amount,
    )
    return staged(call, ticket)


async def _declined(call: Call, position_id: str, reason: str | None) -> TicketAnswer:
    if not reason:
        raise InvalidRequest(
            "declining a stop needs a reason",
            code="missing_argument",
            expected="reason: why the person wants no stop",
            found="nothing",
            next_steps=["Ask the person and call again with reason."],
        )
    outcome = await call.desk.execution.decline_stop(position_id, reason)
    return TicketAnswer(
        summary=outcome.message,
        status="STOP_DECLINED",
        ticket_id="",
        next_steps=["The position has no stop. Watch it (trade_get_positions), or close it (trade_close)."],
    )


async def trade_modify_order(
    call: Call,
    order_id: Annotated[
        Text, Field(description="order_id (e.g. 12) or order_ref of a working order of SumpPump")
    ],
    new_limit_price: LimitPrice = None,
    new_quantity: Annotated[Whole, Field(description="New total quantity, e.g. 1")] = None,
    new_stop_price: Annotated[
        Number, Field(description="New trigger per share of a stop order, e.g. 1.10")
    ] = None,
    confirm_token: ConfirmToken = None,
) -> TicketAnswer | Question:
    """Stages a ticket that changes price or quantity of a working order.

    Use trade_cancel_order to take it out of the market, which needs no approval unless it is a stop.
    """
    key = order_key(order_id)
    if confirm_token:
        return await by_code(call, _order_ticket(call, key, TicketKind.MODIFY), confirm_token)
    ticket = await call.desk.execution.stage_modify(
        key,
        new_limit=premium(new_limit_price),
        new_quantity=new_quantity,
        new_stop=premium(new_stop_price),
    )
    return staged(call, ticket)


async def trade_cancel_order(
    call: Call,
    order_id: OrderId = None,
    cancel_all: Annotated[
        Flag, Field(description="true: all working orders of SumpPump but protective stops")
    ] = False,
    confirm_token: ConfirmToken = None,
) -> CancelAnswer:
    """Cancels a working order at once; only a protective stop needs the person's approval first.

    Use trade_close for a position that is already filled, and trade_kill_switch to stop everything.
    """
    if cancel_all:
        return cancel_answer(await call.desk.execution.cancel_all(), call.desk.approving())
    key = order_key(one_of(order_id, None, "order_id or cancel_all=true"))
    if confirm_token:
        return cancel_answer([await _cancel_by_code(call, key, confirm_token)], call.desk.approving())
    return cancel_answer([await call.desk.execution.cancel(key)], call.desk.approving())


async def trade_kill_switch(
    call: Call,
    reason: Annotated[str, AnyWords, Field(description="Why, in a few words, e.g. runaway orders")] = "",
) -> KillAnswer:
    """Stops all new orders at once and cancels working orders that would add risk; protective stops stay.

    Use trade_cancel_order for a single order. Only a person can clear the switch, outside this chat.
    """
    outcome = await call.desk.execution.kill(clean(reason, limit=MOST_REASON) or "no reason given")
    return KillAnswer(
        summary=f"The kill switch is on. {outcome.message}",
        status="KILLED",
        message=outcome.message,
        next_steps=[
            "Tell the person that nothing can be sent until they run this in a terminal: "
            f"{call.desk.command} kill --clear",
            "Positions stay as they are; trade_get_positions and trade_get_open_orders show them.",
        ],
    )


def _must_have_room(call: Call, strategy_id: str | None) -> None:
    """Refuse another opening where many wait for the person; the same draft replaces its own ticket."""
    waiting = {
        view.ticket.strategy_id
        for view in call.desk.execution.tickets()
        if view.state is OrderState.AWAIT_HUMAN and view.ticket.kind is TicketKind.OPEN
    }
    if len(waiting) >= MOST_WAITING and strategy_id not in waiting:
        raise OutOfStep(
            f"{len(waiting)} tickets wait for the person already",
            code="too_many_waiting",
            expected=f"fewer than {MOST_WAITING} waiting openings",
            found=str(len(waiting)),
            next_steps=["Have the person approve or decline some of them, or wait until they expire."],
        )


def _draft_ticket(call: Call, strategy_id: str | None) -> str:
    return waiting_for(call, lambda t: t.kind is TicketKind.OPEN and t.strategy_id == strategy_id)


def _position_ticket(call: Call, key: str, kind: TicketKind) -> str:
    return waiting_for(
        call, lambda t: t.kind is kind and key in (t.position_id, t.strategy_id, t.facts.symbol)
    )


def _order_ticket(call: Call, key: int | str, kind: TicketKind) -> str:
    ref = call.desk.execution.status(key).order_ref
    return waiting_for(call, lambda t: t.kind is kind and t.target_ref == ref)


async def _cancel_by_code(call: Call, key: int | str, code: str) -> Outcome:
    ticket_id = _order_ticket(call, key, TicketKind.CANCEL_STOP)
    return await call.desk.execution.approve(ticket_id, Channel.CODE, code=code)


def _money(run: ToolFunction, title: str, answer: type[Answer], **marks: bool) -> Tool:
    return Tool(run=run, title=title, toolset=Toolset.EXECUTION, kind=Kind.MONEY, answer=answer, **marks)


TOOLS = (
    _money(trade_execute, "Stage or report an order", TicketAnswer),
    _money(trade_close, "Stage the close of a position", TicketAnswer),
    _money(trade_set_stop_loss, "Stage or decline a stop", TicketAnswer),
    _money(trade_modify_order, "Stage a change of a working order", TicketAnswer),
    _money(trade_cancel_order, "Cancel working orders", CancelAnswer, is_repeatable=True, always_on=True),
    _money(
        trade_kill_switch,
        "Stop everything new",
        KillAnswer,
        is_repeatable=True,
        always_on=True,
        is_local=True,
        heeds_nothing=True,
    ),
)
