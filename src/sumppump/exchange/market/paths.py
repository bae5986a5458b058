"""Walks of factors within sessions and nights, one point per second, pure functions of seed and day.

A walk is a Brownian bridge that ends where the day's table says. In a session its variance is spread as
real ones are: most after the open, least at noon, more before the close. At night it is even. An ordered
shock of volatility makes it restless from then on, without moving its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import TradingSession
from sumppump.exchange.market.factors import (
    Factor,
    FactorDays,
    bounded,
    places_in,
    response,
    shares_of_variance,
)
from sumppump.exchange.market.kept import Kept, step_at
from sumppump.exchange.market.randomness import generator
from sumppump.exchange.market.shocks import Shock, stirred

Floats = NDArray[np.float64]

_KEPT_BYTES = 24 << 20
_MARKET_BYTES = 52 << 20  # the sessions of a year, which every symbol's history goes through
_JUMP_SECONDS = 3
_OPENING_RUSH, _RUSH_FADES = 3.0, 0.07  # variance after the open, of noon's; share of the session
_CLOSING_RUSH = 0.9
_LEAST_LEFT = 1e-9  # of a session's variance, after a shock in its last second


@lru_cache(maxsize=16)
def session_clock(seconds: int) -> Floats:
    """Share of a session's variance that has passed at each second, from 0 to 1."""
    middle = (np.arange(seconds) + 0.5) / seconds
    weights = 1.0 + _OPENING_RUSH * np.exp(-middle / _RUSH_FADES) + _CLOSING_RUSH * middle**8
    passed: Floats = np.concatenate([[0.0], np.cumsum(weights)])
    clock: Floats = passed / float(passed[-1])
    return clock


@lru_cache(maxsize=16)
def _even_clock(seconds: int) -> Floats:
    clock: Floats = np.linspace(0.0, 1.0, seconds + 1)
    return clock


@lru_cache(maxsize=16)
def _roots(seconds: int, is_regular: bool) -> Floats:
    """Standard deviation of each second of a walk, whose whole has 1."""
    roots: Floats = np.sqrt(np.diff(_clock(seconds, is_regular)))
    return roots


def _clock(seconds: int, is_regular: bool) -> Floats:
    return session_clock(seconds) if is_regular else _even_clock(seconds)


def clock_of(session: TradingSession) -> Floats:
    """Share of the variance of a session or a night that has passed at each second."""
    return _clock(session.seconds, session.is_regular)


def moments_of(session: TradingSession) -> Floats:
    """The milliseconds since the epoch of each second of a session, both ends included."""
    seconds = np.arange(session.seconds + 1, dtype=np.float64)
    moments: Floats = session.open_ms + 1000.0 * seconds
    return moments


@dataclass(frozen=True, slots=True)
class FactorDay:
    """One factor on one day; see `factors.FactorYear`. `scale` is the day's volatility.

    Attributes:
        passed: share of the day's variance that lies before the open.
        spread: standard deviations of the night and of the session, of the day's `scale`.
    """

    scale: float
    gap: float
    session: float
    jump: float
    jump_at: float
    kick: float
    mood: float
    fading: float
    passed: float
    spread: tuple[float, float]


class Paths:
    """The walks and moods of all factors for one seed."""

    def __init__(self, seed: int, market: Factor) -> None:
        self._seed = seed
        self._market = market
        self._table = FactorDays(seed)
        self._days: dict[tuple[str, date], FactorDay] = {}
        self._scales: dict[tuple[str, int], Floats] = {}
        self._walks: Kept[tuple[str, int], Floats] = Kept(_KEPT_BYTES)
        self._market_walks: Kept[tuple[str, int], Floats] = Kept(_MARKET_BYTES)
        self._moods: Kept[tuple[str, int], Floats] = Kept(_KEPT_BYTES)
        self.shocks: tuple[Shock, ...] = ()

    def forget_paths(self) -> None:
        """After shocks were ordered."""
        self._moods.clear()
        self._walks.clear()
        self._market_walks.clear()

    # -- days -------------------------------------------------------------------------------
    def scales(self, factor: Factor, year: int) -> Floats:
        """The volatility of each day of a year: the factor's own mood, and its share of the market's."""
        known = self._scales.get((factor.name, year))
        if known is None:
            own = bounded(self._table.year(factor, year).mood)
            shared = factor.coupling * bounded(self._table.year(self._market, year).mood)
            known = factor.vol * (np.exp(own) if factor is self._market else np.exp(own + shared))
            self._scales[factor.name, year] = known
        return known

    def year_returns(self, factor: Factor, year: int) -> tuple[Floats, Floats]:
        """Log returns of the nights and of the sessions of a year."""
        table, scale = self._table.year(factor, year), self.scales(factor, year)
        return scale * table.gap, scale * (table.session + table.jump) + factor.drift

    def day(self, factor: Factor, day: date) -> FactorDay:
        """One factor on one day."""
        known = self._days.get((factor.name, day))
        if known is None:
            year, place = self._table.year(factor, day.year), places_in(day.year)[day]
            night, session = (float(one[place]) for one in shares_of_variance(factor, day.year))
            known = self._days[factor.name, day] = FactorDay(
                scale=float(self.scales(factor, day.year)[place]),
                gap=float(year.gap[place]),
                session=float(year.session[place]),
                jump=float(year.jump[place]),
                jump_at=float(year.jump_at[place]),
                kick=float(year.kick[place]),
                mood=float(year.mood[place]),
                fading=float(year.fading[place]),
                passed=night / (night + session),
                spread=(night**0.5, session**0.5),
            )
        return known

    # -- seconds ----------------------------------------------------------------------------
    def walk(self, factor: Factor, session: TradingSession) -> Floats:
        """Log return since the beginning of a session or a night, one value per second."""
        kept = self._market_walks if factor is self._market and session.is_regular else self._walks
        return kept.get((factor.name, session.open_ms), lambda: self._walked(factor, session))

    def _walked(self, factor: Factor, session: TradingSession) -> Floats:
        one, clock = self.day(factor, session.day), clock_of(session)
        path = self._bridge(factor.name, session, clock)
        if self.shocks:
            path += self._restless(factor, session, clock)
        path *= one.spread[int(session.is_regular)]
        path += clock * (one.session if session.is_regular else one.gap)
        path *= one.scale
        if not session.is_regular:
            return path
        if factor.drift:
            path += clock * factor.drift
        if one.jump:
            path += (
                one.scale * one.jump * step_at(len(path), one.jump_at * session.seconds - 1, _JUMP_SECONDS)
            )
            path[-1] = one.scale * (one.session + one.jump) + factor.drift
        return path

    def _bridge(self, name: str, session: TradingSession, clock: Floats) -> Floats:
        label = "path" if session.is_regular else "night"
        bridge: Floats = np.zeros(session.seconds + 1)
        steps = bridge[1:]
        generator(self._seed, label, name, session.day.toordinal()).standard_normal(out=steps)
        steps *= _roots(session.seconds, session.is_regular)
        np.cumsum(steps, out=steps)
        bridge -= clock * bridge[-1]
        return bridge

    def _restless(self, factor: Factor, session: TradingSession, clock: Floats) -> Floats | float:
        """What ordered shocks of volatility add to a bridge: with it, it moves by their factor."""
        stirring = self._stirring(factor, session)
        if not np.any(stirring):
            return 0.0
        more = np.sqrt(np.maximum(np.expm1(2.0 * stirring[1:]), 0.0) * np.diff(clock))
        drawn = generator(self._seed, "restless", factor.name, session.open_ms)
        walk = np.concatenate([[0.0], np.cumsum(drawn.standard_normal(session.seconds) * more)])
        begins = clock[int(np.argmax(stirring != 0.0))]
        since = np.maximum(clock - begins, 0.0) / max(1.0 - begins, _LEAST_LEFT)
        added: Floats = walk - since * walk[-1]
        return added

    def _stirring(self, factor: Factor, session: TradingSession) -> Floats:
        """Log volatility that shocks add to a factor's moves, its part of the market's included."""
        if not self.shocks:
            return np.zeros(session.seconds + 1)
        shared = stirred(self.shocks, "", moments_of(session))
        if factor is self._market:
            return shared
        return factor.coupling * shared + stirred(self.shocks, factor.name, moments_of(session))

    def mood(self, factor: Factor, session: TradingSession) -> Floats:
        """Log volatility above usual, one value per second, bounded; shocks included."""
        return self._moods.get((factor.name, session.open_ms), lambda: self._mood(factor, session))

    def _mood(self, factor: Factor, session: TradingSession) -> Floats:
        one, clock = self.day(factor, session.day), clock_of(session)
        passed = one.passed + (1.0 - one.passed) * clock if session.is_regular else one.passed * clock
        returned = (
            self.walk(factor, session) - (clock * factor.drift if session.is_regular else 0.0)
        ) / one.scale
        if session.is_regular:
            returned = returned + one.gap
        mood = one.mood - one.fading * passed + one.kick * passed + response(factor, returned, passed)
        if factor is self._market:
            restless = self._bridge(f"{factor.name} mood", session, clock)
            mood = mood + factor.vol_of_vol * one.spread[int(session.is_regular)] * restless
        name = "" if factor is self._market else factor.name
        stirring = stirred(self.shocks, name, moments_of(session)) if self.shocks else 0.0
        return bounded(mood) + stirring
