"""Where a P&L between two markets came from, step by step and by Greeks. Pure.

A book is carried from one market to the other in five steps, each a full reprice: the date passes, dividends
go ex, prices move, volatilities change, at last rates and coming dividends. The steps add up to the model's
whole P&L; what the marks did beside the model is `unexplained`. In another order the sum would be the same:
what belongs to two causes (charm, vanna) falls on the later step, and an expansion names it `cross`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sumppump.domain.book.repricing import STEPS
from sumppump.domain.book.row_greeks import row_greeks
from sumppump.domain.book.rows import LeftOut, RowLabel
from sumppump.domain.book.walk import Walk
from sumppump.domain.pricing.european import DAYS_PER_YEAR
from sumppump.domain.pricing.normal import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """P&L by cause, one figure a row, cash in the book's currency.

    Attributes:
        time: the date passed, prices and volatilities held.
        dividends: shares went ex, the price held: cash for shares, and what options stood to lose by it. The
            fall of the price that goes with it is in `spot`.
        spot: prices moved, each option's volatility held.
        volatility: of each option. carry: rates, yields, and what is known of coming dividends.
        unexplained: what the marks gained beside the model.
        left_out: rows of which one of the markets says too little; in no figure here.
    """

    labels: tuple[RowLabel, ...]
    time: Array
    dividends: Array
    spot: Array
    volatility: Array
    carry: Array
    unexplained: Array
    left_out: tuple[LeftOut, ...] = ()

    @property
    def model(self) -> Array:
        """The model's P&L: the sum of its steps."""
        total: Array = self.time + self.dividends + self.spot + self.volatility + self.carry
        return total

    @property
    def total(self) -> Array:
        """All P&L of the marks, dividends with it."""
        total: Array = self.model + self.unexplained
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """The steps of time, spot and volatility by the first market's Greeks, one figure a row, cash.

    Attributes:
        theta: per day, times days. delta: times the move. gamma: times half its square.
        vega: per point, times the points.
        cross: what the Greeks had changed by when their step came: charm, colour, vanna, veta.
        curvature: what is left: the price's third order and the others' second. By the mean value theorem no
            more than a change times what its Greek varies by on the way.
        expiring: all of options that end on the way, or have less than half of their time left: Greeks go
            with the root of the time, and those of the first market then tell nothing.
    """

    theta: Array
    delta: Array
    gamma: Array
    vega: Array
    cross: Array
    curvature: Array
    expiring: Array

    @property
    def total(self) -> Array:
        """The sum: the three steps of each row."""
        parts = (self.theta, self.delta, self.gamma, self.vega, self.cross, self.curvature, self.expiring)
        total: Array = np.sum(parts, axis=0)
        return total


def attributed(walk: Walk, *, steps: int = STEPS) -> Attribution:
    """The P&L of the rows held, by cause.

    Args:
        walk: the two markets.
        steps: of the American trees; those that the books were marked with.
    """
    units = walk.before.units
    time, dividends, spot, volatility, carry = np.diff(walk.worths(steps=steps), axis=0) * units
    return Attribution(
        labels=walk.before.labels,
        time=time,
        dividends=dividends,
        spot=spot,
        volatility=volatility,
        carry=carry,
        unexplained=walk.gap * units,
        left_out=walk.left_out,
    )


def expanded(walk: Walk, found: Attribution, *, steps: int = STEPS) -> Expansion:
    """Three steps of an attribution by Greeks.

    Args:
        walk: the two markets.
        found: its attribution.
        steps: of the American trees.
    """
    first, aged, there = (row_greeks(*stop, steps=steps) for stop in (walk.begin, walk.gone_ex, walk.moved))
    units, lives = walk.before.units, _lives(walk)
    move, points = _moves(walk), _points(walk)
    parts = {
        "theta": first.theta[0] * walk.days,
        "delta": first.delta[0] * move,
        "gamma": first.gamma[0] * move * move / 2.0,
        "vega": first.vega[0] * points,
        "cross": (aged.delta - first.delta)[0] * move
        + (aged.gamma - first.gamma)[0] * move * move / 2.0
        + (there.vega - first.vega)[0] * points,
    }
    cash = {name: np.where(lives, part * units, 0.0) for name, part in parts.items()}
    whole = found.time + found.spot + found.volatility
    return Expansion(
        **cash,
        curvature=np.where(lives, whole - sum(cash.values()), 0.0),
        expiring=np.where(lives, 0.0, whole),
    )


def _lives(walk: Walk) -> Array:
    """Rows with half of their time left at least; shares have all of it."""
    years = walk.before.options.years
    left = years - walk.days / DAYS_PER_YEAR
    return np.concatenate([left >= years / 2.0, np.ones(len(walk.before.shares), dtype=np.bool_)])


def _moves(walk: Walk) -> Array:
    """Change of each row's underlying, currency per share."""
    book, shocks = walk.moved
    moves: Array = ((shocks.factors[0] - 1.0) * book.spots)[book.underlying]
    return moves


def _points(walk: Walk) -> Array:
    """Change of each row's volatility in points; 0 for shares."""
    change = (walk.after.options.vol - walk.before.options.vol) * 100.0
    return np.concatenate([change, np.zeros(len(walk.before.shares))])
