"""What may come through a real socket: frames that are too long, half there, too many."""

from __future__ import annotations

import asyncio
import struct

import pytest
from tests.protocol.exchange.test_server import frozen, gone, opened, read_until, running, until

from sumppump.exchange.server import EmbeddedServer
from sumppump.exchange.wire.account_requests import ReqCurrentTime
from sumppump.exchange.wire.codec import encode_request
from sumppump.exchange.wire.framing import MAX_FRAME

TIME = encode_request(ReqCurrentTime(), 178)


async def still_serves(server: EmbeddedServer, client_id: int) -> None:
    """Somebody else is answered."""
    reader, writer = await opened(server, client_id)
    writer.write(TIME)
    await read_until(reader, b"49\0")
    writer.close()


@pytest.mark.behaviour("SIM-INPUT-04")
async def test_a_frame_beyond_the_protocol_s_length_closes_its_connection_at_once() -> None:
    """The claim alone is enough: nothing of such a frame is ever stored."""
    async with running(frozen()) as server:
        reader, writer = await opened(server)
        writer.write(struct.pack(">I", MAX_FRAME + 1) + b"x" * 100)
        await gone(reader)
        await until(lambda: not server.hall.sessions)
        await still_serves(server, 2)
        writer.close()


@pytest.mark.behaviour("SIM-INPUT-05")
async def test_half_a_frame_is_waited_for_and_keeps_nobody_else_waiting() -> None:
    async with running(frozen()) as server:
        reader, writer = await opened(server)
        writer.write(TIME[:5])
        await still_serves(server, 2)
        writer.write(TIME[5:])
        await read_until(reader, b"49\0")
        writer.close()


@pytest.mark.behaviour("SIM-INPUT-05")
async def test_a_client_that_leaves_in_the_middle_of_a_frame_leaves_nothing_behind() -> None:
    async with running(frozen()) as server:
        _, writer = await opened(server)
        writer.write(TIME[:5])
        await writer.drain()
        writer.transport.abort()
        await until(lambda: not server.hall.sessions)
        await still_serves(server, 1)


@pytest.mark.behaviour("SIM-INPUT-06")
async def test_two_hundred_messages_at_once_are_refused_beyond_fifty_and_end_the_connection() -> None:
    """Code 100 for each one that is lost; whoever does not listen to a hundred of them is dropped."""
    async with running(frozen()) as server:
        reader, writer = await opened(server)
        writer.write(TIME * 200)
        refused = [await read_until(reader, b"4\x002\x00-1\x00100\0") for _ in range(100)]
        assert b"max=50 rec=51 (1)" in refused[0]
        await gone(reader)
        await still_serves(server, 2)
        writer.close()


@pytest.mark.behaviour("SIM-INPUT-07")
@pytest.mark.parametrize("first", [b"API\0", b"A", b"API\0\0\0\0\x09v157..17", b""])
async def test_a_connection_that_never_finishes_its_greeting_keeps_nobody_else_waiting(first: bytes) -> None:
    async with running(frozen()) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(first)
        await until(lambda: len(server.hall.sessions) == 1)
        await still_serves(server, 2)
        writer.transport.abort()
        await until(lambda: not server.hall.sessions)
