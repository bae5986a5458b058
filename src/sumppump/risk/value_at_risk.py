"""Value at risk and expected shortfall of what is held, by history and by a model fitted to it. Pure.

A path moves every underlying and the VIX; its change of the VIX is added to every volatility, since who has
sold options loses by both at once. Every position is repriced on every path at the end of the horizon, or
settled at its own expiry before that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sumppump.domain.book import Book
from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array
from sumppump.domain.return_paths import Paths, ReturnModel, fitted_model, historical_paths
from sumppump.domain.returns import Returns, aligned_returns
from sumppump.domain.tail_risk import Redrawn, TailRisk, var_and_es
from sumppump.risk.closes import Closes, point_changes
from sumppump.risk.held_book import VIX
from sumppump.risk.path_outcomes import Journey, expiry_days, outcomes

PATHS, LEAST_DAYS = 10_000, 200
HISTORICAL, MODEL = "historical", "monte_carlo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What has happened on the same days.

    Attributes:
        returns: logarithmic, (days, underlyings); its `left_out` names what has too short a past.
        vix: change of the VIX on these days, volatility points; None without its history.
    """

    returns: Returns
    vix: Array | None

    @property
    def columns(self) -> Array:
        """Returns, and with them the VIX in hundredths, so that all columns are of a size."""
        values = self.returns.values
        return values if self.vix is None else np.column_stack([values, self.vix / 100.0])


@dataclass(frozen=True, slots=True)
class Tail:
    """What a horizon of trading days may cost at one confidence, by one method."""

    method: str
    confidence: float
    horizon_days: int
    risk: TailRisk | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Tails:
    """Every method, confidence and horizon.

    Attributes:
        left_out: underlyings that no figure holds, with the reason.
        first, last, samples: the days that it rests on.
        model: the distribution in words. price_error: of interpolated prices, currency per share.
        has_vix: whether volatility moved along.
        passed: calendar days that have gone after 1, 2, ... trading days.
        expiring: options that expire within the longest horizon and are settled on the way.
    """

    rows: tuple[Tail, ...]
    left_out: Mapping[str, Missing]
    first: date | None = None
    last: date | None = None
    samples: int = 0
    model: str = ""
    price_error: float = 0.0
    has_vix: bool = False
    passed: tuple[float, ...] = ()
    expiring: int = 0


def past_of(closes: Mapping[str, Closes | Missing], symbols: Sequence[str]) -> Past:
    """The common past of these underlyings and of the VIX where it has one."""
    known = {symbol: each.by_day for symbol in symbols if isinstance(each := closes.get(symbol), Closes)}
    unknown = {
        symbol: each for symbol in symbols if isinstance(each := closes.get(symbol, _NO_CLOSES), Missing)
    }
    vix = closes.get(VIX)
    wanted = known | ({_LEVEL: vix.by_day} if isinstance(vix, Closes) else {})
    found = aligned_returns(wanted, least=LEAST_DAYS)
    kept = tuple(symbol for symbol in found.symbols if symbol != _LEVEL)
    returns = Returns(
        symbols=kept,
        days=found.days,
        values=found.columns(kept),
        left_out=unknown | {name: why for name, why in found.left_out.items() if name != _LEVEL},
    )
    return Past(returns=returns, vix=_points(found, vix))


# Under a name of its own: the VIX may be held, too.
_LEVEL = "VIX level"
_NO_CLOSES = Missing("no_history", "no daily closes")


def _points(found: Returns, vix: Closes | Missing | None) -> Array | None:
    """Changes of the VIX in points, from its logarithmic returns and the level they end at."""
    if not isinstance(vix, Closes) or _LEVEL not in found.symbols:
        return None
    return point_changes(vix, found, _LEVEL)


def tails_of(
    book: Book,
    past: Past,
    *,
    confidences: Sequence[float],
    horizons: Sequence[int],
    passed: Sequence[float],
    day: date,
    paths: int = PATHS,
) -> Tails:
    """Every figure.

    Args:
        book: what is held.
        past: of its underlyings.
        confidences: between 0.5 and 1.
        horizons: trading days.
        passed: calendar days that have gone after 1, 2, ... trading days, up to the longest horizon.
        day: seeds the draw, so that two questions on one day agree.
        paths: how many are drawn.
    """
    returns = past.returns
    if not len(returns) or not returns.symbols:
        return Tails(rows=(), left_out=returns.left_out)
    known = book.rows([place for place, row in enumerate(book.labels) if row.symbol in returns.symbols])
    model = fitted_model(past.columns)
    rows: list[Tail] = []
    worst_error = 0.0
    for horizon in horizons:
        drawn = _draws(past, model, horizon, paths, day)
        pnl, error = outcomes(known, _journey(past, list(drawn.values()), passed[:horizon]))
        worst_error = max(worst_error, error)
        parts = np.split(pnl, np.cumsum([each.steps.shape[1] for each in drawn.values()])[:-1])
        for (method, source), part in zip(drawn.items(), parts, strict=True):
            redrawn = _redrawn(source, len(returns))
            rows += [Tail(method, level, horizon, var_and_es(part, level, redrawn)) for level in confidences]
    freedom = "" if math.isinf(model.freedom) else f" with {model.freedom:g} degrees of freedom"
    return Tails(
        rows=tuple(rows),
        left_out=returns.left_out,
        first=returns.days[0],
        last=returns.days[-1],
        samples=len(returns),
        model=f"{model.name}{freedom}",
        price_error=worst_error,
        has_vix=past.vix is not None,
        passed=tuple(passed),
        expiring=int(np.count_nonzero(expiry_days(known, passed))),
    )


def _draws(past: Past, model: ReturnModel, horizon: int, paths: int, day: date) -> dict[str, Paths]:
    """Paths of both methods, from dice that fall alike all day."""
    dice = np.random.default_rng([day.toordinal(), horizon])
    return {
        HISTORICAL: historical_paths(past.columns, days=horizon, count=paths, generator=dice),
        MODEL: model.paths(paths, days=horizon, generator=dice),
    }


def _journey(past: Past, drawn: Sequence[Paths], passed: Sequence[float]) -> Journey:
    """The paths of both methods together, so that they share what prices are read from."""
    return Journey(
        symbols=past.returns.symbols,
        has_vix=past.vix is not None,
        after=lambda days: np.concatenate([each.after(days) for each in drawn]),
        passed=passed,
    )


def _redrawn(paths: Paths, samples: int) -> Redrawn | None:
    """Where paths of several days came from; what was drawn once, or by a model, is independent."""
    if paths.picks is None or len(paths.steps) == 1:
        return None
    return Redrawn(paths.picks, samples)
