"""The control port and the doors take what comes: garbage, floods, clients that do not listen."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.protocol.exchange.lab import FRIDAY
from tests.protocol.exchange.test_server import frozen, gone, opened, running

from sumppump.exchange import doors
from sumppump.exchange.control import parse
from sumppump.exchange.place import Place, control
from sumppump.exchange.server import EmbeddedServer
from sumppump.exchange.wire.account_requests import ReqCurrentTime
from sumppump.exchange.wire.codec import encode_request
from sumppump.kernel.errors import InvalidRequest


@pytest.mark.behaviour("SIM-CLOCK-05")
async def test_garbage_on_the_control_port_is_answered_and_harmless(tmp_path: Path) -> None:
    async with running(frozen(tmp_path)) as server:
        found = Place(tmp_path).read()
        assert found is not None
        reader, writer = await asyncio.open_connection("127.0.0.1", found.control_port)
        writer.write(found.secret.encode() + b"\n")
        for junk in (b"\xff\xfe\x00", b"fault F-22 farm=\xf0\x9f", b"advance " + b"9" * 400, b"", b"fault"):
            writer.write(junk + b"\n")
            assert (await reader.readline()).startswith(b"error ")
        writer.write(b"x" * (doors.MAX_CONTROL_LINE + 1))
        await gone(reader)
        assert server.venue.now == FRIDAY
        writer.close()


async def test_faults_are_ordered_and_healed_over_the_control_port(tmp_path: Path) -> None:
    async with running(frozen(tmp_path)) as server:
        found = Place(tmp_path).read()
        assert found is not None
        listed = json.loads(await asyncio.to_thread(control, found, "fault list"))
        assert {"F-01", "F-22", "F-72"} <= {row["name"] for row in listed}
        told = json.loads(await asyncio.to_thread(control, found, "fault F-22 seconds=0"))
        assert told["faults"] == ["F-22"]
        assert told["did"].startswith("began: F-22 until")
        with pytest.raises(InvalidRequest) as caught:
            await asyncio.to_thread(control, found, "fault F-38 tz=Nowhere/City")
        assert caught.value.code == "bad_parameter"
        assert "\t" not in caught.value.message
        assert caught.value.expected
        assert caught.value.found == "Nowhere/City"
        healed = json.loads(await asyncio.to_thread(control, found, "heal all"))
        assert healed["faults"] == []
        assert server.hall.trouble.running == ()


@pytest.mark.behaviour("SIM-WIRE-07")
async def test_held_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who floods a held door is dropped; another client's bytes are served when it opens."""
    monkeypatch.setattr(doors, "MAX_HELD", 10_000)
    async with running(frozen()) as server:
        flooded, flooder = await opened(server)
        _, quiet = await opened(server, 2)
        server.run(parse("hold"))
        flooder.write(encode_request(ReqCurrentTime(), 178) * 4_000)
        await gone(flooded)
        assert len(server.hall.sessions) == 1
        server.run(parse("release"))
        quiet.close()
        flooder.close()


@pytest.mark.behaviour("SIM-CTRL-08")
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hold", "until release"),
        ("save", "not saved"),
        ("drop", "0 connections cut"),
        ("pause", "the clock stands"),
        ("fault F-45 for=90", "F-45 until Fri 2026-11-20 10:01:30 New York"),
        ("heal all", "0 faults healed"),
        ("scenario flash-crash", "flash-crash plays"),
        (
            "advance 2026-12-25",
            "2026-12-25 is no trading day; the clock is at Mon 2026-12-28 09:30:00 New York",
        ),
    ],
)
async def test_an_answer_says_what_was_done(line: str, words: str) -> None:
    async with running(frozen()) as server:
        told = json.loads(server.run(parse(line)))
        assert words in told["did"]
        assert told["holding"] == (line == "hold")


@pytest.mark.behaviour("SIM-SERVE-28")
async def test_one_state_file_serves_one_exchange(tmp_path: Path) -> None:
    file = tmp_path / "day.json"
    async with running(frozen(state=file)):
        with pytest.raises(InvalidRequest) as caught:
            EmbeddedServer(frozen(state=file))
        assert caught.value.code == "state_in_use"
    async with running(frozen(state=file)):
        assert file.exists()


async def test_a_reset_is_a_reset_on_the_wire() -> None:
    async with running(frozen()) as server:
        reader, writer = await opened(server)
        server.hall.trouble.cause("X-04", reset=True)
        server.flush()
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


async def test_bytes_go_out_one_by_one() -> None:
    """The client's reader puts them together again."""
    async with running(frozen()) as server:
        server.hall.trouble.cause("F-55", size=1)
        reader, writer = await opened(server)
        writer.write(encode_request(ReqCurrentTime(), 178))
        async with asyncio.timeout(10):
            data = b""
            while b"49\x001\x00" not in data:
                data += await reader.read(64)
        writer.close()
