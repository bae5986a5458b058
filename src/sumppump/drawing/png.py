"""Pictures as PNG by matplotlib, on a white ground of their own, so that they read the same everywhere.

The first one takes a second, because matplotlib is loaded then; draw in a worker thread.
"""

from __future__ import annotations

import io
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sumppump.drawing.chart import Chart, HeatMap, Picture
from sumppump.drawing.chart_png import draw_panels
from sumppump.drawing.heat_png import draw_heat
from sumppump.drawing.palette import LIGHT, Tone

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INK, _QUIET = LIGHT[Tone.INK], LIGHT[Tone.QUIET]
_LINE_INCHES = 0.2
_COLOURS = 128


@dataclass(frozen=True, slots=True)
class Size:
    """Of a file: inches and dots an inch; letters keep their size in points."""

    wide: float
    tall: float
    dpi: int


LARGE = Size(9.6, 5.4, 150)
TALL = Size(9.6, 7.2, 150)
"""For charts of several panels."""


def picture_png(picture: Picture, *, size: Size | None = None) -> bytes:
    """The picture as a PNG; its size is 1440 by 810 pixels, or by 1080 with several tall panels."""
    figure = figure_of(size or _size_of(picture))
    head = _words(figure, picture)
    if isinstance(picture, HeatMap):
        draw_heat(figure, picture, head)
    else:
        draw_panels(figure, picture, head)
    return png_of(figure)


def png_of(figure: Figure) -> bytes:
    """A figure in 128 colours of its own: a quarter of the bytes of full colours, and written faster."""
    # Loaded here: they come with matplotlib.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    canvas: Any = FigureCanvasAgg(figure)  # matplotlib has no types for it
    canvas.draw()
    full = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba()).convert("RGB")
    few = full.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    content = io.BytesIO()
    few.save(content, "png")
    return content.getvalue()


def _size_of(picture: Picture) -> Size:
    is_tall = (
        isinstance(picture, Chart)
        and sum(panel.weight > 1 or not panel.ribbons for panel in picture.panels) > 1
    )
    return TALL if is_tall else LARGE


def figure_of(size: Size) -> Figure:
    # Loaded here: matplotlib costs half a second and most sessions draw nothing.
    import matplotlib  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    # Dollar signs are money here: text between two of them would be set as a formula.
    matplotlib.rcParams["text.parse_math"] = False
    return Figure(figsize=(size.wide, size.tall), dpi=size.dpi, facecolor=LIGHT.ground)


def _words(figure: Figure, picture: Picture) -> float:
    """Title, what is shown, and the seal; the height that they take, in inches."""
    wide, tall = figure.get_size_inches()
    lines = [(line, 12.5, "bold", _INK) for line in _wrapped(picture.title, wide * 9.0)]
    lines += [(line, 9.5, "normal", _QUIET) for line in _wrapped(picture.subtitle, wide * 13.2)]
    down = 0.12
    for words, points, weight, colour in lines:
        down += _LINE_INCHES
        figure.text(
            0.02, 1 - down / tall, words, fontsize=points, fontweight=weight, color=colour, va="center"
        )
        down += 0.02 + 0.02 * (weight == "bold")
    seal, low = str(picture.seal), 0.07 / tall
    figure.text(0.985, low, seal, fontsize=9, color=_QUIET, va="bottom", ha="right", fontweight="bold")
    for row, line in enumerate(_wrapped(picture.note, wide * 15 - 1.3 * len(seal))[::-1]):
        figure.text(0.02, low + 0.15 * row / tall, line, fontsize=8.5, color=_QUIET, va="bottom")
    return down


def _wrapped(words: str, letters: float) -> list[str]:
    """Two lines at most; what does not fit ends in dots."""
    return textwrap.wrap(words, int(letters), max_lines=2, placeholder=" …")
