"""One bucket for everything that leaves, and who goes first when it is empty."""

from __future__ import annotations

import asyncio
import time

import pytest

from sumppump.kernel.errors import GatewayUnavailable
from sumppump.tws.pacing import Lane, Pacer


async def test_a_full_bucket_lets_a_burst_through_at_once() -> None:
    """45 at once, the 46th waits for its token."""
    pacer = Pacer(45)
    for _ in range(45):
        await pacer.turn()
    waits = asyncio.create_task(pacer.turn())
    await asyncio.sleep(0)
    assert not waits.done()
    assert pacer.waiting == 1
    await waits


async def test_control_goes_before_requests_and_requests_before_releases() -> None:
    """The heartbeat must not wait behind a chain of two thousand; giving lines back can."""
    pacer, order = Pacer(200), list[Lane]()
    pacer.drain()

    async def take(lane: Lane) -> None:
        await pacer.turn(lane)
        order.append(lane)

    lanes = [Lane.RELEASE, Lane.REQUEST, Lane.CONTROL, Lane.RELEASE, Lane.REQUEST]
    await asyncio.gather(*(take(lane) for lane in lanes))
    assert order == sorted(order)


async def test_quotes_for_orders_go_before_requests_that_came_earlier() -> None:
    """Behind the heartbeat and before everything else."""
    pacer, order = Pacer(200), list[Lane]()
    pacer.drain()

    async def take(lane: Lane) -> None:
        await pacer.turn(lane)
        order.append(lane)

    await asyncio.gather(*(take(lane) for lane in (Lane.REQUEST, Lane.URGENT, Lane.CONTROL)))
    assert order == [Lane.CONTROL, Lane.URGENT, Lane.REQUEST]


async def test_a_question_of_its_own_goes_before_the_lines_of_a_chain() -> None:
    """What is held must not wait behind two hundred quotes that somebody else asked for."""
    pacer, order = Pacer(200), list[str]()
    pacer.drain()
    waiting = asyncio.get_running_loop().create_future()
    for _ in range(20):
        pacer.book(lambda: order.append("line"), Lane.REQUEST, waiting.set_exception)
    await pacer.turn(Lane.QUESTION)
    order.append("question")
    await pacer.turn()
    assert order[0] == "question"
    assert order.count("line") == 20


async def test_a_booked_message_keeps_the_age_of_what_it_is_for() -> None:
    """Who books again for the same wish keeps its turn; nothing is sent while booking."""
    pacer, order = Pacer(200), list[str]()
    began = time.monotonic()
    done = asyncio.get_running_loop().create_future()

    def second() -> None:
        order.append("subscribe")
        done.set_result(None)

    def first() -> None:
        order.append("cancel")
        pacer.book(second, Lane.REQUEST, done.set_exception, since=began)

    pacer.book(first, Lane.REQUEST, done.set_exception, since=began)
    pacer.book(lambda: order.append("later"), Lane.REQUEST, done.set_exception)
    given_up = pacer.book(lambda: order.append("given up"), Lane.CONTROL, done.set_exception)
    given_up.give_up()
    assert order == []
    await done
    await pacer.turn()
    assert order == ["cancel", "subscribe", "later"]


async def test_releases_get_their_turn_under_a_load_that_never_ends() -> None:
    """Each call that asks also tidies up; if only requests went out, the rest would pile up without bound."""
    pacer, asked = Pacer(400, release_after_s=0.05), 0
    for _ in range(400):
        await pacer.turn()
    tidying = asyncio.create_task(pacer.turn(Lane.RELEASE))

    async def ask_on_and_on() -> None:
        nonlocal asked
        while not tidying.done():
            await pacer.turn()
            asked += 1
            assert asked < 300

    await asyncio.gather(*(ask_on_and_on() for _ in range(20)))


async def test_an_order_never_waits_and_the_others_pay_for_it() -> None:
    """Settled: orders and cancels jump the queue; the total stays within the rate."""
    pacer = Pacer(100)
    for _ in range(100):
        await pacer.turn()
    loop = asyncio.get_running_loop()
    before = loop.time()
    for _ in range(10):
        pacer.jump()
    assert loop.time() - before < 0.05
    await pacer.turn()
    assert loop.time() - before >= 0.1


async def test_a_caller_that_gives_up_costs_no_token() -> None:
    """A cancelled read is free."""
    pacer = Pacer(20)
    for _ in range(20):
        await pacer.turn()
    waits = [asyncio.create_task(pacer.turn()) for _ in range(5)]
    await asyncio.sleep(0)
    for task in waits:
        task.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
    loop = asyncio.get_running_loop()
    before = loop.time()
    await pacer.turn()
    assert loop.time() - before < 0.15


async def test_who_waits_when_the_connection_ends_hears_it() -> None:
    """As an error, not as a cancellation of the caller."""
    pacer = Pacer(1)
    await pacer.turn()
    waits = asyncio.create_task(pacer.turn())
    await asyncio.sleep(0)
    pacer.close("gone")
    with pytest.raises(GatewayUnavailable, match="gone"):
        await waits
    with pytest.raises(GatewayUnavailable, match="gone"):
        await pacer.turn()


async def test_error_100_starts_again_from_an_empty_bucket() -> None:
    """TWS counts otherwise than we do: give it a moment."""
    pacer = Pacer(50)
    pacer.drain()
    loop = asyncio.get_running_loop()
    before = loop.time()
    await pacer.turn()
    assert loop.time() - before >= 0.015
