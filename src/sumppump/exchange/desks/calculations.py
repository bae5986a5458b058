"""Implied volatilities and option prices on demand: answers under tick type 53."""

from __future__ import annotations

from sumppump.exchange.desks.line import Desk, Services
from sumppump.exchange.listing.instruments import Bag, Listing
from sumppump.exchange.reports import Greeks, Refusal
from sumppump.exchange.ticks import PRICE_BASED, RETURN_BASED, computation
from sumppump.exchange.translate.contracts import query_of
from sumppump.exchange.wire.contracts import Contract
from sumppump.exchange.wire.market_requests import (
    CalculateImpliedVolatility,
    CalculateOptionPrice,
    CancelCalculateImpliedVolatility,
    CancelCalculateOptionPrice,
)

CUSTOM = 53
_WORDS = "Error processing request.-'{}' : cause - {}"
"""Unverified; 322, because some clients do not take 321 for an answer."""
NO_OPTION = "Only options can be calculated"
NO_VOLATILITY = "No volatility gives this option price at this underlying price"
NO_PRICE = "Volatility or underlying price is missing or makes no sense"


class CalculationDesk(Desk):
    """What an option would be worth; an answer comes at once, so that there is nothing to cancel."""

    def serves(self) -> Services:
        """The requests that this desk answers."""
        return {
            CalculateImpliedVolatility: self.implied_volatility,
            CalculateOptionPrice: self.option_price,
            CancelCalculateImpliedVolatility: _done_already,
            CancelCalculateOptionPrice: _done_already,
        }

    def implied_volatility(self, message: CalculateImpliedVolatility) -> None:
        """The volatility at which the option has a price."""
        option = self._option(message.contract, "bU")
        if isinstance(option, Refusal):
            self._line.refuse(message.req_id, option)
            return
        venue = self._line.venue
        price, spot = message.option_price or 0.0, message.under_price or 0.0
        found = venue.calculator.at_price(option, price, spot, venue.moment())
        self._answer(message.req_id, found, PRICE_BASED, _WORDS.format("bU", NO_VOLATILITY))

    def option_price(self, message: CalculateOptionPrice) -> None:
        """The price of the option at a volatility."""
        option = self._option(message.contract, "bV")
        if isinstance(option, Refusal):
            self._line.refuse(message.req_id, option)
            return
        venue = self._line.venue
        vol, spot = message.volatility or 0.0, message.under_price or 0.0
        found = venue.calculator.at_volatility(option, vol, spot, venue.moment())
        self._answer(message.req_id, found, RETURN_BASED, _WORDS.format("bV", NO_PRICE))

    def _option(self, contract: Contract, letters: str) -> Listing | Refusal:
        found = self._line.venue.resolve(query_of(contract))
        if isinstance(found, Bag) or (isinstance(found, Listing) and not found.is_option):
            return Refusal(322, _WORDS.format(letters, NO_OPTION))
        return found

    def _answer(self, req_id: int, greeks: Greeks | None, attributes: int, text: str) -> None:
        if greeks is None:
            self._line.error(req_id, 322, text)
            return
        self._line.send(computation(req_id, CUSTOM, greeks, attributes))


def _done_already(_: object) -> None:
    """Nothing to cancel."""
