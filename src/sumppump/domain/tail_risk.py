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
from numpy.typing import NDArray

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
        var_low, var_high: outcomes between which the true value at risk lies in 95 of 100 cases: by the
            standard error of the share of outcomes beyond it, which of independent ones is the binomial's.
    """

    confidence: float
    samples: int
    var: float
    shortfall: float
    var_low: float
    var_high: float


@dataclass(frozen=True, slots=True)
class Redrawn:
    """Where outcomes over several days came from: days drawn again and again from a short history.

    Ten thousand paths out of 250 days know no more than 250 days do. How far the share of outcomes beyond a
    loss would move with another history is the infinitesimal jackknife's (B. Efron, "The jackknife, the
    bootstrap and other resampling plans", 1982): by how much that share changes where one day weighs more.

    Attributes:
        picks: (outcomes, days of the horizon): which day of the history each was.
        samples: days of the history.
    """

    picks: NDArray[np.intp]
    samples: int

    def error(self, is_beyond: NDArray[np.bool_]) -> float:
        """Standard error of the share of outcomes for which `is_beyond`, of the draw as well."""
        share = float(is_beyond.mean())
        drawn = np.maximum(np.bincount(self.picks.ravel(), minlength=self.samples), 1)
        # Of the outcomes that hold a day, the share beyond; its own noise from the draw is taken off again.
        given = np.bincount(self.picks[is_beyond].ravel(), minlength=self.samples) / drawn
        signal = float(((given - share) ** 2 - given * (1.0 - given) / drawn).sum())
        history = max(0.0, signal) * (self.picks.shape[1] / self.samples) ** 2
        return math.sqrt(history + share * (1.0 - share) / len(is_beyond))


def var_and_es(pnl: Array, confidence: float, redrawn: Redrawn | None = None) -> TailRisk | Missing:
    """Value at risk and expected shortfall.

    Args:
        pnl: outcomes, cash, profits positive, equally likely.
        confidence: between 0.5 and 1, both excluded; 0.95 looks at the worst 5 %.
        redrawn: what the outcomes were redrawn from; None where they are independent of each other.

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
    var = float(losses[edge])
    error = math.sqrt(beyond * confidence) if redrawn is None else count * redrawn.error(-pnl > var)
    spread = _BAND * error
    low, high = (min(count - 1, max(0, round(beyond + side * spread))) for side in (1, -1))
    return TailRisk(
        confidence=confidence,
        samples=count,
        var=var,
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
