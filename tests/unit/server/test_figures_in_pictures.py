"""Pictures of answers show the answers' own figures, and say what is missing from both."""

from __future__ import annotations

import pytest
from tests.support.fake_market import MONTH, SPY, make_option
from tests.unit.risk.held import Account, held

from sumppump.domain.instruments import Right
from sumppump.domain.missing import Missing
from sumppump.drawing.chart import Chart, Curve, Seal
from sumppump.drawing.scales import tick_cash
from sumppump.drawing.table import picture_table
from sumppump.risk.move_vol_grid import MOVES_PCT
from sumppump.risk.portfolio_greeks import question_of
from sumppump.server.desk import Desk
from sumppump.server.market.volatility_picture import volatility_picture_of
from sumppump.server.portfolio.greeks_picture import PNL, greeks_sketch, market_greeks_chart, scenarios_chart
from sumppump.server.portfolio.risk_picture import risk_map, risk_sketch

CALL = make_option(SPY, MONTH, 600, Right.CALL)
SEAL = Seal("SIM", "2026-11-27 10:00:00 New York")


@pytest.mark.parametrize(("points", "curves"), [(None, 2), ([5.0], 3)])
async def test_the_scenarios_drawn_pass_through_those_of_the_answer(
    points: list[float] | None, curves: int
) -> None:
    """Every move and P&L is on the finer curve; volatility only where it was asked for."""
    report = await Account([held(2, CALL)]).desk.greeks.analysis(
        question_of([-10.0, 0.0, 10.0], [7.0], points)
    )
    chart = scenarios_chart(report, SEAL)
    drawn = {curve.label: curve for curve in chart.panels[0].curves}
    assert len(drawn) == curves
    assert len(drawn["now"].xs) > 20
    for row in report.grid.rows:
        assert drawn["now"].at(row.move_pct) == pytest.approx(row.pnl)
        assert drawn["after 7 days"].at(row.move_pct) == pytest.approx(row.pnl_later)
    last = picture_table(chart).splitlines()[5]
    assert last.startswith("+10 %|")
    assert last.endswith(f"|{tick_cash(round(report.grid.rows[-1].pnl, 5))}")


async def test_nothing_held_is_no_picture(desk: Desk) -> None:
    """Not an empty frame."""
    empty = Account([]).desk
    assert greeks_sketch(desk, await empty.greeks.analysis(question_of([-10.0, 10.0])), PNL) is None
    assert risk_sketch(desk, await empty.risk.risk(0.95, 1)) is None


async def test_the_map_of_moves_and_volatility_meets_the_greeks_scenarios() -> None:
    """Its row without a change of volatility is what the other tool says; nothing moved is nothing won."""
    desk = Account([held(2, CALL)]).desk
    heat = risk_map(await desk.risk.risk(0.95, 1), SEAL)
    rows = dict(zip(heat.rows, heat.cells, strict=True))
    grid = (await desk.greeks.analysis(question_of(list(MOVES_PCT), None, [10.0]))).grid
    assert rows["0"] == pytest.approx([row.pnl for row in grid.rows])
    assert rows["+10"] == pytest.approx([row.pnl_with_iv for row in grid.rows])
    assert heat.here == (heat.rows.index("0"), heat.columns.index("0 %"))
    assert rows["0"][heat.here[1]] == 0.0


def _curves(chart: Chart) -> dict[str, Curve]:
    return {curve.label: curve for panel in chart.panels for curve in panel.curves}


async def test_the_greeks_over_moves_meet_those_of_the_answer_where_nothing_has_moved() -> None:
    """Shares of SPY: delta is dollars per percent and nothing else; of a call it is that of its Greeks."""
    report = await Account([held(100, SPY)]).desk.greeks.analysis(question_of())
    drawn = {
        curve.label: curve for panel in market_greeks_chart(report, SEAL).panels for curve in panel.curves
    }
    dollars = report.total.sums.delta_dollars
    assert dollars is not None
    assert drawn["delta"].at(0.0) == pytest.approx(dollars / 100)
    assert [drawn[name].at(0.0) for name in ("gamma", "theta", "vega")] == pytest.approx([0, 0, 0], abs=1e-6)
    report = await Account([held(2, CALL)]).desk.greeks.analysis(question_of())
    sums = report.total.sums
    drawn = {
        curve.label: curve for panel in market_greeks_chart(report, SEAL).panels for curve in panel.curves
    }
    assert sums.delta_dollars is not None
    assert drawn["delta"].at(0.0) == pytest.approx(sums.delta_dollars / 100, rel=0.05)
    assert drawn["vega"].at(0.0) == pytest.approx(sums.vega, rel=0.05)
    assert drawn["theta"].at(0.0) == pytest.approx(sums.theta, rel=0.1)


async def test_smiles_and_term_structure_drawn_are_those_of_the_reading(desk: Desk) -> None:
    """Quotes with their errors in points, a volatility for each expiry, those without a curve named."""
    reading = await desk.market.volatility.analysis("SPY")
    chart = volatility_picture_of(reading, SEAL)
    assert chart is not None
    assert not isinstance(reading.sighted, Missing)
    smiles, *terms = chart.panels
    nearest = min((each for each in reading.sighted.quotes if each.points), key=lambda each: each.years)
    shown = next(dots for dots in smiles.dots if dots.label.startswith(nearest.expiry.isoformat()))
    drawn = list(zip(shown.xs, shown.ys, shown.errors, strict=True))
    assert drawn == sorted((strike, 100 * vol, 100 * error) for strike, vol, error in nearest.points)
    vols = [None if isinstance(each.atm_iv, Missing) else 100 * each.atm_iv for each in reading.term]
    assert [curve.ys for panel in terms for curve in panel.curves] == [tuple(vols)] * any(vols)
    for refused in reading.sighted.surface.refused:
        assert refused.expiry.isoformat() in chart.note
