"""What currencies are worth in the account's own, from the pairs that trade here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.account.valuation import BASE
from sumppump.exchange.listing.listing import listing_of
from sumppump.exchange.listing.symbols import BY_SYMBOL
from sumppump.exchange.market.tops import Moment, TopSource


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """Rates at the marks of the pairs."""

    source: TopSource

    def __call__(self, currency: str, moment: Moment) -> Decimal:
        """Units of the base currency for one of another, at a moment.

        Raises:
            ValueError: no pair joins the two.
        """
        if currency == BASE:
            return Decimal(1)
        direct, inverse = BY_SYMBOL.get(f"{currency}.{BASE}"), BY_SYMBOL.get(f"{BASE}.{currency}")
        pair = direct or inverse
        if pair is None:
            raise ValueError(f"no rate for {currency}")
        mark = self.source.mark(listing_of(pair.con_id), moment)
        return mark if pair is direct else 1 / mark
