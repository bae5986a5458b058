"""What the rows of each underlying in a book are valued with, from what its options are priced with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sumppump.domain.book import UnderlyingMarket
from sumppump.domain.revaluation import Assumptions
from sumppump.domain.surface.surface import Surface
from sumppump.portfolio.carries import Carries


def book_markets(
    spots: Mapping[str, Decimal | None],
    carries: Carries,
    now: datetime,
    surfaces: Mapping[str, Surface] | None = None,
) -> dict[str, UnderlyingMarket]:
    """One market an underlying, by symbol.

    Args:
        spots: price per share, None where there is none: then its rows are left out.
        carries: rates, yields and coming dividends; the usual assumptions where there is no entry.
        now: exchange time.
        surfaces: smiles, where they were looked at.
    """
    return {
        symbol: UnderlyingMarket(
            symbol=symbol,
            spot=None if spot is None else float(spot),
            assume=(own := carries.get(symbol, Assumptions())),
            dividends=own.cash(own.dividends[-1].ex, now) if own.dividends else (),
            surface=(surfaces or {}).get(symbol),
        )
        for symbol, spot in spots.items()
    }
