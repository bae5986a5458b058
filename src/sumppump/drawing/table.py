"""Pictures as text, for a model that cannot see them: the same figures, a few rows of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from sumppump.drawing.chart import Chart, Dots, HeatMap, Panel, Picture

T = TypeVar("T")
MOST_ROWS, MOST_DOTS = 9, 7
MISSING = "-"


def picture_table(picture: Picture) -> str:
    """Title, moment and figures as lines of columns separated by `|`; what is missing is `-`."""
    head = f"{picture.title} ({picture.seal})" if str(picture.seal) else picture.title
    body = _cells(picture) if isinstance(picture, HeatMap) else _panels(picture)
    return "\n".join((f"Picture: {head}", *body, *filter(None, (picture.note,))))


def _cells(picture: HeatMap) -> Iterator[str]:
    yield f"{picture.unit}; columns: {picture.across}; rows: {picture.down}"
    yield "|".join((picture.down, *picture.columns))
    for name, row in zip(picture.rows, picture.cells, strict=True):
        yield "|".join((name, *(MISSING if cell is None else picture.form(cell) for cell in row)))


def _panels(chart: Chart) -> Iterator[str]:
    for _, alike in groupby(chart.panels, key=lambda panel: panel.x.label):
        yield from _curves([panel for panel in alike if _has_figures(panel)])
    for panel in chart.panels:
        for ribbon in panel.ribbons:
            low, high = ribbon.lows[-1], ribbon.highs[-1]
            yield f"{ribbon.label}, at expiry: {panel.x.form(low)} to {panel.x.form(high)}"
        for dots in panel.dots:
            yield from _dots(panel, dots)


def _has_figures(panel: Panel) -> bool:
    return any(y is not None for curve in panel.curves for y in curve.ys)


def _curves(panels: Sequence[Panel]) -> Iterator[str]:
    """One table for panels over the same axis."""
    if not panels:
        return
    columns = [(panel.y, curve) for panel in panels for curve in panel.curves if curve.label]
    yield "; ".join(dict.fromkeys(panel.y.label for panel in panels))
    yield "|".join((panels[0].x.label, *(curve.label for _, curve in columns)))
    for x in sorted({place for panel in panels for place in _places(panel)}):
        values = ((axis, curve.at(x)) for axis, curve in columns)
        said = (MISSING if y is None else axis.form(round(y, 5)) for axis, y in values)
        yield "|".join((panels[0].x.form(x), *said))


def _dots(panel: Panel, dots: Dots) -> Iterator[str]:
    errors = dots.errors or (0.0,) * len(dots.xs)
    rows = thinned(list(zip(dots.xs, dots.ys, errors, strict=True)), MOST_DOTS)
    said = ", ".join(f"{panel.x.form(x)}: {panel.y.form(y)} ± {error:.2g}" for x, y, error in rows)
    yield f"{dots.label}: points ({panel.x.label}: {panel.y.label} ± error): {said}"


def _places(panel: Panel) -> list[float]:
    """A few places along x: the ends, what lies evenly between, every mark and now."""
    low, high = panel.span
    grid = sorted({x for curve in panel.curves for x in curve.xs})
    kept = set(panel.told or thinned(grid, MOST_ROWS))
    kept |= {mark.x for mark in panel.marks if low <= mark.x <= high}
    kept |= {panel.now} if panel.now is not None and panel.shows_now else set()
    return sorted(kept)


def thinned(rows: Sequence[T], most: int) -> list[T]:
    """At most so many of the rows, evenly, the first and the last among them."""
    if len(rows) <= most:
        return list(rows)
    return [rows[round(at * (len(rows) - 1) / (most - 1))] for at in range(most)]
