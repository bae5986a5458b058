"""Price paths: one market factor, one own factor per symbol, both pure functions of seed and day.

A day is a gap and a Brownian bridge with one point per second, whose variance is spread over the day
in a mild U. Days are chained forwards and backwards from the open of the start day, where the
level of each symbol is given; so history and live prices are one path. Within a second the price changes
once, at a quarter that the seed picks (never at a whole minute's start, so that bars begin with
their own prices). The night between two sessions, weekends inside, is a bridge over the gap.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.character import CHARACTERS
from sumppump.exchange.derived_levels import DerivedLevels, is_derived
from sumppump.exchange.randomness import generator, key_of, scattered
from sumppump.exchange.symbols import Underlying
from sumppump.exchange.trading_days import (
    STEPS_PER_SECOND,
    TradingSession,
    next_trading_day,
    previous_trading_day,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Key = TypeVar("Key")
Value = TypeVar("Value")

MARKET = "MARKET"
_MARKET_VOL = 0.0084  # per day
_OVERNIGHT_SHARE = 0.22  # of a day's variance
_DAILY_DRIFT = 0.00028  # of the market factor
_MEMORY = 0.90  # how much of yesterday's mood is left today
_MEMORY_DAYS = 40
_LEVERAGE = 4.5  # rise of implied volatility per fall of the market, both relative
_MOOD_BOUNDS = (-0.12, 0.09)
_KEPT_DAYS = 48


@dataclass(frozen=True, slots=True)
class Draw:
    """What one factor does on one day, in log returns."""

    gap: float
    session: float


@lru_cache(maxsize=8)
def _variance_clock(seconds: int) -> Floats:
    """Share of the session's variance that has passed at each second, from 0 to 1."""
    middle = (np.arange(seconds) + 0.5) / seconds
    weights = 1.0 + 0.9 * (2.0 * middle - 1.0) ** 2
    clock: Floats = np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum()
    return clock


class Market:
    """The paths of all symbols for one seed and start day."""

    def __init__(self, seed: int, start_day: date) -> None:
        self.seed = seed
        self.start_day = start_day
        self._derived = DerivedLevels(self)
        self._draws: dict[tuple[str, date], Draw] = {}
        self._opens: dict[str, dict[date, float]] = {}
        self._moods: dict[date, float] = {}
        self._bridges: OrderedDict[tuple[str, int], Floats] = OrderedDict()
        self._levels: OrderedDict[tuple[str, int], Floats] = OrderedDict()
        self._phases: OrderedDict[tuple[str, int], Ints] = OrderedDict()

    # -- factors ----------------------------------------------------------------------------
    def draw(self, factor: str, day: date) -> Draw:
        """Gap and session return of one factor."""
        known = self._draws.get((factor, day))
        if known is None:
            vol = _MARKET_VOL if factor == MARKET else CHARACTERS[factor].own_vol
            drift = _DAILY_DRIFT if factor == MARKET else 0.0
            gap, session = generator(self.seed, "day", factor, day.toordinal()).standard_normal(2)
            known = Draw(
                vol * _OVERNIGHT_SHARE**0.5 * float(gap),
                drift + vol * (1 - _OVERNIGHT_SHARE) ** 0.5 * float(session),
            )
            self._draws[factor, day] = known
        return known

    def returns(self, symbol: str, day: date) -> Draw:
        """Gap and session return of one symbol."""
        whole, own = self.draw(MARKET, day), self.draw(symbol, day)
        beta = CHARACTERS[symbol].beta
        return Draw(beta * whole.gap + own.gap, beta * whole.session + own.session)

    def _bridge(self, factor: str, session: TradingSession) -> Floats:
        """Log return since the beginning, one value per second, both ends included."""
        known = self._bridges.get((factor, session.open_ms))
        if known is not None:
            return known
        if not session.is_regular:
            return self._night(factor, session)
        day, seconds = session.day, session.seconds
        clock = _variance_clock(seconds)
        vol = _MARKET_VOL if factor == MARKET else CHARACTERS[factor].own_vol
        steps = generator(self.seed, "path", factor, day.toordinal()).standard_normal(seconds)
        walk = np.concatenate([[0.0], np.cumsum(steps * np.sqrt(np.diff(clock)))])
        scale = vol * (1 - _OVERNIGHT_SHARE) ** 0.5
        path: Floats = scale * (walk - clock * walk[-1]) + clock * self.draw(factor, day).session
        return _kept(self._bridges, (factor, session.open_ms), path)

    def _night(self, factor: str, session: TradingSession) -> Floats:
        """The same from a close to the next open: an even bridge over the gap."""
        seconds = session.seconds
        clock = np.linspace(0.0, 1.0, seconds + 1)
        steps = generator(self.seed, "night", factor, session.day.toordinal()).standard_normal(seconds)
        walk = np.concatenate([[0.0], np.cumsum(steps)]) / seconds**0.5
        vol = _MARKET_VOL if factor == MARKET else CHARACTERS[factor].own_vol
        scale = vol * _OVERNIGHT_SHARE**0.5
        path: Floats = scale * (walk - clock * walk[-1]) + clock * self.draw(factor, session.day).gap
        return _kept(self._bridges, (factor, session.open_ms), path)

    # -- levels -----------------------------------------------------------------------------
    def log_open(self, symbol: str, day: date) -> float:
        """Logarithm of the level at the open."""
        opens = self._opens.setdefault(symbol, {self.start_day: float(np.log(CHARACTERS[symbol].price))})
        if day not in opens:
            self._chain(symbol, day, opens)
        return opens[day]

    def _chain(self, symbol: str, day: date, opens: dict[date, float]) -> None:
        # `opens` always covers an unbroken run of days, so its ends are where to go on from.
        last, first = max(opens), min(opens)
        while last < day:
            following = next_trading_day(last)
            opens[following] = (
                opens[last] + self.returns(symbol, last).session + self.returns(symbol, following).gap
            )
            last = following
        while day < first:
            before = previous_trading_day(first)
            opens[before] = (
                opens[first] - self.returns(symbol, first).gap - self.returns(symbol, before).session
            )
            first = before

    def close(self, symbol: str, day: date) -> float:
        """Level at the close of a trading day, unrounded."""
        if is_derived(symbol):
            return self._derived.close(symbol, day)
        followed = CHARACTERS[symbol].follows
        if followed is not None:
            return followed[1] * self.close(followed[0], day)
        return float(np.exp(self.log_open(symbol, day) + self.returns(symbol, day).session))

    def levels(self, symbol: str, session: TradingSession) -> Floats:
        """Levels of a session or a night, one per second, both ends included."""
        if is_derived(symbol):
            return self._derived.levels(symbol, session)
        followed = CHARACTERS[symbol].follows
        if followed is not None:
            return followed[1] * self.levels(followed[0], session)
        known = self._levels.get((symbol, session.open_ms))
        if known is not None:
            return known
        beta = CHARACTERS[symbol].beta
        log_path = beta * self._bridge(MARKET, session) + self._bridge(symbol, session)
        path: Floats = np.exp(self._log_start(symbol, session) + log_path)
        return _kept(self._levels, (symbol, session.open_ms), path)

    def _log_start(self, symbol: str, session: TradingSession) -> float:
        opens = self.log_open(symbol, session.day)
        return opens if session.is_regular else opens - self.returns(symbol, session.day).gap

    def seconds_seen(self, symbol: str, session: TradingSession, steps: Ints) -> Ints:
        """The second whose price shows at each step: the current one, or still the one before."""
        phases = self._phases.get((symbol, session.open_ms))
        if phases is None:
            key = key_of(self.seed, "phase", symbol, session.open_ms)
            seconds = np.arange(session.seconds + 1, dtype=np.int64)
            phases = (scattered(key, seconds, 0) & np.uint64(3)).astype(np.int64)
            phases[::60] = 0  # bars begin with a price of their own
            phases[-1] = 0
            _kept(self._phases, (symbol, session.open_ms), phases)
        second = steps // STEPS_PER_SECOND
        seen: Ints = second - (steps % STEPS_PER_SECOND < phases[second])
        return seen

    def spot(self, symbol: str, session: TradingSession, steps: Ints) -> Floats:
        """Unrounded levels at these steps of a session."""
        return self.levels(symbol, session)[self.seconds_seen(symbol, session, steps)]

    # -- volatility -------------------------------------------------------------------------
    def mood(self, day: date) -> float:
        """Fading sum of the market's past daily returns, as of the close before `day`."""
        known = self._moods.get(day)
        if known is None:
            known, weight, past = 0.0, 1.0, day
            for _ in range(_MEMORY_DAYS):
                past = previous_trading_day(past)
                weight *= _MEMORY
                draw = self.draw(MARKET, past)
                known += weight * (draw.gap + draw.session)
            self._moods[day] = known
        return known

    def vol_level(self, session: TradingSession, steps: Ints) -> Floats:
        """Factor on all implied volatilities: above 1 after the market fell."""
        since = self._bridge(MARKET, session)[steps // STEPS_PER_SECOND]
        gap = self.draw(MARKET, session.day).gap if session.is_regular else 0.0
        mood = self.mood(session.day) + gap + since
        level: Floats = np.exp(-_LEVERAGE * np.clip(mood, *_MOOD_BOUNDS))
        return level


def _kept(cache: OrderedDict[Key, Value], key: Key, value: Value) -> Value:
    cache[key] = value
    while len(cache) > _KEPT_DAYS:
        cache.popitem(last=False)
    return value


def stock_cents(under: Underlying, spot: Floats) -> tuple[Ints, Ints, Ints]:
    """Bid, ask and last price in whole units at these levels; bid <= last <= ask, bid < ask."""
    cents = spot * under.price_units
    half_width = CHARACTERS[under.symbol].half_width
    bid = np.floor(cents - half_width).astype(np.int64)
    ask = np.maximum(np.ceil(cents + half_width).astype(np.int64), bid + 1)
    return bid, ask, np.rint(cents).astype(np.int64)
