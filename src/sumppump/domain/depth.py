"""Order books as values: levels by price, and what a size would pay to go through them. Pure arithmetic.

A ratio that cannot be formed is None; a size that the known levels cannot fill has no price at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

BASIS_POINTS = 10_000


class Side(StrEnum):
    """What an order that comes now would do: a buyer takes the asks."""

    BUY = "buy"
    SELL = "sell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as the broker tells it.

    Attributes:
        price: currency per share or contract, above 0.
        size: shares, contracts or coins, above 0; of a coin also a part of one.
        place: the exchange or market maker behind it, "" where the book does not say.
    """

    price: Decimal
    size: Decimal
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """All that rests at one price.

    Attributes:
        cumulative: size here and at every better price.
        places: who rests there, largest first; empty where the book does not say.
    """

    price: Decimal
    size: Decimal
    cumulative: Decimal
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBook:
    """Both sides, best level first.

    Attributes:
        rows: the rows behind the levels, for whose they are.
    """

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    rows: tuple[Row, ...] = ()

    @classmethod
    def of(cls, bids: Iterable[Row], asks: Iterable[Row]) -> OrderBook:
        """A book from rows in any order; rows of one price become one level."""
        bids, asks = tuple(bids), tuple(asks)
        return cls(
            bids=_levels(bids, best_is_high=True), asks=_levels(asks, best_is_high=False), rows=bids + asks
        )

    @property
    def mid(self) -> Decimal | None:
        """Half-way between the best prices; None unless both sides are there."""
        return (self.bids[0].price + self.asks[0].price) / 2 if self.bids and self.asks else None

    @property
    def spread(self) -> Decimal | None:
        """Best ask minus best bid; negative where the book is crossed."""
        return self.asks[0].price - self.bids[0].price if self.bids and self.asks else None

    @property
    def spread_bps(self) -> float | None:
        """The spread in hundredths of a percent of the mid."""
        return None if self.spread is None else _bps(self.spread, self.mid)

    @property
    def imbalance(self) -> float | None:
        """(bid size − ask size) ÷ both, from −1 (only sellers rest) to 1; None of an empty book."""
        bid, ask = total(self.bids), total(self.asks)
        return float((bid - ask) / (bid + ask)) if bid + ask else None

    def levels(self, side: Side) -> tuple[Level, ...]:
        """What an order of this side would meet, best first."""
        return self.asks if side is Side.BUY else self.bids

    def distance_bps(self, level: Level) -> float | None:
        """How far a level is from the mid, in hundredths of a percent, never below 0 in a sound book."""
        return None if self.mid is None else abs(_bps(level.price - self.mid, self.mid) or 0.0)

    def cut(self, levels: int) -> OrderBook:
        """The best levels of each side."""
        prices = {level.price for level in (*self.bids[:levels], *self.asks[:levels])}
        return OrderBook(
            bids=self.bids[:levels],
            asks=self.asks[:levels],
            rows=tuple(row for row in self.rows if row.price in prices),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A size that goes through the book at once.

    Attributes:
        vwap: average price paid or received; None where the known levels cannot fill the size.
        worst: the last price touched; None likewise.
        impact_bps: how much worse the average is than the mid, in hundredths of a percent, ≥ 0 in a sound
            book; None without a mid or a fill.
        reason: why there is no price, "" where there is one.
    """

    side: Side
    quantity: int
    vwap: Decimal | None = None
    worst: Decimal | None = None
    impact_bps: float | None = None
    reason: str = ""


def sweep(book: OrderBook, side: Side, quantity: int) -> Sweep:
    """What `quantity` shares or contracts pay (buy) or receive (sell) against the levels that are known."""
    levels = book.levels(side)
    known = total(levels)
    if known < quantity:
        word = "offered" if side is Side.BUY else "bid for"
        reason = f"only {known:,f} are {word} in the levels that were told" if known else f"nothing is {word}"
        return Sweep(side=side, quantity=quantity, reason=reason)
    cash, left, worst = Decimal(0), Decimal(quantity), levels[0].price
    for level in levels:
        taken = min(left, level.size)
        if taken == 0:
            break
        cash, left, worst = cash + taken * level.price, left - taken, level.price
    vwap = cash / quantity
    return Sweep(side=side, quantity=quantity, vwap=vwap, worst=worst, impact_bps=_impact(book, side, vwap))


def concentration(sizes: Iterable[Decimal]) -> float | None:
    """Herfindahl–Hirschman index of sizes: 1 when one has all, 1/n when n have the same; None of nothing.

    >>> concentration([Decimal(500)]), concentration([Decimal(100)] * 4)
    (1.0, 0.25)
    """
    known = [size for size in sizes if size > 0]
    whole = sum(known)
    return float(sum((size / whole) ** 2 for size in known)) if whole else None


def sizes_by_place(rows: Iterable[Row]) -> dict[str, Decimal]:
    """Size by exchange or market maker, largest first; empty where no row names one."""
    sizes: dict[str, Decimal] = {}
    for row in rows:
        if row.place:
            sizes[row.place] = sizes.get(row.place, Decimal(0)) + row.size
    return dict(sorted(sizes.items(), key=lambda item: (-item[1], item[0])))


def total(levels: Sequence[Level]) -> Decimal:
    """Size over all levels."""
    return levels[-1].cumulative if levels else Decimal(0)


def _levels(rows: Sequence[Row], *, best_is_high: bool) -> tuple[Level, ...]:
    levels, running = [], Decimal(0)
    for price in sorted({row.price for row in rows}, reverse=best_is_high):
        here = [row for row in rows if row.price == price]
        size = sum((row.size for row in here), Decimal(0))
        running += size
        levels.append(Level(price=price, size=size, cumulative=running, places=tuple(sizes_by_place(here))))
    return tuple(levels)


def _impact(book: OrderBook, side: Side, vwap: Decimal) -> float | None:
    if book.mid is None:
        return None
    return _bps(vwap - book.mid if side is Side.BUY else book.mid - vwap, book.mid)


def _bps(difference: Decimal, base: Decimal | None) -> float | None:
    return float(difference / base * BASIS_POINTS) if base else None
