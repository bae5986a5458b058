"""Market depth: the rows behind the best quote, made from it and from the seed.

The best row is the best quote, always. Behind it prices move away by one or a few increments; what rests at a
price depends on the price and the time of day in slots of two seconds, so that rows keep their size while the
best quote moves past them. An exchange of its own shows its share of every row; the SMART book has a
row for each exchange at each price, and the rows of one price add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sumppump.exchange.calendar.trading_days import to_ms
from sumppump.exchange.listing.instruments import Bag, Instrument, Listing, SecType
from sumppump.exchange.listing.market_rules import tick_for
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.randomness import key_of, uniform
from sumppump.exchange.market.smart_routing import Place, group_of
from sumppump.exchange.reports import BookTop

MOST_ROWS = 10
BID, ASK = 1, 0
"""Sides as the wire numbers them."""
SMART = "SMART"
ALIASES = {"ISLAND": "NASDAQ"}
_SLOT_MS = 2000
_ROUND_LOT = 100
_WIDE_STEP = 0.3  # of the rows are two increments behind the one before


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `place` is the exchange behind it, "" where there is only one."""

    price: Decimal
    size: int
    place: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """Both sides, best row first."""

    bids: tuple[Row, ...] = ()
    asks: tuple[Row, ...] = ()


EMPTY = Book()


def places_with_depth(instrument: Instrument) -> tuple[Place, ...]:
    """The exchanges whose books of this instrument can be subscribed."""
    if isinstance(instrument, Bag) or instrument.sec_type == SecType.INDEX:
        return ()
    group = group_of(instrument)
    if group is None:
        return tuple(Place(name, "", 1.0) for name in instrument.valid_exchanges if name != SMART)
    return tuple(place for place in group.places if place.has_book)


class DepthBooks:
    """Makes books from best quotes."""

    def __init__(self, seed: int) -> None:
        self._gap_key = key_of(seed, "depth gap")
        self._size_key = key_of(seed, "depth size")
        self._share_key = key_of(seed, "depth share")

    def smart(self, listing: Listing, top: BookTop, rows: int) -> Book:
        """The book of all exchanges."""
        places = places_with_depth(listing)
        return Book(
            tuple(self._smart_rows(listing, top, BID, places))[:rows],
            tuple(self._smart_rows(listing, top, ASK, places))[:rows],
        )

    def of(self, listing: Listing, top: BookTop, exchange: str, rows: int) -> Book:
        """The book of one exchange."""
        share = next(one.share for one in places_with_depth(listing) if one.exchange == exchange)
        whole = sum(one.share for one in places_with_depth(listing))
        return Book(
            *(
                tuple(
                    Row(row.price, max(int(row.size * share / whole), 1))
                    for row in self._levels(listing, top, side)
                )[:rows]
                for side in (BID, ASK)
            )
        )

    def _levels(self, listing: Listing, top: BookTop, side: int) -> Iterator[Row]:
        """Prices and whole sizes, best first."""
        price, size = (top.bid, top.bid_size) if side == BID else (top.ask, top.ask_size)
        slot = to_ms(top.at) // _SLOT_MS
        for level in range(MOST_ROWS):
            if price is None or price <= 0:
                return
            yield Row(price, size)
            price = self._behind(listing, price, side)
            size = self._size(listing, price, slot, level)

    def _behind(self, listing: Listing, price: Decimal, side: int) -> Decimal:
        units = int(price * listing.price_units)
        steps = 2 if uniform(self._gap_key, listing.con_id, units) < _WIDE_STEP else 1
        # A row further down lies on the finer grid of its own price.
        tick = tick_for(listing.market_rule_ids[0], price - Decimal("0.0001") if side == BID else price)
        return price - steps * tick if side == BID else price + steps * tick

    def _size(self, listing: Listing, price: Decimal, slot: int, level: int) -> int:
        character = CHARACTERS[listing.underlying]
        draw = uniform(self._size_key, listing.con_id ^ int(price * listing.price_units), slot)
        typical = character.option_lot if listing.is_option else character.lot
        whole = _ROUND_LOT if listing.sec_type == SecType.STOCK else 1
        return max(int(typical * (0.4 + 1.6 * draw) * (1 + 0.25 * level)) // whole, 1) * whole

    def _smart_rows(
        self, listing: Listing, top: BookTop, side: int, places: tuple[Place, ...]
    ) -> Iterator[Row]:
        for level in self._levels(listing, top, side):
            parts = self._parts(listing, level, places)
            yield from sorted(parts, key=lambda row: (-row.size, row.place))

    def _parts(self, listing: Listing, level: Row, places: tuple[Place, ...]) -> Iterator[Row]:
        """A row's size over some of the exchanges; nothing is lost."""
        units = int(level.price * listing.price_units)
        there = [
            place
            for bit, place in enumerate(places)
            if uniform(self._share_key, listing.con_id, 16 * units + bit) < 0.25 + place.share
        ] or [places[0]]
        whole, left = sum(place.share for place in there), level.size
        for place in there[1:]:
            size = min(int(level.size * place.share / whole), left - 1)
            if size > 0:
                left -= size
                yield Row(level.price, size, place.exchange)
        yield Row(level.price, left, there[0].exchange)
