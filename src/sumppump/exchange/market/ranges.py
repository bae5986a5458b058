"""How far a session can have gone from its open and its close, told without walking through it.

Between its ends a session is a Brownian bridge of known variance, which passes a level m below both ends
with probability exp(-2 (open - m)(close - m) / variance). The bounds are where that is 2 in 10^11, and
further away by what jumps there are.
"""

from __future__ import annotations

import math
from datetime import date

from sumppump.exchange.calendar.trading_days import session_of
from sumppump.exchange.market.character import CHARACTERS
from sumppump.exchange.market.derived_levels import is_derived
from sumppump.exchange.market.market import Market

ANYTHING = (0.0, math.inf)
_UNLIKELY = 12.25  # times the variance; exp(-2 * 12.25) is 2e-11
_MARGIN = 0.0005  # of the level: what a drift spread over the session may add


def session_bounds(market: Market, symbol: str, day: date) -> tuple[float, float]:
    """A level below all levels of a regular session, and one above; `ANYTHING` where they are not known."""
    if is_derived(symbol) or _is_shocked(market, day):
        return ANYTHING
    followed = CHARACTERS[symbol].follows
    if followed is not None:
        low, high = session_bounds(market, followed[0], day)
        return followed[1] * low, followed[1] * high
    ends = (market.log_open(symbol, day), math.log(market.close(symbol, day)))
    deviation, jumps = market.wander(symbol, day)
    apart = 0.0 if jumps else abs(ends[1] - ends[0])
    beyond = (math.sqrt(apart**2 + 4.0 * _UNLIKELY * deviation**2) - apart) / 2.0 + jumps + _MARGIN
    return math.exp(min(ends) - beyond), math.exp(max(ends) + beyond)


def _is_shocked(market: Market, day: date) -> bool:
    """Whether anything was ordered by its end: moves, and unrest that lasts, are beyond what was drawn."""
    return any(one.at_ms < session_of(day).close_ms for one in market.shocks)
