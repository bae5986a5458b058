"""Pictures for answers: drawn in a worker thread, kept under the home folder, shown only on request.

An ordinary answer names the file. With a draft or a look at volatility, which ask the market first, it lies
there when the answer comes; where the figures take milliseconds, it is drawn behind the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import anyio.to_thread
from loguru import logger

from sumppump.drawing.chart import Picture, Seal
from sumppump.drawing.png import picture_png
from sumppump.drawing.table import picture_table
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import StoreFailed
from sumppump.server.desk import Desk
from sumppump.server.views import Answer, Pictured

A = TypeVar("A", bound=Answer)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A PNG, and the same figures in a few rows of text for a model that cannot see them."""

    png: bytes
    table: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """A picture that can be drawn.

    Attributes:
        name: of its file, without ending; the same name replaces what was there.
        draw: computes what is shown and draws it; run in a worker thread.
        drawn: fields of the answer that the picture shows instead of the text.
    """

    name: str
    draw: Callable[[], Drawing]
    drawn: frozenset[str] = frozenset()


def seal_of(desk: Desk, at: datetime) -> Seal:
    """Environment and moment of a picture's figures."""
    return Seal(desk.environment.value, f"{at.astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S} New York")


async def with_picture(
    desk: Desk, answer: A, sketched: Sketch | None, *, as_chart: bool, at_once: bool = False
) -> A | Pictured:
    """The answer with the name of its picture in `chart`, or with the picture itself.

    Args:
        desk: whose charts it joins.
        answer: has a field `chart`.
        sketched: what is drawn; None where there is nothing to draw.
        as_chart: the picture goes out with the answer.
        at_once: without `as_chart` too, the answer waits until the picture lies where it says.
    """
    if sketched is None:
        return answer
    if not (as_chart or at_once):
        desk.easel.hang(sketched.name, lambda: _kept(desk, sketched))
        return answer.model_copy(update={"chart": desk.charts.path(sketched.name)})
    drawing, path = await anyio.to_thread.run_sync(_kept, desk, sketched)
    named = answer.model_copy(update={"chart": path})
    return Pictured(named, drawing.png, sketched.drawn, drawing.table) if as_chart else named


def sketch(name: str, make: Callable[[], Picture], drawn: frozenset[str] = frozenset()) -> Sketch:
    """The sketch of a picture; the first one of a process loads matplotlib, which takes a second."""

    def draw() -> Drawing:
        picture = make()
        return Drawing(picture_png(picture), picture_table(picture))

    return Sketch(name, draw, drawn)


def _kept(desk: Desk, sketched: Sketch) -> tuple[Drawing, str | None]:
    """Draw and keep: the drawing and its path, None where it could not be kept."""
    drawing = sketched.draw()
    # A full disk costs the file, never the figures.
    try:
        return drawing, desk.charts.write_png(sketched.name, drawing.png)
    except (StoreFailed, OSError) as error:
        logger.warning("the picture {} could not be kept: {}", sketched.name, error)
        return drawing, None
