"""Live updates through the real socket: ticks become answers, gaps are said, 0DTE ends at the bell."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect, Open, Rig
from tests.protocol.gateway.scripted import Peer, ScriptedTws
from tests.protocol.gateway.test_quotes import full

from sumppump.data.chain_request import ChainRequest
from sumppump.data.chains import ChainService
from sumppump.data.live import LiveBoard
from sumppump.data.live_market import LiveMarket
from sumppump.data.live_service import LiveService
from sumppump.data.meaning import Meanings
from sumppump.domain.quotes import Quote
from sumppump.exchange.control import Advance
from sumppump.exchange.wire.market_answers import TickPrice
from sumppump.kernel.money import Premium
from sumppump.tws.gateway import TwsGateway

CALL = makers.call(500)


def live_of(gateway: TwsGateway) -> LiveService:
    """The live service on this gateway, hearing of its connection."""
    directory, clock = gateway.directory, gateway.clock
    board = LiveBoard(gateway.market, clock)
    market = LiveMarket(gateway.market, board)
    chains = ChainService(directory=directory, market=market, clock=clock, live=board)
    meanings = Meanings(directory=directory, clock=clock)
    live = LiveService(board=board, meanings=meanings, chains=chains, market=market, clock=clock)
    gateway.broker.subscribe(live.hear)
    return live


def bid(req_id: int, price: float) -> TickPrice:
    return TickPrice(req_id=req_id, tick_type=1, price=price, size=Decimal(10))


class Seen:
    """A board that is read whenever its rig's pulse is looked at."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.board: LiveBoard = live_of(rig.gateway).board
        self.tells: list[int] = []
        tick = self.board._tick
        self.board._tick = lambda con_id: (tick(con_id), rig.pulse.beat())  # type: ignore[method-assign]
        self.board.on_end.append(lambda *_: rig.pulse.beat())

    def quote(self) -> Quote | None:
        self.board.flush()
        return self.board.quote(CALL.con_id)

    async def until(self, claim: Any) -> Quote:
        await self.rig.until(lambda: (quote := self.quote()) is not None and claim(quote))
        quote = self.quote()
        assert quote is not None
        return quote


@pytest.fixture
async def seen(tws: ScriptedTws, connect: Connect) -> Seen:
    tws.on("ReqMktData", full)
    seen = Seen(await connect())
    await seen.board.hold("test", [CALL])
    await seen.until(lambda quote: quote.bid == Premium.of("1.5"))
    return seen


async def test_a_tick_on_the_wire_is_the_quote(seen: Seen, tws: ScriptedTws) -> None:
    """Claim: the newest of many ticks is shown, Greeks of the broker's model with it. Requirement SM1."""
    (request,) = tws.peers[-1].got("ReqMktData")
    tws.peers[-1].say(*(bid(request.req_id, 1.50 + step / 100) for step in range(1, 9)))
    quote = await seen.until(lambda quote: quote.bid == Premium.of("1.58"))
    assert quote.greeks is not None
    assert not quote.is_stale


async def test_a_lost_connection_is_stale_until_ticks_come_again(seen: Seen, tws: ScriptedTws) -> None:
    """Claim: the old picture stays, called stale, and the line resumes by itself. Requirement SM2, F-01."""
    tws.on("ReqMktData", lambda peer, request: None)
    tws.peers[-1].transport.close()
    stale = await seen.until(lambda quote: quote.is_stale)
    assert stale.bid == Premium.of("1.5")
    assert seen.board.pulse(CALL.con_id).is_stale  # type: ignore[union-attr]
    await seen.rig.until(lambda: len(tws.peers) > 1 and tws.peers[-1].got("ReqMktData"))
    assert (quote := seen.quote()) is not None
    assert quote.is_stale, "subscribed again is not yet told again"
    full(tws.peers[-1], tws.peers[-1].got("ReqMktData")[-1])
    await seen.until(lambda quote: not quote.is_stale)


@pytest.mark.parametrize(("broken", "mended"), [((2103, "usfarm"), (2104, "usfarm"))])
async def test_a_broken_farm_is_stale_until_ticks_resume(
    seen: Seen, tws: ScriptedTws, broken: tuple[int, str], mended: tuple[int, str]
) -> None:
    """Claim: 2103 makes followed quotes stale; ticks after 2104 make them good. F-22."""
    peer: Peer = tws.peers[-1]
    (request,) = peer.got("ReqMktData")
    peer.error(-1, broken[0], f"Market data farm connection is broken:{broken[1]}")
    await seen.until(lambda quote: quote.is_stale)
    peer.error(-1, mended[0], f"Market data farm connection is OK:{mended[1]}")
    await seen.rig.until(lambda: not seen.rig.gateway.broker.link().farms_down)
    for each in peer.got("ReqMktData"):
        full(peer, each)
    peer.say(bid(request.req_id, 1.52))
    await seen.until(lambda quote: not quote.is_stale)


async def test_a_refused_contract_ends_with_its_reason(tws: ScriptedTws, connect: Connect) -> None:
    """Claim: no security definition ends the follow and is said. F-37."""
    tws.on("ReqMktData", lambda peer, request: peer.error(request.req_id, 200, "No security definition"))
    seen, ends = Seen(await connect()), []
    seen.board.on_end.append(lambda instrument, reason: ends.append((instrument, reason)))
    await seen.board.hold("test", [CALL])
    await seen.rig.until(lambda: (seen.board.flush(), ends)[1])
    assert ends[0][0] == CALL
    assert "TWS 200" in ends[0][1]
    assert seen.board.size == 0


async def test_a_0dte_chain_ends_at_the_bell_of_the_exchange(open_pair: Open) -> None:
    """Claim: the exchange's clock closes it, not the host's, and its lines go back. Requirement OC8."""
    server, gateway = await open_pair(frozen=True, settings={"messages_per_s": 1000, "linger_s": 0.0})
    live = live_of(gateway)
    report = await live.start([], ChainRequest(symbol="SPY", max_dte=0, strikes_around=2))
    (follow,) = report.follows
    assert follow.followed == follow.contracts == 19
    last = max(each.last_trade for each in live._follows[follow.live_id].part.listed)  # type: ignore[union-attr]
    left = (last - gateway.clock.now()).total_seconds()
    server.run(Advance(seconds=left - 60))
    await gateway.sync_clock()
    assert live.status().contracts == 19
    server.run(Advance(seconds=61.0))
    await gateway.sync_clock()
    after = live.status()
    assert (after.contracts, after.follows) == (0, ())
    assert "stopped trading at 2026-11-20" in after.closed[0]
