"""What may happen: moves of the underlyings, of volatility and of the date; as values, and as arrays.

A move of the market becomes moves of the underlyings by their betas, before anything is priced. An underlying
about which a scenario says nothing has no P&L in it: nobody assumes that it stands still.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from sumppump.domain.pricing.normal import Array


class SmileRule(StrEnum):
    """What the smile does when the underlying moves.

    Under sticky strike every option keeps its volatility. Under sticky delta the smile moves along with the
    underlying: an option gains what the smile differs at the strike that stood as far off
    in ln(strike / spot). Without a smile its volatility stays, as under a flat one.
    """

    STICKY_STRIKE = "sticky_strike"
    STICKY_DELTA = "sticky_delta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One thing that may happen.

    Attributes:
        name: for people and reports, `market -20 %`.
        move_pct: of every underlying, percent of its price, above -100; not used where `moves_pct` is given.
        moves_pct: by symbol; an underlying that is not in it has no P&L in this scenario.
        vol_points: added to every volatility, 10 is 10 points (0.10).
        days: calendar days from now; what has passed its last moment by then is worth its intrinsic value.
        smile: what the smile does.
    """

    name: str = ""
    move_pct: float = 0.0
    moves_pct: Mapping[str, float] | None = None
    vol_points: float = 0.0
    days: float = 0.0
    smile: SmileRule = SmileRule.STICKY_STRIKE


def market_moves(market_pct: float, betas: Mapping[str, float]) -> Mapping[str, float]:
    """Moves of underlyings in percent, beta times the market's, none below -99; for `Scenario.moves_pct`."""
    return {symbol: max(beta * market_pct, LOWEST_MOVE_PCT) for symbol, beta in betas.items()}


LOWEST_MOVE_PCT = -99.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shocks:
    """Scenarios as arrays; all of one smile rule.

    Attributes:
        factors: (scenarios, underlyings): price then divided by price now; NaN where nothing is said.
        points: (scenarios, 1) or (scenarios, underlyings): added to volatilities, in volatility points.
        days: (scenarios, 1), or (1, 1) where it is one date for all.
        smile: what the smile does.
    """

    factors: Array
    points: Array = field(default_factory=lambda: np.zeros((1, 1)))
    days: Array = field(default_factory=lambda: np.zeros((1, 1)))
    smile: SmileRule = SmileRule.STICKY_STRIKE

    def __len__(self) -> int:
        return len(self.factors)

    @classmethod
    def of(cls, scenarios: Sequence[Scenario], symbols: Sequence[str]) -> Shocks:
        """These scenarios, which share one smile rule, for these underlyings."""
        days = np.array([[each.days] for each in scenarios])
        return cls(
            factors=np.array([_factors(each, symbols) for each in scenarios]).reshape(
                len(scenarios), len(symbols)
            ),
            points=np.array([[each.vol_points] for each in scenarios]),
            days=days[:1] if len(days) and (days == days[0]).all() else days,
            smile=scenarios[0].smile if scenarios else SmileRule.STICKY_STRIKE,
        )

    def rows(self, rows: slice) -> Shocks:
        """Some of the scenarios."""
        return Shocks(
            factors=self.factors[rows],
            points=self.points[rows] if len(self.points) > 1 else self.points,
            days=self.days[rows] if len(self.days) > 1 else self.days,
            smile=self.smile,
        )


def _factors(scenario: Scenario, symbols: Sequence[str]) -> list[float]:
    if scenario.moves_pct is None:
        return [1.0 + scenario.move_pct / 100.0] * len(symbols)
    return [1.0 + scenario.moves_pct.get(symbol, np.nan) / 100.0 for symbol in symbols]
