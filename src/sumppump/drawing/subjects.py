"""The charts of risk and of the account, each from plain numbers that its owner computed.

Numbers of an array may be NaN where there is none: the curve has a gap there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sumppump.drawing.chart import Axis, Chart, Curve, Dash, HeatMap, Panel, Seal, gapped
from sumppump.drawing.palette import Tone
from sumppump.drawing.scales import short_cash, tick_cash, tick_day, tick_figure, tick_move, tick_price

Numbers = Sequence[float]
LOOKS = (
    (Tone.FIRST, Dash.SOLID),
    (Tone.SECOND, Dash.DASHED),
    (Tone.THIRD, Dash.DOTTED),
    (Tone.FOURTH, Dash.MIXED),
)
"""Colour and dashes of the first, second, third and fourth curve of one chart: no two share either."""
GREEKS = (
    ("delta", "delta, shares"),
    ("gamma", "gamma, shares per $1"),
    ("theta", "theta, $ a day"),
    ("vega", "vega, $ per vol point"),
)
"""Greeks of a whole position and their units, as the answers name them."""


def greeks_chart(
    symbol: str,
    prices: Numbers,
    greeks: dict[str, Numbers],
    *,
    spot: float | None,
    seal: Seal,
    title: str = "",
    note: str = "",
) -> Chart:
    """Greeks of a position over the underlying's price, one panel each.

    Args:
        symbol: the underlying.
        prices: of the underlying in $, rising.
        greeks: by name (`delta`, `gamma`, `theta`, `vega`), of the whole position, one for each price.
        spot: the underlying's price now, None where it is not known.
        seal: environment and moment.
        title: one line; else the symbol.
        note: what is left out.
    """
    known = [(name, words) for name, words in GREEKS if name in greeks]
    panels = tuple(
        Panel(
            x=Axis(f"{symbol} price in $"),
            y=Axis(words, tick_figure),
            curves=(_curve(name, prices, greeks[name], place),),
            now=spot,
            now_words=f"{symbol} now {spot:,.2f}" if spot is not None and place == 0 else "",
        )
        for place, (name, words) in enumerate(known)
    )
    names = ", ".join(name for name, _ in known)
    return Chart(
        title=title or f"{symbol}: Greeks over the price",
        subtitle=f"{names} of the whole position, repriced at each price",
        panels=panels,
        seal=seal,
        summary=f"{names} of {symbol} for prices {_span(prices)}.",
        note=note,
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
    subtitle: str = "",
    note: str = "",
) -> Chart:
    """P&L of a portfolio over moves of the market: the last curve is the one that matters most.

    Args:
        title: one line.
        moves_pct: percent, rising.
        curves: P&L in $ by name, at most four, one figure a move; NaN or None where there is none.
        seal: environment and moment.
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
                x=Axis("move of the market in %", tick_move),
                y=Axis("profit or loss in $", tick_cash),
                curves=drawn,
                now=0.0,
                now_words="now",
            ),
        ),
    )


def equity_chart(
    title: str, days: Sequence[date], equity: Sequence[float | None], *, seal: Seal, note: str = ""
) -> Chart:
    """Equity over time, and beneath it how far it stands below its highest so far.

    Args:
        title: one line.
        days: rising.
        equity: $ at the end of each day, > 0; NaN or None where it is not known.
        seal: environment and moment.
        note: what the series leaves out.
    """
    xs, ys = tuple(float(day.toordinal()) for day in days), gapped(equity)
    when = Axis("date", tick_day)
    drawdown = below_highest(ys)
    worst = min((y for y in drawdown if y is not None), default=None)
    return Chart(
        title=title,
        seal=seal,
        note=note,
        summary=f"{title}: greatest drawdown {'not known' if worst is None else tick_move(round(worst, 1))}.",
        panels=(
            Panel(
                x=when,
                y=Axis("equity in $", _plain_cash),
                curves=(Curve(label="equity", xs=xs, ys=ys, tone=Tone.FIRST, is_strong=True),),
                has_zero=False,
                weight=2,
            ),
            Panel(
                x=when,
                y=Axis("below its highest, %", tick_move),
                curves=(Curve(label="drawdown", xs=xs, ys=drawdown, is_signed=True, is_strong=True),),
                bottom="" if worst is None else f"greatest {tick_move(round(worst, 1))}",
            ),
        ),
    )


def below_highest(equity: Sequence[float | None]) -> tuple[float | None, ...]:
    """Percent below the highest so far, 0 or less; None where there is no figure."""
    highest, found = 0.0, list[float | None]()
    for each in equity:
        highest = highest if each is None else max(highest, each)
        found.append(None if each is None or highest <= 0 else 100.0 * (each / highest - 1.0))
    return tuple(found)


def _curve(name: str, xs: Numbers, ys: Numbers, place: int) -> Curve:
    tone, dash = LOOKS[place % len(LOOKS)]
    return Curve(label=name, xs=tuple(map(float, xs)), ys=gapped(ys), tone=tone, dash=dash, is_strong=True)


def _plain_cash(value: float) -> str:
    return tick_cash(value).removeprefix("+")


def _span(prices: Numbers) -> str:
    return f"{tick_price(min(prices))} to {tick_price(max(prices))}"
