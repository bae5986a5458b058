"""Every sensible choice of strikes of a strategy on one expiry (or two), as arrays. Pure.

Each strike may lie about the delta at which the catalogue aims, from a third of it to twice as much; so a
condor does not stand wholly in the money. What the strikes must obey among themselves the catalogue says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.candidates import Candidates
from sumppump.domain.instruments import Right
from sumppump.domain.pricing.normal import Array
from sumppump.domain.profiles import Profiles
from sumppump.strategies.ideas.slices import Slice, row_of
from sumppump.strategies.shape import LegShape, Shape, Wings

Places = NDArray[np.intp]

# Choices for one strike, by the number of strikes of the strategy: their product stays in the thousands.
_CHOICES = {1: 64, 2: 64, 3: 20, 4: 12}
# More candidates than this of one strategy and expiry are thinned evenly.
MOST_OF_ONE = 600
# Columns of the arrays that all strategies share.
MOST_LEGS = 4
_PRICES = 121
_REACH = 5.0
_LEAST_REACH, _MOST_REACH = 0.02, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All candidates of one strategy on its expiry or expiries.

    Attributes:
        places: numbers of the strikes in the nearer slice, rising, (candidates, slots).
        far: the later slice of calendars, else None.
    """

    shape: Shape
    near: Slice
    far: Slice | None
    places: Places

    def __len__(self) -> int:
        return len(self.places)

    @property
    def multiplier(self) -> int:
        """Shares of one contract."""
        return self.near.chain.any_contract.multiplier

    def strikes(self, number: int) -> tuple[Decimal, ...]:
        """The strikes of one candidate, rising."""
        return tuple(self.near.listed[place] for place in self.places[number])

    @property
    def legs(self) -> Candidates:
        """The arithmetic of one expiry, padded to `MOST_LEGS`."""
        stands = [leg.right is Right.PUT for leg in self.shape.legs]
        return Candidates(
            strike=_padded([self._strike(leg) for leg in self.shape.legs], len(self)),
            call=_padded([np.full(len(self), not is_put) for is_put in stands], len(self)).astype(np.bool_),
            ratio=self.ratio,
            price=_padded([self._figure("price", leg) for leg in self.shape.legs], len(self)),
        )

    @property
    def ratio(self) -> Array:
        """Contracts of one combo, plus is bought; shares count in contracts' worth of them."""
        return _padded([np.full(len(self), float(leg.ratio)) for leg in self.shape.legs], len(self))

    @property
    def premium(self) -> Array:
        """Net mid at the model's prices, debit positive."""
        return self._net([self._figure("price", leg) for leg in self.shape.legs])

    @property
    def crossing(self) -> Array:
        """What is lost against the mid where every quote's far side is paid, >= 0."""
        halves = (self._figure("half_width", leg) for leg in self.shape.legs)
        total: Array = sum(
            (abs(leg.ratio) * half for leg, half in zip(self.shape.legs, halves, strict=True)),
            start=np.zeros(len(self)),
        )
        return total

    @property
    def sold_delta(self) -> Array:
        """The largest absolute delta among the options sold, or bought where none is."""
        options = [leg for leg in self.shape.legs if leg.right is not None]
        told = [leg for leg in options if leg.ratio < 0] or options
        found: Array = np.max([self._figure("delta", leg) for leg in told], axis=0)
        return found

    @property
    def widest(self) -> Array:
        """The largest distance between neighbouring strikes; 0 with one strike."""
        found: Array = np.diff(self.near.strikes[self.places], axis=1).max(axis=1, initial=0.0)
        return found

    def profiles(self) -> Profiles:
        """P&L at the first expiry, the later options repriced there."""
        near, far = self.near, self.far
        assert far is not None
        deviation = near.smile.highest * float(np.sqrt(near.carry.years))
        reach = min(_MOST_REACH, _REACH * deviation + _LEAST_REACH)
        prices = near.carry.spot * np.exp(np.linspace(-reach, reach, _PRICES))
        later = near.worth_at(prices, far)[:, _far_places(near, far)]
        worth = [self._worth_at(leg, prices, later) for leg in self.shape.legs]
        upside = sum(leg.ratio for leg in self.shape.legs if leg.right is not Right.PUT)
        return Profiles(
            prices=prices,
            pnl=self._net(worth) - self.premium[:, None],
            slope=np.full(len(self), float(upside)),
        )

    def _worth_at(self, leg: LegShape, prices: Array, later: Array) -> Array:
        if leg.right is None:
            return np.broadcast_to(prices, (len(self), len(prices)))
        places = self.places[:, leg.slot]
        if leg.is_far:
            found: Array = later[row_of(leg.right), places]
            return found
        sign = 1.0 if leg.right is Right.CALL else -1.0
        return np.maximum(sign * (prices - self.near.strikes[places][:, None]), 0.0)

    def _net(self, each: Sequence[Array]) -> Array:
        parts = zip(self.shape.legs, each, strict=True)
        total: Array = np.sum([leg.ratio * part for leg, part in parts], axis=0)
        return total

    def _strike(self, leg: LegShape) -> Array:
        return np.zeros(len(self)) if leg.right is None else self.near.strikes[self.places[:, leg.slot]]

    def _figure(self, name: Literal["price", "half_width", "delta"], leg: LegShape) -> Array:
        """A figure of a leg's contract; a share costs the spot, and its width and delta are not told."""
        if leg.right is None:
            return np.full(len(self), self.near.carry.spot if name == "price" else 0.0)
        places = self.places[:, leg.slot]
        if leg.is_far and self.far is not None:
            theirs: Array = getattr(self.far, name)[
                row_of(leg.right), _far_places(self.near, self.far)[places]
            ]
            return theirs
        own: Array = getattr(self.near, name)[row_of(leg.right), places]
        return own


def batch_of(shape: Shape, near: Slice, far: Slice | None, *, max_width: float | None = None) -> Batch | None:
    """The candidates of a strategy, no wider than `max_width`; None where no strikes fit it."""
    choices = [_choices(shape, slot, near, far) for slot in range(shape.slots)]
    grid = np.stack([each.ravel() for each in np.meshgrid(*choices, indexing="ij")], axis=1)
    found = grid[np.all(np.diff(grid, axis=1) > 0, axis=1)]
    found = found[_has_wings(shape, near.strikes[found])]
    if max_width is not None and shape.slots > 1:
        narrow = np.diff(near.strikes[found], axis=1).max(axis=1) <= max_width
        # Where all are wider they stay, so that the answer can name the narrowest.
        found = found[narrow] if narrow.any() else found
    if not len(found):
        return None
    return Batch(shape=shape, near=near, far=far, places=found[:: _step(len(found), MOST_OF_ONE)])


def _padded(columns: Sequence[Array], rows: int) -> Array:
    return np.stack([*columns, *[np.zeros(rows)] * (MOST_LEGS - len(columns))], axis=1)


def _step(count: int, most: int) -> int:
    return max(1, -(-count // most))


def _has_wings(shape: Shape, strikes: Array) -> NDArray[np.bool_]:
    """`Shape.fits` for all rows: outermost distances equal, or unequal, or free."""
    if shape.wings is Wings.FREE:
        return np.ones(len(strikes), dtype=np.bool_)
    same = np.isclose(strikes[:, 1] - strikes[:, 0], strikes[:, -1] - strikes[:, -2])
    return same if shape.wings is Wings.EQUAL else ~same


def _choices(shape: Shape, slot: int, near: Slice, far: Slice | None) -> Places:
    """Numbers of the strikes that one slot may take."""
    low, high = _range(shape.aim.deltas[slot])
    delta = near.delta[row_of(shape.right_of(slot))]
    fits = (delta >= low) & (delta <= high)
    if far is not None:
        fits &= _far_places(near, far) >= 0
    found = np.flatnonzero(fits)
    # Equal distances need neighbours on one even ladder, so these are thinned less.
    most = _CHOICES[min(shape.slots, MOST_LEGS)] * (2 if shape.wings is Wings.EQUAL else 1)
    return found[:: _step(len(found), most)]


def _range(aim: float | None) -> tuple[float, float]:
    """Deltas about an aim: from a third of its distance to 0 (or 1) to twice as much."""
    if aim is None:
        return 0.35, 0.65
    if aim <= 0.5:
        return aim / 3.0, min(0.6, 2.0 * aim)
    return max(0.4, 1.0 - 2.0 * (1.0 - aim)), 1.0 - (1.0 - aim) / 3.0


def _far_places(near: Slice, far: Slice) -> Places:
    """For each strike of the nearer slice its number in the later one; -1 where it is not there."""
    where = {strike: number for number, strike in enumerate(far.listed)}
    return np.array([where.get(strike, -1) for strike in near.listed], dtype=np.intp)
