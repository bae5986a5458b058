"""Answers about ideas: ranked drafts with the parts of their rank. Cash is for one combo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from sumppump.domain.instruments import OptionContract
from sumppump.domain.payoff import Bound
from sumppump.domain.quotes import Quote
from sumppump.kernel.money import Money
from sumppump.server.views import Answer, View, cash, num, quality_of
from sumppump.strategies.ideas.service import Idea, Ideas

FORMULA = "score = (expected_value - crossing_cost - lost_dividends) / capital, for the life of the trade"
UNITS = "dollars for one combo (null max_loss or max_profit is unlimited); premium per share"
NO_EARNINGS = "Earnings dates are not known here."
MOST_NOTES = 4


class IdeaView(View):
    """One candidate, a draft already; the score's parts stand beside it."""

    rank: int
    strategy_id: str
    strategy_type: str
    legs: str
    dte: int | None
    net_premium: float | None
    max_loss: float | None
    max_profit: float | None
    breakevens: list[float | None]
    probability_of_profit: float | None
    probability_lognormal: float | None
    score: float | None
    expected_value: float | None
    crossing_cost: float | None
    lost_dividends: float | None
    capital: float | None
    least_open_interest: int | None
    permission_level: int
    events: list[str]


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


def ideas_answer(found: Ideas, *, monotonic: float, options_level: int) -> IdeasAnswer:
    """The ranking, or what was nearest where nothing fits."""
    quotes: list[Quote] = [leg.quote for idea in found.ideas for leg in idea.draft.analysis.legs]
    high = [idea for idea in found.ideas if idea.draft.permission_level > options_level]
    warnings = [f"Rank by {found.measure.words}: a comparison of prices, no forecast.", NO_EARNINGS]
    if high:
        warnings.append(f"{len(high)} need more than OPTIONS_LEVEL {options_level}: they are refused.")
    return IdeasAnswer(
        summary=_summary(found),
        warnings=warnings if found.ideas else [],
        data_quality=quality_of(quotes, monotonic),
        symbol=found.symbol,
        spot=num(found.spot),
        candidates=[_view(idea, rank) for rank, idea in enumerate(found.ideas, 1)],
        measure=found.measure.words,
        expiries=[day.isoformat() for day in found.expiries],
        contracts_quoted=found.quoted,
        candidates_priced=found.priced,
        candidates_fitting=found.fitting,
        turned_away=list(found.refused),
        notes=list(found.notes[:MOST_NOTES]),
        next_steps=[_NEXT if found.ideas else _WIDEN],
    )


_NEXT = "Show the person the scores' parts; trade_analyze_opportunity looks closer, trade_execute stages one."
_WIDEN = "Widen the bound that turned most away, or the days."


def _summary(found: Ideas) -> str:
    looked = f"{found.priced:,} candidates on {found.symbol} priced from {found.quoted} quotes"
    if not found.ideas:
        why = "; ".join(found.refused) or "; ".join(found.notes).rstrip(".") or "no strikes fit"
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
    draft, score = idea.draft, idea.score
    analysis = draft.analysis
    return IdeaView(
        rank=rank,
        strategy_id=draft.strategy_id,
        strategy_type=draft.strategy_type.value,
        legs=_legs(idea),
        dte=analysis.dte,
        net_premium=num(analysis.net_premium, 4),
        max_loss=_bound(analysis.payoff.max_loss),
        max_profit=_bound(analysis.payoff.max_profit),
        breakevens=[num(price, 2) for price in analysis.breakevens],
        probability_of_profit=num(analysis.probability_of_profit, 4),
        probability_lognormal=num(analysis.lognormal.profit, 4) if analysis.lognormal else None,
        score=num(score.value, 4),
        expected_value=cash(score.expected_value),
        crossing_cost=cash(score.crossing),
        lost_dividends=cash(score.lost_dividends),
        capital=cash(score.capital),
        least_open_interest=_least(leg.quote for leg in analysis.legs),
        permission_level=draft.permission_level,
        events=list(idea.events),
    )


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


def _least(quotes: Iterable[Quote]) -> int | None:
    """The least held option's; None where one does not tell."""
    held = [each.open_interest for each in quotes if isinstance(each.instrument, OptionContract)]
    known = [each for each in held if each is not None]
    return min(known) if known and len(known) == len(held) else None
