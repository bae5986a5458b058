"""The Greeks of everything held and what they would come to: one question, one moment, one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sumppump.data.arguments import refuse
from sumppump.data.off_loop import off_loop
from sumppump.domain.book import Book, Scenario, Shocks, SmileRule, worths
from sumppump.domain.missing import Missing
from sumppump.domain.returns import Beta
from sumppump.portfolio.positions import GroupBy
from sumppump.risk.betas import betas_to, joint_error
from sumppump.risk.exposure import Exposure, LegExposure, by_key, exposure, leg_exposures
from sumppump.risk.held_book import HeldBook, HeldBooks
from sumppump.risk.scenarios import Question, ScenarioGrid, scenario_grid, worst
from sumppump.risk.score import Measured, Score, risk_score

MOST_MOVES, LOWEST_MOVE, HIGHEST_MOVE = 15, -99.0, 200.0
MOST_DATES, MOST_DAYS = 5, 365.0
MOST_CHANGES, MOST_POINTS = 5, 200.0
_RATE_STEP = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedDelta:
    """Deltas of all underlyings as one position in the benchmark.

    Attributes:
        dollars: sum of beta times delta dollars.
        error: its standard error, by one regression of all of them together; None where their days do not
            suffice for one.
        shares: the same in shares of the benchmark, None without its price.
        left_out: underlyings without a beta or delta dollars.
    """

    dollars: float
    error: float | None
    shares: float | None
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GreeksReport:
    """Everything about the Greeks.

    Attributes:
        total, underlyings, strategies, legs: sums with what they leave out.
        betas: by symbol; no_beta: why there is none.
    """

    held: HeldBook
    question: Question
    total: Exposure
    underlyings: tuple[Exposure, ...]
    strategies: tuple[Exposure, ...]
    legs: tuple[LegExposure, ...]
    betas: Mapping[str, Beta]
    no_beta: Mapping[str, Missing]
    weighted: WeightedDelta
    grid: ScenarioGrid
    score: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class GreeksService:
    """Reads what is held; changes nothing."""

    books: HeldBooks

    async def analysis(self, question: Question, *, group_by: GroupBy = GroupBy.LEG) -> GreeksReport:
        """The Greeks now, and the book under scenarios.

        Args:
            question: what may happen; sticky delta looks at the smiles of what is held first.
            group_by: whether legs are put together to strategies.

        Raises:
            GatewayUnavailable: the broker has not said what is held.
        """
        with_smiles = question.smile is SmileRule.STICKY_DELTA
        held = await self.books.now(group_by=group_by, with_smiles=with_smiles)
        return await off_loop(report_of, held, question)


def question_of(
    moves_pct: Sequence[float] | None = None,
    days: Sequence[float] | None = None,
    iv_points: Sequence[float] | None = None,
    smile: SmileRule = SmileRule.STICKY_STRIKE,
) -> Question:
    """The question, checked; None for the usual moves, for one day, for no change of volatility.

    Raises:
        InvalidRequest: a figure out of range; the field is named.
    """
    found = Question(smile=smile)
    if moves_pct is not None:
        moves = _within("scenario_moves", moves_pct, MOST_MOVES, LOWEST_MOVE, HIGHEST_MOVE, "percents")
        found = replace(found, moves_pct=tuple(sorted(moves)))
    if days is not None:
        found = replace(found, days=_within("time_decay_days", days, MOST_DATES, 0.0, MOST_DAYS, "days"))
    if iv_points is not None:
        points = _within("iv_change", iv_points, MOST_CHANGES, -MOST_POINTS, MOST_POINTS, "points")
        found = replace(found, iv_points=points)
    return found


def _within(
    name: str, given: Sequence[float], most: int, low: float, high: float, unit: str
) -> tuple[float, ...]:
    """These figures, each once and in the order given."""
    found = tuple(dict.fromkeys(given))
    if not 1 <= len(found) <= most or not all(low <= each <= high for each in found):
        refuse(
            name,
            "out of range",
            expected=f"1 to {most} {unit} from {low:g} to {high:g}",
            found=", ".join(f"{each:g}" for each in found[:5]) or "none",
        )
    return found


def report_of(held: HeldBook, question: Question) -> GreeksReport:
    """The report on a book."""
    betas, no_beta = betas_to(held.benchmark, held.closes)
    legs = leg_exposures(held.holdings.strategies, rhos(held.book))
    total, underlyings = exposure("total", legs), by_key(legs, lambda leg: leg.symbol)
    weighted = weighted_delta(held, underlyings, betas)
    grid = scenario_grid(held.book, {symbol: beta.beta for symbol, beta in betas.items()}, question)
    lowest = worst(grid.rows)
    measured = Measured(
        market_delta=weighted.dollars if total.sums.delta_dollars is not None else None,
        gamma_1pct=total.sums.gamma_1pct,
        theta=total.sums.theta,
        vega=total.sums.vega,
        worst=None if lowest is None else lowest.pnl,
    )
    return GreeksReport(
        held=held,
        question=question,
        total=total,
        underlyings=underlyings,
        strategies=by_key(legs, lambda leg: leg.position_id),
        legs=legs,
        betas={symbol: beta for symbol, beta in betas.items() if symbol in held.underlyings},
        no_beta={symbol: why for symbol, why in no_beta.items() if symbol in held.underlyings},
        weighted=weighted,
        grid=grid,
        score=risk_score(measured, held.net_liquidation),
    )


def benchmark_price(held: HeldBook) -> float | None:
    """The benchmark's price now where it is held, else its last close."""
    spots = {each.symbol: each.spot for each in held.holdings.strategies}
    if (spot := spots.get(held.benchmark)) is not None:
        return float(spot)
    closes = held.closes.get(held.benchmark)
    if closes is None or isinstance(closes, Missing):
        return None
    return closes.by_day[max(closes.by_day)]


def weighted_delta(
    held: HeldBook, underlyings: Sequence[Exposure], betas: Mapping[str, Beta]
) -> WeightedDelta:
    """Delta dollars times beta, summed; what has no beta is left out and named."""
    price = benchmark_price(held)
    known, left_out = {}, []
    for each in underlyings:
        own = each.sums.delta_dollars
        if each.name in betas and own is not None:
            known[each.name] = own
        else:
            left_out.append(f"{each.name}: no {'delta dollars' if each.name in betas else 'beta'}")
    dollars = sum(betas[symbol].beta * own for symbol, own in known.items())
    error = joint_error(known, held.benchmark, held.closes) if known else 0.0
    return WeightedDelta(
        dollars=dollars,
        error=None if isinstance(error, Missing) else error,
        shares=dollars / price if price else None,
        left_out=tuple(left_out),
    )


def rhos(book: Book) -> dict[int, float]:
    """Of each option, by con_id: currency per share for one percent more of interest, the dividends kept."""
    if not len(book.options):
        return {}
    count = len(book.options)
    alone = book.rows(range(count))
    both = book.options.rows(np.tile(np.arange(count), 2))
    rates = both.rate + np.repeat([-_RATE_STEP, _RATE_STEP], count)
    bumped = replace(alone, options=replace(both, rate=rates), labels=alone.labels * 2, smiles=())
    worth = worths(bumped, Shocks.of([Scenario()], book.symbols))[0]
    gains = (worth[count:] - worth[:count]).tolist()
    return {label.con_id: gain for label, gain in zip(book.labels[:count], gains, strict=True)}
