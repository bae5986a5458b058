"""What everything held would gain or lose, and its Greeks, over moves of the market, as charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sumppump.drawing.chart import Axis, Chart, Picture, Seal
from sumppump.drawing.scales import tick_move
from sumppump.drawing.subjects import greeks_chart, pnl_chart
from sumppump.risk.market_curves import fine_grid, market_greeks
from sumppump.risk.portfolio_greeks import GreeksReport
from sumppump.risk.scenarios import SMILE_WORDS
from sumppump.server.desk import Desk
from sumppump.server.pictures import Sketch, seal_of, sketch
from sumppump.server.portfolio.greeks_views import left_out

PNL, GREEKS = "pnl", "greeks"


def greeks_sketch(desk: Desk, report: GreeksReport, kind: str) -> Sketch | None:
    """The picture of a kind of `KINDS`; None where nothing is priced."""
    if not report.grid.rows or not report.legs:
        return None
    seal = seal_of(desk, report.held.now)
    return sketch(f"portfolio-{kind}", lambda: KINDS[kind](report, seal), frozenset({"scenarios"}))


def scenarios_chart(report: GreeksReport, seal: Seal) -> Chart:
    """P&L now, later and with other volatility over a fine grid; the table keeps to the moves asked for."""
    rows, question = fine_grid(report).rows, report.question
    days = question.first_days
    curves: dict[str, Sequence[float | None]] = {
        f"after {days:g} day{'' if days == 1 else 's'}": [row.pnl_later for row in rows],
        f"volatility {question.first_iv or 0:+g} points": [row.pnl_with_iv for row in rows],
        "now": [row.pnl for row in rows],
    }
    return pnl_chart(
        f"Everything held over a move of {report.held.benchmark}",
        [row.move_pct for row in rows],
        {name: pnl for name, pnl in curves.items() if any(each is not None for each in pnl)},
        market=report.held.benchmark,
        told=question.moves_pct,
        seal=seal,
        subtitle=_how(report),
        note=_note(report),
    )


def market_greeks_chart(report: GreeksReport, seal: Seal) -> Chart:
    """Greeks of everything held over moves of the market."""
    found, market = market_greeks(report), report.held.benchmark
    units = {
        "delta": f"delta, $ per +1 % of {market}",
        "gamma": f"gamma, change of delta per +1 % of {market}",
        "theta": "theta, $ a day",
        "vega": "vega, $ per vol point",
    }
    figures = (found.delta_1pct, found.gamma_1pct, found.theta, found.vega)
    return greeks_chart(
        f"Everything held: Greeks over a move of {market}",
        Axis(f"move of {market} in %", tick_move),
        found.moves_pct,
        dict(zip(units, figures, strict=True)),
        units=units,
        now=0.0,
        now_words="now",
        seal=seal,
        subtitle=_how(report),
        note=_note(report),
    )


KINDS: dict[str, Callable[[GreeksReport, Seal], Picture]] = {
    PNL: scenarios_chart,
    GREEKS: market_greeks_chart,
}


def _how(report: GreeksReport) -> str:
    return f"full reprice, each underlying by its beta; {SMILE_WORDS[report.question.smile]}"


def _note(report: GreeksReport) -> str:
    missing = left_out(report)
    return f"Left out: {'; '.join(missing)}." if missing else ""
