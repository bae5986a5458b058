"""What a bad day, a crash and a slow bleed would cost everything held: one question, one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from sumppump.data.arguments import refuse
from sumppump.data.new_york_calendar import trading_days_after
from sumppump.data.off_loop import off_loop
from sumppump.domain.missing import Missing
from sumppump.domain.returns import Beta, Correlations, correlations
from sumppump.kernel.clock import NEW_YORK
from sumppump.portfolio.positions import GroupBy
from sumppump.risk.betas import betas_to, vix_beta
from sumppump.risk.exposure import leg_exposures
from sumppump.risk.held_book import VIX, HeldBook, HeldBooks
from sumppump.risk.limits import Limits
from sumppump.risk.stress import Enough, Stressed, smallest_moves, stressed
from sumppump.risk.value_at_risk import Tails, past_of, tails_of
from sumppump.risk.weights import Weights, weights_of

CONFIDENCES, HORIZONS = (0.95, 0.99), (1, 10)
LOWEST_CONFIDENCE, HIGHEST_CONFIDENCE, LONGEST_HORIZON = 0.8, 0.995, 20
LARGE_LOSS_PCT = 20.0
FEWEST_RETURNS = 60


@dataclass(frozen=True, slots=True)
class PairCorrelation:
    """Two underlyings, the correlation of their daily returns and its standard error."""

    first: str
    second: str
    value: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReport:
    """Everything about what could be lost.

    Attributes:
        confidence, horizon_days: what was asked for; the usual ones stand beside.
        stress: in the order of the table. enough: smallest moves that cost each limit.
        pairs: of what is held, strongest first; correlated: how many returns they rest on and their error.
        vix: points that the VIX moves per percent of the benchmark.
    """

    held: HeldBook
    confidence: float
    horizon_days: int
    tails: Tails
    stress: tuple[Stressed, ...]
    enough: tuple[Enough, ...]
    weights: Weights
    pairs: tuple[PairCorrelation, ...]
    correlated: Correlations | Missing
    vix: Beta | Missing
    betas: Mapping[str, Beta]
    no_beta: Mapping[str, Missing]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskService:
    """Reads what is held; changes nothing."""

    books: HeldBooks
    limits: Limits = field(default_factory=Limits)

    async def risk(self, confidence: float, horizon_days: int) -> RiskReport:
        """What could be lost.

        Args:
            confidence: a part of 1, 0.95.
            horizon_days: trading days.

        Raises:
            InvalidRequest: a confidence or horizon out of range.
            GatewayUnavailable: the broker has not said what is held.
        """
        level, days = asked(confidence, horizon_days)
        held = await self.books.now(group_by=GroupBy.LEG)
        return await off_loop(report_of, held, level, days, self.limits)


def asked(confidence: float, horizon_days: int) -> tuple[float, int]:
    """Both figures, checked.

    Raises:
        InvalidRequest: out of range.
    """
    if not LOWEST_CONFIDENCE <= confidence <= HIGHEST_CONFIDENCE:
        expected = f"{LOWEST_CONFIDENCE:g} to {HIGHEST_CONFIDENCE:g}, for example 0.95"
        refuse("confidence", "out of range", expected=expected, found=f"{confidence:g}")
    if not 1 <= horizon_days <= LONGEST_HORIZON:
        expected = f"1 to {LONGEST_HORIZON} trading days"
        refuse("horizon_days", "out of range", expected=expected, found=str(horizon_days))
    return confidence, horizon_days


def report_of(held: HeldBook, confidence: float, horizon_days: int, limits: Limits) -> RiskReport:
    """The report on a book."""
    known, unknown = betas_to(held.benchmark, held.closes)
    betas = {symbol: known[symbol].beta for symbol in held.book.symbols if symbol in known}
    past = past_of(held.closes, held.book.symbols)
    vix = vix_beta(held.benchmark, VIX, held.closes)
    correlated = correlations(past.returns, least=FEWEST_RETURNS)
    legs = leg_exposures(held.holdings.strategies, {})
    today, horizons = held.now.astimezone(NEW_YORK).date(), sorted({*HORIZONS, horizon_days})
    return RiskReport(
        held=held,
        confidence=confidence,
        horizon_days=horizon_days,
        tails=tails_of(
            held.book,
            past,
            confidences=sorted({*CONFIDENCES, confidence}),
            horizons=horizons,
            passed=days_passed(today, max(horizons)),
            day=today,
        ),
        stress=stressed(held.book, betas) if len(held.book) else (),
        enough=smallest_moves(held.book, betas, losses_of(held, limits), vix) if len(held.book) else (),
        vix=vix,
        weights=weights_of(legs, held.underlyings, held.book),
        pairs=pairs_of(correlated),
        correlated=correlated,
        betas={symbol: beta for symbol, beta in known.items() if symbol in held.underlyings},
        no_beta={symbol: why for symbol, why in unknown.items() if symbol in held.underlyings},
    )


def days_passed(today: date, count: int) -> tuple[float, ...]:
    """Calendar days from now to the same time after 1, 2, ... trading days: 3 from a Friday to its Monday."""
    return tuple(float((day - today).days) for day in trading_days_after(today, count))


def losses_of(held: HeldBook, limits: Limits) -> dict[str, float]:
    """The losses that matter, cash: what is left of the day's limits (C-14), and a fifth of the account.

    Of today's limits what today has cost already is taken off; a profit of today makes no room.
    """
    nlv = held.net_liquidation
    if nlv is None or nlv <= 0:
        return {}
    today = None if held.figures is None else held.figures.daily_pnl
    spent = max(0.0, -float(today.amount)) if today is not None else 0.0
    rules = (
        ("daily loss limit, only closing", float(limits.daily_loss_reduce_pct), spent),
        ("daily loss limit, halt", float(limits.daily_loss_halt_pct), spent),
        ("a large loss", LARGE_LOSS_PCT, 0.0),
    )
    return {f"{name} ({share:g} % of NLV)": share / 100.0 * nlv - off for name, share, off in rules}


def pairs_of(found: Correlations | Missing) -> tuple[PairCorrelation, ...]:
    """Every pair once, the strongest first."""
    if isinstance(found, Missing) or len(found.symbols) < 2:
        return ()
    rows, columns = np.triu_indices(len(found.symbols), 1)
    pairs = [
        PairCorrelation(found.symbols[row], found.symbols[column], value, found.error(value))
        for row, column in zip(rows, columns, strict=True)
        if np.isfinite(value := float(found.values[row, column]))
    ]
    return tuple(sorted(pairs, key=lambda pair: -abs(pair.value)))
