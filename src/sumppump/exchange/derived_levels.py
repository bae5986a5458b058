"""Levels that follow from others: the volatility index, and every future.

A future on an index is the index with carry until it settles. The volatility index is what the surface of the
S&P 500 says of the next 30 days; its future says the same of the 30 days after its expiry.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.character import CHARACTERS
from sumppump.exchange.futures import BY_ROOT, future_of
from sumppump.exchange.smile import money_variance
from sumppump.exchange.symbols import INDEX_OF, RISK_FREE_RATE
from sumppump.exchange.trading_days import STEP_MS, STEPS_PER_SECOND, TradingSession, session_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VOLATILITY_INDEX = "VIX"
_MEASURED = "SPX"  # whose surface it measures
_MS_PER_YEAR = 365.0 * 86_400_000.0
_MONTH_YEARS = 30.0 / 365.0
_SESSIONS_KEPT = 24


class Levels(Protocol):
    """What derived levels are derived from."""

    def levels(self, symbol: str, session: TradingSession) -> Floats:
        """Levels of a session or a night, one per second."""
        ...

    def vol_level(self, session: TradingSession, steps: Ints) -> Floats:
        """Factor on implied volatilities."""
        ...


def is_derived(symbol: str) -> bool:
    """Whether a symbol's level follows from others: futures have their day in their key."""
    return symbol == VOLATILITY_INDEX or ":" in symbol


class DerivedLevels:
    """Computes them, and keeps those of the last sessions asked for."""

    def __init__(self, base: Levels) -> None:
        self._base = base
        self._kept: OrderedDict[tuple[str, int], Floats] = OrderedDict()

    def levels(self, symbol: str, session: TradingSession) -> Floats:
        """Levels of a session or a night, one per second, both ends included."""
        key = (symbol, session.open_ms)
        if key not in self._kept:
            seconds = np.arange(session.seconds + 1, dtype=np.int64)
            self._kept[key] = self._made(symbol, session, seconds)
            if len(self._kept) > _SESSIONS_KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]

    def close(self, symbol: str, day: date) -> float:
        """Level at the close of a trading day."""
        session = session_of(day)
        return float(self._made(symbol, session, np.array([session.seconds], dtype=np.int64))[0])

    def _made(self, symbol: str, session: TradingSession, seconds: Ints) -> Floats:
        if symbol == VOLATILITY_INDEX:
            return self._volatility(0.0, session, seconds)
        key = future_of(symbol)
        settles_ms = session_of(key.expiry).open_ms
        moments = session.open_ms + seconds * STEPS_PER_SECOND * STEP_MS
        years = np.maximum(settles_ms - moments, 0) / _MS_PER_YEAR
        underlying = BY_ROOT[key.trading_class].underlying
        if underlying == VOLATILITY_INDEX:
            return self._volatility(float(years[0]), session, seconds)
        spot = self._base.levels(underlying, session)[seconds]
        carry = RISK_FREE_RATE - CHARACTERS[underlying].dividend_yield
        return np.asarray(spot * np.exp(carry * years), dtype=np.float64)

    def _volatility(self, years: float, session: TradingSession, seconds: Ints) -> Floats:
        """Points of volatility for the 30 days that begin in `years`."""
        level = self._base.vol_level(session, seconds * STEPS_PER_SECOND)
        index = np.full(level.shape, INDEX_OF[_MEASURED])
        near, far = (
            money_variance(index, np.full(level.shape, end), level) for end in (years, years + _MONTH_YEARS)
        )
        forward = far - near
        return np.asarray(100.0 * np.sqrt(forward / _MONTH_YEARS), dtype=np.float64)
