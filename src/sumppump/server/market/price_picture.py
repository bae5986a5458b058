"""Bars as a picture, for people who asked for one: with unit, kind and moment, on a ground of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sumppump.data.history import SMA_LENGTHS, History
from sumppump.data.history_request import VOLATILITIES
from sumppump.domain.quotes import Bar
from sumppump.drawing.chart import Seal
from sumppump.drawing.palette import DARK, LIGHT, Tone
from sumppump.drawing.png import LARGE, figure_of, png_of
from sumppump.drawing.table import MOST_ROWS, thinned
from sumppump.kernel.clock import NEW_YORK
from sumppump.server.desk import Desk
from sumppump.server.pictures import Drawing, Sketch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Up and down differ in hue and lightness, so that they do not need colour sight.
_UP, _DOWN, _MEAN = DARK[Tone.PROFIT], LIGHT[Tone.LOSS], LIGHT[Tone.FOURTH]
_LINE, _INK = LIGHT[Tone.QUIET], LIGHT[Tone.INK]
MOST_CANDLES = 260
_TICKS = 6
_SHORT_SPAN = 400
_COLUMNS = "start|open|high|low|close"


def bars_sketch(desk: Desk, history: History) -> Sketch:
    """The bars of a history."""
    name = f"bars-{history.instrument.label}-{history.request.bar_size}-{history.last.start:%Y%m%dT%H%M}"
    mode = desk.environment.value

    def draw() -> Drawing:
        return Drawing(bars_png(history, mode), bars_table(history, mode))

    return Sketch(name.replace(" ", ""), draw, frozenset({"bars", "bars_left_out", "hint"}))


def bars_table(history: History, environment: str = "") -> str:
    """A few of the bars as rows, the first and the last among them."""
    head = f"Picture: {title_of(history)} ({_seal(history, environment)})"
    rows = [
        "|".join((_when(history, bar), *(f"{price:f}" for price in (bar.open, bar.high, bar.low, bar.close))))
        for bar in thinned(history.bars, MOST_ROWS)
    ]
    return "\n".join((head, f"{history.unit}; {len(rows)} of {len(history.bars)} bars", _COLUMNS, *rows))


def bars_png(history: History, environment: str = "") -> bytes:
    """Candles (a line of volatilities, spans of BID_ASK), the mean of 20 closes, and any volume."""
    # matplotlib takes a second to import, which no other answer should pay for.
    from matplotlib.ticker import EngFormatter  # noqa: PLC0415

    bars = history.bars[-MOST_CANDLES:]
    figure = figure_of(LARGE)
    panels = _panels(figure, has_volume=history.average_volume is not None)
    _draw_prices(panels[0], history, bars)
    for volumes in panels[1:]:
        volumes.bar(range(len(bars)), [bar.volume or 0 for bar in bars], 0.7, color=_LINE)
        volumes.set_title("volume", loc="left", color=_LINE, fontsize=9.5, pad=4)
        volumes.yaxis.set_major_formatter(EngFormatter(sep=""))
    _label(figure, panels, history, bars)
    figure.text(0.985, 0.012, str(_seal(history, environment)), fontsize=9, color=_LINE, va="bottom",
                ha="right", fontweight="bold")  # fmt: skip
    return png_of(figure)


def _panels(figure: Figure, *, has_volume: bool) -> list[Axes]:
    edges = {"left": 0.085, "right": 0.985, "top": 0.84, "bottom": 0.13}
    if not has_volume:
        return [figure.subplots(1, 1, gridspec_kw=edges)]
    shape: dict[str, Any] = edges | {"height_ratios": (4, 1), "hspace": 0.24}
    return list(figure.subplots(2, 1, sharex=True, gridspec_kw=shape))


def _draw_prices(axes: Axes, history: History, bars: Sequence[Bar]) -> None:
    kind = history.request.data_type
    if kind in VOLATILITIES:
        axes.plot(range(len(bars)), [float(bar.close) for bar in bars], color=_INK, lw=1.3, label="close")
    elif kind == "BID_ASK":
        lows, highs = [float(bar.low) for bar in bars], [float(bar.high) for bar in bars]
        axes.vlines(range(len(bars)), lows, highs, colors=_LINE, lw=1.5, label="lowest bid to highest ask")
    else:
        _draw_candles(axes, bars)
    _draw_mean(axes, history, len(bars))


def _draw_candles(axes: Axes, bars: Sequence[Bar]) -> None:
    places = list(range(len(bars)))
    colours = [_UP if bar.close >= bar.open else _DOWN for bar in bars]
    axes.vlines(places, [float(b.low) for b in bars], [float(b.high) for b in bars], colors=_INK, lw=0.7)
    least = _least_body(bars)
    heights = [max(float(abs(bar.close - bar.open)), least) for bar in bars]
    feet = [float(min(bar.close, bar.open)) for bar in bars]
    axes.bar(places, heights, 0.7, feet, color=colours, edgecolor=_INK, linewidth=0.3, zorder=2)


def _least_body(bars: Sequence[Bar]) -> float:
    """The height at which an unchanged bar still shows: a small part of the whole range."""
    return float(max(bar.high for bar in bars) - min(bar.low for bar in bars)) / _SHORT_SPAN


def _draw_mean(axes: Axes, history: History, shown: int) -> None:
    length, known = history.sma[0]
    if known is None:
        return
    closes = [float(bar.close) for bar in history.bars]
    first = max(length - 1, len(closes) - shown)
    means = [sum(closes[at - length + 1 : at + 1]) / length for at in range(first, len(closes))]
    places = range(shown - len(means), shown)
    axes.plot(places, means, color=_MEAN, lw=1.3, label=f"mean of {SMA_LENGTHS[0]} closes", zorder=3)


def _label(figure: Figure, panels: Sequence[Axes], history: History, bars: Sequence[Bar]) -> None:
    request, prices = history.request, panels[0]
    newest = f", newest {len(bars)} bars" if len(bars) < len(history.bars) else ""
    figure.text(
        0.02, 0.957, title_of(history) + newest, color=_INK, fontsize=12.5, fontweight="bold", va="center"
    )
    prices.set_title(history.unit, loc="left", color=_LINE, fontsize=9.5, pad=5)
    if prices.get_legend_handles_labels()[1]:
        figure.legend(loc="upper left", bbox_to_anchor=(0.012, 0.928), frameon=False, fontsize=8.8,
                      labelcolor=_INK, ncols=3, borderaxespad=0)  # fmt: skip
    # None so near the end that its words would leave the picture.
    marks = list(range(0, len(bars) - len(bars) // (3 * _TICKS), max(1, len(bars) // _TICKS)))
    panels[-1].set_xticks(marks, [_when(history, bars[at]) for at in marks])
    panels[-1].set_xlabel("date" if request.is_daily else "New York time", fontsize=9.5, color=_LINE)
    for axes in panels:
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_color(_LINE)
        axes.tick_params(colors=_LINE, labelsize=9.5, length=0)
        axes.grid(axis="y", color=_LINE, alpha=0.18)
        axes.set_axisbelow(True)
        axes.tick_params(axis="x", pad=7)
        axes.margins(x=0.01)


def title_of(history: History) -> str:
    """What was asked for."""
    request = history.request
    return " · ".join((history.instrument.label, request.data_type, request.duration, request.bar_size))


def _seal(history: History, environment: str) -> Seal:
    return Seal(environment, f"{history.as_of.astimezone(NEW_YORK):%Y-%m-%d %H:%M} New York")


def _when(history: History, bar: Bar) -> str:
    form = "%Y-%m-%d" if history.request.is_daily else "%b %d %H:%M"
    return bar.start.astimezone(NEW_YORK).strftime(form)
