"""The record of every tick: trades, quotes and middles between any two moments up to now.

Read from the same prints and quotes that subscribers see, so streams, bars and historical ticks agree by
construction. Nothing is kept; a tick is a pure function of seed and time. Spans take their first moment in
and leave their last one out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.hours import HoursKind
from sumppump.exchange.calendar.trading_days import STEP_MS, TradingSession, to_ms
from sumppump.exchange.calendar.trading_spans import Stretch, stretches, trade_dates_back, trade_dates_on
from sumppump.exchange.listing.instruments import Listing, SecType
from sumppump.exchange.market.quotes import Tops
from sumppump.exchange.market.randomness import key_of, uniform, uniforms
from sumppump.exchange.market.smart_routing import group_of
from sumppump.exchange.market.tick_arrays import TickArrays

Ints = NDArray[np.int64]
Tick = TypeVar("Tick")

BLOCK_STEPS = 1024
_MOST_SESSIONS = 10  # looked through for one question
_ROUND_LOT = 100
ODD_LOT, OPENING, CLOSING, DERIVED, EXTENDED = "I", "O", "6", "W", "T"
"""Conditions of a trade by the letters of the consolidated tape; `W` is an average price, `T` outside regular
hours."""
_DERIVED_SHARE = 0.04  # of the prints, followed by one that counts for nothing


@dataclass(frozen=True, slots=True)
class Trade:
    """One print.

    Attributes:
        at_ms: milliseconds since the epoch.
        size: shares or contracts.
        is_reported: whether it counts for last price, volume and bars; only AllLast shows one that does not.
    """

    at_ms: int
    price: Decimal
    size: int
    exchange: str
    conditions: str
    is_reported: bool = True


@dataclass(frozen=True, slots=True)
class BidAsk:
    """A best quote from this moment on; None with size 0 where there is none."""

    at_ms: int
    bid: Decimal | None
    ask: Decimal | None
    bid_size: int
    ask_size: int


@dataclass(frozen=True, slots=True)
class Midpoint:
    """The middle of the best quote from this moment on."""

    at_ms: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Turnover:
    """How many trades, of how many shares or contracts, for how much: price times size."""

    count: int = 0
    size: int = 0
    value: Decimal = Decimal(0)

    def __add__(self, other: Turnover) -> Turnover:
        return Turnover(self.count + other.count, self.size + other.size, self.value + other.value)


@dataclass(frozen=True, slots=True)
class _Span:
    """Steps `first` until before `end` of one session; `begins` where trading begins with it."""

    session: TradingSession
    first: int
    end: int
    begins: bool


@dataclass(frozen=True, slots=True)
class _Wish:
    """At most `limit` ticks from one moment until before another: the first ones, or the newest."""

    from_ms: int
    until_ms: int
    limit: int
    newest: bool
    liquid: bool


class TickRecord:
    """Answers questions about ticks.

    Args:
        find: the contract of an id, expired or not.
        now_ms: the exchange's time; later ticks are not told.
    """

    def __init__(
        self,
        seed: int,
        arrays: TickArrays,
        find: Callable[[int], Listing | None],
        now_ms: Callable[[], int],
    ) -> None:
        self._arrays = arrays
        self._find = find
        self._now_ms = now_ms
        self._place_key = key_of(seed, "place of a print")
        self._derived_key = key_of(seed, "derived print")

    def trades(
        self,
        con_id: int,
        from_ms: int,
        until_ms: int,
        limit: int,
        *,
        newest: bool = False,
        liquid: bool = False,
    ) -> tuple[Trade, ...]:
        """Trades, oldest first: at most `limit`, the first ones of the span or its newest.

        Args:
            con_id: the contract.
            from_ms: the first moment, milliseconds since the epoch.
            until_ms: the moment before which they are.
            limit: how many at most.
            newest: whether the last ones are wanted instead of the first.
            liquid: whether only regular hours count.
        """
        wish = _Wish(from_ms, until_ms, limit, newest, liquid)
        return self._collected(self._trades_in, con_id, wish)

    def bid_asks(
        self,
        con_id: int,
        from_ms: int,
        until_ms: int,
        limit: int,
        *,
        newest: bool = False,
        liquid: bool = False,
    ) -> tuple[BidAsk, ...]:
        """Changes of the best quote, prices or sizes, oldest first; see `trades`."""
        wish = _Wish(from_ms, until_ms, limit, newest, liquid)
        return self._collected(self._bid_asks_in, con_id, wish)

    def midpoints(
        self,
        con_id: int,
        from_ms: int,
        until_ms: int,
        limit: int,
        *,
        newest: bool = False,
        liquid: bool = False,
    ) -> tuple[Midpoint, ...]:
        """Changes of the middle of the best quote, oldest first; see `trades`."""
        wish = _Wish(from_ms, until_ms, limit, newest, liquid)
        return self._collected(self._midpoints_in, con_id, wish)

    def _collected(
        self, ticks_in: Callable[[Listing, _Span], Sequence[Tick]], con_id: int, wish: _Wish
    ) -> tuple[Tick, ...]:
        listing = self._find(con_id)
        if listing is None or wish.limit <= 0:
            return ()
        until = min(wish.until_ms, self._now_ms() + 1)
        if listing.last_trade is not None:
            until = min(until, to_ms(listing.last_trade) + 1)
        found: list[Tick] = []
        for span in _spans(listing.hours, replace(wish, until_ms=until)):
            ticks = ticks_in(listing, span)
            found = [*ticks, *found] if wish.newest else [*found, *ticks]
            if len(found) >= wish.limit:
                break
        return tuple(found[-wish.limit :] if wish.newest else found[: wish.limit])

    # -- trades -----------------------------------------------------------------------------
    def _trades_in(self, listing: Listing, span: _Span) -> list[Trade]:
        prints = self._arrays.prints(listing, span.session, span.first, span.end)
        steps = prints.steps
        moments = span.session.open_ms + steps * STEP_MS
        places = _places(listing, uniforms(self._place_key, listing.con_id, moments))
        derived = uniforms(self._derived_key, listing.con_id, moments) < _DERIVED_SHARE
        columns = (steps, moments, prints.price[:, 0], prints.size[:, 0], derived)
        found: list[Trade] = []
        for (step, at_ms, price, size, extra), place in zip(
            zip(*(column.tolist() for column in columns), strict=True), places, strict=True
        ):
            price = Decimal(price) / listing.price_units
            found.append(Trade(at_ms, price, size, place, _condition(listing, span.session, step, size)))
            if extra and listing.sec_type is SecType.STOCK:
                found.append(Trade(at_ms, price, size, "FINRA", DERIVED, is_reported=False))
        return found

    def place(self, listing: Listing, at_ms: int) -> str:
        """The exchange of a print at this moment."""
        group, draw = group_of(listing), uniform(self._place_key, listing.con_id, at_ms)
        return listing.exchange if group is None else group.at_share(draw).exchange

    def turnover(self, con_id: int, from_ms: int, until_ms: int) -> Turnover:
        """What the reported trades of a span add up to."""
        listing, total = self._find(con_id), Turnover()
        if listing is None:
            return total
        wish = _Wish(from_ms, min(until_ms, self._now_ms() + 1), 0, newest=False, liquid=False)
        for span in _spans(listing.hours, wish):
            prints = self._arrays.prints(listing, span.session, span.first, span.end)
            size = prints.size[:, 0]
            value = Decimal(int(prints.price[:, 0] @ size)) / listing.price_units
            total += Turnover(int(np.count_nonzero(size)), int(size.sum()), value)
        return total

    # -- quotes -----------------------------------------------------------------------------
    def _bid_asks_in(self, listing: Listing, span: _Span) -> list[BidAsk]:
        if listing.sec_type is SecType.INDEX:
            return []
        tops, moments = self._tops(listing, span)
        columns = (tops.bid, tops.ask, tops.bid_size, tops.ask_size)
        changed = _changed(columns, span)
        rows = zip(*(column[changed].tolist() for column in (moments, *columns)), strict=True)
        units = listing.price_units
        return [
            BidAsk(at_ms, _price(bid, units), _price(ask, units), bid_size, ask_size)
            for at_ms, bid, ask, bid_size, ask_size in rows
        ]

    def _midpoints_in(self, listing: Listing, span: _Span) -> list[Midpoint]:
        if listing.sec_type is SecType.INDEX:
            return []
        tops, moments = self._tops(listing, span)
        double = tops.bid + tops.ask
        changed = _changed((double,), span)
        rows = zip(moments[changed].tolist(), double[changed].tolist(), strict=True)
        return [Midpoint(at_ms, Decimal(both) / (2 * listing.price_units)) for at_ms, both in rows]

    def _tops(self, listing: Listing, span: _Span) -> tuple[Tops, Ints]:
        """Quotes of the span and of one step before it (there is none before the open), and their moments."""
        steps = np.arange(span.first - (not span.begins), span.end, dtype=np.int64)
        tops = self._arrays.tops(listing, span.session, steps)
        return tops, span.session.open_ms + steps * STEP_MS


def _spans(kind: HoursKind, wish: _Wish) -> Iterator[_Span]:
    """What trades between two moments in blocks of steps, forwards or backwards."""
    for stretch in _stretches(kind, wish):
        part = stretch.cut(wish.from_ms, wish.until_ms)
        blocks = range(part.first // BLOCK_STEPS, -(-part.end // BLOCK_STEPS))
        for block in reversed(blocks) if wish.newest else blocks:
            start = block * BLOCK_STEPS
            first, end = max(part.first, start), min(part.end, start + BLOCK_STEPS)
            if first < end:
                yield _Span(part.session, first, end, begins=first == stretch.first)


def _stretches(kind: HoursKind, wish: _Wish) -> Iterator[Stretch]:
    from_ms, until_ms, newest = wish.from_ms, wish.until_ms, wish.newest
    if from_ms >= until_ms:
        return
    dates = trade_dates_back(kind, until_ms - 1) if newest else trade_dates_on(kind, max(from_ms, 0))
    for day in islice(dates, _MOST_SESSIONS):
        found = stretches(kind, day, liquid=wish.liquid)
        if found and (found[-1].until_ms <= from_ms if newest else found[0].from_ms >= until_ms):
            return
        for stretch in reversed(found) if newest else found:
            if stretch.from_ms < until_ms and stretch.until_ms > from_ms:
                yield stretch


def _changed(columns: tuple[Ints, ...], span: _Span) -> NDArray[np.bool_]:
    """Where a step differs from the one before; the first of all always counts."""
    if span.begins:
        differs = [np.diff(column, prepend=column[0] - 1) != 0 for column in columns]
    else:
        differs = [np.append(False, np.diff(column) != 0) for column in columns]
    changed: NDArray[np.bool_] = np.logical_or.reduce(differs)
    return changed


def _price(units: int, units_per_currency: int) -> Decimal | None:
    return Decimal(units) / units_per_currency if units else None


def _places(listing: Listing, draws: NDArray[np.float64]) -> list[str]:
    group = group_of(listing)
    if group is None:
        return [listing.exchange] * len(draws)
    return [group.at_share(draw).exchange for draw in draws.tolist()]


def _condition(listing: Listing, session: TradingSession, step: int, size: int) -> str:
    if listing.sec_type is not SecType.STOCK:
        return ""
    if not session.is_regular:
        return EXTENDED
    if step in (0, session.last_step):
        return OPENING if step == 0 else CLOSING
    return ODD_LOT if size < _ROUND_LOT else ""
