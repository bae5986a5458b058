"""Quotes for the matching: blocks of steps of the contracts that orders are about, priced in one pass.

Blocks lie on a fixed grid of steps, so what is computed at once does not depend on how time is cut up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.instruments import Instrument, Listing
from sumppump.exchange.matching import LegTop, PriceRow
from sumppump.exchange.option_data import OptionData
from sumppump.exchange.quotes import Quoter
from sumppump.exchange.symbols import BY_SYMBOL
from sumppump.exchange.trading_days import TradingSession, is_open, latest_session, to_datetime

BLOCK_STEPS = 256  # a power of two; one pass prices a minute
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment on the market's grid: outside sessions, the close of the last one.

    Attributes:
        ms: the exchange's time itself, milliseconds since the epoch.
        is_open: whether the session is on.
    """

    ms: int
    session: TradingSession
    step: int
    is_open: bool

    @classmethod
    def of(cls, ms: int) -> Moment:
        """The moment at this time."""
        session = latest_session(ms)
        return cls(ms, session, session.step_at(ms), is_open(ms))

    def trades(self, instrument: Instrument, *, outside_rth: bool = False) -> bool:
        """Whether an order in this instrument can be filled now; here everything keeps regular hours."""
        return self.is_open

    @property
    def at(self) -> datetime:
        """The time in UTC."""
        return to_datetime(self.ms)

    @property
    def second(self) -> int:
        """Seconds since the epoch of the step."""
        return self.session.time_of(self.step) // 1000


class TopSource:
    """Best quotes of single contracts at single steps."""

    def __init__(self, quoter: Quoter, options: OptionData) -> None:
        self._quoter = quoter
        self._options = options
        self._block: tuple[date, int] | None = None
        self._known: dict[int, list[LegTop]] = {}
        self._prices: dict[int, PriceRow] = {}

    def tops(self, listings: Iterable[Listing], moment: Moment) -> dict[int, LegTop]:
        """The quotes of these contracts at this moment."""
        wanted = self._loaded(listings, moment)
        place = moment.step % BLOCK_STEPS
        return {con_id: self._known[con_id][place] for con_id in wanted}

    def prices_ahead(self, listings: Iterable[Listing], moment: Moment) -> dict[int, PriceRow]:
        """Bid, ask and last price in cents from this moment to the end of its block of steps."""
        wanted = self._loaded(listings, moment)
        place = moment.step % BLOCK_STEPS
        return {con_id: PriceRow(*(row[place:] for row in self._prices[con_id])) for con_id in wanted}

    def _loaded(self, listings: Iterable[Listing], moment: Moment) -> list[int]:
        """The ids of these contracts, after their block is there."""
        wanted = {one.con_id: one for one in listings}
        block = (moment.session.day, moment.step // BLOCK_STEPS)
        if self._block != block:
            self._block = block
            self._known, self._prices = {}, {}
        missing = [one for con_id, one in wanted.items() if con_id not in self._known]
        if missing:
            self._load(missing, moment.session, block[1])
        return list(wanted)

    def mark(self, listing: Listing, moment: Moment) -> Decimal:
        """What a position is valued at: a stock's last price, the middle of an option's quote."""
        top = self.tops((listing,), moment)[listing.con_id]
        return Decimal(top.bid + top.ask) / 200 if listing.is_option else Decimal(top.last) / 100

    def _load(self, listings: list[Listing], session: TradingSession, block: int) -> None:
        first = block * BLOCK_STEPS
        steps = np.arange(first, min(first + BLOCK_STEPS, session.last_step + 1), dtype=np.int64)
        options = [one for one in listings if one.is_option]
        for one in listings:
            if not one.is_option:
                tops, last = self._quoter.stock_tops(BY_SYMBOL[one.symbol], session, steps)
                self._keep(one.con_id, tops.bid, tops.ask, last, tops.bid_size, tops.ask_size)
        if options:
            row = self._options.row(options)
            tops = self._quoter.option_tops(row, session, steps, self._quoter.priced(row, session, steps))
            nothing = np.zeros(len(steps), dtype=np.int64)
            for place, one in enumerate(options):
                prices = (tops.bid[:, place], tops.ask[:, place], nothing)
                self._keep(one.con_id, *prices, tops.bid_size[:, place], tops.ask_size[:, place])

    def _keep(self, con_id: int, bid: Ints, ask: Ints, last: Ints, bid_size: Ints, ask_size: Ints) -> None:
        columns = (column.tolist() for column in (bid, ask, bid_size, ask_size, last))
        self._known[con_id] = [LegTop(*row) for row in zip(*columns, strict=True)]
        self._prices[con_id] = PriceRow(bid, ask, last)
