"""Series put together into bars.

Bars begin with their window of trading and then at whole multiples of their size in New York's day. A span
without a value has no bar. A bar's count is the number of its prints; kinds without volume have -1 for
volume, average and count, as on the wire.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from sumppump.exchange.calendar.trading_days import to_datetime
from sumppump.exchange.history.bar_series import Series
from sumppump.exchange.reports import Bar
from sumppump.kernel.clock import NEW_YORK

Ints = NDArray[np.int64]

_NONE = -1
_WAP_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Slot:
    """A window of trading of a trade date, to be filled with bars of `size` seconds; None for one bar."""

    day: date
    opens_ms: int
    size: int | None


@dataclass(frozen=True, slots=True)
class _Groups:
    """Which values make a bar, by the places of its first and its last; when it starts, in seconds."""

    starts: list[int]
    firsts: Ints
    lasts: Ints


def bars_of(series: Series, slot: Slot) -> list[Bar]:
    """Bars of prices, of one side's quotes, or of volatilities."""
    if not len(series):
        return []
    groups, values = _grouped(series, slot), series.values
    columns = zip(
        groups.starts, values[groups.firsts].tolist(), np.maximum.reduceat(values, groups.firsts).tolist(),
        np.minimum.reduceat(values, groups.firsts).tolist(), values[groups.lasts].tolist(),
        *_weights(series, groups), strict=True,
    )  # fmt: skip
    return [Bar(to_datetime(start * 1000), slot.day, *numbers) for start, *numbers in columns]


def bars_of_quotes(bids: Series, asks: Series, slot: Slot, decimals: int) -> list[Bar]:
    """BID_ASK: the average bid opens, the average ask closes; low is of the bids, high of the asks."""
    if not len(bids):
        return []
    groups = _grouped(bids, slot)
    counts = groups.lasts - groups.firsts + 1
    columns = zip(
        groups.starts, (np.add.reduceat(bids.values, groups.firsts) / counts).round(decimals).tolist(),
        np.maximum.reduceat(asks.values, groups.firsts).tolist(),
        np.minimum.reduceat(bids.values, groups.firsts).tolist(),
        (np.add.reduceat(asks.values, groups.firsts) / counts).round(decimals).tolist(), strict=True,
    )  # fmt: skip
    return [
        Bar(to_datetime(start * 1000), slot.day, opens, high, low, closes, _NONE, float(_NONE), _NONE)
        for start, opens, high, low, closes in columns
    ]


def _grouped(series: Series, slot: Slot) -> _Groups:
    shift, opens, size = _utc_offset(to_datetime(slot.opens_ms)), slot.opens_ms // 1000, slot.size
    if size is None:
        return _Groups([opens], np.array([0]), np.array([len(series) - 1]))
    buckets = (series.at_s + shift) // size
    firsts = np.flatnonzero(np.diff(buckets, prepend=buckets[0] - 1))
    lasts = np.append(firsts[1:], len(buckets)) - 1
    starts = np.maximum(buckets[firsts] * size - shift, opens)
    return _Groups(starts.tolist(), firsts, lasts)


def _weights(series: Series, groups: _Groups) -> tuple[list[int], list[float], list[int]]:
    """Volume, average price and number of prints of each bar."""
    volumes, firsts = series.volumes, groups.firsts
    if volumes is None:
        return [_NONE] * len(firsts), [float(_NONE)] * len(firsts), [_NONE] * len(firsts)
    heavy = np.maximum(volumes, 1e-9)  # an index has prices but no volume
    means = np.add.reduceat(series.values * heavy, firsts) / np.add.reduceat(heavy, firsts)
    totals = np.add.reduceat(volumes, firsts)
    return totals.tolist(), means.round(_WAP_DECIMALS).tolist(), (groups.lasts - firsts + 1).tolist()


def _utc_offset(moment: datetime) -> int:
    """Seconds by which New York's clocks differ from UTC."""
    offset = moment.astimezone(NEW_YORK).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def merged(bars: Sequence[Bar], size: str) -> tuple[Bar, ...]:
    """Daily bars put together by week or month; each is dated by its last day."""
    if size == "1 day":
        return tuple(bars)
    key = _week if size == "1 week" else _month
    return tuple(_one_of(list(group)) for _, group in groupby(bars, key=key))


def _week(bar: Bar) -> tuple[int, int]:
    year, week, _ = bar.day.isocalendar()
    return year, week


def _month(bar: Bar) -> tuple[int, int]:
    return bar.day.year, bar.day.month


def _one_of(bars: list[Bar]) -> Bar:
    first, last = bars[0], bars[-1]
    trades = [bar for bar in bars if bar.volume > 0]
    volume = sum(bar.volume for bar in trades)
    wap = sum(bar.wap * bar.volume for bar in trades) / volume if volume else first.wap
    return Bar(
        first.start, last.day, first.open, max(bar.high for bar in bars), min(bar.low for bar in bars),
        last.close, volume or first.volume, round(wap, 4), sum(bar.count for bar in trades) or first.count,
    )  # fmt: skip
