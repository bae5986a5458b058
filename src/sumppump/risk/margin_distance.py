"""How far the market is from a margin call: the smallest fall and rise at which excess liquidity is gone.

At each move every position is repriced in full and Regulation T is figured anew at the moved prices. The
broker's excess liquidity now is where it starts; from there it changes by what shares gain or lose, and by
what the requirement grows. Options change it through the requirement alone: they have no loan value. An
account under portfolio margin is figured in another way, so its distance is another one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from sumppump.domain.book import Book, Shocks, pnl_of, worths
from sumppump.domain.margin.lots import Prices
from sumppump.domain.margin.regt import RegT
from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array

# Percent of the market; what moves by a beta never loses more than the floor.
FALLS = -np.array([*np.arange(0.0, 15.1, 1.0), *np.arange(17.5, 40.1, 2.5), *np.arange(45.0, 95.1, 5.0)])
RISES = np.array([*np.arange(0.0, 15.1, 1.0), *np.arange(17.5, 40.1, 2.5), *np.arange(50.0, 200.1, 10.0)])
FLOOR = 0.01
MARKET, MOVING = "market", "market, volatility moving along"
_BETWEEN, _ROUNDS = 6, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """The smallest moves to a margin call, percent, signed; 0 where it is there already.

    Attributes:
        what: `MARKET`, `MOVING`, or the one underlying that moves while the others stand still.
        down_pnl, up_pnl: P&L of everything repriced at that move, cash; None where there is none.
    """

    what: str
    down: float | Missing
    up: float | Missing
    down_pnl: float | None = None
    up_pnl: float | None = None


@dataclass(frozen=True, slots=True)
class MarginBook:
    """Positions that can be repriced and margined at once.

    Attributes:
        book: what can be repriced. regt: the same positions, paired.
        excess: liquidity now by the broker, in the book's currency.
    """

    book: Book
    regt: RegT
    excess: float

    def excess_at(self, shocks: Shocks) -> Array:
        """Excess liquidity at these prices and volatilities, one a move."""
        held = np.vstack([np.ones((1, len(self.book.symbols))), shocks.factors])
        points = np.vstack([np.zeros((1, 1)), shocks.points])
        prices = worths(self.book, Shocks(factors=held, points=points))
        left = self._shares(prices) - np.array([self._need(*each) for each in zip(held, prices, strict=True)])
        return np.asarray(self.excess + left[1:] - left[0])

    def _shares(self, prices: Array) -> Array:
        count = len(self.book.options)
        worth: Array = prices[:, count:] @ self.book.shares.units
        return worth

    def _need(self, factors: Array, prices: Array) -> float:
        """Maintenance by Regulation T at these prices."""
        spots = zip(self.book.symbols, self.book.spots * factors, strict=True)
        marks = zip(self.book.labels, prices, strict=True)
        at = Prices(
            {symbol: _decimal(spot) for symbol, spot in spots},
            {label.con_id: _decimal(price) for label, price in marks},
        )
        return float(self.regt.needs(at).total.maintenance)

    def distance(self, what: str, betas: Mapping[str, float], points_per_pct: float = 0.0) -> Distance:
        """The moves at which nothing is left.

        Args:
            what: name of what moves.
            betas: by symbol, of everything that moves with it; the rest stands still.
            points_per_pct: that every volatility gains with each percent of the move.
        """
        slopes = np.array([betas.get(symbol, 0.0) for symbol in self.book.symbols])

        def shocks(moves: Array) -> Shocks:
            factors = np.maximum(1.0 + np.outer(moves / 100.0, slopes), FLOOR)
            return Shocks(factors=factors, points=points_per_pct * moves[:, None])

        def left(moves: Array) -> Array:
            return self.excess_at(shocks(moves))

        def pnl(move: float | None) -> float | None:
            if move is None:
                return None
            return float(pnl_of(self.book, shocks(np.array([move]))).sum())

        down, up = _first(left, FALLS), _first(left, RISES)
        return Distance(
            what=what,
            down=_never("fall", what, "-95 %") if down is None else down,
            up=_never("rise", what, "+200 %") if up is None else up,
            down_pnl=pnl(down),
            up_pnl=pnl(up),
        )


def _never(move: str, what: str, end: str) -> Missing:
    moved = f"the {what}" if what in (MARKET, MOVING) else what
    return Missing("not_reached", f"no {move} of {moved} to {end} leads there by these rules")


def _decimal(price: float) -> Decimal:
    return Decimal(f"{price:.6f}")


def _first(left: Callable[[Array], Array], moves: Array) -> float | None:
    """The first move at which nothing is left, to about 0.01 %; None where something always is."""
    for _ in range(_ROUNDS + 1):
        gone = np.flatnonzero(left(moves) <= 0.0)
        if not len(gone):
            return None
        place = int(gone[0])
        if place == 0:
            return float(moves[0])
        moves = np.linspace(moves[place - 1], moves[place], _BETWEEN)
    return round(float(moves[-1]), 2)
