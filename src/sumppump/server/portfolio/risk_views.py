"""Answers about what could be lost. Value at risk and shortfall are losses, positive; every P&L is signed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sumppump.domain.book import NOT_REACHED, Breach
from sumppump.domain.missing import Missing
from sumppump.domain.returns import Beta, Correlations
from sumppump.domain.tail_risk import TailRisk
from sumppump.kernel.first_few import first_lines
from sumppump.risk.carry_words import carry_words
from sumppump.risk.history_days import SOURCE
from sumppump.risk.portfolio_risk import CONFIDENCES, HORIZONS, PairCorrelation, RiskReport
from sumppump.risk.same_index import of_different_sources, together
from sumppump.risk.scenarios import SMILE_RULE
from sumppump.risk.stress import Enough, Stressed
from sumppump.risk.value_at_risk import HISTORICAL, MODEL, PATHS, Tails
from sumppump.risk.weights import Weight
from sumppump.server.portfolio.greeks_views import MOST_NAMED
from sumppump.server.portfolio.position_views import quality
from sumppump.server.room import fullest
from sumppump.server.views import Answer, QualityView, View, moment, num

NOTHING = "Nothing is held, so nothing can be lost."
VIX_MOVES = "volatility on each path: the VIX's own change, in points, on all expiries alike"
VIX_UNKNOWN = "volatility on each path: held, since the VIX has no history here"


class TailView(View):
    """Loss by both methods."""

    confidence: float
    horizon_days: int
    historical: float | None
    monte_carlo: float | None


class VarView(TailView):
    """With it, `low` to `high`: where another year would put the historical figure in 95 of 100 cases."""

    low: float | None
    high: float | None


class StressView(View):
    """One shock: move of the benchmark, points added to volatility, P&L, and percent of net liquidation."""

    name: str
    market_pct: float
    vol_points: float | None
    pnl: float | None
    pct_of_nlv: float | None


class EnoughView(View):
    """The smallest moves of the benchmark that cost `loss`, percent; null: none does, or `note` says why.

    down_pct, up_pct: volatility held; down_pct_vix, up_pct_vix: moving along as the VIX has done for a year.
    """

    limit: str
    loss: float
    down_pct: float | None
    up_pct: float | None
    down_pct_vix: float | None
    up_pct_vix: float | None
    note: str


class PairView(View):
    """Correlation of daily returns, with its standard error."""

    pair: str
    correlation: float | None
    error: float | None


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
    var: list[VarView]
    expected_shortfall: list[TailView]
    stress: list[StressView]
    reverse_stress: list[EnoughView]
    correlation: list[PairView]
    correlation_note: str
    by_underlying: list[WeightView]
    by_sector: list[WeightView]
    by_expiry: list[WeightView]
    herfindahl: float | None
    left_out: list[str]
    method: list[str]
    units: str = ""
    chart: str | None = None


@dataclass(frozen=True, slots=True)
class _Detail:
    """How many groups of each kind, and how many pairs, one answer lists."""

    weights: int
    pairs: int


_DETAILS = (_Detail(4, 5), _Detail(4, 3), _Detail(3, 3), _Detail(2, 3), _Detail(1, 2))
_DETAILS_OF_ONE = tuple(_Detail(1, pairs) for pairs in (30, 20, 12, 8, 4, 2))


def risk_answer(report: RiskReport, symbol: str | None = None) -> RiskAnswer:
    """The report for a trader, with as many rows as have room.

    Args:
        report: of everything held.
        symbol: whose correlations and weight are wanted; None for the strongest of all.
    """
    if not report.held.holdings.positions:
        return _nothing(report)
    details = _DETAILS if symbol is None else _DETAILS_OF_ONE
    return fullest(lambda detail: _answer(report, symbol, detail), details)


def _answer(report: RiskReport, symbol: str | None, detail: _Detail) -> RiskAnswer:
    held, weights = report.held, report.weights
    pairs = _pairs(report, symbol)
    return RiskAnswer(
        summary=_summary(report),
        warnings=_warnings(report),
        as_of=moment(held.now),
        data_quality=quality(held.holdings),
        status="partial" if _left_out(report) else "ok",
        net_liquidation=num(held.net_liquidation, 2),
        benchmark=held.benchmark,
        var=[_var(report, key) for key in _keys(report)],
        expected_shortfall=[_shortfall(report, key) for key in _keys(report)],
        stress=[_stress(each, held.net_liquidation) for each in report.stress],
        reverse_stress=[_enough(each) for each in report.enough],
        correlation=[_pair(pair) for pair in pairs[: detail.pairs]],
        correlation_note=_correlation_note(report, symbol, len(pairs), detail.pairs),
        by_underlying=_weights(_first(weights.by_underlying, symbol), detail.weights),
        by_sector=[] if symbol else _weights(weights.by_sector, detail.weights),
        by_expiry=[] if symbol else _weights(weights.by_expiry, detail.weights),
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
        correlation_note="",
        by_underlying=[],
        by_sector=[],
        by_expiry=[],
        herfindahl=None,
        left_out=[],
        method=[],
    )


def _keys(report: RiskReport) -> list[tuple[int, float]]:
    """Horizons and confidences: what was asked for, then the usual ones."""
    usual = ((horizon, confidence) for horizon in HORIZONS for confidence in CONFIDENCES)
    return list(dict.fromkeys((_asked(report), *usual))) if report.tails.rows else []


def _asked(report: RiskReport) -> tuple[int, float]:
    return report.horizon_days, report.confidence


def _risk(report: RiskReport, key: tuple[int, float], method: str) -> TailRisk | None:
    rows = (row for row in report.tails.rows if (row.horizon_days, row.confidence) == key)
    risk = next((row.risk for row in rows if row.method == method), None)
    return risk if isinstance(risk, TailRisk) else None


def _var(report: RiskReport, key: tuple[int, float]) -> VarView:
    past, model = (_risk(report, key, method) for method in (HISTORICAL, MODEL))
    return VarView(
        confidence=key[1],
        horizon_days=key[0],
        historical=None if past is None else num(past.var, 0),
        monte_carlo=None if model is None else num(model.var, 0),
        low=None if past is None else num(past.var_low, 0),
        high=None if past is None else num(past.var_high, 0),
    )


def _shortfall(report: RiskReport, key: tuple[int, float]) -> TailView:
    past, model = (_risk(report, key, method) for method in (HISTORICAL, MODEL))
    return TailView(
        confidence=key[1],
        horizon_days=key[0],
        historical=None if past is None else num(past.shortfall, 0),
        monte_carlo=None if model is None else num(model.shortfall, 0),
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
    sides = (("down", each.held.down), ("up", each.held.up))
    moving = each.moving
    # That no move costs as much is what null says; any other reason is told.
    reasons = dict.fromkeys(
        f"{name}: {side.reason}"
        for name, side in sides
        if isinstance(side, Missing) and side.code != NOT_REACHED
    )
    return EnoughView(
        limit=each.name,
        loss=round(each.loss, 0),
        down_pct=_move(each.held.down),
        up_pct=_move(each.held.up),
        down_pct_vix=None if moving is None else _move(moving.down),
        up_pct_vix=None if moving is None else _move(moving.up),
        note="; ".join(reasons),
    )


def _move(side: Breach | Missing) -> float | None:
    return num(side.move_pct, 2) if isinstance(side, Breach) else None


def _pairs(report: RiskReport, symbol: str | None) -> Sequence[PairCorrelation]:
    """The pairs worth telling, strongest first: of everything, or those of one underlying."""
    wanted = [pair for pair in report.pairs if symbol is None or symbol in (pair.first, pair.second)]
    return of_different_sources(wanted)


def _pair(pair: PairCorrelation) -> PairView:
    return PairView(
        pair=f"{pair.first}/{pair.second}", correlation=num(pair.value, 2), error=num(pair.error, 3)
    )


def _correlation_note(report: RiskReport, symbol: str | None, count: int, most: int) -> str:
    """What the list leaves out, and how to see it."""
    groups = together(name for pair in report.pairs for name in (pair.first, pair.second))
    same = "; ".join(f"same index, counted once: {', '.join(names)} ({index})" for index, names in groups)
    whose = "pairs" if symbol is None else f"pairs of {symbol}"
    cut = f"the strongest {most} of {count} {whose}, {count - most} not shown" if count > most else ""
    how = ": name a symbol for all of its own" if cut and symbol is None else ""
    none = f"{symbol} has no correlation with anything held" if symbol and not count else ""
    less = "by_sector and by_expiry only without symbol" if symbol else ""
    return "; ".join(filter(None, (same, cut + how, none, less)))


def _first(weights: Sequence[Weight], symbol: str | None) -> Sequence[Weight]:
    """The same, with the one that was asked for in front."""
    return sorted(weights, key=lambda each: each.name != symbol)


def _weights(weights: Sequence[Weight], most: int) -> list[WeightView]:
    shown = [_weight(each) for each in weights[:most]]
    rest = weights[most:]
    if rest:
        shown.append(
            WeightView(
                name="1 other" if len(rest) == 1 else f"{len(rest)} others",
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
    parts = (_tail_words(report), _stress_words(report), _limit_words(report))
    return " ".join(words for words in parts if words)


def _tail_words(report: RiskReport) -> str:
    found = ((method, _risk(report, _asked(report), method)) for method in (HISTORICAL, MODEL))
    method, asked = next(((name, risk) for name, risk in found if risk is not None), ("", None))
    if asked is None:
        return "Value at risk is not known: see left_out and method."
    why = "" if method == HISTORICAL else "; history has too few days for it"
    return (
        f"Over {_days(report.horizon_days)} the loss stays within {_cash(asked.var)}"
        f"{_share(asked.var, report)} in {report.confidence * 100:g} of 100 cases; in the others it is "
        f"{_cash(asked.shortfall)} on average ({method}{why})."
    )


def _days(horizon: int) -> str:
    return "1 trading day" if horizon == 1 else f"{horizon} trading days"


def _stress_words(report: RiskReport) -> str:
    lowest = min(report.stress, key=lambda each: each.pnl, default=None)
    return "" if lowest is None else f"Worst stress: {lowest.shock.name}, {lowest.pnl:+,.0f}."


def _limit_words(report: RiskReport) -> str:
    """The nearest way to the first daily limit."""
    if not report.enough:
        return ""
    first = report.enough[0]
    ways = [(first.held, "volatility held"), (first.moving, "volatility moving along")]
    sides = [
        (side.move_pct, words)
        for way, words in ways
        if way is not None
        for side in (way.down, way.up)
        if isinstance(side, Breach)
    ]
    if not sides:
        return ""
    move, words = min(sides, key=lambda side: abs(side[0]))
    return f"{report.held.benchmark} {move:+.1f} % is enough for the {first.name}, {words}."


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
    reasons = [
        *(f"{name}: not in value at risk ({why.reason})" for name, why in report.tails.left_out.items()),
        *_unknown_tails(report),
        *(f"{name}: not in stress, no beta ({why.reason})" for name, why in report.no_beta.items()),
    ]
    return first_lines([*report.held.left_out, *reasons], MOST_NAMED)


def _unknown_tails(report: RiskReport) -> Iterable[str]:
    """Figures of the table that stay empty, with the reason."""
    shown = _keys(report)
    for row in report.tails.rows:
        if isinstance(row.risk, Missing) and (row.horizon_days, row.confidence) in shown:
            what = f"{row.method} {row.confidence * 100:g} % over {_days(row.horizon_days)}"
            yield f"{what}: not known ({row.risk.reason})"


def _method(report: RiskReport) -> list[str]:
    held = report.held
    return [
        *_tail_method(report),
        f"{SMILE_RULE}; stress moves each by its beta to the {held.benchmark} (a year of days)",
        f"historical days: {SOURCE}",
        _vix_method(report.vix, held.benchmark),
        carry_words(held.carries, held.now),
        _correlation_method(report.correlated),
        "share: of delta dollars without signs; sectors: the broker's industry, funds by what they hold",
    ]


def _tail_method(report: RiskReport) -> list[str]:
    tails = report.tails
    if not tails.rows:
        return ["value at risk: no common daily returns of what is held"]
    longest = max(row.horizon_days for row in tails.rows)
    return [
        f"value at risk: real-world, {tails.samples} common daily returns {tails.first} to {tails.last}; all "
        f"repriced at the horizon ({longest} trading days: {tails.passed[longest - 1]:g} of decay)"
        + _expiring_words(tails),
        f"historical: each day once; longer horizons {PATHS:,} draws of whole days with replacement; "
        "low, high: 95 %, binomial, over more days by the infinitesimal jackknife",
        f"monte_carlo: {PATHS:,} paths, {tails.model}, Ledoit-Wolf covariance, no drift, seeded by the date"
        + _model_error(report)
        + (f"; early exercise off by about {tails.price_error:.3f} per share" if tails.price_error else ""),
        VIX_MOVES if tails.has_vix else VIX_UNKNOWN,
    ]


def _expiring_words(tails: Tails) -> str:
    if not tails.expiring:
        return ""
    return (
        f"; {tails.expiring} options expire before and are settled then (today's after a whole day's move): "
        "shares of it not followed"
    )


def _vix_method(vix: Beta | Missing, benchmark: str) -> str:
    if isinstance(vix, Missing):
        return f"reverse stress: volatility held; how it moves is not known ({vix.reason})"
    return (
        f"reverse stress, _vix: {vix.beta:+.2f} (± {vix.error:.2f}) points of every volatility per percent "
        f"of the {benchmark}"
    )


def _model_error(report: RiskReport) -> str:
    """How far another draw of the model might move the figure that was asked for."""
    risk = _risk(report, _asked(report), MODEL)
    if risk is None or not risk.var > 0:
        return ""
    half = (risk.var_high - risk.var_low) / 2.0 / risk.var * 100.0
    return f", ± {half:.0f} % by the draw (95 %)"


def _correlation_method(found: Correlations | Missing) -> str:
    if isinstance(found, Missing):
        return f"correlations: {found.reason}"
    return f"correlations: {found.samples} returns, error (1 - r²) / √(n - 1)"
