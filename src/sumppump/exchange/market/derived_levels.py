"""Which levels follow from others, and their paths: the volatility index, and every future."""

from __future__ import annotations

from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import STEPS_PER_SECOND, TradingSession, session_of
from sumppump.exchange.listing.futures import future_of
from sumppump.exchange.market.derived import carried, volatility_future, volatility_index

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VOLATILITY_INDEX = "VIX"
_MEASURED = "SPX"  # whose surface it measures
_MS_PER_YEAR = 365.0 * 86_400_000.0


class Levels(Protocol):
    """What derived levels are derived from."""

    def levels(self, symbol: str, session: TradingSession) -> Floats:
        """Levels of a session or a night, one per second."""
        ...

    def vol_level(self, symbol: str, session: TradingSession, steps: Ints) -> Floats:
        """Factor on a symbol's implied volatilities."""
        ...

    @property
    def is_stirred(self) -> bool:
        """Whether some of that will not last."""
        ...

    def lasting_level(self, symbol: str, session: TradingSession, steps: Ints) -> Floats:
        """The factor without what will not last."""
        ...


def is_derived(symbol: str) -> bool:
    """Whether a symbol's level follows from others: futures have their day in their key."""
    return symbol == VOLATILITY_INDEX or ":" in symbol


def level_name(symbol: str) -> str:
    """The same for what has the same level at every moment: futures of one size and another on one index."""
    if ":" not in symbol:
        return symbol
    key = future_of(symbol)
    return f"{key.root.underlying}:{key.expiry:%Y%m%d}"


class DerivedLevels:
    """Computes them from the paths of the market."""

    def __init__(self, base: Levels) -> None:
        self._base = base

    def levels(self, symbol: str, session: TradingSession) -> Floats:
        """Levels of a session or a night, one per second, both ends included."""
        return self._made(symbol, session, np.arange(session.seconds + 1, dtype=np.int64))

    def close(self, symbol: str, day: date) -> float:
        """Level at the close of a trading day."""
        session = session_of(day)
        return float(self._made(symbol, session, np.array([session.seconds], dtype=np.int64))[0])

    def _made(self, symbol: str, session: TradingSession, seconds: Ints) -> Floats:
        if symbol == VOLATILITY_INDEX:
            return volatility_index(_MEASURED, *self._moods(session, seconds))
        key = future_of(symbol)
        years = (session_of(key.expiry).open_ms - session.open_ms - seconds * 1000) / _MS_PER_YEAR
        underlying = key.root.underlying
        if underlying == VOLATILITY_INDEX:
            return self._volatility_future(years, *self._moods(session, seconds))
        return carried(underlying, years, self._base.levels(underlying, session)[seconds])

    def _volatility_future(self, years: Floats, mood: Floats, lasting: Floats | None) -> Floats:
        # Over one span time does little to it, and that evenly.
        first, last = (
            volatility_future(_MEASURED, float(end), mood, lasting) for end in (years[0], years[-1])
        )
        passed = (years[0] - years) / max(float(years[0] - years[-1]), 1.0 / _MS_PER_YEAR)
        level: Floats = first + (last - first) * passed
        return level

    def _moods(self, session: TradingSession, seconds: Ints) -> tuple[Floats, Floats | None]:
        base, steps = self._base, seconds * STEPS_PER_SECOND
        lasting = base.lasting_level(_MEASURED, session, steps) if base.is_stirred else None
        return base.vol_level(_MEASURED, session, steps), lasting
