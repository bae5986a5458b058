"""Which exchanges stand behind the best quote and the last trade: the letters of ticks 32, 33 and 84.

The last trade's is that of the record of ticks; who joins the best bid and ask is drawn anew every ten
seconds.
"""

from __future__ import annotations

from collections.abc import Iterator

from sumppump.exchange.instruments import Listing
from sumppump.exchange.randomness import key_of, uniform
from sumppump.exchange.reports import BookTop
from sumppump.exchange.smart_routing import Place, group_of
from sumppump.exchange.tick_record import TickRecord
from sumppump.exchange.trading_days import to_ms

BID_EXCHANGES, ASK_EXCHANGES, LAST_EXCHANGE = 32, 33, 84
_SLOT_MS = 10_000
_MOST_PLACES = 16
_MOST_KNOWN = 4096
_AT_THE_TOUCH = 0.45


class ExchangeMaps:
    """Answers for every listed contract."""

    def __init__(self, seed: int, ticks: TickRecord) -> None:
        self._ticks = ticks
        self._known: dict[tuple[int, int], tuple[int, str]] = {}
        self._keys = {side: key_of(seed, "at the touch", side) for side in (BID_EXCHANGES, ASK_EXCHANGES)}

    def facts(self, listing: Listing, book: BookTop) -> Iterator[tuple[int, str]]:
        """Tick type and letters; nothing for what trades in one place only."""
        group = group_of(listing)
        if group is None:
            return
        books = [place for place in group.places if place.has_book]
        for side, price in ((BID_EXCHANGES, book.bid), (ASK_EXCHANGES, book.ask)):
            if price is not None:
                yield side, self._letters(side, listing, to_ms(book.at), books)
        if book.last_at is not None:
            place = self._ticks.place(listing, to_ms(book.last_at))
            yield LAST_EXCHANGE, next(one.letter for one in group.places if one.exchange == place)

    def _letters(self, side: int, listing: Listing, at_ms: int, books: list[Place]) -> str:
        slot = at_ms // _SLOT_MS
        known = self._known.get((side, listing.con_id))
        if known is None or known[0] != slot:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[side, listing.con_id] = (slot, self._drawn(side, listing, slot, books))
        return known[1]

    def _drawn(self, side: int, listing: Listing, slot: int, books: list[Place]) -> str:
        first = slot * _MOST_PLACES
        draws = [uniform(self._keys[side], listing.con_id, first + bit) for bit in range(len(books))]
        # The luckiest is always there: somebody makes the best price.
        return "".join(
            place.letter
            for place, draw in zip(books, draws, strict=True)
            if draw < _AT_THE_TOUCH or draw == max(draws)
        )
