"""What a subscriber to options sees. A whole row of options is priced in one pass.

Summaries of the day's tape are carried on as time goes by; they hold nothing that could not be computed
again from the seed, and begin anew with each session.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import (
    Place,
    TradingSession,
    previous_trading_day,
    session_of,
    to_datetime,
)
from sumppump.exchange.listing.instruments import Listing
from sumppump.exchange.market.option_set import OptionSet
from sumppump.exchange.market.pricing import ModelValues, OptionTerms, american_values
from sumppump.exchange.market.quotes import Priced, Quoter, Tops
from sumppump.exchange.market.stock_data import price_of
from sumppump.exchange.market.tape import Prints, Tape, prints_until
from sumppump.exchange.reports import BookTop, Greeks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SETS_KEPT = 64
_LEAST_VEGA = 1e-5  # per vol point: below it a price says nothing about volatility
_LEAST_VOL, _MOST_VOL = 0.01, 9.0
_SIDES = 3  # bid, ask, last
_Print = tuple[int, int, int]
"""Step, price, size."""


@dataclass(frozen=True, slots=True)
class TapeDay:
    """What one option's tape says of the day so far; prices in cents, 0 before the first print."""

    seen: int = 0
    open: int = 0
    high: int = 0
    low: int = 0
    last: int = 0
    last_size: int = 0
    last_step: int = 0
    volume: int = 0

    def carried_on(self, printed: Sequence[_Print], seen: int) -> TapeDay:
        """With these prints added."""
        if not printed:
            return replace(self, seen=seen)
        prices = [price for _, price, _ in printed]
        last_step, last, last_size = printed[-1]
        return TapeDay(
            seen=seen,
            open=self.open or prices[0],
            high=max(self.high, *prices),
            low=min(self.low or prices[0], *prices),
            last=last,
            last_size=last_size,
            last_step=last_step,
            volume=self.volume + sum(size for _, _, size in printed),
        )


def _columns(prints: Prints) -> Iterator[list[_Print]]:
    """What each of some instruments printed; few print times hold a print."""
    steps = prints.steps.tolist()
    for prices, sizes in zip(prints.price.T.tolist(), prints.size.T.tolist(), strict=True):
        yield [one for one in zip(steps, prices, sizes, strict=True) if one[2]]


_NOTHING_SEEN = TapeDay()
_NO_SIDES: tuple[Greeks | None, ...] = (None,) * _SIDES


@dataclass(frozen=True, slots=True)
class _Sight:
    """One look at a row of options; `days`, `model` and `sides` by place in the row."""

    session: TradingSession
    at: datetime
    tops: Tops
    days: Sequence[TapeDay]
    model: Sequence[Greeks]
    sides: Sequence[tuple[Greeks | None, ...]]


class OptionData:
    """Tops of options."""

    def __init__(self, quoter: Quoter, tape: Tape) -> None:
        self._quoter = quoter
        self._tape = tape
        self._sets: OrderedDict[tuple[int, ...], OptionSet] = OrderedDict()
        self._day: date | None = None
        self._days: dict[int, TapeDay] = {}
        self._closes: dict[int, Decimal] = {}
        self._interest: dict[int, int] = {}

    def row(self, listings: Sequence[Listing]) -> OptionSet:
        """Arrays of these options, remembered: a subscriber asks for the same row again and again."""
        key = tuple(one.con_id for one in listings)
        known = self._sets.get(key)
        if known is None:
            known = self._sets[key] = OptionSet.of(listings)
            if len(self._sets) > _SETS_KEPT:
                self._sets.popitem(last=False)
        return known

    def tops(
        self,
        listings: Sequence[Listing],
        places: Sequence[Place],
        session: TradingSession,
        step: int,
        *,
        side_greeks: bool,
    ) -> list[BookTop]:
        """The markets of options, in their order.

        Args:
            listings: the options.
            places: where the quote of each one stands; some trade later than the regular session.
            session: the regular session whose tape they show.
            step: how far its tape has come.
            side_greeks: whether the greeks of bid, ask and last are wanted.
        """
        if self._day != session.day:
            self._forget(session.day)
        found: dict[int, BookTop] = {}
        for place in dict.fromkeys(places):
            row = [one for one, own in zip(listings, places, strict=True) if own == place]
            for top in self._row_tops(row, place, (session, step), side_greeks=side_greeks):
                found[top.con_id] = top
        return [found[one.con_id] for one in listings]

    def _row_tops(
        self, listings: Sequence[Listing], place: Place, tape: Place, *, side_greeks: bool
    ) -> list[BookTop]:
        row, at = self.row(listings), np.array([place[1]], dtype=np.int64)
        terms, vol = self._quoter.inputs(row, place[0], at)
        values = american_values(terms, vol)
        tops = self._quoter.option_tops(row, place[0], at, Priced(terms, vol, values.price))
        session, step = tape
        days = self._tape_days(listings, session, step)
        sides = _side_greeks(terms, vol, values, tops, days) if side_greeks else [_NO_SIDES] * len(days)
        model = greeks_rows(terms, vol, values.price, values)[0]
        self._look_up(listings, session)
        sight = _Sight(session, to_datetime(place[0].time_of(place[1])), tops, days, model, sides)
        return [self._top(one, place, sight) for place, one in enumerate(listings)]

    def _forget(self, day: date) -> None:
        self._day = day
        self._days.clear()
        self._closes.clear()
        self._interest.clear()

    def _tape_days(self, listings: Sequence[Listing], session: TradingSession, step: int) -> list[TapeDay]:
        due = prints_until(step)
        found = [self._days.get(one.con_id, _NOTHING_SEEN) for one in listings]
        for seen in sorted({day.seen for day in found if day.seen < due}):
            late = [one for one, day in zip(listings, found, strict=True) if day.seen == seen]
            prints = self._tape.prints(self.row(late), session, seen, due - seen)
            for one, printed in zip(late, _columns(prints), strict=True):
                before = self._days.get(one.con_id, _NOTHING_SEEN)
                self._days[one.con_id] = before.carried_on(printed, due)
        # A tape never runs backwards, so `found` is only behind, never ahead.
        return [self._days[one.con_id] for one in listings]

    def _look_up(self, listings: Sequence[Listing], session: TradingSession) -> None:
        """Yesterday's closes and open interest, once a day per option."""
        late = [one for one in listings if one.con_id not in self._closes]
        if not late:
            return
        row, before = OptionSet.of(late), session_of(previous_trading_day(session.day))
        at = np.array([before.last_step], dtype=np.int64)
        closing = self._quoter.priced(row, before, at)
        tops = self._quoter.option_tops(row, before, at, closing)
        interest = self._tape.open_interest(row, session.day, closing.terms.spot[0])
        for place, one in enumerate(late):
            bid, ask = int(tops.bid[0, place]), int(tops.ask[0, place])
            self._closes[one.con_id] = price_of((bid + ask + 1) // 2)
            self._interest[one.con_id] = int(interest[place])

    def _top(self, one: Listing, place: int, sight: _Sight) -> BookTop:
        tops, day, sides = sight.tops, sight.days[place], sight.sides[place]
        bid = int(tops.bid[0, place])
        printed = day.last > 0
        return BookTop(
            con_id=one.con_id,
            at=sight.at,
            bid=price_of(bid) if bid else None,
            ask=price_of(int(tops.ask[0, place])),
            bid_size=int(tops.bid_size[0, place]),
            ask_size=int(tops.ask_size[0, place]),
            last=price_of(day.last) if printed else None,
            last_size=day.last_size,
            last_at=to_datetime(sight.session.time_of(day.last_step)) if printed else None,
            volume=day.volume,
            open=price_of(day.open) if printed else None,
            high=price_of(day.high) if printed else None,
            low=price_of(day.low) if printed else None,
            close=self._closes[one.con_id],
            open_interest=self._interest[one.con_id],
            model=sight.model[place],
            bid_greeks=sides[0],
            ask_greeks=sides[1],
            last_greeks=sides[2],
        )


def greeks_rows(terms: OptionTerms, vol: Floats, price: Floats, values: ModelValues) -> list[list[Greeks]]:
    """Rows of greeks for arrays of any number of rows."""
    dividends = np.broadcast_to(terms.dividends, price.shape)
    columns = (
        vol, values.delta, price, dividends, values.gamma, values.vega, values.theta, terms.spot
    )  # fmt: skip
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [[Greeks(*one) for one in zip(*row, strict=True)] for row in rows]


def _side_greeks(
    terms: OptionTerms, vol: Floats, values: ModelValues, tops: Tops, days: Sequence[TapeDay]
) -> list[tuple[Greeks | None, ...]]:
    """Greeks at bid, ask and last; None where there is no price, or none that implies a volatility.

    The volatility is found by two steps along the model's vega, which is enough for prices as close to
    the model's as quotes are.
    """
    last = np.array([day.last for day in days], dtype=np.int64)
    cents = np.stack([tops.bid[0], tops.ask[0], last])
    price = cents / 100.0
    three = terms.broadcast(price.shape)
    usable = (cents > 0) & (values.vega > _LEAST_VEGA) & (price > three.intrinsic)
    per_vol = 100.0 * np.maximum(values.vega, _LEAST_VEGA)
    guess = np.clip(vol + (price - values.price) / per_vol, _LEAST_VOL, _MOST_VOL)
    found = american_values(three, guess)
    per_vol = 100.0 * np.maximum(found.vega, _LEAST_VEGA)
    guess = np.clip(guess + (price - found.price) / per_vol, _LEAST_VOL, _MOST_VOL)
    rows = greeks_rows(three, guess, price, found)
    return [
        tuple(rows[side][place] if usable[side, place] else None for side in range(_SIDES))
        for place in range(len(days))
    ]
