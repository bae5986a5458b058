"""A venue, contracts and orders in one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sumppump.exchange.commands import CancelOrder, OrderSpec, PlaceOrder
from sumppump.exchange.events import Event, Executed, OrderRejected, OrderStatusChanged, OrderWarned
from sumppump.exchange.listing.instruments import Bag, ContractQuery, LegQuery, Listing
from sumppump.exchange.reports import BookTop, Execution
from sumppump.exchange.venue import Venue

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # a Friday, 10:00 New York
CENT = Decimal("0.01")
Kind = TypeVar("Kind", bound=Event)


def venue(seed: int = 7, start: datetime = START, **other: Any) -> Venue:
    return Venue(seed=seed, start=start, **other)


def D(text: str | int) -> Decimal:
    return Decimal(text)


def options(at: Venue, symbol: str = "SPY", expiry: int = 10, right: str = "C") -> list[Listing]:
    """The options of one right of the n-th expiry, by strike."""
    day = at.option_params(symbol)[0].expirations[expiry]
    query = ContractQuery(symbol=symbol, sec_type="OPT", expiry=f"{day:%Y%m%d}", right=right)
    return list(at.contracts(query))


def option(
    at: Venue, strike: float | str, symbol: str = "SPY", expiry: int = 10, right: str = "C"
) -> Listing:
    wanted = Decimal(str(strike))
    return next(one for one in options(at, symbol, expiry, right) if one.strike == wanted)


def stock(at: Venue, symbol: str = "SPY") -> Listing:
    return at.contracts(ContractQuery(symbol=symbol, sec_type="STK"))[0]


def top(at: Venue, listing: Listing) -> BookTop:
    found = at.quote(listing.con_id)
    assert found is not None
    return found


def chain_of(at: Venue, symbol: str, expiry: int) -> list[tuple[Listing, BookTop]]:
    """The options of the n-th expiry with their quotes, calls before puts."""
    listings = [*options(at, symbol, expiry, "C"), *options(at, symbol, expiry, "P")]
    tops = at.quotes([one.con_id for one in listings])
    return [(one, found) for one, found in zip(listings, tops, strict=True) if found is not None]


def sides(quote: BookTop) -> tuple[Decimal, Decimal]:
    assert quote.bid is not None
    assert quote.ask is not None
    return quote.bid, quote.ask


def middle(quote: BookTop) -> Decimal:
    """The middle of a quote, down to whole cents."""
    bid, ask = sides(quote)
    return ((bid + ask) / 2).quantize(CENT, rounding="ROUND_DOWN")


def single(listing: Listing) -> ContractQuery:
    return ContractQuery(con_id=listing.con_id, exchange=listing.exchange, sec_type=listing.sec_type)


def combo(*legs: tuple[Listing, int]) -> ContractQuery:
    """A BAG of these listings; negative ratios are sold."""
    named = tuple(LegQuery(one.con_id, abs(ratio), "BUY" if ratio > 0 else "SELL") for one, ratio in legs)
    return ContractQuery(symbol=legs[0][0].symbol, sec_type="BAG", exchange="SMART", legs=named)


def bag_of(at: Venue, query: ContractQuery) -> Bag:
    found = at.resolve(query)
    assert isinstance(found, Bag)
    return found


def spec(action: str = "BUY", quantity: int = 1, kind: str = "LMT", **other: Any) -> OrderSpec:
    plain = OrderSpec(action=action, quantity=Decimal(quantity), order_type=kind)
    return replace(plain, **{name: _price(value) for name, value in other.items()})


def _price(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value


@dataclass
class Client:
    """A client of the venue that counts its order ids itself."""

    at: Venue
    client_id: int = 1
    last_id: int = 0

    def place(self, query: ContractQuery, terms: OrderSpec, order_id: int | None = None) -> Sequence[Event]:
        if order_id is None:
            self.last_id += 1
            order_id = self.last_id
        return self.at.apply(PlaceOrder(self.client_id, order_id, query, terms))

    def cancel(self, order_id: int) -> Sequence[Event]:
        return self.at.apply(CancelOrder(self.client_id, order_id))

    def wait(self, seconds: float) -> Sequence[Event]:
        return self.at.advance(self.at.now + timedelta(seconds=seconds))


def of(kind: type[Kind], events: Sequence[Event]) -> list[Kind]:
    return [event for event in events if isinstance(event, kind)]


def states(events: Sequence[Event], order_id: int | None = None) -> list[str]:
    """The states that were told, with what the order is held for."""
    told = [event.order for event in of(OrderStatusChanged, events)]
    return [
        f"{order.state}:{order.why_held}" if order.why_held else str(order.state)
        for order in told
        if order_id in (None, order.order_id)
    ]


def fills(events: Sequence[Event]) -> list[Execution]:
    return [event.execution for event in of(Executed, events)]


def codes(events: Sequence[Event]) -> list[int]:
    return [event.code for event in events if isinstance(event, OrderRejected | OrderWarned)]


def text_of(code: int, events: Sequence[Event]) -> str:
    """The words of the first notice with this code."""
    notices = (event for event in events if isinstance(event, OrderRejected | OrderWarned))
    return next(notice.text for notice in notices if notice.code == code)
