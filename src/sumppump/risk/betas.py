"""How each underlying has moved with the market: betas of a year's daily returns, with errors. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sumppump.domain.missing import Missing
from sumppump.risk.closes import Closes

DAYS, FEWEST = 252, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Beta:
    """Slope of daily logarithmic returns on the benchmark's (least squares with an intercept).

    Attributes:
        error: standard error of the slope. days: returns it rests on.
        r_squared: part of the variance that it explains.
    """

    value: float
    error: float
    days: int
    r_squared: float


def betas_to(
    benchmark: str, closes: Mapping[str, Closes | Missing]
) -> tuple[dict[str, Beta], dict[str, Missing]]:
    """Betas by symbol, and the reasons where there is none; the benchmark's own is 1 without error."""
    market = closes.get(benchmark, Missing("no_history", f"{benchmark} has no daily closes"))
    known: dict[str, Beta] = {}
    unknown: dict[str, Missing] = {}
    for symbol, own in closes.items():
        found = _beta(own, market, is_market=symbol == benchmark)
        if isinstance(found, Beta):
            known[symbol] = found
        else:
            unknown[symbol] = found
    return known, unknown


def _beta(own: Closes | Missing, market: Closes | Missing, *, is_market: bool) -> Beta | Missing:
    if is_market:
        return Beta(value=1.0, error=0.0, days=0, r_squared=1.0)
    if isinstance(own, Missing):
        return own
    if isinstance(market, Missing):
        return market
    days = sorted(own.by_day.keys() & market.by_day.keys())[-DAYS - 1 :]
    if len(days) <= FEWEST:
        return Missing("too_few_days", f"{own.symbol} has {len(days)} common days, {FEWEST} are needed")
    return _least_squares(own, market, days)


def _least_squares(own: Closes, market: Closes, days: Sequence[date]) -> Beta | Missing:
    y = np.diff(np.log([own.by_day[day] for day in days]))
    x = np.diff(np.log([market.by_day[day] for day in days]))
    x, y = x - x.mean(), y - y.mean()
    spread = float(x @ x)
    if not spread > 0:
        return Missing("no_movement", "the benchmark did not move")
    slope = float(x @ y) / spread
    rest = float(((y - slope * x) ** 2).sum())
    whole = float(y @ y)
    return Beta(
        value=slope,
        error=(rest / (len(x) - 2) / spread) ** 0.5,
        days=len(x),
        r_squared=1.0 - rest / whole if whole > 0 else 0.0,
    )
