"""What moves prices, day by day: the market, sectors, and each symbol's own part.

A factor's day is a gap and a session return in units of the day's volatility, fat-tailed, with a rare
jump. The logarithm of a factor's volatility is its mood: it takes a kick every day (a fall of the market
raises it, so does a large move either way, and so does chance) and forgets kicks in two speeds, days and
months. This is EGARCH (D. Nelson, Econometrica, 1991) with a noise of its own. The kicks depend on
standardised returns alone, so a mood is a fading sum of seeded numbers: it can be told for any day without
those after it. Tables are made a calendar year at a time, always from the same two years of days before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import (
    is_trading_day,
    previous_trading_day,
    session_of,
    trading_day_on_or_before,
)
from sumppump.exchange.market.randomness import key_of, normals, uniforms

Floats = NDArray[np.float64]

_WARM_UP_YEARS = 2
_FIRST_YEAR = 2000
_SESSION_HOURS = 6.5
_MS_PER_HOUR = 3_600_000.0
_MEAN_SIZE = (2.0 / np.pi) ** 0.5  # of a standard normal number
_CALM_SHARE, _CALM_VARIANCE = 0.93, 0.72  # tails: most days are a little calmer, a few much wilder
_MOST_KICK = 6.0  # standard deviations that a mood takes notice of
_MOOD_FLOOR, _MOOD_CEILING = 0.7, 1.5
_DAYS_OF_JUMP_VOL = 3.0  # a jump's size in daily standard deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """How one factor behaves.

    Attributes:
        name: what its random numbers are drawn for.
        vol: standard deviation of a day's log return in a usual mood.
        drift: expected log return of a day.
        overnight: share of a day's variance between close and open.
        all_week: True where nights count by their hours, weekends included; `vol` is then of 24 hours.
        jumps: probability of a jump in a session.
        leverage: how much the log volatility rises with each standard deviation that the price falls.
        clustering: how much it rises with each standard deviation of surprise, up or down.
        vol_of_vol: standard deviation of its own daily kick.
        fast, slow: what is left of the mood's two parts a day later.
        slow_share: of each kick, what goes to the slow part.
        coupling: how much of the market's log volatility this factor takes over.
    """

    name: str
    vol: float
    drift: float = 0.0
    overnight: float = 0.24
    all_week: bool = False
    jumps: float = 0.004
    leverage: float = 0.0
    clustering: float = 0.0
    vol_of_vol: float = 0.0
    fast: float = 0.88
    slow: float = 0.985
    slow_share: float = 0.35
    coupling: float = 0.5

    @property
    def has_mood(self) -> bool:
        """Whether its volatility changes of its own."""
        return bool(self.leverage or self.clustering or self.vol_of_vol)


MARKET = Factor(
    name="MARKET",
    vol=0.0090,
    drift=0.00028,
    overnight=0.32,
    jumps=0.008,
    leverage=0.065,
    clustering=0.060,
    vol_of_vol=0.036,
    slow_share=0.5,
)
SECTORS = {
    one.name: one
    for one in (
        Factor(name="TECHNOLOGY", vol=0.0060),
        Factor(name="SEMICONDUCTORS", vol=0.0110),
        Factor(name="FINANCE", vol=0.0065),
        Factor(name="ENERGY", vol=0.0105),
        Factor(name="STAPLES", vol=0.0050),
        Factor(name="SMALL", vol=0.0055),
        Factor(name="COINS", vol=0.0205, all_week=True, clustering=0.04, vol_of_vol=0.03, coupling=0.2),
        Factor(name="DOLLAR", vol=0.0034, overnight=0.6, coupling=0.2),
    )
}


@dataclass(frozen=True, slots=True)
class FactorYear:
    """One factor's days of a calendar year, arrays by trading day, in units of the day's volatility.

    Attributes:
        gap: from the close before to the open.
        session: from open to close, without the jump.
        jump: of the session, 0 on nearly all days.
        jump_at: when it happens, as a share of the session.
        kick: by how much the day raises the log volatility beyond what returns explain.
        mood: log volatility above usual, as of the close before.
        fading: how much of `mood` the day itself takes away.
    """

    gap: Floats
    session: Floats
    jump: Floats
    jump_at: Floats
    kick: Floats
    mood: Floats
    fading: Floats


@lru_cache(maxsize=64)
def trading_days_of(year: int) -> tuple[date, ...]:
    """The trading days of a calendar year, rising."""
    first = date(year, 1, 1)
    days = (first + timedelta(n) for n in range(366))
    return tuple(day for day in days if day.year == year and is_trading_day(day))


@lru_cache(maxsize=64)
def places_in(year: int) -> dict[date, int]:
    """The place of each trading day within its year."""
    return {day: place for place, day in enumerate(trading_days_of(year))}


@lru_cache(maxsize=8192)
def trading_index(day: date) -> int:
    """How many trading days there were since the year 2000, this one included."""
    last = trading_day_on_or_before(day)
    return (
        sum(len(trading_days_of(year)) for year in range(_FIRST_YEAR, last.year))
        + places_in(last.year)[last]
        + 1
    )


@lru_cache(maxsize=64)
def _nights_of(year: int) -> Floats:
    """Hours from the close before to each day's open."""
    days = trading_days_of(year)
    return np.array(
        [
            (session_of(day).open_ms - session_of(previous_trading_day(day)).close_ms) / _MS_PER_HOUR
            for day in days
        ]
    )


def shares_of_variance(factor: Factor, year: int) -> tuple[Floats, Floats]:
    """Variance of the nights and of the sessions of a year, as shares of the factor's `vol` squared."""
    nights = _nights_of(year)
    if factor.all_week:
        return nights / 24.0, np.full(len(nights), _SESSION_HOURS / 24.0)
    return np.full(len(nights), factor.overnight), np.full(len(nights), 1.0 - factor.overnight)


def bounded(mood: Floats) -> Floats:
    """A mood held between half and four and a half times the usual volatility, smoothly."""
    bound = np.where(mood < 0.0, _MOOD_FLOOR, _MOOD_CEILING)
    held: Floats = bound * np.tanh(mood / bound)
    return held


def response(factor: Factor, returned: Floats, passed: Floats | float) -> Floats:
    """How far the day's return so far, in standard deviations, has raised the log volatility.

    Args:
        factor: whose.
        returned: since the close before.
        passed: share of the day that has passed, which is what surprise is measured against.
    """
    size = np.clip(returned, -_MOST_KICK, _MOST_KICK)
    risen: Floats = -factor.leverage * size + factor.clustering * (np.abs(size) - _MEAN_SIZE * passed)
    return risen


class FactorDays:
    """The tables of all factors for one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._years: dict[tuple[str, int], FactorYear] = {}
        self._kicks: dict[tuple[str, int], tuple[Floats, ...]] = {}

    def year(self, factor: Factor, year: int) -> FactorYear:
        """One year of one factor."""
        known = self._years.get((factor.name, year))
        if known is None:
            gap, session, jump, jump_at, kick = self._drawn(factor, year)
            mood, fading = self._moods(factor, year)
            known = FactorYear(gap, session, jump, jump_at, kick, mood, fading)
            self._years[factor.name, year] = known
        return known

    def _drawn(self, factor: Factor, year: int) -> tuple[Floats, ...]:
        known = self._kicks.get((factor.name, year))
        if known is None:
            key = key_of(self._seed, "factor", factor.name)
            days = np.array([day.toordinal() for day in trading_days_of(year)], dtype=np.int64)
            nights, sessions = (share**0.5 for share in shares_of_variance(factor, year))
            happens = uniforms(key, days, 20) < factor.jumps
            known = (
                nights * _fat_tailed(key, days, 0),
                sessions * _fat_tailed(key, days, 2),
                np.where(happens, _DAYS_OF_JUMP_VOL * (normals(key, days, 4) - 0.3), 0.0),
                uniforms(key, days, 21),
                factor.vol_of_vol * normals(key, days, 5),
            )
            self._kicks[factor.name, year] = known
        return known

    def _moods(self, factor: Factor, year: int) -> tuple[Floats, Floats]:
        """Mood before each day of a year, and what fades of it on that day."""
        count = len(trading_days_of(year))
        if not factor.has_mood:
            return np.zeros(count), np.zeros(count)
        kicks = np.concatenate(
            [self._all_kicks(factor, one) for one in range(year - _WARM_UP_YEARS, year + 1)]
        )
        fast = _faded(kicks * (1.0 - factor.slow_share), factor.fast)[-count:]
        slow = _faded(kicks * factor.slow_share, factor.slow)[-count:]
        return fast + slow, (1.0 - factor.fast) * fast + (1.0 - factor.slow) * slow

    def _all_kicks(self, factor: Factor, year: int) -> Floats:
        gap, session, jump, _, kick = self._drawn(factor, year)
        return kick + response(factor, gap + session + jump, 1.0)


def _fat_tailed(key: int, days: NDArray[np.int64], second: int) -> Floats:
    """Unit variance, a mixture of two normals: kurtosis near 5."""
    wild = (1.0 - _CALM_SHARE * _CALM_VARIANCE) / (1.0 - _CALM_SHARE)
    variance = np.where(uniforms(key, days, 30 + second) < _CALM_SHARE, _CALM_VARIANCE, wild)
    drawn: Floats = np.sqrt(variance) * normals(key, days, second)
    return drawn


def _faded(kicks: Floats, left: float) -> Floats:
    """What remains of all earlier kicks before each day."""
    states, state = np.empty(len(kicks)), 0.0
    for place, kick in enumerate(kicks.tolist()):
        states[place] = state
        state = left * state + kick
    return states
