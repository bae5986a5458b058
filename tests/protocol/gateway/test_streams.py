"""Contracts that are followed: kept current, honest about gaps, and back by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect, Rig
from tests.protocol.gateway.pictures import LineCounter, picture
from tests.protocol.gateway.scripted import Pulse, ScriptedTws

from sumppump.domain.quotes import Feed, Quote
from sumppump.exchange.wire.market_answers import TickPrice
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.kernel.money import Premium
from sumppump.ports.market import Need, Stream


@dataclass
class Followed:
    """Streams with a listener that only counts."""

    rig: Rig
    streams: list[Stream] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    pulse: Pulse = field(default_factory=Pulse)

    async def open(self, *strikes: int, **said: Any) -> Followed:
        """Follow calls and wait for their first pictures."""
        contracts = [makers.call(strike) for strike in strikes]
        self.streams += await self.rig.gateway.market.follow(contracts, changed=self._changed, **said)
        await self.until(lambda: all(quote.bid and not quote.is_stale for quote in self.quotes))
        return self

    def _changed(self, con_id: int) -> None:
        self.told.append(con_id)
        self.pulse.beat()

    @property
    def quotes(self) -> list[Quote]:
        """What they say now."""
        return [stream.quote() for stream in self.streams]

    async def until(self, claim: Any) -> None:
        """Wait for something that a tick brings."""
        await self.pulse.until(claim)


def tick(tws: ScriptedTws, request_id: int, bid: float) -> None:
    """The bid changes."""
    tws.peer.say(TickPrice(req_id=request_id, tick_type=1, price=bid, size=Decimal(1)))


async def test_a_stream_shows_the_newest_tick_and_its_listener_hears_of_it(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Port: `changed` is called with the con_id."""
    tws_lines = LineCounter(tws)
    followed = await Followed(await connect()).open(500)
    followed.told.clear()
    tick(tws, tws_lines.request_of(1500), 2.25)
    await followed.until(lambda: followed.told)
    assert (followed.told, followed.quotes[0].bid) == ([1500], Premium.of("2.25"))


async def test_ticks_that_come_in_one_piece_are_told_once(tws: ScriptedTws, connect: Connect) -> None:
    """L5: a listener is never called more often than the loop turns, and nothing is queued for it."""
    tws_lines = LineCounter(tws)
    followed = await Followed(await connect()).open(500, 505)
    followed.told.clear()
    for number in range(1000):
        tick(tws, tws_lines.request_of(1500), 1 + number / 100)
    await followed.until(lambda: followed.quotes[0].bid == Premium.of("10.99"))
    assert len(followed.told) < 100
    assert set(followed.told) == {1500}


async def test_what_is_followed_answers_quotes_without_a_message(tws: ScriptedTws, connect: Connect) -> None:
    """A followed contract is answered from its line, for every caller."""
    LineCounter(tws)
    rig = await connect()
    await Followed(rig).open(500)
    sent = len(tws.peer.requests)
    (quote,) = await rig.gateway.market.quotes([makers.call(500)])
    assert quote.bid == Premium.of("1.5")
    assert len(tws.peer.requests) == sent


async def test_two_who_follow_one_contract_share_its_line_until_the_last_lets_go(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Closing twice is harmless; nothing is called after it."""
    tws_lines = LineCounter(tws)
    rig = await connect(linger_s=0.01)
    first, second = await Followed(rig).open(500), await Followed(rig).open(500)
    assert tws_lines.highest == 1
    for _ in range(2):
        first.streams[0].close()
    first.told.clear()
    tick(tws, tws_lines.request_of(1500), 3.0)
    await second.until(lambda: second.quotes[0].bid == Premium.of("3"))
    assert (first.told, first.streams[0].ended, second.streams[0].ended) == ([], "closed", "")
    second.streams[0].close()
    await rig.until(lambda: not tws_lines.open)
    assert rig.gateway.market.lines()[0] == 0


async def test_a_stream_is_stale_while_there_is_no_connection_and_resumes_on_the_next(
    tws: ScriptedTws, connect: Connect
) -> None:
    """The last numbers stay in view, marked; a quote asked for meanwhile is an error."""
    LineCounter(tws)
    rig = await connect(backoff_min_s=0.05)
    followed = await Followed(rig).open(500, 505)
    tws.peer.transport.abort()
    await rig.until(lambda: not rig.connected)
    for quote in followed.quotes:
        assert (quote.is_stale, quote.bid) == (True, Premium.of("1.5"))
        assert "no connection" in quote.notice
    with pytest.raises(GatewayUnavailable):
        await rig.gateway.market.quotes([makers.call(500)])
    await followed.until(lambda: not any(quote.is_stale for quote in followed.quotes))
    assert len(tws.peers[1].got("ReqMktData")) == 2
    assert [stream.ended for stream in followed.streams] == ["", ""]
    assert all(quote.notice == "" for quote in followed.quotes)


async def test_old_numbers_give_way_to_a_whole_new_picture_and_not_to_a_piece_of_one(
    tws: ScriptedTws, connect: Connect
) -> None:
    """A bid of now beside an ask of before the gap would be a market that never was."""
    tws_lines = LineCounter(tws)
    rig = await connect()
    followed = await Followed(rig).open(500)
    tws_lines.open.clear()
    tws_lines.answer = lambda peer, request: peer.say(*picture(request.req_id, bid=9.0)[:2])
    tws.peer.error(-1, 1101, "Connectivity restored - data lost.")
    await rig.until(lambda: tws_lines.open)
    await rig.gateway.sync_clock()
    assert (followed.quotes[0].bid, followed.quotes[0].is_stale) == (Premium.of("1.5"), True)
    tws.peer.say(*picture(tws_lines.request_of(1500), bid=9.0)[2:])
    await followed.until(lambda: not followed.quotes[0].is_stale)
    assert (followed.quotes[0].bid, followed.quotes[0].ask) == (Premium.of("9"), Premium.of("9.1"))


async def test_a_competing_session_that_names_no_line_is_tried_again_now_and_then(
    tws: ScriptedTws, connect: Connect
) -> None:
    """10197 also comes without a request; nothing says that the other session has gone."""
    tws_lines = LineCounter(tws)
    rig = await connect(pause_retry_s=0.05)
    followed = await Followed(rig).open(500)
    tws.peer.error(-1, 10197, "No market data during competing live session")
    await followed.until(lambda: followed.quotes[0].is_stale)
    assert "another session of the same login" in followed.quotes[0].notice
    await followed.until(lambda: not followed.quotes[0].is_stale)
    assert (len(tws.peer.got("ReqMktData")), len(tws_lines.open)) == (2, 1)


async def test_a_contract_that_tws_refuses_ends_its_stream_with_the_reason(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Port: `ended` says why; the listener hears it."""
    rig = await connect()
    tws.on("ReqMktData", lambda peer, request: peer.error(request.req_id, 200, "No security definition"))
    followed = Followed(rig)
    followed.streams += await rig.gateway.market.follow([makers.call(1)], changed=followed._changed)
    await followed.until(lambda: followed.streams[0].ended)
    assert "does not know this contract" in followed.streams[0].ended
    assert rig.gateway.market.lines()[0] == 0


async def test_a_stream_that_has_heard_nothing_yet_says_what_it_waits_for(
    tws: ScriptedTws, connect: Connect
) -> None:
    """A place, then a tick; never an empty market without a word."""
    tws_lines = LineCounter(tws, limit=1)
    tws_lines.answer = lambda _peer, _request: None
    rig = await connect()
    streams = await rig.gateway.market.follow([makers.call(1), makers.call(2)], changed=lambda _: None)
    assert {stream.quote().notice for stream in streams} == {"it waits for a market data line"}
    await rig.until(lambda: tws_lines.refused)
    await rig.gateway.sync_clock()
    first, second = (stream.quote() for stream in streams)
    assert (first.notice, first.bid, first.feed) == ("no tick has come yet", None, Feed.NONE)
    assert "TWS has no market data line left (TWS 101)" in second.notice


async def test_pinned_contracts_leave_lines_for_lookups(tws: ScriptedTws, connect: Connect) -> None:
    """One line in ten is never pinned, so that a quote can always be had."""
    LineCounter(tws)
    rig = await connect(line_limit=20)
    followed = await Followed(rig).open(*range(1, 30))
    assert [stream.instrument.con_id for stream in followed.streams] == list(range(1001, 1019))
    (quote,) = await rig.gateway.market.quotes([makers.call(500)])
    assert quote.bid is not None


async def test_what_is_followed_already_takes_no_further_line(tws: ScriptedTws, connect: Connect) -> None:
    """A second client that follows the same chain shares its lines, however full the budget is."""
    tws_lines = LineCounter(tws)
    rig = await connect(line_limit=10)
    first = await Followed(rig).open(*range(1, 10))
    second = await Followed(rig).open(1, 2, 50, 3)
    assert len(first.streams) == 9
    assert [stream.instrument.con_id for stream in second.streams] == [1001, 1002]
    assert tws_lines.highest == 9


async def test_orders_take_the_line_of_a_pinned_contract_which_waits_and_resumes(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Orders and open positions first; the stream says why it stands still and goes on by itself."""
    tws_lines = LineCounter(tws, limit=10)
    rig = await connect(line_limit=10, linger_s=60.0)
    followed = await Followed(rig).open(*range(1, 10))
    holder = await Followed(rig).open(*range(500, 505), need=Need.ORDERS)
    stale = [quote for quote in followed.quotes if quote.is_stale]
    assert len(stale) == 4
    assert all("more urgent" in quote.notice for quote in stale)
    for stream in holder.streams:
        stream.close()
    await followed.until(lambda: not any(quote.is_stale for quote in followed.quotes))
    assert (tws_lines.highest, tws_lines.refused) == (10, 0)
