"""Two houses behind one port: the fake, and the real gateway on the embedded exchange."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from tests.protocol.gateway.makers import call
from tests.protocol.gateway.scripted import Pulse
from tests.support.fake_broker import FakeBroker

from sumppump.domain.combo import Combo, Leg
from sumppump.domain.instruments import OptionContract, Right
from sumppump.domain.orders import Environment, Order, OrderType
from sumppump.exchange.control import Plain
from sumppump.exchange.server import EmbeddedServer, SimSettings
from sumppump.kernel.money import Premium
from sumppump.ports.broker import Accounts, Broker, BrokerEvent
from sumppump.tws.gateway import TwsGateway
from sumppump.tws.settings import TwsSettings

FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
Event = TypeVar("Event")


class House(Protocol):
    """What the suite needs of either."""

    broker: Broker
    accounts: Accounts
    pulse: Pulse
    events: list[BrokerEvent]

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def calls(self) -> tuple[OptionContract, OptionContract]: ...
    async def price_that_fills(self, combo: Combo) -> Premium: ...
    def let_fill(self, ref: str) -> None: ...
    def drop(self) -> None: ...
    def restore(self) -> None: ...


@dataclass
class Listening:
    """Events of a house, and orders for it."""

    broker: Any = None
    accounts: Any = None
    pulse: Pulse = field(default_factory=Pulse)
    events: list[BrokerEvent] = field(default_factory=list)

    def listen(self) -> None:
        """Keep every event."""
        self.broker.subscribe(self.events.append)
        self.broker.subscribe(self.pulse.beat)

    async def until(self, claim: Callable[[], object]) -> None:
        """Wait until a claim holds."""
        await self.pulse.until(claim, 10.0)

    def all(self, kind: type[Event]) -> list[Event]:
        """Events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def order(self, ref: str, combo: Combo, limit: Premium | None, **changes: Any) -> Order:
        """A limit order of two for the account of the house."""
        said: dict[str, Any] = {
            "combo": combo, "quantity": 2, "order_type": OrderType.LMT, "limit": limit,
            "account": self.broker.link().account, "environment": Environment.SIM, "order_ref": ref,
        }  # fmt: skip
        return Order(**(said | changes))

    def send(self, order: Order, *, order_id: int = 0, parent_id: int = 0, transmit: bool = True) -> int:
        """Encode and transmit; returns the order id."""
        number = order_id or self.broker.reserve_order_id()
        frame = self.broker.encode(order, number, parent_id=parent_id, transmit=transmit)
        self.broker.transmit(frame, number)
        return number


@dataclass
class FakeHouse(Listening):
    """The fake broker."""

    async def open(self) -> None:
        """Ready at once."""
        self.broker = self.accounts = FakeBroker()
        self.listen()

    async def close(self) -> None:
        """Nothing to close."""

    async def calls(self) -> tuple[OptionContract, OptionContract]:
        """Two calls, five points apart."""
        return call(500), call(505)

    async def price_that_fills(self, combo: Combo) -> Premium:
        """Any."""
        return Premium.of("1.25") if combo.legs[0].ratio > 0 else Premium.of("-1.25")

    def let_fill(self, ref: str) -> None:
        """As the test says."""
        self.broker.venue.fill(ref)

    def drop(self) -> None:
        """The socket breaks."""
        self.broker.drop()

    def restore(self) -> None:
        """And comes back."""
        self.broker.restore()


@dataclass
class ExchangeHouse(Listening):
    """The real adapter on a real socket to the embedded exchange, whose clock runs ten times as fast."""

    async def open(self) -> None:
        """Start both and wait for the connection."""
        self.server = EmbeddedServer(SimSettings(seed=11, start=FRIDAY, speed=10.0))
        await self.server.start()
        self.gateway = TwsGateway(
            TwsSettings(port=self.server.port, backoff_min_s=0.2, backoff_max_s=0.2, request_timeout_s=5.0)
        )
        self.broker, self.accounts = self.gateway.broker, self.gateway.accounts
        self.listen()
        await self.gateway.start()
        await self.until(lambda: self.broker.link().connected)

    async def close(self) -> None:
        """Stop both."""
        await self.gateway.stop()
        await self.server.close()

    async def calls(self) -> tuple[OptionContract, OptionContract]:
        """Two neighbouring calls near the money, the lower one first."""
        spy = await self.gateway.directory.underlying("SPY")
        (chain,) = await self.gateway.directory.option_classes(spy)
        listed = await self.gateway.directory.options(spy, chain.expiries[4], right=Right.CALL)
        (now,) = await self.gateway.market.quotes([spy])
        assert now.mid is not None
        spot = now.mid.amount
        low, high = sorted(listed, key=lambda option: abs(option.strike - spot))[:2]
        return (low, high) if low.strike < high.strike else (high, low)

    async def price_that_fills(self, combo: Combo) -> Premium:
        """A little more than buying everything at once costs."""
        quotes = await self.gateway.market.quotes([leg.contract for leg in combo.legs])
        ask = combo.net_ask({quote.instrument.con_id: quote for quote in quotes})
        return (ask + Premium.of("0.05")).rounded_to(Decimal("0.01"))

    def let_fill(self, ref: str) -> None:
        """The market does it."""

    def drop(self) -> None:
        """The exchange hangs up on everyone and lets nobody in."""
        self.server.is_holding = True
        self.server.run(Plain.DROP)

    def restore(self) -> None:
        """It lets clients in again; the gateway comes by itself."""
        self.server.run(Plain.RELEASE)


def vertical(calls: tuple[OptionContract, OptionContract]) -> Combo:
    """Long the lower call, short the higher one."""
    return Combo((Leg(contract=calls[0], ratio=1), Leg(contract=calls[1], ratio=-1)))
