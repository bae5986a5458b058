"""Quotes as real books have them: wide after the open, before the close and in stress, now and then locked.

For a moment a share's bid meets its ask or goes past it, because venues differ; whoever rests in the book
gets nothing from it. Options of an illiquid share are quoted anew only every so many seconds, from a level
that is as old. Rates and widths are our decision (unverified).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import STEP_MS, STEPS_PER_SECOND, TradingSession
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.market import Market
from sumppump.exchange.market.randomness import key_of, uniforms
from sumppump.exchange.market.shocks import stirred

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_OPENING, _OPENING_FADES_S = 2.0, 120.0  # how much wider, and how soon it is over
_CLOSING, _CLOSING_GROWS_S = 0.5, 60.0
_NIGHT = 3.0
_STRESS_POWER, _MOST_UNREST = 0.8, 6.0
_LOCKED, _CROSSED = 2.5e-4, 4e-5  # of all seconds: several a day, and about one
_DEAR = 4.0  # option cost from which on quotes go stale
_STALE_STEPS = 20 * STEPS_PER_SECOND  # a divisor of a minute, so that minutes begin with fresh ones


class QuoteQuality:
    """What makes the quotes of one market worse than they could be."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._key = key_of(market.seed, "locked")

    def unrest(self, symbol: str, session: TradingSession, steps: Ints) -> Floats:
        """How much wider quotes are than usually, at least about 1, at each step."""
        stress = np.full(len(steps), self._market.day_vol(symbol, session.day))
        if self._market.shocks:
            moments = session.open_ms + STEP_MS * steps.astype(np.float64)
            stress *= np.exp(sum(stirred(self._market.shocks, one, moments) for one in ("", symbol)))
        calm = np.maximum(stress, 1.0) ** _STRESS_POWER
        if not session.is_regular:  # few stay up for it
            calm *= _NIGHT
        else:
            seconds = steps / STEPS_PER_SECOND
            calm *= 1.0 + _OPENING * np.exp(-seconds / _OPENING_FADES_S)
            calm *= 1.0 + _CLOSING * np.exp((seconds - session.seconds) / _CLOSING_GROWS_S)
        unrest: Floats = np.minimum(calm, _MOST_UNREST)
        return unrest

    def widened(
        self, symbol: str, session: TradingSession, steps: Ints, bid: Ints, ask: Ints
    ) -> tuple[Ints, Ints]:
        """A share's bid and ask as wide as the moment makes them; their middle stays."""
        extra = np.rint(0.5 * (ask - bid) * (self.unrest(symbol, session, steps) - 1.0)).astype(np.int64)
        return np.maximum(bid - extra, 1), ask + extra

    def met(
        self, con_id: int, session: TradingSession, steps: Ints, bid: Ints, ask: Ints
    ) -> tuple[Ints, Ints]:
        """The same with those seconds in which bid and ask meet, or pass each other by one unit."""
        if not session.is_regular:
            return bid, ask
        drawn = uniforms(self._key, con_id, session.open_ms // 1000 + steps // STEPS_PER_SECOND)
        middle = (bid + ask) // 2
        crossed = drawn < _CROSSED
        together = drawn < _LOCKED
        return np.where(together, middle + crossed, bid), np.where(together, middle, ask)


def quoted_steps(symbol: str, steps: Ints) -> Ints:
    """The steps whose level the options on a symbol are quoted from: for illiquid ones an earlier step."""
    if CHARACTERS[symbol].option_cost < _DEAR:
        return steps
    stale: Ints = steps - steps % _STALE_STEPS
    return stale
