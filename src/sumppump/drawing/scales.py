"""Round numbers along an axis, and how a number of each unit is written there."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

Form = Callable[[float], str]
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_SHORT = ((1e9, "B"), (1e6, "M"), (1e5, "k"))
_CELL = ((1e9, "B"), (1e6, "M"), (1e4, "k"))
_UNITS = {"B": 1e9, "M": 1e6, "k": 1e3}


def nice_ticks(low: float, high: float, count: int) -> tuple[float, ...]:
    """About `count` round numbers between two bounds, rising; one where the bounds are the same."""
    if not high > low:
        return (low,)
    raw = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((size * power for size in _STEPS if size * power >= raw * 0.85), 10.0 * power)
    first, last = math.ceil(low / step), math.floor(high / step)
    places = max(0, 2 - math.floor(math.log10(step)))
    return tuple(round(number * step, places) for number in range(first, last + 1))


def _sign(value: float) -> str:
    return "−" if value < 0 else "+"


def _shortened(size: float) -> str:
    """`1,200`, `120k`, `1.25M`: at most about six characters."""
    for least, letter in _SHORT:
        if size >= least:
            return f"{size / _UNITS[letter]:,.2f}".rstrip("0").rstrip(".") + letter
    return f"{size:,.{0 if size >= 10 or size == int(size) else 2}f}"


def tick_cash(value: float) -> str:
    """A P&L on an axis: `−$500`, `$0`, `+$1,200`, `+$1.25M`."""
    return "$0" if value == 0 else f"{_sign(value)}${_shortened(abs(value))}"


def short_cash(value: float) -> str:
    """A P&L in a narrow cell, three digits: `−$1,725`, `+$10.1k`, `−$2.15M`."""
    size = abs(value)
    for least, letter in _CELL:
        if size >= least:
            scaled = size / _UNITS[letter]
            return f"{_sign(value)}${scaled:.{max(0, 2 - len(str(int(scaled))) + 1)}f}{letter}"
    return "$0" if round(size) == 0 else f"{_sign(value)}${size:,.0f}"


def tick_price(value: float) -> str:
    """A price on an axis, without idle zeros."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def tick_figure(value: float) -> str:
    """A signed number without a unit of its own, in about four digits."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e5 or size == int(size):
        words = _shortened(size)
    elif size >= 1e-4:
        words = f"{size:,.{max(0, 3 - math.floor(math.log10(size)))}f}".rstrip("0").rstrip(".")
    else:
        words = f"{size:.1e}"
    return ("−" if value < 0 else "") + words


def tick_percent(value: float) -> str:
    """A percent number: `23.5 %`."""
    return f"{'−' if value < 0 else ''}{tick_price(abs(value))} %"


def tick_move(value: float) -> str:
    """A change in percent: `−20 %`, `0 %`, `+5 %`."""
    return "0 %" if value == 0 else f"{_sign(value)}{tick_price(abs(value))} %"


def tick_fall(value: float) -> str:
    """A fall in percent to two decimals: `0 %`, `−2.35 %`."""
    return tick_percent(round(value, 2) + 0.0)


def tick_day(value: float) -> str:
    """A date, given as its ordinal."""
    return date.fromordinal(round(value)).isoformat()
