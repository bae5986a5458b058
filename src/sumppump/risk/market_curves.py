"""What everything held makes, and its Greeks, over a fine grid of moves of the market: full reprices alone.

The Greeks are differences between reprices, one step of the grid apart: what one percent more of the market
brings, how that changes with the next percent, what a day costs, and what a volatility point brings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sumppump.domain.pricing.normal import Array
from sumppump.risk.portfolio_greeks import GreeksReport
from sumppump.risk.scenarios import Question, ScenarioGrid, scenario_grid

CELLS = 20
NARROWEST_PCT, LOWEST_PCT = 5.0, -90.0
STEP_PCT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketGreeks:
    """One figure a move, cash in the book's currency.

    Attributes:
        moves_pct: of the market, each underlying moved by its beta.
        delta_1pct: gain for one percent more of the market. gamma_1pct: change of it with the next percent.
        theta: a calendar day. vega: a volatility point, every volatility at once.
    """

    moves_pct: tuple[float, ...]
    delta_1pct: tuple[float, ...]
    gamma_1pct: tuple[float, ...]
    theta: tuple[float, ...]
    vega: tuple[float, ...]


def fine_grid(report: GreeksReport) -> ScenarioGrid:
    """The report's question, its first date and change, on a fine grid around its moves, them included."""
    low, high = _span(report.question.moves_pct)
    between = np.linspace(low, high, CELLS + 1).round(6).tolist()
    moves = tuple(sorted({*report.question.moves_pct, *between}))
    asked = report.question
    first = replace(asked, moves_pct=moves, days=asked.days[:1], iv_points=asked.iv_points[:1])
    return _grid(report, first)


def market_greeks(report: GreeksReport) -> MarketGreeks:
    """The Greeks around the moves of the report's question."""
    low, high = _span(report.question.moves_pct)
    step = max(STEP_PCT, (high - low) / CELLS)
    places = range(-1, round((high - low) / step) + 2)
    moves = tuple(round(low + step * place, 6) for place in places)
    rows = _grid(report, Question(moves_pct=moves, iv_points=(1.0,), smile=report.question.smile)).rows
    pnl = np.array([row.pnl for row in rows])
    later = np.array([row.pnl_later for row in rows])
    points = np.array([row.pnl_with_iv for row in rows], dtype=np.float64)
    return MarketGreeks(
        moves_pct=moves[1:-1],
        delta_1pct=_plain((pnl[2:] - pnl[:-2]) / (2 * step)),
        gamma_1pct=_plain((pnl[2:] - 2 * pnl[1:-1] + pnl[:-2]) / step**2),
        theta=_plain((later - pnl)[1:-1]),
        vega=_plain((points - pnl)[1:-1]),
    )


def _span(asked: Sequence[float]) -> tuple[float, float]:
    """Wide enough to see a curve, and no lower than where steps downwards still mean something."""
    return max(LOWEST_PCT, min(*asked, -NARROWEST_PCT)), max(*asked, NARROWEST_PCT)


def _grid(report: GreeksReport, question: Question) -> ScenarioGrid:
    betas = {symbol: beta.beta for symbol, beta in report.betas.items()}
    return scenario_grid(report.held.book, betas, question)


def _plain(values: Array) -> tuple[float, ...]:
    return tuple(values.tolist())
