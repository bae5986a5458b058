"""A lab with a client that streams a stock, and a fault on top."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.protocol.exchange.lab import SPY, Lab, Speaker, bought_option, near_option

from sumppump.exchange import commands
from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.wire.account_answers import ErrorMessage
from sumppump.exchange.wire.contracts import Contract, OrderLeg
from sumppump.exchange.wire.market_answers import TickPrice
from sumppump.exchange.wire.market_requests import ReqMktData
from sumppump.exchange.wire.place_order import PlaceOrder


@dataclass
class Stage:
    """A hall with one client that hears SPY under id 100."""

    lab: Lab
    client: Speaker

    def cause(self, name: str, **parameters: Any) -> None:
        self.lab.hall.trouble.cause(name, **parameters)
        self.lab.hall.turn(self.lab.venue.now, self.lab.at)

    def heal(self, name: str = "all") -> None:
        self.lab.hall.trouble.heal(name)
        self.lab.hall.turn(self.lab.venue.now, self.lab.at)

    def wait(self, seconds: float) -> list[Any]:
        self.lab.wait(seconds)
        return self.client.listen()

    def stream(self) -> None:
        self.client.say(ReqMktData(req_id=100, contract=SPY))

    def ask(self, *messages: Any) -> list[Any]:
        return self.client.say(*messages)

    def buy(self, order_id: int = 1) -> Listing:
        return bought_option(self.lab, self.client, order_id=order_id)


def stage(**options: Any) -> Stage:
    lab = Lab(**options)
    client = lab.connect()
    client.say(ReqMktData(req_id=100, contract=SPY))
    return Stage(lab, client)


def ticked(messages: list[Any], req_id: int = 100) -> bool:
    return any(isinstance(one, TickPrice) and one.req_id == req_id for one in messages)


def codes(messages: list[Any]) -> list[int]:
    return [one.code for one in messages if isinstance(one, ErrorMessage)]


def of(kind: type[Any], messages: list[Any]) -> list[Any]:
    return [one for one in messages if type(one) is kind]


def resting(lab: Lab, order_id: int = 1, *, price: float = 0.01) -> PlaceOrder:
    """An order for an option that will not fill."""
    option = near_option(lab, "C")
    return PlaceOrder(
        order_id=order_id,
        contract=Contract(con_id=option.con_id, exchange="SMART"),
        total_quantity=Decimal(1),
        lmt_price=price,
    )


def spread(lab: Lab, order_id: int = 1, *, quantity: int = 3) -> PlaceOrder:
    """An order for a spread that fills."""
    near, far = near_option(lab, "C"), near_option(lab, "C", offset=5)
    legs = (
        OrderLeg(con_id=near.con_id, action="BUY", exchange="SMART"),
        OrderLeg(con_id=far.con_id, action="SELL", exchange="SMART"),
    )
    return PlaceOrder(
        order_id=order_id,
        contract=Contract(symbol="SPY", sec_type="BAG", exchange="SMART", currency="USD"),
        legs=legs,
        total_quantity=Decimal(quantity),
        lmt_price=5.0,
    )


def bought_meanwhile(lab: Lab, order_id: int) -> commands.PlaceOrder:
    """An order of client 1 that fills at once and reaches the exchange by another way than its socket."""
    query = ContractQuery(con_id=near_option(lab, "C").con_id, exchange="SMART")
    terms = commands.OrderSpec(action="BUY", quantity=Decimal(1), order_type="MKT")
    return commands.PlaceOrder(1, order_id, query, terms)


def filling(lab: Lab, order_id: int = 1, *, quantity: int = 1) -> PlaceOrder:
    """An order for an option that fills at once; the price is one that every option may have."""
    option = near_option(lab, "C")
    book = lab.venue.quote(option.con_id)
    assert book is not None
    assert book.ask is not None
    return PlaceOrder(
        order_id=order_id,
        contract=Contract(con_id=option.con_id, exchange="SMART"),
        total_quantity=Decimal(quantity),
        lmt_price=round(20 * float(book.ask) + 10) / 20,
    )
