"""Charts as SVG, by hand: no script, nothing fetched, readable in light and dark.

Everything carries presentation attributes, because a page whose policy forbids inline styles must still show
it; the style element serves the picture as an image and sharpens its colours for a light or a dark ground.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from sumppump.drawing.chart import Chart, Curve, Dash, Panel, PlacedMark, Point, Ribbon, with_zeros
from sumppump.drawing.palette import DARK, EITHER, LIGHT, Palette, Tone
from sumppump.drawing.scales import nice_ticks

FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_CAPTION, _LETTER = 22.0, 6.2
_HEAD, _ROW, _FOOT, _SEAL, _BETWEEN = 12.0, 16.0, 38.0, 14.0, 40.0
_STRONG, _THIN = 2.6, 1.4
DASHES = {Dash.SOLID: "", Dash.DASHED: "7 4", Dash.DOTTED: "2 4", Dash.MIXED: "7 3 2 3"}


@dataclass(frozen=True, slots=True)
class Frame:
    """Where x and y of one panel fall in the picture, in its own units."""

    panel: Panel
    left: float
    end: float
    top: float
    floor: float

    @property
    def values(self) -> Point:
        """Lowest and highest y; captions get room beyond the curve, however low the panel is."""
        return self.panel.values(self.panel.margin(_CAPTION, self.floor - self.top))

    def x(self, place: float) -> float:
        """Along the picture."""
        low, high = self.panel.span
        return self.left + (place - low) / (high - low) * (self.end - self.left)

    def y(self, value: float) -> float:
        """Down the picture."""
        low, high = self.values
        return self.floor - (value - low) / (high - low) * (self.floor - self.top)


def chart_svg(chart: Chart, *, width: int = 640, height: int = 300) -> str:
    """The chart as one `svg` element, usable inline or as an image of its own.

    Args:
        chart: what to show; its texts are escaped here.
        width: units of the view box; the element scales to the space it is given.
        height: likewise, at least 150 for each panel.
    """
    summary = escape(chart.summary or chart.title)
    legend, rows = _legend(chart, width)
    frames = _frames(chart, float(width), float(height), _HEAD + _ROW * rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{summary}" font-family="{escape(FONT)}" font-size="11" fill="currentColor">',
        f"<title>{summary}</title><style>{STYLE}</style>",
        *legend,
        *(part for frame in frames for part in _panel(frame)),
        text((frames[0].left + frames[0].end) / 2, _x_label_y(chart, height), frames[-1].panel.x.label,
             anchor="middle", opacity=0.75, size=10),
        text(width - 4, height - 4, str(chart.seal), anchor="end", opacity=0.75, size=10),
        "</svg>",
    ]  # fmt: skip
    return "".join(parts)


def _style(palette: Palette) -> str:
    return f".picture{{color:{palette[Tone.INK]}}}" + "".join(
        f".t-{tone}{{color:{palette[tone]}}}" for tone in Tone if tone not in (Tone.INK, Tone.QUIET)
    )


STYLE = f"{_style(LIGHT)}@media(prefers-color-scheme:dark){{{_style(DARK)}}}"


def tinted(tone: Tone) -> str:
    """Attributes that give an element its tone; ink is the page's own."""
    return "" if tone in (Tone.INK, Tone.QUIET) else f' class="t-{tone}" color="{EITHER[tone]}"'


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    tone: Tone = Tone.INK,
    opacity: float = 1.0,
    weight: int = 400,
    size: int = 11,
) -> str:
    """One text element, escaped; nothing for no words."""
    if not words:
        return ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor"{tinted(tone)} '
        f'fill-opacity="{opacity}" font-weight="{weight}" font-size="{size}">{escape(words)}</text>'
    )


def rule(
    x1: float, y1: float, x2: float, y2: float, opacity: float, *, dash: str = "", width: float = 1.0
) -> str:
    """One straight line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="currentColor" '
        f'stroke-opacity="{opacity}" stroke-width="{width}"{dashed}/>'
    )


def _x_label_y(chart: Chart, height: int) -> float:
    return height - 5 - (_SEAL if str(chart.seal) else 0)


def _frames(chart: Chart, width: float, height: float, head: float) -> list[Frame]:
    """One frame a panel, one above the other, as high as their weights."""
    foot = _FOOT + (_SEAL if str(chart.seal) else 0)
    weights = [panel.weight for panel in chart.panels]
    room = height - head - _ROW - foot - _BETWEEN * (len(weights) - 1)
    left = 12 + _LETTER * max(len(each) for panel in chart.panels for each in _y_words(panel))
    frames, top = list[Frame](), head + _ROW
    for panel, weight in zip(chart.panels, weights, strict=True):
        floor = top + room * weight / sum(weights)
        frames.append(Frame(panel, max(44.0, left), width - 16, top, floor))
        top = floor + _BETWEEN
    return frames


def _y_words(panel: Panel) -> list[str]:
    return [panel.y.form(value) for value in nice_ticks(*panel.values(0.1), 5)] or [""]


def _panel(frame: Frame) -> Iterator[str]:
    panel = frame.panel
    yield from _grid(frame)
    yield from _ranges(frame)
    yield from (_ribbon(frame, ribbon, place) for place, ribbon in enumerate(panel.ribbons))
    yield from (part for curve in panel.curves if curve.is_signed for part in _areas(frame, curve))
    yield from _now(frame)
    yield from (part for curve in panel.curves for part in _curve(frame, curve))
    yield from _dots(frame)
    yield from _marks(frame)
    yield text(frame.left + 6, frame.top + 10, panel.top, tone=Tone.PROFIT, weight=700, size=12)
    yield text(frame.left + 6, frame.floor - 7, panel.bottom, tone=Tone.LOSS, weight=700, size=12)


def _grid(frame: Frame) -> Iterator[str]:
    panel = frame.panel
    yield text(4, frame.top - 8, panel.y.label, opacity=0.75, size=10)
    for value in nice_ticks(*frame.values, max(2, min(5, int((frame.floor - frame.top) / 30)))):
        y = frame.y(value)
        yield rule(frame.left, y, frame.end, y, 0.55 if value == 0 and panel.has_zero else 0.13)
        yield text(frame.left - 7, y + 3.5, panel.y.form(value), anchor="end", opacity=0.8)
    for place in _x_ticks(frame):
        x = frame.x(place)
        yield rule(x, frame.floor, x, frame.floor + 4, 0.4)
        words = panel.x.form(place)
        free = min(x, frame.end + 14 - _LETTER * len(words) / 2)
        yield text(free, frame.floor + 16, words, anchor="middle", opacity=0.8)


def _x_ticks(frame: Frame) -> Sequence[float]:
    """As many as their words have room for."""
    panel, room = frame.panel, frame.end - frame.left
    longest = max(len(panel.x.form(end)) for end in panel.span)
    ticks = nice_ticks(*panel.span, max(2, min(7, int(room / (_LETTER * longest + 18)))))
    return list({panel.x.form(place): place for place in ticks}.values())


def _ranges(frame: Frame) -> Iterator[str]:
    for each in frame.panel.ranges:
        low, high = (
            frame.x(min(max(place, frame.panel.span[0]), frame.panel.span[1]))
            for place in (each.low, each.high)
        )
        yield (
            f'<rect x="{low:.1f}" y="{frame.top:.1f}" width="{high - low:.1f}" '
            f'height="{frame.floor - frame.top:.1f}" fill="currentColor" fill-opacity="0.07"/>'
        )


def _ribbon(frame: Frame, ribbon: Ribbon, place: int) -> str:
    up = [(x, y) for x, y in zip(ribbon.lows, ribbon.ys, strict=True)]
    down = [(x, y) for x, y in zip(ribbon.highs, ribbon.ys, strict=True)][::-1]
    points = _points(frame, [*up, *down])
    return f'<polygon points="{points}" fill="currentColor" fill-opacity="{0.12 + 0.12 * place:.2f}"/>'


def _areas(frame: Frame, curve: Curve) -> Iterator[str]:
    """Gain and loss as two fills between the curve and zero."""
    for stretch in curve.stretches:
        full = with_zeros(stretch)
        for tone, keeps in ((Tone.PROFIT, max), (Tone.LOSS, min)):
            outline = [(x, keeps(0.0, y)) for x, y in full]
            points = _points(frame, [(full[0][0], 0.0), *outline, (full[-1][0], 0.0)])
            yield f'<polygon points="{points}" fill="currentColor"{tinted(tone)} fill-opacity="0.16"/>'


def _curve(frame: Frame, curve: Curve) -> Iterator[str]:
    runs = curve.signed if curve.is_signed else ((curve.tone, run) for run in curve.stretches)
    yield from (_line(frame, run, tone, curve) for tone, run in runs)
    for x, y in curve.singles:
        yield _dot(frame, x, y, curve.tone)


def _line(frame: Frame, run: Sequence[Point], tone: Tone, curve: Curve) -> str:
    return (
        f'<polyline points="{_points(frame, run)}" fill="none"{tinted(tone)} {_stroke(curve)} '
        'stroke-linejoin="round" stroke-linecap="round"/>'
    )


def _stroke(curve: Curve) -> str:
    dash = DASHES[curve.dash]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    opacity = 0.7 if curve.tone is Tone.INK and not curve.is_strong else 1
    return (
        f'stroke="currentColor" stroke-opacity="{opacity}" '
        f'stroke-width="{_STRONG if curve.is_strong else _THIN}"{dashed}'
    )


def _points(frame: Frame, run: Sequence[Point]) -> str:
    return " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in run)


def _now(frame: Frame) -> Iterator[str]:
    panel = frame.panel
    if panel.now is None or not panel.shows_now:
        return
    x = frame.x(panel.now)
    yield rule(x, frame.top - 4, x, frame.floor, 0.6, dash="1 3", width=1.4)
    half = _LETTER * len(panel.now_words) / 2
    free = min(max(x, 8 + 5.4 * len(panel.y.label) + half), frame.end + 12 - half)
    yield text(free, frame.top - 8, panel.now_words, anchor="middle", weight=600)


def _dots(frame: Frame) -> Iterator[str]:
    for dots in frame.panel.dots:
        for x, low, high in dots.bars:
            bar = rule(frame.x(x), frame.y(low), frame.x(x), frame.y(high), 0.7)
            yield f"<g{tinted(dots.tone)}>{bar}</g>"
        for x, y in zip(dots.xs, dots.ys, strict=True):
            yield _dot(frame, x, y, dots.tone)


def _dot(frame: Frame, x: float, y: float, tone: Tone) -> str:
    at = f'cx="{frame.x(x):.1f}" cy="{frame.y(y):.1f}"'
    return f'<circle {at} r="2.4" fill="currentColor"{tinted(tone)}/>'


def _marks(frame: Frame) -> Iterator[str]:
    (low, high), (least, most) = frame.panel.span, frame.values
    words = 7 + _LETTER * max((len(each.words) for each in frame.panel.marks), default=0)
    wide = words / (frame.end - frame.left) * (high - low)
    for placed in frame.panel.placed(wide, 14 / (frame.floor - frame.top) * (most - least)):
        yield from _mark(frame, placed)


def _mark(frame: Frame, placed: PlacedMark) -> Iterator[str]:
    x, y = frame.x(placed.mark.x), frame.y(placed.mark.y)
    side, anchor = (1, "start") if placed.is_right else (-1, "end")
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6"/>'
    yield text(
        x + 7 * side, y + (-7 if placed.is_above else 14), placed.mark.words, anchor=anchor, weight=600
    )


def _legend(chart: Chart, width: int) -> tuple[list[str], int]:
    """Which curve is which, along the top, in as many rows as it takes."""
    parts, x, row = list[str](), 8.0, 0
    for sample, words in _entries(chart) if chart.has_legend else ():
        needed = 40 + 5.6 * len(words)
        if x > 8 and x + needed > width + 8:
            x, row = 8.0, row + 1
        y = 14 + _ROW * row
        parts.append(
            f'<g transform="translate({x:.1f} {y:.1f})">{sample}{text(30, 3.5, words, opacity=0.9)}</g>'
        )
        x += needed
    return parts, row + 1


def _entries(chart: Chart) -> Iterator[tuple[str, str]]:
    """A sample of each kind of thing that is drawn, and its name."""
    for panel in chart.panels:
        for curve in panel.curves:
            if curve.label:
                yield _sample(curve), curve.label
        for dots in panel.dots:
            if dots.label not in ("", *(curve.label for curve in panel.curves)):
                yield f'<circle cx="12" r="2.4" fill="currentColor"{tinted(dots.tone)}/>', dots.label
        for each in panel.ranges:
            if each.label:
                yield _swatch(0.1), each.label
        for place, ribbon in enumerate(panel.ribbons):
            yield _swatch(0.12 + 0.12 * place), ribbon.label
        if panel.marks and panel.mark_words:
            yield '<circle cx="12" r="3.6"/>', panel.mark_words


def _sample(curve: Curve) -> str:
    """A piece of the line, in both colours where it has two."""
    wide = 24 / len(curve.sides)
    return "".join(
        f'<line x1="{wide * at:.0f}" x2="{wide * (at + 1):.0f}"{tinted(tone)} {_stroke(curve)}/>'
        for at, tone in enumerate(curve.sides)
    )


def _swatch(opacity: float) -> str:
    return f'<rect y="-6" width="24" height="12" fill="currentColor" fill-opacity="{opacity:.2f}"/>'
