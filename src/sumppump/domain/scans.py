"""What a market scanner finds, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanHit:
    """One stock or ETF that a scan names; the scanner gives its rank and no figure."""

    rank: int
    con_id: int
    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFilter:
    """A bound of a scan in the broker's own tag, for example `avgOptVolumeAbove`."""

    tag: str
    value: float
