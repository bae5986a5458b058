"""The small listed market with a past: bars of prices and of implied volatility, and the curve of the VIX."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
from tests.support.fake_market import SPX, TODAY, FakeDirectory, FakeMarket

from sumppump.domain.instruments import Instrument, SecType, Underlying
from sumppump.domain.quotes import Bar, Quote
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import MarketDataError
from sumppump.kernel.money import Premium

VIX = Underlying(con_id=13455763, symbol="VIX", sec_type=SecType.IND, exchange="CBOE", long_name="VIX")


def days_before(day: date, count: int) -> list[date]:
    """The weekdays before a day, rising."""
    found: list[date] = []
    while len(found) < count:
        day -= timedelta(1)
        if day.weekday() < 5:
            found.append(day)
    return found[::-1]


def daily(day: date, *prices: float) -> Bar:
    """One daily bar of open, high, low and close."""
    start = datetime.combine(day, time(), NEW_YORK).astimezone(UTC)
    opens, high, low, close = (Decimal(f"{price:.6f}") for price in prices)
    return Bar(start=start, open=opens, high=high, low=low, close=close, volume=40_000_000)


def walk(count: int = 130, vol: float = 0.2, end: float = 600.0) -> list[Bar]:
    """A seeded walk of sessions of one volatility that ends at a price the day before today."""
    moves = np.random.default_rng(8).normal(0.0, vol / math.sqrt(252), count)
    closes = end * np.exp(np.cumsum(moves) - np.sum(moves))
    opens = np.concatenate([closes[:1], closes[:-1]])
    rows = zip(days_before(TODAY, count), opens, closes, strict=True)
    return [daily(day, o, max(o, c) * 1.003, min(o, c) * 0.997, c) for day, o, c in rows]


def implied_year(count: int = 252) -> list[Bar]:
    """Closes of implied volatility that rise evenly from 10 % to 30 %."""
    levels = np.linspace(0.10, 0.30, count)
    return [daily(day, *[level] * 4) for day, level in zip(days_before(TODAY, count), levels, strict=True)]


@dataclass(slots=True)
class VolatileMarket(FakeMarket):
    """Quotes of the model with a past; `levels` by con_id stand for what the model does not price."""

    past: dict[str, Sequence[Bar]] = field(
        default_factory=lambda: {"TRADES": walk(), "OPTION_IMPLIED_VOLATILITY": implied_year()}
    )
    levels: dict[int, str] = field(default_factory=dict)

    async def bars(
        self,
        instrument: Instrument,
        *,
        duration: str,
        bar_size: str,
        what: str = "TRADES",
        regular_hours: bool = True,
        deadline_s: float = 40.0,
        waiting: Callable[[float], None] | None = None,
    ) -> Sequence[Bar]:
        if what not in self.past:
            raise MarketDataError(f"there is no such history of {instrument.label}", code="no_history")
        return self.past[what]

    def quote(self, instrument: Instrument, *, greeks: bool = True) -> Quote:
        quote = FakeMarket.quote(self, instrument, greeks=greeks)
        if instrument.con_id not in self.levels or instrument.con_id in self.missing:
            return quote
        level = Premium.of(self.levels[instrument.con_id])
        half = Premium.of("0.05")
        sides = (None, None) if instrument.sec_type is SecType.IND else (level - half, level + half)
        return replace(quote, bid=sides[0], ask=sides[1], last=level, close=None)


@dataclass(slots=True)
class VixDirectory(FakeDirectory):
    """Knows the volatility index, too; `no_options` has underlyings without listed options."""

    no_options: set[str] = field(default_factory=set)

    async def underlying(self, symbol: str) -> Underlying:
        return VIX if symbol == "VIX" else await FakeDirectory.underlying(self, symbol)


__all__ = ["SPX", "VIX", "VixDirectory", "VolatileMarket", "daily", "days_before", "implied_year", "walk"]
