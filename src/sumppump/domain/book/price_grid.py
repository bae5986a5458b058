"""Thousands of paths to one date: the European part of every price in full, early exercise from a grid.

What early exercise adds is smooth in price and volatility, also where the option itself has a kink. So for
each American position it is computed on a grid and read between its nodes by cubics. A grid is refined until
its values lie within the tolerance of what every second node alone would have said; the finer one is used.
A position whose grid would need as many prices as there are paths is priced in full on every path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sumppump.domain.book.repricing import STEPS, worths
from sumppump.domain.book.rows import Book, Places
from sumppump.domain.book.scenarios import Shocks
from sumppump.domain.pricing.contracts import Bools
from sumppump.domain.pricing.normal import Array

# Currency per share.
TOLERANCE = 0.01
# Prices and volatilities of the first grid, doubled with each refinement.
_FIRST, _VOLS = 17, 4
_NEIGHBOURS = 4
_TINY = 1e-12
_CELLS = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPnl:
    """P&L over paths.

    Attributes:
        pnl: (paths, rows), cash; NaN where the move of the underlying is not known.
        error: the most by which a grid missed a full price between its nodes, currency per share, before its
            last refinement; 0 where all was priced in full.
        grids: how many positions were read from a grid.
    """

    pnl: Array
    error: float
    grids: int


def path_pnl(book: Book, shocks: Shocks, *, tolerance: float = TOLERANCE, steps: int = STEPS) -> PathPnl:
    """P&L of every row under many shocks of one date.

    Args:
        book: what is held.
        shocks: thousands of paths.
        tolerance: of an interpolated price, currency per share.
        steps: of the American trees.

    Raises:
        ValueError: the shocks have several dates.
    """
    if len(shocks.days) > 1:
        raise ValueError("paths end on one date")
    early = np.flatnonzero(book.options.american)
    grids, rest = _grids(book, early, shocks, tolerance, steps)
    found = worths(_without_exercise(book), shocks)
    for grid in grids:
        grid.add_to(found, book, shocks)
    if len(rest):
        found[:, rest] = worths(book.rows(rest), shocks, steps=steps)
    found -= worths(book, Shocks(factors=np.ones((1, len(book.symbols))), smile=shocks.smile), steps=steps)
    found *= book.units
    return PathPnl(
        pnl=found,
        error=max((float(grid.missed.max()) for grid in grids), default=0.0),
        grids=sum(len(grid.rows) for grid in grids),
    )


def _without_exercise(book: Book) -> Book:
    return replace(book, options=replace(book.options, american=np.zeros(len(book.options), dtype=np.bool_)))


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where the nodes lie, by column: evenly in asinh(value / scale), so densely where most paths end."""

    low: Array
    high: Array
    scale: Array

    @classmethod
    def of(cls, values: Array) -> _Axis:
        scale = np.maximum(values.std(axis=0), _TINY)
        places = np.arcsinh(values / scale)
        return cls(places.min(axis=0), places.max(axis=0), scale)

    def nodes(self, count: int) -> Array:
        """(count, columns), rising."""
        nodes: Array = np.sinh(np.linspace(self.low, self.high, count)) * self.scale
        return nodes

    def places(self, values: Array, column: int, count: int) -> Array:
        """Where values of a column lie, in nodes from the first."""
        low, width = self.low[column], self.high[column] - self.low[column]
        if not width > 0:
            return np.zeros(len(values))
        places: Array = (np.arcsinh(values / self.scale[column]) - low) / width * (count - 1)
        return places


@dataclass(frozen=True, slots=True)
class _Axes:
    """Ranges of the paths: ln(price / price now) by underlying, and points of volatility likewise."""

    moves: _Axis
    points: _Axis

    @classmethod
    def of(cls, shocks: Shocks) -> _Axes:
        return cls(_Axis.of(np.nan_to_num(np.log(shocks.factors))), _Axis.of(shocks.points))

    def nodes(self, prices: int, vols: int, shocks: Shocks) -> Shocks:
        """Every price with every volatility, prices outside."""
        factors = np.exp(self.moves.nodes(prices))
        points = self.points.nodes(vols) if vols > 1 else shocks.points
        return replace(shocks, factors=np.repeat(factors, vols, axis=0), points=np.tile(points, (prices, 1)))


@dataclass(frozen=True, slots=True)
class _Grid:
    """What early exercise adds for some rows: (prices, volatilities, rows), and what half of it misses by."""

    rows: Places
    axes: _Axes
    table: Array
    missed: Array

    def kept(self, which: Bools) -> _Grid:
        """Some of the rows."""
        return _Grid(self.rows[which], self.axes, self.table[..., which], self.missed[which])

    def add_to(self, worth: Array, book: Book, shocks: Shocks) -> None:
        """Add it to the European worth of the rows, path by path."""
        underlyings = book.options.underlying[self.rows]
        for place in np.unique(underlyings):
            mine = np.flatnonzero(underlyings == place)
            table = np.ascontiguousarray(self.table[:, :, mine])
            size = max(1, _CELLS // len(mine))
            for start in range(0, len(shocks), size):
                part = slice(start, start + size)
                added = np.maximum(_read(table, *self._places(shocks.rows(part), int(place))), 0.0)
                worth[part, self.rows[mine]] += added

    def _places(self, shocks: Shocks, place: int) -> tuple[Array, Array]:
        """Where the paths lie between the nodes, in nodes, of price and of volatility."""
        prices, vols, _ = self.table.shape
        moves = np.nan_to_num(np.log(shocks.factors[:, place]))
        column = min(place, shocks.points.shape[1] - 1)
        points = shocks.points[:, column]
        return self.axes.moves.places(moves, place, prices), self.axes.points.places(points, column, vols)


def _grids(
    book: Book, early: Places, shocks: Shocks, tolerance: float, steps: int
) -> tuple[list[_Grid], Places]:
    """Grids as fine as their rows need, and the rows for which no grid is worth while."""
    found: list[_Grid] = []
    if not len(shocks):
        return found, early
    axes, has_vols = _Axes.of(shocks), len(shocks.points) > 1
    prices, vols = 2 * _FIRST - 1, 2 * _VOLS - 1 if has_vols else 1
    while len(early) and prices * vols < len(shocks):
        grid = _grid(book, early, shocks, axes, (prices, vols), steps)
        enough = grid.missed <= tolerance
        found.append(grid.kept(enough))
        early = early[~enough]
        prices, vols = 2 * prices - 1, 2 * vols - 1
    return [grid for grid in found if len(grid.rows)], early


def _grid(book: Book, rows: Places, shocks: Shocks, axes: _Axes, shape: tuple[int, int], steps: int) -> _Grid:
    part, nodes = book.rows(rows), axes.nodes(*shape, shocks)
    early = worths(part, nodes, steps=steps) - worths(_without_exercise(part), nodes)
    table = early.reshape(*shape, len(rows))
    return _Grid(rows, axes, table, _missed_by_half(table))


def _missed_by_half(table: Array) -> Array:
    """By row the most by which a grid of every second node misses the nodes between."""
    prices, vols, _ = table.shape
    half = table[::2, ::2]
    places, points = np.meshgrid(np.arange(prices) / 2.0, np.arange(vols) / 2.0, indexing="ij")
    read = _read(half, places.reshape(-1), points.reshape(-1)).reshape(table.shape)
    missed: Array = np.abs(np.maximum(read, 0.0) - table).max(axis=(0, 1))
    return missed


def _read(table: Array, prices: Array, vols: Array) -> Array:
    """The table between its nodes, (paths, rows), by Lagrange's cubics through four neighbours each way."""
    start, weights = _cubic(prices, table.shape[0])
    total = np.zeros((len(prices), table.shape[2]))
    if table.shape[1] == 1:
        for step, weight in enumerate(weights):
            total += weight[:, None] * table[start + step, 0]
        return total
    beside, others = _cubic(vols, table.shape[1])
    for step, weight in enumerate(weights):
        for along, other in enumerate(others):
            total += (weight * other)[:, None] * table[start + step, beside + along]
    return total


def _cubic(places: Array, nodes: int) -> tuple[Places, tuple[Array, ...]]:
    """First of four neighbouring nodes, and the weights of the four."""
    start = np.clip(np.floor(places).astype(np.intp) - 1, 0, nodes - _NEIGHBOURS)
    x = places - start
    a, b, c = x - 1.0, x - 2.0, x - 3.0
    return start, (-a * b * c / 6.0, x * b * c / 2.0, -x * a * c / 2.0, x * a * b / 6.0)
