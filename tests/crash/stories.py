"""What a person does in the crash tests; every story is killed at every one of its steps."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping

from tests.crash.harness import Story
from tests.crash.program import SPREAD, Program

from sumppump.domain.orders import OrderState, OrderType, Purpose, TimeInForce
from sumppump.domain.tickets import Channel, Role, Ticket, TicketKind
from sumppump.kernel.money import Premium


async def _approve(program: Program, ticket: Ticket) -> OrderState:
    return (await program.service.approve(ticket.ticket_id, Channel.PAGE)).state


async def _fill(program: Program, ref: str, quantity: int | None = None) -> None:
    """The market fills an order, if it can be filled."""
    if any(held.ref == ref and not held.why_held for held in program.venue.working()):
        program.venue.fill(ref, quantity)
    await asyncio.sleep(0.3)


async def open_and_fill(program: Program, rng: random.Random) -> None:
    ticket = program.open_ticket()
    await _approve(program, ticket)
    await _fill(program, ticket.orders[0].order.order_ref)


async def open_three(program: Program, rng: random.Random) -> None:
    for number in range(3):
        order = program.order(limit=f"2.{number}0")
        ticket = program.issue(program.content((Role.MAIN, order), strategy_id=f"stg_{number}"))
        await _approve(program, ticket)


async def partial_then_rest(program: Program, rng: random.Random) -> None:
    ticket = program.open_ticket(quantity=3)
    await _approve(program, ticket)
    ref = ticket.orders[0].order.order_ref
    await _fill(program, ref, 1)
    await _fill(program, ref, 2)


async def open_bracket(program: Program, rng: random.Random) -> None:
    ticket = program.bracket_ticket()
    await _approve(program, ticket)
    await _fill(program, ticket.orders[0].order.order_ref)
    await _fill(program, ticket.orders[1].order.order_ref)


async def cancel_it(program: Program, rng: random.Random) -> None:
    ticket = program.open_ticket()
    await _approve(program, ticket)
    await program.service.cancel(ticket.orders[0].order.order_ref)


async def cancel_raced_by_fill(program: Program, rng: random.Random) -> None:
    ticket = program.open_ticket()
    await _approve(program, ticket)
    ref = ticket.orders[0].order.order_ref
    cancelling = asyncio.ensure_future(program.service.cancel(ref))
    await asyncio.sleep(rng.uniform(0, 0.03))
    await _fill(program, ref)
    await cancelling


async def modify_it(program: Program, rng: random.Random) -> None:
    ticket = program.open_ticket()
    await _approve(program, ticket)
    await asyncio.sleep(0.6)
    record = program.ledger.book.orders[ticket.orders[0].order.order_ref]
    changed = await program.service._stager.modify(record, limit=None, quantity=2, stop=None)
    await _approve(program, program.issue(changed))
    await asyncio.sleep(0.2)


async def stop_then_close(program: Program, rng: random.Random) -> None:
    await open_and_fill(program, rng)
    await _set_stop(program)
    if await _approve(program, await program.service.stage_close("stg_1")) is not OrderState.FILLED:
        closing = [r for r in program.ledger.book.orders.values() if r.order.purpose is Purpose.CLOSE]
        for record in closing:
            await _fill(program, record.ref)


async def close_not_filled(program: Program, rng: random.Random) -> None:
    await open_and_fill(program, rng)
    await _set_stop(program)
    await _approve(program, await program.service.stage_close("stg_1"))
    await asyncio.sleep(5.0)


async def kill_switch(program: Program, rng: random.Random) -> None:
    await open_three(program, rng)
    await program.service.kill("enough")
    await asyncio.sleep(0.5)


async def _set_stop(program: Program) -> None:
    order = program.order(
        SPREAD.reversed, "-0.90", stop=Premium.of("-1.00"), order_type=OrderType.STP_LMT,
        tif=TimeInForce.GTC, purpose=Purpose.STOP, protects="stg_1",
    )  # fmt: skip
    await _approve(program, program.issue(program.content((Role.MAIN, order), kind=TicketKind.STOP)))
    await asyncio.sleep(0.1)


STORIES: Mapping[str, Story] = {
    story.__name__: story
    for story in (
        open_and_fill,
        open_three,
        partial_then_rest,
        open_bracket,
        cancel_it,
        cancel_raced_by_fill,
        modify_it,
        stop_then_close,
        close_not_filled,
        kill_switch,
    )
}
