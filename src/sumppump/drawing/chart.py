"""A chart before it is drawn: curves, dots, ranges and marks on labelled axes, as plain numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from sumppump.drawing.palette import Tone
from sumppump.drawing.scales import Form, tick_price

Point = tuple[float, float]
Gapped = tuple[float | None, ...]


class Dash(StrEnum):
    """How a curve is broken; it tells curves apart without colours."""

    SOLID = "solid"
    DASHED = "dashed"
    DOTTED = "dotted"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Seal:
    """Where and when the figures are from: `SIM`, `PAPER` or `LIVE`, and the moment in words."""

    environment: str = ""
    as_of: str = ""

    def __str__(self) -> str:
        return " · ".join(filter(None, (self.environment, self.as_of and f"as of {self.as_of}")))


UNSEALED = Seal()
"""For a picture on a page that says both itself."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis counts, with its unit, and how its numbers are written."""

    label: str
    form: Form = tick_price


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line; x rises, a missing y is a gap.

    Attributes:
        is_strong: drawn thicker than the others.
        is_signed: gain above zero and loss below, in their colours and filled down to zero.
    """

    label: str
    xs: tuple[float, ...]
    ys: Gapped
    tone: Tone = Tone.INK
    dash: Dash = Dash.SOLID
    is_strong: bool = False
    is_signed: bool = False

    @property
    def stretches(self) -> list[list[Point]]:
        """The points between gaps, each stretch of at least two."""
        found: list[list[Point]] = [[]]
        for x, y in zip(self.xs, self.ys, strict=True):
            if y is None:
                found.append([])
            else:
                found[-1].append((x, y))
        return [each for each in found if len(each) > 1]

    @property
    def singles(self) -> list[Point]:
        """Points with gaps on both sides, which no line shows."""
        drawn = {x for stretch in self.stretches for x, _ in stretch}
        return [(x, y) for x, y in zip(self.xs, self.ys, strict=True) if y is not None and x not in drawn]

    @property
    def signed(self) -> Iterator[tuple[Tone, list[Point]]]:
        """The stretches cut where they cross zero, each in the colour of its side."""
        for stretch in self.stretches:
            run: list[Point] = []
            for point in with_zeros(stretch):
                run.append(point)
                if point[1] == 0 and len(run) > 1:
                    yield self._side(run), run
                    run = [point]
            if len(run) > 1:
                yield self._side(run), run

    @property
    def sides(self) -> tuple[Tone, ...]:
        """The colours that it is drawn in: loss and gain where it has both."""
        drawn = {tone for tone, _ in self.signed} if self.is_signed else {self.tone}
        return tuple(tone for tone in Tone if tone in drawn)[::-1] or (self.tone,)

    def _side(self, run: Sequence[Point]) -> Tone:
        total = sum(y for _, y in run)
        return self.tone if total == 0 else Tone.PROFIT if total > 0 else Tone.LOSS

    def at(self, x: float) -> float | None:
        """The value at x, straight between points; None in a gap or beyond the ends."""
        if x in self.xs:
            return self.ys[self.xs.index(x)]
        for (left, low), (right, high) in pairwise(zip(self.xs, self.ys, strict=True)):
            if left < x < right and low is not None and high is not None:
                return low + (high - low) * (x - left) / (right - left)
        return None

    def rises_at(self, x: float) -> bool:
        """Whether the curve goes up through x."""
        before = [y for place, y in zip(self.xs, self.ys, strict=True) if place < x and y is not None]
        after = [y for place, y in zip(self.xs, self.ys, strict=True) if place > x and y is not None]
        return bool(before and after) and after[0] >= before[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """Single points with their errors: half the length of each bar, 0 for none."""

    label: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    errors: tuple[float, ...] = ()
    tone: Tone = Tone.INK

    @property
    def bars(self) -> Iterator[tuple[float, float, float]]:
        """(x, lowest, highest) of those that have an error."""
        for x, y, error in zip(self.xs, self.ys, self.errors, strict=bool(self.errors)):
            if error > 0:
                yield x, y - error, y + error


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of the x axis, shaded over the whole height."""

    low: float
    high: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Ribbon:
    """For every y the x from a low to a high one: how a range widens."""

    label: str
    ys: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with a number beside it; `rises` says whether the curve goes up through it."""

    x: float
    y: float
    words: str
    rises: bool = True


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A mark whose number stands free: to the right or left of its point, below or above."""

    mark: Mark
    is_right: bool
    is_above: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One pair of axes and what is drawn between them.

    Attributes:
        now: x where things stand now, None where that is not known; `now_words` stands over it.
        top, bottom: words in the upper and lower left corner: the best and the worst, in their colours.
        has_zero: zero is always among what is shown, and its line is strong.
        mark_words: what the marks are, for the legend.
        weight: height among the panels of a chart.
        told: x of the rows of its table; a few of the curves' own where there are none.
    """

    x: Axis
    y: Axis
    curves: tuple[Curve, ...] = ()
    dots: tuple[Dots, ...] = ()
    ranges: tuple[Range, ...] = ()
    ribbons: tuple[Ribbon, ...] = ()
    marks: tuple[Mark, ...] = ()
    mark_words: str = ""
    now: float | None = None
    now_words: str = ""
    top: str = ""
    bottom: str = ""
    has_zero: bool = True
    weight: int = 1
    told: tuple[float, ...] = ()

    @property
    def span(self) -> Point:
        """Lowest and highest x of curves and dots, a little apart where there is but one."""
        places = [x for curve in self.curves for x in curve.xs] + [x for dots in self.dots for x in dots.xs]
        places += [x for ribbon in self.ribbons for x in (*ribbon.lows, *ribbon.highs)] if not places else []
        low, high = min(places, default=0.0), max(places, default=1.0)
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    def values(self, margin: float) -> Point:
        """Lowest and highest y shown, with `margin` of their distance at both ends."""
        shown = [y for curve in self.curves for y in curve.ys if y is not None]
        shown += [y for dots in self.dots for y in dots.ys]
        shown += [y for dots in self.dots for _, low, high in dots.bars for y in (low, high)]
        shown += [y for ribbon in self.ribbons for y in ribbon.ys]
        shown += [0.0] * self.has_zero
        low, high = min(shown, default=0.0), max(shown, default=1.0)
        room = margin * (high - low) if high > low else max(abs(high) * 0.1, 0.5)
        return low - room, high + room

    def placed(self, wide: float, tall: float) -> tuple[PlacedMark, ...]:
        """Where the words of the marks shown stand free of the curves and of each other.

        Below and towards the gain, or above and away from it: the curve of the mark itself passes through the
        other two corners. Which of the two, other curves decide.

        Args:
            wide: along x, what the words of a mark need.
            tall: along y, what a line of words needs.
        """
        low, high = self.span
        shown = [mark for mark in self.marks if low <= mark.x <= high]
        placed = [self._freest(mark, wide, tall) for mark in shown]
        for at, (left, right) in enumerate(pairwise(placed)):
            is_tight = right.mark.x - left.mark.x < 2 * wide
            if left.is_right and not right.is_right and is_tight:
                placed[at] = PlacedMark(left.mark, False, True)
                placed[at + 1] = PlacedMark(right.mark, True, True)
        return tuple(placed)

    def _freest(self, mark: Mark, wide: float, tall: float) -> PlacedMark:
        choices = (PlacedMark(mark, mark.rises, False), PlacedMark(mark, not mark.rises, True))
        return min(choices, key=lambda each: self._trouble(each, wide, tall))

    def _trouble(self, placed: PlacedMark, wide: float, tall: float) -> float:
        """How much stands where the words would: the end of the picture counts for more than any curve."""
        side, up = 1 if placed.is_right else -1, 1 if placed.is_above else -1
        x, y = placed.mark.x, placed.mark.y
        low, high = self.span
        leaves = not low <= x + side * wide <= high
        places = [x + side * wide * part for part in (0.25, 0.5, 0.75, 1.0)]
        met = (curve.at(place) for curve in self.curves for place in places)
        return 100.0 * leaves + sum(0 < up * (each - y) < 1.4 * tall for each in met if each is not None)

    def margin(self, caption: float, height: float) -> float:
        """The room beyond the curve that `values` takes: more where a caption stands there.

        Args:
            caption: height of a line of it.
            height: of the panel, in the same unit.
        """
        if not (self.top or self.bottom):
            return 0.1
        return max(0.16, caption / max(caption, height - 2 * caption))

    @property
    def shows_now(self) -> bool:
        """Whether the place of now is known and lies between the ends."""
        return self.now is not None and self.span[0] <= self.now <= self.span[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Panels under one title.

    Attributes:
        title, subtitle: one line each.
        summary: what is to be seen, in a sentence, for those who cannot see it.
        note: what the figures leave out or rest on, or "".
        has_legend: whether the names of the curves stand over the panels; not where each has its own panel.
    """

    title: str
    panels: tuple[Panel, ...]
    subtitle: str = ""
    seal: Seal = UNSEALED
    summary: str = ""
    note: str = ""
    has_legend: bool = True

    def __post_init__(self) -> None:
        if not any(panel.curves or panel.dots for panel in self.panels):
            raise ValueError("a chart needs a curve or a dot")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """A table of figures whose cells are coloured by gain and loss.

    Attributes:
        across, down: what the columns and rows are, with units. columns, rows: their heads.
        cells: by row, then column; None where there is no figure.
        form, short: how a figure is written in full, and in a cell.
        unit: of the figures. here: row and column of things as they are now.
    """

    title: str
    across: str
    down: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[Gapped, ...]
    form: Form
    short: Form
    unit: str
    subtitle: str = ""
    seal: Seal = UNSEALED
    here: tuple[int, int] | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not self.rows or not self.columns or len(self.cells) != len(self.rows):
            raise ValueError("a heat map needs a row of figures for each of its rows, and a column")
        if any(len(row) != len(self.columns) for row in self.cells):
            raise ValueError("a heat map needs a figure or None for each of its columns")

    @property
    def summary(self) -> str:
        """What is to be seen, in a sentence."""
        known = [cell for row in self.cells for cell in row if cell is not None]
        if not known:
            return f"{self.title}: no figure is known."
        return f"{self.title}: from {self.form(min(known))} to {self.form(max(known))}."

    @property
    def heading(self) -> str:
        """What moves, what the figures are, and what the frame around a cell says."""
        framed = "; framed: as things are now" if self.here else ""
        return f"{self.across} → · {self.down} ↓ · {self.unit}{framed}"

    def share(self, cell: float) -> float:
        """How strong a figure is beside the greatest, 0 to 1; weak ones are raised so that they show."""
        most = max(abs(each) for row in self.cells for each in row if each is not None)
        return math.sqrt(abs(cell) / most) if most else 0.0


Picture = Chart | HeatMap


def gapped(values: Iterable[float | None]) -> Gapped:
    """Numbers with None where there is none: NaN and infinities of an array are gaps."""
    return tuple(None if each is None or not math.isfinite(each) else float(each) for each in values)


def with_zeros(points: Sequence[Point]) -> list[Point]:
    """The points with the crossings of zero put in."""
    full = list(points[:1])
    for (left, low), (right, high) in pairwise(points):
        if low * high < 0:
            full.append((left + (right - left) * low / (low - high), 0.0))
        full.append((right, high))
    return full
