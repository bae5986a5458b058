"""Price levels and volatility levels of all symbols, pure functions of seed, time and ordered shocks.

A symbol's return is its beta times the market's, its share of a sector's, and its own; earnings add a
move to one night in a quarter and dividends take their amount off at the ex-date. Days are chained forwards
and backwards from the open of the start day, where the level of each symbol is given; so history and
live prices are one path, and the night between two sessions is a bridge from the close to the next open.
Within a second the price changes once, at a quarter that the seed picks (never at a whole minute's start, so
that bars begin with their own prices).

The level of a symbol's implied volatility follows from the moods of the factors it is made of, in
proportion to their shares of its variance: what moves prices is what options ask to be paid for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import (
    STEPS_PER_SECOND,
    TradingSession,
    next_trading_day,
    previous_trading_day,
    session_of,
)
from sumppump.exchange.listing.symbols import Underlying
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.corporate import Corporate, Earnings
from sumppump.exchange.market.derived_levels import DerivedLevels, is_derived, level_name
from sumppump.exchange.market.factors import MARKET, SECTORS, Factor, places_in, trading_days_of
from sumppump.exchange.market.kept import Kept, step_at
from sumppump.exchange.market.paths import Paths, moments_of
from sumppump.exchange.market.randomness import key_of, normals, scattered
from sumppump.exchange.market.shocks import Shock, shifted, stirred

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_KEPT_BYTES = 64 << 20
_LAST_QUARTER = STEPS_PER_SECOND - 1  # of a second, in which its price always shows
_TRADING_DAYS = 252.0
_EARNINGS_SECONDS = 20
_EX_HOURS_BEFORE_OPEN = 5.5  # 4:00 New York, when trading in a day's shares begins
_QUIET_SHARE, _MEAN_SURPRISE, _MOST_SURPRISE = 0.78, 0.85, 5.0  # of a day's volume; standard deviations
_TRACKING_ERROR, _TRACKING_SECONDS = 1e-4, 15  # of an index and its fund; about, our decision
_SURPRISE_FLOOR = 0.25  # of the expected size: even a dull report moves the price


@dataclass(frozen=True, slots=True)
class Draw:
    """What one symbol does on one day, in log returns; a dividend comes on top."""

    gap: float
    session: float


@lru_cache(maxsize=256)
def parts_of(symbol: str) -> tuple[tuple[Factor, float], ...]:
    """The factors of a symbol and how it follows them; the market first, its own last."""
    one = CHARACTERS[symbol]
    own = Factor(
        name=one.own or symbol,
        vol=one.own_vol,
        all_week=one.all_week,
        overnight=one.overnight,
        leverage=0.008,
        clustering=0.035,
        vol_of_vol=0.030,
        coupling=one.coupling,
    )
    sector = ((SECTORS[one.sector], one.sector_beta),) if one.sector else ()
    return ((MARKET, one.beta), *sector, (own, 1.0))


class Market:
    """The paths of all symbols for one seed and start day."""

    def __init__(self, seed: int, start_day: date, shocks: tuple[Shock, ...] = ()) -> None:
        self.seed = seed
        self.start_day = start_day
        self.version = 0  # rises whenever what was computed ahead is no longer true
        self.corporate = Corporate(seed, start_day)
        self._new_shares: tuple[str, float] = ("", 0.0)  # what split, and the logarithm of its ratio
        self._derived = DerivedLevels(self)
        self._paths = Paths(seed, MARKET)
        self._opens: dict[str, dict[date, float]] = {}
        self._day_vols: dict[tuple[str, date], float] = {}
        self._returns: dict[tuple[str, int], tuple[list[float], list[float]]] = {}
        self._levels: Kept[tuple[str, int], Floats] = Kept(_KEPT_BYTES)
        self._vols: Kept[tuple[str, int, bool], Floats] = Kept(_KEPT_BYTES)
        self._phases: Kept[tuple[str, int], NDArray[np.int8]] = Kept(_KEPT_BYTES // 4)
        self.order_shocks(shocks)

    # -- shocks -----------------------------------------------------------------------------
    @property
    def shocks(self) -> tuple[Shock, ...]:
        """What a scenario ordered, in the order of its ordering."""
        return self._paths.shocks

    def order_shocks(self, shocks: tuple[Shock, ...]) -> None:
        """Replaces the ordered shocks; those that begin in the past would rewrite history."""
        self._paths.shocks = shocks
        self.version += 1
        self._paths.forget_paths()
        self._levels.clear()
        self._vols.clear()

    def split_until(self, day: date) -> bool:
        """From now on tells all prices, past ones too, in the shares of a day; whether that changes any."""
        split = self.corporate.split_by(day)
        shares = ("", 0.0) if split is None else (split.symbol, float(np.log(split.ratio)))
        if shares == self._new_shares:
            return False
        self._new_shares = shares
        self.version += 1
        self._levels.clear()
        return True

    def _log_ratio(self, symbol: str) -> float:
        return self._new_shares[1] if self._new_shares[0] == symbol else 0.0

    def _shifted(self, symbol: str, ms: Floats) -> Floats | float:
        return shifted(self.shocks, symbol, CHARACTERS[symbol].beta, ms) if self.shocks else 0.0

    def _shift_at(self, symbol: str, ms: int) -> float:
        return float(np.sum(self._shifted(symbol, np.array([float(ms)]))))

    # -- days -------------------------------------------------------------------------------
    def returns(self, symbol: str, day: date) -> Draw:
        """Gap and session return of one symbol, without dividend and shocks."""
        gaps, sessions = self._year(symbol, day.year)
        place = places_in(day.year)[day]
        return Draw(gaps[place], sessions[place])

    def _year(self, symbol: str, year: int) -> tuple[list[float], list[float]]:
        known = self._returns.get((symbol, year))
        if known is None:
            gaps, sessions = (np.zeros(len(trading_days_of(year))) for _ in range(2))
            for factor, share in parts_of(symbol):
                gap, session = self._paths.year_returns(factor, year)
                gaps, sessions = gaps + share * gap, sessions + share * session
            if CHARACTERS[symbol].own:  # an index falls by its members' dividends, a little every day
                sessions -= CHARACTERS[symbol].dividend_yield / _TRADING_DAYS
            for one in self.corporate.earnings(symbol, date(year, 1, 1), date(year, 12, 31)):
                gaps[places_in(year)[one.moves_day]] += self._surprise(one)
            known = self._returns[symbol, year] = (gaps.tolist(), sessions.tolist())
        return known

    def _surprise(self, one: Earnings) -> float:
        """Log return on a report: up or down, rarely small; its variance is `deviation` squared."""
        drawn = float(normals(key_of(self.seed, "surprise", one.symbol), one.day.toordinal(), 0)[0])
        size = np.sign(drawn) * (_SURPRISE_FLOOR + abs(drawn))
        scale = (1.0 + 2.0 * _SURPRISE_FLOOR * (2.0 / np.pi) ** 0.5 + _SURPRISE_FLOOR**2) ** 0.5
        return float(one.deviation * size / scale)

    def log_open(self, symbol: str, day: date) -> float:
        """Logarithm of the level at the open."""
        shift = self._shift_at(symbol, session_of(day).open_ms)
        return self._log_open(symbol, day) + shift - self._log_ratio(symbol)

    def _log_open(self, symbol: str, day: date) -> float:
        opens = self._opens.setdefault(symbol, {self.start_day: self._first_open(symbol)})
        if day not in opens:
            self._chain(symbol, day, opens)
        return opens[day]

    def _first_open(self, symbol: str) -> float:
        """The table's; an index has not got the dividends that its fund has taken in and not paid yet."""
        one = CHARACTERS[symbol]
        paid = self.corporate.last_dividend(one.own, self.start_day) if one.own else None
        days = (self.start_day - paid.ex_date).days if paid is not None else 0
        return float(np.log(one.price)) - one.dividend_yield * days / 365.0

    def _chain(self, symbol: str, day: date, opens: dict[date, float]) -> None:
        # `opens` always covers an unbroken run of days, so its ends are where to go on from.
        last, first = max(opens), min(opens)
        while last < day:
            following = next_trading_day(last)
            close = opens[last] + self.returns(symbol, last).session
            opens[following] = (
                self._without_dividend(symbol, following, close) + self.returns(symbol, following).gap
            )
            last = following
        while day < first:
            before = previous_trading_day(first)
            close = self._with_dividend(symbol, first, opens[first] - self.returns(symbol, first).gap)
            opens[before] = close - self.returns(symbol, before).session
            first = before

    def _without_dividend(self, symbol: str, day: date, close: float) -> float:
        amount = float(self.corporate.dividend_on(symbol, day))
        return float(np.log(np.exp(close) - amount)) if amount else close

    def _with_dividend(self, symbol: str, day: date, after: float) -> float:
        amount = float(self.corporate.dividend_on(symbol, day))
        return float(np.log(np.exp(after) + amount)) if amount else after

    def close(self, symbol: str, day: date) -> float:
        """Level at the close of a trading day, unrounded."""
        if is_derived(symbol):
            return self._derived.close(symbol, day)
        followed = CHARACTERS[symbol].follows
        if followed is not None:
            return followed[1] * self.close(followed[0], day)
        log_close = self._log_open(symbol, day) + self.returns(symbol, day).session
        shift = self._shift_at(symbol, session_of(day).close_ms)
        return float(np.exp(log_close + shift - self._log_ratio(symbol)))

    # -- seconds ----------------------------------------------------------------------------
    def levels(self, symbol: str, session: TradingSession) -> Floats:
        """Levels of a session or a night, one per second, both ends included."""
        if is_derived(symbol):
            return self._levels.get((symbol, session.open_ms), lambda: self._derived.levels(symbol, session))
        followed = CHARACTERS[symbol].follows
        if followed is not None:
            return followed[1] * self.levels(followed[0], session)
        return self._levels.get((symbol, session.open_ms), lambda: self._made_levels(symbol, session))

    def _made_levels(self, symbol: str, session: TradingSession) -> Floats:
        path = self._path(symbol, session)
        if CHARACTERS[symbol].own:
            path += self._tracking(symbol, session)
        if session.is_regular:
            path += self._log_open(symbol, session.day)
        else:
            path += self._night_start(symbol, session)
        shift = self._shifted(symbol, moments_of(session)) if self.shocks else 0.0
        path += shift - self._log_ratio(symbol)
        levels: Floats = np.exp(path, out=path)
        return levels

    def _path(self, symbol: str, session: TradingSession) -> Floats:
        """Log return since the beginning, dividends apart; an array of its own."""
        (first, share), *others = parts_of(symbol)
        path = share * self._paths.walk(first, session)
        for factor, share in others:
            walk = self._paths.walk(factor, session)
            path += walk if share == 1.0 else share * walk
        return path

    def _tracking(self, symbol: str, session: TradingSession) -> Floats:
        """How an index leaves its fund in a session, log return.

        By a noise that is nothing at both ends, and by day by its members' dividends.
        """
        seconds = np.arange(session.seconds + 1, dtype=np.float64)
        knots = np.arange(session.seconds // _TRACKING_SECONDS + 2, dtype=np.int64)
        drawn = normals(key_of(self.seed, "tracking", symbol, session.open_ms), knots, 0)
        drawn[0] = 0.0
        ending = np.minimum((session.seconds - seconds) / _TRACKING_SECONDS, 1.0)
        off: Floats = _TRACKING_ERROR * np.interp(seconds, _TRACKING_SECONDS * knots, drawn) * ending
        if session.is_regular:
            off -= CHARACTERS[symbol].dividend_yield / _TRADING_DAYS * seconds / session.seconds
        return off

    def _night_start(self, symbol: str, session: TradingSession) -> Floats:
        """Where a night begins, with what the night itself changes at one moment: reports, dividends."""
        day, count = session.day, session.seconds + 1
        before = self._log_open(symbol, day) - self.returns(symbol, day).gap
        close = self._with_dividend(symbol, day, before)
        ex = step_at(count, session.seconds - 3600.0 * _EX_HOURS_BEFORE_OPEN, 1)
        start: Floats = close + (before - close) * ex
        report = self.corporate.earnings_moving(symbol, day)
        if report is not None:
            place = (report.at_ms - session.open_ms) / 1000.0
            start = start + self._surprise(report) * step_at(count, place, _EARNINGS_SECONDS)
        return start

    def seconds_seen(self, symbol: str, session: TradingSession, steps: Ints) -> Ints:
        """The second whose price shows at each step: the current one, or still the one before."""
        second = steps // STEPS_PER_SECOND
        quarter = steps - STEPS_PER_SECOND * second
        if quarter.min(initial=_LAST_QUARTER) == _LAST_QUARTER:
            return second
        phases = self._phases.get((symbol, session.open_ms), lambda: self._made_phases(symbol, session))
        seen: Ints = second - (quarter < phases[second])
        return seen

    def _made_phases(self, symbol: str, session: TradingSession) -> NDArray[np.int8]:
        key = key_of(self.seed, "phase", level_name(symbol), session.open_ms)
        seconds = np.arange(session.seconds + 1, dtype=np.int64)
        phases: NDArray[np.int8] = (scattered(key, seconds, 0) & np.uint64(3)).astype(np.int8)
        phases[::60] = 0  # bars begin with a price of their own
        phases[-1] = 0
        return phases

    def spot(self, symbol: str, session: TradingSession, steps: Ints) -> Floats:
        """Unrounded levels at these steps of a session."""
        return self.levels(symbol, session)[self.seconds_seen(symbol, session, steps)]

    # -- volatility -------------------------------------------------------------------------
    def vol_level(self, symbol: str, session: TradingSession, steps: Ints) -> Floats:
        """Factor on a symbol's implied volatilities: 1 in a usual mood, above it after the market fell."""
        return self._vol_path(symbol, session)[steps // STEPS_PER_SECOND]

    @property
    def is_stirred(self) -> bool:
        """Whether an ordered shock moves volatility."""
        return any(one.vol_factor != 1.0 for one in self.shocks)

    def lasting_level(self, symbol: str, session: TradingSession, steps: Ints) -> Floats:
        """As `vol_level`, without what ordered shocks add for a short time only."""
        return self._vol_path(symbol, session, lasting=True)[steps // STEPS_PER_SECOND]

    def _vol_path(self, symbol: str, session: TradingSession, *, lasting: bool = False) -> Floats:
        followed = CHARACTERS[symbol].follows
        if followed is not None:
            return self._vol_path(followed[0], session, lasting=lasting)
        return self._vols.get(
            (symbol, session.open_ms, lasting), lambda: self._made_vol(symbol, session, lasting)
        )

    def _made_vol(self, symbol: str, session: TradingSession, lasting: bool) -> Floats:
        shared = self._mood(MARKET, session, lasting)
        total, variance = 0.0, np.zeros(session.seconds + 1)
        for factor, share in parts_of(symbol):
            weight = (share * factor.vol) ** 2
            total += weight
            variance += weight * np.exp(2.0 * self._log_vol(factor, session, shared, lasting))
        level: Floats = np.sqrt(variance / total)
        return level

    def _log_vol(self, factor: Factor, session: TradingSession, shared: Floats, lasting: bool) -> Floats:
        if factor is MARKET:
            return shared
        coupled = factor.coupling * shared
        return coupled + self._mood(factor, session, lasting) if factor.has_mood else coupled

    def _mood(self, factor: Factor, session: TradingSession, lasting: bool) -> Floats:
        mood = self._paths.mood(factor, session)
        if not lasting:
            return mood
        name = "" if factor is MARKET else factor.name
        return mood - stirred(self.shocks, name, moments_of(session), fleeting=True)

    def wander(self, symbol: str, day: date) -> tuple[float, float]:
        """Of a session's log levels: how far they stray between open and close, and how far they jump.

        The first is the standard deviation of the walk that is bent to end at the close.
        """
        moves = [(share, self._paths.day(factor, day)) for factor, share in parts_of(symbol)]
        variance = sum((share * one.scale * one.spread[1]) ** 2 for share, one in moves)
        return float(variance**0.5), float(sum(abs(share * one.scale * one.jump) for share, one in moves))

    def activity(self, symbol: str, day: date) -> float:
        """How busy a day is in a symbol, about 1 usually: with its volatility, and with what it did."""
        followed = CHARACTERS[symbol].follows
        if followed is not None:
            return self.activity(followed[0], day)
        expected, moved = self._scale(symbol, day), self.returns(symbol, day)
        surprise = min(abs(moved.gap + moved.session) / expected, _MOST_SURPRISE)
        return float(
            self.day_vol(symbol, day) ** 0.8
            * (_QUIET_SHARE + (1.0 - _QUIET_SHARE) * surprise / _MEAN_SURPRISE)
        )

    def day_vol(self, symbol: str, day: date) -> float:
        """Volatility that a day is expected to have as it begins, of what is usual."""
        followed = CHARACTERS[symbol].follows
        if followed is not None:
            return self.day_vol(followed[0], day)
        known = self._day_vols.get((symbol, day))
        if known is None:
            usual = sum((share * factor.vol) ** 2 for factor, share in parts_of(symbol)) ** 0.5
            known = self._day_vols[symbol, day] = float(self._scale(symbol, day) / usual)
        return known

    def _scale(self, symbol: str, day: date) -> float:
        scales = ((share * self._paths.day(factor, day).scale) ** 2 for factor, share in parts_of(symbol))
        return float(sum(scales) ** 0.5)


def stock_cents(under: Underlying, spot: Floats) -> tuple[Ints, Ints, Ints]:
    """Bid, ask and last price in whole units at these levels; bid <= last <= ask, bid < ask."""
    cents = spot * under.price_units
    half_width = CHARACTERS[under.symbol].half_width
    bid = np.floor(cents - half_width).astype(np.int64)
    ask = np.maximum(np.ceil(cents + half_width).astype(np.int64), bid + 1)
    return bid, ask, last_units(under, spot)


def last_units(under: Underlying, spot: Floats) -> Ints:
    """Last price in whole units at these levels."""
    units = spot * under.price_units
    return np.rint(units, out=units).astype(np.int64)
