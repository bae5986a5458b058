"""Bars as a picture, for people who asked for one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sumppump.data.history import SMA_LENGTHS, History
from sumppump.domain.quotes import Bar
from sumppump.kernel.clock import NEW_YORK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_UP, _DOWN, _LINE, _INK = "#0072b2", "#d55e00", "#999999", "#333333"
MOST_CANDLES = 250


def bars_png(history: History) -> bytes:
    """Candles with volume below, and the mean of 20 closes where there are enough bars."""
    # matplotlib takes a second to import, which no other answer should pay for.
    from matplotlib.figure import Figure  # noqa: PLC0415

    bars = history.bars[-MOST_CANDLES:]
    figure = Figure(figsize=(8, 4.5), dpi=110, layout="constrained")
    prices, volumes = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    places = list(range(len(bars)))
    colours = [_UP if bar.close >= bar.open else _DOWN for bar in bars]
    prices.vlines(places, [float(b.low) for b in bars], [float(b.high) for b in bars], colors=colours, lw=0.8)
    prices.bar(places, [_body(b) for b in bars], 0.7, [_foot(b) for b in bars], color=colours)
    _draw_mean(prices, history, len(bars))
    volumes.bar(places, [bar.volume or 0 for bar in bars], 0.7, color=_LINE)
    _label(prices, volumes, history, bars)
    target = io.BytesIO()
    figure.savefig(target, format="png")
    return target.getvalue()


def _body(bar: Bar) -> float:
    return max(float(abs(bar.close - bar.open)), float(bar.close) * 1e-4)


def _foot(bar: Bar) -> float:
    return float(min(bar.close, bar.open))


def _draw_mean(axes: Axes, history: History, shown: int) -> None:
    length = SMA_LENGTHS[0]
    closes = [float(bar.close) for bar in history.bars]
    first = max(length - 1, len(closes) - shown)
    means = [sum(closes[at - length + 1 : at + 1]) / length for at in range(first, len(closes))]
    if means:
        axes.plot(
            range(shown - len(means), shown), means, color=_INK, lw=1.2, label=f"mean of {length} closes"
        )
        axes.legend(loc="upper left", frameon=False, fontsize=8)


def _label(prices: Axes, volumes: Axes, history: History, bars: Sequence[Bar]) -> None:
    request = history.request
    left_out = len(history.bars) - len(bars)
    newest = f", newest {len(bars)} bars" if left_out else ""
    prices.set_title(
        f"{history.instrument.symbol} · {request.duration} · {request.bar_size}{newest}", loc="left"
    )
    prices.set_ylabel("price per share")
    volumes.set_ylabel("volume")
    step = max(1, len(bars) // 6)
    form = "%b %d" if "day" in request.bar_size or "week" in request.bar_size else "%b %d %H:%M"
    marks = list(range(0, len(bars), step))
    volumes.set_xticks(
        marks, [bars[at].start.astimezone(NEW_YORK).strftime(form) for at in marks], fontsize=8
    )
    volumes.set_xlabel("New York time", fontsize=8)
    for axes in (prices, volumes):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.25)
