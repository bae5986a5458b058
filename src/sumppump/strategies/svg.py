"""The payoff picture as SVG, by hand: no script, nothing fetched, readable in light and dark.

Colours are Okabe and Ito's blue and vermilion, which colour-blind people tell apart; profit and loss
are also told by position and words. Everything carries presentation attributes, because a page whose
policy forbids inline styles must still show it; the style element serves the picture as an image.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from sumppump.strategies.drawing import Drawing, Line, nice_ticks, tick_cash, tick_price

PROFIT, LOSS = "#2b86c5", "#d9661f"
_STYLE = ".payoff{color:#1d2733}@media(prefers-color-scheme:dark){.payoff{color:#e4e8ee}}"
_FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_CAPTION, _TWO_NUMBERS = 22.0, 108.0
_DASHES = {"today": "2 4", "half-way": "7 4"}


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where prices and cash fall in the picture, in its own units."""

    drawing: Drawing
    width: float
    height: float
    left: float = 62.0
    right: float = 16.0
    top: float = 46.0
    bottom: float = 38.0

    @property
    def end(self) -> float:
        return self.width - self.right

    @property
    def floor(self) -> float:
        return self.height - self.bottom

    @property
    def cash(self) -> tuple[float, float]:
        # A caption needs 22 units beyond the curve, however low the picture is.
        room = self.floor - self.top
        return self.drawing.cash(max(0.16, _CAPTION / (room - 2 * _CAPTION)))

    def x(self, price: float) -> float:
        low, high = self.drawing.prices
        return self.left + (price - low) / (high - low) * (self.end - self.left)

    def y(self, cash: float) -> float:
        low, high = self.cash
        return self.floor - (cash - low) / (high - low) * (self.floor - self.top)

    def shows(self, price: float) -> bool:
        low, high = self.drawing.prices
        return low <= price <= high


def payoff_svg(drawing: Drawing, *, width: int = 640, height: int = 300, captions: bool = True) -> str:
    """The picture as one `svg` element, usable inline or as an image of its own.

    Args:
        drawing: what to show; its texts are escaped here.
        width: units of the view box; the element scales to the space it is given.
        height: likewise, at least 160.
        captions: whether maximum profit and loss are written into the picture.
    """
    frame = _Frame(drawing, float(width), float(height))
    summary = (
        f"{drawing.title}. Maximum loss {drawing.max_loss}, maximum profit {drawing.max_profit}, "
        f"breakeven {' and '.join(tick_price(price) for price in drawing.breakevens) or 'none'}."
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="payoff" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(summary)}" font-family="{escape(_FONT)}" font-size="11" fill="currentColor">',
        f"<title>{escape(summary)}</title><style>{_STYLE}</style>",
        *_grid(frame),
        *_areas(frame),
        *_spot(frame),
        *(_curve(frame, line) for line in drawing.lines[:-1]),
        *_expiry(frame),
        *_breakevens(frame),
        *(_bounds(frame) if captions else ()),
        *_legend(frame),
        "</svg>",
    ]
    return "".join(parts)


def _grid(frame: _Frame) -> Iterator[str]:
    low, high = frame.cash
    for cash in nice_ticks(low, high, 5):
        y = frame.y(cash)
        strength = 0.55 if cash == 0 else 0.13
        yield _rule(frame.left, y, frame.end, y, strength)
        yield _text(frame.left - 7, y + 3.5, tick_cash(cash), anchor="end", opacity=0.75)
    for price in nice_ticks(*frame.drawing.prices, 7):
        x = frame.x(price)
        yield _rule(x, frame.floor, x, frame.floor + 4, 0.4)
        yield _text(x, frame.floor + 16, tick_price(price), anchor="middle", opacity=0.75)
    middle = (frame.left + frame.end) / 2
    label = f"{frame.drawing.symbol} price in $"
    yield _text(middle, frame.height - 5, label, anchor="middle", opacity=0.6, size=10)


def _areas(frame: _Frame) -> Iterator[str]:
    """Profit and loss at expiry as two fills between the curve and zero."""
    zero = frame.y(0.0)
    for colour, keeps in ((PROFIT, max), (LOSS, min)):
        points = [(price, keeps(0.0, cash)) for price, cash in frame.drawing.expiry.with_zeros()]
        outline = " ".join(f"{frame.x(price):.1f},{frame.y(cash):.1f}" for price, cash in points)
        start, end = frame.x(points[0][0]), frame.x(points[-1][0])
        area = f"{start:.1f},{zero:.1f} {outline} {end:.1f},{zero:.1f}"
        yield f'<polygon points="{area}" fill="{colour}" fill-opacity="0.16"/>'


def _expiry(frame: _Frame) -> Iterator[str]:
    """The curve at expiry, in the colour of the side of zero that it is on."""
    run: list[tuple[float, float]] = []
    for point in frame.drawing.expiry.with_zeros():
        run.append(point)
        if point[1] == 0 and len(run) > 1:
            yield _strong(frame, run)
            run = [point]
    if len(run) > 1:
        yield _strong(frame, run)


def _strong(frame: _Frame, run: Sequence[tuple[float, float]]) -> str:
    colour = PROFIT if sum(cash for _, cash in run) >= 0 else LOSS
    points = " ".join(f"{frame.x(price):.1f},{frame.y(cash):.1f}" for price, cash in run)
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.6" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
    )


def _curve(frame: _Frame, line: Line) -> str:
    points = " ".join(
        f"{frame.x(price):.1f},{frame.y(cash):.1f}" for price, cash in zip(line.prices, line.pnl, strict=True)
    )
    dash = _DASHES.get(line.label, "4 4")
    return (
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-opacity="0.6" '
        f'stroke-width="1.4" stroke-dasharray="{dash}"/>'
    )


def _spot(frame: _Frame) -> Iterator[str]:
    spot = frame.drawing.spot
    if spot is None or not frame.shows(spot):
        return
    x = frame.x(spot)
    yield _rule(x, frame.top - 4, x, frame.floor, 0.5, dash="1 3", width=1.4)
    label = f"{frame.drawing.symbol} now {spot:,.2f}"
    yield _text(x, frame.top - 9, label, anchor=_anchor(frame, x), weight=600)


def _breakevens(frame: _Frame) -> Iterator[str]:
    y = frame.y(0.0)
    low, high = frame.drawing.prices
    for label in frame.drawing.breakeven_labels(_TWO_NUMBERS / (frame.end - frame.left) * (high - low)):
        x = frame.x(label.price)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6"/>'
        side, anchor = (1, "start") if label.is_right else (-1, "end")
        down = -7 if label.is_above else 14
        yield _text(x + 7 * side, y + down, tick_price(label.price), anchor=anchor, weight=600)


def _bounds(frame: _Frame) -> Iterator[str]:
    """Maximum profit and loss in words, in the upper and the lower corner."""
    yield _text(
        frame.left + 6,
        frame.top + 10,
        f"max profit {frame.drawing.max_profit}",
        colour=PROFIT,
        weight=700,
        size=12,
    )
    yield _text(
        frame.left + 6,
        frame.floor - 7,
        f"max loss {frame.drawing.max_loss}",
        colour=LOSS,
        weight=700,
        size=12,
    )


def _legend(frame: _Frame) -> Iterator[str]:
    """Which curve is which, along the top."""
    x = frame.left
    for line in frame.drawing.lines:
        is_last = line is frame.drawing.expiry
        look = (
            f'stroke="{PROFIT}" stroke-width="2.6"'
            if is_last
            else 'stroke="currentColor" stroke-opacity="0.6" stroke-width="1.4" '
            f'stroke-dasharray="{_DASHES.get(line.label, "4 4")}"'
        )
        yield f'<line x1="{x:.1f}" y1="14" x2="{x + 24:.1f}" y2="14" {look}/>'
        yield _text(x + 30, 17.5, line.label, opacity=0.85)
        x += 44 + 6.2 * len(line.label)
    yield _text(frame.end, 17.5, "● breakeven", anchor="end", opacity=0.85)


def _anchor(frame: _Frame, x: float) -> str:
    if x < frame.left + 60:
        return "start"
    return "end" if x > frame.end - 60 else "middle"


def _rule(
    x1: float, y1: float, x2: float, y2: float, opacity: float, *, dash: str = "", width: float = 1.0
) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="currentColor" '
        f'stroke-opacity="{opacity}" stroke-width="{width}"{dashed}/>'
    )


def _text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    colour: str = "currentColor",
    opacity: float = 1.0,
    weight: int = 400,
    size: int = 11,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" fill-opacity="{opacity}" '
        f'font-weight="{weight}" font-size="{size}">{escape(words)}</text>'
    )
