"""What a position is worth: marks of contracts, rates of currencies, and how each kind is paid for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.listing.instruments import Listing

BASE = "USD"
"""The account's currency."""


def at_par(currency: str) -> Decimal:
    """The rate of an account that knows its own currency only.

    Raises:
        ValueError: another currency.
    """
    if currency != BASE:
        raise ValueError(f"no rate for {currency}")
    return Decimal(1)


@dataclass(frozen=True, slots=True)
class Marks:
    """Prices at one moment.

    Attributes:
        price: per share, in the contract's currency.
        rate: units of the base currency for one of another.
    """

    price: Callable[[Listing], Decimal]
    rate: Callable[[str], Decimal] = at_par

    def __call__(self, listing: Listing) -> Decimal:
        """The mark of one contract."""
        return self.price(listing)


def is_future(listing: Listing) -> bool:
    """Paid day by day instead of at once."""
    return listing.sec_type == "FUT"


def is_pair(listing: Listing) -> bool:
    """Exchanges one currency for another."""
    return listing.sec_type == "CASH"


def is_coin(listing: Listing) -> bool:
    """Held in fractions and paid in full."""
    return listing.sec_type == "CRYPTO"
