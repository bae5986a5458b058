"""The panels of a chart, drawn by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sumppump.drawing.chart import Chart, Curve, Panel
from sumppump.drawing.legend_png import draw_legend, look_of
from sumppump.drawing.palette import LIGHT, Tone
from sumppump.drawing.scales import tick_day

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _QUIET = LIGHT[Tone.INK], LIGHT[Tone.QUIET]
_CAPTION = 0.25
_MANY = 3
"""From so many panels over one axis on, only the last has numbers under it."""


def draw_panels(figure: Figure, chart: Chart, head: float) -> None:
    """The panels one above the other, `head` inches below the upper edge."""
    legend = draw_legend(figure, chart, head + 0.1)
    all_axes = _axes(figure, chart, head + legend + 0.5)
    for panel, axes in zip(chart.panels, all_axes, strict=True):
        _draw(axes, panel)
    labels = [panel.x.label for panel in chart.panels]
    for axes, label, after in zip(all_axes, labels, [*labels[1:], ""], strict=True):
        axes.set_xlabel("" if label == after else label, color=_QUIET, fontsize=9.5)
        axes.tick_params(axis="x", labelbottom=label != after or len(labels) < _MANY)


def _axes(figure: Figure, chart: Chart, top: float) -> list[Axes]:
    """Of every panel, as high as its weight, `top` inches below the upper edge."""
    wide, tall = figure.get_size_inches()
    bottom = 0.95 if chart.note else 0.8
    count, gap = len(chart.panels), _gap(chart)
    each = max(0.2, (tall - top - bottom - gap * (count - 1)) / count)
    grid = figure.add_gridspec(
        count, 1, height_ratios=[panel.weight for panel in chart.panels], hspace=gap / each,
        left=0.95 / wide, right=1 - _right(chart) / wide, top=1 - top / tall, bottom=bottom / tall,
    )  # fmt: skip
    return [figure.add_subplot(grid[at]) for at in range(count)]


def _gap(chart: Chart) -> float:
    """Inches between two panels: for the numbers and the name of an axis, as far as they stand there."""
    if len(chart.panels) >= _MANY:
        return 0.45
    return 0.8 if len({panel.x.label for panel in chart.panels}) > 1 else 0.62


def _right(chart: Chart) -> float:
    """Inches beside the panels: half of the widest number may stand under their end."""
    return max(0.3, 0.045 * max(len(panel.x.form(panel.span[1])) for panel in chart.panels))


def _draw(axes: Axes, panel: Panel) -> None:
    _prepare(axes, panel)
    _shades(axes, panel)
    for curve in panel.curves:
        _curve(axes, curve)
    _dots(axes, panel)
    _marks(axes, panel)
    _now(axes, panel)


def _prepare(axes: Axes, panel: Panel) -> None:
    axes.set_xlim(*panel.span)
    height = inches_of(axes)[1]
    axes.set_ylim(*panel.values(panel.margin(_CAPTION, height)))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_QUIET)
    axes.tick_params(colors=_QUIET, labelsize=9.5, length=0)
    axes.tick_params(axis="x", pad=7)  # or the lowest number of y would lie upon the first of x
    axes.yaxis.set_major_formatter(lambda value, _: panel.y.form(value))
    axes.xaxis.set_major_formatter(lambda value, _: panel.x.form(value))
    axes.locator_params(axis="y", nbins=max(2, min(8, int(height / 0.3))))
    axes.locator_params(
        axis="x", nbins=5 if panel.x.form is tick_day else 9, integer=panel.x.form is tick_day
    )
    axes.grid(axis="y", color=_QUIET, alpha=0.18, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_title(panel.y.label, loc="left", color=_QUIET, fontsize=9.5, pad=5)
    if panel.has_zero:
        axes.axhline(0, color=_INK, linewidth=1.0, alpha=0.7)


def _shades(axes: Axes, panel: Panel) -> None:
    for each in panel.ranges:
        axes.axvspan(each.low, each.high, color=_QUIET, alpha=0.12, linewidth=0)
    for place, ribbon in enumerate(panel.ribbons):
        axes.fill_betweenx(
            ribbon.ys,
            ribbon.lows,
            ribbon.highs,
            color=_QUIET,
            alpha=0.22 + 0.2 * place,
            linewidth=0,
        )


def _curve(axes: Axes, curve: Curve) -> None:
    for x, y in curve.singles:
        axes.plot(x, y, "o", color=LIGHT[curve.tone], markersize=4)
    runs = curve.signed if curve.is_signed else ((curve.tone, run) for run in curve.stretches)
    for tone, run in runs:
        xs, ys = zip(*run, strict=True)
        if curve.is_signed:
            axes.fill_between(xs, ys, 0, color=LIGHT[tone], alpha=0.16, linewidth=0)
        axes.plot(xs, ys, color=LIGHT[tone], **look_of(curve))


def _dots(axes: Axes, panel: Panel) -> None:
    for dots in panel.dots:
        axes.errorbar(
            dots.xs, dots.ys, yerr=dots.errors or None, fmt="o", markersize=3.2, elinewidth=1.0,
            color=LIGHT[dots.tone], alpha=0.8, clip_on=False,
        )  # fmt: skip


def _marks(axes: Axes, panel: Panel) -> None:
    (low, high), (least, most), (wide, tall) = axes.get_xlim(), axes.get_ylim(), inches_of(axes)
    words = 0.1 + 0.085 * max((len(each.words) for each in panel.marks), default=0)
    for each in panel.placed(words * (high - low) / wide, 0.2 * (most - least) / tall):
        at = (each.mark.x, each.mark.y)
        axes.plot(*at, "o", color=_INK, markersize=6, zorder=5)
        axes.annotate(
            each.mark.words, at, xytext=(7 if each.is_right else -7, 7 if each.is_above else -15),
            textcoords="offset points", ha="left" if each.is_right else "right", **_bold(9.5),
        )  # fmt: skip
    axes.text(0.012, 0.965, panel.top, va="top", transform=axes.transAxes, **_bold(11, Tone.PROFIT))
    axes.text(0.012, 0.03, panel.bottom, va="bottom", transform=axes.transAxes, **_bold(11, Tone.LOSS))


def _now(axes: Axes, panel: Panel) -> None:
    if panel.now is None or not panel.shows_now:
        return
    axes.axvline(panel.now, color=_INK, linewidth=1.2, linestyle=(0, (1, 2.4)), alpha=0.8)
    low, high = panel.span
    letters = inches_of(axes)[0] / 0.085
    least = (len(panel.y.label) + 2 + len(panel.now_words) / 2) / letters
    axes.annotate(
        panel.now_words, (max(least, (panel.now - low) / (high - low)), 1.0), xycoords="axes fraction",
        xytext=(0, 5), textcoords="offset points", ha="center", **_bold(9.5),
    )  # fmt: skip


def _bold(points: float, tone: Tone = Tone.INK) -> dict[str, Any]:
    """Bold words with a white rim, which keeps them legible upon curves."""
    # Loaded here for the same reason as in `png`.
    from matplotlib.patheffects import withStroke  # noqa: PLC0415

    rim = [withStroke(linewidth=3.2, foreground=LIGHT.ground, alpha=0.85)]
    return {"fontsize": points, "fontweight": "bold", "color": LIGHT[tone], "path_effects": rim}


def inches_of(axes: Axes) -> tuple[float, float]:
    """Width and height of the drawn part."""
    box = axes.get_window_extent()
    figure = axes.get_figure(root=True)
    dots = figure.dpi if figure is not None else 1.0
    return box.width / dots, box.height / dots
