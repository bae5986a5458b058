"""Answers about the Greeks of everything held. Cash is signed as the holder sees it: plus is gained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sumppump.domain.book import SmileRule
from sumppump.kernel.first_few import first_lines
from sumppump.risk.carry_words import carry_words
from sumppump.risk.exposure import UNITS, Exposure, LegExposure, Sensitivities, summed
from sumppump.risk.portfolio_greeks import GreeksReport
from sumppump.risk.scenarios import SMILE_WORDS, Part, ScenarioGrid, ScenarioRow, worst
from sumppump.risk.score import RULE, Score
from sumppump.server.parameters import offset_of
from sumppump.server.portfolio.position_views import quality
from sumppump.server.room import ROOM, fits, fitting, fullest, size
from sumppump.server.views import (
    Answer,
    QualityView,
    View,
    moment,
    num,
)

MOST_NAMED = 4
BRIEF = "underlyings and scenarios in short, for individual: without include_individual they are told in full"
NOTHING = "Nothing is held, so there are no Greeks and nothing that a move of the market would cost."


class GreekSumsView(View):
    """Greeks of a position; `units` of the answer says in what."""

    delta: float | None
    delta_dollars: float | None
    gamma: float | None
    gamma_1pct: float | None
    theta: float | None
    vega: float | None
    rho: float | None


class TotalsView(GreekSumsView):
    """Of everything held. Shares of different underlyings add up in the beta-weighted figures alone."""

    beta_weighted_delta: float | None
    beta_weighted_dollars: float | None
    beta_weighted_error: float | None


class UnderlyingHead(View):
    """One underlying, with its beta to the benchmark, the beta's standard error and its days."""

    symbol: str
    price: float | None
    beta: float | None
    beta_error: float | None
    beta_days: int | None


class UnderlyingGreeksView(GreekSumsView, UnderlyingHead):
    """Of one underlying."""


class PositionHead(View):
    """A leg, or a whole strategy; `source` says whose Greeks."""

    label: str
    quantity: int | None
    source: str
    position_id: str


class PositionGreeksView(GreekSumsView, PositionHead):
    """Of one leg or strategy."""


class PartView(View):
    """One underlying's own move and P&L in a scenario."""

    symbol: str
    move_pct: float | None
    pnl: float | None


class ScenarioView(View):
    """One move of the benchmark. pnl: now, each underlying by its beta; the others as named."""

    move_pct: float
    pnl: float | None
    pnl_same_move: float | None
    pnl_after_days: float | None
    pnl_with_iv_change: float | None
    parts: list[PartView]


class PlaneView(View):
    """P&L over the moves of `scenarios`, in their order, at one date and one change of volatility, $."""

    days: float
    iv_change: float
    pnl: list[float | None]


class DecayView(View):
    """Time alone: full reprice over the days, beside the Greek a day."""

    days: float
    pnl: float | None
    theta: float | None


class VolatilityView(View):
    """Volatility alone: full reprice of the change in points, beside the Greek a point."""

    iv_change: float | None
    pnl: float | None
    vega: float | None


class ScoreView(View):
    """Points; null without net liquidation."""

    score: int | None
    level: str
    reasons: list[str]
    rule: str


class GreeksAnswer(Answer):
    """Greeks in total and by underlying, and what the book would gain or lose."""

    status: str
    net_liquidation: float | None
    benchmark: str
    totals: TotalsView | None
    by_underlying: list[UnderlyingGreeksView]
    smile: str
    scenarios: list[ScenarioView]
    grid: list[PlaneView]
    decay: DecayView | None
    volatility: VolatilityView | None
    risk_score: ScoreView | None
    individual: list[PositionGreeksView]
    individual_count: int = 0
    next_cursor: int | None = None
    left_out: list[str]
    method: list[str]
    units: str = UNITS
    chart: str | None = None


@dataclass(frozen=True, slots=True)
class _Detail:
    """How many underlyings, and how many of them in each scenario, one answer lists."""

    underlyings: int
    parts: int


_DETAILS = (_Detail(8, 4), _Detail(8, 2), _Detail(6, 1), _Detail(4, 0), _Detail(1, 0))
_BESIDE_ROWS = _Detail(2, 0)


@dataclass(frozen=True, slots=True)
class Individually:
    """Which strategies and legs are wanted, strategies first.

    Attributes:
        symbol: an underlying; None for all.
        cursor: how many rows the pages before had.
    """

    symbol: str | None = None
    cursor: int | None = None


def greeks_answer(report: GreeksReport, individually: Individually | None = None) -> GreeksAnswer:
    """The report for a trader, with as much of it as has room.

    Args:
        report: of everything held.
        individually: the strategies and legs that are wanted; None for sums and scenarios alone.

    Raises:
        InvalidRequest: no page begins at the cursor.
    """
    if not report.legs:
        return _nothing(report)
    if individually is None:
        return fullest(lambda detail: _answer(report, detail), _DETAILS)
    return _with_rows(report, individually)


def _with_rows(report: GreeksReport, wanted: Individually) -> GreeksAnswer:
    """Everything if it has room; else rows in pages, the first beside sums and short scenarios."""
    rows = _individual(report, wanted.symbol)
    start = offset_of(wanted.cursor, len(rows))
    told = {"individual": rows, "individual_count": len(rows)}
    if not start:
        full = fullest(lambda each: _answer(report, each, wanted.symbol).model_copy(update=told), _DETAILS)
        if fits(full):
            return full
    beside = _TOLD_BEFORE if start else {"read_as": [BRIEF]}
    frame = _answer(report, _BESIDE_ROWS, wanted.symbol).model_copy(update=beside)
    here = rows[start:]
    here = here[: fitting(here, ROOM - size(frame))]
    end = start + len(here)
    paged: dict[str, object] = {"individual": here, "next_cursor": end if end < len(rows) else None}
    return frame.model_copy(update=told | paged)


_TOLD_BEFORE: dict[str, object] = {
    "by_underlying": [], "scenarios": [], "grid": [], "decay": None, "volatility": None, "risk_score": None,
    "left_out": [], "method": [], "read_as": ["a further page of individual; the first has all the rest"],
}  # fmt: skip


def _answer(report: GreeksReport, detail: _Detail, symbol: str | None = None) -> GreeksAnswer:
    held = report.held
    grid, sums = report.grid, report.total.sums
    return GreeksAnswer(
        summary=_summary(report),
        warnings=_warnings(report),
        as_of=moment(held.now),
        data_quality=quality(held.holdings),
        status="ok" if not report.total.left_out else "partial",
        net_liquidation=num(held.net_liquidation, 2),
        benchmark=held.benchmark,
        totals=_totals(report),
        by_underlying=_underlyings(report, detail.underlyings, symbol),
        smile=report.question.smile.value,
        scenarios=[_scenario(row, _shown(grid.rows, detail.parts)) for row in grid.rows],
        grid=_planes(grid),
        decay=DecayView(days=report.question.first_days, pnl=num(grid.decay, 2), theta=num(sums.theta, 2)),
        volatility=VolatilityView(
            iv_change=report.question.first_iv, pnl=num(grid.vega, 2), vega=num(sums.vega, 2)
        ),
        risk_score=_score(report.score),
        individual=[],
        left_out=left_out(report),
        method=_method(report),
    )


def _nothing(report: GreeksReport) -> GreeksAnswer:
    held = report.held
    return GreeksAnswer(
        summary=NOTHING,
        as_of=moment(held.now),
        data_quality=QualityView(state="broker"),
        status="nothing_held",
        net_liquidation=num(held.net_liquidation, 2),
        benchmark=held.benchmark,
        totals=None,
        by_underlying=[],
        smile=report.question.smile.value,
        scenarios=[],
        grid=[],
        decay=None,
        volatility=None,
        risk_score=None,
        individual=[],
        left_out=[],
        method=[],
    )


def _warnings(report: GreeksReport) -> list[str]:
    view = quality(report.held.holdings)
    stale = [f"quotes are {view.age_s:.0f} s old: all figures are as old"] if view.state == "stale" else []
    return [*report.held.holdings.warnings, *stale]


def left_out(report: GreeksReport) -> list[str]:
    """What no total holds, most important first; the rest is counted."""
    names = dict.fromkeys([*report.total.left_out, *report.held.left_out])
    betas = [f"{symbol}: no beta, in no market move ({why.reason})" for symbol, why in report.no_beta.items()]
    silent = [
        f"{symbol}: in no {SmileRule.STICKY_DELTA.value} scenario, {report.held.no_smile[symbol].reason}"
        if symbol in report.held.no_smile
        else f"{symbol}: in no {SmileRule.STICKY_DELTA.value} scenario, its smile is not known"
        for symbol in report.grid.no_smile
    ]
    return first_lines([*silent, *names, *betas], MOST_NAMED)


def _summary(report: GreeksReport) -> str:
    sums = report.total.sums
    return (
        f"Delta {_amount(sums.delta_dollars)} of stock, {_amount(report.weighted.dollars)} beta-weighted to "
        f"{report.held.benchmark}; theta {_amount(sums.theta)} a day, vega {_amount(sums.vega)} a point. "
        f"{_worst_words(report)} Risk {report.score.level}."
    )


def _worst_words(report: GreeksReport) -> str:
    lowest = worst(report.grid.rows)
    if lowest is None:
        return "What moves of the market would bring is not known."
    if lowest.pnl >= 0:
        return "None of these moves loses money today."
    return f"Worst of these moves: {report.held.benchmark} {lowest.move_pct:+g} %, {_amount(lowest.pnl)}."


def _amount(value: float | None) -> str:
    return "unknown" if value is None else f"{value:+,.0f} $"


def _figures(sums: Sensitivities) -> dict[str, float | None]:
    places = {"delta": 2, "gamma": 4}
    return {name: num(getattr(sums, name), places.get(name, 2)) for name in GreekSumsView.model_fields}


def _totals(report: GreeksReport) -> TotalsView:
    weighted = report.weighted
    return TotalsView(
        **_figures(report.total.sums),
        beta_weighted_delta=num(weighted.shares, 1),
        beta_weighted_dollars=num(weighted.dollars, 0),
        beta_weighted_error=num(weighted.error, 0),
    )


def _underlyings(report: GreeksReport, most: int, symbol: str | None) -> list[UnderlyingGreeksView]:
    """The heaviest, the one that was asked for in front, and the sum of the others."""
    heaviest = sorted(
        report.underlyings, key=lambda each: (each.name != symbol, -abs(each.sums.delta_dollars or 0.0))
    )
    first, rest = heaviest[:most], heaviest[most:]
    others = summed(each.sums for each in rest)
    return [
        *(_underlying(report, each) for each in first),
        *([_named(f"{len(rest)} others", others)] if rest else []),
    ]


def _underlying(report: GreeksReport, each: Exposure) -> UnderlyingGreeksView:
    prices = {one.symbol: one.spot for one in report.held.holdings.strategies}
    view = _named(each.name, each.sums)
    beta = report.betas.get(each.name)
    if beta is None:
        return view.model_copy(update={"price": num(prices.get(each.name))})
    found = {"beta": num(beta.beta, 2), "beta_error": num(beta.error, 2), "beta_days": beta.samples or None}
    return view.model_copy(update={"price": num(prices.get(each.name)), **found})


def _named(name: str, sums: Sensitivities) -> UnderlyingGreeksView:
    figures = _figures(sums)
    return UnderlyingGreeksView(
        symbol=name, price=None, beta=None, beta_error=None, beta_days=None, **figures
    )


def _shown(rows: Sequence[ScenarioRow], count: int) -> frozenset[str]:
    """The underlyings that matter most in any of the scenarios."""
    most: dict[str, float] = {}
    for row in rows:
        for part in row.parts:
            most[part.symbol] = max(most.get(part.symbol, 0.0), abs(part.pnl or 0.0))
    return frozenset(sorted(most, key=lambda symbol: -most[symbol])[:count])


def _planes(grid: ScenarioGrid) -> list[PlaneView]:
    """The third axis, where more was asked than the rows of `scenarios` show."""
    if len(grid.planes) <= 2:
        return []
    known = [row.is_known for row in grid.rows]
    return [
        PlaneView(
            days=plane.days,
            iv_change=plane.iv_points,
            pnl=[num(pnl, 0) if ok else None for pnl, ok in zip(plane.pnl, known, strict=True)],
        )
        for plane in grid.planes
    ]


def _scenario(row: ScenarioRow, shown: frozenset[str]) -> ScenarioView:
    rest = [part for part in row.parts if part.symbol not in shown]
    others = sum(part.pnl for part in rest if part.pnl is not None)
    parts = [_part(part) for part in row.parts if part.symbol in shown]
    if rest and shown:
        parts.append(PartView(symbol=f"{len(rest)} others", move_pct=None, pnl=num(others, 2)))
    return ScenarioView(
        move_pct=row.move_pct,
        pnl=num(row.pnl, 2) if row.is_known else None,
        pnl_same_move=num(row.pnl_same_move, 2),
        pnl_after_days=num(row.pnl_later, 2) if row.is_known else None,
        pnl_with_iv_change=num(row.pnl_with_iv, 2) if row.is_known else None,
        parts=parts,
    )


def _part(part: Part) -> PartView:
    return PartView(symbol=part.symbol, move_pct=num(part.move_pct, 2), pnl=num(part.pnl, 2))


def _score(score: Score) -> ScoreView:
    missing = [f"not looked at, unknown: {name}" for name in score.missing]
    return ScoreView(score=score.points, level=score.level, reasons=[*score.reasons, *missing], rule=RULE)


def _individual(report: GreeksReport, symbol: str | None) -> list[PositionGreeksView]:
    """Strategies of more than one leg, then every leg: of one underlying or of all."""
    names = {each.position_id: each for each in report.held.holdings.strategies}
    strategies = [
        PositionGreeksView(
            position_id=each.name,
            label=f"{names[each.name].symbol} {names[each.name].strategy}",
            quantity=names[each.name].quantity,
            source="sum of its legs",
            **_figures(each.sums),
        )
        for each in report.strategies
        if each.legs > 1 and symbol in (None, names[each.name].symbol)
    ]
    return [*strategies, *(_one(leg) for leg in report.legs if symbol in (None, leg.symbol))]


def _one(leg: LegExposure) -> PositionGreeksView:
    return PositionGreeksView(
        position_id=leg.position_id,
        label=leg.label,
        quantity=leg.quantity,
        source=leg.source or leg.why_not,
        **_figures(leg.sums),
    )


def _method(report: GreeksReport) -> list[str]:
    held = report.held
    days = max((beta.samples for beta in report.betas.values()), default=0)
    lines = [
        f"scenarios: every position repriced; the {held.benchmark} moves by move_pct, each underlying by its "
        "beta (pnl_same_move: each by move_pct itself)",
        SMILE_WORDS[report.question.smile],
        f"betas: {days} daily returns at most, least squares, with standard error; "
        "beta_weighted_error by one regression of all of them together",
        "prices: American for shares and ETFs, European for indices",
        carry_words(held.carries, held.now),
        "Greeks: the broker's where it gives them, else ours; rho is ours",
    ]
    return [line for line in lines if line]
