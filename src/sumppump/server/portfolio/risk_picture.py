"""What everything held would gain or lose over moves of the market and volatility, as a heat map."""

from __future__ import annotations

from sumppump.drawing.chart import HeatMap, Seal
from sumppump.drawing.subjects import scenario_map
from sumppump.risk.move_vol_grid import move_vol_grid
from sumppump.risk.portfolio_risk import RiskReport
from sumppump.risk.scenarios import SMILE_RULE
from sumppump.server.desk import Desk
from sumppump.server.pictures import Sketch, seal_of, sketch


def risk_sketch(desk: Desk, report: RiskReport) -> Sketch | None:
    """The map; None where nothing can be repriced."""
    if not len(report.held.book):
        return None
    seal = seal_of(desk, report.held.now)
    return sketch("portfolio-risk", lambda: risk_map(report, seal))


def risk_map(report: RiskReport, seal: Seal) -> HeatMap:
    """The map. It reprices: call it in a worker thread."""
    held = report.held
    grid = move_vol_grid(held.book, {symbol: beta.beta for symbol, beta in report.betas.items()})
    missing = (*held.left_out, *(f"{symbol}: no beta" for symbol in grid.no_beta))
    return scenario_map(
        f"Everything held over moves of {held.benchmark} and volatility",
        moves_pct=grid.moves_pct,
        across=f"move of {held.benchmark}",
        down="volatility, points",
        rows=[f"{points:+g}".replace("-", "−") if points else "0" for points in grid.vol_points],
        pnl=grid.pnl,
        seal=seal,
        here=(grid.vol_points.index(0.0), grid.moves_pct.index(0.0)),
        subtitle=f"now, full reprice, each underlying by its beta; {SMILE_RULE}",
        note=f"Left out: {'; '.join(missing[:5])}." if missing else "",
    )
