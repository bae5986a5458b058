"""Answers about ideas: ranked drafts with the parts of their rank. Cash is for one combo."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from sumppump.domain.instruments import OptionContract
from sumppump.domain.payoff import Bound, Unlimited
from sumppump.domain.quotes import Quote
from sumppump.kernel.money import Money
from sumppump.server.views import Answer, View, cash, num, quality_of
from sumppump.strategies.drafts import Analysis
from sumppump.strategies.ideas.idea import Idea
from sumppump.strategies.ideas.service import Ideas

FORMULA = (
    "score = (prudent_value - cost_to_enter - cost_to_leave - early_exercise) / margin, for its whole life; "
    "prudent_value is the least mean P&L: the past's volatility a standard error off, rarest gains left out"
)
UNITS = (
    "dollars for one combo; net_premium per share, debit positive; probabilities 0 to 1; size_pct percent of "
    "net liquidation to tie up: half of Kelly's fraction by the prudent view, at most 25, 0 is no size"
)
NO_EARNINGS = "Earnings dates are not known here."
MOST_NOTES = 6


class IdeaView(View):
    """One candidate, a draft already; the score's parts stand beside it."""

    rank: int
    strategy_id: str
    strategy_type: str
    legs: str
    dte: int | None
    premium_words: str
    net_premium: float | None
    max_loss: float | None
    max_profit: float | None
    unbounded: str
    breakevens: list[float | None]
    probability_of_profit: float | None
    probability_by_measure: float | None
    score: float | None
    score_words: str
    value_by_measure: float | None
    prudent_value: float | None
    cost_to_enter: float | None
    cost_to_leave: float | None
    early_exercise: float | None
    margin: float | None
    open_interest: int | None
    volume: int | None
    widest_leg_pct: float | None
    combos_quoted: int | None
    size_pct: float | None
    permission_level: int
    events: list[str]
    why: str
    refused_by: list[str]


class IdeasAnswer(Answer):
    """Ranked candidates and how they were found."""

    symbol: str
    spot: float | None
    candidates: list[IdeaView]
    formula: str = FORMULA
    measure: str
    units: str = UNITS
    expiries: list[str]
    contracts_quoted: int
    candidates_priced: int
    candidates_fitting: int
    turned_away: list[str]
    notes: list[str] = Field(default_factory=list)
    next_steps: list[str] = Field(default_factory=list)


def ideas_answer(
    found: Ideas, *, monotonic: float, options_level: int, read_as: Sequence[str] = ()
) -> IdeasAnswer:
    """The ranking, or what was nearest where nothing fits."""
    quotes: list[Quote] = [leg.quote for idea in found.ideas for leg in idea.draft.analysis.legs]
    high = [idea for idea in found.ideas if idea.draft.permission_level > options_level]
    refused = [idea for idea in found.ideas if idea.objections]
    warnings = ["The rank compares prices with the past month and forecasts nothing.", NO_EARNINGS]
    if high:
        warnings.append(f"{len(high)} need more than OPTIONS_LEVEL {options_level}: they are refused.")
    if refused:
        warnings.append(f"{len(refused)} would be refused now and stand last; refused_by names the limits.")
    return IdeasAnswer(
        summary=_summary(found),
        warnings=warnings if found.ideas else [],
        data_quality=quality_of(quotes, monotonic),
        read_as=list(read_as),
        symbol=found.symbol,
        spot=num(found.spot),
        candidates=[_view(idea, rank) for rank, idea in enumerate(found.ideas, 1)],
        measure=found.measure.words,
        expiries=[day.isoformat() for day in found.expiries],
        contracts_quoted=found.quoted,
        candidates_priced=found.priced,
        candidates_fitting=found.fitting,
        turned_away=list(found.refused),
        notes=[note.rstrip(".") for note in found.notes[:MOST_NOTES]],
        next_steps=[_NEXT if found.ideas else _WIDEN],
    )


_NEXT = (
    "Show the person why and the score's parts; trade_analyze_opportunity looks closer, trade_execute stages."
)
_WIDEN = "Widen the bound that turned most away, or the days."


def _summary(found: Ideas) -> str:
    looked = f"{found.priced:,} candidates on {found.symbol} priced from {found.quoted} quotes"
    if not found.ideas:
        why = "; ".join(found.refused) or next(iter(found.notes), "no strikes fit").rstrip(".")
        return f"{looked}: none fits. {why[0].upper()}{why[1:]}."
    best = found.ideas[0]
    names = best.draft.strategy_type.words
    return (
        f"{looked}, {found.fitting:,} within the bounds; the highest score is {_said(best.score.value)}, "
        f"{names} {_legs(best)}: {best.draft.analysis.premium_words}."
    )


def _said(score: float | None) -> str:
    return "unknown" if score is None else f"{score:+.3f}"


def _view(idea: Idea, rank: int) -> IdeaView:
    draft, score, market = idea.draft, idea.score, idea.liquidity
    analysis = draft.analysis
    return IdeaView(
        rank=rank,
        strategy_id=draft.strategy_id,
        strategy_type=draft.strategy_type.value,
        legs=_legs(idea),
        dte=analysis.dte,
        premium_words=analysis.premium_words,
        net_premium=num(analysis.net_premium, 4),
        max_loss=_bound(analysis.max_loss),
        max_profit=_bound(analysis.max_profit),
        unbounded=_unbounded(analysis),
        breakevens=[num(price, 2) for price in analysis.breakevens],
        probability_of_profit=num(analysis.probability_of_profit, 4),
        probability_by_measure=num(score.chance, 4),
        score=num(score.value, 4),
        score_words=score.words,
        value_by_measure=cash(score.expected_value),
        prudent_value=cash(score.prudent_value),
        cost_to_enter=cash(score.enter),
        cost_to_leave=cash(score.leave),
        early_exercise=cash(score.early_exercise),
        margin=cash(score.margin),
        open_interest=market.open_interest,
        volume=market.volume,
        widest_leg_pct=num(market.widest_pct, 1),
        combos_quoted=market.quoted,
        size_pct=None if score.size is None else num(100 * score.size, 2),
        permission_level=draft.permission_level,
        events=list(idea.events),
        why=idea.why,
        refused_by=list(idea.objections),
    )


def _unbounded(analysis: Analysis) -> str:
    """Why a bound is null, in sentences; empty where both are there."""
    bounds = (analysis.max_loss, analysis.max_profit)
    said = [each.reason for each in bounds if isinstance(each, Unlimited)]
    return " ".join([*said, *([analysis.payoff.reason] if None in bounds else [])])


def _legs(idea: Idea) -> str:
    """As a trader writes them: `2026-12-18 +1 580P -1 590P`."""
    combo = idea.draft.combo
    days = "/".join(day.isoformat() for day in combo.expiries)
    parts = [f"{leg.ratio:+d} {_contract(leg.contract, combo.expiries)}" for leg in combo.legs]
    return f"{days} {' '.join(parts)}"


def _contract(contract: object, expiries: Sequence[object]) -> str:
    if not isinstance(contract, OptionContract):
        return "shares"
    far = " later" if len(expiries) > 1 and contract.expiry == expiries[-1] else ""
    return f"{contract.strike.normalize():f}{contract.right.value}{far}"


def _bound(bound: Bound | None) -> float | None:
    return cash(bound) if isinstance(bound, Money) else None
