"""Live quotes over the writer's lines: a reader's side of `live_sharing`.

What the writer has no line for is followed on lines of our own; so is everything once the writer has gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from sumppump.bootstrap.live_sharing import CONTRACTS, FILE, MOST_LINE, QUOTE, proof
from sumppump.domain.instruments import Instrument
from sumppump.domain.quotes import Feed, Quote
from sumppump.kernel.clock import Clock
from sumppump.kernel.errors import GatewayUnavailable, StoreFailed
from sumppump.ports.market import MarketData, Need, Stream
from sumppump.store.files import open_private

ANSWER_S = 5.0


@dataclass(slots=True, eq=False)
class SharedStream:
    """`ports.market.Stream` on a line of the writer's, and on one of our own once the writer has gone."""

    instrument: Instrument
    clock: Clock
    changed: Callable[[int], None]
    drop: Callable[[int], None]
    told: Quote
    ended: str = ""
    own: Stream | None = None

    def quote(self) -> Quote:
        """See `ports.market.Stream`."""
        return self.own.quote() if self.own else replace(self.told, taken=self.clock.monotonic())

    def close(self) -> None:
        """See `ports.market.Stream`."""
        if self.own is not None:
            self.own.close()
        elif not self.ended:
            self.drop(self.instrument.con_id)
        self.ended = self.ended or "closed"

    def news(self, told: Quote) -> None:
        """The writer's line has told something."""
        self.told = told
        self.changed(self.instrument.con_id)

    def end(self, reason: str) -> None:
        """Nothing will come any more."""
        self.ended = reason
        self.changed(self.instrument.con_id)


@dataclass(slots=True, eq=False)
class _Link:
    """A reader's connection to the writer."""

    lines: asyncio.StreamReader
    to: asyncio.StreamWriter
    streams: dict[int, SharedStream] = field(default_factory=dict)
    answers: dict[int, asyncio.Future[frozenset[int]]] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=lambda: count(1))

    async def hold(self, streams: dict[int, SharedStream]) -> frozenset[int]:
        """For which of these the writer has a line; none once it has gone."""
        self.streams |= streams  # before the answer: the first quotes come right behind it
        held = await self._asked([each.instrument for each in streams.values()])
        for con_id in streams.keys() - held:
            self.drop(con_id)
        return held

    async def _asked(self, contracts: Sequence[Instrument]) -> frozenset[int]:
        number, answer = next(self.numbers), asyncio.get_running_loop().create_future()
        self.answers[number] = answer
        self.say({"hold": CONTRACTS.dump_python(list(contracts), mode="json"), "id": number})
        try:
            async with asyncio.timeout(ANSWER_S):
                held: frozenset[int] = await answer
                return held
        except TimeoutError:
            return frozenset()
        finally:
            del self.answers[number]

    def drop(self, con_id: int) -> None:
        """We need it no more."""
        self.streams.pop(con_id, None)
        self.say({"drop": [con_id]})

    def say(self, asked: dict[str, Any]) -> None:
        """Send one request."""
        self.to.write(json.dumps(asked).encode() + b"\n")

    async def listen(self) -> None:
        """Take what the writer says until it is gone."""
        with contextlib.suppress(OSError, ValueError, LookupError):
            while line := await self.lines.readline():
                self._take(json.loads(line))

    def _take(self, said: dict[str, Any]) -> None:
        if "quote" in said:
            quote = QUOTE.validate_python(said["quote"])
            if (stream := self.streams.get(quote.instrument.con_id)) is not None:
                stream.news(quote)
        elif "held" in said:
            answer = self.answers.get(said["id"])
            if answer is not None and not answer.done():
                answer.set_result(frozenset(said["held"]))
        elif (stream := self.streams.pop(said["ended"], None)) is not None:
            stream.end(said["reason"])


@dataclass(slots=True, eq=False)
class SharedLines:
    """`follow` and `lines` of `ports.market.MarketData`, on the writer's lines where it has them."""

    home: Path
    market: MarketData
    clock: Clock
    is_reader: Callable[[], bool]
    _link: _Link | None = None
    _listening: asyncio.Task[None] | None = None

    async def follow(
        self,
        instruments: Sequence[Instrument],
        *,
        changed: Callable[[int], None],
        need: Need = Need.PINNED,
        greeks: bool = True,
    ) -> Sequence[Stream]:
        """See `ports.market.MarketData`."""
        link = await self._linked()
        streams = {each.con_id: self._shared(each, changed) for each in instruments}
        held = frozenset() if link is None else await link.hold(streams)
        rest = [each for each in instruments if each.con_id not in held]
        own = await self.market.follow(rest, changed=changed, need=need, greeks=greeks) if rest else ()
        found: dict[int, Stream] = {con_id: streams[con_id] for con_id in held}
        found |= {each.instrument.con_id: each for each in own}
        return [found[each.con_id] for each in instruments if each.con_id in found]

    def lines(self) -> tuple[int, int]:
        """See `ports.market.MarketData`."""
        return self.market.lines()

    async def close(self) -> None:
        """End the connection to the writer."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _linked(self) -> _Link | None:
        """The connection to the writer; None where this process is it, or none listens."""
        if self._link is None and self.is_reader():
            try:
                port, secret = _read_private(self.home / FILE).split()
                lines, to = await asyncio.open_connection("127.0.0.1", int(port), limit=MOST_LINE)
            except (OSError, ValueError, StoreFailed):
                return None
            if not await _is_the_writer(lines, to, secret):
                to.close()
                return None
            self._link = _Link(lines, to)
            self._listening = asyncio.create_task(self._listen(self._link))
        return self._link

    async def _listen(self, link: _Link) -> None:
        try:
            await link.listen()
        finally:
            self._link = None
            link.to.close()
            for answer in link.answers.values():
                answer.set_result(frozenset())
        await self._carry_on(list(link.streams.values()))

    async def _carry_on(self, streams: Sequence[SharedStream]) -> None:
        """The writer has gone: the same contracts on lines of our own."""
        open_ = {each.instrument.con_id: each for each in streams if not each.ended}
        for stream in open_.values():
            stream.news(replace(stream.told, is_stale=True))
        own: Sequence[Stream] = ()
        with contextlib.suppress(GatewayUnavailable):
            own = await self.market.follow(
                [each.instrument for each in open_.values()], changed=lambda key: open_[key].changed(key)
            )
        for mine in own:
            open_[mine.instrument.con_id].own = mine
        for stream in open_.values():
            if stream.own is None:
                stream.end("the process that shared its line has gone, and no line of our own is free")

    def _shared(self, instrument: Instrument, changed: Callable[[int], None]) -> SharedStream:
        clock = self.clock
        nothing = Quote(instrument=instrument, as_of=clock.now(), taken=clock.monotonic(), feed=Feed.NONE)
        return SharedStream(instrument, self.clock, changed, self._drop, nothing)

    def _drop(self, con_id: int) -> None:
        if self._link is not None:
            self._link.drop(con_id)


async def _is_the_writer(lines: asyncio.StreamReader, to: asyncio.StreamWriter, secret: str) -> bool:
    """Whether who listens there knows the secret; we prove the same to it."""
    nonce = secrets.token_hex(16)
    with contextlib.suppress(OSError, ValueError, TimeoutError):
        async with asyncio.timeout(ANSWER_S):
            to.write(f"{nonce}\n".encode())
            said, theirs = (await lines.readline()).decode().split()
        if hmac.compare_digest(said, proof(secret, "writer", nonce)):
            to.write(f"{proof(secret, 'reader', theirs)}\n".encode())
            return True
    return False


def _read_private(path: Path) -> str:
    with os.fdopen(open_private(path, os.O_RDONLY)) as file:
        return file.read()
