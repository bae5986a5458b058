"""Prints and quotes of one contract as arrays: the one source of ticks, bars and histograms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import STEPS_PER_SECOND, TradingSession
from sumppump.exchange.listing.instruments import Listing, SecType
from sumppump.exchange.listing.symbols import BY_SYMBOL
from sumppump.exchange.market.option_data import OptionData
from sumppump.exchange.market.quotes import Quoter, Tops
from sumppump.exchange.market.tape import PRINT_STEPS, Prints, Tape

Ints = NDArray[np.int64]


class TickArrays:
    """Arrays of any contract."""

    def __init__(self, quoter: Quoter, tape: Tape, options: OptionData) -> None:
        self._quoter = quoter
        self._tape = tape
        self._options = options

    def prints(self, listing: Listing, session: TradingSession, first: int, end: int) -> Prints:
        """The prints at the steps from `first` until before `end`: of an index its levels, with size 0."""
        if listing.sec_type is SecType.INDEX:
            return self._tape.published(BY_SYMBOL[listing.underlying], session, first, end)
        if not listing.is_option:
            return self._tape.stock_prints(BY_SYMBOL[listing.underlying], session, first, end)
        row = self._options.row((listing,))
        first, end = (-(-step // PRINT_STEPS) for step in (first, end))
        prints = self._tape.prints(row, session, first, end - first)
        happened = prints.size[:, 0] > 0
        return Prints(prints.steps[happened], prints.price[happened], prints.size[happened])

    def prints_by_second(
        self, listing: Listing, session: TradingSession, first: int, end: int
    ) -> tuple[Prints, ...]:
        """The same prints in parts, told to the second; quick for long spans of a stock or an index."""
        whole, past = -(-first // STEPS_PER_SECOND), end // STEPS_PER_SECOND
        past += end > session.last_step  # the last second has one step only, and its print shows at once
        if listing.is_option or whole >= past:
            return (self.prints(listing, session, first, end),)
        is_index, under = listing.sec_type is SecType.INDEX, BY_SYMBOL[listing.underlying]
        by_second = self._tape.published_by_second if is_index else self._tape.prints_by_second
        before, after = (first, whole * STEPS_PER_SECOND), (past * STEPS_PER_SECOND, end)
        edges = [
            self.prints(listing, session, *edge) if edge[0] < edge[1] else None for edge in (before, after)
        ]
        parts = (edges[0], by_second(under, session, whole, past), edges[1])
        return tuple(part for part in parts if part is not None and len(part.steps))

    def sides(self, listing: Listing, session: TradingSession, steps: Ints) -> tuple[Ints, Ints]:
        """Best bid and ask at these steps; 0 where there is none."""
        if not listing.is_option:
            return self._quoter.stock_sides(BY_SYMBOL[listing.underlying], session, steps)[:2]
        tops = self.tops(listing, session, steps)
        return tops.bid, tops.ask

    def tops(self, listing: Listing, session: TradingSession, steps: Ints) -> Tops:
        """Best prices and sizes at these steps, one number a step; 0 where there is none."""
        if not listing.is_option:
            return self._quoter.stock_tops(BY_SYMBOL[listing.underlying], session, steps)[0]
        row = self._options.row((listing,))
        tops = self._quoter.option_tops(row, session, steps, self._quoter.priced(row, session, steps))
        return Tops(*(column[:, 0] for column in (tops.bid, tops.ask, tops.bid_size, tops.ask_size)))
