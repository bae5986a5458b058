"""What everything held would gain or lose over moves of the market, as a chart."""

from __future__ import annotations

from collections.abc import Sequence

from sumppump.drawing.chart import Chart, Seal
from sumppump.drawing.subjects import pnl_chart
from sumppump.risk.portfolio_greeks import GreeksReport
from sumppump.risk.scenarios import SMILE_RULE
from sumppump.server.portfolio.greeks_views import left_out


def scenarios_chart(report: GreeksReport, seal: Seal) -> Chart | None:
    """P&L now, later and with other volatility, each underlying by its beta; None where nothing is priced."""
    rows, question = report.grid.rows, report.question
    if not rows or not report.legs:
        return None
    curves: dict[str, Sequence[float | None]] = {
        f"after {question.days:g} days": [row.pnl_later for row in rows],
        f"volatility {question.iv_points or 0:+g} points": [row.pnl_with_iv for row in rows],
        "now": [row.pnl for row in rows],
    }
    missing = left_out(report)
    return pnl_chart(
        f"Everything held over a move of {report.held.benchmark}",
        [row.move_pct for row in rows],
        {name: pnl for name, pnl in curves.items() if any(each is not None for each in pnl)},
        seal=seal,
        subtitle=f"full reprice, each underlying by its beta; {SMILE_RULE}",
        note=f"Left out: {'; '.join(missing)}." if missing else "",
    )
