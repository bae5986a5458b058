"""What stops and price conditions look at, by TWS's trigger methods.

Methods: 0 default, 1 double bid/ask, 2 last, 3 double last, 4 bid/ask, 7 last or bid/ask, 8 middle. "Bid/ask"
is the bid where the price has to rise to the level and the ask where it has to fall; "double" asks for it at
two steps of the market in a row. The default is the last price; of options, currency pairs and combos, which
have no last price here, the middle (TWS documents double bid/ask for options; ours is an own decision).

Prices are doubled, so that a middle of integers stays exact. The same rules serve single prices and rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

DOUBLE_BID_ASK, LAST, DOUBLE_LAST, BID_ASK, LAST_OR_BID_ASK, MIDDLE = 1, 2, 3, 4, 7, 8
METHODS = frozenset({0, DOUBLE_BID_ASK, LAST, DOUBLE_LAST, BID_ASK, LAST_OR_BID_ASK, MIDDLE})
DOUBLE = frozenset({DOUBLE_BID_ASK, DOUBLE_LAST})
_QUOTED = frozenset({DOUBLE_BID_ASK, BID_ASK})

Price = Any
"""An integer, or an array of them."""


def watched(method: int, *, rises: bool, bid: Price, ask: Price, last: Price | None) -> Price:
    """The doubled price that is compared with a level.

    Args:
        method: one of `METHODS`.
        rises: whether the price has to rise to the level.
        bid: the best bid, 0 where there is none.
        ask: the best ask, 0 where there is none.
        last: the last price; None where there is none.
    """
    if method in _QUOTED:
        return 2 * (bid if rises else ask)
    if method == MIDDLE or last is None:
        return bid + ask
    if method == LAST_OR_BID_ASK:
        return 2 * _further(last, bid if rises else ask, rises=rises)
    return 2 * last


def _further(one: Price, other: Price, *, rises: bool) -> Price:
    if isinstance(one, int):
        return max(one, other) if rises else min(one, other)
    return np.maximum(one, other) if rises else np.minimum(one, other)
