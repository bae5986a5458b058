"""The cells of a heat map, drawn by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sumppump.drawing.chart import HeatMap
from sumppump.drawing.chart_png import inches_of
from sumppump.drawing.heat_svg import cell_ground, longest_words
from sumppump.drawing.palette import HEAT_INK, LIGHT, Tone

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _QUIET = LIGHT[Tone.INK], LIGHT[Tone.QUIET]


def draw_heat(figure: Figure, heat: HeatMap, head: float) -> None:
    """The table of coloured cells, `head` inches below the upper edge."""
    wide, tall = figure.get_size_inches()
    left = 0.35 + 0.085 * max(map(len, heat.rows))
    bottom, top = (0.5 if heat.note else 0.35) / tall, 1 - (head + 0.62) / tall
    axes = figure.add_axes((left / wide, bottom, 1 - (left + 0.15) / wide, top - bottom))
    axes.set_xlim(0, len(heat.columns))
    axes.set_ylim(len(heat.rows), 0)
    axes.set_xticks([at + 0.5 for at in range(len(heat.columns))], heat.columns)
    axes.set_yticks([at + 0.5 for at in range(len(heat.rows))], heat.rows)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelsize=9.5, colors=_INK)
    axes.tick_params(axis="x", labelsize=_cell_points(axes, heat))
    axes.set_title(heat.heading, loc="left", color=_QUIET, fontsize=9.5, pad=22)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for row, cells in enumerate(heat.cells):
        for column, cell in enumerate(cells):
            _cell(axes, heat, row, column, cell)


def _cell(axes: Axes, heat: HeatMap, row: int, column: int, cell: float | None) -> None:
    # Loaded here for the same reason as in `png`.
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    is_here = heat.here == (row, column)
    axes.add_patch(
        Rectangle(
            (column + 0.015, row + 0.02), 0.97, 0.96, facecolor=cell_ground(heat, cell),
            edgecolor=_INK if is_here else LIGHT.ground, linewidth=2.0 if is_here else 0.0,
            zorder=2 + is_here,
        )
    )  # fmt: skip
    words = "–" if cell is None else heat.short(cell)
    axes.text(
        column + 0.5,
        row + 0.5,
        words,
        ha="center",
        va="center",
        fontsize=_cell_points(axes, heat),
        color=HEAT_INK,
        zorder=4,
    )


def _cell_points(axes: Axes, heat: HeatMap) -> float:
    """Size of letters that fit into the cells."""
    room = inches_of(axes)[0] / len(heat.columns)
    return max(4.5, min(9.5, room * 100 / longest_words(heat)))
