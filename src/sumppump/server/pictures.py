"""Pictures for answers: drawn in a worker thread, kept under the home folder, shown only on request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loguru import logger

from sumppump.data.history import History
from sumppump.data.volatility_reading import VolatilityReading
from sumppump.drawing import chart
from sumppump.drawing.chart import Seal
from sumppump.drawing.payoff import payoff_chart
from sumppump.drawing.png import picture_png
from sumppump.drawing.table import picture_table
from sumppump.kernel.clock import NEW_YORK
from sumppump.kernel.errors import StoreFailed
from sumppump.kernel.off_loop import off_loop
from sumppump.risk.portfolio_greeks import GreeksReport
from sumppump.risk.portfolio_risk import RiskReport
from sumppump.server.desk import Desk
from sumppump.server.portfolio.greeks_picture import scenarios_chart
from sumppump.server.portfolio.risk_picture import risk_map
from sumppump.server.price_picture import bars_png
from sumppump.server.volatility_picture import volatility_picture_of
from sumppump.strategies.drafts import Draft
from sumppump.strategies.payoff_picture import picture_of_draft


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, empty where there is nothing to draw, and where it lies; None where it could not be kept.

    Attributes:
        table: the same figures in a few rows of text, for a model that cannot see them.
    """

    png: bytes
    path: str | None
    table: str = ""


NOTHING = Picture(b"", None)


def seal_of(desk: Desk, at: datetime) -> Seal:
    """Environment and moment of a picture's figures."""
    return Seal(desk.environment.value, f"{at.astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S} New York")


async def kept_picture(desk: Desk, name: str, picture: chart.Picture) -> Picture:
    """Draw a picture and keep it; the first one of a process loads matplotlib, which takes a second.

    Args:
        desk: whose charts it joins.
        name: of the file, without its ending; the same name replaces what was there.
        picture: what is drawn.
    """
    png = await off_loop(picture_png, picture)
    return _kept(desk, name, png, picture_table(picture))


async def payoff_picture(desk: Desk, draft: Draft) -> Picture:
    """The payoff of a draft."""
    if not draft.analysis.payoff.curves:
        return NOTHING
    drawn = payoff_chart(picture_of_draft(draft, seal_of(desk, draft.as_of)))
    return await kept_picture(desk, f"payoff-{draft.strategy_id}", drawn)


async def volatility_picture(desk: Desk, reading: VolatilityReading) -> Picture:
    """Smiles and term structure of one underlying; nothing where neither is known."""
    drawn = volatility_picture_of(reading, seal_of(desk, reading.as_of))
    if drawn is None:
        return NOTHING
    return await kept_picture(desk, f"volatility-{reading.underlying.symbol}", drawn)


async def scenarios_picture(desk: Desk, report: GreeksReport) -> Picture:
    """P&L of everything held over moves of the market; nothing where nothing is priced."""
    drawn = scenarios_chart(report, seal_of(desk, report.held.now))
    return NOTHING if drawn is None else await kept_picture(desk, "greeks-scenarios", drawn)


async def risk_picture(desk: Desk, report: RiskReport) -> Picture:
    """P&L of everything held over moves of the market and volatility; nothing where nothing is priced."""
    drawn = await off_loop(risk_map, report, seal_of(desk, report.held.now))
    return NOTHING if drawn is None else await kept_picture(desk, "risk-scenarios", drawn)


async def history_picture(desk: Desk, history: History) -> Picture:
    """The bars of a history."""
    name = f"bars-{history.instrument.label}-{history.request.bar_size}-{history.last.start:%Y%m%dT%H%M}"
    png = await off_loop(bars_png, history, desk.environment.value)
    return _kept(desk, name.replace(" ", ""), png)


def _kept(desk: Desk, name: str, png: bytes, table: str = "") -> Picture:
    # A full disk costs the file, never the figures.
    try:
        return Picture(png, desk.charts.write_png(name, png), table)
    except (StoreFailed, OSError) as error:
        logger.warning("the picture {} could not be kept: {}", name, error)
        return Picture(png, None, table)
