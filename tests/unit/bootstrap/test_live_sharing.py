"""Two processes on one home share the writer's lines, over a real loopback connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from tests.support.fake_market import MONTH, SPX, SPY, FakeClock, FakeMarket, make_option

from sumppump.bootstrap.live_sharing import FILE, LiveSharing
from sumppump.bootstrap.shared_lines import SharedLines
from sumppump.data.live import LiveBoard
from sumppump.domain.instruments import Right

CALL = make_option(SPY, MONTH, 600, Right.CALL)


@dataclass
class Pair:
    """A writer and a reader, each with a market of its own."""

    home: Path
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.theirs, self.ours = FakeMarket(clock=self.clock), FakeMarket(clock=self.clock)
        self.writer = LiveBoard(self.theirs, self.clock)
        self.sharing = LiveSharing(self.home, self.writer)
        self.lines = SharedLines(self.home, self.ours, self.clock, lambda: True)
        self.reader = LiveBoard(self.lines, self.clock)
        self.happened = asyncio.Event()
        self.reader._wake.set = self.happened.set  # type: ignore[method-assign]

    async def until(self, claim: object) -> None:
        """Wait until something holds at the reader, whose board is read at every news."""
        async with asyncio.timeout(5):
            while not (self.reader.flush(), claim())[1]:  # type: ignore[operator]
                self.happened.clear()
                await self.happened.wait()

    def bid(self, con_id: int) -> Decimal | None:
        quote = self.reader.quote(con_id)
        return None if quote is None or quote.bid is None else quote.bid.amount


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    pair = Pair(tmp_path)
    await pair.sharing.begin()
    yield pair
    await pair.lines.close()
    await pair.sharing.end()


async def test_a_reader_follows_on_the_writer_s_line(pair: Pair) -> None:
    """Claim: one line for two processes; a tick there is news here. Provenance: requirement SM4."""
    assert await pair.reader.hold("me", [SPY, CALL]) == {SPY.con_id, CALL.con_id}
    pair.writer.flush()
    await pair.until(lambda: pair.bid(SPY.con_id) == Decimal("599.99"))
    assert pair.reader.quote(CALL.con_id) == pair.writer.quote(CALL.con_id)
    assert (len(pair.theirs.streams), pair.ours.streams) == (2, [])
    pair.theirs.spot = Decimal("601.00")
    pair.theirs.tick()
    pair.writer.flush()
    await pair.until(lambda: pair.bid(SPY.con_id) == Decimal("600.99"))


async def test_what_the_writer_has_no_line_for_is_followed_here(pair: Pair) -> None:
    pair.theirs.room = 1
    assert await pair.reader.hold("me", [SPY, SPX]) == {SPY.con_id, SPX.con_id}
    assert [stream.instrument for stream in pair.theirs.streams] == [SPY]
    assert [stream.instrument for stream in pair.ours.streams] == [SPX]


async def test_letting_go_here_gives_the_line_back_there(pair: Pair) -> None:
    released = asyncio.Event()
    await pair.reader.hold("me", [SPY])
    drop = pair.writer.release
    pair.writer.release = lambda *said: (drop(*said), released.set())  # type: ignore[method-assign,assignment]
    pair.reader.release("me")
    async with asyncio.timeout(5):
        await released.wait()
    assert pair.writer.size == 0


async def test_when_the_writer_goes_the_reader_carries_on_by_itself(pair: Pair) -> None:
    """Claim: no follow ends with the process that shared its line. Provenance: settled 26."""
    await pair.reader.hold("me", [SPY])
    pair.writer.flush()
    await pair.until(lambda: pair.bid(SPY.con_id))
    await pair.sharing.end()
    await pair.until(lambda: pair.ours.streams)
    pair.ours.spot = Decimal("650.00")
    pair.ours.tick()
    await pair.until(lambda: pair.bid(SPY.con_id) == Decimal("649.99"))
    assert await pair.reader.hold("me", [SPX]) == {SPX.con_id}, "the door is closed: own lines"


async def test_a_stranger_without_the_secret_gets_nothing(pair: Pair) -> None:
    """Claim: another user of the machine cannot listen. Provenance: MCP facts 8, loopback."""
    file = pair.home / FILE
    assert file.stat().st_mode & 0o077 == 0
    port, _ = file.read_text().split()
    lines, to = await asyncio.open_connection("127.0.0.1", int(port))
    to.write(b"nonce\n")
    await lines.readline()
    to.write(b"0000\n" + b'{"hold": [], "id": 1}\n')
    assert await lines.read() == b""
    to.close()
    assert pair.writer.size == 0


async def test_a_reader_that_becomes_the_writer_opens_the_door(tmp_path: Path) -> None:
    """Claim: after a takeover the others find lines again. Provenance: settled 26."""
    pair = Pair(tmp_path)
    pair.sharing.begin_soon()
    pair.sharing.begin_soon()
    await asyncio.wait_for(pair.sharing._beginning, 5)  # type: ignore[arg-type]
    assert await pair.reader.hold("me", [SPY]) == {SPY.con_id}
    assert [stream.instrument for stream in pair.theirs.streams] == [SPY]
    await pair.lines.close()
    await pair.sharing.end()


async def test_a_writer_never_asks_itself(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.lines.is_reader = lambda: False
    await pair.sharing.begin()
    await pair.reader.hold("me", [SPY])
    assert (len(pair.ours.streams), len(pair.theirs.streams)) == (1, 0)
    await pair.sharing.end()


async def test_who_listens_on_an_old_port_is_not_believed(pair: Pair) -> None:
    """Claim: after a crash the port may be a stranger's. Provenance: our decision."""

    async def stranger(lines: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        await lines.readline()
        to.write(b"0000 nonce\n")
        assert await lines.read() == b"", "it learns nothing"
        to.close()

    server = await asyncio.start_server(stranger, "127.0.0.1", 0)
    secret = (pair.home / FILE).read_text().split()[1]
    (pair.home / FILE).write_text(f"{server.sockets[0].getsockname()[1]} {secret}")
    await pair.reader.hold("me", [SPY])
    assert (len(pair.ours.streams), pair.theirs.streams) == (1, [])
    server.close()


async def test_without_a_writer_everything_is_our_own(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    assert await pair.reader.hold("me", [SPY]) == {SPY.con_id}
    assert [stream.instrument for stream in pair.ours.streams] == [SPY]
