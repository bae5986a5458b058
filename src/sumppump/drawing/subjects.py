"""The charts of risk and of the account, each from plain numbers that its owner computed.

Numbers of an array may be NaN where there is none: the curve has a gap there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sumppump.drawing.chart import Axis, Chart, Curve, Dash, Dots, HeatMap, Panel, Seal, gapped
from sumppump.drawing.palette import Tone
from sumppump.drawing.scales import (
    short_cash,
    tick_cash,
    tick_day,
    tick_fall,
    tick_figure,
    tick_move,
)

Numbers = Sequence[float]
LOOKS = (
    (Tone.FIRST, Dash.SOLID),
    (Tone.SECOND, Dash.DASHED),
    (Tone.THIRD, Dash.DOTTED),
    (Tone.FOURTH, Dash.MIXED),
)
"""Colour and dashes of the first, second, third and fourth curve of one chart: no two share either."""


def greeks_chart(
    title: str,
    over: Axis,
    xs: Numbers,
    greeks: dict[str, Numbers],
    *,
    units: dict[str, str],
    now: float | None,
    now_words: str,
    seal: Seal,
    subtitle: str = "",
    note: str = "",
) -> Chart:
    """Greeks over a price or a move, one panel each.

    Args:
        title: one line.
        over: the price or the move, with its unit.
        xs: its values, rising.
        greeks: by name, at most four, one figure for each x; NaN where there is none.
        units: by name, what stands over the panel: `theta, $ a day`.
        now: x where things stand, None where that is not known.
        now_words: over it.
        seal: environment and moment.
        subtitle: whose Greeks, and how they came about.
        note: what is left out.
    """
    panels = tuple(
        Panel(
            x=over,
            y=Axis(units[name], tick_figure),
            curves=(_curve(name, xs, greeks[name], place),),
            now=now,
            now_words=now_words if place == 0 else "",
        )
        for place, name in enumerate(greeks)
    )
    return Chart(
        title=title,
        subtitle=subtitle,
        panels=panels,
        seal=seal,
        summary=f"{title}: {', '.join(greeks)} from {over.form(min(xs))} to {over.form(max(xs))}.",
        note=note,
        has_legend=False,
    )


def scenario_map(
    title: str,
    *,
    moves_pct: Numbers,
    down: str,
    rows: Sequence[str],
    pnl: Sequence[Sequence[float | None]],
    seal: Seal,
    across: str = "move of the underlying",
    here: tuple[int, int] | None = None,
    subtitle: str = "",
    note: str = "",
) -> HeatMap:
    """P&L in $ by move of the underlying and by volatility or date.

    Args:
        title: one line.
        moves_pct: of the underlying, percent, rising: one column each.
        down: what the rows are, with the unit, for example `volatility, points`.
        rows: their heads, for example `+10` or `in 7 days`.
        pnl: by row, then column; NaN or None where there is none.
        seal: environment and moment.
        across: what moves.
        here: row and column of things as they are now.
        subtitle: what is repriced, and how.
        note: what is left out.
    """
    return HeatMap(
        title=title,
        subtitle=subtitle,
        across=across,
        down=down,
        columns=tuple(tick_move(move) for move in moves_pct),
        rows=tuple(rows),
        cells=tuple(gapped(row) for row in pnl),
        form=tick_cash,
        short=short_cash,
        unit="profit or loss in $",
        seal=seal,
        here=here,
        note=note,
    )


def pnl_chart(
    title: str,
    moves_pct: Numbers,
    curves: dict[str, Sequence[float | None]],
    *,
    seal: Seal,
    market: str = "the market",
    told: Numbers = (),
    subtitle: str = "",
    note: str = "",
) -> Chart:
    """P&L of a portfolio over moves of the market: the last curve is the one that matters most.

    Args:
        title: one line.
        moves_pct: percent, rising.
        curves: P&L in $ by name, at most four, one figure a move; NaN or None where there is none.
        seal: environment and moment.
        market: what moves.
        told: moves that the table lists; a few of the others where there are none.
        subtitle: what moves with what.
        note: what is left out.
    """
    xs, last = tuple(map(float, moves_pct)), list(curves)[-1]
    drawn = tuple(
        Curve(
            label=name,
            xs=xs,
            ys=gapped(pnl),
            dash=Dash.SOLID if name == last else LOOKS[1 + place % 3][1],
            is_strong=name == last,
            is_signed=name == last,
        )
        for place, (name, pnl) in enumerate(curves.items())
    )
    known = [y for curve in drawn for y in curve.ys if y is not None]
    return Chart(
        title=title,
        subtitle=subtitle,
        seal=seal,
        note=note,
        summary=f"{title}: from {tick_cash(min(known))} to {tick_cash(max(known))}." if known else title,
        panels=(
            Panel(
                x=Axis(f"move of {market} in %", tick_move),
                y=Axis("profit or loss in $", tick_cash),
                curves=drawn,
                now=0.0,
                now_words="now",
                told=tuple(map(float, told)),
            ),
        ),
    )


def equity_chart(
    title: str,
    days: Sequence[date],
    equity: Sequence[float | None],
    drawdown_pct: Sequence[float | None],
    *,
    seal: Seal,
    subtitle: str = "",
    note: str = "",
) -> Chart:
    """Equity over time, and beneath it how far it stands below its highest so far.

    Args:
        title: one line.
        days: rising.
        equity: $ on each day; NaN or None where it is not known.
        drawdown_pct: percent below the highest so far, 0 or less, likewise.
        seal: environment and moment.
        subtitle: what the values are.
        note: what the series leaves out.
    """
    xs, ys, drawdown = tuple(float(day.toordinal()) for day in days), gapped(equity), gapped(drawdown_pct)
    when = Axis("date", tick_day)
    worst = min((y for y in drawdown if y is not None), default=None)
    seen = [(x, y) for x, y in zip(xs, ys, strict=True) if y is not None]
    return Chart(
        title=title,
        subtitle=subtitle,
        seal=seal,
        note=note,
        summary=f"{title}: greatest drawdown {'not known' if worst is None else tick_fall(worst)}.",
        has_legend=False,
        panels=(
            Panel(
                x=when,
                y=Axis("equity in $", _plain_cash),
                curves=(Curve(label="equity", xs=xs, ys=ys, tone=Tone.FIRST),),
                dots=(_seen_days(seen),) if seen else (),
                has_zero=False,
                weight=2,
            ),
            Panel(
                x=when,
                y=Axis("below its highest, %", tick_fall),
                curves=(Curve(label="drawdown", xs=xs, ys=drawdown, tone=Tone.LOSS, is_signed=True),),
                bottom="" if worst is None else f"greatest drawdown {tick_fall(worst)}",
            ),
        ),
    )


def _seen_days(seen: Sequence[tuple[float, float]]) -> Dots:
    """A dot for each day that was seen: between two of them the line is only a link."""
    xs, ys = zip(*seen, strict=True)
    return Dots(label="equity", xs=xs, ys=ys, tone=Tone.FIRST)


def _curve(name: str, xs: Numbers, ys: Numbers, place: int) -> Curve:
    # Alone in its panel it needs no dashes.
    tone, _ = LOOKS[place % len(LOOKS)]
    return Curve(label=name, xs=tuple(map(float, xs)), ys=gapped(ys), tone=tone, is_strong=True)


def _plain_cash(value: float) -> str:
    return tick_cash(value).removeprefix("+")
