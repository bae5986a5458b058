"""Equity and drawdown on the days on which they were seen."""

from __future__ import annotations

from sumppump.drawing.chart import Chart, Seal
from sumppump.drawing.subjects import equity_chart
from sumppump.portfolio.equity import KNOWS, EquityHistory
from sumppump.server.desk import Desk
from sumppump.server.pictures import Sketch, seal_of, sketch


def equity_sketch(desk: Desk, history: EquityHistory) -> Sketch | None:
    """The chart; None below two days, between which alone something can be compared."""
    if len(history.days) < 2:
        return None
    seal = seal_of(desk, history.days[-1].at)
    return sketch("equity", lambda: equity_picture(history, seal))


def equity_picture(history: EquityHistory, seal: Seal) -> Chart:
    """A dot for each day that was seen."""
    days = [each.day for each in history.days]
    return equity_chart(
        f"Equity of the account, {days[0].isoformat()} to {days[-1].isoformat()}",
        days,
        [float(each.nlv.amount) for each in history.days],
        history.drawdown_pct,
        seal=seal,
        subtitle=f"{KNOWS}; a line between two dots only links them",
        note=f"Left out: {history.left_out} days in another currency." if history.left_out else "",
    )
