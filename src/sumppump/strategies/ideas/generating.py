"""All candidates of all strategies as columns of numbers, so that arithmetic passes over them once. Pure.

A candidate is up to four numbers of contracts and how many of each; what is known of a contract stands once,
in a column of `Contracts`, and is looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.candidates import Candidates
from sumppump.domain.instruments import Right
from sumppump.domain.pricing.contracts import Bools
from sumppump.domain.pricing.normal import Array
from sumppump.domain.profiles import Profiles
from sumppump.strategies.ideas.ladders import Places, places_of, wings
from sumppump.strategies.ideas.slices import Later, Slice, row_of
from sumppump.strategies.shape import LegShape, Shape

# More candidates than this of one strategy and expiry are thinned evenly.
MOST_OF_ONE = 6_000
# Rows of the arrays that all strategies share.
MOST_LEGS = 4
# The number of the share; a leg that a strategy does not have points there with a ratio of 0.
SHARE = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracts:
    """What is known of every contract, (contracts,) each; the first is the share, a call with strike 0.

    Attributes:
        price, half_width, early: per share. delta: absolute, 0 for the share. expiry: number of its slice.
        first: number of the first contract of each slice, calls before puts, strikes rising.
    """

    strike: Array
    call: Bools
    price: Array
    half_width: Array
    early: Array
    delta: Array
    expiry: NDArray[np.intp]
    first: tuple[int, ...]

    @classmethod
    def of(cls, slices: Sequence[Slice]) -> Contracts:
        """The options of these slices, in their order; at least one slice."""
        sizes = [2 * len(each.strikes) for each in slices]
        return cls(
            strike=_column(0.0, [np.tile(each.strikes, 2) for each in slices]),
            call=_column(1.0, [np.repeat([1.0, 0.0], size // 2) for size in sizes]) > 0,
            price=_column(slices[0].carry.spot, [each.price for each in slices]),
            half_width=_column(0.0, [each.half_width for each in slices]),
            early=_column(0.0, [each.early for each in slices]),
            delta=_column(0.0, [each.delta for each in slices]),
            expiry=np.repeat(np.arange(len(slices)), [1 + sizes[0], *sizes[1:]]),
            first=tuple((1 + np.cumsum([0, *sizes[:-1]])).tolist()),
        )


def _column(of_share: float, slices: Sequence[Array]) -> Array:
    return np.concatenate([np.array([of_share]), *(each.ravel() for each in slices)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All candidates of one strategy on its expiry or expiries.

    Attributes:
        number: of the nearer slice among all; far_number: of the later one.
        later: what calendars are made with, else None.
        places: numbers of the strikes in the nearer slice, rising, (candidates, slots).
        left_out: combinations that stood between these and were not taken.
    """

    shape: Shape
    near: Slice
    number: int
    later: Later | None
    far_number: int | None
    places: Places
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.places)

    def strikes(self, candidate: int) -> tuple[Decimal, ...]:
        """The strikes of one candidate, rising."""
        return tuple(self.near.listed[place] for place in self.places[candidate])

    def contracts(self, first: Sequence[int]) -> Places:
        """Numbers of the legs' contracts, (`MOST_LEGS`, candidates)."""
        found = np.full((MOST_LEGS, len(self)), SHARE, dtype=np.intp)
        for row, leg in enumerate(self.shape.legs):
            if leg.right is not None:
                found[row] = self._contract(leg, leg.right, first)
        return found

    def _contract(self, leg: LegShape, right: Right, first: Sequence[int]) -> Places:
        places, slice_, number = self.places[:, leg.slot], self.near, self.number
        if leg.is_far and self.later is not None and self.far_number is not None:
            places, slice_, number = self.later.places[places], self.later.slice, self.far_number
        found: Places = first[number] + row_of(right) * len(slice_.strikes) + places
        return found

    @property
    def ratios(self) -> Array:
        """Contracts of each leg of one combo, plus is bought; shares count in contracts' worth of them."""
        counts = [float(leg.ratio) for leg in self.shape.legs]
        return np.array([*counts, *[0.0] * (MOST_LEGS - len(counts))])

    def profiles(self, premium: Array) -> Profiles:
        """P&L at the first expiry, the later options repriced there; only for those with later legs."""
        later = self.later
        assert later is not None
        worth = [leg.ratio * self._worth_at(leg, later) for leg in self.shape.legs]
        upside = sum(leg.ratio for leg in self.shape.legs if leg.right is not Right.PUT)
        return Profiles(
            prices=later.prices,
            pnl=np.sum(worth, axis=0) - premium[:, None],
            slope=np.full(len(self), float(upside)),
        )

    def _worth_at(self, leg: LegShape, later: Later) -> Array:
        if leg.right is None:
            return np.broadcast_to(later.prices, (len(self), len(later.prices)))
        places = self.places[:, leg.slot]
        if leg.is_far:
            found: Array = later.worth[row_of(leg.right), later.places[places]]
            return found
        sign = 1.0 if leg.right is Right.CALL else -1.0
        return np.maximum(sign * (later.prices - self.near.strikes[places][:, None]), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Every candidate of every batch; arrays run along the candidates, legs are rows.

    Attributes:
        batches: those of one expiry first, then those of two. nears: their nearer slices, by number.
        leg: numbers of contracts, (legs, candidates). ratio: contracts of one combo, likewise.
        batch: number of each candidate's batch. start: number of each batch's first candidate.
        end: number of the slice that each candidate lives until.
    """

    batches: tuple[Batch, ...]
    nears: tuple[Slice, ...]
    contracts: Contracts
    leg: Places
    ratio: Array
    batch: NDArray[np.intp]
    start: NDArray[np.intp]
    end: NDArray[np.intp]

    @classmethod
    def of(cls, batches: Sequence[Batch], nears: Sequence[Slice], fars: Sequence[Slice] = ()) -> Pool:
        """The pool of these batches, at least one, on slices that they number in this order."""
        contracts = Contracts.of([*nears, *fars])
        ordered = tuple(sorted(batches, key=lambda batch: batch.later is not None))
        sizes = np.array([len(batch) for batch in ordered])
        batch = np.repeat(np.arange(len(ordered)), sizes)
        return cls(
            batches=ordered,
            nears=tuple(nears),
            contracts=contracts,
            leg=np.concatenate([each.contracts(contracts.first) for each in ordered], axis=1),
            ratio=np.take(np.array([each.ratios for each in ordered]).T, batch, axis=1),
            batch=batch,
            start=np.cumsum(sizes) - sizes,
            end=np.array([each.number for each in ordered])[batch],
        )

    def __len__(self) -> int:
        return len(self.batch)

    @property
    def of_one_expiry(self) -> int:
        """How many candidates, from the first, have one expiry."""
        return sum(len(batch) for batch in self.batches if batch.later is None)

    @property
    def spot(self) -> float:
        """The underlying's price."""
        return float(self.contracts.price[SHARE])

    @property
    def multiplier(self) -> int:
        """Shares of one contract."""
        return self.batches[0].near.chain.any_contract.multiplier

    @property
    def legs(self) -> Candidates:
        """Legs as rows, (legs, candidates)."""
        of = self.contracts
        return Candidates(
            strike=of.strike.take(self.leg),
            call=of.call.take(self.leg),
            ratio=self.ratio,
            price=of.price.take(self.leg),
        )

    def net(self, column: Array) -> Array:
        """Sum of a figure over the legs of each, what is sold subtracted."""
        total: Array = np.einsum("lc,lc->c", self.ratio, column.take(self.leg))
        return total

    @property
    def shares(self) -> Array:
        """Contracts' worth of shares in each."""
        total: Array = np.sum(np.where(self.leg == SHARE, self.ratio, 0.0), axis=0)
        return total

    def sold(self, column: Array) -> Array:
        """Sum of a figure over what is sold of each."""
        total: Array = np.einsum("lc,lc->c", np.maximum(0.0, -self.ratio), column.take(self.leg))
        return total

    @property
    def crossing(self) -> Array:
        """What is lost against the mid where every quote's far side is paid, >= 0."""
        total: Array = np.einsum("lc,lc->c", np.abs(self.ratio), self.contracts.half_width.take(self.leg))
        return total

    @property
    def told_deltas(self) -> tuple[Array, Array]:
        """Smallest and largest absolute delta of the options sold, or bought where none is."""
        options, sold = self.leg != SHARE, self.ratio < 0
        told = options & (sold | ~np.any(options & sold, axis=0))
        delta = self.contracts.delta.take(self.leg)
        return np.where(told, delta, np.inf).min(axis=0), np.where(told, delta, -np.inf).max(axis=0)

    @property
    def widest(self) -> Array:
        """The larger of the outermost distances between the strikes of each; 0 with one strike."""
        return np.concatenate([wings(each.near.strikes[each.places]) for each in self.batches])

    def place(self, candidate: int) -> tuple[Batch, int]:
        """A candidate's batch and its number there."""
        number = int(self.batch[candidate])
        return self.batches[number], candidate - int(self.start[number])


def batch_of(
    shape: Shape,
    near: Slice,
    later: Later | None = None,
    *,
    numbers: tuple[int, int | None] = (0, None),
    max_width: float | None = None,
    most: int = MOST_OF_ONE,
) -> Batch | None:
    """The candidates of a strategy, evenly thinned to `most`; None where no strikes fit it.

    Args:
        shape: the strategy.
        near: its (first) expiry.
        later: what a calendar is made with.
        numbers: of both slices among those of the pool.
        max_width: see `places_of`.
        most: candidates.
    """
    shared = np.ones(len(near.strikes), np.bool_) if later is None else later.places >= 0
    found = places_of(shape, near, shared, max_width=max_width)
    if not len(found):
        return None
    kept = found[:: max(1, -(-len(found) // most))]
    number, far_number = numbers
    return Batch(
        shape=shape,
        near=near,
        number=number,
        later=later,
        far_number=far_number,
        places=kept,
        left_out=len(found) - len(kept),
    )
