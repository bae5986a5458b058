"""A trading hall without sockets, and clients that speak to it in messages; time passes only when told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.hall import TradingHall
from sumppump.exchange.session import ClientSession
from sumppump.exchange.venue import Venue
from sumppump.exchange.wire.account_requests import StartApi
from sumppump.exchange.wire.codec import decode_answer, encode_request
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.framing import PRELUDE, FrameReader, frame

Answer = TypeVar("Answer")

FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
"""10:00 in New York."""
SPY = Contract(symbol="SPY", sec_type="STK", exchange="SMART", currency="USD")


class Speaker:
    """A client that says messages and remembers what it heard."""

    def __init__(self, lab: Lab, client_id: int, version: int, options: str) -> None:
        self._lab = lab
        self._frames = FrameReader()
        self.version = version
        self.heard: list[Any] = []
        self.session: ClientSession = lab.hall.connect(lab.at)
        hello = f"v{version}..{version}{' ' + options if options else ''}"
        lab.hall.receive(self.session, PRELUDE + frame(hello.encode()), lab.at)
        self.greeting = self._frames.feed(self.session.take())
        self.say(StartApi(client_id=client_id))

    def say(self, *messages: Any) -> list[Any]:
        """Send messages in one piece and return what comes back at once."""
        data = b"".join(encode_request(message, self.version) for message in messages)
        return self.send(data)

    def send(self, data: bytes) -> list[Any]:
        """Send bytes and return what comes back at once."""
        self._lab.hall.receive(self.session, data, self._lab.at)
        return self.listen()

    def listen(self) -> list[Any]:
        """What has arrived since the last time."""
        new = [decode_answer(body, self.version) for body in self._frames.feed(self.session.take())]
        self.heard += new
        return new

    def all(self, cls: type[Answer]) -> list[Answer]:
        """Every message of one kind that was ever heard."""
        return [message for message in self.heard if type(message) is cls]


class Lab:
    """A hall with a seeded venue at ten in the morning."""

    def __init__(self, rules: Rules | None = None, *, seed: int = 7, start: datetime = FRIDAY) -> None:
        self.at = 1000.0
        self.hall = TradingHall(Venue(seed=seed, start=start), rules or Rules())

    @property
    def venue(self) -> Venue:
        return self.hall.venue

    def connect(self, client_id: int = 1, *, version: int = 178, options: str = "") -> Speaker:
        return Speaker(self, client_id, version, options)

    def leave(self, speaker: Speaker) -> None:
        self.hall.leave(speaker.session)

    def wait(self, seconds: float) -> None:
        """Let exchange time and real time pass together, in steps of a tenth of a second."""
        until = self.venue.now + timedelta(seconds=seconds)
        while self.venue.now < until:
            step = min(timedelta(milliseconds=100), until - self.venue.now)
            self.at += step.total_seconds()
            self.hall.turn(self.venue.now + step, self.at)

    def jump(self, until: datetime) -> None:
        self.hall.turn(until, self.at)
