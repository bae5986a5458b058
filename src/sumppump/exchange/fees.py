"""Commissions by a fixed tariff: options 0.65 a contract, stocks 0.005 a share, 1.00 per order at least."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sumppump.exchange.instruments import Listing

PER_CONTRACT = Decimal("0.65")
PER_SHARE = Decimal("0.005")
LEAST_PER_ORDER = Decimal("1.00")
_GRAIN = Decimal("0.0001")


def tariff(traded: Iterable[tuple[Listing, int]]) -> Decimal:
    """Commission of an order that has traded these numbers (unsigned) so far; 0 for none."""
    total = sum((_rate(listing) * count for listing, count in traded), start=Decimal(0))
    return max(total, LEAST_PER_ORDER) if total else Decimal(0)


def _rate(listing: Listing) -> Decimal:
    return PER_CONTRACT if listing.is_option else PER_SHARE


def shared_out(commission: Decimal, traded: Sequence[tuple[Listing, int]]) -> tuple[Decimal, ...]:
    """A commission split over the legs in proportion to the tariff; the parts add up exactly."""
    weights = [_rate(listing) * count for listing, count in traded]
    whole = sum(weights, start=Decimal(0))
    parts = [(commission * weight / whole).quantize(_GRAIN) for weight in weights[:-1]]
    return (*parts, commission - sum(parts, start=Decimal(0)))
