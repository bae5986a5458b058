"""Payoff pictures: SVG for the approval page, PNG for answers and files."""

from __future__ import annotations

import io
from typing import Any

from sumppump.strategies.drafts import Draft
from sumppump.strategies.drawing import Drawing, tick_cash, tick_price
from sumppump.strategies.svg import LOSS, PROFIT, payoff_svg

__all__ = ["Drawing", "payoff_png", "payoff_svg"]

_INK, _QUIET, _BAND = "#1d2733", "#6b7683", "#8f9bab"
_STYLES = {"today": (0, (1.2, 2.2)), "half-way": (0, (5, 2.6))}
_INCHES, _DPI = (9.6, 5.4), 150


def payoff_png(picture: Draft | Drawing) -> bytes:
    """The payoff as a PNG, 1440 × 810 pixels: today, half-way, at expiry; breakevens, spot, likely range.

    Takes a second the first time, because matplotlib is loaded then; call it in a worker thread.

    Raises:
        ValueError: there is no curve to draw.
    """
    drawing = Drawing.of_draft(picture) if isinstance(picture, Draft) else picture
    # Loaded here: matplotlib costs half a second and most sessions draw nothing.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=_INCHES, dpi=_DPI, facecolor="white")
    axes = figure.add_axes((0.085, 0.115, 0.89, 0.69))
    _prepare(axes, drawing)
    _curves(axes, drawing)
    _marks(axes, drawing)
    _words(figure, axes, drawing)
    content = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(content, format="png")
    return content.getvalue()


def _prepare(axes: Any, drawing: Drawing) -> None:  # noqa: ANN401 - matplotlib has no types
    axes.set_xlim(*drawing.prices)
    axes.set_ylim(*drawing.cash())
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_QUIET)
    axes.tick_params(colors=_QUIET, labelsize=9.5, length=0)
    axes.yaxis.set_major_formatter(lambda value, _: tick_cash(value))
    axes.xaxis.set_major_formatter(lambda value, _: tick_price(value))
    axes.grid(axis="y", color=_QUIET, alpha=0.18, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"{drawing.symbol} price in $", color=_QUIET, fontsize=9.5)
    axes.axhline(0, color=_INK, linewidth=1.0, alpha=0.7)
    if drawing.band is not None:
        axes.axvspan(*drawing.band, color=_BAND, alpha=0.13, linewidth=0, label="68 % range at expiry")


def _curves(axes: Any, drawing: Drawing) -> None:  # noqa: ANN401
    for line in drawing.lines[:-1]:
        style = _STYLES.get(line.label, "dashed")
        axes.plot(
            line.prices, line.pnl, color=_INK, alpha=0.65, linewidth=1.5, linestyle=style, label=line.label
        )
    prices, pnl = drawing.expiry.prices, drawing.expiry.pnl
    gains, losses = [max(0.0, cash) for cash in pnl], [min(0.0, cash) for cash in pnl]
    axes.fill_between(prices, gains, 0, color=PROFIT, alpha=0.16, linewidth=0)
    axes.fill_between(prices, losses, 0, color=LOSS, alpha=0.16, linewidth=0)
    full = drawing.expiry.with_zeros()
    places, cash = [price for price, _ in full], [value for _, value in full]
    above = [value if value >= 0 else float("nan") for value in cash]
    below = [value if value <= 0 else float("nan") for value in cash]
    axes.plot(places, above, color=PROFIT, linewidth=2.8, solid_capstyle="round", label=drawing.expiry.label)
    axes.plot(places, below, color=LOSS, linewidth=2.8, solid_capstyle="round")


def _marks(axes: Any, drawing: Drawing) -> None:  # noqa: ANN401
    # Loaded here for the same reason as in `payoff_png`; a white rim keeps figures legible upon curves.
    from matplotlib.patheffects import withStroke  # noqa: PLC0415

    halo = [withStroke(linewidth=3.2, foreground="white", alpha=0.85)]
    low, high = drawing.prices
    for place, each in enumerate(drawing.breakeven_labels(0.13 * (high - low))):
        label = "breakeven" if place == 0 else None
        axes.plot([each.price], [0], "o", color=_INK, markersize=6, label=label, zorder=5)
        axes.annotate(
            tick_price(each.price),
            (each.price, 0),
            xytext=(7 if each.is_right else -7, 7 if each.is_above else -15),
            textcoords="offset points",
            ha="left" if each.is_right else "right",
            fontsize=9.5,
            fontweight="bold",
            color=_INK,
            path_effects=halo,
        )
    if drawing.spot is not None and low <= drawing.spot <= high:
        axes.axvline(drawing.spot, color=_INK, linewidth=1.2, linestyle=(0, (1, 2.4)), alpha=0.8)
        axes.annotate(
            f"{drawing.symbol} now {drawing.spot:,.2f}",
            (drawing.spot, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            fontsize=9.5,
            fontweight="bold",
            color=_INK,
        )


def _words(figure: Any, axes: Any, drawing: Drawing) -> None:  # noqa: ANN401
    figure.text(0.03, 0.955, drawing.title, fontsize=13, fontweight="bold", color=_INK, va="center")
    figure.text(0.03, 0.91, drawing.subtitle, fontsize=9.5, color=_QUIET, va="center")
    # Loaded here for the same reason as in `payoff_png`.
    from matplotlib.patheffects import withStroke  # noqa: PLC0415

    halo = [withStroke(linewidth=3.2, foreground="white", alpha=0.85)]
    corner = {"transform": axes.transAxes, "fontsize": 11, "fontweight": "bold", "path_effects": halo}
    axes.text(0.012, 0.965, f"max profit {drawing.max_profit}", color=PROFIT, va="top", **corner)
    axes.text(0.012, 0.03, f"max loss {drawing.max_loss}", color=LOSS, va="bottom", **corner)
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 1.06),
        ncols=5,
        frameon=False,
        fontsize=8.8,
        labelcolor=_INK,
        handlelength=2.2,
        columnspacing=1.4,
        borderaxespad=0,
    )
