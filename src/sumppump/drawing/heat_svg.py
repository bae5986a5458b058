"""Heat maps as SVG: cells with their figures in them, so that no colour has to be told apart."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from sumppump.drawing.chart import HeatMap
from sumppump.drawing.palette import HEAT, HEAT_INK, NO_FIGURE, Tone, mixed
from sumppump.drawing.svg import FONT, STYLE, text

_TOP, _FOOT, _LETTER = 40.0, 22.0, 6.4


def heat_svg(heat: HeatMap, *, width: int = 640, height: int = 300) -> str:
    """The map as one `svg` element; at least 50 units for each column and 20 for each row."""
    summary = escape(heat.summary)
    size = _size(heat, width)
    left = 14 + _LETTER * max(map(len, heat.rows))
    wide = (width - left - 4) / len(heat.columns)
    tall = (height - _TOP - _FOOT) / len(heat.rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{summary}" font-family="{escape(FONT)}" font-size="11" fill="currentColor">',
        f"<title>{summary}</title><style>{STYLE}</style>",
        text(4, 14, heat.heading, opacity=0.8),
        *(
            text(left + wide * (at + 0.5), _TOP - 8, head, anchor="middle", weight=600, size=size)
            for at, head in enumerate(heat.columns)
        ),
        *_rows(heat, left, wide, tall, size),
        text(width - 4, height - 6, str(heat.seal), anchor="end", opacity=0.75, size=10),
        "</svg>",
    ]
    return "".join(parts)


def longest_words(heat: HeatMap) -> int:
    """Letters of the longest cell or head of a column."""
    cells = (heat.short(cell) for row in heat.cells for cell in row if cell is not None)
    return max(len(words) for words in (*heat.columns, *cells))


def _size(heat: HeatMap, width: int) -> int:
    """Letters that fit into the cells, 7 to 11 units."""
    room = (width - 80) / len(heat.columns)
    return int(min(11.0, max(7.0, room / (0.6 * longest_words(heat)))))


def cell_ground(heat: HeatMap, cell: float | None) -> str:
    """The colour of a cell, on which `HEAT_INK` is legible."""
    if cell is None:
        return NO_FIGURE
    return mixed(HEAT[Tone.PROFIT if cell > 0 else Tone.LOSS], heat.share(cell))


def _rows(heat: HeatMap, left: float, wide: float, tall: float, size: int) -> Iterator[str]:
    for row, (head, cells) in enumerate(zip(heat.rows, heat.cells, strict=True)):
        y = _TOP + row * tall
        yield text(left - 7, y + tall / 2 + 4, head, anchor="end", weight=600)
        for column, cell in enumerate(cells):
            x = left + column * wide
            edge = f' stroke="{HEAT_INK}" stroke-width="2.5"' if heat.here == (row, column) else ""
            yield (
                f'<rect x="{x + 1.5:.1f}" y="{y + 1.5:.1f}" width="{wide - 3:.1f}" height="{tall - 3:.1f}" '
                f'fill="{cell_ground(heat, cell)}"{edge}/>'
            )
            words = "–" if cell is None else heat.short(cell)
            yield (
                f'<text x="{x + wide / 2:.1f}" y="{y + tall / 2 + 4:.1f}" text-anchor="middle" '
                f'font-size="{size}" fill="{HEAT_INK}">{escape(words)}</text>'
            )
