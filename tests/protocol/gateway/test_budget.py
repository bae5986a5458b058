"""The market data lines as one budget: who goes first, who gives way, and that TWS never says 101 to us."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect, Rig
from tests.protocol.gateway.pictures import LineCounter, full
from tests.protocol.gateway.scripted import Peer, ScriptedTws

from sumppump.bootstrap import seats
from sumppump.ports.market import Need
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings


def calls(*strikes: int) -> list[Any]:
    """Calls of these strikes; their con_id is 1000 more."""
    return [makers.call(strike) for strike in strikes]


def asked(tws: ScriptedTws) -> list[int]:
    """Strikes in the order in which they were subscribed."""
    return [request.contract.con_id - 1000 for request in tws.peer.got("ReqMktData")]


async def given_up(task: asyncio.Future[Any]) -> None:
    """End a task, whatever it says."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_cancel_is_the_next_frame_while_a_thousand_data_requests_wait(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Settled: orders and cancels jump the queue."""
    LineCounter(tws)
    rig = await connect(messages_per_s=2)
    chain = asyncio.ensure_future(rig.gateway.market.quotes(calls(*range(1, 1001)), deadline_s=60))
    await rig.until(lambda: asked(tws))  # the next request may leave half a second later
    sent = len(tws.peer.requests)
    rig.gateway.broker.transmit_cancel(7)
    await rig.until(lambda: len(tws.peer.requests) > sent)
    assert type(tws.peer.requests[sent]).__name__ == "CancelOrder"
    await given_up(chain)


async def test_quotes_for_an_order_are_asked_before_everything_that_waits(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Orders and open positions first, also where a chain of three hundred has come before."""
    LineCounter(tws)
    rig = await connect(line_limit=30)
    chain = asyncio.ensure_future(rig.gateway.market.quotes(calls(*range(1, 301)), deadline_s=60))
    await rig.until(lambda: len(asked(tws)) >= 30)
    before = len(asked(tws))
    await rig.gateway.market.quotes(calls(500), need=Need.ORDERS)
    assert 500 in asked(tws)[before : before + 2]
    await given_up(chain)


async def test_a_chain_is_subscribed_in_the_order_asked(tws: ScriptedTws, connect: Connect) -> None:
    """Nearest the money first is the caller's order."""
    LineCounter(tws)
    rig = await connect(line_limit=5, messages_per_s=1000)
    wanted = list(range(40, 0, -1))
    await rig.gateway.market.quotes(calls(*wanted))
    assert asked(tws) == wanted


async def test_a_cancel_leaves_before_the_subscription_that_needs_its_place(
    tws: ScriptedTws, connect: Connect
) -> None:
    """TWS counts in the order of messages: with all lines taken they alternate, and no message is spared."""
    tws_lines = LineCounter(tws, limit=5)
    rig = await connect(line_limit=5, messages_per_s=1000, linger_s=60.0)
    await rig.gateway.market.quotes(calls(*range(1, 21)))
    kinds = [type(request).__name__ for request in tws.peer.requests]
    tail = [kind for kind in kinds if "MktData" in kind][5:]
    assert tail == ["CancelMktData", "ReqMktData"] * 15
    assert (tws_lines.highest, tws_lines.refused) == (5, 0)


async def test_a_contract_without_numbers_gives_way_and_gets_its_line_back(
    tws: ScriptedTws, connect: Connect
) -> None:
    """One dead strike per line would otherwise hold up a whole chain to its deadline."""
    tws_lines = LineCounter(tws)
    silent_once = {1001, 1002}

    def answer(peer: Peer, request: Any) -> None:
        if request.contract.con_id in silent_once:
            silent_once.discard(request.contract.con_id)
        else:
            full(peer, request)

    tws_lines.answer = answer
    rig = await connect(line_limit=2, line_turn_s=0.03, messages_per_s=1000)
    quotes = await rig.gateway.market.quotes(calls(*range(1, 11)), deadline_s=60)
    assert all(quote.bid for quote in quotes)
    assert sorted(asked(tws)[-2:]) == [1, 2]
    assert tws_lines.highest == 2


async def test_after_a_stranger_took_lines_we_do_with_less_and_try_again(
    tws: ScriptedTws, connect: Connect
) -> None:
    """101: shrink to what TWS granted, grow step by step, and end with everything once there is room."""
    tws_lines = LineCounter(tws, limit=4)
    rig = await connect(line_retry_s=0.25, messages_per_s=1000, line_limit=20)
    streams = await rig.gateway.market.follow(calls(*range(1, 11)), changed=lambda _: None)
    await rig.until(lambda: tws_lines.refused >= 6)
    await rig.gateway.sync_clock()
    assert rig.gateway.market.lines() == (4, 4)
    tws_lines.limit = 100
    await rig.until(lambda: len(tws_lines.open) == 10)
    while rig.gateway.market.lines()[1] < 20:
        await rig.gateway.sync_clock()
    assert [stream.ended for stream in streams] == [""] * 10


async def test_what_is_followed_leaves_lines_for_lookups_when_there_are_fewer_than_it_was_promised(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Claim: thirty are followed, strangers leave us twenty: two of those serve every look."""
    tws_lines = LineCounter(tws, limit=20)
    rig = await connect(line_retry_s=60.0, messages_per_s=1000, line_limit=40, linger_s=0.01)
    streams = await rig.gateway.market.follow(calls(*range(1, 31)), changed=lambda _: None)
    await rig.until(lambda: tws_lines.refused > 0 and len(tws_lines.open) == 20)
    for strikes in (range(100, 104), range(104, 108)):
        quotes = await rig.gateway.market.quotes(calls(*strikes), deadline_s=5.0)
        assert all(quote.bid for quote in quotes)
    await rig.until(lambda: len([con_id for con_id in tws_lines.open.values() if con_id < 1100]) == 18)
    assert [stream.ended for stream in streams] == [""] * 30


async def test_a_smaller_share_is_kept_at_once_lookups_and_idle_lines_first(tws: ScriptedTws) -> None:
    """Another process has come: what is followed is given up last, and comes back when the other has gone."""
    tws_lines, share = LineCounter(tws), [10]
    gateway = TwsGateway(
        TwsSettings(port=tws.port, share_check_s=0.01, linger_s=60.0, messages_per_s=1000),
        line_share=lambda: share[0],
    )
    rig = Rig(gateway, tws.pulse)
    await gateway.start()
    await rig.until(lambda: rig.connected)
    await gateway.market.quotes(calls(*range(100, 104)))
    await gateway.market.follow(calls(*range(1, 7)), changed=lambda _: None)
    await rig.until(lambda: len(tws_lines.open) == 10)
    share[0] = 6
    await rig.until(lambda: len(tws_lines.open) == 6)
    assert set(tws_lines.open.values()) == set(range(1001, 1007))
    share[0] = 2
    await rig.until(lambda: len(tws_lines.open) == 2)
    share[0] = 10
    await rig.until(lambda: set(tws_lines.open.values()) == set(range(1001, 1007)))
    await gateway.stop()


async def test_two_processes_of_one_home_never_see_101(
    tws: ScriptedTws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer holds nearly all lines; a reader comes, waits until some are given up, uses its share."""
    monkeypatch.setattr(seats, "SETTLING_S", 0.2)
    tws_lines = LineCounter(tws, limit=20)
    rigs = []

    async def process(client_id: int, *, is_reader: bool) -> Rig:
        gateway = TwsGateway(
            TwsSettings(port=tws.port, client_id=client_id, share_check_s=0.02, messages_per_s=1000),
            line_share=seats.line_share(tmp_path, 20, is_reader=is_reader),
        )
        rigs.append(Rig(gateway, tws.pulse))
        await gateway.start()
        await tws.pulse.until(lambda: rigs[-1].connected)
        return rigs[-1]

    writer = await process(17, is_reader=False)
    await writer.gateway.market.follow(calls(*range(1, 19)), changed=lambda _: None)
    await tws.pulse.until(lambda: len(tws_lines.open) == 18)
    seat = seats.take_seat(tmp_path)
    reader = await process(18, is_reader=True)
    quotes = await reader.gateway.market.quotes(calls(*range(100, 140)))
    assert all(quote.bid for quote in quotes)
    assert (reader.gateway.market.lines()[1], writer.gateway.market.lines()[1]) == (15, 5)
    assert (tws_lines.refused, tws_lines.highest <= 20) == (0, True)
    for rig in rigs:
        await rig.gateway.stop()
    seat.release()


async def test_an_idle_line_and_a_shared_line_cost_no_message(tws: ScriptedTws, connect: Connect) -> None:
    """Whoever needs it more takes it over as it is."""
    LineCounter(tws)
    rig = await connect(linger_s=60.0)
    await rig.gateway.market.quotes(calls(500))
    await rig.gateway.market.follow(calls(500), changed=lambda _: None)
    await rig.gateway.market.quotes(calls(500), need=Need.ORDERS)
    assert (asked(tws), tws.peer.got("CancelMktData")) == ([500], [])


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_callers_do_the_budget_holds_and_everything_is_given_back(
    tws: ScriptedTws, connect: Connect, seed: int
) -> None:
    """Quotes of all needs, cancelled callers, streams opened and closed: never a 101, at the end no line."""
    source = random.Random(seed)
    tws_lines = LineCounter(tws, limit=12)
    rig = await connect(line_limit=12, messages_per_s=5000, linger_s=0.005, line_turn_s=0.01)
    work: list[asyncio.Future[Any]] = []
    streams: list[Any] = []
    for _ in range(60):
        wanted = calls(*source.sample(range(1, 60), source.randint(1, 20)))
        match source.choice(["ask", "ask", "follow", "close", "give up", "wait"]):
            case "ask":
                need = source.choice(list(Need))
                ask = rig.gateway.market.quotes(wanted, need=need, deadline_s=source.choice([0.01, 5.0]))
                work.append(asyncio.ensure_future(ask))
            case "follow":
                streams += await rig.gateway.market.follow(wanted[:4], changed=lambda _: None)
            case "close" if streams:
                streams.pop(source.randrange(len(streams))).close()
            case "give up" if work:
                work[source.randrange(len(work))].cancel()
            case _:
                await rig.gateway.sync_clock()
    for stream in streams:
        stream.close()
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    await rig.until(lambda: not tws_lines.open)
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert (tws_lines.refused, rig.gateway.market.lines()) == (0, (0, 12))
    assert tws_lines.highest <= 12
