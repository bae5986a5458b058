"""Technical indicators of bars, each only from enough of them; pure arithmetic, no opinion.

J. Welles Wilder Jr., "New Concepts in Technical Trading Systems" (1978), for RSI and ATR with his smoothing:
the first value is a plain mean of `length` figures, each later one weighs the new figure with 1/length.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise


def sma(values: Sequence[float], length: int) -> float | None:
    """Mean of the last `length` values; None where there are fewer.

    >>> sma([100, 2, 3, 4], 3)
    3.0
    """
    return None if len(values) < length else sum(values[-length:]) / length


def wilder_mean(values: Sequence[float], length: int) -> float | None:
    """Wilder's smoothed mean of all values; None where there are fewer than `length`."""
    if len(values) < length:
        return None
    mean = sum(values[:length]) / length
    for value in values[length:]:
        mean += (value - mean) / length
    return mean


def rsi(closes: Sequence[float], length: int = 14) -> float | None:
    """Wilder's relative strength index, 0 to 100, from `length` + 1 closes or more.

    None where there are fewer, or where no price has changed: then there is no strength to compare.
    """
    changes = [after - before for before, after in pairwise(closes)]
    gain = wilder_mean([max(change, 0.0) for change in changes], length)
    loss = wilder_mean([max(-change, 0.0) for change in changes], length)
    if gain is None or loss is None or gain + loss == 0:
        return None
    return 100.0 * gain / (gain + loss)


def true_ranges(highs: Sequence[float], lows: Sequence[float], closes: Sequence[float]) -> list[float]:
    """Each bar's range, widened to the close before it; of the first bar the range alone."""
    befores = [None, *closes[:-1]]
    return [
        high - low if before is None else max(high, before) - min(low, before)
        for high, low, before in zip(highs, lows, befores, strict=True)
    ]


def atr(
    highs: Sequence[float], lows: Sequence[float], closes: Sequence[float], length: int = 14
) -> float | None:
    """Wilder's average true range in units of price, from `length` bars or more, else None."""
    return wilder_mean(true_ranges(highs, lows, closes), length)


def volatility(closes: Sequence[float], per_year: int) -> float | None:
    """Sample standard deviation of log returns times the root of `per_year`; 0.2 is 20 % a year.

    None where there are fewer than two returns, or a close is not above 0.
    """
    if len(closes) < 3 or min(closes) <= 0:
        return None
    returns = [math.log(after / before) for before, after in pairwise(closes)]
    mean = sum(returns) / len(returns)
    variance = sum((each - mean) ** 2 for each in returns) / (len(returns) - 1)
    return math.sqrt(variance * per_year)


def swing_lows(lows: Sequence[float], reach: int) -> list[float]:
    """Lows that no low of the `reach` bars before and after undercuts, oldest first."""
    return [
        lows[at]
        for at in range(reach, len(lows) - reach)
        if lows[at] == min(lows[at - reach : at + reach + 1])
    ]


def swing_highs(highs: Sequence[float], reach: int) -> list[float]:
    """Highs that no high of the `reach` bars before and after exceeds, oldest first."""
    return [-low for low in swing_lows([-high for high in highs], reach)]


def support(lows: Sequence[float], price: float, reach: int = 3) -> float | None:
    """The highest swing low below a price; None where there is none."""
    return max((low for low in swing_lows(lows, reach) if low < price), default=None)


def resistance(highs: Sequence[float], price: float, reach: int = 3) -> float | None:
    """The lowest swing high above a price; None where there is none."""
    return min((high for high in swing_highs(highs, reach) if high > price), default=None)
