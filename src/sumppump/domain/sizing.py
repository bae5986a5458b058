"""How much of one's wealth a bet deserves, by the growth that it brings. Pure."""

from __future__ import annotations

import numpy as np

from sumppump.domain.pricing.normal import Array

_HALVINGS = 60


def growth_fraction(returns: Array, chances: Array, *, most: float = 1.0) -> float:
    """The fraction f of wealth that grows it fastest: the most of the mean of ln(1 + f * return).

    J. L. Kelly, "A new interpretation of information rate", 1956; of a bet that wins b with probability p and
    loses 1 it is p - (1 - p) / b. 0 where the mean return is not above 0: there is no size at which it pays.

    Args:
        returns: on what is put in, -1 loses all of it, one for each outcome.
        chances: of the outcomes, adding up to 1.
        most: what the fraction is never above.
    """
    worst = float(returns.min(initial=0.0))
    # At 1 / -worst the worst outcome takes everything.
    low, high = 0.0, most if worst >= 0 else min(most, (1.0 - 1e-9) / -worst)
    if _slope(returns, chances, 0.0) <= 0:
        return 0.0
    if _slope(returns, chances, high) >= 0:
        return high
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _slope(returns, chances, middle) > 0 else (low, middle)
    return low


def _slope(returns: Array, chances: Array, fraction: float) -> float:
    """How much more growth a little more brings; it falls as the fraction rises."""
    return float(np.sum(chances * returns / (1.0 + fraction * returns)))
