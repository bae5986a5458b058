"""How much a price moved, three ways, and where today's implied volatility stands among the last year's.

Volatilities are per year of 252 sessions, as fractions. Too few bars give a reason, never a number from less.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array
from sumppump.domain.quotes import Bar

SESSIONS_PER_YEAR = 252
# Fewer closes than half a year of them say nothing of a year's range.
LEAST_SAMPLES = 126


def close_to_close(bars: Sequence[Bar], window: int) -> float | Missing:
    """Sample standard deviation of the last `window` log returns from close to close.

    Args:
        bars: daily, oldest first; `window` + 1 of them are needed.
        window: returns, at least 2.
    """
    if missing := _too_few(bars, window + 1):
        return missing
    closes = _prices(bars, window + 1)[:, 3]
    return _yearly(float(np.var(np.diff(np.log(closes)), ddof=1)))


def parkinson(bars: Sequence[Bar], window: int) -> float | Missing:
    """From the last `window` sessions' highs and lows; what happens between sessions is not in it.

    References:
        M. Parkinson, "The extreme value method for estimating the variance of the rate of return", 1980.
    """
    if missing := _too_few(bars, window):
        return missing
    prices = _prices(bars, window)
    ranges = np.log(prices[:, 1] / prices[:, 2])
    return _yearly(float(np.mean(ranges**2)) / (4.0 * math.log(2.0)))


def yang_zhang(bars: Sequence[Bar], window: int) -> float | Missing:
    """From open, high, low and close of `window` sessions and the close before them; free of drift and gaps.

    References:
        D. Yang, Q. Zhang, "Drift-independent volatility estimation", 2000.
    """
    if missing := _too_few(bars, window + 1):
        return missing
    logs = np.log(_prices(bars, window + 1))
    before, (opens, highs, lows, closes) = logs[:-1, 3], logs[1:].T
    up, down, change = highs - opens, lows - opens, closes - opens
    night, day = np.var(opens - before, ddof=1), np.var(change, ddof=1)
    inside = np.mean(up * (up - change) + down * (down - change))
    weight = 0.34 / (1.34 + (window + 1) / (window - 1))
    return _yearly(float(night + weight * day + (1.0 - weight) * inside))


def iv_rank(closes: Sequence[float], current: float) -> float | Missing:
    """Where `current` stands between the lowest and the highest close of the period, 0 to 100.

    A current value beyond the closes is itself the end of the range.

    Example:
        >>> iv_rank([30.0, 60.0] * 126, 45.0)
        50.0
    """
    if missing := _too_few(closes, LEAST_SAMPLES):
        return missing
    low, high = min(*closes, current), max(*closes, current)
    if high <= low:
        return Missing("no_range", "implied volatility never moved in the period")
    return 100.0 * (current - low) / (high - low)


def iv_percentile(closes: Sequence[float], current: float) -> float | Missing:
    """Share of the days whose close was below `current`, 0 to 100.

    Example:
        >>> round(iv_percentile([20.0] * 202 + [50.0] * 50, 45.0), 2)
        80.16
    """
    if missing := _too_few(closes, LEAST_SAMPLES):
        return missing
    return 100.0 * sum(1 for close in closes if close < current) / len(closes)


def _too_few(values: Sequence[object], least: int) -> Missing | None:
    if len(values) >= least:
        return None
    return Missing("too_few_bars", f"{least} daily bars are needed, there are {len(values)}")


def _prices(bars: Sequence[Bar], count: int) -> Array:
    """Open, high, low and close of the last bars, one row a bar."""
    return np.array([[float(p) for p in (bar.open, bar.high, bar.low, bar.close)] for bar in bars[-count:]])


def _yearly(variance: float) -> float:
    return math.sqrt(variance * SESSIONS_PER_YEAR)
