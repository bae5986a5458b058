"""Which exchanges stand behind the best quote and the last trade: the letters of ticks 32, 33 and 84.

The last trade's is that of the record of ticks; who joins the best bid and ask is drawn anew every ten
seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.market.randomness import bits, key_of
from sumppump.exchange.market.smart_routing import Place, group_of
from sumppump.exchange.market.tick_record import TickRecord
from sumppump.exchange.reports import BookTop

BID_EXCHANGES, ASK_EXCHANGES, LAST_EXCHANGE = 32, 33, 84
_SLOT_MS = 10_000
_BITS = 4  # of luck for each place; sixteen places share one draw
_MOST = (1 << _BITS) - 1
_AT_THE_TOUCH = 7  # of sixteen: how often a place joins the best price


class ExchangeMaps:
    """Answers for every listed contract."""

    def __init__(self, seed: int, ticks: TickRecord) -> None:
        self._ticks = ticks
        self._keys = {side: key_of(seed, "at the touch", side) for side in (BID_EXCHANGES, ASK_EXCHANGES)}

    def facts(self, listing: Listing, book: BookTop) -> Iterator[tuple[int, str]]:
        """Tick type and letters; nothing for what trades in one place only."""
        group = group_of(listing)
        if group is None:
            return
        for side, price in ((BID_EXCHANGES, book.bid), (ASK_EXCHANGES, book.ask)):
            if price is not None:
                yield side, self._letters(side, listing, to_ms(book.at), group.books)
        if book.last_at is not None:
            place = self._ticks.place(listing, to_ms(book.last_at))
            yield LAST_EXCHANGE, next(one.letter for one in group.places if one.exchange == place)

    def _letters(self, side: int, listing: Listing, at_ms: int, books: Sequence[Place]) -> str:
        luck = bits(self._keys[side], listing.con_id, at_ms // _SLOT_MS)
        best = luck % len(books)  # somebody always makes the best price
        return "".join(
            place.letter
            for number, place in enumerate(books)
            if number == best or luck >> _BITS * number & _MOST < _AT_THE_TOUCH
        )
