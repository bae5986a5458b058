"""A trading hall without sockets, and clients that speak to it in messages; time passes only when told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sumppump.exchange.desks.line import Rules
from sumppump.exchange.hall import TradingHall
from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.session import ClientSession
from sumppump.exchange.venue import Venue
from sumppump.exchange.wire.account_requests import StartApi
from sumppump.exchange.wire.codec import decode_answer, encode_request
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.framing import PRELUDE, FrameReader, frame
from sumppump.exchange.wire.place_order import PlaceOrder

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

    def con_id(self, symbol: str) -> int:
        """The stock's id."""
        (stock,) = self.venue.contracts(ContractQuery(symbol=symbol, sec_type="STK", exchange="SMART"))
        return stock.con_id


def near_option(lab: Lab, right: str, *, symbol: str = "SPY", offset: int = 0) -> Listing:
    """The option nearest to the money, `offset` strikes above it, about two weeks from its end."""
    venue = lab.venue
    book = venue.quote(lab.con_id(symbol))
    assert book is not None
    assert book.last is not None
    smart = next(row for row in venue.option_params(symbol) if row.exchange == "SMART")
    expiry = next(day for day in smart.expirations if (day - venue.now.date()).days >= 10)
    query = ContractQuery(
        symbol=symbol, sec_type="OPT", expiry=f"{expiry:%Y%m%d}", right=right, exchange="SMART"
    )
    spot = book.last
    chain = sorted(venue.contracts(query), key=lambda listing: listing.strike or 0)
    middle = min(range(len(chain)), key=lambda n: abs((chain[n].strike or 0) - spot))
    return chain[middle + offset]


def bought_option(lab: Lab, client: Speaker, *, order_id: int = 1) -> Listing:
    """Buy one option far above its market, which fills at once."""
    option = near_option(lab, "C")
    book = lab.venue.quote(option.con_id)
    assert book is not None
    assert book.ask is not None
    client.say(
        PlaceOrder(
            order_id=order_id,
            contract=Contract(con_id=option.con_id, exchange="SMART"),
            total_quantity=Decimal(1),
            lmt_price=float(book.ask) + 0.5,
        )
    )
    lab.wait(1.0)
    client.listen()
    return option
