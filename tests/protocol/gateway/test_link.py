"""How the gateway stays connected: in the background, with one client id, never believing a silent socket."""

from __future__ import annotations

import asyncio
import json
import random
import time
from decimal import Decimal
from pathlib import Path

import pytest
from tests.protocol.gateway import makers
from tests.protocol.gateway.conftest import Connect
from tests.protocol.gateway.scripted import ACCOUNT, Peer, ScriptedTws

from sumppump.exchange.wire.codec import encode_answer
from sumppump.exchange.wire.market_answers import MarketDataType, TickPrice
from sumppump.exchange.wire.order_answers import OpenOrderEnd
from sumppump.kernel.errors import GatewayUnavailable
from sumppump.ports.broker import LinkChanged, OrderSeen
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings

RECORDED = Path(__file__).parents[4] / "shared" / "data" / "recorded" / "session_sv176.jsonl"


async def test_start_returns_at_once_and_calls_say_what_is_missing(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Our decision: connecting never delays the start of the server."""
    await tws.stop()
    rig = await connect(wait=False, port=1)
    status = rig.gateway.broker.link()
    assert (status.connected, status.server_time, status.reason) == (False, False, "connecting")
    with pytest.raises(GatewayUnavailable, match="no connection"):
        await rig.gateway.accounts.figures()
    with pytest.raises(GatewayUnavailable):
        rig.gateway.broker.reserve_order_id()


async def test_it_connects_when_tws_comes_up_later(tws: ScriptedTws, connect: Connect) -> None:
    """F-43: the gateway may be down for a weekend; the program stays up and says why."""
    port = tws.port
    await tws.stop()
    rig = await connect(wait=False)
    await rig.until(lambda: "Connect" in rig.gateway.broker.link().reason)
    await tws.start(port)
    await rig.until(lambda: rig.connected)
    assert rig.gateway.broker.link().account == ACCOUNT


async def test_a_taken_client_id_is_waited_for_and_never_changed(tws: ScriptedTws, connect: Connect) -> None:
    """F-24: an order can only be cancelled by the id that placed it, so a random id is no way out of 326."""
    tws.taken_ids = {17}
    rig = await connect(wait=False, handshake_timeout_s=30.0)
    await rig.until(lambda: len(tws.peers) >= 3)
    assert "client id 17 is in use" in rig.gateway.broker.link().reason
    tws.taken_ids = set()
    await rig.until(lambda: rig.connected)
    assert {peer.client_id for peer in tws.peers} == {17}


async def test_a_tws_that_accepts_and_never_answers_is_given_up(tws: ScriptedTws, connect: Connect) -> None:
    """F-37: connect time-out, back-off, and reads fail at once meanwhile."""
    tws.shakes_hands = False
    rig = await connect(wait=False, handshake_timeout_s=0.05)
    await rig.until(lambda: len(tws.peers) >= 2)
    assert "did not answer the handshake" in rig.gateway.broker.link().reason
    tws.shakes_hands = True
    await rig.until(lambda: rig.connected)


async def test_a_black_hole_is_noticed_and_left(tws: ScriptedTws, connect: Connect) -> None:
    """F-45: no reset, no bytes: the heartbeat finds out (15 s at most with the default of 5 s)."""
    rig = await connect(heartbeat_s=0.1)
    time_is_told = tws.answers.pop("ReqCurrentTime")
    await rig.until(lambda: "silent" in rig.gateway.broker.link().reason)
    assert not rig.connected
    tws.answers["ReqCurrentTime"] = time_is_told
    await rig.until(lambda: rig.connected)
    assert TwsSettings().heartbeat_s * 2 <= 15


async def test_a_time_question_that_is_dropped_at_the_connect_is_asked_again(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Without the server's time there is no connection: expiries and sessions go by it."""

    def dropped(peer: Peer, _request: object) -> None:
        tws.on("ReqCurrentTime", tws.tell_time)

    tws.on("ReqCurrentTime", dropped)
    rig = await connect(handshake_timeout_s=0.3)
    assert rig.gateway.broker.link().server_time
    assert len(tws.peers) == 1


async def test_a_tws_that_only_forgets_the_time_is_not_silent(tws: ScriptedTws, connect: Connect) -> None:
    """Gateway 10.45 drops a second time request within a second; while bytes come the line is not dead."""
    rig = await connect(heartbeat_s=0.05)
    first = tws.peer
    tws.on("ReqCurrentTime", lambda peer, _: peer.error(-1, 2104, "Market data farm connection is OK:usfarm"))
    await rig.until(lambda: len(first.got("ReqCurrentTime")) >= 5)
    assert rig.connected
    assert len(tws.peers) == 1


async def test_a_lost_connection_comes_back_with_the_same_id_and_asks_for_a_reconcile(
    tws: ScriptedTws, connect: Connect
) -> None:
    """R2 of the order rules; figure R1: reconnected in 5 s (with the default back-off of 1 s)."""
    rig = await connect()
    tws.peer.transport.abort()
    await rig.until(lambda: len(tws.peers) == 2 and rig.connected)
    changes = [(event.status.connected, event.needs_reconcile) for event in rig.all(LinkChanged)]
    assert changes == [(True, True), (False, False), (True, True)]
    assert tws.peer.client_id == 17


async def test_who_waits_for_an_answer_hears_that_the_connection_ended(
    tws: ScriptedTws, connect: Connect
) -> None:
    """The library leaves orphaned futures pending (P-1); here every question ends with its connection."""
    rig = await connect(request_timeout_s=60.0, backoff_min_s=60.0)
    asks = [
        asyncio.create_task(ask())
        for ask in (
            rig.gateway.accounts.positions,
            rig.gateway.broker.open_orders,
            rig.gateway.broker.executions,
        )
    ]
    await rig.until(lambda: tws.peer.got("ReqExecutions"))
    tws.peer.transport.abort()
    answers = await asyncio.gather(*asks, return_exceptions=True)
    assert {type(answer) for answer in answers} == {GatewayUnavailable}


async def test_1100_stops_orders_but_neither_cancels_nor_the_socket(
    tws: ScriptedTws, connect: Connect
) -> None:
    """F-59: TWS lost IB; orders would not be acknowledged, cancels are allowed (R11)."""
    rig = await connect()
    order_id = rig.gateway.broker.reserve_order_id()
    frame = rig.gateway.broker.encode(makers.order(), order_id)
    tws.peer.error(-1, 1100, "Connectivity between IB and Trader Workstation has been lost.")
    await rig.until(lambda: not rig.gateway.broker.link().broker_online)
    with pytest.raises(GatewayUnavailable, match="1100"):
        rig.gateway.broker.transmit(frame, order_id)
    with pytest.raises(GatewayUnavailable, match="1100"):
        await rig.gateway.broker.open_orders()
    rig.gateway.broker.transmit_cancel(order_id)
    await rig.until(lambda: tws.peer.got("CancelOrder"))
    assert not tws.peer.got("PlaceOrder")
    assert rig.connected


@pytest.mark.parametrize(("code", "data_lost"), [(1101, True), (1102, False)])
async def test_connectivity_that_is_back_asks_for_a_reconcile(
    tws: ScriptedTws, connect: Connect, code: int, data_lost: bool
) -> None:
    """F-60, F-61: 1101 also says that the subscriptions are gone."""
    rig = await connect()
    tws.peer.error(-1, 1100, "Connectivity between IB and Trader Workstation has been lost.")
    tws.peer.error(-1, code, "Connectivity between IB and Trader Workstation has been restored.")
    await rig.until(lambda: len(rig.all(LinkChanged)) == 3)
    event = rig.all(LinkChanged)[-1]
    assert (event.status.broker_online, event.needs_reconcile, event.data_lost) == (True, True, data_lost)


async def test_1101_has_every_line_and_the_account_asked_for_again(
    tws: ScriptedTws, connect: Connect
) -> None:
    """F-60: all lines are subscribed again, their number unchanged; what is idle is given up."""
    rig = await connect()
    quote = asyncio.create_task(rig.gateway.market.quotes([makers.call(500), makers.call(505)]))
    await rig.until(lambda: len(tws.peer.got("ReqMktData")) == 2)
    updates = len(tws.peer.got("ReqAccountUpdates"))
    tws.peer.error(-1, 1101, "Connectivity between IB and Trader Workstation has been restored - data lost.")
    await rig.until(lambda: len(tws.peer.got("ReqMktData")) == 4)
    await rig.until(lambda: len(tws.peer.got("ReqAccountUpdates")) == updates + 1)
    asked = [request.contract.con_id for request in tws.peer.got("ReqMktData")]
    assert sorted(asked[:2]) == sorted(asked[2:])
    assert rig.gateway.market.lines()[0] == 2
    quote.cancel()
    await asyncio.gather(quote, return_exceptions=True)


async def test_broken_farms_are_named_until_they_are_back(tws: ScriptedTws, connect: Connect) -> None:
    """F-22, F-23: a farm concerns data; the order socket is not touched."""
    rig = await connect()
    tws.peer.error(-1, 2103, "Market data farm connection is broken:usfarm.nj")
    tws.peer.error(-1, 2105, "HMDS data farm connection is broken:ushmds")
    await rig.until(lambda: rig.gateway.broker.link().farms_down == ("usfarm.nj", "ushmds"))
    tws.peer.error(-1, 2104, "Market data farm connection is OK:usfarm.nj")
    tws.peer.error(
        -1, 2107, "HMDS data farm connection is inactive but should be available upon demand.ushmds"
    )
    await rig.until(lambda: rig.gateway.broker.link().farms_down == ())
    assert len(tws.peers) == 1


async def test_2110_after_the_connect_means_that_tws_itself_is_offline(
    tws: ScriptedTws, connect: Connect
) -> None:
    """TWS says so to a client that connects while it has lost its server."""
    rig = await connect()
    tws.peer.error(-1, 2110, "Connectivity between Trader Workstation and server is broken.")
    await rig.until(lambda: not rig.gateway.broker.link().broker_online)


async def test_a_port_that_has_moved_is_named_as_the_reason(tws: ScriptedTws, connect: Connect) -> None:
    """1300: the person has to change a setting; we say which."""
    rig = await connect(backoff_min_s=60.0)
    tws.peer.error(-1, 1300, "TWS socket port has been reset and this connection is being dropped. -4002")
    tws.peer.transport.close()
    await rig.until(lambda: not rig.connected)
    assert "another port" in rig.gateway.broker.link().reason


async def test_where_tws_is_is_asked_before_every_attempt(tws: ScriptedTws) -> None:
    """The embedded exchange may come back on another port; not to find it is a failed attempt like others."""
    answers = iter([None, 1, tws.port])

    async def endpoint() -> tuple[str, int]:
        port = next(answers)
        if port is None:
            raise GatewayUnavailable("no exchange runs")
        return "127.0.0.1", port

    gateway = TwsGateway(TwsSettings(backoff_min_s=0.01), endpoint=endpoint)
    gateway.broker.subscribe(tws.pulse.beat)
    reasons: list[str] = []
    gateway.broker.subscribe(lambda event: reasons.append(gateway.broker.link().reason))
    await gateway.start()
    await tws.pulse.until(lambda: gateway.broker.link().connected)
    assert reasons[0] == "no exchange runs"
    assert gateway.broker.link().port == tws.port
    await gateway.stop()


@pytest.mark.parametrize("when", ["up", "shaking hands"])
async def test_whoever_becomes_the_writer_comes_back_under_the_writer_s_id(
    tws: ScriptedTws, connect: Connect, when: str
) -> None:
    """An order can only be changed under the id that placed it; the id changes before anything is sent."""
    rig = await connect(client_id=18, wait=when == "up")
    if when == "shaking hands":
        tws.answers.pop("ReqCurrentTime")
        await rig.until(lambda: tws.peers and tws.peer.got("ReqCurrentTime"))
    rig.gateway.use_client_id(17)
    await rig.until(lambda: not rig.connected)
    tws.on("ReqCurrentTime", tws.tell_time)
    await rig.until(lambda: rig.connected and tws.peer.client_id == 17)
    assert rig.gateway.broker.link().client_id == 17


@pytest.mark.parametrize("seed", range(5))
async def test_any_chunking_of_the_stream_gives_the_same_events(
    tws: ScriptedTws, connect: Connect, seed: int
) -> None:
    """F-55: one byte at a time, or two hundred messages in one piece."""
    rig = await connect()
    messages = [makers.status(order, 100 + order) for order in range(1, 201)]
    stream = b"".join(encode_answer(message, 178) for message in messages)
    source = random.Random(seed)
    conn = rig.gateway._link.session().client.conn
    while stream:
        size = source.choice([1, 1, 2, 3, 7, 50, len(stream)])
        conn.data_received(stream[:size])
        stream = stream[size:]
    seen = [event.order.order_id for event in rig.all(OrderSeen)]
    assert seen == list(range(1, 201))


async def test_a_frame_cut_short_by_the_end_of_the_connection_is_dropped_with_it(
    tws: ScriptedTws, connect: Connect
) -> None:
    """F-56: what was buffered of the old stream never meets the new one."""
    rig = await connect()
    tws.peer.raw(encode_answer(makers.status(1, 101), 178)[:-5])
    tws.peer.transport.close()
    await rig.until(lambda: len(tws.peers) == 2 and rig.connected)
    tws.peer.say(makers.status(2, 102))
    await rig.until(lambda: rig.all(OrderSeen))
    assert [event.order.perm_id for event in rig.all(OrderSeen)] == [102]
    assert rig.gateway.broker.link().decoder_errors == 0


async def test_unknown_messages_and_late_ticks_harm_nothing(tws: ScriptedTws, connect: Connect) -> None:
    """F-57: an id that we do not know is counted; ticks of a line that is gone are dropped silently."""
    rig = await connect()
    tws.peer.fields("250", "1", "from a newer TWS")
    tws.peer.say(
        TickPrice(req_id=99, tick_type=1, price=1.0, size=Decimal(1)), MarketDataType(req_id=99, kind=3)
    )
    tws.on("ReqAllOpenOrders", lambda peer, _: peer.say(OpenOrderEnd()))
    assert await rig.gateway.broker.open_orders() == ()
    assert rig.gateway.broker.link().decoder_errors == 1


@pytest.mark.parametrize("version", [100, 156, 158, 201])
async def test_a_server_version_that_is_not_spoken_is_refused_with_its_reason(
    tws: ScriptedTws, connect: Connect, version: int
) -> None:
    """F-57: below 157 the library has no layout; at exactly 158 it misreads openOrder; 201 is protobuf."""
    tws.version = version
    rig = await connect(wait=False)
    await rig.until(lambda: len(tws.peers) >= 2)
    assert not rig.connected
    assert rig.gateway.broker.link().reason


async def test_stopping_twice_or_before_the_start_is_harmless() -> None:
    """A host may close the program at any moment."""
    gateway = TwsGateway(TwsSettings(port=1))
    await gateway.stop()
    await gateway.start()
    await gateway.stop()
    await gateway.stop()
    assert not gateway.broker.link().connected


async def test_stopping_in_the_middle_of_everything_leaves_no_task(
    tws: ScriptedTws, connect: Connect
) -> None:
    """S4: object counts stay; the fixture compares the tasks before and after."""
    rig = await connect(request_timeout_s=60.0)
    work: list[asyncio.Task[object]] = [
        asyncio.create_task(rig.gateway.market.quotes([makers.call(k) for k in range(1, 200)]))
    ]
    work += [asyncio.create_task(rig.gateway.accounts.figures()) for _ in range(3)]
    await rig.until(lambda: len(tws.peer.requests) > 20)
    await rig.gateway.stop()
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {GatewayUnavailable}


async def test_an_answer_that_came_while_the_loop_was_blocked_still_counts(
    tws: ScriptedTws, connect: Connect
) -> None:
    """F-40: after a pause of the whole program time-out and answer are due in the same turn."""
    rig = await connect(request_timeout_s=0.05)
    tws.on("ReqAllOpenOrders", lambda peer, _: peer.say(OpenOrderEnd()))
    ask = asyncio.create_task(rig.gateway.broker.open_orders())
    await rig.until(lambda: tws.peer.got("ReqAllOpenOrders"))
    time.sleep(0.1)  # noqa: ASYNC251 - the block is what is tested
    assert await ask == ()


async def test_a_listener_that_fails_does_not_keep_the_event_from_the_others(
    tws: ScriptedTws, connect: Connect
) -> None:
    """Nor is its bug counted as a message that could not be read."""
    rig = await connect()
    late: list[object] = []

    def fails(event: object) -> None:
        raise RuntimeError("a bug")

    rig.gateway.broker.subscribe(fails)
    rig.gateway.broker.subscribe(late.append)
    tws.peer.say(makers.status(1, 101))
    await rig.until(lambda: rig.all(OrderSeen))
    assert len(late) == 1
    assert rig.gateway.broker.link().decoder_errors == 0


async def test_account_ids_never_reach_the_library_s_log(
    tws: ScriptedTws, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """Q6: frames hold account ids, and the library logs frames that it cannot read."""
    rig = await connect()
    tws.peer.fields("61", "3", ACCOUNT, "what", "is", "this")
    await rig.until(lambda: rig.gateway.broker.link().decoder_errors)
    tws.peer.transport.abort()
    await rig.until(lambda: len(tws.peers) == 2 and rig.connected)
    assert ACCOUNT not in caplog.text


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded TWS session lies outside the repository")
async def test_the_recorded_session_of_a_real_tws_is_read_without_an_error(
    tws: ScriptedTws, connect: Connect
) -> None:
    """A paper account at server version 176, October 2023: every server message of it in one stream."""
    tws.version = 176
    rig = await connect()
    said = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    frames = [row["fields"] for row in said if row["dir"] == "S>C" and "fields" in row][3:]
    for fields in frames:
        tws.peer.fields(*fields)
    tws.peer.say(makers.status(7, 107))
    await rig.until(lambda: [e for e in rig.all(OrderSeen) if e.order.perm_id == 107])
    assert len(frames) > 400
    assert rig.gateway.broker.link().decoder_errors == 0
