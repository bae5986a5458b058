"""The exchange with its doors open: sockets, files, the control port, signals."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ib_async
import pytest
from tests.protocol.exchange.lab import FRIDAY, SPY, Lab, bought_option

from sumppump.exchange.control import parse
from sumppump.exchange.desks.line import Rules
from sumppump.exchange.place import Place, Running, control
from sumppump.exchange.server import EmbeddedServer, SimSettings, open_venue, serve
from sumppump.exchange.wire.account_requests import ReqCurrentTime, StartApi
from sumppump.exchange.wire.codec import encode_request
from sumppump.exchange.wire.framing import PRELUDE, frame
from sumppump.exchange.wire.market_requests import ReqContractDetails, ReqMktData
from sumppump.kernel.errors import GatewayUnavailable, InvalidRequest

PATIENCE_S = 10.0


@contextlib.asynccontextmanager
async def running(settings: SimSettings) -> AsyncIterator[EmbeddedServer]:
    server = EmbeddedServer(settings)
    await server.start()
    try:
        yield server
    finally:
        await server.close()


def frozen(home: Path | None = None, **more: object) -> SimSettings:
    return SimSettings(**{"start": FRIDAY, "frozen": True, "home": home, **more})  # type: ignore[arg-type]


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def until(holds: Callable[[], bool]) -> None:
    """Give the loop its turns until something has happened."""
    for _ in range(int(PATIENCE_S / 0.005)):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


async def opened(server: EmbeddedServer, client_id: int = 1) -> Streams:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(PRELUDE + frame(b"v157..178") + encode_request(StartApi(client_id=client_id), 178))
    await read_frame(reader)
    await read_frame(reader)
    return reader, writer


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(PATIENCE_S):
        size = int.from_bytes(await reader.readexactly(4), "big")
        return await reader.readexactly(size)


async def read_until(reader: asyncio.StreamReader, prefix: bytes) -> bytes:
    while not (body := await read_frame(reader)).startswith(prefix):
        pass
    return body


async def gone(reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(PATIENCE_S):
        with contextlib.suppress(ConnectionError):
            while await reader.read(65536):
                pass


@pytest.mark.behaviour("SIM-SERVE-01")
async def test_a_client_is_served_over_a_socket() -> None:
    async with running(frozen()) as server:
        reader, writer = await opened(server)
        writer.write(encode_request(ReqCurrentTime(), 178))
        assert await read_until(reader, b"49\0") == f"49\x001\x00{int(FRIDAY.timestamp())}\x00".encode()
        writer.close()


@pytest.mark.behaviour("SIM-SERVE-02")
async def test_nonsense_ends_its_own_connection_alone() -> None:
    async with running(frozen()) as server:
        reader, writer = await opened(server)
        other_reader, other = await asyncio.open_connection("127.0.0.1", server.port)
        other.write(b"GET / HTTP/1.1\r\n\r\n")
        await gone(other_reader)
        writer.write(encode_request(ReqCurrentTime(), 178))
        await read_until(reader, b"49\0")
        writer.close()
        other.close()


@pytest.mark.behaviour("SIM-SERVE-03")
async def test_a_client_that_does_not_read_is_dropped() -> None:
    """It asks for the whole chain again and again and never looks; nobody else notices."""
    settings = frozen(max_output=200_000, rules=Rules(rate=100_000, patience=100_000))
    async with running(settings) as server:
        reader, writer = await opened(server)
        idle_reader, idle = await opened(server, 2)
        chain = ReqContractDetails(req_id=1, contract=SPY)
        idle.write(encode_request(chain, 178) * 40_000)
        await until(lambda: len(server.hall.sessions) == 1)
        writer.write(encode_request(ReqCurrentTime(), 178))
        await read_until(reader, b"49\0")
        writer.close()
        idle.close()
        del idle_reader


@pytest.mark.behaviour("SIM-SERVE-04")
async def test_the_clock_is_moved_over_the_control_port(tmp_path: Path) -> None:
    async with running(frozen(tmp_path)) as server:
        found = await asyncio.to_thread(Place(tmp_path).find)
        assert found is not None
        assert found.port == server.port
        stepped = json.loads(await asyncio.to_thread(control, found, "step 2.5"))
        assert stepped["now"] == "2026-11-20T15:00:02.500000+00:00"
        closed = json.loads(await asyncio.to_thread(control, found, "advance close"))
        assert (closed["now"], closed["open"]) == ("2026-11-20T21:00:00+00:00", False)
        again = json.loads(await asyncio.to_thread(control, found, "advance open"))
        assert (again["now"], again["open"]) == ("2026-11-23T14:30:00+00:00", True)
        with pytest.raises(InvalidRequest) as caught:
            await asyncio.to_thread(control, found, "advance 2026-11-20T15:00:00+00:00")
        assert caught.value.code == "bad_control"


@pytest.mark.behaviour("SIM-SERVE-05")
async def test_pause_and_resume_stop_and_start_the_clock() -> None:
    async with running(SimSettings(start=FRIDAY, speed=1000.0)) as server:
        from_loop = asyncio.get_running_loop().time
        server.run(parse("pause"))
        paused = server.conductor.clock.now(from_loop())
        assert server.conductor.clock.now(from_loop() + 5) == paused
        server.run(parse("resume 10"))
        later = server.conductor.clock.now(from_loop() + 5)
        assert 49 < (later - paused).total_seconds() < 60


@pytest.mark.behaviour("SIM-SERVE-06")
async def test_without_the_secret_the_control_port_says_nothing(tmp_path: Path) -> None:
    """A web page can make a browser post to any port; its first line is not the secret."""
    async with running(frozen(tmp_path)):
        found = Place(tmp_path).read()
        assert found is not None
        wrong = Running(**{**running_values(found), "secret": "guess"})
        with pytest.raises((GatewayUnavailable, InvalidRequest)):
            await asyncio.to_thread(control, wrong, "stop")
        assert await asyncio.to_thread(Place(tmp_path).find) is not None


def running_values(found: Running) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Running.__dataclass_fields__}


@pytest.mark.behaviour("SIM-SERVE-07")
async def test_drop_cuts_every_client_and_they_may_come_back(tmp_path: Path) -> None:
    async with running(frozen(tmp_path)) as server:
        reader, writer = await opened(server)
        server.run(parse("drop"))
        await gone(reader)
        writer.close()
        _, again = await opened(server)
        again.close()


@pytest.mark.behaviour("SIM-SERVE-08")
async def test_hold_takes_bytes_and_does_nothing_until_release() -> None:
    """A black hole: connected, silent; on release everything that was sent is served."""
    async with running(frozen()) as server:
        reader, writer = await opened(server)
        for _ in range(3):
            await read_until(reader, b"4\0")
        server.run(parse("hold"))
        writer.write(encode_request(ReqCurrentTime(), 178))
        await writer.drain()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reader.readexactly(1)
        server.run(parse("release"))
        await read_until(reader, b"49\0")
        writer.close()


@pytest.mark.behaviour("SIM-SERVE-09")
async def test_a_restart_finds_orders_positions_and_time_again(tmp_path: Path) -> None:
    """The market itself is a function of seed and time, so it goes on as if nothing had happened."""
    lab = Lab()
    async with running(frozen(tmp_path)) as server:
        server.run(parse("step 5"))
        lab.hall = server.hall
        bought_option(lab, lab.connect(9))
        before = (server.venue.now, server.venue.positions(), server.venue.executions())
    assert Place(tmp_path).read() is None
    again = open_venue(SimSettings(home=tmp_path), wall=FRIDAY)
    assert (again.now, again.positions(), again.executions()) == before
    assert again.positions()


@pytest.mark.behaviour("SIM-SERVE-10")
def test_a_saved_exchange_never_goes_back_and_never_to_a_closed_market(tmp_path: Path) -> None:
    """Next morning it goes on at ten of the new day; in the night, at the next open."""
    venue = open_venue(SimSettings(start=FRIDAY), wall=FRIDAY)
    Place(tmp_path).save(7, venue.snapshot())
    monday = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    later = open_venue(SimSettings(home=tmp_path), wall=monday)
    assert later.now == datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    venue.advance(datetime(2026, 11, 20, 23, 0, tzinfo=UTC))
    Place(tmp_path).save(7, venue.snapshot())
    assert open_venue(SimSettings(home=tmp_path), wall=FRIDAY).now == datetime(
        2026, 11, 23, 14, 30, tzinfo=UTC
    )


@pytest.mark.behaviour("SIM-SERVE-11")
def test_the_same_start_again_goes_on_where_it_was_saved_unless_it_is_fresh(tmp_path: Path) -> None:
    """A person repeats the command line after a restart and finds orders and positions again."""
    venue = open_venue(SimSettings(start=FRIDAY), wall=FRIDAY)
    Place(tmp_path).save(7, venue.snapshot())
    early = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
    assert open_venue(SimSettings(home=tmp_path, start=early), wall=FRIDAY).now == venue.now
    assert open_venue(SimSettings(home=tmp_path, start=early, fresh=True), wall=FRIDAY).now == early


@pytest.mark.behaviour("SIM-SERVE-12")
def test_another_account_than_the_saved_one_is_refused(tmp_path: Path) -> None:
    venue = open_venue(SimSettings(start=FRIDAY), wall=FRIDAY)
    Place(tmp_path).save(7, venue.snapshot())
    with pytest.raises(InvalidRequest):
        open_venue(SimSettings(home=tmp_path, account="SIM0000001"), wall=FRIDAY)


@pytest.mark.behaviour("SIM-SERVE-13")
async def test_one_home_has_one_exchange(tmp_path: Path) -> None:
    """The second names the first; when the first has closed, its place is free."""
    async with running(frozen(tmp_path)) as server:
        with pytest.raises(InvalidRequest) as caught:
            EmbeddedServer(frozen(tmp_path, fresh=True))
        assert caught.value.code == "exchange_running"
        assert str(server.port) in str(caught.value.found)
    async with running(frozen(tmp_path)):
        assert Place(tmp_path).read() is not None


@pytest.mark.behaviour("SIM-SERVE-14")
async def test_a_state_that_cannot_be_saved_does_not_stop_the_market(tmp_path: Path) -> None:
    """The disk is full while clients trade: they go on, the log says so."""
    async with running(frozen(tmp_path, save_every_s=0.0)) as server:
        folder = Place(tmp_path).folder
        Place(tmp_path).state_file(7).mkdir()
        lab = Lab()
        lab.hall = server.hall
        bought_option(lab, lab.connect(9))
        server._turn()
        assert not server.stopped.is_set()
        assert server.venue.positions()
        Place(tmp_path).state_file(7).rmdir()
        assert folder.exists()


@pytest.mark.behaviour("SIM-SERVE-15")
async def test_it_ends_itself_when_nobody_comes() -> None:
    ready: list[int] = []
    async with asyncio.timeout(PATIENCE_S):
        await serve(frozen(idle_exit_s=0.1), on_ready=ready.append)
    assert ready[0] > 0


@pytest.mark.behaviour("SIM-SERVE-16")
async def test_it_does_not_end_while_somebody_is_there() -> None:
    async with running(frozen(idle_exit_s=0.0)) as server:
        _, writer = await opened(server)
        for _ in range(5):
            server._turn()
        assert not server.stopped.is_set() or not server._doors
        writer.close()


@pytest.mark.behaviour("SIM-SERVE-17")
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM to oneself on Windows")
async def test_a_signal_ends_it_cleanly(tmp_path: Path) -> None:
    """The state is saved and the port file is gone."""
    async with asyncio.timeout(PATIENCE_S):
        await serve(frozen(tmp_path), on_ready=lambda _: os.kill(os.getpid(), signal.SIGTERM))
    assert Place(tmp_path).read() is None
    assert Place(tmp_path).load(7) is not None


@pytest.mark.behaviour("SIM-SERVE-18")
async def test_a_client_can_be_let_in_without_a_socket() -> None:
    """For loops whose time is not real: bytes in by `data_received`, bytes out to any transport."""
    server = EmbeddedServer(frozen())
    await server.start(listen=False)
    sink = Sink()
    door = server.attach(sink)
    door.data_received(PRELUDE + frame(b"v157..178") + encode_request(StartApi(client_id=1), 178))
    assert b"nextValid" not in sink.data
    assert b"\x009\x001\x001\x00"[1:] in sink.data
    door.connection_lost(None)
    assert server.hall.sessions == []
    await server.close()


class Sink(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.data += bytes(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        self.data += b"closed"


@pytest.mark.behaviour("SIM-SERVE-19")
async def test_a_hundred_lines_tick_into_a_real_client() -> None:
    """Afterwards every one of its tickers shows the exchange's own quote: no tick was lost on the way."""
    async with running(frozen()) as server:
        ib = ib_async.IB()
        await ib.connectAsync("127.0.0.1", server.port, clientId=3, timeout=PATIENCE_S)
        smart = next(p for p in server.venue.option_params("SPY") if p.exchange == "SMART")
        day = f"{smart.expirations[3]:%Y%m%d}"
        details = await ib.reqContractDetailsAsync(ib_async.Option("SPY", day, exchange="SMART"))
        for each in details[:100]:
            assert each.contract is not None
            ib.reqMktData(each.contract)
        await until(lambda: server.hall.lines_in_use == 100)
        before = ib.client.connectionStats().numMsgRecv
        server.run(parse("step 2"))
        await ib.reqCurrentTimeAsync()
        assert ib.client.connectionStats().numMsgRecv - before > 1000
        for ticker in ib.tickers():
            assert ticker.contract is not None
            book = server.venue.quote(ticker.contract.conId)
            assert book is not None
            assert (ticker.bid, ticker.ask) == (float(book.bid or -1), float(book.ask or -1))
        ib.disconnect()


@pytest.mark.behaviour("SIM-SERVE-20")
async def test_market_data_reaches_an_old_client_in_its_own_layout() -> None:
    async with running(frozen()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(PRELUDE + frame(b"v100..157") + encode_request(StartApi(client_id=1), 157))
        writer.write(encode_request(ReqMktData(req_id=1, contract=SPY), 157))
        await read_until(reader, b"81\0")
        tick = await read_until(reader, b"1\0")
        assert b"." not in tick.split(b"\0")[5]
        writer.close()
