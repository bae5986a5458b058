"""Quotes for the matching: blocks of steps of the contracts that orders are about, priced in one pass.

Blocks lie on a fixed grid of steps, so what is computed at once does not depend on how time is cut up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.hours import last_traded, next_opening, trades_at
from sumppump.exchange.calendar.trading_days import (
    STEP_MS,
    Place,
    TradingSession,
    is_open,
    latest_session,
    span_at,
    to_datetime,
    to_ms,
)
from sumppump.exchange.listing.instruments import Instrument, Listing
from sumppump.exchange.listing.symbols import BY_SYMBOL
from sumppump.exchange.market.option_data import OptionData
from sumppump.exchange.market.quotes import Quoter
from sumppump.exchange.orders.matching import LegTop, PriceRow
from sumppump.exchange.orders.orders import legs_of

BLOCK_STEPS = 256  # a power of two; one pass prices a minute
Ints = NDArray[np.int64]
_Doubled = dict[int, int]
"""Twice the marks by con id, in units."""
_MOST_KEPT = 512


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, and where the regular market stands in it: outside sessions, at the close of the last one.

    Attributes:
        ms: the exchange's time itself, milliseconds since the epoch.
        is_open: whether the regular session is on.
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
        """Whether an order in this instrument can be filled now; of a combo, all legs must trade."""
        return all(
            trades_at(leg.listing.hours, self.ms, liquid=not outside_rth)
            and not _has_ended(leg.listing, self.ms)
            for leg in legs_of(instrument)
        )

    def place(self, listing: Listing) -> Place:
        """Where its market stands: at this moment while it trades, else at its last one."""
        if self.is_open:
            return self.session, self.step
        traded = last_traded(listing.hours, self.ms)
        if traded <= self.session.close_ms:
            return self.session, self.session.last_step
        night = span_at(traded)
        return night, night.step_at(traded)

    @property
    def at(self) -> datetime:
        """The time in UTC."""
        return to_datetime(self.ms)

    @property
    def second(self) -> int:
        """Whole seconds since the epoch."""
        return self.ms // 1000

    @property
    def begins_second(self) -> bool:
        """Whether this is the first step of a second."""
        return self.ms % 1000 < STEP_MS


def next_trading(instrument: Instrument, moment_ms: int, *, outside_rth: bool) -> int:
    """The moment itself while the instrument trades, else the next at which all its legs do."""
    kinds = {leg.listing.hours for leg in legs_of(instrument)}
    while True:
        opens = max(next_opening(kind, moment_ms, liquid=not outside_rth) for kind in kinds)
        if opens == moment_ms:
            return opens
        moment_ms = opens


def _has_ended(listing: Listing, moment_ms: int) -> bool:
    return listing.last_trade is not None and to_ms(listing.last_trade) <= moment_ms


@dataclass(frozen=True, slots=True)
class _Block:
    """The quotes of one contract over a block of steps.

    Attributes:
        begins: which block, by the moment at which its span opens and its number.
    """

    begins: tuple[int, int]
    tops: list[LegTop]
    prices: PriceRow


class TopSource:
    """Best quotes of single contracts at single steps."""

    def __init__(self, quoter: Quoter, options: OptionData) -> None:
        self._quoter = quoter
        self._options = options
        self._blocks: dict[int, _Block] = {}
        self._marks: dict[int, tuple[int, int, Decimal]] = {}
        self._version = quoter.market.version

    def tops(self, listings: Iterable[Listing], moment: Moment) -> dict[int, LegTop]:
        """The quotes of these contracts at this moment."""
        return {
            con_id: block.tops[step % BLOCK_STEPS]
            for con_id, (block, step) in self._loaded(listings, moment).items()
        }

    def look_ahead(self, listings: Iterable[Listing], moment: Moment) -> None:
        """Prices the block of steps of many contracts in one pass, so that others have it at hand."""
        self._loaded(listings, moment)

    def prices_ahead(self, listings: Iterable[Listing], moment: Moment) -> dict[int, PriceRow]:
        """Bid, ask and last price in units from this moment to the end of its block of steps."""
        return {
            con_id: PriceRow(*(row[step % BLOCK_STEPS :] for row in block.prices))
            for con_id, (block, step) in self._loaded(listings, moment).items()
        }

    def _loaded(self, listings: Iterable[Listing], moment: Moment) -> dict[int, tuple[_Block, int]]:
        """The blocks of these contracts and the steps in question, by con id."""
        self._forget_if_shocked()
        found: dict[int, tuple[_Block, int]] = {}
        missing: dict[int, tuple[Listing, Place]] = {}
        for one in listings:
            session, step = moment.place(one)
            block = self._blocks.get(one.con_id)
            if block is None or block.begins != (session.open_ms, step // BLOCK_STEPS):
                missing[one.con_id] = one, (session, step)
            else:
                found[one.con_id] = block, step
        if missing:
            self._load_all(missing.values(), kept=found)
            found |= {con_id: (self._blocks[con_id], step) for con_id, (_, (_, step)) in missing.items()}
        return found

    def _load_all(self, missing: Collection[tuple[Listing, Place]], *, kept: Collection[int]) -> None:
        if len(self._blocks) > _MOST_KEPT:
            self._blocks = {con_id: self._blocks[con_id] for con_id in kept}
        rows: dict[Place, list[Listing]] = {}
        for listing, (session, step) in missing:
            rows.setdefault((session, step // BLOCK_STEPS), []).append(listing)
        for (session, block), late in rows.items():
            self._load(late, session, block)

    def _forget_if_shocked(self) -> None:
        if self._version != self._quoter.market.version:
            self._version = self._quoter.market.version
            self._blocks.clear()
            self._marks.clear()

    def mark(self, listing: Listing, moment: Moment) -> Decimal:
        """What a position is valued at: the last price, of an option the middle of its quote."""
        self.look_up_marks((listing,), moment)
        return self._marks[listing.con_id][2]

    def look_up_marks(self, listings: Iterable[Listing], moment: Moment) -> None:
        """Finds the marks of many contracts in one pass, so that `mark` has them at hand."""
        self._forget_if_shocked()
        late: dict[Place, list[Listing]] = {}
        for one in listings:
            session, step = moment.place(one)
            known = self._marks.get(one.con_id)
            if known is None or known[:2] != (session.open_ms, step):
                late.setdefault((session, step), []).append(one)
        for (session, step), some in late.items():
            if len(self._marks) + len(some) > _MOST_KEPT:
                self._marks.clear()
            doubled = self._doubled_marks(some, session, step)
            for one in some:
                mark = Decimal(doubled[one.con_id]) / (2 * one.price_units)
                self._marks[one.con_id] = (session.open_ms, step, mark)

    def _doubled_marks(
        self, listings: Iterable[Listing], session: TradingSession, step: int
    ) -> dict[int, int]:
        """The marks of one step alone, because marks are asked for now and then only."""
        found: _Doubled = {}
        options: list[Listing] = []
        for one in listings:
            worked = self._worked_mark(one, session, step)
            if worked is None and one.is_option:
                options.append(one)
            else:
                found[one.con_id] = self._stock_mark(one, session, step) if worked is None else worked
        if options:
            row, at = self._options.row(options), np.array([step], dtype=np.int64)
            tops = self._quoter.option_tops(row, session, at, self._quoter.priced(row, session, at))
            found.update(zip((one.con_id for one in options), (tops.bid + tops.ask)[0].tolist(), strict=True))
        return found

    def _stock_mark(self, listing: Listing, session: TradingSession, step: int) -> int:
        at = np.array([step], dtype=np.int64)
        return 2 * int(self._quoter.lasts(BY_SYMBOL[listing.underlying], session, at)[0])

    def _worked_mark(self, listing: Listing, session: TradingSession, step: int) -> int | None:
        """The doubled mark where orders have the contract's block of steps at hand."""
        block = self._blocks.get(listing.con_id)
        if block is None or block.begins != (session.open_ms, step // BLOCK_STEPS):
            return None
        top = block.tops[step % BLOCK_STEPS]
        return top.bid + top.ask if listing.is_option else 2 * top.last

    def _load(self, listings: list[Listing], session: TradingSession, block: int) -> None:
        first = block * BLOCK_STEPS
        steps = np.arange(first, min(first + BLOCK_STEPS, session.last_step + 1), dtype=np.int64)
        begins = (session.open_ms, block)
        options = [one for one in listings if one.is_option]
        for one in listings:
            if not one.is_option:
                tops, last = self._quoter.stock_tops(BY_SYMBOL[one.underlying], session, steps)
                self._keep(
                    one.con_id, begins, PriceRow(tops.bid, tops.ask, last), tops.bid_size, tops.ask_size
                )
        if options:
            row = self._options.row(options)
            tops = self._quoter.option_tops(row, session, steps, self._quoter.priced(row, session, steps))
            nothing = np.zeros(len(steps), dtype=np.int64)
            for place, one in enumerate(options):
                prices = PriceRow(tops.bid[:, place], tops.ask[:, place], nothing)
                self._keep(one.con_id, begins, prices, tops.bid_size[:, place], tops.ask_size[:, place])

    def _keep(
        self, con_id: int, begins: tuple[int, int], prices: PriceRow, bid_size: Ints, ask_size: Ints
    ) -> None:
        columns = (column.tolist() for column in (prices.bid, prices.ask, bid_size, ask_size, prices.last))
        tops = [LegTop(*row) for row in zip(*columns, strict=True)]
        self._blocks[con_id] = _Block(begins, tops, prices)
