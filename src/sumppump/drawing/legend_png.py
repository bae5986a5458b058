"""The legend of a chart, drawn by matplotlib: a sample of each curve, dot and shade, and its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sumppump.drawing.chart import Chart, Curve, Dash
from sumppump.drawing.palette import LIGHT, Tone

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

_INK, _QUIET = LIGHT[Tone.INK], LIGHT[Tone.QUIET]
_ROW = 0.19
_DASHES: dict[Dash, Any] = {
    Dash.SOLID: "solid",
    Dash.DASHED: (0, (5, 2.6)),
    Dash.DOTTED: (0, (1.2, 2.2)),
    Dash.MIXED: (0, (5, 2, 1.2, 2)),
}


def draw_legend(figure: Figure, chart: Chart, head: float) -> float:
    """The legend, `head` inches below the upper edge; the inches that it takes."""
    from matplotlib.legend_handler import HandlerTuple  # noqa: PLC0415 - as in `png`

    entries, tall = _entries(chart), figure.get_size_inches()[1]
    if not entries:
        return 0.0
    columns = _columns(figure, list(entries))
    figure.legend(
        list(entries.values()), list(entries), loc="upper left", bbox_to_anchor=(0.012, 1 - head / tall),
        ncols=columns, frameon=False, fontsize=8.8, labelcolor=_INK, handlelength=2.4,
        columnspacing=1.4, borderaxespad=0, handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
    )  # fmt: skip
    return _ROW * -(-len(entries) // columns)


def look_of(curve: Curve) -> dict[str, Any]:
    """Width and dashes of a curve, as matplotlib names them."""
    return {"linewidth": 2.6 if curve.is_strong else 1.5, "linestyle": _DASHES[curve.dash]}


def _entries(chart: Chart) -> dict[str, Any]:
    """What the legend names, and a sample of each."""
    # Loaded here for the same reason as in `png`.
    from matplotlib.lines import Line2D  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    found: dict[str, Any] = {}
    for panel in chart.panels if chart.has_legend else ():
        for curve in panel.curves:
            lines = (Line2D([], [], color=LIGHT[tone], **look_of(curve)) for tone in curve.sides)
            found.setdefault(curve.label, tuple(lines))
        for dots in panel.dots:
            found.setdefault(dots.label, _dot(LIGHT[dots.tone], 3.2))
        for place, ribbon in enumerate(panel.ribbons):
            found[ribbon.label] = Patch(color=_QUIET, alpha=0.22 + 0.2 * place, linewidth=0)
        for each in panel.ranges:
            found.setdefault(each.label, Patch(color=_QUIET, alpha=0.12, linewidth=0))
        if panel.marks:
            found[panel.mark_words] = _dot(_INK, 6.0)
    return {name: sample for name, sample in found.items() if name}


def _dot(colour: str, size: float) -> Line2D:
    from matplotlib.lines import Line2D  # noqa: PLC0415 - as in `png`

    return Line2D([], [], color=colour, marker="o", markersize=size, linestyle="none")


def _columns(figure: Figure, labels: list[str]) -> int:
    """How many entries of the legend stand beside each other: all of them where they fit."""
    room = float(figure.get_size_inches()[0]) - 0.3
    entries = [0.58 + 0.068 * len(label) for label in labels]
    return len(labels) if sum(entries) < room else max(1, int(room / max(entries)))
