"""Value at risk and expected shortfall of simulated profits and losses, whatever simulated them.

Losses are positive. Value at risk is the smallest loss that at most the share 1 - confidence of the outcomes
exceeds: an outcome itself, not an interpolated one (definition 1 of R. Hyndman, Y. Fan, 1996). Expected
shortfall is the mean of the worst share 1 - confidence, the outcome on its edge by its part of it
(C. Acerbi, D. Tasche, "On the coherence of expected shortfall", 2002).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array

# So many outcomes must lie beyond value at risk; fewer say nothing of the tail.
LEAST_BEYOND = 2
# Two-sided 95 % of a normal distribution.
_BAND = 1.959964
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class TailRisk:
    """What a bad day costs.

    Attributes:
        confidence: between 0 and 1, 0.95. samples: outcomes that it rests on.
        var: value at risk, cash, losses positive; below 0 it is a profit.
        shortfall: expected shortfall, cash, not below `var`.
        var_low, var_high: outcomes between which the true value at risk lies in 95 of 100 cases, if outcomes
            are independent: by the binomial distribution of how many exceed it.
    """

    confidence: float
    samples: int
    var: float
    shortfall: float
    var_low: float
    var_high: float


def var_and_es(pnl: Array, confidence: float) -> TailRisk | Missing:
    """Value at risk and expected shortfall.

    Args:
        pnl: outcomes, cash, profits positive, equally likely.
        confidence: between 0.5 and 1, both excluded; 0.95 looks at the worst 5 %.

    Raises:
        ValueError: another confidence, or an outcome that is not a number.
    """
    if not 0.5 < confidence < 1.0:
        raise ValueError(f"a confidence lies between 0.5 and 1, not {confidence!r}")
    if not np.isfinite(pnl).all():
        raise ValueError("every outcome must be a number")
    count = len(pnl)
    beyond = count * (1.0 - confidence)
    if beyond < LEAST_BEYOND - _ROUNDING:
        needed = math.ceil(LEAST_BEYOND / (1.0 - confidence) - _ROUNDING)
        return Missing("too_few_outcomes", f"{count} outcomes, {needed} are needed for {confidence:.1%}")
    losses = np.sort(-pnl)[::-1]
    edge = min(count - 1, math.floor(beyond + _ROUNDING))
    spread = _BAND * math.sqrt(beyond * confidence)
    low, high = (min(count - 1, max(0, round(beyond + side * spread))) for side in (1, -1))
    return TailRisk(
        confidence=confidence,
        samples=count,
        var=float(losses[edge]),
        shortfall=_worst_mean(losses, beyond),
        var_low=float(losses[low]),
        var_high=float(losses[high]),
    )


def _worst_mean(losses: Array, beyond: float) -> float:
    """Mean of the `beyond` largest, which need not be a whole number."""
    whole = math.floor(beyond + _ROUNDING)
    part = max(0.0, beyond - whole)
    total = float(losses[:whole].sum()) + (part * float(losses[whole]) if part else 0.0)
    return total / beyond
