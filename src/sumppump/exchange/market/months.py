"""How the trade in a future is spread over its months: nearly all in the front one, until it is rolled.

The roll is our decision: index futures a good week before the last trading day, as most of their open
interest goes; volatility futures later, with the second month as busy as usual there. Shares are unverified.
"""

from __future__ import annotations

import math
from datetime import date

from sumppump.exchange.listing.futures import FutureKey, future_of, listed_futures

_ROLL_DAYS, _USUAL_ROLL_DAYS = {"VX": 4.0}, 8.0  # calendar days before the last one
_ROLL_SPREAD = 0.8
_FALLS, _USUALLY_FALLS = {"VX": 0.45}, 0.03  # of each month, what the next one has
_BUSY, _QUIET = 0.2, 0.005
_THINNEST = 0.15  # of a busy month's displayed size


def month_share(symbol: str, day: date) -> float:
    """The part of its root's volume that a future has on a day; 1 for what is no future."""
    if ":" not in symbol:
        return 1.0
    key = future_of(symbol)
    months = [one.expiry for one in listed_futures(key.root, day)]
    place = sum(one < key.expiry for one in months)
    front = _front(key.trading_class, months[0], day)
    return front * _usual(key, place) + (1.0 - front) * _usual(key, (place or len(months)) - 1)


def extra_ticks(symbol: str, day: date) -> int:
    """By how many ticks a side is farther from the middle than in a busy month."""
    share = month_share(symbol, day)
    return 0 if share >= _BUSY else 1 if share >= _QUIET else 2


def size_share(symbol: str, day: date) -> float:
    """Displayed size, of a busy month's."""
    return min(1.0, max(_THINNEST, math.sqrt(month_share(symbol, day))))


def _front(trading_class: str, expiry: date, day: date) -> float:
    """How much of the front's trade is still in the month that ends first, 0 to 1."""
    left = (expiry - day).days - _ROLL_DAYS.get(trading_class, _USUAL_ROLL_DAYS)
    return 1.0 / (1.0 + math.exp(-left / _ROLL_SPREAD))


def _usual(key: FutureKey, place: int) -> float:
    """The share of the month in this place behind the front."""
    falls = _FALLS.get(key.trading_class, _USUALLY_FALLS)
    return (1.0 - falls) * math.pow(falls, place)
