"""The Greeks of everything held and what they would come to: one question, one moment, one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sumppump.data.arguments import refuse
from sumppump.data.off_loop import off_loop
from sumppump.domain.book import Book, Scenario, Shocks, worths
from sumppump.domain.missing import Missing
from sumppump.domain.returns import Beta
from sumppump.portfolio.positions import GroupBy
from sumppump.risk.betas import betas_to, joint_error
from sumppump.risk.exposure import Exposure, LegExposure, by_key, exposure, leg_exposures
from sumppump.risk.held_book import HeldBook, HeldBooks
from sumppump.risk.scenarios import Question, ScenarioGrid, scenario_grid, worst
from sumppump.risk.score import Measured, Score, risk_score

MOST_MOVES, LOWEST_MOVE, HIGHEST_MOVE = 15, -99.0, 200.0
MOST_DAYS, MOST_POINTS = 365.0, 200.0
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

    async def analysis(
        self,
        moves_pct: Sequence[float] | None,
        days: float,
        iv_points: float | None,
        *,
        group_by: GroupBy = GroupBy.LEG,
    ) -> GreeksReport:
        """The Greeks now, and the book under scenarios.

        Args:
            moves_pct: of the market, percent; None for the usual seven.
            days: calendar days for the decay.
            iv_points: change of every volatility, points; None for none.
            group_by: whether legs are put together to strategies.

        Raises:
            InvalidRequest: a move, a date or a change that cannot be.
            GatewayUnavailable: the broker has not said what is held.
        """
        question = question_of(moves_pct, days, iv_points)
        held = await self.books.now(group_by=group_by)
        return await off_loop(report_of, held, question)


def question_of(moves_pct: Sequence[float] | None, days: float, iv_points: float | None) -> Question:
    """The question, checked.

    Raises:
        InvalidRequest: a figure out of range; the field is named.
    """
    moves = Question().moves_pct if moves_pct is None else tuple(sorted(set(moves_pct)))
    if not 1 <= len(moves) <= MOST_MOVES or not all(LOWEST_MOVE <= each <= HIGHEST_MOVE for each in moves):
        refuse(
            "scenario_moves",
            "these moves cannot be looked at",
            expected=f"1 to {MOST_MOVES} percents from {LOWEST_MOVE:g} to {HIGHEST_MOVE:g}",
            found=", ".join(f"{each:g}" for each in moves[:5]) or "none",
        )
    if not 0 <= days <= MOST_DAYS:
        refuse("time_decay_days", "out of range", expected=f"0 to {MOST_DAYS:g} days", found=f"{days:g}")
    if iv_points is not None and not abs(iv_points) <= MOST_POINTS:
        expected = f"-{MOST_POINTS:g} to {MOST_POINTS:g} volatility points"
        refuse("iv_change", "out of range", expected=expected, found=f"{iv_points:g}")
    return Question(moves_pct=moves, days=days, iv_points=iv_points)


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
