"""What a subscriber to a stock sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import (
    TradingSession,
    previous_trading_day,
    to_datetime,
    trading_days_back,
)
from sumppump.exchange.listing.instruments import SecType
from sumppump.exchange.listing.option_classes import classes_on
from sumppump.exchange.listing.symbols import Underlying
from sumppump.exchange.market.quotes import Quoter
from sumppump.exchange.market.tape import Tape
from sumppump.exchange.reports import BookTop

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_YEAR_DAYS = 252
_MONTH_SESSIONS = 30


@lru_cache(maxsize=1 << 17)
def price_of(units: int, price_units: int = 100) -> Decimal:
    """Whole units, cents by default, as a price."""
    return Decimal(units) / price_units


def rounded(level: float, price_units: int = 100) -> Decimal:
    """A level as the last price that it makes."""
    return price_of(int(np.rint(level * price_units)), price_units)


class StockData:
    """Tops of stocks, and the volatilities that go with them."""

    def __init__(self, quoter: Quoter, tape: Tape) -> None:
        self._quoter = quoter
        self._market = quoter.market
        self._tape = tape
        self._vols: dict[tuple[str, date], float] = {}

    def top(self, under: Underlying, session: TradingSession, step: int) -> BookTop:
        """The market of one stock, index, future, currency pair or coin."""
        at, units = np.array([step], dtype=np.int64), under.price_units
        tops, _ = self._quoter.stock_tops(under, session, at)
        trades = self._trades(under, session, step)
        return replace(
            trades,
            bid=price_of(int(tops.bid[0]), units) if tops.bid[0] else None,
            ask=price_of(int(tops.ask[0]), units) if tops.ask[0] else None,
            bid_size=int(tops.bid_size[0]),
            ask_size=int(tops.ask_size[0]),
            close=self.close_before(under, session.day),
            implied_volatility=self.month_vol(under, session, step) if classes_on(under.symbol) else None,
            historical_volatility=self.past_vol(under, session.day),
        )

    def _trades(self, under: Underlying, session: TradingSession, step: int) -> BookTop:
        """What the tape says of this session; before the first print, the level that it began with."""
        at = np.array([step], dtype=np.int64)
        now = int(self._market.seconds_seen(under.symbol, session, at)[0])
        levels = self._market.levels(under.symbol, session)[: now + 1]
        is_index = under.sec_type in (SecType.INDEX, SecType.CASH)  # published, without a tape of trades
        seen = levels if is_index else levels[self._tape.second_volumes(under, session)[: now + 1] > 0]
        printed, size = (step, 0) if is_index else self._tape.last_print(under, session, step)
        if not len(seen):
            seen, printed, size = levels[:1], 0, 0
        last, opened, high, low = (
            rounded(float(level), under.price_units) for level in (seen[-1], seen[0], seen.max(), seen.min())
        )
        return BookTop(
            con_id=under.con_id,
            at=to_datetime(session.time_of(step)),
            bid=None,
            ask=None,
            bid_size=0,
            ask_size=0,
            last=None if under.sec_type is SecType.CASH else last,
            last_size=size,
            last_at=None if under.sec_type is SecType.CASH else to_datetime(session.time_of(printed)),
            volume=0 if is_index else int(self._tape.volumes_until(under, session, at)[0]),
            open=opened,
            high=high,
            low=low,
        )

    def close_before(self, under: Underlying, day: date) -> Decimal:
        """The last price of the session before `day`."""
        return rounded(self._market.close(under.symbol, previous_trading_day(day)), under.price_units)

    def month_vol(self, under: Underlying, session: TradingSession, step: int) -> float:
        """Implied volatility at the money for 30 days, per year."""
        return float(
            self._quoter.surface.month_vol(under.symbol, session, np.array([step], dtype=np.int64))[0]
        )

    def month_vols(self, under: Underlying, session: TradingSession, steps: Ints) -> Floats:
        """As `month_vol`, at many steps."""
        return self._quoter.surface.month_vol(under.symbol, session, steps)

    def past_vol(self, under: Underlying, day: date) -> float:
        """Volatility of the last 30 daily returns before `day`, per year."""
        known = self._vols.get((under.symbol, day))
        if known is None:
            days = trading_days_back(previous_trading_day(day), _MONTH_SESSIONS + 1)
            closes = np.log([self._market.close(under.symbol, one) for one in days])
            known = float(np.diff(closes).std(ddof=1) * np.sqrt(_YEAR_DAYS))
            self._vols[under.symbol, day] = known
        return known
