"""Regulation T for thousands of candidates at once: what `domain.margin` says of each, in arrays. Pure.

Which option covers which follows from a strategy's legs alone, since its strikes rise. Two things are left to
the prices: which of two sold options stands uncovered, and what that costs. A spread alone that is so wide
that it needs less torn into two options is not tried, so a figure here is the rules' or above it. A test
holds the two together for every row of the catalogue. Where a candidate becomes a draft the rules have the
word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.candidates import Candidates, owed
from sumppump.domain.instruments import Right
from sumppump.domain.margin.regt import LEAST_OF_NAKED, LONG_STOCK_KEPT, STOCK_INITIAL
from sumppump.domain.pricing.contracts import Bools
from sumppump.domain.pricing.normal import Array
from sumppump.strategies.catalogue import SHAPES
from sumppump.strategies.shape import LegShape, Shape, StrategyType


@dataclass(frozen=True, slots=True)
class Cover:
    """How the legs of a strategy cover each other, one entry a leg.

    Attributes:
        spread: contracts that stand in spreads, plus is held; 0 for all others.
        bare: whether it is sold and perhaps uncovered. At most one contract of a right is; what a bought one
            covers beside it owes nothing, because in every row it is the nearer one.
        shares: contracts' worth of them.
        is_whole: every leg stands in a spread of one expiry, so that the loss says all.
    """

    spread: tuple[int, ...]
    bare: tuple[bool, ...]
    shares: int
    is_whole: bool

    @classmethod
    def of(cls, shape: Shape) -> Cover:
        """The cover of a row of the catalogue."""
        shares = sum(leg.ratio for leg in shape.legs if leg.right is None)
        sides = [_Side.of(shape, right, shares if right is Right.CALL else 0) for right in Right]
        own = {leg: side for side in sides for leg in side.legs}
        spread = tuple(own[leg].in_spreads(leg) if leg in own else 0 for leg in shape.legs)
        return cls(
            spread=spread,
            bare=tuple(leg in own and own[leg].is_short and leg.ratio < 0 for leg in shape.legs),
            shares=shares,
            is_whole=not shape.has_far and spread == tuple(leg.ratio for leg in shape.legs),
        )


@cache
def cover_of(kind: StrategyType) -> Cover:
    """The cover of a row, found once; where its strikes aim makes no difference."""
    return Cover.of(SHAPES[kind])


@dataclass(frozen=True, slots=True)
class _Side:
    """The options of one right: the strongest first, calls of low and puts of high strikes.

    Attributes:
        sold: contracts that no shares cover.
    """

    legs: tuple[LegShape, ...]
    sold: int

    @classmethod
    def of(cls, shape: Shape, right: Right, shares: int) -> _Side:
        legs = sorted((leg for leg in shape.legs if leg.right is right), key=lambda leg: leg.slot)
        sold = -sum(leg.ratio for leg in legs if leg.ratio < 0)
        return cls(tuple(legs if right is Right.CALL else reversed(legs)), max(0, sold - shares))

    @property
    def is_short(self) -> bool:
        """Whether more is sold than held."""
        return self.sold > sum(leg.ratio for leg in self.legs if leg.ratio > 0)

    def in_spreads(self, leg: LegShape) -> int:
        """How many contracts of a leg; held ones as far as they are wanted."""
        if self.is_short or not self.sold:
            return 0
        if leg.ratio < 0:
            return leg.ratio
        before = sum(each.ratio for each in self.legs[: self.legs.index(leg)] if each.ratio > 0)
        return min(leg.ratio, max(0, self.sold - before))


@dataclass(frozen=True, slots=True)
class Covers:
    """The covers of many candidates, (legs, candidates) and (candidates,)."""

    spread: Array
    bare: Bools
    shares: Array
    is_whole: Bools

    @classmethod
    def of(cls, each: Sequence[Cover], rows: NDArray[np.intp], legs: int) -> Covers:
        """From the cover of each strategy and the number of every candidate's, told in so many legs."""
        spread, bare = np.zeros((legs, len(each))), np.zeros((legs, len(each)), dtype=np.bool_)
        for number, cover in enumerate(each):
            spread[: len(cover.spread), number] = cover.spread
            bare[: len(cover.bare), number] = cover.bare
        shares = np.array([float(cover.shares) for cover in each])
        whole = np.array([cover.is_whole for cover in each])
        return cls(np.take(spread, rows, axis=1), np.take(bare, rows, axis=1), shares[rows], whole[rows])

    def part(self, rows: NDArray[np.intp]) -> Covers:
        """Those of some candidates."""
        spread, bare = np.take(self.spread, rows, axis=1), np.take(self.bare, rows, axis=1)
        return Covers(spread, bare, self.shares[rows], self.is_whole[rows])


def margin_of(
    legs: Candidates, covers: Covers, lowest: Array, premium: Array, *, spot: float, part: float
) -> Array:
    """Cash that opening takes, per share of one combo, (candidates,): `domain.margin.regt.cash_to_open`.

    Args:
        legs: legs as rows, (legs, candidates); a share is a call with strike 0.
        covers: of the same candidates.
        lowest: the least P&L at 0 and the strikes.
        premium: debit positive.
        spot: of the underlying.
        part: of it that an uncovered option needs, 0.20 or for a broad index 0.15.
    """
    # Spreads need what they can lose beyond what they cost.
    margin = np.maximum(-lowest, premium)
    rows = np.flatnonzero(~covers.is_whole)
    if len(rows):
        margin[rows] = _by_parts(legs.columns(rows), covers.part(rows), premium[rows], spot, part)
    return margin


def _by_parts(legs: Candidates, covers: Covers, premium: Array, spot: float, part: float) -> Array:
    """Spreads, what nothing covers, and shares, each by its own rule."""
    needed = _uncovered(legs, covers.bare, spot, part)
    some = np.flatnonzero(np.any(covers.spread != 0.0, axis=0))
    if len(some):
        needed[some] = _with_spreads(needed[some], legs.columns(some), covers.part(some), spot, part)
    total: Array = premium - covers.shares * spot + needed + _held(legs, covers.shares, spot)
    return total


def _with_spreads(bare: Array, legs: Candidates, covers: Covers, spot: float, part: float) -> Array:
    """Spreads beside what is bare; or torn apart, where what they sell pairs with it and needs less."""
    whole = bare + owed(replace(legs, ratio=covers.spread))
    torn = _uncovered(legs, covers.bare | (covers.spread < 0.0), spot, part)
    return np.where(covers.bare.any(axis=0), np.minimum(whole, torn), whole)


def _uncovered(legs: Candidates, bare: Bools, spot: float, part: float) -> Array:
    """What one uncovered call, put or both of them need, FINRA 4210(f)(2)(E) and (G)."""
    outside = np.maximum(0.0, np.where(legs.call, legs.strike - spot, spot - legs.strike))
    least = float(LEAST_OF_NAKED) * np.where(legs.call, spot, legs.strike)
    alone = legs.price + np.maximum(part * spot - outside, least)
    call, call_mark = _cheapest(alone, legs.price, bare & legs.call)
    put, put_mark = _cheapest(alone, legs.price, bare & ~legs.call)
    return np.where(call >= put, call + put_mark, put + call_mark)


def _cheapest(alone: Array, price: Array, mask: Bools) -> tuple[Array, Array]:
    """The least requirement among the legs that are meant, and its price; 0 where there is none."""
    row = np.argmin(np.where(mask, alone, np.inf), axis=0)[None, :]
    some = mask.any(axis=0)
    each = (np.where(some, np.take_along_axis(figure, row, axis=0)[0], 0.0) for figure in (alone, price))
    need, mark = each
    return need, mark


def _held(legs: Candidates, shares: Array, spot: float) -> Array:
    """Half of the shares' price, or what holding them needs: they count for the covered strike at most."""
    written = legs.call & (legs.ratio < 0) & (shares > 0)
    beyond = np.sum(np.where(written, np.maximum(0.0, spot - legs.strike), 0.0), axis=0)
    kept = float(LONG_STOCK_KEPT) * (spot - beyond) + beyond
    found: Array = shares * np.maximum(float(STOCK_INITIAL) * spot, kept)
    return found
