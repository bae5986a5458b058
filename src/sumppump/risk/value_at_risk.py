"""Value at risk and expected shortfall of what is held, by history and by a model fitted to it. Pure.

A path moves every underlying and the VIX; its change of the VIX is added to every volatility, since who has
sold options loses by both at once. Every position is repriced on every path, at the end of the horizon.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sumppump.domain.book import Book, Shocks, path_pnl, pnl_of
from sumppump.domain.missing import Missing
from sumppump.domain.pricing.contracts import Bools
from sumppump.domain.pricing.normal import Array
from sumppump.domain.return_paths import HistoricalPaths, ReturnModel, fitted_model, historical_paths
from sumppump.domain.returns import Returns, aligned_returns
from sumppump.domain.tail_risk import Redrawn, TailRisk, var_and_es
from sumppump.risk.closes import Closes
from sumppump.risk.held_book import VIX

PATHS, LEAST_DAYS = 10_000, 200
# Of the paths, those that are priced in full because they lie too far out for a grid.
FAR_SHARE = 0.03
# Currency per share by which half a grid may miss the whole one that is used; that one is four times nearer.
HALF_GRID_MISS = 0.08
TRADING_DAYS_A_WEEK, CALENDAR_DAYS_A_WEEK = 5, 7
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
    """

    rows: tuple[Tail, ...]
    left_out: Mapping[str, Missing]
    first: date | None = None
    last: date | None = None
    samples: int = 0
    model: str = ""
    price_error: float = 0.0
    has_vix: bool = False


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
    after = np.array([vix.by_day[day] for day in found.days])
    points: Array = after - after / np.exp(found.of(_LEVEL))
    return points


def tails_of(
    book: Book,
    past: Past,
    *,
    confidences: Sequence[float],
    horizons: Sequence[int],
    day: date,
    paths: int = PATHS,
) -> Tails:
    """Every figure.

    Args:
        book: what is held.
        past: of its underlyings.
        confidences: between 0.5 and 1.
        horizons: trading days.
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
        drawn, model_paths = _draws(past, model, horizon, paths, day)
        # Both are priced together, so that they share what prices are read from.
        pnl, error = _outcomes(known, past, np.concatenate([drawn.returns, model_paths]), horizon)
        worst_error = max(worst_error, error)
        redrawn = Redrawn(drawn.picks, len(returns)) if horizon > 1 else None
        parts = ((HISTORICAL, pnl[: len(drawn.returns)], redrawn), (MODEL, pnl[len(drawn.returns) :], None))
        for method, part, source in parts:
            rows += [Tail(method, level, horizon, var_and_es(part, level, source)) for level in confidences]
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
    )


def _draws(
    past: Past, model: ReturnModel, horizon: int, paths: int, day: date
) -> tuple[HistoricalPaths, Array]:
    """Paths of both methods, from dice that fall alike all day."""
    dice = np.random.default_rng([day.toordinal(), horizon])
    drawn = historical_paths(past.columns, days=horizon, count=paths, generator=dice)
    return drawn, model.paths(paths, days=horizon, generator=dice)


def _outcomes(book: Book, past: Past, drawn: Array, horizon: int) -> tuple[Array, float]:
    """P&L of each path, cash, and the most that a price was off, per share."""
    symbols = past.returns.symbols
    places = [symbols.index(symbol) if symbol in symbols else None for symbol in book.symbols]
    nothing = np.full(len(drawn), np.nan)
    factors = np.column_stack([nothing if at is None else np.exp(drawn[:, at]) for at in places])
    points = np.zeros((1, 1)) if past.vix is None else drawn[:, len(symbols) :] * 100.0
    days = np.array([[calendar_days(horizon)]])
    total, error = np.empty(len(drawn)), 0.0
    far = _far(drawn)
    for paths, price in ((~far, _read), (far, _in_full)):
        shocks = Shocks(
            factors=factors[paths], points=points[paths] if len(points) > 1 else points, days=days
        )
        total[paths], missed = price(book, shocks)
        error = max(error, missed)
    return total, error


def _far(drawn: Array) -> Bools:
    """The few paths that lie far out: they would stretch the grids that the others are read from."""
    spread = drawn.std(axis=0)
    distance = np.abs(drawn / np.where(spread > 0, spread, 1.0)).max(axis=1)
    far: Bools = distance > np.quantile(distance, 1.0 - FAR_SHARE)
    return far


def _read(book: Book, shocks: Shocks) -> tuple[Array, float]:
    found = path_pnl(book, shocks, tolerance=HALF_GRID_MISS)
    total: Array = found.pnl.sum(axis=1)
    return total, found.error / 4.0


def _in_full(book: Book, shocks: Shocks) -> tuple[Array, float]:
    total: Array = pnl_of(book, shocks).sum(axis=1)
    return total, 0.0


def calendar_days(trading_days: int) -> float:
    """Calendar days that pass meanwhile: a weekend for each five trading days."""
    weeks, rest = divmod(trading_days, TRADING_DAYS_A_WEEK)
    return float(weeks * CALENDAR_DAYS_A_WEEK + rest)
