"""The smallest move at which a book loses a given amount: looked for on a grid, then halved, in full reprice.

A loss need not grow with the move; so what is found is the first place on the grid where it reaches the
limit, and within that step of the grid the place to a hundredth of a percent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sumppump.domain.book.repricing import STEPS, reprice
from sumppump.domain.book.rows import Book
from sumppump.domain.book.scenarios import Scenario, market_moves
from sumppump.domain.missing import Missing
from sumppump.domain.pricing.normal import Array

# Percent; fine where markets go in a day, coarse where they go in a crash.
DOWN = (*np.arange(0.5, 15.1, 0.5), *np.arange(16.0, 40.1, 2.0), *np.arange(45.0, 95.1, 5.0), 99.0)
UP = (*np.arange(0.5, 15.1, 0.5), *np.arange(16.0, 40.1, 2.0), *np.arange(50.0, 200.1, 10.0))
NOT_REACHED = "not_reached"
_BETWEEN, _NEAR_PCT = 9, 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Where the limit is reached.

    Attributes:
        move_pct: percent, signed; 0 where the book loses as much without a move.
        loss: cash at that move, positive, not below the limit.
    """

    move_pct: float
    loss: float


@dataclass(frozen=True, slots=True)
class ReverseStress:
    """The smallest moves down and up that reach the limit; Missing where none does."""

    down: Breach | Missing
    up: Breach | Missing


def reverse_stress(
    book: Book,
    limit: float,
    *,
    betas: Mapping[str, float] | None = None,
    also: Scenario | None = None,
    points_per_pct: float = 0.0,
    steps: int = STEPS,
) -> ReverseStress:
    """The smallest moves that cost `limit`.

    Args:
        book: what is held.
        limit: loss in cash, above 0.
        betas: by symbol: the move is the market's, and underlyings without a beta are left out; without betas
            all underlyings move alike.
        also: what else happens: points of volatility, days, the rule of the smile.
        points_per_pct: added to every volatility for each percent of the move, points; below 0 as a rule.
        steps: of the American trees.

    Raises:
        ValueError: a limit that is not above 0.
    """
    if not limit > 0:
        raise ValueError(f"a loss is above 0, not {limit!r}")
    template = also or Scenario()

    def losses(moves: Array) -> Array:
        found = [_moved(template, float(move), betas, points_per_pct) for move in moves]
        return -reprice(book, found, steps=steps).total

    return ReverseStress(
        down=_first(losses, -np.array((0.0, *DOWN)), limit),
        up=_first(losses, np.array((0.0, *UP)), limit),
    )


def _moved(
    template: Scenario, move: float, betas: Mapping[str, float] | None, points_per_pct: float
) -> Scenario:
    moved = replace(template, vol_points=template.vol_points + points_per_pct * move)
    if betas is None:
        return replace(moved, move_pct=move)
    return replace(moved, moves_pct=market_moves(move, betas))


def _first(losses: Callable[[Array], Array], moves: Array, limit: float) -> Breach | Missing:
    """The first of the moves that reaches the limit, drawn as near as wanted to the one before it."""
    while True:
        found = losses(moves)
        reached = np.flatnonzero(found >= limit)
        if not len(reached):
            return Missing(NOT_REACHED, f"no move to {moves[-1]:+g} % costs as much")
        place = int(reached[0])
        here = Breach(move_pct=float(moves[place]), loss=float(found[place]))
        if place == 0 or abs(moves[place] - moves[place - 1]) <= _NEAR_PCT:
            return here
        moves = np.linspace(moves[place - 1], moves[place], _BETWEEN + 2)
