"""All candidates of one strategy on one expiry (or two), as the columns that arithmetic needs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np

from sumppump.domain.candidates import Candidates
from sumppump.domain.instruments import Right
from sumppump.domain.pricing.normal import Array
from sumppump.domain.profiles import Profiles
from sumppump.strategies.ideas.ladders import Places, places_of, wings
from sumppump.strategies.ideas.slices import Slice, row_of
from sumppump.strategies.shape import LegShape, Shape

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
        """The larger of the outermost distances between its strikes; 0 with one strike."""
        return wings(self.near.strikes[self.places])

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


def batch_of(
    shape: Shape, near: Slice, far: Slice | None, *, max_width: float | None = None, most: int = MOST_OF_ONE
) -> Batch | None:
    """The candidates of a strategy, evenly thinned to `most`; None where no strikes fit it."""
    shared = np.ones(len(near.strikes), np.bool_) if far is None else _far_places(near, far) >= 0
    found = places_of(shape, near, shared, max_width=max_width)
    if not len(found):
        return None
    return Batch(shape=shape, near=near, far=far, places=found[:: max(1, -(-len(found) // most))])


def _padded(columns: Sequence[Array], rows: int) -> Array:
    return np.stack([*columns, *[np.zeros(rows)] * (MOST_LEGS - len(columns))], axis=1)


def _far_places(near: Slice, far: Slice) -> Places:
    """For each strike of the nearer slice its number in the later one; -1 where it is not there."""
    where = {strike: number for number, strike in enumerate(far.listed)}
    return np.array([where.get(strike, -1) for strike in near.listed], dtype=np.intp)
