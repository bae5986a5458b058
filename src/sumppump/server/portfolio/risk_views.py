"""Answers about what could be lost. Value at risk and shortfall are losses, positive; every P&L is signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sumppump.domain.book import Breach
from sumppump.domain.missing import Missing
from sumppump.domain.tail_risk import TailRisk
from sumppump.risk.concentration import Weight
from sumppump.risk.history_days import SOURCE
from sumppump.risk.portfolio_risk import RiskReport
from sumppump.risk.scenarios import SMILE_RULE
from sumppump.risk.stress import Enough, Stressed
from sumppump.risk.value_at_risk import HISTORICAL, MODEL, PATHS, calendar_days
from sumppump.server.portfolio.greeks_views import quality, shortened
from sumppump.server.views import Answer, QualityView, View, moment, num

MOST_WEIGHTS, MOST_PAIRS = 5, 3
NOTHING = "Nothing is held, so nothing can be lost."


class TailView(View):
    """Loss by both methods; `low` and `high` hold the historical figure in 95 of 100 cases."""

    confidence: float
    horizon_days: int
    historical: float | None
    monte_carlo: float | None
    low: float | None = None
    high: float | None = None


class StressView(View):
    """One shock: move of the benchmark, points added to volatility, P&L, and percent of net liquidation."""

    name: str
    market_pct: float
    vol_points: float | None
    pnl: float | None
    pct_of_nlv: float | None


class EnoughView(View):
    """The smallest moves of the benchmark that cost `loss`, percent; null: none does, or `note` says why."""

    limit: str
    loss: float
    down_pct: float | None
    up_pct: float | None
    note: str


class PairView(View):
    """Correlation of daily returns."""

    pair: str
    correlation: float | None


class WeightView(View):
    """A group: net delta dollars, its share of all without signs (0 to 1), P&L if it alone falls by 20 %."""

    name: str
    delta_dollars: float | None
    share: float | None
    legs: int
    own_crash: float | None


class RiskAnswer(Answer):
    """Value at risk, stress, reverse stress, correlation and concentration of everything held."""

    status: str
    net_liquidation: float | None
    benchmark: str
    var: list[TailView]
    expected_shortfall: list[TailView]
    stress: list[StressView]
    reverse_stress: list[EnoughView]
    correlation: list[PairView]
    by_underlying: list[WeightView]
    by_sector: list[WeightView]
    by_expiry: list[WeightView]
    herfindahl: float | None
    left_out: list[str]
    method: list[str]
    units: str = ""


def risk_answer(report: RiskReport) -> RiskAnswer:
    """The report for a trader."""
    held, weights = report.held, report.concentration
    if not report.held.holdings.positions:
        return _nothing(report)
    return RiskAnswer(
        summary=_summary(report),
        warnings=_warnings(report),
        as_of=moment(held.now),
        data_quality=quality(held.holdings),
        status="partial" if _left_out(report) else "ok",
        net_liquidation=num(held.net_liquidation, 2),
        benchmark=held.benchmark,
        var=_tails(report, lambda risk: risk.var, with_band=True),
        expected_shortfall=_tails(report, lambda risk: risk.shortfall),
        stress=[_stress(each, held.net_liquidation) for each in report.stress],
        reverse_stress=[_enough(each) for each in report.enough],
        correlation=[
            PairView(pair=f"{pair.first}/{pair.second}", correlation=num(pair.value, 2))
            for pair in report.pairs[:MOST_PAIRS]
        ],
        by_underlying=_weights(weights.by_underlying),
        by_sector=_weights(weights.by_sector),
        by_expiry=_weights(weights.by_expiry),
        herfindahl=num(weights.herfindahl, 2),
        left_out=_left_out(report),
        method=_method(report),
        units=f"{held.book.currency}; var and expected_shortfall are losses, positive; pnl is signed",
    )


def _nothing(report: RiskReport) -> RiskAnswer:
    held = report.held
    return RiskAnswer(
        summary=NOTHING,
        as_of=moment(held.now),
        data_quality=QualityView(state="broker"),
        status="nothing_held",
        net_liquidation=num(held.net_liquidation, 2),
        benchmark=held.benchmark,
        var=[],
        expected_shortfall=[],
        stress=[],
        reverse_stress=[],
        correlation=[],
        by_underlying=[],
        by_sector=[],
        by_expiry=[],
        herfindahl=None,
        left_out=[],
        method=[],
    )


def _tails(
    report: RiskReport, figure: Callable[[TailRisk], float], *, with_band: bool = False
) -> list[TailView]:
    """What was asked for first, then the usual ones."""
    found = {(row.horizon_days, row.confidence, row.method): row.risk for row in report.tails.rows}
    keys = sorted({key[:2] for key in found}, key=lambda key: (key != _asked(report), key))
    return [_tail(key, found, figure, with_band=with_band) for key in keys]


def _asked(report: RiskReport) -> tuple[int, float]:
    return report.horizon_days, report.confidence


def _tail(
    key: tuple[int, float],
    found: Mapping[tuple[int, float, str], TailRisk | Missing],
    figure: Callable[[TailRisk], float],
    *,
    with_band: bool,
) -> TailView:
    past, model = (found[*key, method] for method in (HISTORICAL, MODEL))
    band = past if with_band and isinstance(past, TailRisk) else None
    return TailView(
        confidence=key[1],
        horizon_days=key[0],
        historical=None if isinstance(past, Missing) else num(figure(past), 0),
        monte_carlo=None if isinstance(model, Missing) else num(figure(model), 0),
        low=None if band is None else num(band.var_low, 0),
        high=None if band is None else num(band.var_high, 0),
    )


def _stress(each: Stressed, nlv: float | None) -> StressView:
    shock = each.shock
    return StressView(
        name=shock.name + (f" ({shock.note})" if shock.note else ""),
        market_pct=round(shock.move_pct, 2),
        vol_points=num(shock.vol_points, 2),
        pnl=num(each.pnl, 0),
        pct_of_nlv=num(each.pnl / nlv * 100.0, 1) if nlv is not None and nlv > 0 else None,
    )


def _enough(each: Enough) -> EnoughView:
    sides = (("down", each.down), ("up", each.up))
    reasons = dict.fromkeys(f"{name}: {side.reason}" for name, side in sides if isinstance(side, Missing))
    return EnoughView(
        limit=each.name,
        loss=round(each.loss, 0),
        down_pct=num(each.down.move_pct, 2) if isinstance(each.down, Breach) else None,
        up_pct=num(each.up.move_pct, 2) if isinstance(each.up, Breach) else None,
        note="; ".join(reasons),
    )


def _weights(weights: Sequence[Weight]) -> list[WeightView]:
    shown = [_weight(each) for each in weights[:MOST_WEIGHTS]]
    rest = weights[MOST_WEIGHTS:]
    if rest:
        shown.append(
            WeightView(
                name=f"{len(rest)} others",
                delta_dollars=num(sum(each.delta_dollars for each in rest), 0),
                share=num(sum(each.share or 0.0 for each in rest), 2),
                legs=sum(each.legs for each in rest),
                own_crash=None,
            )
        )
    return shown


def _weight(each: Weight) -> WeightView:
    return WeightView(
        name=each.name,
        delta_dollars=num(each.delta_dollars, 0),
        share=num(each.share, 2),
        legs=each.legs,
        own_crash=num(each.own_crash, 0),
    )


def _summary(report: RiskReport) -> str:
    found = {(row.horizon_days, row.confidence, row.method): row.risk for row in report.tails.rows}
    asked = found.get((*_asked(report), HISTORICAL))
    words = "Value at risk is not known"
    if isinstance(asked, TailRisk):
        words = (
            f"On {report.confidence * 100:g} of 100 such days the loss over {report.horizon_days} trading "
            f"day(s) stays within {_cash(asked.var)}{_share(asked.var, report)}; beyond it {_cash(asked.shortfall)} "
            "on average (historical)"
        )
    lowest = min(report.stress, key=lambda each: each.pnl, default=None)
    worst = "" if lowest is None else f" Worst stress: {lowest.shock.name}, {lowest.pnl:+,.0f}."
    near = next((each.down for each in report.enough if isinstance(each.down, Breach)), None)
    limit = (
        ""
        if near is None
        else f" A fall of the market by {abs(near.move_pct):.1f} % reaches the daily limit."
    )
    return f"{words}.{worst}{limit}"


def _cash(value: float) -> str:
    return f"{value:,.0f}"


def _share(value: float, report: RiskReport) -> str:
    nlv = report.held.net_liquidation
    return f" ({value / nlv * 100:.1f} % of net liquidation)" if nlv is not None and nlv > 0 else ""


def _warnings(report: RiskReport) -> list[str]:
    view = quality(report.held.holdings)
    stale = [f"quotes are {view.age_s:.0f} s old: all figures are as old"] if view.state == "stale" else []
    return [*report.held.holdings.warnings, *stale]


def _left_out(report: RiskReport) -> list[str]:
    paths = [
        f"{symbol}: not in value at risk ({why.reason})" for symbol, why in report.tails.left_out.items()
    ]
    betas = [f"{symbol}: not in stress, no beta ({why.reason})" for symbol, why in report.no_beta.items()]
    return shortened([*report.held.left_out, *paths, *betas])


def _method(report: RiskReport) -> list[str]:
    tails, held = report.tails, report.held
    correlated = report.correlated
    longest = max((row.horizon_days for row in tails.rows), default=1)
    lines = (
        f"value at risk: real-world, {tails.samples} common daily returns {tails.first} to {tails.last}, full "
        f"reprice at the horizon ({longest} trading days are {calendar_days(longest):g} calendar days of decay)"
        if tails.rows
        else "value at risk: no common daily returns of what is held",
        f"historical: each of these days once; over several days {PATHS:,} draws of whole days with replacement",
        f"monte_carlo: {PATHS:,} paths, {tails.model}, covariance of these returns, no drift; seeded by the date, "
        f"interpolated prices within {max(tails.price_error, 0.0):.3f} per share",
        "volatility on each path: the VIX's own change that day, added to all expiries alike"
        if tails.has_vix
        else "volatility on each path: held, since the VIX has no history here",
        f"{SMILE_RULE}; stress moves each underlying by its beta to the {held.benchmark} (a year of days)",
        f"historical days: {SOURCE}",
        f"prices: rate {held.assume.rate * 100:g} %, the next announced ex-date alone",
        f"correlations: {correlated.samples} returns, standard error {correlated.error:.2f}"
        if not isinstance(correlated, Missing)
        else f"correlations: {correlated.reason}",
        "share: of delta dollars without signs; sectors: the broker's industry, funds by what they hold",
    )
    return list(lines)
