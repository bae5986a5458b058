"""Order books as they are shown: some levels of both sides, and what sizes would pay to go through them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sumppump.data.meaning import Meanings
from sumppump.data.quotes import closed_words
from sumppump.domain.depth import OrderBook, Side, Sweep, concentration, sizes_by_place, sweep
from sumppump.domain.instruments import Instrument
from sumppump.ports.depth import DepthOfMarket, DepthPicture

MOST_LEVELS = 10
SIZES = (100, 500, 1000)
EMPTY = "no row came: TWS does not tell an empty book from a closed market or from data that stands still"


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthReading:
    """One book.

    Attributes:
        picture: as it was taken. book: its best levels, as many as were asked for.
        warnings: what is missing or odd, gravest first.
    """

    picture: DepthPicture
    book: OrderBook
    warnings: tuple[str, ...]

    @property
    def instrument(self) -> Instrument:
        """Whose book."""
        return self.picture.instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthAnalytics:
    """One book, reckoned over every level that was told.

    Attributes:
        sweeps: buying and selling each of SIZES shares or contracts at once.
        bid_concentration, ask_concentration: Herfindahl–Hirschman index of size over prices, 1/n to 1; None
            of an empty side.
        places: (exchange or market maker, size of both sides), largest first; empty where the book does not
            say. place_concentration: the same index over them.
    """

    reading: DepthReading
    sweeps: tuple[Sweep, ...]
    bid_concentration: float | None
    ask_concentration: float | None
    places: tuple[tuple[str, Decimal], ...]
    place_concentration: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthService:
    """Takes books; sends no order."""

    meanings: Meanings
    depth: DepthOfMarket

    async def book(self, text: str, levels: int = MOST_LEVELS) -> DepthReading:
        """The best levels of both sides.

        Raises:
            InvalidRequest, UnknownContract: the text names no contract.
            NotSubscribed, MarketDataError, GatewayUnavailable: see `ports.depth`.
        """
        meaning = await self.meanings.of(text)
        picture = await self.depth.book(meaning.instrument)
        return DepthReading(
            picture=picture,
            book=picture.book.cut(levels),
            warnings=(*closed_words(meaning, self.meanings.clock.now()), *_warnings(picture, levels)),
        )

    async def analytics(self, text: str) -> DepthAnalytics:
        """What the whole book that was told says about trading in size; raises as `book`."""
        reading = await self.book(text, 1)
        book = reading.picture.book
        places = sizes_by_place(book.rows)
        return DepthAnalytics(
            reading=reading,
            sweeps=tuple(sweep(book, side, size) for side in Side for size in SIZES),
            bid_concentration=concentration(level.size for level in book.bids),
            ask_concentration=concentration(level.size for level in book.asks),
            places=tuple(places.items()),
            place_concentration=concentration(places.values()),
        )


def _warnings(picture: DepthPicture, levels: int) -> tuple[str, ...]:
    book, spread = picture.book, picture.book.spread
    told = min(len(book.bids), len(book.asks))
    has_one_side = bool(book.bids) is not bool(book.asks)
    lacking = "asks" if book.bids else "bids"
    rules = (
        (bool(picture.broken), f"data farms are broken: {', '.join(picture.broken)}; rows may be missing"),
        (not book.bids and not book.asks, EMPTY),
        (
            has_one_side,
            f"the book has no {lacking}, and so neither mid nor spread",
        ),
        (spread is not None and spread < 0, "the book is crossed: the best bid is above the best ask"),
        (0 < told < levels, f"only {told} of {levels} levels were told on the thinner side"),
        (bool(picture.missing), f"not subscribed, and so not in it: depth of {', '.join(picture.missing)}"),
    )
    return tuple(words for holds, words in rules if holds)
