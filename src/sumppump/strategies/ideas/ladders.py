"""Which strikes a strategy may stand on, as rows of numbers into one expiry's ladder. Pure.

Each strike may lie about the delta at which the catalogue aims, from a third of it to twice as much; so a
condor does not stand wholly in the money. Two strikes are tried in every pair; of three and four the inner
ones are thinned, and the outer ones stand so many steps from them, near and far.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sumppump.domain.pricing.normal import Array
from sumppump.strategies.ideas.slices import Slice, row_of
from sumppump.strategies.shape import Shape, Wings

Places = NDArray[np.intp]

# Distances of the outer strikes from the inner ones, in steps of the ladder.
_STEPS = np.array([1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40], dtype=np.intp)
# Choices for an inner strike, by the number of strikes of the strategy.
_INNER = {3: 24, 4: 12}


def places_of(shape: Shape, near: Slice, shared: NDArray[np.bool_], *, max_width: float | None) -> Places:
    """All choices, (choices, slots), rising, that the shape's row allows.

    Args:
        shape: the strategy.
        near: its (first) expiry.
        shared: which of the ladder's strikes the later expiry has as well; all true where there is none.
        max_width: wider ones are left out, unless all are: then an answer can name the narrowest.
    """
    allowed = np.stack([shared & _aimed(shape, slot, near) for slot in range(shape.slots)])
    grid = _grid(allowed)
    inside = np.all((grid >= 0) & (grid < len(near.strikes)), axis=1) & np.all(
        np.diff(grid, axis=1) > 0, axis=1
    )
    found = grid[inside]
    found = found[np.all(allowed[np.arange(shape.slots), found], axis=1)]
    found = found[_has_wings(shape, near.strikes[found])]
    narrow = wings(near.strikes[found]) <= (np.inf if max_width is None else max_width)
    kept: Places = found[narrow] if narrow.any() else found
    return kept


def wings(strikes: Array) -> Array:
    """The larger of the outermost distances of each row; 0 with one strike."""
    gaps = np.diff(strikes, axis=1)
    found: Array = gaps[:, [0, -1]].max(axis=1) if gaps.shape[1] else np.zeros(len(strikes))
    return found


def _grid(allowed: NDArray[np.bool_]) -> Places:
    """Rows to try; some leave the ladder."""
    slots = len(allowed)
    if slots < 3:
        return _mesh(*(np.flatnonzero(each) for each in allowed))
    inner = [_thinned(np.flatnonzero(each), _INNER[slots]) for each in allowed[1:-1]]
    rows = _mesh(*inner, _STEPS, _STEPS)
    low, high = rows[:, :1] - rows[:, -2:-1], rows[:, -3:-2] + rows[:, -1:]
    return np.concatenate([low, rows[:, :-2], high], axis=1)


def _mesh(*columns: Places) -> Places:
    return np.stack([each.ravel() for each in np.meshgrid(*columns, indexing="ij")], axis=1)


def _thinned(places: Places, most: int) -> Places:
    return places[:: max(1, -(-len(places) // most))]


def _has_wings(shape: Shape, strikes: Array) -> NDArray[np.bool_]:
    """`Shape.fits` for all rows: outermost distances equal, or unequal, or free."""
    if shape.wings is Wings.FREE:
        return np.ones(len(strikes), dtype=np.bool_)
    same = np.isclose(strikes[:, 1] - strikes[:, 0], strikes[:, -1] - strikes[:, -2])
    return same if shape.wings is Wings.EQUAL else ~same


def _aimed(shape: Shape, slot: int, near: Slice) -> NDArray[np.bool_]:
    """Which strikes lie about the aim of a slot."""
    low, high = _range(shape.aim.deltas[slot])
    delta = near.delta[row_of(shape.right_of(slot))]
    fits: NDArray[np.bool_] = (delta >= low) & (delta <= high)
    return fits


def _range(aim: float | None) -> tuple[float, float]:
    """Deltas about an aim: from a third of its distance to 0 (or 1) to twice as much."""
    if aim is None:
        return 0.35, 0.65
    if aim <= 0.5:
        return aim / 3.0, min(0.5, 2.0 * aim)
    return max(0.4, 1.0 - 2.0 * (1.0 - aim)), 1.0 - (1.0 - aim) / 3.0
