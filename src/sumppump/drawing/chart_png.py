"""The panels of a chart, drawn by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sumppump.drawing.chart import Chart, Curve, Dash, Panel
from sumppump.drawing.palette import LIGHT, Tone
from sumppump.drawing.scales import tick_day

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _QUIET = LIGHT[Tone.INK], LIGHT[Tone.QUIET]
_DASHES: dict[Dash, Any] = {
    Dash.SOLID: "solid",
    Dash.DASHED: (0, (5, 2.6)),
    Dash.DOTTED: (0, (1.2, 2.2)),
    Dash.MIXED: (0, (5, 2, 1.2, 2)),
}


def draw_panels(figure: Figure, chart: Chart, head: float) -> None:
    """The panels one above the other, `head` inches below the upper edge."""
    wide, tall = figure.get_size_inches()
    names = _names(chart)
    columns = max(1, min(len(names), _columns(figure, names) if names else 1))
    legend = 0.19 * -(-len(names) // columns)
    top, bottom = head + legend + 0.5, 0.95 if chart.note else 0.8
    count, gap = len(chart.panels), 0.62
    each = max(0.2, (tall - top - bottom - gap * (count - 1)) / count)
    grid = figure.add_gridspec(
        count, 1, height_ratios=[panel.weight for panel in chart.panels], hspace=gap / each,
        left=0.95 / wide, right=1 - 0.3 / wide, top=1 - top / tall, bottom=bottom / tall,
    )  # fmt: skip
    all_axes = [figure.add_subplot(grid[at]) for at in range(count)]
    for panel, axes in zip(chart.panels, all_axes, strict=True):
        _draw(axes, panel)
    labels = [panel.x.label for panel in chart.panels]
    for axes, label, after in zip(all_axes, labels, [*labels[1:], ""], strict=True):
        axes.set_xlabel("" if label == after else label, color=_QUIET, fontsize=9.5)
    _legend(figure, all_axes, columns, 1 - (head + 0.1) / tall)


def _draw(axes: Axes, panel: Panel) -> None:
    _prepare(axes, panel)
    _shades(axes, panel)
    for curve in panel.curves:
        _curve(axes, curve)
    _dots(axes, panel)
    _marks(axes, panel)
    _now(axes, panel)


def _names(chart: Chart) -> list[str]:
    """What the legend names."""
    found: list[str] = []
    for panel in chart.panels:
        found += [each.label for each in panel.curves]
        found += [each.label for each in panel.dots]
        found += [each.label for each in panel.ranges]
        found += [each.label for each in panel.ribbons]
        found += [panel.mark_words] * bool(panel.marks)
    return [name for name in dict.fromkeys(found) if name]


def _prepare(axes: Axes, panel: Panel) -> None:
    axes.set_xlim(*panel.span)
    axes.set_ylim(*panel.values(0.18 if panel.top or panel.bottom else 0.1))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_QUIET)
    axes.tick_params(colors=_QUIET, labelsize=9.5, length=0)
    axes.yaxis.set_major_formatter(lambda value, _: panel.y.form(value))
    axes.xaxis.set_major_formatter(lambda value, _: panel.x.form(value))
    height = inches_of(axes)[1]
    axes.locator_params(axis="y", nbins=max(2, min(8, int(height / 0.3))))
    axes.locator_params(axis="x", nbins=6, integer=panel.x.form is tick_day)
    axes.grid(axis="y", color=_QUIET, alpha=0.18, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_title(panel.y.label, loc="left", color=_QUIET, fontsize=9.5, pad=5)
    if panel.has_zero:
        axes.axhline(0, color=_INK, linewidth=1.0, alpha=0.7)


def _shades(axes: Axes, panel: Panel) -> None:
    for each in panel.ranges:
        axes.axvspan(each.low, each.high, color=_QUIET, alpha=0.12, linewidth=0, label=each.label)
    for place, ribbon in enumerate(panel.ribbons):
        axes.fill_betweenx(
            ribbon.ys,
            ribbon.lows,
            ribbon.highs,
            color=_QUIET,
            alpha=0.22 + 0.2 * place,
            linewidth=0,
            label=ribbon.label,
        )


def _curve(axes: Axes, curve: Curve) -> None:
    for x, y in curve.singles:
        axes.plot(x, y, "o", color=LIGHT[curve.tone], markersize=4, label=curve.label)
    look = {"linewidth": 2.6 if curve.is_strong else 1.5, "linestyle": _DASHES[curve.dash]}
    if not curve.is_signed:
        for place, run in enumerate(curve.stretches):
            xs, ys = zip(*run, strict=True)
            axes.plot(xs, ys, color=LIGHT[curve.tone], label=curve.label if place == 0 else "", **look)
        return
    for place, (tone, run) in enumerate(curve.signed):
        xs, ys = zip(*run, strict=True)
        axes.fill_between(xs, ys, 0, color=LIGHT[tone], alpha=0.16, linewidth=0)
        axes.plot(xs, ys, color=LIGHT[tone], label=curve.label if place == 0 else "", **look)


def _dots(axes: Axes, panel: Panel) -> None:
    for dots in panel.dots:
        axes.errorbar(
            dots.xs, dots.ys, yerr=dots.errors or None, fmt="o", markersize=3.2, elinewidth=1.0,
            color=LIGHT[dots.tone], alpha=0.8, clip_on=False,
            label="" if dots.label in {curve.label for curve in panel.curves} else dots.label,
        )  # fmt: skip


def _marks(axes: Axes, panel: Panel) -> None:
    low, high = panel.span
    for place, each in enumerate(panel.placed(0.13 * (high - low))):
        at = (each.mark.x, each.mark.y)
        axes.plot(
            *zip(at, strict=True),
            "o",
            color=_INK,
            markersize=6,
            label=panel.mark_words if place == 0 else "",
            zorder=5,
        )
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


def _legend(figure: Figure, all_axes: list[Axes], columns: int, top: float) -> None:
    found = [pair for axes in all_axes for pair in zip(*axes.get_legend_handles_labels(), strict=True)]
    named = {label: handle for handle, label in reversed(found) if label}
    labels = list(named)[::-1]
    if labels:
        figure.legend(
            [named[label] for label in labels], labels, loc="upper left", bbox_to_anchor=(0.012, top),
            ncols=columns, frameon=False, fontsize=8.8, labelcolor=_INK, handlelength=2.4,
            columnspacing=1.4, borderaxespad=0,
        )  # fmt: skip


def _columns(figure: Figure, labels: list[str]) -> int:
    """How many entries of the legend stand beside each other: all of them where they fit."""
    room = float(figure.get_size_inches()[0]) - 0.3
    entries = [0.58 + 0.068 * len(label) for label in labels]
    return len(labels) if sum(entries) < room else max(1, int(room / max(entries)))


def inches_of(axes: Axes) -> tuple[float, float]:
    """Width and height of the drawn part."""
    box = axes.get_window_extent()
    figure = axes.get_figure(root=True)
    dots = figure.dpi if figure is not None else 1.0
    return box.width / dots, box.height / dots
