"""The record of every tick: trades, quotes and middles between any two moments up to now.

Read from the same prints and quotes that subscribers see, so streams, bars and historical ticks agree by
construction. Nothing is kept; a tick is a pure function of seed and time. Spans take their first moment in
and leave their last one out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.instruments import Listing
from sumppump.exchange.option_data import OptionData
from sumppump.exchange.quotes import Quoter, Tops
from sumppump.exchange.randomness import key_of, uniforms
from sumppump.exchange.symbols import BY_SYMBOL
from sumppump.exchange.tape import PRINT_STEPS, Prints, Tape
from sumppump.exchange.trading_days import (
    STEP_MS,
    TradingSession,
    latest_session,
    new_york_date,
    next_trading_day,
    previous_trading_day,
    session_of,
    to_ms,
    trading_day_on_or_after,
)

Ints = NDArray[np.int64]
Tick = TypeVar("Tick")

BLOCK_STEPS = 1024
_MOST_SESSIONS = 10  # looked through for one question
_ROUND_LOT = 100
ODD_LOT, OPENING, CLOSING, DERIVED = "I", "O", "6", "W"
"""Conditions of a trade by the letters of the consolidated tape; `W` is an average-price trade."""
_DERIVED_SHARE = 0.04  # of the prints, followed by one that counts for nothing
_STOCK_PLACES = (("FINRA", 0.42), ("NASDAQ", 0.17), ("ARCA", 0.14), ("NYSE", 0.10), ("BATS", 0.09),
                 ("EDGEA", 0.05), ("IEX", 0.03))  # fmt: skip
_OPTION_PLACES = (("CBOE", 0.24), ("PHLX", 0.16), ("AMEX", 0.15), ("ISE", 0.15), ("PSE", 0.15),
                  ("BOX", 0.15))  # fmt: skip


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
class _Span:
    """Steps `first` until before `end` of one session."""

    session: TradingSession
    first: int
    end: int


class TickRecord:
    """Answers questions about ticks.

    Args:
        find: the contract of an id, expired or not.
        now_ms: the exchange's time; later ticks are not told.
    """

    def __init__(
        self,
        quoter: Quoter,
        tape: Tape,
        options: OptionData,
        find: Callable[[int], Listing | None],
        now_ms: Callable[[], int],
    ) -> None:
        self._quoter = quoter
        self._tape = tape
        self._options = options
        self._find = find
        self._now_ms = now_ms
        seed = quoter.market.seed
        self._place_key = key_of(seed, "place of a print")
        self._derived_key = key_of(seed, "derived print")

    def trades(
        self, con_id: int, from_ms: int, until_ms: int, limit: int, *, newest: bool = False
    ) -> tuple[Trade, ...]:
        """Trades, oldest first: at most `limit`, the first ones of the span or its newest."""
        return self._collected(self._trades_in, con_id, (from_ms, until_ms), limit, newest=newest)

    def bid_asks(
        self, con_id: int, from_ms: int, until_ms: int, limit: int, *, newest: bool = False
    ) -> tuple[BidAsk, ...]:
        """Changes of the best quote, prices or sizes, oldest first; see `trades`."""
        return self._collected(self._bid_asks_in, con_id, (from_ms, until_ms), limit, newest=newest)

    def midpoints(
        self, con_id: int, from_ms: int, until_ms: int, limit: int, *, newest: bool = False
    ) -> tuple[Midpoint, ...]:
        """Changes of the middle of the best quote, oldest first; see `trades`."""
        return self._collected(self._midpoints_in, con_id, (from_ms, until_ms), limit, newest=newest)

    def _collected(
        self,
        ticks_in: Callable[[Listing, _Span], Sequence[Tick]],
        con_id: int,
        between: tuple[int, int],
        limit: int,
        *,
        newest: bool,
    ) -> tuple[Tick, ...]:
        listing = self._find(con_id)
        if listing is None or limit <= 0:
            return ()
        until = min(between[1], self._now_ms() + 1)
        if listing.last_trade is not None:
            until = min(until, to_ms(listing.last_trade) + 1)
        found: list[Tick] = []
        for span in _spans(between[0], until, newest=newest):
            ticks = ticks_in(listing, span)
            found = [*ticks, *found] if newest else [*found, *ticks]
            if len(found) >= limit:
                break
        return tuple(found[-limit:] if newest else found[:limit])

    # -- trades -----------------------------------------------------------------------------
    def _trades_in(self, listing: Listing, span: _Span) -> list[Trade]:
        prints = self._prints(listing, span)
        (happened,) = np.nonzero(prints.size[:, 0])
        steps = prints.steps[happened]
        moments = span.session.open_ms + steps * STEP_MS
        places = _places(listing, uniforms(self._place_key, listing.con_id, moments))
        derived = uniforms(self._derived_key, listing.con_id, moments) < _DERIVED_SHARE
        columns = (steps, moments, prints.price[happened, 0], prints.size[happened, 0], derived)
        found: list[Trade] = []
        for (step, at_ms, price, size, extra), place in zip(
            zip(*(column.tolist() for column in columns), strict=True), places, strict=True
        ):
            price = Decimal(price) / listing.price_units
            found.append(Trade(at_ms, price, size, place, _condition(listing, span.session, step, size)))
            if extra and not listing.is_option:
                found.append(Trade(at_ms, price, size, "FINRA", DERIVED, is_reported=False))
        return found

    def _prints(self, listing: Listing, span: _Span) -> Prints:
        if not listing.is_option:
            return self._tape.stock_prints(BY_SYMBOL[listing.underlying], span.session, span.first, span.end)
        first, end = (-(-step // PRINT_STEPS) for step in (span.first, span.end))
        row = self._options.row((listing,))
        return self._tape.prints(row, span.session, first, end - first)

    # -- quotes -----------------------------------------------------------------------------
    def _bid_asks_in(self, listing: Listing, span: _Span) -> list[BidAsk]:
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
        tops, moments = self._tops(listing, span)
        double = tops.bid + tops.ask
        changed = _changed((double,), span)
        rows = zip(moments[changed].tolist(), double[changed].tolist(), strict=True)
        return [Midpoint(at_ms, Decimal(both) / (2 * listing.price_units)) for at_ms, both in rows]

    def _tops(self, listing: Listing, span: _Span) -> tuple[Tops, Ints]:
        """Quotes of the span and of one step before it (there is none before the open), and their moments."""
        steps = np.arange(max(span.first - 1, 0), span.end, dtype=np.int64)
        moments = span.session.open_ms + steps * STEP_MS
        if not listing.is_option:
            return self._quoter.stock_tops(BY_SYMBOL[listing.underlying], span.session, steps)[0], moments
        row = self._options.row((listing,))
        tops = self._quoter.option_tops(
            row, span.session, steps, self._quoter.priced(row, span.session, steps)
        )
        columns = (column[:, 0] for column in (tops.bid, tops.ask, tops.bid_size, tops.ask_size))
        return Tops(*columns), moments


def _spans(from_ms: int, until_ms: int, *, newest: bool) -> Iterator[_Span]:
    """The span in blocks of steps, forwards or backwards."""
    for session in _sessions(from_ms, until_ms, newest=newest):
        first = max(-(-(from_ms - session.open_ms) // STEP_MS), 0)
        end = min(-(-(until_ms - session.open_ms) // STEP_MS), session.last_step + 1)
        blocks = range(first // BLOCK_STEPS, -(-end // BLOCK_STEPS))
        for block in reversed(blocks) if newest else blocks:
            start = block * BLOCK_STEPS
            yield _Span(session, max(first, start), min(end, start + BLOCK_STEPS))


def _sessions(from_ms: int, until_ms: int, *, newest: bool) -> Iterator[TradingSession]:
    if from_ms >= until_ms:
        return
    session = (
        latest_session(until_ms - 1)
        if newest
        else session_of(trading_day_on_or_after(new_york_date(max(from_ms, 0))))
    )
    for _ in range(_MOST_SESSIONS):
        if session.open_ms >= until_ms or (newest and session.close_ms < from_ms):
            return
        yield session
        session = session_of((previous_trading_day if newest else next_trading_day)(session.day))


def _changed(columns: tuple[Ints, ...], span: _Span) -> NDArray[np.bool_]:
    """Where a step differs from the one before; the first of a session always counts."""
    if span.first == 0:
        differs = [np.diff(column, prepend=column[0] - 1) != 0 for column in columns]
    else:
        differs = [np.append(False, np.diff(column) != 0) for column in columns]
    changed: NDArray[np.bool_] = np.logical_or.reduce(differs)
    return changed


def _price(units: int, units_per_currency: int) -> Decimal | None:
    return Decimal(units) / units_per_currency if units else None


def _places(listing: Listing, draws: NDArray[np.float64]) -> list[str]:
    names, shares = zip(*(_OPTION_PLACES if listing.is_option else _STOCK_PLACES), strict=True)
    chosen = np.searchsorted(np.cumsum(shares)[:-1], draws, side="right")
    return [names[place] for place in chosen.tolist()]


def _condition(listing: Listing, session: TradingSession, step: int, size: int) -> str:
    if listing.is_option:
        return ""
    if step in (0, session.last_step):
        return OPENING if step == 0 else CLOSING
    return ODD_LOT if size < _ROUND_LOT else ""
