"""What a subscriber to a stock sees."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.quotes import Quoter
from sumppump.exchange.reports import BookTop
from sumppump.exchange.symbols import Underlying
from sumppump.exchange.tape import Tape
from sumppump.exchange.trading_days import (
    TradingSession,
    previous_trading_day,
    session_of,
    to_datetime,
    trading_days_back,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_YEAR_DAYS = 252
_MONTH_SESSIONS = 30


@lru_cache(maxsize=1 << 17)
def price_of(cents: int) -> Decimal:
    """Cents as a price."""
    return Decimal(cents).scaleb(-2)


def rounded(level: float) -> Decimal:
    """A level as the last price that it makes."""
    return price_of(int(np.rint(level * 100.0)))


class StockData:
    """Tops of stocks, and the volatilities that go with them."""

    def __init__(self, quoter: Quoter, tape: Tape) -> None:
        self._quoter = quoter
        self._market = quoter.market
        self._tape = tape
        self._vols: dict[tuple[str, date], float] = {}

    def top(self, under: Underlying, session: TradingSession, step: int) -> BookTop:
        """The market of one stock."""
        at = np.array([step], dtype=np.int64)
        tops, _ = self._quoter.stock_tops(under, session, at)
        now = int(self._market.seconds_seen(under.symbol, session, at)[0])
        traded = self._tape.second_volumes(under, session)[: now + 1] > 0
        seen = self._market.levels(under.symbol, session)[: now + 1][traded]
        printed, print_size = self._tape.last_print(under, session, step)
        return BookTop(
            con_id=under.con_id,
            at=to_datetime(session.time_of(step)),
            bid=price_of(int(tops.bid[0])),
            ask=price_of(int(tops.ask[0])),
            bid_size=int(tops.bid_size[0]),
            ask_size=int(tops.ask_size[0]),
            last=rounded(float(seen[-1])),
            last_size=print_size,
            last_at=to_datetime(session.time_of(printed)),
            volume=int(self._tape.volumes_until(under, session, at)[0]),
            open=rounded(float(seen[0])),
            high=rounded(float(seen.max())),
            low=rounded(float(seen.min())),
            close=self.close_before(under, session.day),
            implied_volatility=self.month_vol(under, session, step),
            historical_volatility=self.past_vol(under, session.day),
        )

    def close_before(self, under: Underlying, day: date) -> Decimal:
        """The last price of the session before `day`."""
        return rounded(float(self._market.levels(under.symbol, session_of(previous_trading_day(day)))[-1]))

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
