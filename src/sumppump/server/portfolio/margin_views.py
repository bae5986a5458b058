"""Answers about margin, in the account's currency; ratios as fractions (0.4 is 40 %)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sumppump.domain.account import AccountFigures
from sumppump.domain.margin.regt import Needs
from sumppump.domain.missing import Missing
from sumppump.domain.returns import Beta
from sumppump.kernel.money import Money
from sumppump.risk.margin import LEVEL_RULE, MarginReport
from sumppump.risk.margin_distance import MARKET, MOVING, Distance
from sumppump.server.room import fullest
from sumppump.server.views import Answer, QualityView, View, cash, moment, num

MOST_LEGS = 120
BASIS = (
    "full reprice of every position, Regulation T figured anew at the moved prices, from the broker's excess "
    "liquidity now; each underlying moves by its beta, one without a beta stands still; volatilities stay"
)


class NeedPartView(View):
    """One item of the estimate: which positions, by which rule, how much."""

    legs: str
    rule: str
    initial: float | None
    maintenance: float | None


class NeedsView(View):
    """One underlying in the estimate."""

    symbol: str
    initial: float | None
    maintenance: float | None
    parts: list[NeedPartView]
    more_parts: int


class RegTView(View):
    """Regulation T by strategy, estimated here; difference is the broker's maintenance less ours."""

    initial: float | None
    maintenance: float | None
    difference: float | None
    notes: list[str]
    underlyings: list[NeedsView]
    more_underlyings: int


class DistanceView(View):
    """Percent that the market, or one underlying, can move until excess liquidity is 0, and the P&L then."""

    what: str
    down_pct: float | None
    down_pnl: float | None
    up_pct: float | None
    up_pnl: float | None
    reasons: list[str]


class BetaView(View):
    """How far an underlying moves with the market."""

    symbol: str
    beta: float | None


class MarginAnswer(Answer):
    """The broker's figures, the level, an estimate by the rules, and how far a margin call is."""

    currency: str
    net_liquidation: float | None
    maintenance_margin: float | None
    initial_margin: float | None
    excess_liquidity: float | None
    cushion: float | None
    margin_usage: float | None
    level: str | None
    level_rule: str = LEVEL_RULE
    reg_t: RegTView
    margin_call_distance: list[DistanceView]
    more_distances: int
    no_distance: str
    distance_basis: str
    betas: list[BetaView]
    no_beta: list[str]
    missing: list[str]


@dataclass(frozen=True, slots=True)
class _Detail:
    """How many underlyings of the estimate, parts of each, and distances one answer lists."""

    needs: int
    parts: int
    distances: int


_DETAILS = (_Detail(8, 4, 40), _Detail(8, 2, 16), _Detail(6, 1, 12), _Detail(4, 1, 8), _Detail(2, 1, 4))


def margin_answer(report: MarginReport) -> MarginAnswer:
    """The report in full, as far as one answer holds."""
    return fullest(lambda detail: _answer(report, detail), _DETAILS)


def _answer(report: MarginReport, detail: _Detail) -> MarginAnswer:
    summary = report.summary
    figures = None if summary is None else summary.figures
    distances = () if isinstance(report.distances, Missing) else report.distances
    return MarginAnswer(
        summary=_words(report, distances),
        warnings=[*(summary.warnings if summary else ()), *report.holdings.warnings],
        as_of=moment(report.holdings.as_of),
        data_quality=QualityView(state="broker", age_s=None if summary is None else num(summary.age_s, 1)),
        currency="USD" if figures is None else figures.currency,
        net_liquidation=_told(figures, "nlv"),
        maintenance_margin=_told(figures, "maintenance_margin"),
        initial_margin=_told(figures, "initial_margin"),
        excess_liquidity=_told(figures, "excess_liquidity"),
        cushion=None if summary is None else num(summary.cushion, 4),
        margin_usage=None if summary is None else num(summary.margin_usage, 4),
        level=report.level,
        reg_t=_reg_t(report, figures, detail),
        margin_call_distance=[_distance(each) for each in distances[: detail.distances]],
        more_distances=max(0, len(distances) - detail.distances),
        no_distance=report.distances.reason if isinstance(report.distances, Missing) else "",
        distance_basis=_basis(report.vix, report.benchmark),
        betas=[BetaView(symbol=symbol, beta=num(beta, 2)) for symbol, beta in report.betas.items()],
        no_beta=list(report.no_beta),
        missing=["the broker gives no figures now"] if summary is None else list(summary.missing),
    )


def _basis(vix: Beta | Missing, benchmark: str) -> str:
    if isinstance(vix, Missing):
        return BASIS
    return f"{BASIS}, or move by {vix.beta:+.2f} (± {vix.error:.2f}) points per percent of the {benchmark}"


def _told(figures: AccountFigures | None, name: str) -> float | None:
    return None if figures is None else cash(getattr(figures, name))


def _reg_t(report: MarginReport, figures: AccountFigures | None, detail: _Detail) -> RegTView:
    total = report.needs.total
    told: Money | None = None if figures is None else figures.maintenance_margin
    heaviest = sorted(report.needs.underlyings, key=lambda each: each.total.maintenance, reverse=True)
    return RegTView(
        initial=num(total.initial, 2),
        maintenance=num(total.maintenance, 2),
        difference=None if told is None else num(told.amount - total.maintenance, 2),
        notes=list(report.notes),
        underlyings=[_needs(each, detail.parts) for each in heaviest[: detail.needs]],
        more_underlyings=max(0, len(heaviest) - detail.needs),
    )


def _needs(needs: Needs, most: int) -> NeedsView:
    parts = sorted(needs.parts, key=lambda part: part.need.maintenance, reverse=True)
    return NeedsView(
        symbol=needs.symbol,
        initial=num(needs.total.initial, 2),
        maintenance=num(needs.total.maintenance, 2),
        parts=[
            NeedPartView(
                legs=part.legs[:MOST_LEGS],
                rule=part.rule,
                initial=num(part.need.initial, 2),
                maintenance=num(part.need.maintenance, 2),
            )
            for part in parts[:most]
        ],
        more_parts=max(0, len(parts) - most),
    )


def _distance(each: Distance) -> DistanceView:
    sides = (each.down, each.up)
    down, up = (None if isinstance(side, Missing) else num(side, 2) for side in sides)
    reasons = list(dict.fromkeys(side.reason for side in sides if isinstance(side, Missing)))
    return DistanceView(
        what=each.what,
        down_pct=down,
        down_pnl=num(each.down_pnl, 2),
        up_pct=up,
        up_pnl=num(each.up_pnl, 2),
        reasons=reasons,
    )


def _way(name: str, sides: Sequence[tuple[str, float | Missing]]) -> str:
    """A fall or a rise that leads to a call, the nearest; "" for none."""
    known = [(abs(side), what) for what, side in sides if not isinstance(side, Missing)]
    if not known:
        return ""
    nearest, what = min(known)
    return f"{name} of {nearest:.1f} %" + (" with volatility moving along" if what == MOVING else "")


def _words(report: MarginReport, distances: tuple[Distance, ...]) -> str:
    summary = report.summary
    if summary is None or summary.cushion is None:
        return "The margin cushion is not known: the broker did not give the figures."
    figures = summary.figures
    market = [each for each in distances if each.what in (MARKET, MOVING)]
    ways = (
        _way("fall", [(each.what, each.down) for each in market]),
        _way("rise", [(each.what, each.up) for each in market]),
    )
    near = [words for words in ways if words]
    call = f" A market {' or '.join(near)} leads to a margin call." if near else ""
    none = " No move of the market leads to a margin call by these rules." if distances and not near else ""
    return (
        f"Margin level {report.level}: excess liquidity {figures.excess_liquidity}, a cushion of "
        f"{summary.cushion:.1%}.{call}{none}"
    )
