"""Quotes of the chains looked at last, kept for the smiles of the next pages; no row is shown from here.

They are kept half a minute at most and forgotten when the conversation turns to another symbol.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sumppump.domain.instruments import OptionContract
from sumppump.domain.quotes import Quote

KEPT_S = 30.0


@dataclass(slots=True)
class ChainShelf:
    """Option quotes by con_id."""

    _quotes: dict[int, Quote] = field(default_factory=dict)

    def put(self, quotes: Iterable[Quote], now: float) -> None:
        """Keep these and drop what is too old; `now` in monotonic seconds."""
        fresh = {
            each.instrument.con_id: each for each in quotes if isinstance(each.instrument, OptionContract)
        }
        kept = {con_id: each for con_id, each in self._quotes.items() if each.age_s(now) <= KEPT_S}
        self._quotes = kept | fresh

    def of(self, symbol: str, now: float) -> tuple[Quote, ...]:
        """What is kept of one underlying's options and not too old."""
        return tuple(
            each
            for each in self._quotes.values()
            if each.instrument.symbol == symbol and each.age_s(now) <= KEPT_S
        )

    def turn_to(self, symbol: str) -> None:
        """Forget every other symbol."""
        self._quotes = {
            con_id: each for con_id, each in self._quotes.items() if each.instrument.symbol == symbol
        }
