"""A position that the day needs: the account trades one contract, by hand in TWS, before anybody asks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from sumppump.exchange import commands
from sumppump.exchange.commands import OrderSpec
from sumppump.exchange.events import OrderRejected
from sumppump.exchange.listing.instruments import ContractQuery, Listing
from sumppump.exchange.trouble.effect import Effect, Scene
from sumppump.exchange.trouble.parameters import Count, Span, Symbol

BY_HAND = 0
"""The client id of a person in TWS."""


class Side(StrEnum):
    """Which way it goes."""

    BUY = "BUY"
    SELL = "SELL"


class Right(StrEnum):
    """Which contract of the symbol."""

    STOCK = "stock"
    CALL = "C"
    PUT = "P"


@dataclass(kw_only=True)
class Hands(Effect):
    """Somebody trades a contract by hand, at the market; nothing happens if it is not listed.

    Attributes:
        symbol: the underlying.
        right: stock, C or P.
        action: BUY or SELL.
        quantity: shares or contracts.
        days: the first expiry at least so many days ahead.
        away: how far the strike lies above the underlying's price, percent.
    """

    symbol: Symbol = "SPY"
    right: Right = Right.STOCK
    action: Side = Side.BUY
    quantity: Count = 1
    days: Annotated[int, Span(0, 1000)] = 0
    away: Annotated[float, Span(-90.0, 300.0)] = 0.0

    def begin(self, scene: Scene) -> None:
        found = self._contract(scene)
        if found is not None:
            order = commands.PlaceOrder(
                client_id=BY_HAND,
                order_id=scene.venue.next_order_id(BY_HAND),
                contract=ContractQuery(con_id=found.con_id, sec_type=found.sec_type, exchange="SMART"),
                spec=OrderSpec(action=self.action, quantity=Decimal(self.quantity), order_type="MKT"),
            )
            events = scene.venue.apply(order)
            scene.hall.publish(events)
            for event in events:
                if isinstance(event, OrderRejected):
                    scene.hall.trouble.told.append(f"the trade was refused: {event.code} {event.text}")
        else:
            scene.hall.trouble.told.append(f"no trade: no such {self.right} of {self.symbol} is listed")
        scene.after(0.0, scene.over)

    def _contract(self, scene: Scene) -> Listing | None:
        stocks = scene.venue.contracts(
            ContractQuery(symbol=self.symbol, sec_type="STK", exchange="SMART", currency="USD")
        )
        stock = next(iter(stocks), None)
        if stock is None or self.right is Right.STOCK:
            return stock
        return self._option(scene, stock)

    def _option(self, scene: Scene, stock: Listing) -> Listing | None:
        book = scene.venue.quote(stock.con_id)
        days = [
            day
            for row in scene.venue.option_params(self.symbol)
            for day in row.expirations
            if (day - scene.venue.today).days >= self.days
        ]
        if book is None or book.last is None or not days:
            return None
        chain = scene.venue.contracts(
            ContractQuery(
                symbol=self.symbol,
                sec_type="OPT",
                expiry=f"{min(days):%Y%m%d}",
                right=self.right,
                exchange="SMART",
            )
        )
        wanted = book.last * (1 + Decimal(str(self.away)) / 100)
        return min(chain, key=lambda one: abs((one.strike or Decimal(0)) - wanted), default=None)
