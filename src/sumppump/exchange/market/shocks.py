"""Shocks that a scenario orders: falls and rises, and spikes of volatility, on top of the seeded market.

A shock is part of the venue's state, like a command: with the same shocks the same seed gives the same
bytes. It changes nothing before its moment. The return is spread evenly over the duration and
stays; the factor on volatility is reached with it and fades by half in `half_life_days`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_DAY_MS = 86_400_000.0
_LASTING_DAYS = 1.0  # half-life of which half is taken to last by who prices forward; our decision
_MOST_RETURN, _MOST_FACTOR = 1.0, 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """One ordered move.

    Attributes:
        at_ms: when it begins, milliseconds since the epoch.
        duration_ms: how long it takes, > 0.
        log_return: of the market factor (each symbol follows with its beta), or of `symbol` alone.
        vol_factor: factor on implied volatility, > 0.
        symbol: "" for the whole market.
        half_life_days: calendar days in which the factor fades by half.
    """

    at_ms: int
    duration_ms: int
    log_return: float = 0.0
    vol_factor: float = 1.0
    symbol: str = ""
    half_life_days: float = 4.0

    def __post_init__(self) -> None:
        """Refuses what no market does.

        Raises:
            ValueError: a duration, return or factor out of bounds.
        """
        sane = (
            self.duration_ms > 0
            and abs(self.log_return) <= _MOST_RETURN
            and 1.0 / _MOST_FACTOR <= self.vol_factor <= _MOST_FACTOR
            and self.half_life_days > 0
        )
        if not sane:
            raise ValueError(f"no market moves like {self!r}")

    def risen(self, ms: Floats) -> Floats:
        """Share of the return that has happened at these moments."""
        share: Floats = np.clip((ms - self.at_ms) / self.duration_ms, 0.0, 1.0)
        return share

    def log_vol(self, ms: Floats) -> Floats:
        """What the shock adds to log volatility at these moments."""
        since = np.maximum(ms - self.at_ms - self.duration_ms, 0.0) / (_DAY_MS * self.half_life_days)
        added: Floats = math.log(self.vol_factor) * self.risen(ms) * np.exp2(-since)
        return added

    @property
    def lasting_share(self) -> float:
        """How much of the log volatility it adds will still be there in a month, in the market's eyes."""
        return self.half_life_days / (self.half_life_days + _LASTING_DAYS)


def shifted(shocks: tuple[Shock, ...], symbol: str, beta: float, ms: Floats) -> Floats:
    """Log return that the shocks have added to a symbol by these moments."""
    total = np.zeros(len(ms))
    for one in shocks:
        if one.symbol in ("", symbol):
            total += (1.0 if one.symbol else beta) * one.log_return * one.risen(ms)
    return total


def stirred(shocks: tuple[Shock, ...], symbol: str, ms: Floats, *, fleeting: bool = False) -> Floats:
    """Log volatility that the shocks have added for a symbol at these moments; "" is the market factor.

    Args:
        shocks: what was ordered.
        symbol: whose.
        ms: moments, milliseconds since the epoch.
        fleeting: only what will not last.
    """
    total = np.zeros(len(ms))
    for one in shocks:
        if one.symbol == symbol:
            total += one.log_vol(ms) * (1.0 - one.lasting_share if fleeting else 1.0)
    return total
